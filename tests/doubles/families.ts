/**
 * @file The world that scripted proposers draw from: some sixty families of programs, each with the kind of argument it takes and what
 * is known of it. K stands for a number. Truth comes from running them (toy-python.ts), so that nothing here need be believed.
 */

import { Chance } from './chance';

/** What f takes. */
export type Kind = 'int' | 'two' | 'str' | 'list';

export interface Family {
  kind: Kind;
  /** The lines of f's body; a and b are its arguments. */
  body: string;
  /** 'sound' for what may become a task. */
  nature: 'sound' | 'constant' | 'random' | 'endless' | 'banned' | 'broken' | 'raising' | 'huge';
}

const families = (nature: Family['nature'], kind: Kind, ...bodies: string[]): Family[] =>
  bodies.map((body) => ({ nature, kind, body }));

export const world: readonly Family[] = [
  ...families(
    'sound',
    'int',
    'return a + K',
    'return a - K',
    'return K - a',
    'return a * K + 1',
    'return a * a + K',
    'return a * a - a * K',
    'return abs(a) + K',
    'return abs(a - K)',
    'return (a + K) % 7',
    'return a % 5 + K',
    'return a // 2 + K',
    'return str(a + K)',
    'return [a, a + K]',
    'return [a] * 3 + [K]',
    'if a > K: return a\nreturn K - a',
    'if a % 2 == 0: return a // 2\nreturn 3 * a + K',
    'b = a + K\nreturn b * b',
    'b = a\nif b < 0: b = 0 - b\nreturn b + K',
    'b = 0\nc = abs(a) % 9\nwhile c > 0:\n    b = b + c * K\n    c = c - 1\nreturn b',
    'return max([a, K]) - min([a, 3])',
    // Equal to each other, for equal K.
    'return a + a + K',
    'return 2 * a + K',
    'return K + a * 2',
    'b = a + K\nreturn b + a',
  ),
  ...families(
    'sound',
    'two',
    'return a + b * K',
    'return a * b + K',
    'return a - b - K',
    'if a > b: return a + K\nreturn b - K',
    'return [b, a, K]',
    'return max([a, b]) * K',
    'return abs(a - b) + K',
  ),
  ...families(
    'sound',
    'str',
    "return a + 'xK'",
    "return 'Kx' + a",
    'return len(a) + K',
    'return len(a) * K - 1',
    'return a * (K % 4 + 2)',
    'return [a, len(a) + K]',
    "return sorted(a) + ['K']",
    "if len(a) > 5: return a + 'K'\nreturn 'K' + a",
    'return str(len(a) + K) + a',
  ),
  ...families(
    'sound',
    'list',
    'return sum(a) + K',
    'return len(a) + K',
    'return sorted(a) + [K]',
    'return a + [K]',
    'return [K] + a',
    'return a + a + [K]',
    'return sum(a) * K - len(a)',
    'return max(a + [K]) + len(a)',
    'return min(a + [K])',
    'if len(a) > 2: return a[0] + K\nreturn K',
  ),
  ...families('constant', 'int', 'return K', 'return a - a + K', 'b = a * 0\nreturn b + K', "return 'K'"),
  ...families('constant', 'str', 'return K', 'return len(a) * 0 + K'),
  ...families('random', 'int', 'return a + clock()', 'return clock() * K'),
  ...families('endless', 'int', 'while True: pass\nreturn a', 'while a == a: a = a\nreturn K'),
  ...families('banned', 'int', 'return eval(a) + K', 'open(a)\nreturn K'),
  ...families('broken', 'int', 'return a +', 'for b in a: return b', 'return (a + K'),
  ...families(
    'raising',
    'int',
    'raise ValueError',
    'if a > K: raise KeyError\nreturn a + K',
    'if a % 2 == 1: raise ValueError\nif a > 5: raise OverflowError\nreturn a',
    'return [1, 2, K][a]',
    'return K // (a % 3)',
    'return nowhere + a',
    'if a % (K % 5 + 2) == 1: raise ValueError\nreturn a',
    'if a > K % 11: raise KeyError\nreturn a',
    'if a * a > K: raise OverflowError\nreturn a // (a - K % 7)',
    'return [1, 2, 3][a % (K % 6 + 2)]',
  ),
  ...families('raising', 'list', 'return a[2] + K', 'if len(a) > 3: raise ValueError\nreturn sum(a)'),
  ...families('huge', 'int', "return 'x' * (abs(a) + 900)", 'return str(a) * 100000'),
];

/** A program of the family, laid out in one of many ways that mean the same. */
export function programOf({ kind, body }: Family, k: number, layout: Chance | null = null): string {
  let lines = body.replace(/K(?!eyError)/g, `${k}`).split('\n');
  let names = kind === 'two' ? ['a', 'b'] : ['a'];
  if (layout?.happens(0.4)) {
    const [first, second] = layout.pick([
      ['x', 'y'],
      ['value', 'other'],
      ['n', 'm'],
    ]);
    const rename = (line: string) => line.replace(/\ba\b/g, first).replace(/\bb\b/g, second);
    lines = lines.map(rename);
    names = names.map(rename);
  }
  const indent = layout?.happens(0.3) ? '  ' : '    ';
  // Blocks of the table are indented by four; a body of its own width may hold them.
  lines = lines.map((line) => indent + line);
  if (layout?.happens(0.2)) lines.unshift(`${indent}# ${layout.pick(['first', 'now', 'test it'])}`);
  if (layout?.happens(0.1)) lines.unshift(`${indent}'It does something.'`);
  if (layout?.happens(0.1)) lines.splice(-1, 0, `${indent}print(${names[0]})`);
  const before = layout?.happens(0.1) ? ['import math'] : [];
  const after = layout?.happens(0.1) ? ['spare = 1'] : [];
  return [...before, `def f(${names.join(', ')}):`, ...lines, ...after].join('\n');
}

const texts = ["'abc'", "''", "'Hello world'", "'level'", "'a b'", "'zz9'", "'mississippi'"];

/** An argument list for programs of a kind. */
export function inputFor(kind: Kind, chance: Chance): string {
  const int = () => `${chance.between(-9, 40)}`;
  switch (kind) {
    case 'int':
      return int();
    case 'two':
      return `${int()}, ${int()}`;
    case 'str':
      return chance.happens(0.5) ? chance.pick(texts) : `'s${chance.below(500)}'`;
    case 'list':
      return `[${Array.from({ length: chance.below(5) }, int).join(', ')}]`;
    default:
      return kind satisfies never;
  }
}

/** Many argument lists of a kind, more and others than any gate tries: what is alike on all of these is alike. */
export const domains: Record<Kind, readonly string[]> = (() => {
  const far = [16, 20, 25, 30, 37, 43, 48, 60, 77, 99, 100, 120, 144, 145, 200, 300, 399, 401, 999, 12_345];
  const ints = [...Array.from({ length: 29 }, (_, i) => i - 14), ...far, -25, -100, -1000];
  const chance = new Chance('domains');
  const lists = Array.from({ length: 60 }, (_, i) => {
    const items = Array.from({ length: i % 7 }, () => chance.pick(ints));
    return `[${items.join(', ')}]`;
  });
  return {
    int: ints.map(String),
    two: Array.from({ length: 80 }, () => `${chance.pick(ints)}, ${chance.pick(ints)}`),
    str: [...texts, ...Array.from({ length: 40 }, (_, i) => `'${'qwertz'.slice(i % 6)}${i * 7}'`)],
    list: [...new Set(lists)],
  };
})();

/** Null for inputs that no program of this world is made for. */
export function kindOfInput(input: string): Kind | null {
  if (/^-?\d+$/.test(input)) return 'int';
  if (/^-?\d+, -?\d+$/.test(input)) return 'two';
  if (/^'[^']*'$/.test(input)) return 'str';
  return /^\[(-?\d+(, -?\d+)*)?\]$/.test(input) ? 'list' : null;
}
