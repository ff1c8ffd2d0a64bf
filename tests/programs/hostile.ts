/**
 * @file Programs that do harm to whoever runs them carelessly, one of each kind, with the verdicts that are right for it: what a
 * soak mixes among good ones. Escapes have tests of their own (tests/browser/sandbox/attacks).
 */

import type { Verdict } from '../../src/sandbox/executor';

export interface Hostile {
  name: string;
  program: string;
  input: string;
  accept: Verdict[];
}

const hostile = (name: string, accept: Verdict[], program: string, input = '1'): Hostile => ({
  name,
  accept,
  program: `${program}\n`,
  input,
});

/** The statements, as the body of f. */
const body = (name: string, accept: Verdict[], statements: string, input?: string): Hostile =>
  hostile(name, accept, `def f(x):\n${statements.replace(/^(?=.)/gm, '    ')}\n    return x`, input);

const timeout: Verdict[] = ['timeout'];
const tooMuch: Verdict[] = ['memory', 'timeout', 'crash'];
const refused: Verdict[] = ['banned', 'error'];
const deep: Verdict[] = ['error', 'crash'];
const wavering: Verdict[] = ['nondeterministic'];

const loops = [
  body('while True', timeout, 'while True:\n    pass'),
  body(
    'a loop that catches everything',
    timeout,
    'while True:\n    try:\n        x += 1\n    except:\n        pass',
  ),
  body('a loop in finally', timeout, 'try:\n    1 / 0\nfinally:\n    while True:\n        x = -x'),
  body(
    'a generator without end',
    timeout,
    'def g():\n    while True:\n        yield 1\nfor y in g():\n    x += y',
  ),
  body('sum of a generator without end', timeout, 'def g():\n    while True:\n        yield 1\nx = sum(g())'),
  body('a list that grows as it is read', tooMuch, 'xs = [1]\nfor y in xs:\n    xs.append(y)'),
  body(
    'itertools.count',
    timeout,
    'from itertools import count\nfor y in count():\n    if y < 0:\n        break',
  ),
  body('all of cycle', timeout, 'from itertools import cycle\nx = all(cycle([1]))'),
  body('a loop nested ten times', timeout, `${nested(10)}x += 1`),
  hostile('a loop at import time', timeout, 'while True:\n    pass\ndef f(x):\n    return x'),
  hostile(
    'mutual recursion that returns',
    timeout,
    'def f(x):\n    while x:\n        x = g(x)\ndef g(x):\n    return x + 1',
  ),
  hostile(
    'Ackermann',
    ['timeout', 'error', 'crash'],
    'def f(m, n):\n    return n + 1 if m == 0 else f(m - 1, 1) if n == 0 else f(m - 1, f(m, n - 1))',
    '4, 2',
  ),
];

const inC = [
  body('a huge power', ['timeout', 'memory', 'crash', 'too-long'], 'x = 7 ** 7 ** 8'),
  body(
    'a huge factorial',
    ['timeout', 'memory', 'crash', 'too-long'],
    'import math\nx = math.factorial(2_000_000)',
  ),
  body('a regular expression that backtracks', timeout, "import re\nx = re.match(r'(a+)+$', 'a' * 60 + 'b')"),
  body('max of a huge range', timeout, 'x = max(range(10 ** 12))'),
  body('in a huge range of floats', timeout, 'x = 0.5 in range(10 ** 12)'),
  body('list of itertools.repeat', tooMuch, 'from itertools import repeat\nx = list(repeat(0))'),
  body(
    'permutations counted',
    ['timeout', 'memory'],
    'from itertools import permutations\nx = len(list(permutations(range(12))))',
  ),
  body(
    'a product of ranges',
    ['timeout', 'memory'],
    'from itertools import product\nx = sum(1 for _ in product(range(10), repeat=9))',
  ),
];

const memory = [
  body('a list doubled', tooMuch, 'xs = [0]\nwhile True:\n    xs = xs + xs'),
  body('a string doubled', tooMuch, "s = 'ab'\nwhile True:\n    s += s"),
  body('ten billion zeros', [...tooMuch, 'error'], 'x = [0] * 10 ** 10'),
  body('a gigabyte of bytes', tooMuch, 'x = len(bytearray(2 ** 30))'),
  body('a width of a billion', ['memory', 'error', 'timeout', 'crash'], "x = f'{x:>1000000000}'"),
  body('a dictionary without end', tooMuch, "d = {}\nwhile True:\n    d[len(d)] = 'x' * 1000"),
  body(
    'kept in a global',
    tooMuch,
    'global kept\nkept = []\nwhile True:\n    kept.append(bytearray(100_000))',
  ),
];

const depth = [
  hostile('recursion without end', deep, 'def f(x):\n    return f(x + 1)'),
  hostile(
    'recursion that catches',
    ['error', 'crash', 'timeout'],
    'def f(x):\n    try:\n        return f(x + 1)\n    except RecursionError:\n        return f(x)',
  ),
  hostile('recursion through sorted', deep, 'def f(x):\n    return sorted([1, 2], key=lambda y: f(x))'),
  hostile(
    'recursion through __eq__',
    deep,
    'class C:\n    def __eq__(self, other):\n        return [self] == [other]\ndef f(x):\n    return C() == C()',
  ),
  hostile(
    'recursion through repr',
    ['error', 'crash', 'too-long'],
    'class C:\n    def __repr__(self):\n        return repr([self])\ndef f(x):\n    return repr(C())',
  ),
  body(
    'a list a hundred thousand deep',
    ['too-long', 'error', 'crash'],
    'x = []\nfor _ in range(50_000):\n    x = [x]',
  ),
  body('a list in itself', ['too-long', 'unsupported-value', 'error'], 'x = []\nx.append(x)'),
  body(
    'a tower of iterators',
    ['unsupported-value', 'error', 'crash'],
    'x = iter([1])\nfor _ in range(30_000):\n    x = map(abs, x)\nnext(x)',
  ),
  hostile(
    'source nested too deeply',
    ['syntax', 'error', 'crash'],
    `def f(x):\n    return ${'('.repeat(300)}x${')'.repeat(300)}`,
  ),
];

const floods = [
  body('a million characters', ['too-long'], "x = 'a' * 1_000_000"),
  body('a million numbers', ['too-long'], 'x = list(range(1_000_000))'),
  body('a number of ten thousand digits', ['too-long'], 'x = 10 ** 10_000'),
  hostile(
    'an exception with a megabyte of text',
    ['error'],
    "def f(x):\n    raise ValueError('x' * 1_000_000)",
  ),
];

const wayward = [
  body('random', ['banned', 'error', 'nondeterministic'], 'import random\nx = random.random()'),
  body('time', ['banned', 'error', 'nondeterministic'], 'import time\nx = time.time()'),
  body('id', wavering, 'x = id(object())'),
  body('the hash of a string', wavering, "x = hash('zeroloop')"),
  body(
    'the order of a set',
    wavering,
    "x = list({'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l'})",
  ),
  hostile(
    'state between calls',
    wavering,
    'calls = []\ndef f(x):\n    calls.append(x)\n    return len(calls)',
  ),
  hostile(
    'a default that remembers',
    wavering,
    'def f(x, seen=[]):\n    seen.append(x)\n    return list(seen)',
  ),
];

const trespass = [
  body('os', refused, 'import os\nos.abort()'),
  body('sys', refused, 'import sys\nsys.setrecursionlimit(10 ** 9)'),
  body('ctypes', refused, 'import ctypes\nctypes.string_at(0)'),
  body('open', refused, "x = open('/etc/passwd').read()"),
  body('eval', refused, 'x = eval(\'__import__("os")\')'),
  body('subclasses', refused, 'x = len(().__class__.__base__.__subclasses__())'),
  body('changing math', refused, 'import math\nmath.sqrt = lambda y: 0'),
  body('changing builtins', refused, "__builtins__['len'] = lambda y: 0"),
  // It changes a Counter that is put back before the next program.
  body('changing Counter', [...refused, 'ok'], 'from collections import Counter\nCounter.update = None'),
];

function nested(levels: number): string {
  return (
    Array.from({ length: levels }, (_, i) => `${' '.repeat(4 * i)}for i${i} in range(9):\n`).join('') +
    ' '.repeat(4 * levels)
  );
}

export const hostilePrograms: Hostile[] = [
  ...loops,
  ...inC,
  ...memory,
  ...depth,
  ...floods,
  ...wayward,
  ...trespass,
];
