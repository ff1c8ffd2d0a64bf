/** What becomes of a program: its verdict, its value, its steps, and whether the interpreter is as it was. */
import { beforeAll, describe, expect, test } from 'vitest';
import { openPython, type Python } from './interpreter';

interface Outcome {
  verdict: string;
  output?: string;
  reason?: string;
  steps: number;
}
type Answer = Partial<Outcome> & { outcomes?: Outcome[]; plain: boolean };

let python: Python;
let other: Python;
beforeAll(async () => {
  [python, other] = [await openPython(0), await openPython(1)];
  for (const each of [python, other]) each('[runner.settle(), runner.seal()]');
});

const bounds = { passes: 2, steps: 20_000, output: 400, depth: 40, guarded: true, raises: false };

function runIn(where: Python, source: string, calls: string[], options: Partial<typeof bounds> = {}): Answer {
  const names = { source, calls: JSON.stringify(calls), ...bounds, ...options };
  return JSON.parse(
    where('runner.run(source, calls, passes, steps, output, depth, guarded, raises)', names) as string,
  );
}
const run = (source: string, calls: string[], options: Partial<typeof bounds> = {}) =>
  runIn(python, source, calls, options);

/** The one outcome of a program, or its failure as a whole. */
function outcome(source: string, call = '((), {})', options: Partial<typeof bounds> = {}): Outcome {
  const { outcomes, ...failure } = run(source, [call], options);
  return outcomes?.[0] ?? (failure as Outcome);
}

/** What every module, class and function of the interpreter holds, by identity; caches are free to fill. */
const fingerprint = `(lambda sys, types, vars: hash(tuple(sorted(
    (module, name, member, id(value))
    for module, members in [(m, dict(vars(x))) for m, x in list(sys.modules.items()) + list(allowed.facades.items())
        if isinstance(x, types.ModuleType) and m not in ('__main__', 'fuel') and m[:9] != 'encodings']
    for name, holder in [('', members)] + [(name, dict(vars(held))) for name, held in members.items()
        if isinstance(held, (type, types.FunctionType))]
    for member, value in holder.items()
    if member[:4] != '_abc' and member[:7] != '__annot'
))))(__import__('sys'), __import__('types'), vars)`;

describe('asked for exceptions', () => {
  const raised = (source: string) => {
    const { verdict, output } = outcome(source, '((1,), {})', { raises: true });
    return output ?? verdict;
  };
  const body = (line: string) => `def f(x):\n  ${line}`;

  test.each([
    ['a builtin', body('return 1 / 0'), 'ZeroDivisionError'],
    ['a value', body('return x'), 'NoError'],
    ['no plain value', body('return lambda: x'), 'NoError'],
    ['a huge value', body('return [x] * 10000'), 'NoError'],
    ['an assertion', body('assert x > 1'), 'AssertionError'],
    ['a wrong call', 'def f(): pass', 'TypeError'],
    ['one of its own', 'class Odd(ValueError): pass\ndef f(x): raise Odd(x)', 'Odd'],
    [
      'one that prints itself otherwise',
      'class Odd(Exception):\n  def __str__(self): raise KeyError\ndef f(x): raise Odd',
      'Odd',
    ],
    ['a group', body('raise ExceptionGroup("a", [ValueError(), TypeError()])'), 'ExceptionGroup'],
    ['SystemExit', body('raise SystemExit'), 'SystemExit'],
    ['KeyboardInterrupt', body('raise KeyboardInterrupt'), 'KeyboardInterrupt'],
    ['GeneratorExit', body('raise GeneratorExit'), 'GeneratorExit'],
    ['StopIteration', body('next(iter([]))'), 'StopIteration'],
    ['the end of the stack', body('return f(x)'), 'error'],
    ['one like it', 'class Deep(RecursionError): pass\ndef f(x): raise Deep', 'error'],
    ['the end of memory', body('return [0] * 10 ** 9'), 'memory'],
    ['the like by hand', body('raise MemoryError'), 'memory'],
    ['the end of its steps', body('while True: pass'), 'timeout'],
    ['another one at the end of its steps', body('try:\n    while 1: pass\n  finally: 1 / 0'), 'timeout'],
    ['one called NoError', 'class NoError(Exception): pass\ndef f(x): raise NoError', 'unsupported-value'],
    ['one with no plain name', 'class Ö(Exception): pass\ndef f(x): raise Ö', 'unsupported-value'],
    [
      'one with a long name',
      `class ${'A'.repeat(101)}(Exception): pass\ndef f(x): raise ${'A'.repeat(101)}`,
      'unsupported-value',
    ],
    [
      'now this, now that',
      'n = [0]\ndef f(x):\n  n[0] += 1\n  [][n[0]] if n[0] > 1 else {}[0]',
      'nondeterministic',
    ],
    ['now and then one', 'n = []\ndef f(x):\n  n.append(x)\n  return 1 / (2 - len(n))', 'nondeterministic'],
    ['one before f is called', '1 / 0\ndef f(x): pass', 'error'],
    ['no f', 'g = 1', 'error'],
    ['a banned name', 'import os\ndef f(x): raise ValueError', 'banned'],
    ['wrong syntax', 'def f(x) raise', 'syntax'],
  ])('a program that raises %s', (_what, source, expected) => {
    expect(raised(source)).toBe(expected);
  });

  test('values are not looked at, and only the name is compared', () => {
    const source = 'n = []\ndef f(x):\n  n.append(x)\n  return len(n)';
    expect(raised(source)).toBe('NoError');
    expect(raised('n = []\ndef f(x):\n  n.append(x)\n  raise ValueError(len(n))')).toBe('ValueError');
  });

  test('what raises leaves a plain interpreter plain, unless it went to the end of the stack', () => {
    const plain = (source: string) => run(source, ['((1,), {})'], { raises: true }).plain;
    expect(plain(body('raise ValueError'))).toBe(true);
    expect(plain(body('return f(x)'))).toBe(false);
  });
});

describe('ordinary programs', () => {
  test.each([
    ['identity', 'def f(x): return x', '(([1, "a"],), {})', "[1, 'a']"],
    ['no return', 'def f(x): x + 1', '((1,), {})', 'None'],
    [
      'keywords and defaults',
      'def f(a, b=2, *c, d=4, **e): return a, b, c, d, e',
      "((1,), {'z': 9})",
      "(1, 2, (), 4, {'z': 9})",
    ],
    [
      'closures',
      'def f(n):\n  def add(x): return x + n\n  return [add(i) for i in range(3)]',
      '((10,), {})',
      '[10, 11, 12]',
    ],
    ['recursion', 'def f(n): return 1 if n < 2 else n * f(n - 1)', '((20,), {})', '2432902008176640000'],
    [
      'generators',
      'def f(n):\n  def g():\n    for i in range(n): yield i\n  return sum(g())',
      '((5,), {})',
      '10',
    ],
    [
      'yield from',
      'def g(x):\n  for y in x:\n    if type(y) is list: yield from g(y)\n    else: yield y\ndef f(x): return list(g(x))',
      '(([1, [2, [3]]],), {})',
      '[1, 2, 3]',
    ],
    [
      'comprehensions',
      'def f(s): return {c: s.count(c) for c in sorted(set(s))}',
      "(('abca',), {})",
      "{'a': 2, 'b': 1, 'c': 1}",
    ],
    [
      'string methods',
      'def f(s): return " ".join(w.capitalize()[::-1] for w in s.split())',
      "(('ab cd',), {})",
      "'bA dC'",
    ],
    [
      'formatting',
      'def f(x): return f"{x:08.3f}|{x!r:>6}|" + "%d-%s" % (3, x) + "{0:,}".format(12345)',
      '((1.5,), {})',
      "'0001.500|   1.5|3-1.512,345'",
    ],
    ['slices', 'def f(x):\n  x[1:3] = [9]\n  del x[0]\n  return x[::-1]', '(([1, 2, 3, 4],), {})', '[4, 9]'],
    [
      'sorting',
      'def f(x): return sorted(x, key=lambda p: (-p[1], p[0]), reverse=True)',
      '(([("a", 1), ("b", 1), ("c", 2)],), {})',
      "[('b', 1), ('a', 1), ('c', 2)]",
    ],
    [
      'min, max, sum, any, all',
      'def f(x): return min(x), max(x, default=0), max(1, 2, key=lambda v: -v), sum(x, 10), any(x), all([])',
      '(([3, 1],), {})',
      '(1, 3, 1, 14, True, True)',
    ],
    [
      'zip, map, filter, enumerate',
      'def f(a, b): return list(zip(a, b)), list(map(str, a)), list(filter(None, a)), dict(enumerate(b))',
      "(([1, 0], 'xy'), {})",
      "([(1, 'x'), (0, 'y')], ['1', '0'], [1], {0: 'x', 1: 'y'})",
    ],
    [
      'iter and next',
      'def f(x):\n  it = iter(x)\n  return next(it), next(it, 5), next(it, 6), list(iter([7].pop, 8)) if 0 else 1',
      '(([1],), {})',
      '(1, 5, 6, 1)',
    ],
    [
      'try, except, finally',
      'def f(x):\n  out = []\n  try: out.append(1 // x)\n  except ZeroDivisionError as e: out.append(str(e))\n  else: out.append("else")\n  finally: out.append("end")\n  return out',
      '((0,), {})',
      "['integer division or modulo by zero', 'end']".replace(
        'integer division or modulo by zero',
        'division by zero',
      ),
    ],
    [
      'own exceptions',
      'class Bad(ValueError):\n  def __init__(self, n): super().__init__(f"bad {n}")\ndef f(x):\n  try: raise Bad(x)\n  except ValueError as e: return str(e), type(e).__name__',
      '((3,), {})',
      "('bad 3', 'Bad')",
    ],
    [
      'exception groups',
      'def f():\n  try: raise ExceptionGroup("g", [ValueError(1), KeyError(2)])\n  except* ValueError as e: out = [x.args for x in e.exceptions]\n  except* KeyError: out.append(1)\n  return out',
      '((), {})',
      '[(1,), 1]',
    ],
    [
      'match',
      'def f(x):\n  match x:\n    case {"op": "add", "args": [a, b]}: return a + b\n    case str() as s if s: return s.upper()\n    case _: return None',
      '(({"op": "add", "args": [1, 2]},), {})',
      '3',
    ],
    ['walrus', 'def f(x): return [y for v in x if (y := v * 2) > 3]', '(([1, 2, 3],), {})', '[4, 6]'],
    [
      'while and else',
      'def f(n):\n  steps = 0\n  while n != 1:\n    n = n // 2 if n % 2 == 0 else 3 * n + 1\n    steps += 1\n  else: steps = -steps\n  return steps',
      '((6,), {})',
      '-8',
    ],
    [
      'classes',
      'class Stack:\n  def __init__(self): self.items = []\n  def push(self, x): self.items.append(x); return self\n  def __len__(self): return len(self.items)\n  def __repr__(self): return f"Stack({self.items})"\ndef f(x): s = Stack().push(x).push(2); return len(s), repr(s), s.__class__.__name__',
      '((1,), {})',
      "(2, 'Stack([1, 2])', 'Stack')",
    ],
    [
      'inheritance and properties',
      'class A:\n  def __init__(self, x): self._x = x\n  @property\n  def x(self): return self._x\n  @x.setter\n  def x(self, v): self._x = v\n  @classmethod\n  def make(cls): return cls(1)\n  @staticmethod\n  def two(): return 2\nclass B(A):\n  def __init__(self, x): super().__init__(x + 1)\ndef f():\n  b = B.make(); b.x += 5\n  return b.x, B.two(), isinstance(b, A), issubclass(B, A)',
      '((), {})',
      '(7, 2, True, True)',
    ],
    [
      'operators',
      'class V:\n  def __init__(self, *x): self.x = x\n  def __add__(self, o): return self.__class__(self.x[0] + o.x[0])\n  def __rmul__(self, k): return type(self)(*(k * c for c in self.x))\n  def __eq__(self, o): return self.__class__ == o.__class__ and self.x == o.x\n  def __hash__(self): return hash(self.x)\n  def __lt__(self, o): return self.x < o.x\ndef f(): return (V(1) + V(2)).x, (2 * V(3)).x, V(1) == V(1), len({V(1), V(1)}), sorted([V(2), V(1)])[0].x',
      '((), {})',
      '((3,), (6,), True, 1, (1,))',
    ],
    [
      'context managers',
      'class C:\n  log = []\n  def __enter__(self): self.log.append(1); return self\n  def __exit__(self, *a): self.log.append(a[0] is KeyError); return True\ndef f():\n  c = C(); c.log = []\n  with c: {}[0]\n  return c.log',
      '((), {})',
      '[1, True]',
    ],
    [
      'iterators',
      'class R:\n  def __init__(self, n): self.n = n\n  def __iter__(self): return self\n  def __next__(self):\n    if self.n == 0: raise StopIteration\n    self.n -= 1\n    return self.n\ndef f(): return list(R(3)), sum(R(4)), 2 in R(3)',
      '((), {})',
      '([2, 1, 0], 6, True)',
    ],
    [
      'dataclasses',
      'from __future__ import annotations\nfrom dataclasses import dataclass, field, asdict, replace\n@dataclass(order=True, frozen=True)\nclass P:\n  x: int\n  y: list = field(default_factory=list)\n  def __post_init__(self): self.y.append(self.x)\ndef f(x): return asdict(P(x)), P(1) < P(2), replace(P(1), x=5).x, str(P(2))',
      '((3,), {})',
      "({'x': 3, 'y': [3]}, True, 5, 'P(x=2, y=[2])')",
    ],
    [
      'enums',
      'from enum import Enum, auto\nclass Color(Enum):\n  RED = auto()\n  BLUE = auto()\ndef f(): return [c.name for c in Color], Color(2).value, Color["RED"] is Color.RED',
      '((), {})',
      "(['RED', 'BLUE'], 2, True)",
    ],
    [
      'abstract classes',
      'from abc import ABC, abstractmethod\nclass A(ABC):\n  @abstractmethod\n  def g(self): ...\nclass B(A):\n  def g(self): return 1\ndef f():\n  try: A()\n  except TypeError: return B().g()',
      '((), {})',
      '1',
    ],
    [
      'typing',
      'from typing import List, Dict, Optional, NamedTuple, TypeVar, Generic\nT = TypeVar("T")\nclass P(NamedTuple):\n  x: int\n  y: int = 2\nclass Box(Generic[T]):\n  def __init__(self, v: T) -> None: self.v = v\ndef f(a: List[int], b: Optional[Dict[str, int]] = None) -> int: return P(1).y + Box[int](3).v + a[0]',
      '(([1],), {})',
      '6',
    ],
    [
      'Counter',
      'from collections import Counter\ndef f(s): return Counter(s).most_common(2), dict(Counter(s) - Counter("a"))',
      "(('aab',), {})",
      "([('a', 2), ('b', 1)], {'a': 1, 'b': 1})",
    ],
    [
      'deque, defaultdict, OrderedDict, namedtuple',
      'from collections import deque, defaultdict, OrderedDict, namedtuple\nP = namedtuple("P", "x y")\ndef f():\n  d = deque([1, 2], maxlen=2); d.append(3); d.rotate()\n  e = defaultdict(list); e["a"].append(1)\n  return list(d), dict(e), list(OrderedDict(b=1, a=2)), P(1, 2)._replace(x=5).x',
      '((), {})',
      "([3, 2], {'a': [1]}, ['b', 'a'], 5)",
    ],
    [
      'heapq and bisect',
      'import heapq, bisect\ndef f(x):\n  heapq.heapify(x); heapq.heappush(x, 0)\n  return heapq.heappop(x), heapq.nlargest(2, x), bisect.bisect([1, 3], 2)',
      '(([3, 1, 2],), {})',
      '(0, [3, 2], 1)',
    ],
    [
      'itertools',
      'import itertools as it\ndef f(): return list(it.permutations("ab")), list(it.islice(it.count(3), 2)), list(it.accumulate([1, 2])), [k for k, _ in it.groupby("aab")], list(zip("ab", it.cycle([1]))), list(it.repeat(1, 2))',
      '((), {})',
      "([('a', 'b'), ('b', 'a')], [3, 4], [1, 3], ['a', 'b'], [('a', 1), ('b', 1)], [1, 1])",
    ],
    [
      'functools',
      'from functools import reduce, lru_cache, cache, partial, cmp_to_key, wraps\ndef deco(g):\n  @wraps(g)\n  def h(*a): return g(*a) + 1\n  return h\n@deco\ndef k(x): return x\n@lru_cache(maxsize=None)\ndef fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)\ndef f(n): return reduce(lambda a, b: a * b, [1, 2, 3]), fib(n), partial(pow, 2)(3), sorted([1, 2], key=cmp_to_key(lambda a, b: b - a)), k(1), k.__name__',
      '((30,), {})',
      "(6, 832040, 8, [2, 1], 2, 'k')",
    ],
    [
      'math and statistics',
      'import math, statistics\ndef f(x): return math.isqrt(17), math.comb(5, 2), round(math.pi, 3), math.prod(x), statistics.mean(x), statistics.median(x)',
      '(([1, 2, 6],), {})',
      '(4, 10, 3.142, 12, 3, 2)',
    ],
    [
      'fractions and decimal',
      'from fractions import Fraction\nfrom decimal import Decimal, getcontext\ndef f(n):\n  getcontext().prec = 6\n  return str(sum(Fraction(1, k) for k in range(1, n))), str(Decimal(1) / Decimal(7))',
      '((4,), {})',
      "('11/6', '0.142857')",
    ],
    [
      're',
      'import re\ndef f(s): return re.findall(r"(\\w)(\\d)", s), re.sub(r"(a)\\d", r"<\\1>", s), re.compile("b").search(s).span()',
      "(('a1b2',), {})",
      "([('a', '1'), ('b', '2')], '<a>b2', (2, 3))",
    ],
    [
      'json, copy, string, textwrap',
      'import json, copy, string, textwrap\ndef f(x):\n  y = copy.deepcopy(x); y["a"].append(1)\n  return json.dumps(y, sort_keys=True), json.loads("[1]"), x, string.ascii_lowercase[:3], textwrap.wrap("a b c", 3)',
      "(({'a': []},), {})",
      "('{\"a\": [1]}', [1], {'a': []}, 'abc', ['a b', 'c'])",
    ],
    [
      'operator',
      'from operator import itemgetter, add, attrgetter, methodcaller\ndef f(x): return sorted(x, key=itemgetter(1)), add(1, 2), attrgetter("real")(5), methodcaller("upper")("a")',
      '(([(1, 2), (2, 1)],), {})',
      "([(2, 1), (1, 2)], 3, 5, 'A')",
    ],
    [
      'types of values',
      'def f(x): return type(x) is int, type(x) == type(2), type(x).__name__, isinstance(int, type), type(type(x)) is type, str(type(x)), getattr(x, "real"), hasattr(x, "__len__")',
      '((1,), {})',
      "(True, True, 'int', True, True, \"<class 'int'>\", 1, False)",
    ],
    [
      'identity and hash',
      'def f(x):\n  y = x\n  return id(x) == id(y), id(x) == id([]), hash("a") == hash("a"), hash(2**61), hash((1, 2)) == hash((1, 2))',
      '(([],), {})',
      null,
    ],
    ['printing', 'def f(x):\n  print(x, end="", flush=True)\n  return x', '((1,), {})', '1'],
    [
      'global state set up once',
      'table = [i * i for i in range(5)]\nif __name__ == "__main__": table = []\ndef f(i): return table[i]',
      '((3,), {})',
      '9',
    ],
    [
      'huge integers',
      'def f(n): return divmod(10 ** n, 7 ** (n // 2))[1] % 1000, int("9" * 4000) % 7',
      '((40000,), {})',
      null,
    ],
    [
      'all kinds of values',
      'def f(): return [True, -0.0, 1e300 * 1e10, 1j, b"x", {1: {2}}, frozenset(), "\\ud800é\\n", (1,)]',
      '((), {})',
      "[True, -0.0, inf, 1j, b'x', {1: {2}}, frozenset(), '\\ud800é\\n', (1,)]",
    ],
  ])('%s', (_, source, call, expected) => {
    const state = python(fingerprint);
    const outcomes = [runIn(python, source, [call]), runIn(other, source, [call])];
    if (outcomes[0].plain) expect(python(fingerprint)).toBe(state);
    expect(outcomes[0].outcomes?.[0].verdict ?? outcomes[0], JSON.stringify(outcomes[0])).toBe('ok');
    if (expected !== null) expect(outcomes[0].outcomes?.[0].output).toBe(expected);
    expect(outcomes[1]).toEqual(outcomes[0]); // steps too
    // The same as without gate and facades, which is plain CPython.
    const real = run(source, [call], { guarded: false, passes: 1 }).outcomes?.[0].output;
    expect(outcomes[0].outcomes?.[0].output).toBe(real);
  });

  test('memoised functions may recurse as deep as others', () => {
    const source =
      'from functools import cache\n@cache\ndef g(n): return 0 if n == 0 else 1 + g(n - 1)\ndef f(n): return g(n)';
    expect(outcome(source, '((400,), {})').output).toBe('400');
    expect(outcome(source, '((4000,), {})').reason).toContain('RecursionError');
  });

  test('inputs are made afresh for each call, and outcomes keep their order', () => {
    const { outcomes } = run('def f(x):\n  x.append(len(x))\n  return x', ['(([],), {})', '(([5],), {})']);
    expect(outcomes?.map(({ output }) => output)).toEqual(['[0]', '[5, 1]']);
  });
});

describe('failures', () => {
  test.each([
    ['def f(:', 'syntax', 'SyntaxError: invalid syntax (line 1)'],
    ['return 5', 'syntax', "SyntaxError: 'return' outside function (line 1)"],
    ['  x\ny', 'syntax', 'IndentationError: unexpected indent (line 1)'],
    ['x = 1\0', 'syntax', 'SyntaxError: source code string cannot contain null bytes'],
    ['x = "\ud800"', 'syntax', 'The program holds characters that are not Unicode text.'],
    [
      `x = ${'('.repeat(3000)}${')'.repeat(3000)}`,
      'syntax',
      'SyntaxError: too many nested parentheses (line 1)',
    ],
    [`x = ${'-'.repeat(9000)}1`, 'syntax', 'The program is nested too deeply.'],
    ['import os', 'banned', 'Line 1: programs may not import os.'],
    ['def g(): pass', 'error', 'The program defines no function f.'],
    ['f = 3', 'error', 'The program defines no function f.'],
    ['1 / 0', 'error', 'ZeroDivisionError: division by zero'],
    ['def f(): return 1 / 0', 'error', 'ZeroDivisionError: division by zero'],
    ['def f(): return {}[1, "a"]', 'error', "KeyError: (1, 'a')"],
    ['def f(): raise ValueError', 'error', 'ValueError'],
    ['def f(): raise Exception("x")', 'error', 'Exception: x'],
    ['def f(): raise StopIteration', 'error', 'StopIteration'],
    ['def f(): raise SystemExit(0)', 'error', 'SystemExit: 0'],
    ['def f(): raise KeyboardInterrupt', 'error', 'KeyboardInterrupt'],
    ['def f(): raise GeneratorExit', 'error', 'GeneratorExit'],
    ['def f(): assert 1 > 2, "no"', 'error', 'AssertionError: no'],
    ['def f(x): pass', 'error', "TypeError: f() missing 1 required positional argument: 'x'"],
    ['def f(): raise ValueError("x" * 1000)', 'error', 'ValueError'],
    ['class Evil(Exception):\n  def __str__(self): return "forged"\ndef f(): raise Evil', 'error', 'Evil'],
    [
      'class Evil:\n  def __str__(self):\n    while 1: pass\ndef f(): raise ValueError(Evil())',
      'error',
      'ValueError',
    ],
    ['def f(): return f()', 'error', 'RecursionError: maximum recursion depth exceeded'],
    ['def f(): return [0] * 10**9', 'memory', 'It ran out of memory.'],
    ['def f(): return open("/etc/passwd").read()', 'banned', 'Line 1: programs may not use open.'],
    ['def f(): return ValueError', 'unsupported-value', 'It returned a type, which is not plain data.'],
    [
      'def f(): return (x for x in [1])',
      'unsupported-value',
      'It returned a generator, which is not plain data.',
    ],
    [
      'class A:\n  def __eq__(self, o): return True\ndef f(): return [A()]',
      'unsupported-value',
      'It returned an A, which is not plain data.',
    ],
    [
      'class I(int): pass\ndef f(): return I(3)',
      'unsupported-value',
      'It returned an I, which is not plain data.',
    ],
    [
      'from fractions import Fraction\ndef f(): return Fraction(1, 3)',
      'unsupported-value',
      'It returned a Fraction, which is not plain data.',
    ],
    ['def f(): return [float("nan")]', 'unsupported-value', 'It returned NaN, which does not equal itself.'],
    [
      'def f(): return {complex(0, float("nan"))}',
      'unsupported-value',
      'It returned NaN, which does not equal itself.',
    ],
    ['def f(): return "x" * 399', 'too-long', 'It returned a value of 401 characters; 400 may be shown.'],
    ['def f(): return "x" * 10**6', 'too-long', 'It returned a value of more than 400 characters.'],
    ['def f(): return 10 ** 5000', 'too-long', 'It returned a value of more than 400 characters.'],
    [
      'def f():\n  x = []\n  x.append(x)\n  return x',
      'too-long',
      'It returned a value nested deeper than 40 levels.',
    ],
    [
      'def f():\n  x = []\n  for _ in range(99): x = [x, x]\n  return x',
      'too-long',
      'It returned a value nested deeper than 40 levels.',
    ],
    [
      'def f():\n  x = [1] * 9\n  for _ in range(30): x = [x, x]\n  return x',
      'too-long',
      'It returned a value of more than 400 characters.',
    ],
    [
      'n = 0\ndef f():\n  global n\n  n += 1\n  return n',
      'nondeterministic',
      'It returned 1 at first and 2 the next time',
    ],
    [
      'n = 0\ndef f():\n  global n\n  n += 1\n  return 1 // (2 - n)',
      'nondeterministic',
      'It returned 1 at first and then failed: ZeroDivisionError: division by zero',
    ],
    [
      'def f(x=[]):\n  x.append(1)\n  return len(x)',
      'nondeterministic',
      'It returned 1 at first and 2 the next time',
    ],
    [
      'import itertools\nc = itertools.count()\ndef f(): return next(c)',
      'nondeterministic',
      'It returned 0 at first and 1 the next time',
    ],
  ])('%j', (source, verdict, reason) => {
    expect(outcome(source)).toMatchObject({ verdict, reason });
  });

  test('as deep and as long as allowed is allowed', () => {
    expect(outcome('def f(): return "x" * 398').output).toHaveLength(400);
    const nest = 'def f(n):\n  x = 1\n  for _ in range(n): x = [x]\n  return x';
    expect(outcome(nest, '((40,), {})').verdict).toBe('ok');
    expect(outcome(nest, '((41,), {})').verdict).toBe('too-long');
  });

  test.each([
    ['the hash of a string', 'def f(): return hash("a") % 1000'],
    ['the order of a set', 'def f(): return list({"ab", "cd", "ef", "gh", "ij"})'],
    ['the address of an object', 'def f(): return id(f) % 100003'],
    ['the hash of an object', 'def f(): return hash(f) % 1009'],
  ])('two interpreters differ in %s', (_, source) => {
    const outputs = [python, other].map((where) => runIn(where, source, ['((), {})']).outcomes?.[0].output);
    expect(outputs[0]).not.toBe(outputs[1]);
  });

  test('an address in a text is refused in each of them: by chance, they might be the same', () => {
    for (const where of [python, other]) {
      const answer = runIn(where, 'def f(): return repr(f)', ['((), {})']);
      expect(answer.outcomes?.[0].verdict).toBe('nondeterministic');
    }
  });
});

describe('endless programs end after as many steps as they may take', () => {
  test.each([
    'while True: pass',
    'x = 0\nwhile True: x += 1',
    'while 1:\n  try: 1 / 0\n  except: pass',
    'while 1:\n  try: 1 / 0\n  except ZeroDivisionError: continue\n  finally: x = 1',
    'def f():\n  while 1:\n    try:\n      while 1: pass\n    except BaseException: pass\nf()',
    'def f():\n  try:\n    while 1: pass\n  finally:\n    while 1: pass\nf()',
    'while 1:\n  try: pass\n  finally: continue',
    'def g():\n  while 1: yield 1\nfor x in g(): pass',
    'def g():\n  while 1: yield 1\nset(g())',
    'import itertools\n[0 for x in itertools.count() if 0]',
    'import itertools\nfor x in itertools.cycle([1]): pass',
    'import itertools\nset(itertools.repeat(0))',
    'import itertools\ndef g(): yield from itertools.repeat(0)\nany(g())',
    'import itertools, collections\ncollections.deque(itertools.count(), maxlen=0)',
    'any(0 for _ in iter(int, 1))',
    'set(iter(int, 1))',
    'sum(range(10 ** 12))',
    'max(range(10 ** 30))',
    'import math\nmath.prod(range(10 ** 9))',
    'import math\nmath.factorial(10 ** 7)',
    'import math\nmath.comb(10 ** 9, 10 ** 8)',
    'import math\nmath.perm(10 ** 7)',
    'any(map(int, iter(int, 1)))',
    'def g():\n  while 1:\n    try: yield\n    except ValueError: pass\nx = g()\nnext(x)\nwhile 1: x.throw(ValueError)',
    'def f(n):\n  if n: f(n - 1); f(n - 1)\nf(60)',
    'class C:\n  def __enter__(self): pass\n  def __exit__(self, *a): return True\nwhile 1:\n  with C(): 1 / 0',
    'class C:\n  def __iter__(self): return self\n  def __next__(self): return 1\nany(x is None for x in C())',
    'class C:\n  def __getitem__(self, i): return 1\n2 in C()',
    'class C:\n  def __bool__(self):\n    while 1: pass\nC() or 1',
    'list(map(lambda x: 0 if x else 0, range(10 ** 9)))',
    'try:\n  while 1: pass\nexcept BaseException: pass\nf = lambda: 1',
    '[x for x in range(10 ** 9) if x < 0]',
  ])('%j', (source) => {
    const failure = { verdict: 'timeout', reason: 'It was still running after 20000 steps.', steps: 20_000 };
    expect(outcome(source)).toMatchObject(failure);
    expect(runIn(other, source, ['((), {})'])).toMatchObject(failure);
    const inside = `def f():\n${source.replace(/^/gm, '  ')}`;
    expect(outcome(inside)).toMatchObject(failure);
  });

  test('the count is the same every time and everywhere', () => {
    const source =
      'def g(n):\n  for i in range(n): yield i\ndef f(n): return sum(g(n)) + len([x for x in "abc"])';
    const counts = [python, other, python].map(
      (where) => runIn(where, source, ['((9,), {})']).outcomes?.[0].steps,
    );
    expect(counts[0]).toBeGreaterThan(9);
    expect(new Set(counts).size).toBe(1);
    expect(outcome(source, '((9,), {})', { steps: counts[0] }).verdict).toBe('ok');
    expect(outcome(source, '((9,), {})', { steps: counts[0]! - 1 }).verdict).toBe('timeout');
  });

  test('an interrupt from outside stops a program that catches it', () => {
    const source =
      'import signal\ndef f():\n  try: signal.raise_signal(2)\n  except BaseException: pass\n  while 1: pass';
    const answer = run(source, ['((), {})', '((), {})'], { guarded: false, steps: 1e9 });
    expect(answer.outcomes?.[0]).toMatchObject({
      verdict: 'timeout',
      reason: 'It took too long and was interrupted.',
    });
    expect(answer.plain).toBe(false);
    expect(outcome('def f(): return 1').output).toBe('1');
  });

  test('an interrupt leaves what was answered before, and stops what comes after', () => {
    const source = 'import signal\ndef f(x):\n  if x == 1: signal.raise_signal(2)\n  return 1 // x';
    const calls = [2, 0, 1, 3].map((x) => `((${x},), {})`);
    const verdicts = (passes: number) =>
      run(source, calls, { guarded: false, passes }).outcomes?.map(({ verdict }) => verdict);
    expect(verdicts(1)).toEqual(['ok', 'error', 'timeout', 'timeout']);
    expect(verdicts(2)).toEqual(['timeout', 'error', 'timeout', 'timeout']);
  });

  test('nothing of a program runs after its time', () => {
    const left =
      'log = []\ndef g():\n  try: yield\n  finally:\n    while 1: log.append(1)\nx = g()\nnext(x)\ndef f(): return 1';
    expect(outcome(left).verdict).toBe('ok');
    expect(outcome('def f(): return 2')).toMatchObject({ output: '2', steps: 1 });
  });
});

describe('ways round the gate', () => {
  test.each([
    ['type from a class', 'def f(): return type(int)("A", (), {})'],
    ['type by another name', 't = type\ndef f(): return t("A", (), {"__reduce_ex__": 1})'],
    ['type by getattr', 'def f(): return getattr(int, "__class__")("A", (), {})'],
    ['getattr with a dunder', 'def f(): return getattr(f, "__glo" + "bals__")'],
    [
      'getattr with a string that changes',
      'class S(str): pass\ndef f(): return getattr(f, S("__globals__"))',
    ],
    ['attrgetter', 'from operator import attrgetter\ndef f(): return attrgetter("__globals__.x")(f)'],
    [
      'methodcaller',
      'from operator import methodcaller\ndef f(): return methodcaller("__reduce_ex__", 4)([])',
    ],
    ['setattr', 'class A: pass\ndef f(): setattr(A, "__reduce_ex__", 1)'],
    ['an altered module', 'import math\ndef f(): math.pi = 3'],
    ['an altered module by setattr', 'import math\ndef f(): setattr(math, "pi", 3)'],
    [
      'total_ordering of others',
      'from functools import total_ordering\nfrom collections import Counter\ndef f(): total_ordering(Counter)',
    ],
    [
      'dataclass of others',
      'from dataclasses import dataclass\nfrom collections import Counter\ndef f(): dataclass(Counter)',
    ],
    [
      'update_wrapper of others',
      'from functools import update_wrapper\nfrom collections import Counter\ndef g(): pass\ndef f(): update_wrapper(Counter, g)',
    ],
    ['enum members by string', 'from enum import Enum\ndef f(): Enum("E", {"__reduce_ex__": 1})'],
    ['a format string yields text only', 'def f(): return "{0.__class__}".format(1).x'],
  ])('%s', (_, source) => {
    expect(outcome(source).verdict).toBe('error');
    expect(
      outcome('import math\nfrom collections import Counter\ndef f(): return math.pi, len(Counter("aab"))')
        .output,
    ).toBe('(3.141592653589793, 2)');
  });

  test('without the gate, restricted imports and builtins still hold', () => {
    const imported = python(
      `[name for name in ('os', 'js', 'math', 'sys', 'builtins') if (lambda: not __import__('sys').exc_info()[0])() and (lambda n: [n] if (lambda: True)() and n in allowed.facades else [])(name)].__repr__()`,
    );
    expect(imported).toBe("['math']");
  });
});

describe('plain programs leave nothing behind', () => {
  const probe = `from collections import Counter, defaultdict, OrderedDict, deque
from fractions import Fraction
import math, re, string, functools, itertools, json, copy, operator, statistics, heapq
def f():
    c = Counter('aabbbc')
    return (c.most_common(2), sorted(c.elements()), math.pi, string.digits, Fraction(1, 3) + 1 == Fraction(4, 3), re.sub('a', 'b', 'aa'),
        json.dumps({'a': [1, 2.5, None]}), copy.deepcopy([[1]]), sum([1, 2]), len('abc'), sorted([3, 1]), statistics.mean([1, 3]),
        isinstance(3, int), str(OrderedDict(a=1)), list(itertools.islice(itertools.count(), 3)), hash(1), operator.add(1, 2))
`;
  test.each([
    'len = lambda x: 0\nsum = sorted = isinstance = len',
    'def f():\n  global int, str\n  int = str = None\nf()',
    'import math\nmath = 3',
    'from collections import Counter\nCounter = dict',
    'import math\nfor math in [1]: pass',
    'from collections import Counter\nCounter.update(Counter("a"), a=1)\nCounter.fromkeys',
    'from collections import Counter, OrderedDict\nOrderedDict.update(OrderedDict(), a=1)',
    'import functools, collections\nfunctools.lru_cache(collections.Counter)("a")',
    'import functools\nfunctools.cache(functools.reduce).cache_clear()',
    'import functools\nfunctools.partial(functools.cache, len)()((1,))',
    'import re\nre.compile("a").sub(r"\\g<0>", "a")',
    'import operator, math\ntry: operator.setitem(math, "pi", 3)\nexcept TypeError: pass',
    'import operator, string\nx = operator.iadd(string.digits, "x")',
    'import json\njson.loads("{}", object_hook=print)',
    'import copy, collections\nx = copy.copy(collections.Counter)',
    'import typing\ntyping.List[int]\ntyping.cast("x", 1)',
    'x = []\nfor i in range(1000): x = [x]',
    'import itertools\nnext(itertools.count())\nx = itertools.tee([1])',
    'def g():\n  yield 1\nx = g()\nnext(x)',
    '"{0.__class__.__mro__}".format(3)',
    'a: int = 1\n__name__ = "collections"',
    'import statistics\nstatistics.mode([1, 1])\nstatistics.quantiles([1, 2, 3])',
    'try: raise KeyError(1)\nexcept KeyError as e: x = e',
    'try: 10 ** 5000 / 3\nexcept OverflowError: pass',
    'import unicodedata\nunicodedata.normalize("NFC", "e\u0301")',
    '"x".encode("utf-7"); b"x".decode("latin-1"); "\\N{BULLET}"',
  ])('%j', (source) => {
    const before = outcome(probe);
    expect(before.verdict).toBe('ok');
    const state = python(fingerprint);
    const answer = run(`${source}\ndef f(): return 1`, ['((), {})']);
    expect(answer).toMatchObject({ outcomes: [{ output: '1' }], plain: true });
    expect(python(fingerprint)).toBe(state);
    expect(outcome(probe)).toEqual(before);
  });

  test.each([
    'class Point:\n  def __init__(self, x):\n    self.x = x\n  def __lt__(self, other):\n    return self.x < other.x\n' +
      'def f(): return sorted([Point(2), Point(1)])[0].x',
    'class Node:\n  count = 0\n  def __init__(self, value, next=None):\n    self.value, self.next = value, next\n    Node.count += 1\n' +
      'def f():\n  Node.count = 0\n  return Node(1, Node(2)).next.value, Node.count',
    'def f():\n  f.calls = 1\n  return f.calls',
    'class Empty(Exception): pass\ndef f():\n  try: raise Empty("a")\n  except Empty as e: return e.args',
  ])('a program that sets its own attributes leaves nothing: %j', (source) => {
    run(source, ['((), {})']);
    python('shared.remember()'); // tests before this one have left things behind
    const state = python(fingerprint);
    expect(run(source, ['((), {})'])).toMatchObject({ plain: true, outcomes: [{ verdict: 'ok' }] });
    expect(python(fingerprint)).toBe(state);
  });

  // Each is undone by hand here, as a real interpreter's memory is put back.
  test.each([
    ['Counter.seen = 1', 'delattr(Counter, "seen")'],
    ['Counter.most_common.seen = 1', 'delattr(Counter.most_common, "seen")'],
    ['Counter.most_common = len', 'setattr(Counter, "most_common", true_most_common)'],
    ['sum.seen = 1', 'delattr(allowed.restricted_builtins["sum"], "seen")'],
    ['type(Counter()).seen = 1', 'delattr(Counter, "seen")'],
    ['class A:\n  def g(self): self.seen = 1\nA.g(Counter)', 'delattr(Counter, "seen")'],
    ['for Counter.seen in [1]: pass', 'delattr(Counter, "seen")'],
    ['try: Counter.seen = 1\nexcept: pass', 'delattr(Counter, "seen")'],
    ['import re\nre.I.seen = 1', 'delattr(__import__("re").I, "seen")'],
    ['import re\nre.I._value_ = 3', 'setattr(__import__("re").I, "_value_", 2)'],
    [
      'from fractions import Fraction\nFraction.limit_denominator.seen = 1',
      'delattr(__import__("fractions").Fraction.limit_denominator, "seen")',
    ],
    ['import json\njson.dumps.seen = 1', 'delattr(__import__("json").dumps, "seen")'],
    ['import typing\ntyping.Counter.seen = 1', 'delattr(Counter, "seen")'],
    ['import itertools\nitertools.count.seen = 1', 'delattr(allowed.facades["itertools"].count, "seen")'],
    ['from functools import cache\ncache.seen = 1', 'delattr(allowed.facades["functools"].cache, "seen")'],
  ])('a program that alters what is shared is not plain: %j', (body, undo) => {
    const names = {
      Counter: python('__import__("collections").Counter'),
      true_most_common: python('__import__("collections").Counter.most_common'),
    };
    python('shared.remember()');
    const source = `from collections import Counter\n${body}\ndef f(): return 1`;
    expect(run(source, ['((), {})'])).toMatchObject({ plain: false, outcomes: [{ verdict: 'ok' }] });
    python(undo, names);
    expect(run('def f(): return 1', ['((), {})']).plain).toBe(true);
    expect(python('shared.untouched(shared.names)')).toBe(true);
  });

  test('running out of something is not plain', () => {
    for (const body of ['while 1: pass', 'return f()', 'return [0] * 10**9']) {
      expect(run(`def f():\n  ${body}`, ['((), {})']).plain, body).toBe(false);
    }
    expect(run('def f(): return 1 / 0', ['((), {})']).plain).toBe(true);
  });
});

describe('a trace', () => {
  const trace = (source: string) =>
    JSON.parse(python('runner.trace(source, "((3,), {})", 50, 40, 1000)', { source }) as string);

  test('goes through the same gate', () => {
    expect(trace('import os')).toEqual({
      verdict: 'banned',
      reason: 'Line 1: programs may not import os.',
      steps: [],
      complete: false,
    });
    expect(trace('def f(:').verdict).toBe('syntax');
  });

  test('runs under the same names and the same fuel', () => {
    expect(trace('import math\ndef f(x): return math.gcd(x, 6)')).toMatchObject({
      verdict: 'ok',
      output: '3',
    });
    expect(trace('def f(x): return type(x)("A", (), {})').verdict).toBe('error');
    expect(trace('def f(x):\n  while 1:\n    try: x += 1\n    except BaseException: pass')).toMatchObject({
      verdict: 'timeout',
      reason: 'It was still running after 1000 steps.',
    });
  });
});

describe('without the gate', () => {
  test('programs have the real thing', () => {
    expect(
      outcome('import os\ndef f(): return os.sep, type("A", (), {}).__name__', '((), {})', { guarded: false })
        .output,
    ).toBe("('/', 'A')");
  });
});
