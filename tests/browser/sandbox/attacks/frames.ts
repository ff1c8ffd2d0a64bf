/** @file Walks from a program to the harness that called it: over frames, tracebacks, generators, closures and the heap. */
import { banned, blocked, body, family, program } from './attack';

/** What a walker does when it arrives: it looks for a name that only a harness has and brings it back as its answer. */
const spoil = `
    def spoil(names):
        for name in list(names):
            names[name] = 'forged'
`;

export const frames = family('frames', [
  body('sys._getframe', banned, `import sys\nx = repr(sys._getframe(1).f_locals)`),
  body('inspect.stack', banned, `import inspect\nx = [entry.function for entry in inspect.stack()]`),
  body('inspect.currentframe', banned, `import inspect\nx = sorted(inspect.currentframe().f_back.f_globals)`),
  program(
    'a traceback',
    banned,
    `${spoil}
    def f(x):
        try:
            1 / 0
        except ZeroDivisionError as e:
            spoil(e.__traceback__.tb_frame.f_back.f_locals)
        return x
    `,
  ),
  program(
    'a traceback from sys',
    banned,
    `${spoil}
    import sys
    def f(x):
        try:
            1 / 0
        except ZeroDivisionError:
            spoil(sys.exc_info()[2].tb_frame.f_back.f_globals)
        return x
    `,
  ),
  program(
    'a generator that looks at its own frame',
    banned,
    `
    def f(x):
        g = (g.gi_frame.f_back.f_back.f_globals for _ in [1])
        return sorted(next(g))
    `,
  ),
  program(
    'a generator under way',
    banned,
    `
    def walk():
        frame = g.gi_frame
        while frame.f_back:
            frame = frame.f_back
        yield frame.f_globals
    g = walk()
    def f(x):
        next(g)['forged'] = x
        return x
    `,
  ),
  program(
    'a coroutine',
    banned,
    `
    async def wait():
        return 1
    def f(x):
        return sorted(wait().cr_frame.f_globals)
    `,
  ),
  program(
    'a frame by the names of its parts',
    blocked,
    `
    def f(x):
        g = (i for i in [x])
        return sorted(getattr(getattr(g, 'gi_' + 'frame'), 'f_' + 'globals'))
    `,
  ),
  program(
    'a frame by attrgetter',
    blocked,
    `
    import operator
    def f(x):
        g = (i for i in [x])
        return sorted(operator.attrgetter('gi_frame.f_builtins')(g))
    `,
  ),
  body('the globals of a function', banned, `x = sorted(f.__globals__)`),
  body(
    'the globals of a method in a module',
    banned,
    `import collections\nx = sorted(collections.namedtuple.__globals__)`,
  ),
  body(
    'the globals of a wrapped class',
    banned,
    `import string\nx = string.Template.substitute.__globals__['_re']`,
  ),
  body('every subclass of object', banned, `x = [c.__name__ for c in object.__subclasses__()]`),
  body('every subclass, from a tuple', banned, `x = ().__class__.__mro__[1].__subclasses__()`),
  body('the mro from a type', blocked, `x = str(type(1).mro()[1].__subclasses__())`),
  body('the loader of a module', banned, `import math\nmath.__loader__.load_module('os')`),
  body('the spec of a module', banned, `import math\nmath.__spec__.loader.create_module(math.__spec__)`),
  body(
    'the heap',
    banned,
    `import gc\nx = [v for v in gc.get_objects() if type(v) is dict and 'outcomes' in v]`,
  ),
  body('referrers', banned, `import gc\nfor v in gc.get_referrers(f):\n    type(v) is dict and v.clear()`),
  body('weak references', banned, `import weakref\nx = weakref.getweakrefs(f)`),
  body('threads of the interpreter', banned, `import sys\nx = sys._current_frames()`),
  body(
    'sys by the back door of a module',
    blocked,
    `import collections\nx = collections._sys.modules['os'].listdir('/')`,
  ),
  body(
    'sys by the back door of another',
    blocked,
    `import re\nx = re.enum.sys.modules['builtins'].open('/etc/passwd').read()`,
  ),
  body('sys by typing', blocked, `import typing\nx = typing.sys.path`),
  body('builtins by the back door', blocked, `import functools\nx = functools.reduce.__self__`),
]);
