/** @file Reads the memory images that scripts/python-images.mjs makes: packed, and without the pages that are zero. */

const pageSize = 4096;

export async function unpackImage(packed: ArrayBuffer): Promise<Uint8Array> {
  // A blob of a frame without an origin could be read as well, but not in WebKit.
  const unpacked = (new Response(packed).body as ReadableStream<BufferSource>).pipeThrough(
    new DecompressionStream('gzip'),
  );
  const bytes = await new Response(unpacked).arrayBuffer();
  const [length, count] = new Uint32Array(bytes, 0, 2);
  const numbers = new Uint32Array(bytes, 8, count);
  const image = new Uint8Array(length);
  let at = 8 + 4 * count;
  for (const number of numbers) {
    const start = number * pageSize;
    const size = Math.min(pageSize, length - start);
    image.set(new Uint8Array(bytes, at, size), start);
    at += size;
  }
  return image;
}
