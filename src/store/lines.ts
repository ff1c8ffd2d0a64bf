/**
 * @file Lines of a file, zipped or not, as streams: at no time is more in memory than one line and what the browser's own
 * (de)compression holds. A zipped file that ends early gives every line that can be had from it.
 */

/** How a file ended: 'cut' if its compression says that there should be more, or that what there is is damaged. */
export type FileEnd = 'whole' | 'cut';

const lineFeed = 0x0a;

/** Bytes between line feeds; also what comes after the last one, if anything does. Returns how the file ended. */
export async function* readLines(file: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, FileEnd> {
  const { chunks, end } = await unzipped(file);
  let parts: Uint8Array[] = [];
  for await (const chunk of chunks) {
    let start = 0;
    for (let feed = chunk.indexOf(lineFeed); feed >= 0; feed = chunk.indexOf(lineFeed, start)) {
      yield joined([...parts, chunk.subarray(start, feed)]);
      parts = [];
      start = feed + 1;
    }
    if (start < chunk.length) parts.push(chunk.slice(start));
  }
  if (parts.length > 0) yield joined(parts);
  return end();
}

function joined(parts: Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0];
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
}

interface Unzipped {
  chunks: AsyncIterable<Uint8Array>;
  /** Once there are no more chunks. */
  end(): FileEnd;
}

/** Gzip is recognised by its first two bytes, so that a file may be renamed or unpacked by whatever it passes through. */
async function unzipped(file: ReadableStream<Uint8Array>): Promise<Unzipped> {
  const reader = file.getReader();
  let head = new Uint8Array();
  let done = false;
  while (head.length < 2 && !done) {
    const next = await reader.read();
    done = next.done;
    if (next.value) head = joined([head, next.value]) as Uint8Array<ArrayBuffer>;
  }
  async function* all(): AsyncGenerator<Uint8Array> {
    try {
      yield head;
      for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
    } finally {
      await reader.cancel().catch(() => {});
    }
  }
  return head[0] === 0x1f && head[1] === 0x8b ? gunzip(all()) : { chunks: all(), end: () => 'whole' };
}

/** How long a decompressor may be silent before it is believed to have given everything. */
const silenceMs = 100;

/**
 * A stream that fails throws away what nobody has read yet, and a decompressor fails when its input ends early. So before it is
 * told about the end, everything that it has is taken from it. (In Node it works on another thread and does not say when it has
 * finished a piece, hence the wait; it costs nothing but a moment at the end of a file.)
 */
function gunzip(zipped: AsyncGenerator<Uint8Array>): Unzipped {
  const { readable, writable } = new DecompressionStream('gzip');
  const writer = writable.getWriter();
  const reader = readable.getReader();
  writer.closed.catch(() => {});
  reader.closed.catch(() => {});
  let end: FileEnd = 'whole';
  let failure: unknown;
  let fed: () => void = () => {};
  const allFed = new Promise<void>((resolve) => {
    fed = resolve;
  });
  const feed = async () => {
    try {
      // In slices: what a damaged file loses is what was read from its last slice.
      for await (const bytes of zipped) {
        for (let start = 0; start < bytes.length; start += 0x4000) {
          await writer.ready;
          await writer.write(bytes.slice(start, start + 0x4000));
        }
      }
    } catch (error) {
      failure = error;
    }
    fed();
  };

  async function* chunks(): AsyncGenerator<Uint8Array> {
    const feeding = feed();
    let closing = false;
    try {
      for (;;) {
        const reading = reader.read();
        if (!closing) {
          const silent = allFed.then(() => pause(silenceMs)).then(() => 'silent' as const);
          reading.catch(() => {});
          if ((await Promise.race([reading, silent])) === 'silent') {
            closing = true;
            writer.close().catch(() => {});
          }
        }
        const { done, value } = await reading;
        if (done) return;
        yield value;
      }
    } catch (error) {
      // The file itself could not be read: that is no matter of compression.
      if (failure !== undefined && !isDamage(failure)) throw failure;
      if (!isDamage(error)) throw error;
      end = 'cut';
    } finally {
      await reader.cancel().catch(() => {});
      await writer.abort().catch(() => {});
      await feeding;
    }
  }
  return { chunks: chunks(), end: () => end };
}

/** What a decompressor says of damaged input, in browsers and in Node. */
const isDamage = (error: unknown) =>
  error instanceof TypeError ||
  (error instanceof Error && 'code' in error && String(error.code).startsWith('Z_'));

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
