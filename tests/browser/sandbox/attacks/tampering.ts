/**
 * @file Changes to what every program shares: the realm of JavaScript, the built-in names, the modules. What is not refused must have
 * no effect on the next program, which is why some of these may pass.
 */
import { banned, blocked, body, family, orHarmless, program, script } from './attack';

const harmless = { output: '1' };

export const tampering = family('tampering', [
  // JavaScript
  script('Array.prototype', banned, `Array.prototype.push = function () { return 0; }`),
  script('Array iteration', banned, `Array.prototype[Symbol.iterator] = function* () { yield 'forged'; }`),
  script(
    'Object.prototype',
    banned,
    `Object.defineProperty(Object.prototype, 'verdict', { get: () => 'ok', set() {} })`,
  ),
  script(
    'String.prototype',
    banned,
    `String.prototype.includes = () => true; String.prototype.split = () => []`,
  ),
  script('Promise.prototype', banned, `Promise.prototype.then = () => new Promise(() => {})`),
  script('Map and JSON', banned, `Map.prototype.get = () => 'forged'; JSON.stringify = () => '"forged"'`),
  script('performance.now', banned, `performance.now = () => 0; Date.now = () => 0`),
  script('Atomics', banned, `Atomics.load = () => 0; Atomics.store = () => 0; Atomics.wait = () => 'ok'`),
  script('TextDecoder', banned, `TextDecoder.prototype.decode = () => 'forged'`),
  script(
    'the object behind Python',
    banned,
    `for (const key of Object.keys(self)) if (/py/i.test(key)) self[key] = null`,
  ),
  body(
    'a prototype through an object of Pyodide',
    banned,
    `import pyodide_js\npyodide_js.constructor.prototype.verdict = 'ok'`,
  ),
  body(
    'a prototype through to_js',
    banned,
    `from pyodide.ffi import to_js\nto_js([1]).constructor.prototype.push = None`,
  ),
  body(
    'a module made of JavaScript',
    banned,
    `import pyodide_js\npyodide_js.registerJsModule('math', pyodide_js)`,
  ),

  // Built-in names
  body('builtins by import', banned, `import builtins\nbuiltins.len = builtins.sorted = lambda *a, **k: 7`),
  body(
    '__builtins__',
    blocked,
    `b = __builtins__\n(b if isinstance(b, dict) else vars(b))['len'] = lambda x: 7`,
  ),
  body('builtins by globals()', blocked, `globals()['__builtins__']['sorted'] = lambda *a, **k: []`),
  body('builtins by a function', banned, `f.__builtins__['max'] = min`),
  body('builtins by a method', banned, `print.__self__.sum = lambda x: 7`),
  body(
    'built-in types by gc',
    banned,
    `import gc\ngc.get_referents(vars(str))[0]['split'] = lambda *a: ['forged']`,
  ),
  body(
    'built-in types by ctypes',
    banned,
    `import ctypes\nd = ctypes.py_object.from_address(id(vars(list)) + 8)\nd.value['append'] = None`,
  ),
  body('a small integer by ctypes', banned, `import ctypes\nctypes.memset(id(7) + 12, 9, 1)`),
  program(
    'its own sorted',
    ['ok'],
    `def sorted(*a, **k):\n    return 'mine'\ndef f(x):\n    global len\n    len = lambda v: 7\n    return sorted([]), len([])`,
    { output: "('mine', 7)" },
  ),
  program(
    'its own names by star',
    orHarmless(blocked),
    `from math import *\nfrom collections import *\ndef f(x):\n    return x`,
    harmless,
  ),

  // Modules
  body('math.isqrt', orHarmless(blocked), `import math\nmath.isqrt = lambda x: 7`, harmless),
  body('math by setattr', orHarmless(blocked), `import math\nsetattr(math, 'isqrt', lambda x: 7)`, harmless),
  body('math by vars', orHarmless(blocked), `import math\nvars(math)['isqrt'] = lambda x: 7`, harmless),
  body('math by del', orHarmless(blocked), `import math\ndel math.isqrt`, harmless),
  body(
    'math as a loop variable',
    orHarmless(blocked),
    `import math\nfor math.isqrt in [None]: pass`,
    harmless,
  ),
  body(
    'math in a with',
    orHarmless(blocked),
    `import math, contextlib\nwith contextlib.nullcontext() as math.isqrt: pass`,
    harmless,
  ),
  body(
    'math in a match',
    orHarmless(blocked),
    `import math\n[math.isqrt for math.isqrt in [None]]`,
    harmless,
  ),
  body(
    'Counter.most_common',
    orHarmless(blocked),
    `import collections\ncollections.Counter.most_common = lambda self, n=None: 'forged'`,
    harmless,
  ),
  body(
    'Counter by type.__setattr__',
    banned,
    `from collections import Counter\ntype.__setattr__(Counter, 'most_common', None)`,
  ),
  program(
    'Counter by update_wrapper',
    orHarmless(blocked),
    `
    from collections import Counter
    from functools import update_wrapper

    class Fake:
        def most_common(self, n=None):
            return 'forged'

    def f(x):
        update_wrapper(Counter, Fake, assigned=('most_common',), updated=())
        return x
    `,
    harmless,
  ),
  program(
    'Counter by total_ordering',
    orHarmless(blocked),
    `import functools, collections\nfunctools.total_ordering(collections.Counter)\ndef f(x):\n    return x`,
    harmless,
  ),
  program(
    'Counter by dataclass',
    orHarmless(blocked),
    `import dataclasses, collections\ndataclasses.dataclass(collections.Counter)\ndef f(x):\n    return x`,
    harmless,
  ),
  program(
    'Counter by __set_name__',
    orHarmless(blocked),
    `
    import functools
    from collections import Counter

    def f(x):
        functools.cached_property(len).__set_name__(Counter, 'most_common')
        return x
    `,
    harmless,
  ),
  program(
    'OrderedDict by typing.final',
    orHarmless(blocked),
    `import typing, collections\ntyping.final(collections.OrderedDict)\ndef f(x):\n    return x`,
    harmless,
  ),
  program(
    'an abstract class that takes in int',
    orHarmless(blocked),
    `from collections.abc import Sequence\nSequence.register(int)\ndef f(x):\n    return x`,
    {
      output: '1',
      probe: {
        program: `from collections.abc import Sequence\n\ndef f(x):\n    return isinstance(x, Sequence)\n`,
        input: '1',
        output: 'False',
      },
    },
  ),
  program(
    'a metaclass that answers for others',
    orHarmless(blocked),
    `
    class Meta(type):
        def __instancecheck__(cls, value):
            return True
        def __eq__(cls, other):
            return True
        __hash__ = type.__hash__

    class int(metaclass=Meta):
        pass

    def f(x):
        return x
    `,
    harmless,
  ),
  program(
    'an enum that replaces members',
    orHarmless(blocked),
    `
    import enum, re

    def f(x):
        re.RegexFlag._member_map_['IGNORECASE'] = None
        return x
    `,
    harmless,
  ),
  program(
    'a generic alias',
    orHarmless(blocked),
    `import typing\ntyping.List._name = 'forged'\ndef f(x):\n    return x`,
    harmless,
  ),
  program(
    '__reduce_ex__ through copy, in a type with a name made at run time',
    orHarmless(blocked),
    `
    import copy
    from collections import Counter

    def set_it(name, value):
        setattr(Counter, name, value)

    def f(x):
        name = '_' * 2 + 'reduce_ex' + '_' * 2
        kind = type(int)('K', (), {name: lambda self, protocol: (set_it, ('most_common', None))})
        copy.copy(kind())
        return x
    `,
    harmless,
  ),
  program(
    '__setstate__ through copy',
    orHarmless(blocked),
    `
    import copy, math

    def f(x):
        name = '_' * 2 + 'reduce_ex' + '_' * 2
        kind = type(int)('K', (), {name: lambda self, protocol: (lambda: math, (), {'isqrt': None})})
        copy.copy(kind())
        return x
    `,
    harmless,
  ),
  body('the cache of re', orHarmless(blocked), `import re\nre._cache.clear()\nre.compile = None`, harmless),
  body(
    'string constants',
    orHarmless(blocked),
    `import string\nstring.digits = 'forged'\nstring.ascii_lowercase = ''`,
    harmless,
  ),
  body('heapq', orHarmless(blocked), `import heapq\nheapq.heappop = lambda heap: 'forged'`, {
    output: '1',
    probe: {
      program: `import heapq\n\ndef f(xs):\n    heapq.heapify(xs)\n    return heapq.heappop(xs)\n`,
      input: '[3, 1, 2]',
      output: '1',
    },
  }),
  body(
    'partial and reduce',
    orHarmless(blocked),
    `import functools\nfunctools.reduce = lambda *a: 'forged'\nfunctools.partial = None`,
    {
      output: '1',
      probe: {
        program: `from functools import partial, reduce\n\ndef f(x):\n    return reduce(partial(max), range(x))\n`,
        input: '5',
        output: '4',
      },
    },
  ),
]);
