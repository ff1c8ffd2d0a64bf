/**
 * @file Results that were never computed. A program sits next to the harness that reports on it, so it tries to speak in the harness's
 * place, to change the harness, or to return something that only looks like data.
 */
import { banned, blocked, body, family, notData, orHarmless, program, script, stopped } from './attack';

const forged = `{ output: 'forged', verdict: 'ok', id: 1, outcomes: [{ verdict: 'ok', output: 'forged' }] }`;

export const forgery = family('forgery', [
  // Speaking in the harness's place
  script('postMessage', banned, `self.postMessage(${forged})`),
  body(
    'postMessage from Python',
    banned,
    `import js\nfrom pyodide.ffi import to_js\njs.postMessage(to_js({'output': 'forged'}, dict_converter=js.Object.fromEntries))`,
  ),
  script(
    'a thousand postMessages',
    banned,
    `for (let id = 0; id < 1000; id++) self.postMessage({ id, output: 'forged' })`,
  ),
  script('a later postMessage', banned, `setTimeout(() => self.postMessage(${forged}), 0)`),
  script(
    'a message to itself',
    banned,
    `self.dispatchEvent(new MessageEvent('message', { data: { program: 'def f(x): return "forged"', input: '1' } }))`,
  ),
  script('the parent window', banned, `(self.parent ?? self.top).postMessage('forged', '*')`),
  script(
    'a patched MessagePort',
    banned,
    `const send = MessagePort.prototype.postMessage;
     MessagePort.prototype.postMessage = function () { return send.call(this, ${forged}); }`,
  ),
  script(
    'a patched postMessage',
    banned,
    `const send = self.postMessage.bind(self); self.postMessage = () => send({ output: 'forged' })`,
  ),
  script('a patched onmessage', banned, `self.onmessage = () => self.postMessage({ output: 'forged' })`),
  script(
    'every shared buffer in sight',
    banned,
    `for (const value of Object.values(self)) {
       if (value?.buffer instanceof SharedArrayBuffer) new Uint8Array(value.buffer).fill(1);
     }`,
  ),
  body('a line on stdout', orHarmless(blocked), `print('{"verdict": "ok", "output": "forged"}')`, {
    output: '1',
  }),
  body('a line on the real stdout', banned, `import sys\nsys.__stdout__.write('{"output": "forged"}\\n')`),
  body('a file descriptor', banned, `import os\nos.write(1, b'{"output": "forged"}\\n')`),
  body('atexit', banned, `import atexit\natexit.register(lambda: print('forged'))\nraise SystemExit(0)`),
  body('os._exit', banned, `import os\nos._exit(0)`),

  // Changing the harness
  body('json.dumps', blocked, `import json\njson.dumps = lambda *a, **k: '{"output": "forged"}'`),
  body('repr', banned, `import builtins\nbuiltins.repr = lambda value: 'forged'`),
  program(
    'its own repr',
    orHarmless(blocked),
    `def repr(value):\n    return 'forged'\ndef f(x):\n    return x`,
    {
      output: '1',
    },
  ),
  body('str by assignment', blocked, `str.__repr__ = lambda self: 'forged'`),
  body(
    'functions of __main__',
    banned,
    `
    import sys
    for module in list(sys.modules.values()):
        for name in list(vars(module)):
            if name in ('canon', 'judge', 'run', 'harness', 'canonical', 'encode', 'check', 'gate'):
                setattr(module, name, lambda *a, **k: 'forged')
    `,
  ),
  body(
    'a result list in a frame above',
    banned,
    `
    import sys
    frame = sys._getframe()
    while frame := frame.f_back:
        for value in list(frame.f_locals.values()):
            if type(value) is list:
                value.append('forged')
            if type(value) is dict:
                value['output'] = 'forged'
    `,
  ),
  body(
    'every list in memory',
    banned,
    `
    import gc
    for value in gc.get_objects():
        if type(value) is list and value and isinstance(value[-1], str):
            value[-1] = 'forged'
    `,
  ),
  body(
    'the code of every function called canon',
    banned,
    `
    import gc, types
    for value in gc.get_objects():
        if isinstance(value, types.FunctionType) and 'canon' in value.__name__:
            value.__code__ = (lambda *a, **k: 'forged').__code__
    `,
  ),
  body(
    'cells of closures',
    banned,
    `
    import gc, types
    for value in gc.get_objects():
        if isinstance(value, types.CellType):
            try:
                if type(value.cell_contents) is str:
                    value.cell_contents = 'forged'
            except ValueError:
                pass
    `,
  ),
  body(
    'the step counter',
    banned,
    `import sys\nfor tool in range(6):\n    sys.monitoring.free_tool_id(tool)\nwhile True: pass`,
    {
      hangs: true,
    },
  ),
  body('the tracer', banned, `import sys\nsys.settrace(None)\nsys.setprofile(lambda *a: None)`),
  body(
    'the interrupt',
    banned,
    `import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass`,
    {
      hangs: true,
    },
  ),

  // A function that is none
  program('no f', ['error', 'syntax', 'banned'], `def g(x):\n    return x`),
  program('f is a number', ['error', 'syntax', 'banned', 'unsupported-value'], `f = 5`),
  program('f is a class', notData, `class f:\n    def __init__(self, x):\n        pass`),
  program(
    'f is an object',
    [...notData, 'ok'],
    `class F:\n    def __call__(self, x):\n        return x\nf = F()`,
    {
      output: '1',
    },
  ),
  program('f is a coroutine', notData, `async def f(x):\n    return x`),
  program('f is a generator', notData, `def f(x):\n    yield x`),
  program('f is an asynchronous generator', notData, `async def f(x):\n    yield x`),
  program(
    'f replaces itself',
    ['nondeterministic', 'ok', 'banned'],
    `def f(x):\n    global f\n    f = lambda x: 7\n    return x`,
    {
      output: '1',
    },
  ),
  program('f returns itself', notData, `def f(x):\n    return f`),
  program('f takes nothing', ['error'], `def f():\n    return 1`),
  program(
    'f changes its argument',
    ['ok'],
    `def f(x):\n    x.append(len(x))\n    x[0].clear()\n    return x`,
    { inputs: ['[[1], 2]'], output: '[[], 2, 2]' },
  ),

  // Exceptions as messages
  body('KeyboardInterrupt', [...blocked, 'timeout'], `raise KeyboardInterrupt`),
  body('SystemExit', blocked, `raise SystemExit(0)`),
  body('exit()', blocked, `exit()`),
  body('GeneratorExit', blocked, `raise GeneratorExit`),
  body('MemoryError', [...blocked, 'memory'], `raise MemoryError('forged')`),
  body('RecursionError', [...blocked, 'timeout'], `raise RecursionError('forged')`),
  body('a very long message', blocked, `raise ValueError('x' * 10**6)`),
  body('a message with half a character', blocked, `raise ValueError('\\ud800')`),
  program(
    'a message that cannot be told',
    stopped,
    `class E(Exception):\n    def __str__(self):\n        raise E\n    __repr__ = __str__\ndef f(x):\n    raise E`,
  ),
  program(
    'a message that takes for ever',
    stopped,
    `class E(Exception):\n    def __str__(self):\n        while True: pass\n    __repr__ = __str__\ndef f(x):\n    raise E`,
    { hangs: true },
  ),
  program(
    'an exception group',
    stopped,
    `def f(x):\n    e = ValueError(x)\n    for i in range(1000):\n        e = ExceptionGroup('g', [e])\n    raise e`,
  ),
  body(
    'a chain of exceptions',
    stopped,
    `e = ValueError()\nfor i in range(50000):\n    n = ValueError(); n.__context__ = e; e = n\nraise e`,
  ),
]);
