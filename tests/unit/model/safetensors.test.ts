import { describe, expect, test } from 'vitest';
import {
  InvalidSafetensorsError,
  MissingTensorError,
  UnsupportedModelError,
} from '../../../src/model/errors';
import { openSafetensors } from '../../../src/model/safetensors';
import { type WriteDtype, writeSafetensors } from '../../../src/model/safetensors-write';

/** A file with any header, honest or not. */
function file(header: unknown, data = new Uint8Array(0), headerSize?: number): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerSize ?? json.length), true);
  bytes.set(json, 8);
  bytes.set(data, 8 + json.length);
  return bytes;
}

const tensor = (dtype: string, shape: unknown, ...offsets: unknown[]) => ({
  dtype,
  shape,
  data_offsets: offsets,
});
const values = Float32Array.of(1, -2, 0.5, 3);

describe('what is written is read', () => {
  const tensors = new Map([
    ['matrix', { shape: [2, 2], values }],
    ['vector', { shape: [3], values: Float32Array.of(1e-3, 65504, -0) }],
    ['empty', { shape: [0, 5], values: new Float32Array(0) }],
    ['scalar', { shape: [], values: Float32Array.of(7) }],
  ]);

  test.each<WriteDtype>(['F32', 'F16', 'BF16'])('in %s, from memory and from a file', async (dtype) => {
    const bytes = writeSafetensors(tensors, dtype, { format: 'pt', made: 'here' });
    for (const source of [bytes, new Blob([bytes])]) {
      const opened = await openSafetensors(source);
      expect(opened.metadata).toEqual({ format: 'pt', made: 'here' });
      expect([...opened.tensors.keys()]).toEqual([...tensors.keys()]);
      expect(opened.tensors.get('matrix')).toMatchObject({ dtype, shape: [2, 2] });
      expect(await opened.read('matrix')).toEqual(values);
      expect(await opened.read('scalar')).toEqual(Float32Array.of(7));
      expect(await opened.read('empty')).toEqual(new Float32Array(0));
      const vector = await opened.read('vector');
      const tolerance = { F32: 0, F16: 2 ** -11, BF16: 2 ** -8 }[dtype];
      expect(Math.abs(vector[0]! / Math.fround(1e-3) - 1)).toBeLessThanOrEqual(tolerance);
    }
  });

  test('the numbers lie aligned, whatever the header is long', () => {
    for (const name of ['a', 'ab', 'abc', 'abcd', 'abcde', 'abcdef', 'abcdefg', 'é']) {
      const bytes = writeSafetensors(new Map([[name, { shape: [4], values }]]));
      expect((bytes.length - 16) % 8).toBe(0);
    }
  });

  test('F64 is read as float32, too', async () => {
    const bytes = file({ x: tensor('F64', [2], 0, 16) }, new Uint8Array(Float64Array.of(0.1, -3).buffer));
    expect(await (await openSafetensors(bytes)).read('x')).toEqual(Float32Array.of(0.1, -3));
  });

  test('only the tensor asked for is read', async () => {
    const whole = new Blob([writeSafetensors(tensors)]);
    const reads: number[] = [];
    const watched = Object.assign(Object.create(Blob.prototype) as Blob, {
      slice(start: number, end: number) {
        reads.push(end - start);
        return whole.slice(start, end);
      },
    });
    Object.defineProperty(watched, 'size', { value: whole.size });
    const opened = await openSafetensors(watched);
    await opened.read('matrix');
    expect(reads.at(-1)).toBe(16);
  });
});

describe('a file that is not sound is refused with what is wrong', () => {
  const good = { x: tensor('F32', [4], 0, 16) };
  const data = new Uint8Array(values.buffer);
  const two = (a: unknown, b: unknown) => file({ a, b }, data);

  test.each<[string, Uint8Array, RegExp]>([
    ['empty', new Uint8Array(0), /only 0 bytes/],
    ['no header', new Uint8Array(7), /only 7 bytes/],
    ['a web page', new TextEncoder().encode('<!doctype html><title>404</title>'), /header claims \d+ bytes/],
    ['a header longer than the file', file(good, data, 1000), /claims 1000 bytes but the file has/],
    ['a header longer than any', file(good, data, 2 ** 40), /claims 1099511627776 bytes/],
    ['a header that is not JSON', file('{"x": ', data), /not a JSON object/],
    ['a header that is not UTF-8', file(good).fill(0xff, 10, 12), /not a JSON object/],
    ['a header that is a list', file([], data), /not a JSON object/],
    ['metadata that is not text', file({ __metadata__: { a: 1 }, ...good }, data), /metadata/],
    ['cut off', file(good, data.subarray(0, 12)), /cut off after \d+ of \d+ bytes/],
    ['bytes at the end', file(good, new Uint8Array(20)), /4 bytes at its end/],
    ['an unknown type', file({ x: tensor('F33', [4], 0, 16) }, data), /unknown type "F33"/],
    ['a type from the prototype', file({ x: tensor('toString', [4], 0, 16) }, data), /unknown type/],
    ['no type', file({ x: { shape: [4], data_offsets: [0, 16] } }, data), /unknown type/],
    ['no entry', file({ x: 5 }, data), /says nothing about "x"/],
    ['a negative extent', file({ x: tensor('F32', [-4], 0, 16) }, data), /no proper shape/],
    ['a fraction', file({ x: tensor('F32', [1.5], 0, 6) }, data), /no proper shape/],
    ['one offset', file({ x: tensor('F32', [4], 0) }, data), /no proper place/],
    ['backwards offsets', file({ x: tensor('F32', [4], 16, 0) }, data), /needs 16 bytes but is given -16/],
    ['too few bytes for its shape', file({ x: tensor('F32', [5], 0, 16) }, data), /needs 20 bytes/],
    ['an overflowing shape', file({ x: tensor('F32', [2 ** 40, 2 ** 40], 0, 16) }, data), /needs/],
    ['overlapping', two(tensor('F32', [2], 0, 8), tensor('F32', [3], 4, 16)), /"b" overlaps/],
    ['the same place twice', two(tensor('F32', [4], 0, 16), tensor('F32', [4], 0, 16)), /overlaps/],
    ['a hole', two(tensor('F32', [1], 0, 4), tensor('F32', [2], 8, 16)), /hole of 4 bytes before "b"/],
    ['a hole at the start', file({ x: tensor('F32', [3], 4, 16) }, data), /hole of 4 bytes/],
  ])('%s', async (_, bytes, message) => {
    for (const source of [bytes, new Blob([new Uint8Array(bytes)])]) {
      const opening = openSafetensors(source, 'some.safetensors');
      await expect(opening).rejects.toThrow(InvalidSafetensorsError);
      await expect(opening).rejects.toThrow(message);
      await expect(opening).rejects.toThrow(/some\.safetensors.*download it again/);
    }
  });

  test('a tensor that is not there', async () => {
    const opened = await openSafetensors(file(good, data));
    await expect(opened.read('y')).rejects.toThrow(MissingTensorError);
  });

  test('numbers that are no floats are not read as such', async () => {
    const opened = await openSafetensors(file({ x: tensor('I32', [4], 0, 16) }, data));
    await expect(opened.read('x')).rejects.toThrow(UnsupportedModelError);
    expect((await opened.readRaw('x')).byteLength).toBe(16);
  });
});
