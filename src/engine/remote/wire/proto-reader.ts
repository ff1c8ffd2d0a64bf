/**
 * @file Reading protocol buffers, the other half of graph/protobuf.ts: a message is taken apart into its fields, each as what it is on
 * the wire. What fields mean is the caller's; unknown ones are passed over, as the format wants it.
 */

import { InvalidRequestError } from '../../errors';

/** Four or eight bytes of a fixed width are handed out as bytes, too. */
export type Field =
  | { number: number; kind: 'varint'; value: bigint }
  | { number: number; kind: 'bytes'; value: Uint8Array }
  | { number: number; kind: 'fixed'; value: Uint8Array };

const cutOff = () => new InvalidRequestError('The protocol buffer is cut off or damaged: send it again.');

export function* fieldsOf(bytes: Uint8Array): Generator<Field> {
  let at = 0;
  const take = (count: number): Uint8Array => {
    if (count > bytes.length - at) throw cutOff();
    at += count;
    return bytes.subarray(at - count, at);
  };
  const varint = (): bigint => {
    // Nearly all are small, and BigInt is slow.
    let small = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const [byte] = take(1);
      small |= (byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt(small);
    }
    let large = BigInt(small);
    for (let shift = 28n; shift < 70n; shift += 7n) {
      const [byte] = take(1);
      large |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, large);
    }
    throw cutOff();
  };
  while (at < bytes.length) {
    const key = Number(varint());
    const [number, type] = [Math.floor(key / 8), key % 8];
    if (number === 0) throw cutOff();
    if (type === 0) yield { number, kind: 'varint', value: varint() };
    else if (type === 1) yield { number, kind: 'fixed', value: take(8) };
    else if (type === 2) yield { number, kind: 'bytes', value: take(Number(varint())) };
    else if (type === 5) yield { number, kind: 'fixed', value: take(4) };
    else throw cutOff();
  }
}

export const textOf = (field: Field): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytesOf(field));
  } catch {
    throw cutOff();
  }
};

export function bytesOf({ kind, value }: Field): Uint8Array {
  if (kind !== 'bytes') throw cutOff();
  return value;
}

export function integerOf({ kind, value }: Field): number {
  if (kind !== 'varint') throw cutOff();
  return Number(BigInt.asIntN(64, value));
}

export function doubleOf({ kind, value }: Field): number {
  if (kind !== 'fixed' || value.length !== 8) throw cutOff();
  return new DataView(value.buffer, value.byteOffset, 8).getFloat64(0, true);
}

/** A repeated integer, packed or one by one. */
export function integersOf(field: Field): number[] {
  if (field.kind === 'varint') return [integerOf(field)];
  const result: number[] = [];
  // A packed list is varints without keys: as a message it would be keys and values in turn.
  let [value, shift] = [0n, 0n];
  for (const byte of bytesOf(field)) {
    value |= BigInt(byte & 0x7f) << shift;
    shift += 7n;
    if (byte < 0x80) {
      result.push(Number(BigInt.asIntN(64, value)));
      [value, shift] = [0n, 0n];
    }
  }
  if (shift > 0n) throw cutOff();
  return result;
}

/** An entry of a map: its key, and its value as a field, which is missing where it has its default. */
export function entryOf(field: Field): { key: string; value: Field | null } {
  let [key, value]: [string, Field | null] = ['', null];
  for (const each of fieldsOf(bytesOf(field))) {
    if (each.number === 1) key = textOf(each);
    else if (each.number === 2) value = each;
  }
  return { key, value };
}
