/**
 * @file Zips into the page and out of it. The directory at the end of a zip says where everything lies: only what is wanted is read, a
 * piece at a time, sums are checked, and what is stored as it is is not even copied. The browser's own streams do the (de)compressing,
 * away from the page's thread.
 */

/** A file that is no zip, or not one that can be read. One sentence that says what to do. */
export class ZipError extends Error {
  override name = 'ZipError';
}

export interface Watch {
  signal?: AbortSignal;
  /** Is told how many bytes more are done. */
  onBytes?: (bytes: number) => void;
}

export interface ZipEntry {
  /** With slashes; never one that leads out of the zip's own folder. */
  path: string;
  /** Unpacked. */
  size: number;
  read(watch?: Watch): Promise<Blob>;
}

const signatures = { entry: 0x04034b50, directory: 0x02014b50, end: 0x06054b50 };
const sizes = { entry: 30, directory: 46, end: 22 };
const longestComment = 0xffff;
const deflated = 8;
/** What stands where a number is too large for its field, and follows in a form that is not read here. */
const [overflow16, overflow32] = [0xffff, 0xffffffff];
const utf8Flag = 0x800;
const encryptedFlag = 1;

// ---- Reading -------------------------------------------------------------------------------------------------------------

/** What a zip holds: files only, each under a path that is one. */
export async function readZip(zip: Blob): Promise<ZipEntry[]> {
  const { directory, entries, shift } = await findDirectory(zip);
  const found: ZipEntry[] = [];
  let place = 0;
  for (let i = 0; i < entries; i++) {
    const entry = readDirectoryEntry(directory, place);
    place += entry.length;
    if (entry.isFile && isPlainPath(entry.path))
      found.push(entryOf(zip, { ...entry, offset: entry.offset + shift }));
  }
  return found;
}

/** `shift`: how much stands before the zip, as in archives that unpack themselves. */
async function findDirectory(zip: Blob): Promise<{ directory: DataView; entries: number; shift: number }> {
  const start = Math.max(0, zip.size - sizes.end - longestComment);
  const tail = await viewOf(zip, start, zip.size);
  let isCut = false;
  for (let at = tail.byteLength - sizes.end; at >= 0; at--) {
    if (tail.getUint32(at, true) !== signatures.end) continue;
    const entries = tail.getUint16(at + 10, true);
    const size = tail.getUint32(at + 12, true);
    const offset = tail.getUint32(at + 16, true);
    if (entries === overflow16 || size === overflow32 || offset === overflow32) throw tooLarge();
    // A comment may hold what looks like an end.
    const shift = start + at - size - offset;
    const directory = await viewOf(zip, start + at - size, start + at);
    if (shift >= 0 && (entries === 0 || isEntryAt(directory, 0))) return { directory, entries, shift };
    isCut = true;
  }
  if (isCut) throw damaged('its directory is cut off');
  throw new ZipError('This is not a zip, or it was cut off: choose the zip again, or download it once more.');
}

const isEntryAt = (directory: DataView, at: number) =>
  at + sizes.directory <= directory.byteLength && directory.getUint32(at, true) === signatures.directory;

interface DirectoryEntry {
  path: string;
  isFile: boolean;
  flags: number;
  method: number;
  crc: number;
  packed: number;
  size: number;
  /** Of its own header. */
  offset: number;
}

function readDirectoryEntry(view: DataView, at: number): DirectoryEntry & { length: number } {
  if (!isEntryAt(view, at)) throw damaged('its directory is not complete');
  const [name, extra, comment] = [28, 30, 32].map((field) => view.getUint16(at + field, true));
  const length = sizes.directory + name + extra + comment;
  if (at + length > view.byteLength) throw damaged('its directory is not complete');
  const flags = view.getUint16(at + 8, true);
  const bytes = new Uint8Array(view.buffer, view.byteOffset + at + sizes.directory, name);
  const path = nameOf(bytes, (flags & utf8Flag) !== 0).replaceAll('\\', '/');
  const [packed, size] = [view.getUint32(at + 20, true), view.getUint32(at + 24, true)];
  const offset = view.getUint32(at + 42, true);
  if (packed === overflow32 || size === overflow32 || offset === overflow32) throw tooLarge();
  const isLink = ((view.getUint32(at + 38, true) >>> 28) & 0xf) === 0xa;
  return {
    length,
    path,
    isFile: !path.endsWith('/') && !isLink,
    flags,
    method: view.getUint16(at + 10, true),
    crc: view.getUint32(at + 16, true),
    packed,
    size,
    offset,
  };
}

function entryOf(zip: Blob, entry: DirectoryEntry): ZipEntry {
  const { path, size, method, flags } = entry;
  return {
    path,
    size,
    async read(watch = {}) {
      if (flags & encryptedFlag)
        throw new ZipError(`${path} is encrypted: unpack the zip with its password first.`);
      if (method !== 0 && method !== deflated)
        throw new ZipError(
          `${path} is compressed in a way that browsers do not know (method ${method}): make the zip again as a plain one.`,
        );
      const packed = await packedBytes(zip, entry);
      if (method === 0) {
        if (packed.size !== size) throw damaged(`${path} has ${packed.size} bytes and should have ${size}`);
        await check(packed.stream(), entry, watch);
        return packed;
      }
      const pieces = new Pieces();
      await check(packed.stream().pipeThrough(new DecompressionStream('deflate-raw')), entry, watch, pieces);
      return pieces.blob();
    },
  };
}

async function packedBytes(zip: Blob, { path, offset, packed }: DirectoryEntry): Promise<Blob> {
  const header = await viewOf(zip, offset, offset + sizes.entry);
  if (header.byteLength < sizes.entry || header.getUint32(0, true) !== signatures.entry)
    throw damaged(`${path} is not where it should be`);
  const start = offset + sizes.entry + header.getUint16(26, true) + header.getUint16(28, true);
  if (start + packed > zip.size) throw damaged(`${path} is cut off`);
  return zip.slice(start, start + packed);
}

/** Reads to the end, and no further than the size that was promised. */
async function check(
  stream: ReadableStream<Uint8Array>,
  { path, size, crc }: DirectoryEntry,
  { signal, onBytes }: Watch,
  into?: Pieces,
): Promise<void> {
  const reader = stream.getReader();
  const sum = new Crc32();
  let length = 0;
  try {
    for (;;) {
      signal?.throwIfAborted();
      const { done, value } = await reader.read().catch(() => {
        throw damaged(`${path} cannot be unpacked`);
      });
      if (done) break;
      length += value.length;
      if (length > size) throw damaged(`${path} is longer than it says`);
      sum.add(value);
      into?.add(value);
      onBytes?.(value.length);
    }
  } finally {
    void reader.cancel().catch(() => undefined);
  }
  if (length !== size) throw damaged(`${path} has ${length} bytes and should have ${size}`);
  if (sum.value !== crc) throw damaged(`the sum of ${path} is not what it should be`);
}

/** Handed to the browser a few megabytes at a time, which may keep them on the disk. */
class Pieces {
  readonly #blobs: Blob[] = [];
  #open: Uint8Array<ArrayBuffer>[] = [];
  #size = 0;

  add(piece: Uint8Array): void {
    this.#open.push(piece as Uint8Array<ArrayBuffer>);
    this.#size += piece.length;
    if (this.#size > 2 ** 24) this.#close();
  }

  blob(): Blob {
    this.#close();
    return new Blob(this.#blobs);
  }

  #close(): void {
    this.#blobs.push(new Blob(this.#open));
    this.#open = [];
    this.#size = 0;
  }
}

/** Nothing that leads elsewhere: a zip may come from anybody. */
function isPlainPath(path: string): boolean {
  const parts = path.split('/');
  return (
    !/^[A-Za-z]:/.test(path) &&
    !path.includes('\0') &&
    parts.every((part) => part !== '' && part !== '.' && part !== '..')
  );
}

/** Old zips say nothing of how names are written: most are UTF-8 all the same. */
function nameOf(bytes: Uint8Array, isUtf8: boolean): string {
  try {
    return new TextDecoder('utf-8', { fatal: !isUtf8 }).decode(bytes);
  } catch {
    return new TextDecoder('latin1').decode(bytes);
  }
}

const viewOf = async (blob: Blob, from: number, to: number) =>
  new DataView(await blob.slice(Math.max(0, from), to).arrayBuffer());

const damaged = (fault: string) => new ZipError(`This zip is damaged (${fault}): download or make it again.`);

const tooLarge = () =>
  new ZipError(
    'This zip is of the kind for more than 4 GB, which is not read here: unpack it, and drop the folder.',
  );

// ---- Writing -------------------------------------------------------------------------------------------------------------

export interface ZipInput {
  path: string;
  data: Blob;
}

/** Weights hardly shrink: they are stored as they are, and so can be read in place. */
const isDense = (path: string) => path.endsWith('.safetensors');

export async function writeZip(
  files: readonly ZipInput[],
  { signal, onBytes, at = new Date() }: Watch & { at?: Date } = {},
): Promise<Blob> {
  const parts: BlobPart[] = [];
  const directory: Uint8Array<ArrayBuffer>[] = [];
  let offset = 0;
  for (const { path, data } of files) {
    const crc = await sumOf(data, { signal, onBytes });
    const smaller = isDense(path) || data.size === 0 ? null : await deflate(data);
    const packed = smaller && smaller.size < data.size ? smaller : data;
    const name = new TextEncoder().encode(path);
    const common = {
      name,
      crc,
      packed: packed.size,
      size: data.size,
      method: packed === data ? 0 : deflated,
      at,
    };
    const header = headerOf(common);
    parts.push(header, packed);
    directory.push(headerOf(common, offset));
    offset += header.length + packed.size;
    if (data.size >= overflow32 || offset >= overflow32 || files.length >= overflow16) {
      throw new ZipError(
        'This is more than the 4 GB that a zip holds: save it in float16, or without the optimizer state.',
      );
    }
  }
  const length = directory.reduce((sum, entry) => sum + entry.length, 0);
  const end = new DataView(new ArrayBuffer(sizes.end));
  end.setUint32(0, signatures.end, true);
  end.setUint16(8, files.length, true);
  end.setUint16(10, files.length, true);
  end.setUint32(12, length, true);
  end.setUint32(16, offset, true);
  return new Blob([...parts, ...directory, end], { type: 'application/zip' });
}

interface Header {
  name: Uint8Array;
  crc: number;
  packed: number;
  size: number;
  method: number;
  at: Date;
}

/** Before a file; or in the directory, where it says at which offset the file lies. */
function headerOf({ name, crc, packed, size, method, at }: Header, offset?: number): Uint8Array<ArrayBuffer> {
  const inDirectory = offset !== undefined;
  const bytes = new Uint8Array((inDirectory ? sizes.directory : sizes.entry) + name.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, inDirectory ? signatures.directory : signatures.entry, true);
  // Made on Unix, so that its permissions below count.
  if (inDirectory) view.setUint16(4, (3 << 8) | 20, true);
  const start = inDirectory ? 6 : 4;
  view.setUint16(start, 20, true);
  view.setUint16(start + 2, utf8Flag, true);
  view.setUint16(start + 4, method, true);
  view.setUint16(start + 6, (at.getHours() << 11) | (at.getMinutes() << 5) | (at.getSeconds() >> 1), true);
  view.setUint16(
    start + 8,
    ((at.getFullYear() - 1980) << 9) | ((at.getMonth() + 1) << 5) | at.getDate(),
    true,
  );
  view.setUint32(start + 10, crc, true);
  view.setUint32(start + 14, packed, true);
  view.setUint32(start + 18, size, true);
  view.setUint16(start + 22, name.length, true);
  if (inDirectory) {
    view.setUint32(38, (0o100644 << 16) >>> 0, true);
    view.setUint32(42, offset, true);
  }
  bytes.set(name, bytes.length - name.length);
  return bytes;
}

async function sumOf(data: Blob, { signal, onBytes }: Watch): Promise<number> {
  const sum = new Crc32();
  const reader = data.stream().getReader();
  try {
    for (;;) {
      signal?.throwIfAborted();
      const { done, value } = await reader.read();
      if (done) return sum.value;
      sum.add(value);
      onBytes?.(value.length);
    }
  } finally {
    void reader.cancel().catch(() => undefined);
  }
}

const deflate = (data: Blob): Promise<Blob> =>
  new Response(data.stream().pipeThrough(new CompressionStream('deflate-raw'))).blob();

// ---- Sums ----------------------------------------------------------------------------------------------------------------

const table = Int32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

class Crc32 {
  #state = -1;

  add(bytes: Uint8Array): void {
    let state = this.#state;
    for (let i = 0; i < bytes.length; i++) state = table[(state ^ bytes[i]) & 255] ^ (state >>> 8);
    this.#state = state;
  }

  get value(): number {
    return ~this.#state >>> 0;
  }
}
