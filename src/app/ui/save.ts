/** @file A file for the person: the browser puts it where its downloads go. */

import type { Waiting } from '../state/waiting';

export function save(name: string, data: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(data);
  link.download = name;
  link.click();
  // Some browsers begin to read only after a while.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** What comes in pieces, such as a log; `total` in bytes, where it is known. */
export async function saveStream(
  name: string,
  stream: ReadableStream<Uint8Array>,
  { signal, tell }: Waiting,
  total: number | null = null,
): Promise<void> {
  let done = 0;
  const counted = new TransformStream<Uint8Array, Uint8Array>({
    transform(piece, out) {
      done += piece.length;
      tell(total ? Math.min(1, done / total) : null);
      out.enqueue(piece);
    },
  });
  const blob = await new Response(stream.pipeThrough(counted, { signal })).blob();
  signal.throwIfAborted();
  save(name, blob);
}

/** 'Swift otter' -> 'swift-otter', for the names of files. */
export const slug = (name: string) =>
  name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60) || 'model';
