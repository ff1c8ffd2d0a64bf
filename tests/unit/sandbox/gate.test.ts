/** What the gate refuses, what it lets pass, and what it calls plain. `plain` must err on one side only. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { openPython, type Python } from './interpreter';

let python: Python;
beforeAll(async () => {
  python = await openPython();
});

function inspect(source: string): { reason: string | null; plain: boolean } {
  const text = python('__import__("json").dumps(gate.inspect(source, __import__("ast").parse(source)))', {
    source,
  }) as string;
  const [reason, plain] = JSON.parse(text);
  return { reason, plain };
}

describe('refuses', () => {
  test.each([
    ['import os', 'Line 1: programs may not import os.'],
    ['x = 1\nimport random, math', 'Line 2: programs may not import random.'],
    ['import os.path as math', 'Line 1: programs may not import os.path.'],
    ['from datetime import date', 'Line 1: programs may not import datetime.'],
    ['from . import math', 'Line 1: programs may not import ..'],
    ['from math import _x', 'Line 1: programs may not import _x from math.'],
    ['from statistics import random', 'Line 1: programs may not import random from statistics.'],
    ['from collections.abc import _sys', 'Line 1: programs may not import _sys from collections.abc.'],
    ['from string import Formatter', 'Line 1: programs may not import Formatter from string.'],
    ['from typing import get_type_hints', 'Line 1: programs may not import get_type_hints from typing.'],
    ['\nopen("x")', 'Line 2: programs may not use open.'],
    ['f = eval', 'Line 1: programs may not use eval.'],
    ['__import__("os")', 'Line 1: programs may not use __import__.'],
    ['f.__bases__', 'Line 1: programs may not use __bases__.'],
    ['f.__globals__', 'Line 1: programs may not use __globals__.'],
    ['x.ｆ_ｂack', 'Line 1: programs may not use f_back.'],
    ['g.gi_frame', 'Line 1: programs may not use gi_frame.'],
    ['e.with_traceback(None)', 'Line 1: programs may not use with_traceback.'],
    ['class A:\n  def __del__(self): pass', 'Line 2: programs may not use __del__.'],
    ['class A:\n  def __reduce_ex__(self, n): pass', 'Line 2: programs may not use __reduce_ex__.'],
    ['class A:\n  __getattribute__ = f', 'Line 2: programs may not use __getattribute__.'],
    ['class A:\n  __match_args__ = ("x",)', 'Line 2: programs may not use __match_args__.'],
    ['class A(metaclass=M): pass', 'Line 1: programs may not give a class keywords such as metaclass.'],
    ['x.__init__ = 1', 'Line 1: programs may not set or delete __init__.'],
    ['del x.__doc__', 'Line 1: programs may not set or delete __doc__.'],
    ['for x.__class__ in y: pass', 'Line 1: programs may not set or delete __class__.'],
    ['type("A", (), {})', 'Line 1: programs may not make classes with type().'],
    [
      'y = x.__class__',
      'Line 1: programs may use __class__ only to compare, name or call it; type(x) does more.',
    ],
    ['match x:\n  case object(__class__=c): pass', 'Line 2: programs may not read __class__ in a pattern.'],
    ['match x:\n  case object(__dict__=d): pass', 'Line 2: programs may not use __dict__.'],
    ['async def f(): pass', 'Line 1: programs may not be asynchronous.'],
    ['x = (y async for y in z)', 'Line 1: programs may not be asynchronous.'],
  ])('%j', (source, reason) => {
    expect(inspect(source)).toEqual({ reason, plain: false });
  });

  test.each([
    'def f(__builtins__): pass',
    'def f(*__x__): pass',
    'f(__x__=1)',
    'lambda **__x__: 1',
    'global __x__',
    'def f():\n  x = 1\n  def g():\n    nonlocal __x__',
    'import math as __x__',
    'try: pass\nexcept E as __x__: pass',
    'match x:\n  case [*__x__]: pass',
    'match x:\n  case {**__x__}: pass',
    'match x:\n  case 1 as __x__: pass',
    'def f[__x__](): pass',
    'type __x__ = int',
    'class __x__: pass',
    'with a as __x__: pass',
    '(__x__ := 1)',
    "f'{x.__dict__}'",
    "t'{x.__dict__}'",
  ])('a dunder anywhere: %j', (source) => {
    expect(inspect(source).reason).toContain('programs may not use __');
  });

  // Whatever could keep hold of a class's class, or call it with three arguments, would have `type`.
  test.each([
    'x.__class__("A", (), {})',
    'x.__class__(*a)',
    'x.__class__(**a)',
    '[x.__class__]',
    'y == x.__class__',
    'g(x.__class__)',
    'isinstance(x.__class__, int)',
    'x.__class__.x',
    'lambda: x.__class__',
  ])('__class__ in %j', (source) => {
    expect(inspect(source).reason).toContain('__class__');
  });
});

test.each([
  'x.__class__.__name__',
  'x.__class__ is y.__class__',
  'x.__class__ == y.__class__',
  'x.__class__(1, 2)',
  'isinstance(x, y.__class__)',
  'class A:\n  __slots__ = ("x",)\n  __hash__ = None\n  def __radd__(self, o): return super().__add__(o)',
  'def f(input, dir, vars): return input[dir]', // names of its own
  'if __name__ == "__main__": f()',
  'from __future__ import annotations',
  'from collections.abc import Iterable',
  'import collections.abc as c',
  'from math import *',
  'try: pass\nexcept BaseException: raise SystemExit',
])('lets pass: %j', (source) => {
  expect(inspect(source).reason).toBeNull();
});

describe('plain', () => {
  test.each([
    'def f(x): return [y * 2 for y in sorted(x, key=lambda y: -y)]',
    'from collections import Counter, defaultdict, deque\ndef f(s): return Counter(s).most_common(2)',
    'import math, itertools, heapq, bisect, re\ndef f(x): return math.gcd(*x), re.sub("a", "b", "c")',
    'from typing import List, Optional\ndef f(x: List[int]) -> Optional[int]: return x[0] if x else None',
    'from functools import lru_cache, reduce\n@lru_cache(maxsize=None)\ndef f(n): return n if n < 2 else f(n-1)',
    'def f(n):\n  def g():\n    nonlocal n\n    yield n\n  return list(g())',
    'def f(x):\n  match x:\n    case {"a": [y, *z]} if y: return z\n    case int(): return 1',
    'from fractions import Fraction\ndef f(x): return Fraction(x, 3).numerator',
    'def f(x):\n  try: return 1 / x\n  except ZeroDivisionError as e: return e.args',
    'def f(x): return type(x).__name__, isinstance(x, int)',
    'f.anything',
    'match x:\n  case A(anything=y): pass',
  ])('%j', (source) => {
    expect(inspect(source)).toEqual({ reason: null, plain: true });
  });
});

describe('plain, if what programs share is untouched afterwards', () => {
  test.each([
    ['class A: pass', []],
    [
      'class A:\n  def __init__(self, x): self.x = x\n  def __eq__(self, other): return self.x == other.x',
      ['x'],
    ],
    ['class A:\n  def __init__(self): super().__init__()', []],
    ['class A:\n  def push(self, x): return x\nA().push(1)', []],
    ['class Empty(ValueError): pass\nclass Emptier(Empty): pass', []],
    ['f.cache = {}', ['cache']],
    ['for Counter.x in y: pass', ['x']],
    ['with a as Counter.x: pass', ['x']],
    ['[0 for Counter.x in y]', ['x']],
    ['Counter.x: int = 3', ['x']],
  ])('%j', (source, names) => {
    expect(inspect(source)).toEqual({ reason: null, plain: true });
    expect(
      python('__import__("json").dumps(gate.inspect(source, __import__("ast").parse(source))[2])', {
        source,
      }),
    ).toBe(JSON.stringify(names));
  });
});

describe('not plain', () => {
  test.each([
    'del f.cache',
    'class A(dict): pass',
    'class A(B): pass',
    'class A(object, list): pass',
    'class A(g()): pass',
    '@g\nclass A: pass',
    'class A:\n  def g(self): super(A, self).__init__()',
    'class A:\n  def g(self): return super()',
    'super = len\nclass A(list):\n  def g(self): super().__init__()',
    'class A:\n  @property\n  def x(self): return 1',
    'class A:\n  def __init__(self): object.__init__(self)',
    'from typing import Optional\nOptional._name = 1',
    'class A:\n  def g(self): self.register = self.register(int)',
    'setattr(x, "y", 1)',
    's = setattr',
    'getattr(x, "y")',
    'from functools import wraps',
    'import functools\nfunctools.update_wrapper(x, y)',
    'from functools import *',
    'from functools import total_ordering',
    'import decimal',
    'from decimal import getcontext',
    'from collections import namedtuple',
    'import collections\ncollections.namedtuple("A", "b")',
    'import collections.abc\ncollections.abc.Sequence.register(int)',
    'from operator import methodcaller',
    'import operator\noperator.attrgetter("x")',
    'from dataclasses import dataclass',
    'from enum import Enum',
    'def f():\n  try: yield\n  finally: pass',
    'x.__len__()',
    'type X = int',
    "t'{x}'",
  ])('%j', (source) => {
    expect(inspect(source)).toEqual({ reason: null, plain: false });
  });

  test('no name is plain as an attribute that is not plain as an import', () => {
    const both = python(
      `[f'{module}.{name}' for module, names in allowed.plain_names.items() if names
        for name in set(vars(allowed.facades[module])) - names if name in allowed.plain_attributes and name != '__name__'].__repr__()`,
    );
    expect(both).toBe('[]');
  });
});

test('every module that is allowed can be imported, and offers no module that is not', () => {
  const modules = JSON.parse(python('__import__("json").dumps(allowed.allowed_modules())') as string);
  expect(modules).toContain('collections.abc');
  expect(inspect(modules.map((name: string) => `import ${name}`).join('\n')).reason).toBeNull();
  const inside = python(
    `[f'{name}.{member}' for name, facade in allowed.facades.items() for member, value in vars(facade).items()
      if not member.startswith('__') and (member[0] == '_' or isinstance(value, type(json)) and value not in allowed.facades.values())
    ].__repr__()`.replace('type(json)', 'type(__import__("sys"))'),
  );
  expect(inside).toBe('[]');
});

test('docs/SANDBOX.md lists exactly the modules that are allowed', () => {
  const text = readFileSync(join(import.meta.dirname, '../../../docs/SANDBOX.md'), 'utf8');
  const listed = text
    .split('<!-- modules -->')[1]
    .split('<!-- /modules -->')[0]
    .matchAll(/`([^`]+)`/g);
  const modules = JSON.parse(python('__import__("json").dumps(allowed.allowed_modules())') as string);
  expect([...listed].map((match) => match[1])).toEqual(modules);
});

test('the gate looks at long and deep programs without recursion', () => {
  expect(inspect(`x = ${'[0] + '.repeat(400)}[0]`).reason).toBeNull();
  expect(inspect(`${'if x: pass\nel'.repeat(80)}if x: pass\nelse: x.__dict__`).reason).toContain('__dict__');
});
