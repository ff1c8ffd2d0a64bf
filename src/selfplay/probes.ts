/**
 * @file What a program does, seen from outside: the same inputs for all programs that take arguments of the same kinds, and what
 * came of them as a short text. It tells programs apart that look alike, finds those that are written otherwise but do the same,
 * and those that do not look at their input.
 *
 * It is evidence and no proof: programs that part only where no probe looks count as the same.
 */

import type { Outcome } from '../sandbox/executor';
import { type Arguments, parseArguments } from '../sandbox/literal';
import { repr } from '../sandbox/repr';
import { distinct, distinctEntries, type Value } from '../sandbox/value';
import { Draws } from './random';

/**
 * Inputs for a program whose own input is this one: argument lists of the same kinds, in a fixed order, no two alike. They
 * depend on nothing but those kinds. Empty if the input cannot be read or has no arguments.
 */
export function probesFor(input: string): string[] {
  const signature = signatureOf(input);
  return signature ? [...new Set(argumentLists(signature))] : [];
}

/** Equal for inputs of the same kinds, so that a program which takes one may take the other; null if the input cannot be read. */
export function kindsOf(input: string): string | null {
  const signature = signatureOf(input);
  return signature && JSON.stringify(signature);
}

/**
 * Equal for programs that give the same on the same probes; '' where too little is known: fewer than two probes returned a value.
 * That a program fails is a part of what it does.
 */
export function behaviourOf(input: string, outcomes: readonly Outcome[]): string {
  const signature = signatureOf(input);
  if (!signature || outputsOf(outcomes).length < 2) return '';
  const seen = outcomes.map((outcome) => (outcome.verdict === 'ok' ? [outcome.output] : failure(outcome)));
  return hash(JSON.stringify([signature, seen]));
}

/** Does the output not depend on the input? `outcomes` are those of the probes, three values at least, `output` its own. */
export function isConstant(output: string, outcomes: readonly Outcome[]): boolean {
  const outputs = outputsOf(outcomes);
  return outputs.length >= 3 && outputs.every((each) => each === output);
}

/** The same arguments without their names, in the order in which probes give them; '' if the input cannot be read. */
export function positional(input: string): string {
  const parsed = parseArguments(input);
  if (!parsed.ok) return '';
  const named = [...parsed.named].sort(([a], [b]) => (a < b ? -1 : 1));
  return written({ positional: [...parsed.positional, ...named.map(([, value]) => value)], named: [] });
}

const outputsOf = (outcomes: readonly Outcome[]) =>
  outcomes.flatMap((outcome) => (outcome.verdict === 'ok' ? [outcome.output] : []));

/** What may depend on the machine counts as one. */
function failure({ verdict }: Outcome): string {
  return verdict === 'timeout' || verdict === 'memory' || verdict === 'crash' ? 'stopped' : verdict;
}

// ---- Signatures ----------------------------------------------------------------------------------------------------

/**
 * What kind of value an argument is, with that of its members: coarse, so that programs which do the same meet although their own
 * inputs differ. Of members the first one speaks for all. A record is a tuple whose length counts, since programs take it
 * apart: one of different kinds, or one among others, such as the pairs of a list. True and False are no numbers here: a
 * program that takes them as flags is asked for both, and little else.
 */
type Kind =
  | Exclude<Value['type'], Nested['type']>
  | [type: 'list' | 'tuple' | 'set' | 'frozenset', member: Kind]
  | [type: 'dict', key: Kind, value: Kind]
  | [type: 'record', members: Kind[]];
type Nested = Extract<Value, { items: unknown } | { entries: unknown }>;

interface Signature {
  positional: Kind[];
  /** By name. */
  named: [name: string, kind: Kind][];
}

/** Lists within lists that are told apart; further in, everything counts as a whole number, or probes would grow too long. */
const deepest = 3;
/** Members of a record; a longer tuple is a list of sorts. */
const longestRecord = 4;
/** Arguments that are probed: who takes more is a rare program, and its probes would be long. */
const most = 16;

function signatureOf(input: string): Signature | null {
  const parsed = parseArguments(input);
  if (!parsed.ok) return null;
  const { positional, named } = parsed;
  const count = positional.length + named.length;
  if (count === 0 || count > most) return null;
  return {
    positional: positional.map((value) => kindOf(value, deepest)),
    named: named
      .map(([name, value]): [string, Kind] => [name, kindOf(value, deepest)])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  };
}

function kindOf(value: Value | undefined, levels: number): Kind {
  if (!value || levels === 0) return 'int';
  switch (value.type) {
    case 'tuple': {
      const kinds = value.items.map((item) => kindOf(item, levels - 1));
      const [first = 'int'] = kinds;
      const mixed = new Set(kinds.map((kind) => JSON.stringify(kind))).size > 1;
      const among = levels < deepest && kinds.length > 1;
      return (mixed || among) && kinds.length <= longestRecord ? ['record', kinds] : ['tuple', first];
    }
    case 'list':
    case 'set':
    case 'frozenset':
      return [value.type, kindOf(value.items[0], levels - 1)];
    case 'dict': {
      const [name, item] = value.entries[0] ?? [];
      return [value.type, kindOf(name, levels - 1), kindOf(item, levels - 1)];
    }
    default:
      return value.type;
  }
}

// ---- Values --------------------------------------------------------------------------------------------------------

const int = (value: number): Value => ({ type: 'int', value: BigInt(value) });
const float = (value: number): Value => ({ type: 'float', value });
const flag = (value: boolean): Value => ({ type: 'bool', value });
const complex = (real: number, imag: number): Value => ({ type: 'complex', real, imag });
const codes = (text: string) => [...text].map((character) => character.codePointAt(0)!);
const str = (text: string): Value => ({ type: 'str', points: codes(text) });
const bytes = (text: string): Value => ({ type: 'bytes', bytes: codes(text) });

/** Chosen to tell programs apart: signs, parities, squares, repeats, palindromes, both cases, digits, blanks, and nothing. */
const texts = [
  ...[
    '',
    'a',
    'Hello World',
    'racecar',
    'aab',
    '12345',
    ' x  Yz ',
    'abc123',
    'Zebra',
    'a,b;c',
    'mississippi',
  ],
  ...['the quick brown fox', 'LEVEL', '([x])'],
];
const single: Record<Exclude<Kind, unknown[]>, Value[]> = {
  int: [0, 1, 2, -1, 3, 7, 10, 12, 100, -8, 5, 25, 48, 144].map(int),
  float: [0, 1, 2.5, -1, 0.5, 7, 10, 3.14, 100, -7.25, 0.1, 99.9, 12, 1e-3].map(float),
  complex: [complex(0, 0), complex(1, 0), complex(0, 1), complex(3, -4), complex(-2.5, 0.5), complex(2, 7)],
  // 0 and 1 do as flags too: with two values alone nothing could be called constant.
  bool: [flag(true), flag(false), int(1), int(0)],
  none: [{ type: 'none' }],
  str: texts.map(str),
  bytes: texts.map(bytes),
};

/** Collections, by which of their members' values they hold: none, one, unsorted, with repeats, palindromes, ascending. */
const shapes = [
  ...[[4, 1, 6, 3], [], [2], [5, 5], [1, 2], [3, 8, 3], [9, 0, 7, 1, 4], [6, 2, 2, 6], [0], [7, 1, 9]],
  ...[
    [0, 1, 2, 4, 5, 6],
    [8, 6, 4, 2, 1],
    [3, 3, 3, 10, 11, 3],
    [12, 13, 0],
  ],
];

function valuesOf(kind: Kind): Value[] {
  if (typeof kind === 'string') return single[kind];
  switch (kind[0]) {
    case 'record':
      return rows(kind[1]).map((items) => ({ type: 'tuple', items }));
    case 'list':
    case 'tuple':
    case 'set':
    case 'frozenset': {
      const [type, member] = kind;
      const members = valuesOf(member);
      return shapes.map((shape) => {
        const items = shape.map((index) => pick(members, index));
        return { type, items: type === 'set' || type === 'frozenset' ? distinct(items) : items };
      });
    }
    case 'dict': {
      const [names, values] = [valuesOf(kind[1]), valuesOf(kind[2])];
      // Values do not come in the order of their keys.
      return shapes.map((shape) => ({
        type: 'dict',
        entries: distinctEntries(
          shape.map((index, i) => [pick(names, index), pick(values, 5 * index + i + 1)]),
        ),
      }));
    }
    default:
      return kind satisfies never;
  }
}

const pick = (values: Value[], index: number) => values[index % values.length];

/**
 * Values side by side, each kind in an order of its own; at the end two rows in which those of one kind are alike, since
 * programs compare them.
 */
function rows(kinds: Kind[]): Value[][] {
  const count = shapes.length;
  const columns = kinds.map((kind, column) => {
    const values = valuesOf(kind);
    const order = new Draws(0, 0, `probes, column ${column}`).distinct(count, count);
    return [...order, 4, 10].map((index) => pick(values, index));
  });
  return columns[0].map((_, row) => columns.map((column) => column[row]));
}

// ---- Argument lists ------------------------------------------------------------------------------------------------

function argumentLists({ positional, named }: Signature): string[] {
  return rows([...positional, ...named.map(([, kind]) => kind)]).map((values) =>
    written({
      positional: values.slice(0, positional.length),
      named: named.map(([name], i) => [name, values[positional.length + i]]),
    }),
  );
}

function written({ positional, named }: Arguments): string {
  return [...positional.map(repr), ...named.map(([name, value]) => `${name}=${repr(value)}`)].join(', ');
}

// ---- Hash ----------------------------------------------------------------------------------------------------------

/** 64 bits in hex, of two multiplicative hashes that know of each other at the end. Against chance, not against malice. */
function hash(text: string): string {
  let [a, b] = [0xdeadbeef, 0x41c6ce57];
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 2654435761);
    b = Math.imul(b ^ unit, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return [a, b].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('');
}
