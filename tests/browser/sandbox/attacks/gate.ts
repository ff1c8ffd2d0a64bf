/**
 * @file Ways around a list of forbidden names. Whoever reads the text of a program before it runs can be told one thing while Python
 * does another; what gets past must find nothing behind.
 */
import { banned, blocked, body, family, notData, orHarmless, program } from './attack';

const harmless = { output: '1' };
const refused = [...blocked, ...notData, 'syntax' as const];
/** A format reads attributes but gives only text: harmless where it repeats, and with an address in it, it does not. */
const asText = [...refused, 'nondeterministic' as const];
const text = (value: string) => ({ output: `"${value}"` });

export const gate = family('gate', [
  // Names that are made at run time
  body('getattr', blocked, `x = str(getattr(x, '__ba' + 'ses__'))`),
  body('getattr by another name', blocked, `g = getattr\nx = str(g(g(x, '__cl' + 'ass__'), '__mr' + 'o__'))`),
  body('getattr in a map', blocked, `x = list(map(getattr, [f], ['__glo' + 'bals__']))[0]['__builtins__']`),
  body('a text with codes', blocked, `x = str(getattr(f, '\\x5f\\x5fglobals\\x5f\\x5f').keys())`),
  body('text backwards', blocked, `x = str(getattr(f, '__slabolg__'[::-1]).keys())`),
  body(
    'str.format',
    orHarmless(refused),
    `x = '{0.__class__.__mro__}'.format(x)`,
    text("(<class 'int'>, <class 'object'>)"),
  ),
  body('str.format of a function', asText, `x = '{0.__globals__}'.format(f)`),
  body('format_map', asText, `x = '{f.__globals__}'.format_map({'f': f})`),
  body(
    'str.format by another name',
    orHarmless(refused),
    `x = str.format('{0.__' + 'class__}', x)`,
    text("<class 'int'>"),
  ),
  body('a bound format', asText, `g = ('{0.__gl' + 'obals__}').format\nx = g(f)`),
  body(
    'string.Formatter',
    refused,
    `import string\nx = str(string.Formatter().get_field('0.__class__.__mro__', (x,), {}))`,
  ),
  body('vformat', refused, `import string\nx = string.Formatter().vformat('{0.__globals__}', (f,), {})`),
  body(
    'string.Template',
    refused,
    `import string\nclass T(string.Template):\n    idpattern = '.*'\nx = T('\${x.__class__}').substitute(x=1)`,
  ),
  body('attrgetter', blocked, `from operator import attrgetter\nx = str(attrgetter('__class__.__mro__')(x))`),
  body(
    'methodcaller',
    blocked,
    `from operator import methodcaller\nx = str(methodcaller('__reduce_ex__', 2)(x))`,
  ),
  body('object.__getattribute__', banned, `x = str(object.__getattribute__(x, '__class__'))`),
  body('vars', blocked, `x = str(vars(f)) + str(vars(type(x))['__add__'])`),
  body(
    'dir',
    [...blocked, 'too-long'],
    `x = [getattr(f, name) for name in dir(f) if 'glob' in name][0]['__name__']`,
  ),
  body('a class pattern', blocked, `match f:\n    case object(__globals__=g):\n        x = sorted(g)`),
  program(
    'a class pattern with names made at run time',
    refused,
    `
    class P:
        pass

    P.__match_args__ = ('__glo' + 'bals__',)

    def f(x):
        match f:
            case P(g):
                return sorted(g)
        return P.__name__
    `,
  ),
  program(
    '__match_args__ by type()',
    refused,
    `
    P = type('P', (object,), {'__match_' + 'args__': ('__glo' + 'bals__',)})
    M = type('M', (type,), {'__instance' + 'check__': lambda c, v: True})
    Q = M('Q', (), {'__match_' + 'args__': ('__glo' + 'bals__',)})

    def f(x):
        match f:
            case Q(g):
                return sorted(g)['forged']
    `,
  ),

  // Classes made at run time
  program(
    'type() with three arguments',
    refused,
    `def f(x):\n    C = type('C', (int,), {'__' + 'add__': lambda a, b: 'forged'})\n    return C(1) + 1`,
  ),
  program(
    'type(int)()',
    refused,
    `def f(x):\n    return type(int)('C', (), {'__' + 'call__': lambda s: eval('1')})()()`,
  ),
  program(
    'a metaclass',
    refused,
    `class M(type):\n    def __new__(m, n, b, d):\n        return eval\nclass C(metaclass=M): pass\ndef f(x):\n    return C('1')`,
  ),
  program('a decorator', refused, `@eval\n@lambda g: '__import__("os").getpid'\ndef f(x): pass`),
  program(
    'a decorator for a class',
    refused,
    `@exec\n@(lambda c: 'import os')\nclass C: pass\ndef f(x):\n    return C`,
  ),
  program(
    '__init_subclass__',
    refused,
    `class A:\n    def __init_subclass__(cls, g=None):\n        cls.h = open\nclass B(A): pass\ndef f(x):\n    return B.h('/etc/passwd').read()`,
  ),
  program(
    '__class_getitem__',
    refused,
    `class A:\n    __class_getitem__ = eval\ndef f(x):\n    return A['__import__("os").getpid()']`,
  ),
  program(
    '__getattr__ of the module',
    refused,
    `def __getattr__(name):\n    return eval(name)\ndef f(x):\n    return __import__(__name__).x`,
  ),
  program(
    '__import__ of its own',
    refused,
    `def __import__(*a):\n    return 7\nimport os\ndef f(x):\n    return os.getcwd()`,
  ),
  program(
    '__build_class__',
    refused,
    `def f(x):\n    return __build_class__(lambda: None, 'C').__mro__[1].__name__`,
  ),
  program(
    'an exception hook',
    banned,
    `import sys\nsys.excepthook = exec\ndef f(x):\n    raise Exception('import os')`,
  ),
  program(
    '__getitem__ = exec',
    refused,
    `class A:\n    __getitem__ = staticmethod(exec)\ndef f(x):\n    return A()['import os']`,
  ),
  program(
    '__del__ with eval',
    refused,
    `class A:\n    def __del__(self, run=eval):\n        run('__import__("os")')\ndef f(x):\n    A()\n    return 2 / 0`,
  ),

  // Code from text and bytes
  body('eval', blocked, `x = eval('__import__("os").getpid()')`),
  body('exec', blocked, `exec('import os; x = os.getpid()')`),
  body('compile', blocked, `eval(compile('import os', 'x', 'exec'))`),
  body('eval in a default', blocked, `x = (lambda g=eval: g('__import__("os").getpid()'))()`),
  body('eval through map', blocked, `x = list(map(eval, ['__import__("os").getpid()']))`),
  body('FunctionType', banned, `import types\nx = types.FunctionType(f.__code__, {})(1)`),
  body('a code object', banned, `x = type(f.__code__)(0)`),
  body('the type of a lambda', blocked, `x = type(lambda: 0)(compile('1', '', 'eval'), {})()`),
  body('marshal', banned, `import marshal\nx = marshal.loads(marshal.dumps(f.__code__))`),
  body('pickle', banned, `import pickle\nx = pickle.loads(b"cos\\nsystem\\n(S'x'\\ntR.")`),
  body('copyreg', banned, `import copyreg\ncopyreg.pickle(int, lambda v: (eval, ('1',)))`),
  body('shelve', banned, `import shelve\nshelve.open('/tmp/x')`),
  body('codecs', banned, `import codecs\nx = codecs.open('/etc/passwd').read()`),
  body('codecs and rot13', blocked, `import codecs\nx = eval(codecs.decode('__vzcbeg__("bf")', 'rot13'))`),
  body(
    'get_type_hints',
    refused,
    `import typing\ndef g(y: '__import__("os").getpid()'): pass\nx = str(typing.get_type_hints(g)['y'])`,
  ),
  body(
    'ForwardRef',
    refused,
    `import typing\nx = str(typing.ForwardRef('__import__("os")')._evaluate({}, {}, frozenset()))`,
  ),
  body(
    'make_dataclass',
    refused,
    `import dataclasses\nC = dataclasses.make_dataclass('C', [('x', 'int', dataclasses.field(default_factory=lambda: eval('7')))])\nx = C().x`,
  ),
  body(
    'make_dataclass with code for a name',
    refused,
    `import dataclasses\nx = str(dataclasses.make_dataclass('C', ['a=eval("1")'])(1))`,
  ),
  body(
    'namedtuple with code for a name',
    blocked,
    `import collections\nx = str(collections.namedtuple('P', ['x=__import__("os")']))`,
  ),
  body('Enum by a function', refused, `import enum\nx = str(enum.Enum('E', {'__class__': 1, 'a': eval}).a)`),
  body('timeit', banned, `import timeit\nx = timeit.timeit('import os')`),
  body('runpy', banned, `import runpy\nrunpy.run_module('this')`),
  body('code', banned, `import code\ncode.InteractiveInterpreter().runsource('import os')`),
  body('doctest', banned, `import doctest\ndoctest.testmod()`),
  body('pdb', banned, `import pdb\npdb.run('import os')`),
  body('cProfile', banned, `import cProfile\ncProfile.run('import os')`),
  body('ast', orHarmless(banned), `import ast\nast.parse('1')`, harmless),
  body('help', blocked, `help('modules')`),
  body('license', blocked, `license()`),
  body('open', blocked, `x = open('/etc/passwd').read()`),
  body('open by io', banned, `import io\nx = io.open('/etc/passwd').read()`),
  body('open by pathlib', banned, `import pathlib\nx = pathlib.Path('/etc/passwd').read_text()`),
  body('open by tokenize', banned, `import tokenize\nx = tokenize.open('/etc/passwd').read()`),
  body('open by fileinput', banned, `import fileinput\nx = list(fileinput.input('/etc/passwd'))`),

  // Imports
  body('import in a function', banned, `import os\nx = os.getcwd()`),
  body('import as', banned, `import os as math\nx = math.getcwd()`),
  body('import of a part', banned, `import os.path as math\nx = math.abspath('.')`),
  body('from import', banned, `from os import getcwd as isqrt\nx = isqrt()`),
  body('from import star', ['syntax', 'banned'], `from os import *`),
  body('an import of what a module imports', banned, `from collections import _sys\nx = _sys.path`),
  body('another import of what a module imports', blocked, `from re import enum\nx = enum.sys.path`),
  body('a relative import', blocked, `from . import os`),
  body('a submodule', blocked, `import collections.os`),
  body('__import__', blocked, `x = __import__('os').getcwd()`),
  body('importlib', banned, `import importlib\nx = importlib.import_module('os').getcwd()`),
  body(
    'imp by zipimport',
    banned,
    `import zipimport\nzipimport.zipimporter('/lib/python314.zip').load_module('os')`,
  ),
  body('pkgutil', banned, `import pkgutil\nx = pkgutil.resolve_name('os:getcwd')()`),
  body('antigravity', banned, `import antigravity`),
  body('_pyodide', banned, `import _pyodide._base\nx = _pyodide._base.eval_code('1 + 1')`),
  body(
    'pyodide.code',
    banned,
    `import pyodide.code\nx = pyodide.code.eval_code('__import__("os").getpid()')`,
  ),
  body('__future__', orHarmless(['syntax', 'banned']), `import __future__`, harmless),
  program(
    '__future__ annotations',
    orHarmless(['banned', 'syntax']),
    `from __future__ import annotations\ndef f(x: __import__('os')):\n    return x`,
    harmless,
  ),

  // Characters
  body('wide letters', blocked, `x = ｅｖａｌ('__import__("os").getpid()')`),
  body('a wide dunder', banned, `x = str(x.__ｃlass__.__mro__)`),
  body('letters of mathematics', banned, `x = str(x.__𝒸𝓁𝒶𝓈𝓈__)`),
  body('a wide underscore', [...blocked, 'syntax'], `x = str(x._＿class_＿.__name__)`),
  body('a wide import', banned, `import ｏｓ\nx = ｏｓ.getcwd()`),
  body('an import in letters of mathematics', banned, `import 𝚜𝚢𝚜\nx = 𝚜𝚢𝚜.path`),
  program(
    'utf-7',
    ['syntax', 'error', 'banned'],
    `# coding: utf-7\ndef f(x):\n    return +AGUAdgBhAGw-('1')`,
  ),
  program('rot13', ['syntax', 'error', 'banned'], `# coding: rot13\nqrs s(k):\n    erghea riny('1')`),
  program(
    'unicode_escape',
    orHarmless(['syntax', 'error', 'banned']),
    `# coding: unicode_escape\n#\\u000aimport os\ndef f(x):\n    return x`,
    harmless,
  ),
  program(
    'raw_unicode_escape',
    orHarmless(['syntax', 'error', 'banned']),
    `# -*- coding: raw_unicode_escape -*-\n#\\u000aimport js\ndef f(x):\n    return x`,
    harmless,
  ),
  program(
    'utf-16',
    orHarmless(['syntax', 'error', 'banned']),
    `# coding: utf-16\ndef f(x):\n    return x`,
    harmless,
  ),
  program('a form feed before an import', banned, `\u000cimport os\ndef f(x):\n    return os.getcwd()`),
  program(
    'a carriage return in a comment',
    banned,
    `# harmless \rimport os\ndef f(x):\n    return os.getcwd()`,
  ),
  program(
    'a line separator',
    ['syntax', 'banned', 'error'],
    `# harmless \u2028import os\ndef f(x):\n    return os.getcwd()`,
  ),
  program('a continued line', banned, `import \\\n  os\ndef f(x):\n    return os.getcwd()`),
  program(
    'text that turns round',
    orHarmless(['syntax', 'banned', 'error']),
    `def f(x):\n    '\u202e' # x nruter \u202c\n    return x`,
    harmless,
  ),

  // Names that mean something else
  program(
    'a name mangled',
    refused,
    `class _:\n    def g(self):\n        return self.__class\n_.__ = None\ndef f(x):\n    return _().g()`,
  ),
  program(
    'a mangled import',
    refused,
    `class C:\n    import __main__\n    def g(self): return self.__main__\ndef f(x):\n    return sorted(vars(C().g()))`,
  ),
  program(
    'global __builtins__',
    refused,
    `def f(x):\n    global __builtins__\n    __builtins__ = {}\n    return len([])`,
  ),
  program('del of a built-in', [...refused], `def f(x):\n    global len\n    del len\n    return len([])`),
  program(
    'except star',
    refused,
    `def f(x):\n    try:\n        raise ExceptionGroup('g', [ValueError(open)])\n    except* ValueError as e:\n        return e.exceptions[0].args[0]('/etc/passwd').read()`,
  ),
  program('a default of a lambda', refused, `f = lambda x, g=open: g('/etc/passwd').read()`),
  program('a type alias', refused, `type A = __import__('os').getpid()\ndef f(x):\n    return A.__value__`),
  program(
    'a type parameter',
    refused,
    `def f[T: __import__('os').getpid()](x):\n    return f.__type_params__[0].__bound__`,
  ),
  program(
    '__annotate__',
    refused,
    `def f(x):\n    def g(y: eval('__import__("os").getpid()')): pass\n    return g.__annotate__(1)['y']`,
  ),
  program('a template string', refused, `def f(x):\n    return t'{eval("1")}'.interpolations[0].value`),
  program(
    'exec by super',
    refused,
    `class A:\n    def g(self):\n        return super().__getattribute__('__class__').__mro__\ndef f(x):\n    return str(A().g())`,
  ),
  program(
    'print to a file',
    orHarmless(blocked),
    `class W:\n    def write(self, text):\n        raise SystemExit(text)\ndef f(x):\n    print('forged', file=W())\n    return x`,
    harmless,
  ),
]);
