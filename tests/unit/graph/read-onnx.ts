/**
 * @file Reads what onnx.ts wrote, as far as tests ask: written from the specification of protocol buffers and of
 * onnx.proto, and not from our writer.
 */

export type Field = number | bigint | Uint8Array;
export type Fields = Map<number, Field[]>;

/** A message taken apart: every field's values in the order they stand. */
export function readFields(bytes: Uint8Array): Fields {
  const fields: Fields = new Map();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const take = (length: number): number => {
    const start = at;
    at += length;
    return start;
  };
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++];
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const key = Number(varint());
    const [number, wire] = [key >> 3, key & 7];
    const values = fields.get(number) ?? [];
    fields.set(number, values);
    if (wire === 0) values.push(BigInt.asIntN(64, varint()));
    else if (wire === 5) values.push(view.getFloat32(take(4), true));
    else if (wire === 2) {
      const length = Number(varint());
      values.push(bytes.subarray(take(length), at));
    } else throw new Error(`wire type ${wire} at byte ${at}`);
  }
  if (at !== bytes.length) throw new Error('a field reaches beyond its message');
  return fields;
}

export interface ReadNode {
  op: string;
  domain: string;
  inputs: string[];
  outputs: string[];
  attributes: string[];
}

export interface ReadModel {
  irVersion: number;
  producer: string;
  opsets: Record<string, number>;
  metadata: Record<string, string>;
  name: string;
  nodes: ReadNode[];
  initializers: { name: string; dims: number[]; type: number; bytes: Uint8Array }[];
  inputs: { name: string; type: number; dims: number[] }[];
  outputs: { name: string; type: number; dims: number[] }[];
}

const utf8 = new TextDecoder();
const strings = (fields: Fields, field: number) =>
  (fields.get(field) ?? []).map((bytes) => utf8.decode(bytes as Uint8Array));
const numbers = (fields: Fields, field: number) => (fields.get(field) ?? []).map(Number);
const messages = (fields: Fields, field: number) =>
  (fields.get(field) ?? []).map((bytes) => readFields(bytes as Uint8Array));

export function readModel(bytes: Uint8Array): ReadModel {
  const model = readFields(bytes);
  const [graph] = messages(model, 7);
  const values = (field: number) =>
    messages(graph, field).map((value) => {
      const [type] = messages(messages(value, 2)[0], 1);
      const dims = messages(messages(type, 2)[0], 1).map((dim) => numbers(dim, 1)[0]);
      return { name: strings(value, 1)[0], type: numbers(type, 1)[0], dims };
    });
  return {
    irVersion: numbers(model, 1)[0],
    producer: strings(model, 2)[0],
    opsets: Object.fromEntries(
      messages(model, 8).map((opset) => [strings(opset, 1)[0], numbers(opset, 2)[0]]),
    ),
    metadata: Object.fromEntries(
      messages(model, 14).map((entry) => [strings(entry, 1)[0], strings(entry, 2)[0]]),
    ),
    name: strings(graph, 2)[0],
    nodes: messages(graph, 1).map((node) => ({
      op: strings(node, 4)[0],
      domain: strings(node, 7)[0] ?? '',
      inputs: strings(node, 1),
      outputs: strings(node, 2),
      attributes: messages(node, 5).map((attribute) => strings(attribute, 1)[0]),
    })),
    initializers: messages(graph, 5).map((tensor) => ({
      name: strings(tensor, 8)[0],
      dims: numbers(tensor, 1),
      type: numbers(tensor, 2)[0],
      bytes: (tensor.get(9) ?? [])[0] as Uint8Array,
    })),
    inputs: values(11),
    outputs: values(12),
  };
}
