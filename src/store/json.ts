/**
 * @file Records as JSON, without loss. JSON knows no typed arrays, and writes numbers that are not finite as null; both are written
 * as objects with the one name "$", and an object that has that name itself is written as a list.
 */

const arrays = { Int32Array, Float32Array, Float64Array, Uint8Array, Uint32Array } as const;
type ArrayName = keyof typeof arrays;

export function stringify(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) => {
    switch (typeof item) {
      case 'number':
        return Number.isFinite(item) && !Object.is(item, -0)
          ? item
          : { $: 'number', value: Object.is(item, -0) ? '-0' : String(item) };
      case 'bigint':
        return { $: 'bigint', value: String(item) };
      case 'object':
        if (item === null || Array.isArray(item)) return item;
        if (ArrayBuffer.isView(item)) return arrayOut(item);
        if (Object.prototype.toString.call(item) !== '[object Object]') {
          throw new TypeError(`A ${item.constructor.name} cannot be written to a log.`);
        }
        return Object.hasOwn(item, '$') ? { $: 'object', value: Object.entries(item) } : item;
      default:
        return item;
    }
  });
}

export function parse(text: string): unknown {
  return JSON.parse(text, (_, item: unknown) => {
    if (typeof item !== 'object' || item === null || Array.isArray(item) || !Object.hasOwn(item, '$')) {
      return item;
    }
    const { $: kind, value } = item as { $: unknown; value: unknown };
    if (kind === 'number') return Number(value);
    if (kind === 'bigint') return BigInt(value as string);
    if (kind === 'object') return Object.fromEntries(value as [string, unknown][]);
    if (typeof kind === 'string' && Object.hasOwn(arrays, kind)) return arrayIn(kind as ArrayName, value);
    throw new SyntaxError(`"${String(kind)}" is no kind of value`);
  });
}

function arrayOut(view: ArrayBufferView): { $: string; value: string } {
  const name = view.constructor.name;
  if (!Object.hasOwn(arrays, name)) throw new TypeError(`A ${name} cannot be written to a log.`);
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  let binary = '';
  // As arguments of one call, of which there may be some ten thousand.
  for (let start = 0; start < bytes.length; start += 0x2000) {
    binary += String.fromCharCode(...bytes.subarray(start, start + 0x2000));
  }
  return { $: name, value: btoa(binary) };
}

function arrayIn(name: ArrayName, value: unknown): ArrayBufferView {
  const binary = atob(value as string);
  const bytes = new Uint8Array(binary.length);
  for (let index = 0; index < binary.length; index++) bytes[index] = binary.charCodeAt(index);
  return new arrays[name](bytes.buffer);
}
