/**
 * @file Programs that do not always answer the same. A task made of one has no right answer, so every form must be found: by what
 * may be named, by a second run next to the first, and by another interpreter with other hashes and another order of calls.
 */
import { banned, family, notData, program, wavering } from './attack';

const orNotData = [...wavering, ...notData];
const import_ = (statement: string, value: string) => `import ${statement}\ndef f(x):\n    return ${value}`;

export const nondeterminism = family('nondeterminism', [
  // From outside
  program('random', banned, import_('random', 'random.random()')),
  program('random with a seed', banned, import_('random', 'random.Random(1).random()')),
  program(
    'random from a function',
    banned,
    `def f(x):\n    from random import choice\n    return choice([1, 2])`,
  ),
  program('secrets', banned, import_('secrets', 'secrets.randbelow(10**9)')),
  program('uuid', banned, import_('uuid', 'str(uuid.uuid4())')),
  program('os.urandom', banned, import_('os', 'os.urandom(4).hex()')),
  program('time', banned, import_('time', 'time.time()')),
  program('perf_counter', banned, import_('time', 'time.perf_counter_ns()')),
  program('datetime', banned, import_('datetime', 'str(datetime.datetime.now())')),
  program('a clock in JavaScript', banned, import_('js', 'js.performance.now()')),
  program('tempfile', banned, import_('tempfile', 'tempfile.mktemp()')),
  program('_random', banned, import_('_random', '_random.Random().random()')),
  program('the process', banned, import_('os', 'os.getpid() + os.stat(".").st_mtime_ns')),

  // Hashes and addresses
  program('the hash of a text', wavering, `def f(x):\n    return hash('abc' * x)`),
  program('the hash of a tuple of texts', wavering, `def f(x):\n    return hash(('a', 'b')) % 1000003`),
  program('the hash of an object', orNotData, `def f(x):\n    return hash(object())`),
  program(
    'the order of a set',
    wavering,
    `def f(x):\n    return list({'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'})`,
  ),
  program(
    'the order of a set in a text',
    wavering,
    `def f(x):\n    return ''.join(set('the quick brown fox'))`,
  ),
  program('the text of a set', wavering, `def f(x):\n    return str({'a', 'b', 'c', 'd', 'e', 'f'})`),
  program(
    'a dictionary from a set',
    wavering,
    `def f(x):\n    return ''.join({c: 1 for c in frozenset('abcdefgh')})`,
  ),
  program('set.pop', wavering, `def f(x):\n    return set('abcdefghijklmnop').pop()`),
  program('min by hash', wavering, `def f(x):\n    return min('abcdefghijklmnop', key=hash)`),
  program(
    'the sum of a set of floats by hash',
    wavering,
    `def f(x):\n    y = 0\n    for c in set('abcdefghijkl'):\n        y = y * 31 % 1000003 + ord(c)\n    return y`,
  ),
  program('id', orNotData, `def f(x):\n    return id([])`),
  program(
    'sorted by id',
    [...orNotData, 'ok'],
    `def f(x):\n    xs = [[i] for i in range(9)]\n    return sorted(xs, key=id) and 1`,
    { output: '1' },
  ),
  program('the text of an object', orNotData, `def f(x):\n    return str(object())`),
  program('the text of a function', orNotData, `def f(x):\n    return repr(f)`),
  program('the text of a lambda in a list', orNotData, `def f(x):\n    return '%s' % [lambda: 0]`),
  program('the text of an instance', orNotData, `class C: pass\ndef f(x):\n    return f'{C()}'`),
  program('the text of a generator', orNotData, `def f(x):\n    return '{}'.format(i for i in [1])`),
  program('the text of a bound method', orNotData, `def f(x):\n    return str([].append)`),
  program(
    'an address in an exception',
    orNotData,
    `def f(x):\n    try:\n        {}[object()]\n    except KeyError as e:\n        return str(e)`,
  ),
  program(
    'an address in another exception',
    orNotData,
    `def f(x):\n    try:\n        int(object)\n        [].remove(object())\n    except Exception as e:\n        return repr(e.args) + repr(e) + str(object())`,
  ),
  program(
    'the size of an address',
    orNotData,
    `def f(x):\n    return int(repr(object()).split('0x')[1][:-1], 16)`,
  ),

  // State
  program('a default argument', wavering, `def f(x, seen=[]):\n    seen.append(x)\n    return len(seen)`),
  program(
    'a default dictionary',
    wavering,
    `def f(x, seen={}):\n    seen[len(seen)] = x\n    return sum(seen.values())`,
  ),
  program('a global counter', wavering, `n = 0\ndef f(x):\n    global n\n    n += 1\n    return n`),
  program('a global list', wavering, `log = []\ndef f(x):\n    log.append(x)\n    return log`),
  program('a function attribute', [...wavering], `def f(x):\n    f.n += 1\n    return f.n\nf.n = 0`),
  program(
    'a closure',
    wavering,
    `def make():\n    n = 0\n    def g(x):\n        nonlocal n\n        n += x\n        return n\n    return g\nf = make()`,
  ),
  program(
    'a generator of the module',
    wavering,
    `def g():\n    n = 0\n    while True:\n        n += 1\n        yield n\nnumbers = g()\ndef f(x):\n    return next(numbers)`,
  ),
  program(
    'an iterator of the module',
    wavering,
    `numbers = iter(range(100))\ndef f(x):\n    return next(numbers)`,
  ),
  program(
    'itertools.count',
    wavering,
    `from itertools import count\nnumbers = count()\ndef f(x):\n    return next(numbers)`,
  ),
  program(
    'an exhausted iterator',
    wavering,
    `numbers = map(abs, [1, 2])\ndef f(x):\n    return list(numbers)`,
  ),
  program('a class attribute', wavering, `class C:\n    n = 0\ndef f(x):\n    C.n += 1\n    return C.n`),
  program(
    'an instance',
    wavering,
    `class C:\n    def __init__(self):\n        self.n = 0\n    def __call__(self, x):\n        self.n += x\n        return self.n\nc = C()\ndef f(x):\n    return c(x)`,
  ),
  program(
    'a cache',
    wavering,
    `from functools import lru_cache\n@lru_cache\ndef g(x):\n    return [x]\ndef f(x):\n    y = g(x)\n    y.append(1)\n    return y`,
  ),
  program(
    'what a cache knows',
    wavering,
    `from functools import cache\n@cache\ndef g(x):\n    return x\ndef f(x):\n    g(x)\n    return g.cache_info().hits`,
  ),
  program(
    'globals()',
    wavering,
    `def f(x):\n    globals()['n'] = globals().get('n', 0) + 1\n    return globals()['n']`,
  ),
  program(
    'an exception kept',
    wavering,
    `e = ValueError()\ndef f(x):\n    e.args += (x,)\n    return len(e.args)`,
  ),
  program(
    'a deque that rotates',
    wavering,
    `from collections import deque\nd = deque([1, 2, 3])\ndef f(x):\n    d.rotate(1)\n    return d[0]`,
  ),
  program(
    'a comprehension over a shared list',
    wavering,
    `xs = [1, 2, 3, 4]\ndef f(x):\n    return [xs.pop() for _ in range(2)]`,
  ),
  program(
    'only from the third call on',
    wavering,
    `n = 0\ndef f(x):\n    global n\n    n += 1\n    return n > 2`,
    { inputs: ['1', '2'] },
  ),
  program(
    'the first input of all',
    wavering,
    `seen = []\ndef f(x):\n    seen.append(x)\n    return seen[0]`,
    { inputs: ['1', '2', '3'] },
  ),
  program(
    'every second pair of calls',
    wavering,
    `n = -1\ndef f(x):\n    global n\n    n += 1\n    return n // 2 % 2`,
    { inputs: ['1', '2'] },
  ),
  program(
    'the previous input',
    wavering,
    `last = [None]\ndef f(x):\n    before, last[0] = last[0], x\n    return before`,
    { inputs: ['1', '2', '3'] },
  ),
  program(
    'the largest input so far',
    wavering,
    `best = 0\ndef f(x):\n    global best\n    best = max(best, x)\n    return best`,
    { inputs: ['1', '2', '3'] },
  ),

  // The collector and the harness
  program('weak references', banned, import_('weakref', 'len(weakref.WeakSet([C() for C in [type]]))')),
  program('the collector', banned, import_('gc', 'len(gc.get_objects())')),
  program('reference counts', banned, import_('sys', 'sys.getrefcount(f)')),
  program('the size of memory', banned, import_('sys', 'sys.getallocatedblocks()')),
  program('the seed itself', banned, import_('sys', 'sys.flags.hash_randomization + hash("a")')),
  program(
    'finalizers',
    [...wavering, 'ok'],
    `log = []\nclass C:\n    def __del__(self):\n        log.append(1)\ndef f(x):\n    C()\n    return len(log)`,
    { output: '1' },
  ),
  program('NaN', notData, `def f(x):\n    return float('nan')`),
  program(
    'how deep the stack is',
    [...wavering, 'ok', 'crash'],
    `def depth(n):\n    try:\n        return depth(n + 1)\n    except RecursionError:\n        return n\ndef f(x):\n    return depth(0) > 100`,
    { output: 'True' },
  ),
  program(
    'annotations that count',
    [...wavering, 'unsupported-value'],
    `n = [0]\ndef f(x):\n    def g(y: n.append(1)):\n        pass\n    n[0] += 1\n    return n[0]`,
  ),
]);
