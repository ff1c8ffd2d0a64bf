/** Lines of a file, wherever its pieces begin and end. */
import { expect, it } from 'vitest';
import { readLines } from '../../../src/store/lines';

const bytes = (text: string) => new TextEncoder().encode(text);

async function read(text: string, piece: number, longest?: number) {
  const all = bytes(text);
  const file = new ReadableStream<Uint8Array>({
    start(controller) {
      for (let at = 0; at < all.length; at += piece) controller.enqueue(all.slice(at, at + piece));
      controller.close();
    },
  });
  const lines = readLines(file, longest);
  const found: string[] = [];
  for (;;) {
    const next = await lines.next();
    if (next.done) return { found, end: next.value };
    found.push(new TextDecoder().decode(next.value));
  }
}

it.each([1, 2, 3, 100])('are the same in pieces of %i bytes', async (piece) => {
  expect(await read('one\n\nthrée\nfour', piece)).toEqual({
    found: ['one', '', 'thrée', 'four'],
    end: 'whole',
  });
  expect(await read('one\n', piece)).toEqual({ found: ['one'], end: 'whole' });
  expect(await read('', piece)).toEqual({ found: [], end: 'whole' });
});

it('without an end fill no memory: reading stops there', async () => {
  expect(await read(`one\n${'x'.repeat(1000)}\nthree\n`, 10, 100)).toEqual({ found: ['one'], end: 'cut' });
});
