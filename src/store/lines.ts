/**
 * @file Lines of a file, zipped or not, as streams: at no time is more in memory than one line and what the browser's own
 * (de)compression holds. A zipped file that ends early gives every line that can be had from it.
 */

/** How a file ended: 'cut' if its compression says that there should be more, or that what there is is damaged. */
export type FileEnd = 'whole' | 'cut';

const lineFeed = 0x0a;

/** No line that JavaScript could make a text of is longer; what is longer is no log, or a zipped trap. */
const longestLine = 2 ** 29;

/** Bytes between line feeds; also what comes after the last one, if anything does. Returns how the file ended. */
export async function* readLines(
  file: ReadableStream<Uint8Array>,
  longest = longestLine,
): AsyncGenerator<Uint8Array, FileEnd> {
  const { chunks, end } = await unzipped(file);
  let parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let feed = chunk.indexOf(lineFeed); feed >= 0; feed = chunk.indexOf(lineFeed, start)) {
      yield joined([...parts, chunk.subarray(start, feed)]);
      parts = [];
      length = 0;
      start = feed + 1;
    }
    if (start < chunk.length) parts.push(chunk.slice(start));
    length += chunk.length - start;
    if (length > longest) return 'cut';
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

/**
 * Unzips, and takes a file that ends early for what there is of it. A stream that fails throws away what nobody has read yet, and a
 * decompressor fails when its input ends early; so before it is told about the end, everything that it has is taken from it.
 */
function gunzip(zipped: AsyncGenerator<Uint8Array>): Unzipped {
  let end: FileEnd = 'whole';
  let failure: unknown;
  async function* input() {
    try {
      yield* zipped;
    } catch (error) {
      failure = error;
      throw error;
    }
  }
  async function* chunks() {
    try {
      yield* through(new DecompressionStream('gzip'), input(), silence);
    } catch (error) {
      // That the file itself cannot be read is no matter of compression.
      if (error === failure || !isDamage(error)) throw error;
      end = 'cut';
    }
  }
  return { chunks: chunks(), end: () => end };
}

export const gzip = (plain: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> =>
  through(new CompressionStream('gzip'), plain);

const sliceBytes = 0x4000;

/**
 * What comes out of a (de)compressor, which is given something only while nothing comes out. Pipes would do the same if Node's did
 * not hold thousands of pieces between their ends.
 */
async function* through(
  { readable, writable }: CompressionStream | DecompressionStream,
  input: AsyncGenerator<Uint8Array>,
  beforeEnd: () => Promise<void> = async () => {},
): AsyncGenerator<Uint8Array> {
  const writer = writable.getWriter();
  const reader = readable.getReader();
  const slices = cut(input);
  const ignore = () => {};
  writer.closed.catch(ignore);
  reader.closed.catch(ignore);
  let written = Promise.resolve();
  let ended = false;
  try {
    for (;;) {
      let answered = false;
      const reading = reader.read().finally(() => {
        answered = true;
      });
      reading.catch(ignore);
      while (!answered && !ended) {
        await Promise.race([reading, written]);
        if (answered) break;
        const next = await slices.next();
        if (!next.done) {
          written = writer.write(next.value);
          written.catch(ignore);
          continue;
        }
        await Promise.race([reading, beforeEnd()]);
        if (answered) break;
        ended = true;
        writer.close().catch(ignore);
      }
      const { done, value } = await reading;
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(ignore);
    await writer.abort().catch(ignore);
    await slices.return();
  }
}

/** So that little is on its way at any time, and a damaged file loses little of what comes before the damage. */
async function* cut(input: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  for await (const bytes of input) {
    for (let start = 0; start < bytes.length; start += sliceBytes) {
      yield bytes.slice(start, start + sliceBytes);
    }
  }
}

/**
 * For how long a decompressor gives nothing until it is believed to have nothing. In a browser a turn would do; in Node it works on
 * another thread and does not say when it has finished.
 */
async function silence(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise<void>((resolve) => setTimeout(resolve, 10));
}

/** What a decompressor says of damaged input, in browsers and in Node. */
const isDamage = (error: unknown) =>
  error instanceof TypeError ||
  (error instanceof Error && 'code' in error && String(error.code).startsWith('Z_'));
