/**
 * @file What a program leaves behind for the next one. Each comes with the good program that would notice, so that "no effect" is
 * measured and not assumed.
 */
import { banned, blocked, body, family, type Good, orHarmless, python, script } from './attack';

const good = (source: string, input: string, output: string) => ({
  probe: { program: python(source), input, output },
});

const deep = good(`def g(n):\n    return n and 1 + g(n - 1)\n\ndef f(x):\n    return g(x)`, '300', '300');
const shallow = good(
  `def g(n):\n    return g(n + 1)\n\ndef f(x):\n    try:\n        return g(x)\n    except RecursionError:\n        return 'stopped'`,
  '0',
  "'stopped'",
);
const third = good(
  `from decimal import Decimal\n\ndef f(x):\n    return str(Decimal(1) / x)`,
  '3',
  `'0.${'3'.repeat(28)}'`,
);
const digits = good(
  `def f(x):\n    try:\n        return len(str(10 ** x))\n    except ValueError:\n        return 'too long'`,
  '5000',
  "'too long'",
);
const shared = { output: '1' };
const fresh: { probe: Good } = good(
  `def f(x):\n    return len('abc'), sorted([2, 1]), sum([x, 2]), max(1, 2)`,
  '1',
  '(3, [1, 2], 3, 2)',
);

export const residue = family('residue', [
  body('a file', blocked, `open('/tmp/hostile', 'w').write('x')`),
  body(
    'a module in the path',
    blocked,
    `open('/home/pyodide/heapq.py', 'w').write('heappop = lambda h: "forged"')`,
    {
      ...good(`import heapq\n\ndef f(xs):\n    return heapq.heappop(xs)`, '[1, 2]', '1'),
    },
  ),
  body(
    'a file by os',
    banned,
    `import os\nos.close(os.open('/tmp/hostile', os.O_CREAT | os.O_WRONLY))\nos.chdir('/tmp')`,
  ),
  body(
    'a directory',
    banned,
    `import os\nos.makedirs('/tmp/hostile', exist_ok=True)\nos.rename('/home', '/tmp/home')`,
  ),
  body(
    'a file by the file system of Pyodide',
    banned,
    `import pyodide_js\npyodide_js.FS.writeFile('/tmp/hostile', 'x')`,
  ),
  body('a patched file system', banned, `import pyodide_js\npyodide_js.FS.open = None`),
  body('unpackArchive', banned, `import pyodide_js\npyodide_js.unpackArchive(b'x', 'zip')`),
  body('setInterruptBuffer', banned, `import pyodide_js\npyodide_js.setInterruptBuffer(None)`),
  script('close', banned, `self.close()`, { hangs: true }),
  script('a timer that never stops', banned, `setInterval(() => { for (let i = 0; i < 1e6; i++); }, 0)`),
  script(
    'a microtask that never stops',
    banned,
    `const again = () => Promise.resolve().then(again); again()`,
    { hangs: true },
  ),
  body('a higher recursion limit', banned, `import sys\nsys.setrecursionlimit(10**8)`, {
    ...shallow,
    hangs: true,
  }),
  body('a lower recursion limit', banned, `import sys\nsys.setrecursionlimit(60)`, deep),
  body('a tracer', banned, `import sys\nsys.settrace(lambda *a: 1 / 0)`),
  body('a profiler', banned, `import sys\nsys.setprofile(lambda *a: None)`),
  body(
    'a monitor',
    banned,
    `import sys\nm = sys.monitoring\nm.use_tool_id(4, 'x')\nm.register_callback(4, m.events.PY_START, lambda *a: 1 / 0)\nm.set_events(4, m.events.PY_START)`,
  ),
  body(
    'an audit hook',
    banned,
    `import sys\ndef hook(event, args):\n    raise ValueError(event)\nsys.addaudithook(hook)`,
  ),
  body('the digits of integers', banned, `import sys\nsys.set_int_max_str_digits(0)`, digits),
  body('the switch interval', banned, `import sys\nsys.setswitchinterval(10**6)`),
  body('the precision of Decimal', orHarmless(blocked), `import decimal\ndecimal.getcontext().prec = 3`, {
    ...shared,
    ...third,
  }),
  body(
    'the default precision of Decimal',
    orHarmless(blocked),
    `import decimal\ndecimal.DefaultContext.prec = 3\ndecimal.setcontext(decimal.Context(prec=3))`,
    { ...shared, ...third },
  ),
  body(
    'the traps of Decimal',
    orHarmless(blocked),
    `import decimal\ndecimal.getcontext().traps[decimal.Inexact] = True`,
    { ...shared, ...third },
  ),
  body('os.environ', banned, `import os\nos.environ['PYTHONHASHSEED'] = '7'`),
  body('the locale', banned, `import locale\nlocale.setlocale(locale.LC_ALL, 'C')`),
  body('warnings', banned, `import warnings\nwarnings.simplefilter('error')`),
  body('random.seed', banned, `import random\nrandom.seed(1)`),
  body('gc.disable', banned, `import gc\ngc.disable()\ngc.set_threshold(1)`),
  body('gc.freeze', banned, `import gc\ngc.freeze()\ngc.callbacks.append(lambda *a: 1 / 0)`),
  body(
    'stdout',
    banned,
    `import sys\nsys.stdout = sys.stderr = None`,
    good(`def f(x):\n    print(x)\n    return x`, '1', '1'),
  ),
  body(
    'the import hook',
    banned,
    `import sys\nclass Finder:\n    def find_spec(self, *a):\n        raise ValueError\nsys.meta_path.insert(0, Finder)`,
  ),
  body('sys.modules', banned, `import sys\nsys.modules['math'] = sys.modules['collections'] = None`),
  body('sys.path', banned, `import sys\nsys.path.clear()\nsys.path_hooks.clear()`),
  body('every module but its own', banned, `import sys\nsys.modules.clear()`),
  body('built-in names', banned, `import builtins\nbuiltins.len = lambda v: 7\nbuiltins.max = min`, fresh),
  body('built-in names by global', orHarmless(blocked), `global sorted, sum\nsorted = sum = lambda *a: 7`, {
    ...shared,
    ...fresh,
  }),
  body(
    'built-in names by globals()',
    orHarmless(blocked),
    `globals().update(len=None, sorted=None, f=None)`,
    { ...shared, ...fresh },
  ),
  body('a deleted built-in name', banned, `import builtins\ndel builtins.isinstance`),
  body(
    '__build_class__',
    banned,
    `import builtins\nbuiltins.__build_class__ = None`,
    good(`class C:\n    n = 1\n\ndef f(x):\n    return C.n`, '1', '1'),
  ),
  body('__import__', banned, `import builtins\nbuiltins.__import__ = None`),
  body(
    'a module attribute',
    orHarmless(blocked),
    `import math, collections\nmath.isqrt = None\ncollections.Counter = dict`,
    shared,
  ),
  body('a name for the next program', orHarmless(blocked), `import math\nmath.forged = 1`, {
    ...shared,
    ...good(`import math\n\ndef f(x):\n    return hasattr(math, 'forged')`, '1', 'False'),
  }),
  body('a global for the next program', orHarmless(blocked), `global left\nleft = 'forged'`, {
    ...shared,
    ...good(
      `def f(x):\n    try:\n        return left\n    except NameError:\n        return 'nothing'`,
      '1',
      "'nothing'",
    ),
  }),
  body('an interned text', banned, `import ctypes\nctypes.memset(id('hello') + 24, 90, 1)`),
  body('True', banned, `import ctypes\nctypes.memset(id(True) + 12, 0, 1)`),
  body('an empty tuple', banned, `import ctypes\nctypes.memset(id(()) + 8, 1, 1)`),
  body(
    'the event loop',
    banned,
    `import asyncio\nasyncio.set_event_loop(None)\nasyncio.set_event_loop_policy(None)`,
  ),
  body('a context variable', banned, `import contextvars\ncontextvars.ContextVar('x').set(1)`),
  body('faulthandler', banned, `import faulthandler\nfaulthandler.enable()`),
  body('signals', banned, `import signal\nsignal.signal(signal.SIGINT, signal.SIG_DFL)`),
  body(
    'typing caches',
    orHarmless(blocked),
    `import typing\nfor clear in typing._cleanups:\n    clear()\ntyping.Any = None`,
    shared,
  ),
  body(
    'the lru_cache of a module',
    orHarmless(blocked),
    `import functools\nfunctools.lru_cache = functools.cache = None`,
    {
      ...shared,
      ...good(
        `from functools import lru_cache\n\n@lru_cache\ndef g(n):\n    return n\n\ndef f(x):\n    return g(x)`,
        '1',
        '1',
      ),
    },
  ),
]);
