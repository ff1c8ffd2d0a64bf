/**
 * Traces: that a program told of does what it does untold (on the programs of tests/golden/measures, answered by CPython),
 * what is told of small ones, and that telling has bounds.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Trace, TraceStep } from '../../../src/sandbox/executor';
import { openPython, type Python } from './interpreter';

let python: Python;
beforeAll(async () => {
  python = await openPython();
});

interface Bounds {
  steps?: number;
  characters?: number;
}

/** `input` is the text of an argument list, as an Executor gets it. */
function trace(source: string, input: string, { steps = 1000, characters = 60 }: Bounds = {}): Trace {
  const call = `eval(${JSON.stringify(`(lambda *a, **k: repr((a, k)))(${input})`)})`;
  const namespace = "{'__builtins__': vars(__import__('builtins')), '__name__': 'program'}";
  const names = { source, steps, characters };
  return JSON.parse(python(`trace.trace(source, ${call}, steps, characters, ${namespace})`, names) as string);
}

/** A step in a line of text, indented by its depth. */
function told(step: TraceStep): string {
  const say = () => {
    switch (step.kind) {
      case 'call':
        return `call ${step.name}(${step.arguments.map(([name, value]) => `${name}=${value}`).join(', ')})`;
      case 'operation':
        return `${step.operator} [${step.operands.join(' | ')}] -> ${step.value}`;
      case 'assign':
        return `${step.target} = ${step.value}`;
      case 'test':
        return `test ${step.value ? 'True' : 'False'}`;
      case 'iterate':
        return `${step.target} pass ${step.pass}: ${step.value} of ${step.remaining?.join(' ') ?? '?'}`;
      case 'exhausted':
        return `${step.target} exhausted after ${step.passes}`;
      default:
        return `${step.kind} ${step.value}`;
    }
  };
  return `${'  '.repeat(step.depth)}${step.line}: ${say()}`;
}

/** The steps between the call of f and the end. */
function inside(source: string, input: string, bounds?: Bounds): string[] {
  const lines = trace(source, input, bounds).steps.map(told);
  expect(lines[0]).toMatch(/call f\(/);
  return lines.slice(1);
}

describe('what is told', () => {
  it('of a loop that adds up', () => {
    const source =
      'def f(xs):\n    total = 0\n    for x in xs:\n        total = total + x * 2\n    return total\n';
    const traced = trace(source, '[3, 4]');
    expect(traced).toMatchObject({ verdict: 'ok', output: '14', complete: true });
    expect(traced.steps.map(told)).toEqual([
      '1: call f(xs=[3, 4])',
      '2: total = 0',
      '3: x pass 1: 3 of 3 4',
      '4: * [3 | 2] -> 6',
      '4: + [0 | 6] -> 6',
      '4: total = 6',
      '3: x pass 2: 4 of 4',
      '4: * [4 | 2] -> 8',
      '4: + [6 | 8] -> 14',
      '4: total = 14',
      '3: x exhausted after 2',
      '5: return 14',
    ]);
  });

  it('of a choice in a loop', () => {
    const source =
      'def f(s):\n    n = 0\n    for c in s:\n        if c == "a":\n            n += 1\n        else:\n            n -= 1\n    return n\n';
    expect(inside(source, "'ab'")).toEqual([
      '2: n = 0',
      "3: c pass 1: 'a' of 'a' 'b'",
      "4: == ['a' | 'a'] -> True",
      '4: test True',
      '5: + [0 | 1] -> 1',
      '5: n = 1',
      "3: c pass 2: 'b' of 'b'",
      "4: == ['b' | 'a'] -> False",
      '4: test False',
      '7: - [1 | 1] -> 0',
      '7: n = 0',
      '3: c exhausted after 2',
      '8: return 0',
    ]);
  });

  it('of builtins', () => {
    const source =
      'import math\ndef f(xs):\n    return max(xs) + math.gcd(4, 6) + len(sorted(xs, reverse=True))\n';
    expect(inside(source, '[3, 9]')).toEqual([
      '3: max [[3, 9]] -> 9',
      '3: math.gcd [4 | 6] -> 2',
      '3: + [9 | 2] -> 11',
      '3: sorted [[3, 9] | reverse=True] -> [9, 3]',
      '3: len [[9, 3]] -> 2',
      '3: + [11 | 2] -> 13',
      '3: return 13',
    ]);
  });

  it('of calls, one level deeper each', () => {
    const source = 'def g(n):\n    return 1 if n < 2 else n * g(n - 1)\ndef f(n):\n    return g(n)\n';
    expect(inside(source, '2')).toEqual([
      '  1: call g(n=2)',
      '  2: < [2 | 2] -> False',
      '  2: test False',
      '  2: - [2 | 1] -> 1',
      '    1: call g(n=1)',
      '    2: < [1 | 2] -> True',
      '    2: test True',
      '    2: return 1',
      '  2: * [2 | 1] -> 2',
      '  2: return 2',
      '4: return 2',
    ]);
    expect(inside('def f(xs):\n    return sorted(xs, key=lambda x: -x)\n', '[1, 2]')).toEqual([
      '  2: call <lambda>(x=1)',
      '  2: - [1] -> -1',
      '  2: return -1',
      '  2: call <lambda>(x=2)',
      '  2: - [2] -> -2',
      '  2: return -2',
      '2: sorted [[1, 2] | key=<function>] -> [2, 1]',
      '2: return [2, 1]',
    ]);
  });

  it('of methods, with the receiver as it was', () => {
    const source = 'def f(s):\n    out = []\n    out.append(s.upper()[0])\n    return out\n';
    expect(inside(source, "'ab'")).toEqual([
      '2: out = []',
      "3: .upper ['ab'] -> 'AB'",
      "3: [] ['AB' | 0] -> 'A'",
      "3: .append [[] | 'A'] -> None",
      "4: return ['A']",
    ]);
  });

  it('of a while loop with break and else', () => {
    const source =
      'def f(n):\n    while n > 0:\n        if n == 2:\n            break\n        n -= 1\n    else:\n        return "else"\n    return n\n';
    expect(inside(source, '3').slice(-5)).toEqual([
      '2: > [2 | 0] -> True',
      '2: test True',
      '3: == [2 | 2] -> True',
      '3: test True',
      '8: return 2',
    ]);
    expect(inside(source, '0')).toEqual(['2: > [0 | 0] -> False', '2: test False', "7: return 'else'"]);
  });

  it('of swaps: one assignment for each target', () => {
    expect(inside('def f(a, b):\n    a, b = b, a\n    return a\n', '1, 2')).toEqual([
      '2: a = 2',
      '2: b = 1',
      '3: return 2',
    ]);
    expect(inside('def f(a):\n    a[0], a[1] = a[1], a[0]\n    return a\n', '[1, 2]')).toEqual([
      '2: [] [[1, 2] | 1] -> 2',
      '2: [] [[1, 2] | 0] -> 1',
      '2: a[0] = 2',
      '2: a[1] = 1',
      '3: return [2, 1]',
    ]);
  });

  it('of what is stored elsewhere than in names', () => {
    const source =
      'class A: pass\ndef f(d):\n    for k in d:\n        d[k] += 1\n    a = A()\n    a.x = d\n    return a.x\n';
    expect(inside(source, "{'k': 1}")).toEqual([
      "3: k pass 1: 'k' of 'k'",
      "4: [] [{'k': 1} | 'k'] -> 1",
      '4: + [1 | 1] -> 2',
      '4: d[k] = 2',
      '3: k exhausted after 1',
      '5: a = <A>',
      "6: a.x = {'k': 2}",
      "7: return {'k': 2}",
    ]);
  });

  it('of comparisons: only those that are made', () => {
    expect(inside('def f(n):\n    return 1 < n < len("abc")\n', '0')).toEqual([
      '2: < [1 | 0] -> False',
      '2: return False',
    ]);
    expect(inside('def f(n):\n    return 1 < n < len("abc")\n', '2')).toEqual([
      '2: < [1 | 2] -> True',
      "2: len ['abc'] -> 3",
      '2: < [2 | 3] -> True',
      '2: return True',
    ]);
  });

  it('of and, or and not: only what is looked at', () => {
    const source = 'def f(a, b):\n    return a > 0 and b > 0 or not a\n';
    expect(inside(source, '0, 1')).toEqual(['2: > [0 | 0] -> False', '2: not [0] -> True', '2: return True']);
  });

  it('of comprehensions and slices', () => {
    expect(inside('def f(xs):\n    return [x + 1 for x in xs[1:] if x]\n', '[9, 0, 5]')).toEqual([
      '2: [:] [[9, 0, 5] | 1 | None] -> [0, 5]',
      '2: x pass 1: 0 of 0 5',
      '2: test False',
      '2: x pass 2: 5 of 5',
      '2: test True',
      '2: + [5 | 1] -> 6',
      '2: x exhausted after 2',
      '2: return [6]',
    ]);
  });

  it('of exceptions: once, where they come from', () => {
    const source =
      'def g(n):\n    return 1 // n\ndef f(n):\n    try:\n        return g(n)\n    except ZeroDivisionError:\n        n = 5\n    raise ValueError(n)\n';
    const traced = trace(source, '0');
    expect(traced).toMatchObject({ verdict: 'error', reason: 'ValueError: 5', complete: true });
    expect(traced.steps.map(told).slice(1)).toEqual([
      '  1: call g(n=0)',
      '  2: raise ZeroDivisionError: division by zero',
      '7: n = 5',
      '8: raise ValueError: 5',
    ]);
  });

  it('of the items to come, where they can be known', () => {
    const coming = (over: string, input: string) =>
      trace(`def f(xs):\n    for t in ${over}:\n        pass\n`, input)
        .steps.flatMap((step) => (step.kind === 'iterate' ? [step.remaining?.join(' ') ?? '?'] : []))
        .join('; ');
    expect(coming('range(2)', '0')).toBe('0 1; 1');
    expect(coming('xs.items()', "{'a': 1, 'b': 2}")).toBe("('a', 1) ('b', 2); ('b', 2)");
    expect(coming('enumerate(xs, 5)', "'ab'")).toBe("(5, 'a') (6, 'b'); (6, 'b')");
    expect(coming('zip(xs, xs[1:])', '[1, 2, 3]')).toBe('(1, 2) (2, 3); (2, 3)');
    expect(coming('reversed(xs)', '[1, 2, 3]')).toBe('3 2 1; 2 1; 1');
    expect(coming('(x for x in [])', '0')).toBe('');
    expect(coming('iter(xs)', '[1]')).toBe('?');
    expect(coming('range(34)', '0').startsWith('?; ?; 2 3 4')).toBe(true);
  });

  it('of a list that changes under its loop', () => {
    const source =
      'def f(xs):\n    for x in xs:\n        if x == 1:\n            xs.append(7)\n    return xs\n';
    const passes = inside(source, '[1, 2]').filter((line) => line.includes('pass'));
    expect(passes).toEqual(['2: x pass 1: 1 of 1 2', '2: x pass 2: 2 of 2 7', '2: x pass 3: 7 of 7']);
  });
});

describe('a program that is told of', () => {
  interface Golden {
    source: string;
    input: string;
    answer: string;
  }
  const folder = join(import.meta.dirname, '../../golden/measures');
  const programs: Golden[] = JSON.parse(readFileSync(join(folder, 'programs.json'), 'utf8'));

  it.each([40, 100_000])('answers as CPython does, with %i steps', (steps) => {
    for (const { source, input, answer } of programs) {
      const traced = trace(source, input, { steps });
      const got = traced.verdict === 'ok' ? traced.output : /^\w+/.exec(traced.reason)?.[0];
      expect(got, source).toBe(answer);
      expect(traced.steps.length, source).toBeGreaterThan(0);
    }
  });

  const answer = (source: string, input = '') => {
    const traced = trace(source, input);
    return traced.verdict === 'ok' ? traced.output : traced.reason;
  };

  it('keeps the order of evaluation', () => {
    const source = `
def f():
    log = []
    def t(n):
        log.append(n)
        return n
    def box(n):
        log.append(n)
        return {2: 1, 3: 2}
    box(1)[t(2)] = t(3)
    box(4)[t(2)] += t(5)
    t(6) < t(7) < t(1) < t(8)
    max(t(9), *[t(10)], key=lambda n: t(11))
    {t(12): t(13) for _ in [t(14)]}
    return log
`;
    expect(answer(source)).toBe('[3, 1, 2, 4, 2, 5, 6, 7, 1, 9, 10, 11, 11, 14, 12, 13]');
  });

  it('keeps what scopes, generators and classes mean', () => {
    const source = `
class Base:
    def __init__(self): self.__x = 1
    def get(self): return self.__x
class A(Base):
    n, m = 1, 2
    ok = [1 < i < 9 for i in (n, m, 5)]
    def get(self): return super().get() + 1
    @property
    def p(self): return self.get()
    @staticmethod
    def s(a=1 + 1): return a
def numbers():
    got = yield 1
    try:
        yield got + 1
    finally:
        yield 'end'
total = 0
def f():
    global total
    total += 5
    g = numbers()
    seen = [next(g), g.send(9), [i for i in [1, 2] if (last := i)], last]
    try:
        g.throw(KeyError)
    except RuntimeError:
        pass
    k = lambda *a, b=2, **c: (a, b, c)
    return A().p, A.s(), A.ok, seen, total, k(1, c=3), f.__name__, f'{total + 1!r:>4}'
`;
    expect(answer(source)).toBe(
      "(2, 2, [False, True, True], [1, 10, [1, 2], 2], 5, ((1,), 2, {'c': 3}), 'f', '   6')",
    );
  });

  it('raises what it raises', () => {
    expect(answer('def f():\n    return x\n')).toBe("NameError: name 'x' is not defined");
    expect(answer('def f():\n    x += 1\n')).toMatch('UnboundLocalError');
    expect(answer('def f():\n    return f()\n')).toMatch('RecursionError');
    expect(answer('def f():\n    a, b = 1,\n')).toBe(
      'ValueError: not enough values to unpack (expected 2, got 1)',
    );
    expect(answer('def f():\n    for i in 3: pass\n')).toBe("TypeError: 'int' object is not iterable");
    expect(answer('x = 1\n')).toBe("NameError: name 'f' is not defined");
    expect(answer('def f(:\n')).toMatch('SyntaxError');
    expect(answer('class E(Exception):\n    def __str__(self): return 1 / 0\ndef f(): raise E("no")\n')).toBe(
      'E: no',
    );
  });

  it('recurses as deep as it could', () => {
    expect(answer('def f(n):\n    return n and 1 + f(n - 1)\n', '900')).toBe('900');
  });

  it('runs untold where it cannot be told of', () => {
    expect(answer('async def g(x):\n    return [y async for y in x]\ndef f(): return 1\n')).toBe('1');
    expect(answer(`def f(): return ${'1+'.repeat(500)}1\n`)).toBe('501');
  });

  it('is handed to its caller before it runs, and cannot catch what its caller raises', () => {
    const names =
      "{'__builtins__': {**vars(__import__('builtins')), 'Stop': type('Stop', (BaseException,), {})}}";
    const run = (raised: string) => {
      const source = `def f():\n    try:\n        raise ${raised}\n    except Exception:\n        return 1\n`;
      const call = `trace.trace(source, '((), {})', 9, 9, ${names}, codes.append)`;
      return python(call, { source });
    };
    python('globals().update(codes=[])');
    expect(() => run('Stop')).toThrow('Stop');
    expect(() => run('KeyboardInterrupt')).toThrow('KeyboardInterrupt');
    expect(run('ValueError')).toMatch('"ok"');
    expect(python('[type(code).__name__ for code in codes] == ["code"] * 3')).toBe(true);
  });

  it('reports that memory ran out', () => {
    expect(trace('def f(): raise MemoryError\n', '').verdict).toBe('memory');
  });
});

describe('the bounds', () => {
  const quick = (source: string, input: string, bounds: Bounds) => {
    const start = performance.now();
    const traced = trace(source, input, bounds);
    expect(performance.now() - start).toBeLessThan(2000);
    return traced;
  };

  it('cut the steps, and the program goes on', () => {
    const source = 'def f(n):\n    t = 0\n    for i in range(n):\n        t += i\n    return t\n';
    const traced = quick(source, '100000', { steps: 50 });
    expect(traced).toMatchObject({ verdict: 'ok', output: '4999950000', complete: false });
    expect(traced.steps.length).toBe(50);
    const { steps } = trace(source, '3');
    expect(trace(source, '3', { steps: steps.length })).toMatchObject({ complete: true, steps });
    expect(trace(source, '3', { steps: steps.length - 1 }).complete).toBe(false);
    expect(trace(source, '3', { steps: 0 })).toMatchObject({ output: '3', complete: false, steps: [] });
  });

  it('cut long values', () => {
    const source = 'def f(n):\n    xs = [n] * n\n    s = "ab" * n\n    d = {n: xs}\n    return len(xs)\n';
    const assigned = quick(source, '1000000', { characters: 20 }).steps.filter(
      (step) => step.kind === 'assign',
    );
    expect(assigned.map((step) => step.value)).toEqual([
      '[1000000, 1000000, …',
      "'ababababababababab…",
      '{1000000: [1000000,…',
    ]);
  });

  it('end values that hold themselves, and numbers too long to write', () => {
    const returned = (body: string) => inside(`def f():\n    ${body}\n`, '').at(-1);
    expect(returned('x = [1]; x.append(x); return x')).toBe('2: return [1, [...]]');
    expect(returned('x = {}; x[0] = x; return x')).toBe('2: return {0: {...}}');
    expect(returned('return 7 ** 9999')).toBe('2: return <int>');
    expect(returned('return (), (1,), set(), {1}, {1: 2}, frozenset([2])')).toBe(
      '2: return ((), (1,), set(), {1}, {1: 2}, frozenset({2}))',
    );
    expect(returned('return range(3), b"", 1j, 0.5, None, ...')).toBe(
      "2: return (range(0, 3), b'', 1j, 0.5, None, Ellipsis)",
    );
  });

  it('show no object by its own code', () => {
    const source =
      'class A:\n    def __repr__(self): raise KeyError\ndef f():\n    a = [A()]\n    return int, a\n';
    expect(inside(source, '')).toEqual(['4: a = [<A>]', '5: return (int, [<A>])']);
  });
});
