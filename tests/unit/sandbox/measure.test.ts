/**
 * Measures, held against radon and complexipy on 333 programs (tests/golden/measures), and what makes two programs the same.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Measures } from '../../../src/sandbox/executor';
import { openPython, type Python } from './interpreter';

let python: Python;
beforeAll(async () => {
  python = await openPython();
});

const measure = (source: string): Measures =>
  JSON.parse(python('measure.measure(source)', { source }) as string);
const hash = (...lines: string[]) => measure(lines.join('\n')).astHash;

interface Golden {
  source: string;
  cyclomatic: number;
  maxCyclomatic: number;
  cognitive: number;
  halstead: number[];
  nodes: number;
}
const folder = join(import.meta.dirname, '../../golden/measures');
const programs: Golden[] = JSON.parse(readFileSync(join(folder, 'programs.json'), 'utf8'));

describe('complexity', () => {
  it('is what radon and complexipy say, on every program', () => {
    expect(programs.length).toBeGreaterThan(300);
    for (const { source, cyclomatic, maxCyclomatic, cognitive, halstead, nodes } of programs) {
      const measured = measure(source);
      const figures = { ...measured, halstead: Object.values(measured.halstead) };
      expect(figures, source).toMatchObject({ cyclomatic, maxCyclomatic, cognitive, halstead, nodes });
    }
  });
});

describe('lines', () => {
  const lines = (...text: string[]) => measure(text.join('\n')).lines;

  it('are those with code on them', () => {
    expect(lines('', '# one', 'def f(n):', '    # two', '', '    return n  # three', '')).toBe(2);
    expect(lines('def f(n):', '    return (n +', '', '        # why', '        1)')).toBe(3);
    expect(lines('x = 1\r# one\r\ny = 2')).toBe(2);
    expect(lines('')).toBe(0);
  });

  it('are not those of docstrings', () => {
    expect(lines('"""Module."""', 'def f(n):', '    """What', '', '    it does."""', '    return n')).toBe(2);
    expect(lines('def f(n): "doc"; return n')).toBe(1);
    expect(lines('def f(n):', '    "doc"; return n')).toBe(2);
  });

  it('are all those of other strings', () => {
    expect(lines('x = """', '# no comment', '', '"""', 'f"""', '', '"""')).toBe(7);
  });
});

describe('the hash', () => {
  const same = (one: string[], two: string[]) => expect(hash(...one)).toBe(hash(...two));
  const different = (one: string[], two: string[]) => expect(hash(...one)).not.toBe(hash(...two));

  it('is 16 hexadecimal digits', () => {
    expect(hash('def f(): pass')).toMatch(/^[0-9a-f]{16}$/);
  });

  it('ignores layout, comments and docstrings', () => {
    same(
      ['def f(n):', '    """Doc."""', '    # comment', '', "    return (n+ 1, 'a')"],
      ['def f(n): return n + 1, "a"'],
    );
    same(['x = 0x10; y = 1_000'], ['x = 16', 'y = 1000']);
  });

  it('ignores how a program calls its variables, functions and classes', () => {
    same(['def f(n):', '    m = n + 1', '    return m'], ['def f(x):', '    y = x + 1', '    return y']);
    same(
      ['def g(a, *b, **c): return a', 'def f(n): return g(n)'],
      ['def h(x, *y, **z): return x', 'def f(k): return h(k)'],
    );
    same(
      [
        'class A(Exception):',
        '    def get(self): return 1',
        'def f(n):',
        '    try: raise A',
        '    except A as e: return e',
      ],
      [
        'class B(Exception):',
        '    def get(me): return 1',
        'def f(x):',
        '    try: raise B',
        '    except B as y: return y',
      ],
    );
    same(['def f(n): return [i for i in n if (m := i)]'], ['def f(a): return [b for b in a if (c := b)]']);
    same(
      ['def f(n):', '    match n:', '        case [a, *b]: return a', '        case {"k": c, **d}: return d'],
      ['def f(x):', '    match x:', '        case [p, *q]: return p', '        case {"k": r, **s}: return s'],
    );
  });

  it('tells programs apart that use their variables differently', () => {
    different(['def f(a, b): return a - b'], ['def f(a, b): return b - a']);
    different(['def f(a, b):', '    a = b', '    return a'], ['def f(a, b):', '    b = a', '    return a']);
    different(['def f(a): return [a for b in a]'], ['def f(a): return [b for b in a]']);
    different(['def f(n):', '    x = 1', '    return y'], ['def f(n):', '    x = 1', '    return x']);
  });

  it('tells values apart that only compare equal', () => {
    const values = [
      '1',
      '1.0',
      'True',
      "'1'",
      "b'1'",
      '1j',
      '-1',
      'None',
      '...',
      '0.1',
      "'\\ud800'",
      `0x${'f'.repeat(9000)}`,
    ];
    expect(new Set(values.map((value) => hash(`def f(): return ${value}`))).size).toBe(values.length);
  });

  it('tells structures apart that hold the same', () => {
    different(['def f(n): return [[n], n]'], ['def f(n): return [[n, n]]']);
    different(['def f(n): return n.a'], ['def f(n): return n.b']);
    different(['if x:', '    y', '    z'], ['if x:', '    y', 'z']);
    different(['def f(n): return min(n)'], ['def f(n): return max(n)']);
    different(['def f(n): return f"{n}"'], ['def f(n): return f"{n!r}"']);
  });

  it('keeps names that mean something outside', () => {
    different(['def f(n): return n'], ['def g(n): return n']); // the entry
    different(['def f(n): return len(n)'], ['def f(n):', '    return sum(n)']); // builtins
    different(
      ['from math import sin as g', 'def f(n): return g(n)'],
      ['from math import cos as g', 'def f(n): return g(n)'],
    );
    different(['def f(n, *, key): return n'], ['def f(n, *, yek): return n']); // only ever given by name
  });

  it('keeps parameters that a call names, because swapping them would swap what they get', () => {
    different(
      ['def g(a, b): return a - b', 'def f(n): return g(a=n, b=1)'],
      ['def g(b, a): return b - a', 'def f(n): return g(a=n, b=1)'],
    );
    different(
      ['def g(a, b): return a - b', 'def f(n): return g(**n)'],
      ['def g(b, a): return b - a', 'def f(n): return g(**n)'],
    );
  });

  it('keeps members of classes, because attributes name them', () => {
    different(
      ['class A:', '    x = 1', '    y = 2', 'def f(): return A.x'],
      ['class A:', '    y = 1', '    x = 2', 'def f(): return A.x'],
    );
  });

  it('does not confuse a variable with a builtin of the same name', () => {
    different(
      ['def g(len): return len', 'def f(n): return len(g(n))'],
      ['def g(x): return x', 'def f(n): return x(g(n))'],
    );
  });
});

describe('hostile programs', () => {
  it('raise what ast.parse raises', () => {
    expect(() => measure('def f(:')).toThrow('SyntaxError');
    expect(() => measure('x = "\0"')).toThrow(/SyntaxError|ValueError/);
  });

  it('are measured within a blink', () => {
    // Trees deeper than a few thousand nodes end the interpreter in ast.parse itself; the Executor sees that as a crash.
    const long = [
      `x = ${'1+'.repeat(1000)}1`,
      `x = y${'.z'.repeat(1000)}`,
      `x = ${'not '.repeat(1000)}y`,
      `x = ${'1 if 1 else '.repeat(1000)}0`,
      `x = ${'lambda:'.repeat(1000)}0`,
      `x = ${'['.repeat(150)}${']'.repeat(150)}`,
      `x = ${'a and (b or '.repeat(90)}1${')'.repeat(90)}`,
      `x = ${Array(1500).fill('(a or b)').join(' and ')}`,
      `if a: pass\n${'elif b: pass\n'.repeat(500)}`,
      Array.from({ length: 90 }, (_, depth) => `${' '.repeat(depth)}if a:`).join('\n') +
        `\n${' '.repeat(90)}pass`,
      'def f():\n def f():\n  pass\n'.repeat(600),
      `x = ${'0,'.repeat(9000)}`,
      '\n'.repeat(20_000),
    ];
    for (const source of long) {
      expect(source.length).toBeLessThanOrEqual(20_000);
      const start = performance.now();
      measure(source);
      expect(performance.now() - start, source.slice(0, 40)).toBeLessThan(2000);
    }
  });
});
