/**
 * @file Values as text: `repr`, as CPython prints them, and the arguments of a call as an interpreter gets them, in JSON or as an
 * expression of our own making, so that no text from a model is ever evaluated as an input.
 */

import type { Arguments } from './literal';
import type { Value } from './value';

/**
 * repr(value). Members of a set come in the order of the value, since CPython's order is that of its hashes. Which characters
 * are printable depends on the Unicode version of this runtime, where Python asks its own.
 */
export const repr = (value: Value): string => write(value, printed);

/**
 * "((positional...), {name: value...})", in ASCII, of literals, `set` and `frozenset`; each evaluation makes new lists. Python
 * does not read back all that it prints: inf and nan are names, signs of zeros in complex numbers get lost, and so on.
 */
export function argumentsSource({ positional, named }: Arguments): string {
  const entries = named.map(([name, value]): [Value, Value] => [
    { type: 'str', points: [...name].map((character) => character.codePointAt(0)!) },
    value,
  ]);
  const call: Value[] = [
    { type: 'tuple', items: positional },
    { type: 'dict', entries },
  ];
  return write({ type: 'tuple', items: call }, source);
}

/**
 * What an interpreter makes the arguments of a call from: "[[positional...], {name: value...}]" in JSON, which it reads ten times
 * as fast, if JSON has all the types in it; else the same as source.
 */
export function callText({ positional, named }: Arguments): string {
  const options = named.map(([name, value]) => `${JSON.stringify(name)}:${json(value)}`);
  const text = `[${json({ type: 'list', items: positional })},{${options.join(',')}}]`;
  return text.includes(noJson) ? argumentsSource({ positional, named }) : text;
}

/** Stands for what JSON cannot say; a character that no JSON holds unescaped. */
const noJson = '\0';

function json(value: Value): string {
  switch (value.type) {
    case 'none':
      return 'null';
    case 'bool':
      return String(value.value);
    case 'int':
      return value.value > -maxDigits && value.value < maxDigits ? String(value.value) : noJson;
    case 'float':
      return Number.isFinite(value.value) ? decimal(value.value, '.0') : noJson;
    case 'str':
      return value.points.some(isSurrogate) ? noJson : JSON.stringify(String.fromCodePoint(...value.points));
    case 'list':
      return `[${value.items.map(json).join(',')}]`;
    case 'dict':
      return `{${value.entries.map(([name, item]) => (name.type === 'str' ? `${json(name)}:${json(item)}` : noJson)).join(',')}}`;
    case 'complex':
    case 'bytes':
    case 'tuple':
    case 'set':
    case 'frozenset':
      return noJson;
    default:
      return value satisfies never;
  }
}

/** Python reads no more than 4300 decimal digits. */
const maxDigits = 10n ** 4000n;

const isSurrogate = (point: number) => point >= 0xd800 && point < 0xe000;

interface Atoms {
  int(value: bigint): string;
  float(value: number): string;
  complex(real: number, imag: number): string;
  str(points: number[]): string;
}

const printed: Atoms = {
  int: (value) => `${value}`,
  float: (value) => decimal(value, '.0'),
  complex(real, imag) {
    const sign = isNegative(imag) ? '' : '+';
    if (Object.is(real, 0)) return `${decimal(imag, '')}j`;
    return `(${decimal(real, '')}${sign}${decimal(imag, '')}j)`;
  },
  str: (points) => quoted(points, (point) => isPrintable(String.fromCodePoint(point))),
};

const source: Atoms = {
  // Python reads no more than 4300 decimal digits.
  int(value) {
    const hex = (value < 0n ? -value : value).toString(16);
    return hex.length < 3000 ? `${value}` : `${value < 0n ? '-' : ''}0x${hex}`;
  },
  float(value) {
    if (Number.isNaN(value)) return '(1e999-1e999)';
    return decimal(value, '.0').replace('inf', '1e999');
  },
  /**
   * A sum gives the parts that are wanted as long as it adds no zeros of unlike signs, so a negative imaginary part is had by
   * negating the whole. Two kinds of zeros remain. Only sums that all versions of Python compute alike are used: from 3.14
   * on, adding a real number leaves an imaginary part alone.
   */
  complex(real, imag) {
    if (isNegative(imag)) {
      if (Object.is(real, 0)) return `(-(-1+${imaginary(-imag)})-(1+0j))`;
      return `(-(${source.float(-real)}+${imaginary(-imag)}))`;
    }
    if (Object.is(real, -0)) return `(-(-(-1+${imaginary(imag)})-(1+0j)))`;
    return `(${source.float(real)}+${imaginary(imag)})`;
  },
  str: (points) => quoted(points, (point) => point < 128),
};

const imaginary = (x: number) => (Number.isNaN(x) ? '(1e999j-1e999j)' : `${source.float(x)}j`);

function write(value: Value, atoms: Atoms): string {
  const list = (items: Value[]) => items.map((item) => write(item, atoms)).join(', ');
  switch (value.type) {
    case 'none':
      return 'None';
    case 'bool':
      return value.value ? 'True' : 'False';
    case 'int':
      return atoms.int(value.value);
    case 'float':
      return atoms.float(value.value);
    case 'complex':
      return atoms.complex(value.real, value.imag);
    case 'str':
      return atoms.str(value.points);
    case 'bytes':
      return `b${quoted(value.bytes, (byte) => byte < 127)}`;
    case 'list':
      return `[${list(value.items)}]`;
    case 'tuple':
      return `(${list(value.items)}${value.items.length === 1 ? ',' : ''})`;
    case 'set':
      return value.items.length === 0 ? 'set()' : `{${list(value.items)}}`;
    case 'frozenset':
      return value.items.length === 0 ? 'frozenset()' : `frozenset({${list(value.items)}})`;
    case 'dict':
      return `{${value.entries.map(([name, item]) => `${write(name, atoms)}: ${write(item, atoms)}`).join(', ')}}`;
  }
}

const isNegative = (x: number) => x < 0 || Object.is(x, -0);

/** Python's repr of a float: the shortest digits that give it back, as in JS, but not the same rule for exponents. */
function decimal(x: number, point: '.0' | ''): string {
  if (Number.isNaN(x)) return 'nan';
  const sign = isNegative(x) ? '-' : '';
  if (!Number.isFinite(x)) return `${sign}inf`;
  const [mantissa, power] = Math.abs(x).toExponential().split('e');
  const digits = mantissa.replace('.', '');
  const exponent = Number(power);
  if (exponent < -4 || exponent >= 16) {
    const size = `${Math.abs(exponent)}`.padStart(2, '0');
    return `${sign}${mantissa}e${exponent < 0 ? '-' : '+'}${size}`;
  }
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  if (digits.length <= exponent + 1) return `${sign}${digits.padEnd(exponent + 1, '0')}${point}`;
  return `${sign}${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`;
}

/** str.isprintable: no control, format, surrogate, private or unassigned character, and no space but ' '. */
const isPrintable = (character: string) => character === ' ' || !/[\p{C}\p{Z}]/u.test(character);

const ESCAPES: Record<number, string> = { 9: '\\t', 10: '\\n', 13: '\\r', 92: '\\\\' };

function quoted(points: number[], isPlain: (point: number) => boolean): string {
  const quote = points.includes(39) && !points.includes(34) ? 34 : 39;
  const characters = points.map((point) => {
    if (point === quote) return `\\${String.fromCharCode(quote)}`;
    if (ESCAPES[point]) return ESCAPES[point];
    if (point >= 32 && point !== 127 && isPlain(point)) return String.fromCodePoint(point);
    const hex = point.toString(16);
    if (point < 0x100) return `\\x${hex.padStart(2, '0')}`;
    return point < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
  });
  const mark = String.fromCharCode(quote);
  return `${mark}${characters.join('')}${mark}`;
}
