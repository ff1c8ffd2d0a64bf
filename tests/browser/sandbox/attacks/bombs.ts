/**
 * @file Programs that use up something: steps, time in C, memory, the stack, the output. The verdict says what; the next program must
 * not notice.
 */
import type { Verdict } from '../../../../src/sandbox/executor';
import { banned, blocked, body, family, notData, orHarmless, program, stopped } from './attack';

const timeout: Verdict[] = ['timeout'];
/** In C, where an interrupt may come too late: then the interpreter goes, or memory does first. */
const slow: Verdict[] = ['timeout', 'memory', 'error', 'crash'];
const memory: Verdict[] = ['memory', 'error', 'timeout', 'crash'];
/** Python refuses it by itself, sooner or later. */
const deep: Verdict[] = ['error', 'crash', 'timeout', 'memory', 'unsupported-value', 'too-long', 'syntax'];
const loops = { hangs: true };

export const bombs = family('bombs', [
  // Loops
  body('while True', timeout, `while True: pass`, loops),
  body(
    'a loop that catches everything',
    [...timeout, 'banned'],
    `while True:\n    try:\n        while True: pass\n    except: pass`,
    loops,
  ),
  body(
    'a loop that catches BaseException',
    [...timeout, 'banned'],
    `while True:\n    try:\n        while True: pass\n    except BaseException: pass`,
    loops,
  ),
  body(
    'a loop that catches by a computed class',
    [...timeout, ...blocked],
    `kind = Exception.mro()[1]\nwhile True:\n    try:\n        while True: pass\n    except kind: pass`,
    loops,
  ),
  body(
    'a loop that catches by a class of its own',
    [...timeout, ...blocked],
    `while True:\n    try:\n        while True: pass\n    except (Exception, KeyboardInterrupt): pass`,
    loops,
  ),
  body(
    'a loop in finally',
    [...timeout, 'banned'],
    `try:\n    while True: pass\nfinally:\n    while True: pass`,
    loops,
  ),
  body(
    'return in finally in a loop',
    [...timeout, 'banned'],
    `while True:\n    try:\n        while True: pass\n    finally:\n        continue`,
    loops,
  ),
  body(
    'a loop in except',
    [...timeout, 'banned'],
    `try:\n    1 / 0\nexcept Exception:\n    while True: pass`,
    loops,
  ),
  program(
    'a context manager that swallows',
    [...timeout, 'banned'],
    `class C:\n    def __enter__(self): pass\n    def __exit__(self, *a): return True\ndef f(x):\n    while True:\n        with C():\n            while True: pass`,
    loops,
  ),
  body(
    'contextlib.suppress',
    [...timeout, 'banned', 'error'],
    `import contextlib\nwhile True:\n    with contextlib.suppress(BaseException):\n        while True: pass`,
    loops,
  ),
  program(
    'a generator that swallows',
    [...timeout, 'banned'],
    `def g():\n    while True:\n        try:\n            yield 1\n        except: pass\ndef f(x):\n    return sum(g())`,
    loops,
  ),
  program(
    'a loop in __del__',
    [...timeout, 'banned', 'ok'],
    `class C:\n    def __del__(self):\n        while True: pass\ndef f(x):\n    C()\n    return x`,
    {
      output: '1',
      hangs: true,
    },
  ),
  program('a loop at import time', timeout, `while True: pass\ndef f(x):\n    return x`, loops),
  program(
    'a loop in a decorator',
    timeout,
    `def d(g):\n    while True: pass\n@d\ndef f(x):\n    return x`,
    loops,
  ),
  program('a loop in a default', timeout, `def f(x, y=[i for i in iter(int, 1)]):\n    return x`, loops),
  program(
    'recursion and a loop',
    timeout,
    `def g():\n    while True: pass\ndef h(n):\n    return g() if n == 0 else h(n - 1)\ndef f(x):\n    return h(100)`,
    loops,
  ),
  program(
    'two functions for ever',
    ['error', 'timeout', 'crash'],
    `def g(x):\n    return f(x)\ndef f(x):\n    return g(x)`,
  ),
  program('fibonacci by recursion', timeout, `def f(x):\n    return x if x < 2 else f(x - 1) + f(x - 2)`, {
    inputs: ['60'],
    hangs: true,
  }),
  program(
    'Ackermann',
    ['timeout', 'error', 'crash'],
    `def a(m, n):\n    return n + 1 if m == 0 else a(m - 1, 1) if n == 0 else a(m - 1, a(m, n - 1))\ndef f(x):\n    return a(4, 2)`,
    loops,
  ),
  program(
    'permutations',
    slow,
    `import itertools\ndef f(x):\n    return sum(1 for _ in itertools.permutations(range(15)))`,
    loops,
  ),
  body(
    'a for loop that feeds itself',
    [...slow, 'too-long'],
    `xs = [1]\nfor y in xs:\n    xs.append(y)`,
    loops,
  ),

  // Time in C
  body('sum(range(10**12))', slow, `sum(range(10**12))`, loops),
  body('max(range(10**10))', slow, `max(range(10**10))`, loops),
  body('x in range by equality', slow, `0.5 in range(10**11)`, loops),
  body('sum of itertools.count', slow, `import itertools\nsum(itertools.count())`, loops),
  body('max of itertools.cycle', slow, `import itertools\nmax(itertools.cycle([1]))`, loops),
  body(
    'a deque of itertools.repeat',
    slow,
    `import itertools, collections\ncollections.deque(itertools.repeat(1), maxlen=0)`,
    loops,
  ),
  body('a set of itertools.repeat', slow, `import itertools\nset(itertools.repeat(1))`, loops),
  body('any of iter', slow, `any(iter(int, 1))`, loops),
  body('unpacking without end', slow, `import itertools\na, *b = itertools.count()`, loops),
  body('10**10**8', slow, `10**10**8`, loops),
  body('pow', slow, `pow(3, 10**8)`, loops),
  body('a shift', slow, `1 << 10**12`),
  body('a long product', slow, `(1 << 10**8) * (3 << 10**8) // 7`, loops),
  body('a factorial', slow, `import math\nmath.factorial(10**7)`, loops),
  body('a binomial', slow, `import math\nmath.comb(10**8, 5 * 10**7)`, loops),
  body('an integer square root', slow, `import math\nmath.isqrt(3 ** (10**7))`, loops),
  body('str of a huge integer', ['error', 'timeout', 'memory'], `str(10**5000)`),
  program(
    'a huge integer as a result',
    ['error', 'too-long', 'unsupported-value'],
    `def f(x):\n    return 10**5000`,
  ),
  program(
    'fibonacci of huge integers',
    ['timeout', 'too-long', 'error', 'memory'],
    `def f(x):\n    a, b = 1, 10**4000\n    for i in range(90000):\n        a, b = b, a + b\n    return a`,
    loops,
  ),
  body('a regular expression', slow, `import re\nre.match(r'(a+)+$', 'a' * 40 + 'b')`, loops),
  body(
    'a regular expression that grows',
    stopped,
    `import re\nre.compile('(?:' * 2000 + 'a' + '){1,9}' * 2000)`,
  ),
  body(
    'Decimal',
    [...slow, 'banned'],
    `import decimal\ndecimal.getcontext().prec = 10**7\ndecimal.Decimal(2).sqrt()`,
    loops,
  ),
  body(
    'Decimal powers',
    [...slow, 'banned'],
    `from decimal import Decimal, getcontext\ngetcontext().prec = 10**6\nDecimal(7) ** Decimal('123456.789')`,
    loops,
  ),
  body(
    'Fraction',
    [...slow, 'banned'],
    `from fractions import Fraction\ny = Fraction(1, 3)\nfor i in range(40):\n    y = y * y + 1`,
    loops,
  ),
  body(
    'Fraction of a huge exponent',
    [...slow, 'banned'],
    `from fractions import Fraction\nFraction('1e100000000')`,
    loops,
  ),
  program(
    'a slow sort key',
    timeout,
    `def key(n):\n    for i in range(10**6): pass\n    return n\ndef f(x):\n    return sorted(range(1000), key=key)[0]`,
    loops,
  ),
  program(
    'a slow comparison',
    timeout,
    `class C:\n    def __lt__(self, other):\n        while True: pass\ndef f(x):\n    sorted([C(), C()])\n    return x`,
    loops,
  ),
  program(
    'a slow hash',
    timeout,
    `class C:\n    def __hash__(self):\n        while True: pass\ndef f(x):\n    {C()}\n    return x`,
    loops,
  ),
  body('colliding hashes', [...slow, 'ok'], `{i * (2**61 - 1): i for i in range(40000)}\nx = 1`, {
    output: '1',
    hangs: true,
  }),
  body('text.count', orHarmless(slow), `('a' * 10**7).count('a' * 4999 + 'b')`, { output: '1' }),
  body('time.sleep', banned, `import time\ntime.sleep(60)`, loops),
  body(
    'Atomics.wait',
    banned,
    `import js\njs.eval('Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)')`,
    loops,
  ),

  // Memory
  body("'a' * 10**10", memory, `'a' * 10**10`),
  body("'a' * 10**9", memory, `'a' * 10**9`),
  body('[0] * 10**9', memory, `[0] * 10**9`),
  body('bytearray', memory, `bytearray(2 * 10**9)`),
  body('a list of a range', memory, `list(range(10**9))`, loops),
  body('a huge set', memory, `set(range(10**8))`, loops),
  body('a huge sorted list', memory, `sorted(range(10**8, 0, -1))`, loops),
  body('text doubled', memory, `y = 'ab'\nwhile True:\n    y += y`),
  body('a list doubled', memory, `y = [0]\nwhile True:\n    y += y`),
  body(
    'nested lists doubled',
    memory,
    `y = [0]\nfor i in range(60):\n    y = [list(y), list(y)]\n    y = y + [y] * 10**6`,
  ),
  body(
    'a growing dictionary',
    [...memory, 'too-long'],
    `d = {}\ni = 0\nwhile True:\n    d[i] = [i] * 100\n    i += 1`,
  ),
  body(
    'memory that is kept after an exception',
    orHarmless(memory),
    `try:\n    y = []\n    while True:\n        y.append('a' * 10**6)\nexcept MemoryError:\n    x = 1`,
    { output: '1' },
  ),
  body('join', memory, `','.join(['a' * 10**6] * 10**4)`),
  body('replace', memory, `('a' * 10**6).replace('a', 'b' * 10**6)`),
  body('format width', memory, `f'{x:>10000000000}'`),
  body('percent width', memory, `'%2000000000d' % x`),
  body('ljust', memory, `'a'.ljust(2 * 10**9)`),
  body('combinations', memory, `import itertools\nlist(itertools.product(range(1000), repeat=3))`, loops),
  body(
    'a cache without bound',
    [...memory, 'too-long'],
    `import functools\ng = functools.lru_cache(None)(lambda n: 'a' * 10**5 + str(n))\nfor i in range(10**5):\n    g(i)`,
  ),
  body('a huge translation', memory, `''.join(map(chr, range(1114112))) * 1000`),
  body(
    'tee',
    [...memory, 'timeout'],
    `import itertools\na, b = itertools.tee(itertools.count())\nsum(a)`,
    loops,
  ),

  // Output
  body('a flood of print', [...timeout, ...blocked, 'memory'], `while True:\n    print('a' * 10000)`, loops),
  body('one long print', orHarmless([...blocked, 'memory']), `print('a' * 10**7)`, { output: '1' }),
  program('a long text', ['too-long'], `def f(x):\n    return 'a' * 10**6`),
  program('a long list', ['too-long'], `def f(x):\n    return list(range(10**5))`),
  program(
    'a hundred million laughs',
    ['too-long', 'unsupported-value', 'timeout'],
    `def f(x):\n    y = ['ha'] * 10\n    for i in range(20):\n        y = [y] * 10\n    return y`,
  ),
  program(
    'laughs in a dictionary',
    ['too-long', 'unsupported-value', 'timeout'],
    `def f(x):\n    y = {}\n    for i in range(30):\n        y = {j: y for j in range(10)}\n    return y`,
  ),
  program(
    'laughs in tuples as a key',
    ['too-long', 'unsupported-value', 'timeout'],
    `def f(x):\n    y = ()\n    for i in range(30):\n        y = (y, y)\n    return {1: y}`,
  ),
  program('a long error', blocked, `def f(x):\n    return {}['a' * 10**7]`),

  // The stack
  program('recursion', ['error', 'crash'], `def f(x):\n    return f(x + 1)`),
  program(
    'recursion through __repr__',
    deep.concat('banned'),
    `class C:\n    def __repr__(self):\n        return repr(self)\ndef f(x):\n    return repr(C())`,
  ),
  program(
    'recursion through __getattr__',
    deep.concat('banned'),
    `class C:\n    def __getattr__(self, name):\n        return getattr(self, name)\ndef f(x):\n    return C().a`,
  ),
  program(
    'recursion through a sort key',
    deep,
    `def g(n):\n    return sorted([n], key=g)\ndef f(x):\n    return g(x)`,
  ),
  program(
    'recursion through map',
    deep,
    `def g(n):\n    return list(map(g, [n]))\ndef f(x):\n    return g(x)`,
  ),
  program(
    'recursion through reduce',
    deep,
    `import functools\ndef g(a, b):\n    return functools.reduce(g, [a, b])\ndef f(x):\n    return g(x, x)`,
  ),
  program(
    'recursion through re.sub',
    deep,
    `import re\ndef g(m):\n    return re.sub('a', g, 'a')\ndef f(x):\n    return g(x)`,
  ),
  body(
    'a chain of partials',
    orHarmless(deep),
    `import functools\ng = lambda: 1\nfor i in range(20000):\n    g = functools.partial(functools.partial, g)\n    g.__class__ if i < 0 else None\nx = 1`.replace(
      '    g.__class__ if i < 0 else None\n',
      '',
    ),
    { output: '1' },
  ),
  body(
    'a chain of maps',
    orHarmless(deep),
    `y = [1]\nfor i in range(20000):\n    y = map(abs, y)\nx = list(y)[0]`,
    { output: '1' },
  ),
  body(
    'a chain of chains',
    orHarmless(deep),
    `import itertools\ny = [1]\nfor i in range(20000):\n    y = itertools.chain(y)\nx = list(y)[0]`,
    { output: '1' },
  ),
  body(
    'a chain of generators',
    orHarmless(deep),
    `y = iter([1])\nfor i in range(20000):\n    y = (v for v in y)\nx = list(y)[0]`,
    { output: '1' },
  ),
  program(
    'a deep list',
    deep,
    `def f(x):\n    y = []\n    for i in range(90000):\n        y = [y]\n    return y`,
  ),
  program(
    'a deep dictionary',
    deep,
    `def f(x):\n    y = {}\n    for i in range(90000):\n        y = {1: y}\n    return y`,
  ),
  program(
    'a deep tuple',
    deep,
    `def f(x):\n    y = ()\n    for i in range(90000):\n        y = (y,)\n    return y`,
  ),
  body(
    'a deep list that is dropped',
    orHarmless(deep),
    `y = []\nfor i in range(90000):\n    y = [y]\ndel y`,
    { output: '1' },
  ),
  body('repr of a deep list', deep, `y = []\nfor i in range(90000):\n    y = [y]\nrepr(y)`),
  body('equality of deep lists', deep, `y, z = [], []\nfor i in range(40000):\n    y, z = [y], [z]\ny == z`),
  body('the hash of a deep tuple', deep, `y = ()\nfor i in range(90000):\n    y = (y,)\nhash(y)`),
  body(
    'a deep chain of instances',
    orHarmless(deep),
    `class N:\n    pass\ny = None\nfor i in range(90000):\n    n = N(); n.next = y; y = n\ndel y, n`,
    { output: '1' },
  ),
  program('deep parentheses', deep, `def f(x):\n    return ${'('.repeat(3000)}x${')'.repeat(3000)}`),
  program('deep brackets', deep, `def f(x):\n    return ${'['.repeat(3000)}x${']'.repeat(3000)}`),
  program('deep minus signs', orHarmless(deep), `def f(x):\n    return ${'-'.repeat(5000)}x`, {
    output: '1',
  }),
  program('a long sum', orHarmless(deep), `def f(x):\n    return ${Array(4000).fill('x').join(' + ')}`, {
    output: '4000',
  }),
  program(
    'a long chain of attributes',
    deep.concat('banned'),
    `def f(x):\n    return x${'.real'.repeat(3000)}.a`,
  ),
  program('deep ifs', deep, Array.from({ length: 150 }, (_, i) => `${' '.repeat(i)}if 1:`).join('\n')),
  program(
    'deep lambdas',
    orHarmless(deep.concat('banned')),
    `def f(x):\n    return (${'lambda: '.repeat(900)}x, x)[1]`,
    { output: '1' },
  ),
  program(
    'a constant to fold',
    slow.concat('ok'),
    `def f(x):\n    return x if x else (((1 << 10000) ** 100) << 100000) * 'a'`,
    { output: '1' },
  ),
  program(
    'a program that is too long',
    ['too-long', 'syntax'],
    `def f(x):\n    return x\n${'#'.repeat(30_000)}`,
  ),
  program('a program of unreadable characters', ['syntax', 'error'], `def f(x):\n    return '\ud800'`),
  program('a program with a null byte', ['syntax'], `def f(x):\n    return 1\u0000`),
  program(
    'sys.setrecursionlimit',
    banned,
    `import sys\nsys.setrecursionlimit(10**9)\ndef f(x):\n    return f(x)`,
  ),

  // More of itself
  body('threads', banned, `import threading\nthreading.Thread(target=lambda: 1).start()`),
  body('fork', banned, `import os\nos.fork()`),
  body('a subprocess', banned, `import subprocess\nsubprocess.run(['ls'])`),
  body('multiprocessing', banned, `import multiprocessing\nmultiprocessing.Pool(2)`),
  body('a subinterpreter', banned, `import _interpreters\n_interpreters.create()`),
  body('a breakpoint', blocked, `breakpoint()`),
  body('input', [...blocked, 'timeout'], `input()`),
  body('asyncio', banned, `import asyncio\nasyncio.run(asyncio.sleep(60))`),
  body(
    'a file that fills memory',
    blocked,
    `with open('/tmp/hostile', 'wb') as file:\n    for i in range(300):\n        file.write(bytes(10**7))`,
    loops,
  ),
  body('ctypes', banned, `import ctypes\nctypes.string_at(0, 10**9)`),
  body('a broken code object', banned, `f.__code__ = f.__code__.replace(co_code=b'\\x00' * 100)`),
  program('values that are no data', notData, `def f(x):\n    return [object()]`),
]);
