/**
 * The writer: what ends up in the file, and that onnxruntime computes from it what the program says.
 */
import { describe, expect, it } from 'vitest';
import { OPSET, writeModel } from '../../../src/graph/onnx';
import { add, exp, gemm, mul, neg, reshape, split, sub } from '../../../src/graph/ops';
import { Message } from '../../../src/graph/protobuf';
import { constant, input, node, scalar, type Tensor } from '../../../src/graph/tensor';
import { readFields, readModel } from './read-onnx';
import { evaluate, open, random } from './run';

const x = input('x', 'float32', [2, 3]);
const values = Float32Array.of(1, 2, 3, 4, 5, 6);
const opsOf = (outputs: Record<string, Tensor>) =>
  readModel(writeModel('test', outputs).bytes).nodes.map(({ op }) => op);

describe('protocol buffers', () => {
  const hex = (message: Message) => Buffer.from(message.finish()).toString('hex');

  // The examples are those of protobuf.dev's page on the encoding.
  it.each([
    [1, 150, '089601'],
    [1, 0, '0800'],
    [1, 127, '087f'],
    [1, 128, '088001'],
    [1, 300, '08ac02'],
    [1, 2 ** 31, '088080808008'],
    [1, Number.MAX_SAFE_INTEGER, '08ffffffffffffff0f'],
    [1, -1, '08ffffffffffffffffff01'], // ten bytes: two's complement of 64 bits
    [1, -2, '08feffffffffffffffff01'],
    [1, 2n ** 63n - 1n, '08ffffffffffffffff7f'],
    [1, -(2n ** 63n), '0880808080808080808001'],
    [15, 1, '7801'],
    [16, 1, '800101'], // from field 16 on the key takes two bytes
    [20, 1, 'a00101'],
  ])('field %d with the whole number %s is %s', (field, value, bytes) => {
    expect(hex(new Message().int(field, value))).toBe(bytes);
  });

  it.each([
    ['testing', '120774657374696e67'],
    ['', '1200'],
    ['é', '1202c3a9'],
  ])('the text "%s"', (text, bytes) => {
    expect(hex(new Message().string(2, text))).toBe(bytes);
  });

  it('a float, little end first', () => {
    expect(hex(new Message().float(2, 1.5))).toBe('150000c03f');
  });

  it('a message within a message', () => {
    expect(hex(new Message().message(3, new Message().int(1, 150)))).toBe('1a03089601');
    expect(hex(new Message().message(3, new Message()))).toBe('1a00');
  });

  it('a length of more than one byte', () => {
    const bytes = new Message().bytes(1, new Uint8Array(300).fill(7)).finish();
    expect([...bytes.slice(0, 4)]).toEqual([0x0a, 0xac, 0x02, 7]);
    expect(bytes).toHaveLength(303);
    expect(readFields(bytes).get(1)).toEqual([new Uint8Array(300).fill(7)]);
  });
});

describe('a model file', () => {
  const model = writeModel(
    'small',
    { y: mul(x, constant(Float32Array.of(2), [1])) },
    { licence: 'Apache-2.0' },
  );
  const read = readModel(model.bytes);

  it('names its versions, its maker and itself', () => {
    expect(read.irVersion).toBe(11);
    expect(read.opsets).toEqual({ '': OPSET, 'com.microsoft': 1 });
    expect([read.producer, read.name, read.metadata]).toEqual([
      'zeroloop',
      'small',
      { licence: 'Apache-2.0' },
    ]);
  });

  it('declares its inputs and outputs with types and shapes, and tells them to its maker', () => {
    expect(read.inputs).toEqual([{ name: 'x', type: 1, dims: [2, 3] }]);
    expect(read.outputs).toEqual([{ name: 'y', type: 1, dims: [2, 3] }]);
    expect(model.inputs).toEqual([{ name: 'x', dtype: 'float32', shape: [2, 3] }]);
    expect(model.outputs).toEqual([{ name: 'y', dtype: 'float32', shape: [2, 3] }]);
    expect(model.nodeCount).toBe(1);
  });

  it('holds constants as raw bytes', () => {
    const [two] = read.initializers;
    expect([two.dims, two.type, [...two.bytes]]).toEqual([[1], 1, [0, 0, 0, 0x40]]);
  });

  it('writes a part of a larger buffer as that part alone', async () => {
    const part = Float32Array.of(9, 9, 1, 2, 3, 9).subarray(2, 5);
    const { y } = await evaluate({ y: add(x, constant(part, [3])) }, { x: values });
    expect([...y]).toEqual([2, 4, 6, 5, 7, 9]);
  });

  it('leaves out an optional operand by an empty name', () => {
    const y = node('Clip', [x, null, scalar(3)], x.shape);
    expect(readModel(writeModel('test', { y }).bytes).nodes[0].inputs).toEqual(['x', '', expect.any(String)]);
  });
});

describe('what is written', () => {
  it('is only what the outputs need', () => {
    const y = exp(x);
    neg(y); // nobody reads it
    mul(y, input('unused', 'float32', [2, 3]));
    const read = readModel(writeModel('test', { y }).bytes);
    expect(read.nodes.map(({ op }) => op)).toEqual(['Exp']);
    expect(read.inputs.map(({ name }) => name)).toEqual(['x']);
  });

  it('computes once what is used twice, operands before what uses them', () => {
    const y = exp(x);
    const read = readModel(writeModel('test', { z: sub(mul(y, y), neg(y)) }).bytes);
    expect(read.nodes.map(({ op }) => op).sort()).toEqual(['Exp', 'Mul', 'Neg', 'Sub']);
    const made = new Set([...read.inputs, ...read.initializers].map(({ name }) => name));
    for (const { inputs, outputs } of read.nodes) {
      for (const name of inputs) expect(made).toContain(name);
      for (const name of outputs) made.add(name);
    }
  });

  it('holds equal small constants once, unless type or shape differ', () => {
    const two = () => constant(Float32Array.of(2), [1]);
    const sum = [
      two(),
      two(),
      constant(Float32Array.of(2), [1, 1]),
      constant(Float32Array.of(3), [1]),
    ].reduce((y: Tensor, c) => add(y, c), x);
    const n = input('n', 'int32', [1]);
    const whole = add(n, constant(Int32Array.of(2), [1]));
    const { initializers, nodes } = readModel(writeModel('test', { sum, whole }).bytes);
    expect(initializers.map(({ type, dims }) => [type, ...dims])).toEqual([
      [1, 1],
      [1, 1, 1],
      [1, 1],
      [6, 1],
    ]);
    expect(nodes[0].inputs[1]).toBe(nodes[1].inputs[1]);
  });

  it('holds one large constant that is used twice once', () => {
    const large = constant(random('large', [100]), [100]);
    const y = input('y', 'float32', [100]);
    expect(readModel(writeModel('test', { sum: add(add(y, large), large) }).bytes).initializers).toHaveLength(
      1,
    );
  });

  it('gives every output its name, even where two are the same tensor', async () => {
    const y = exp(x);
    expect(opsOf({ y, again: y })).toEqual(['Exp', 'Identity']);
    const outputs = await evaluate({ y, again: y, twice: add(y, y) }, { x: values });
    expect([...outputs.again]).toEqual([...outputs.y]);
    outputs.twice.forEach((value, i) => {
      expect(value).toBeCloseTo(2 * outputs.y[i], 4);
    });
  });

  it('can hand out inputs, constants and parts of a split', async () => {
    const [first, second] = split(x, 1, [1, 2]);
    const outputs = await evaluate(
      { copy: x, five: constant(Float32Array.of(5), [1]), second, both: second, sum: add(first, second) },
      { x: values },
    );
    expect(Object.fromEntries(Object.entries(outputs).map(([name, data]) => [name, [...data]]))).toEqual({
      copy: [1, 2, 3, 4, 5, 6],
      five: [5],
      second: [2, 3, 5, 6],
      both: [2, 3, 5, 6],
      sum: [3, 4, 9, 10],
    });
  });

  it('may be 20000 nodes deep', async () => {
    let y: Tensor = x;
    for (let i = 0; i < 20_000; i++) y = neg(y);
    const model = writeModel('deep', { y });
    expect(model.nodeCount).toBe(20_000);
    expect((await (await open(model))({ x: values })).y).toEqual(values);
  });
});

describe('a sum with a matrix product becomes the product', () => {
  const a = constant(random('a', [3, 4]), [3, 4]);
  const product = () => gemm(x, a, { alpha: 0.5 });
  const expected = (addend: (row: number, column: number) => number) =>
    Float32Array.from({ length: 8 }, (_, i) => {
      const [row, column] = [Math.floor(i / 4), i % 4];
      const terms = [0, 1, 2].map((k) => values[row * 3 + k] * random('a', [3, 4])[k * 4 + column]);
      return 0.5 * terms.reduce((p, q) => p + q) + addend(row, column);
    });
  const check = async (
    y: Tensor,
    ops: string[],
    addend: (row: number, column: number) => number,
    feeds = {},
  ) => {
    expect(opsOf({ y })).toEqual(ops);
    const result = await evaluate({ y }, { x: values, ...feeds });
    expected(addend).forEach((value, i) => {
      expect(result.y[i]).toBeCloseTo(value, 4);
    });
  };

  const row = (...shape: number[]) => constant(Float32Array.of(10, 20, 30, 40), shape);
  const bias = (_: number, column: number) => 10 * (column + 1);

  it('a bias of one dimension', () => check(add(product(), row(4)), ['Gemm'], bias));
  it('a bias of one row, on either side', () => check(add(row(1, 4), product()), ['Gemm'], bias));

  it('a matrix, as of a residual connection', async () => {
    const residual = input('residual', 'float32', [2, 4]);
    const feeds = { residual: random('residual', [2, 4]) };
    await check(add(residual, product()), ['Gemm'], (r, c) => feeds.residual[r * 4 + c], feeds);
  });

  it('one of two products: the other is what is added', async () => {
    expect(opsOf({ y: add(product(), product()) })).toEqual(['Gemm', 'Gemm']);
    const { y, twice } = await evaluate(
      { y: add(product(), product()), twice: mul(product(), scalar(2)) },
      { x: values },
    );
    y.forEach((value, i) => {
      expect(value).toBeCloseTo(twice[i], 4);
    });
  });

  it('one number for a product of one column', async () => {
    const column = constant(Float32Array.of(1, 1, 1), [3, 1]);
    const y = add(gemm(x, column), constant(Float32Array.of(0.5), [1]));
    expect(opsOf({ y })).toEqual(['Gemm']);
    expect([...(await evaluate({ y }, { x: values })).y]).toEqual([6.5, 15.5]);
  });

  it('once: a product that has taken one in takes no second', () =>
    check(add(add(product(), row(4)), row(1, 4)), ['Gemm', 'Add'], (r, c) => 2 * bias(r, c)));

  it('not if the product was made with a third operand', () => {
    const full = node('Gemm', [x, a, row(4)], [2, 4]);
    expect(opsOf({ y: add(full, row(4)) })).toEqual(['Gemm', 'Add']);
  });

  it('not if something else reads the product', async () => {
    const p = product();
    expect(opsOf({ y: add(p, row(4)), z: exp(p) })).toEqual(['Gemm', 'Add', 'Exp']);
    expect(opsOf({ y: add(p, row(4)), p }), 'an output reads it too').toEqual(['Gemm', 'Add']);
    expect(opsOf({ y: add(p, p) }), 'both sides').toEqual(['Gemm', 'Add']);
    await check(add(add(p, row(4)), sub(p, p)), ['Gemm', 'Add', 'Sub', 'Add'], bias);
  });

  it('not where the sum is larger than the product, or of another rank', async () => {
    const column = constant(Float32Array.of(100, 200), [2, 1]);
    await check(add(product(), column), ['Gemm', 'Add'], (r) => 100 * (r + 1));
    await check(add(product(), row(1, 1, 4)), ['Gemm', 'Add'], bias);
    const thin = gemm(constant(Float32Array.of(1, 1), [1, 2]), x); // [1, 3], added to [2, 3]
    expect([...(await evaluate({ y: add(thin, x) }, { x: values })).y]).toEqual([6, 9, 12, 9, 12, 15]);
  });

  it('keeps what reads the sum reading it', async () => {
    const y = add(product(), row(4));
    const { flat, y: same } = await evaluate({ y, flat: reshape(y, [8]) }, { x: values });
    expect(flat).toEqual(same);
  });
});
