/**
 * @file Python's plain data, and two ways to say that two values are the same: `equal` is Python's ==, which judges answers;
 * `identical` also tells 1 from True and 0.0 from -0.0, and compares two runs of one program.
 *
 * Both compare canonical keys. A key takes n log n to make, where comparing sets member by member would take n squared, and
 * a hostile answer could make that long.
 */

export type Value =
  | { type: 'none' }
  | { type: 'bool'; value: boolean }
  | { type: 'int'; value: bigint }
  | { type: 'float'; value: number }
  | { type: 'complex'; real: number; imag: number }
  /** Code points and not a JS string: '\ud83d\ude00' is two characters to Python, and not the one that they would be to JS. */
  | { type: 'str'; points: number[] }
  | { type: 'bytes'; bytes: number[] }
  /** Members of sets are distinct, in the order of the text: only an interpreter knows the order of its hashes. */
  | { type: 'list' | 'tuple' | 'set' | 'frozenset'; items: Value[] }
  /** Keys are distinct, in the order of the text. */
  | { type: 'dict'; entries: [key: Value, value: Value][] };

/** a == b, had each been made on its own: Python's == takes a NaN for equal to itself where a list holds that same object. */
export const equal = (a: Value, b: Value): boolean =>
  !containsNaN(a) && !containsNaN(b) && key(a, false) === key(b, false);

/** The same types and the same values throughout. Orders of sets and dicts do not count, and NaN is NaN. */
export const identical = (a: Value, b: Value): boolean => key(a, true) === key(b, true);

export function containsNaN(value: Value): boolean {
  if (value.type === 'float') return Number.isNaN(value.value);
  if (value.type === 'complex') return Number.isNaN(value.real) || Number.isNaN(value.imag);
  return children(value).some(containsNaN);
}

/** Lists within lists: 0 for 1, 1 for [1], 2 for [[1]]. */
export function depth(value: Value): number {
  if (!('items' in value || 'entries' in value)) return 0;
  return children(value).reduce((deepest, child) => Math.max(deepest, 1 + depth(child)), 1);
}

/** May it be in a set, or be the key of a dict? */
export function isHashable(value: Value): boolean {
  if (value.type === 'tuple') return value.items.every(isHashable);
  return value.type !== 'list' && value.type !== 'set' && value.type !== 'dict';
}

/** The members of a set that is written so: of equal ones, the first. */
export const distinct = (items: Value[]): Value[] =>
  distinctEntries(items.map((item) => [item, item])).map(([item]) => item);

/** The entries of a dict that is written so: of equal keys, the first key with the last value. */
export function distinctEntries(entries: [Value, Value][]): [Value, Value][] {
  const found = new Map<string, [Value, Value]>();
  entries.forEach(([name, value], n) => {
    const id = containsNaN(name) ? `NaN ${n}` : key(name, false);
    const first = found.get(id);
    if (first) first[1] = value;
    else found.set(id, [name, value]);
  });
  return [...found.values()];
}

function children(value: Value): Value[] {
  if ('items' in value) return value.items;
  return 'entries' in value ? value.entries.flat() : [];
}

/** Equal for two values if, and only if, they are the same: to Python's ==, or exactly. NaN equals NaN here. */
function key(value: Value, exact: boolean): string {
  const of = (child: Value) => key(child, exact);
  switch (value.type) {
    case 'none':
      return 'none';
    case 'bool':
      return exact ? `bool ${value.value}` : number(Number(value.value));
    case 'int':
      return exact ? `int ${value.value.toString(16)}` : value.value.toString(16);
    case 'float':
      return exact ? `float ${signed(value.value)}` : number(value.value);
    case 'complex':
      if (exact) return `complex ${signed(value.real)} ${signed(value.imag)}`;
      return value.imag === 0 ? number(value.real) : `complex ${number(value.real)} ${number(value.imag)}`;
    case 'str':
      return `str ${value.points}`;
    case 'bytes':
      return `bytes ${value.bytes}`;
    case 'list':
      return `[${value.items.map(of).join(';')}]`;
    case 'tuple':
      return `(${value.items.map(of).join(';')})`;
    case 'set':
    case 'frozenset':
      return `${exact ? value.type : 'set'}{${value.items.map(of).sort().join(';')}}`;
    case 'dict': {
      const entries = value.entries.map(([name, item]) => `${of(name)}:${of(item)}`);
      return `dict{${entries.sort().join(';')}}`;
    }
  }
}

/** A whole number as the int it equals, in base 16, which takes time linear in its length; any other as it is. */
const number = (x: number) => (Number.isInteger(x) ? BigInt(x).toString(16) : `float ${x}`);

const signed = (x: number) => (Object.is(x, -0) ? '-0' : `${x}`);
