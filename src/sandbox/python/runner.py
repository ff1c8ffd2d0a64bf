"""
Runs one program: gate, fuel, restricted names, and an answer in JSON, whatever the program does. Programs define `f`;
JavaScript calls `run` once for each, and needs to put the interpreter's memory back unless the answer says "plain".
"""

import ast
import builtins
import gc
import json
import sys
import warnings

import allowed
import fuel
import gate
import measure as measuring
import rewrite as rewriting
import shared
import trace as tracing
import written

# A program that gets past the gate may alter modules; what it could forge here is only its own answer, but even so.
_parse_json, _quote = json.loads, json.encoder.encode_basestring_ascii


def run(source, calls, passes, steps, output, depth, guarded=True, raises=False):
    """
    Runs the program, then `f` on each call, and all calls again until there were so many passes: a value that changes from
    one pass to the next is nondeterministic. `calls` is a JSON list of texts, each JSON again, "[[3, [1]], {"key": 2}]", or source of
    literals only, "((3, (1,)), {'key': 2})".

    A failure of the program as a whole is {verdict, reason, steps, plain}; else there is {outcomes, plain}, an outcome for each
    call: {verdict: 'ok', output, steps} or {verdict, reason, steps}. Where it is asked what a call raises, its output is the name of
    the exception's class, or NoError.
    """
    try:
        program = _Program(source, guarded, raises)
    except _Failure as failure:
        return _object(verdict=failure.verdict, reason=failure.reason, steps=0, plain=failure.plain)
    try:
        program.execute(steps)
        outcomes = _all_calls(program, _parse_json(calls), passes, steps, output, depth)
    except _Failure as failure:
        plain = program.plain and failure.plain
        return _object(verdict=failure.verdict, reason=failure.reason, steps=failure.steps, plain=plain)
    finally:
        program.forget()
    plain = program.plain and all(outcome.plain for outcome in outcomes)
    return _object(outcomes=[_outcome(outcome) for outcome in outcomes], plain=plain)


def trace(source, call, trace_steps, characters, steps, guarded=True):
    """What happens in `f` on one call, step by step, under the same gate and the same fuel."""
    def before_run(code):
        fuel.install(code)
        fuel.start(steps)

    try:
        tree = _parse(source)
        if guarded:
            _check(source, tree)
        fuel.interrupted()
        text = tracing.trace(source, call, trace_steps, characters, namespace() if guarded else _open_namespace(), before_run)
        spent = fuel.stop()[1] or fuel.interrupted()
    except _Failure as failure:
        return _object(verdict=failure.verdict, reason=failure.reason, steps=[], complete=False)
    except (fuel.Spent, KeyboardInterrupt):
        fuel.stop()
        spent = True
    if spent:
        return _object(verdict='timeout', reason=_out_of_steps(steps), steps=[], complete=False)
    return text


def measure(source):
    """Its figures, or why it is no program; nothing runs."""
    try:
        measures = measuring.measure(source)
    except (SyntaxError, ValueError, OverflowError) as error:
        return _object(verdict='syntax', reason=_syntax_reason(error), plain=True)
    except (MemoryError, RecursionError) as error:
        return _object(verdict='syntax', reason=_syntax_reason(error), plain=False)
    return f'{{"verdict":"ok","plain":true,"measures":{measures}}}'


def rewrite(source, how):
    """The program rewritten, or why it cannot be; nothing runs."""
    try:
        program = rewriting.rewrite(source, _parse_json(how))
    except rewriting.Refused as refused:
        return _object(verdict=refused.verdict, reason=_cut(refused.reason, 200), plain=True)
    except written.Unwritable as error:
        return _object(verdict='syntax', reason=str(error), plain=True)
    except (SyntaxError, ValueError, OverflowError) as error:
        return _object(verdict='syntax', reason=_syntax_reason(error), plain=True)
    except (MemoryError, RecursionError) as error:
        return _object(verdict='syntax', reason=_syntax_reason(error), plain=False)
    return _object(verdict='ok', program=program, plain=True)


def about():
    return json.dumps({'python': sys.version.split()[0], 'modules': allowed.allowed_modules()})


def namespace():
    """Where a program runs: nothing in it but names that are safe to use."""
    return {'__name__': 'program', '__builtins__': dict(allowed.restricted_builtins)}


def _open_namespace():
    return {'__name__': 'program', '__builtins__': vars(builtins)}


class _Failure(Exception):
    """`plain` says that even so the interpreter is as it was."""

    def __init__(self, verdict, reason, steps=0, plain=True):
        self.verdict, self.reason, self.steps, self.plain = verdict, reason, steps, plain


class _Interrupted(_Failure):
    """Stopped from outside, which stops the calls to come as well."""


class _Raised(_Failure):
    """The program raised an exception of a class of this name, and not an exhausted interpreter in its place."""

    def __init__(self, name, reason, steps):
        super().__init__('error', reason, steps)
        self.name = name


class _Success:
    verdict, plain = 'ok', True

    def __init__(self, text, steps):
        self.output, self.steps = text, steps


# ---- A program -----------------------------------------------------------------------------------------------------


class _Program:
    def __init__(self, source, guarded, raises):
        self._raises = raises
        self._code = _compile(source)
        self._sets = ()
        self._plain = guarded and gate.evidently_plain(source, self._code)
        if guarded and not self._plain:
            self._plain, self._sets = _check(source, _parse(source))
        self._namespace = namespace() if guarded else _open_namespace()

    @property
    def plain(self):
        """Asked when it has run."""
        return self._plain and (not self._sets or shared.untouched(self._sets))

    def execute(self, steps):
        fuel.install(self._code)
        fuel.interrupted()
        _under_fuel(steps, exec, self._code, self._namespace)
        self._f = self._namespace.get('f')
        if not callable(self._f):
            raise _Failure('error', 'The program defines no function f.')

    def call(self, arguments, steps, output, depth):
        """One run of f. Arguments are made afresh, so that what f does to them stays between f and them."""
        try:
            if type(arguments) is str:
                positional, named = _parse_json(arguments)
            else:
                positional, named = eval(arguments, {'__builtins__': _literal_names})
        except Exception as error:
            return _Failure('syntax', f'The input has no value: {_describe(error)}')
        try:
            value, used = _under_fuel(steps, self._f, *positional, **named)
            if self._raises:
                return _Success(_no_error, used)
        except _Raised as raised:
            return _exception(raised) if self._raises else raised
        except _Failure as failure:
            return failure
        try:
            return _Success(_text(value, output, depth), used)
        except _Failure as failure:
            failure.steps = used
            return failure
        except MemoryError:
            return _Failure('memory', _out_of_memory, used, plain=False)

    def forget(self):
        """A function and its namespace hold each other: without this, all that a program made would wait for the collector."""
        self._namespace.clear()
        self._f = None


_literal_names = {'set': set, 'frozenset': frozenset}


def _parse(source):
    return _read(ast.parse, source)


def _compile(source):
    return _read(compile, source, 'program', 'exec', dont_inherit=True, optimize=0)


def _read(how, source, *arguments, **options):
    try:
        return how(source, *arguments, **options)
    except (SyntaxError, ValueError, MemoryError, RecursionError, OverflowError) as error:
        raise _Failure('syntax', _syntax_reason(error)) from None


def _check(source, tree):
    """Refuses, or says whether the program is plain, and the names of attributes that it sets."""
    reason, plain, sets = gate.inspect(source, tree)
    if reason:
        raise _Failure('banned', reason)
    return plain, sets


def _under_fuel(steps, function, *arguments, **options):
    """The value and the steps it took. Every way a program can end other than by a value is a _Failure."""
    error = None
    fuel.start(steps)
    try:
        value = function(*arguments, **options)
    except BaseException as raised:
        error = raised
    used, spent = fuel.stop()
    try:
        # First of all what a program may have caught and hidden.
        if fuel.interrupted():
            raise _Interrupted('timeout', 'It took too long and was interrupted.', used, plain=False)
        if spent:
            raise _Failure('timeout', _out_of_steps(steps), used, plain=False)
        if error is None:
            return value, used
        # Where a step is counted just as memory runs out, CPython wraps the MemoryError into a SystemError.
        if isinstance(error, MemoryError) or isinstance(error, SystemError) and isinstance(error.__cause__, MemoryError):
            raise _Failure('memory', _out_of_memory, used, plain=False)
        # How deep a program gets depends on the machine's stack, so what ends it there is nobody's answer.
        if isinstance(error, RecursionError):
            raise _Failure('error', _safe_description(error), used, plain=False)
        raise _Raised(_name_of(type(error)), _safe_description(error), used)
    finally:
        error = None  # its traceback holds this frame, and with it all that the program made


def _out_of_steps(steps):
    return f'It was still running after {steps} steps.'


_out_of_memory = 'It ran out of memory.'


def _all_calls(program, calls, passes, steps, output, depth):
    codes = [call if call[0] == '[' else compile(call, 'input', 'eval') for call in calls]
    outcomes = [None] * len(codes)
    for number in range(1, passes + 1):
        for index, code in enumerate(codes):
            before = outcomes[index]
            # A failure stays one whatever happens later, and might cost as much time again.
            if before and before.verdict != 'ok':
                continue
            outcome = program.call(code, steps, output, depth)
            if isinstance(outcome, _Interrupted):
                done = index if number == passes else 0  # the time is up for all the others too
                return [
                    other if place < done or (other and other.verdict != 'ok') else outcome
                    for place, other in enumerate(outcomes)
                ]
            outcomes[index] = _compared(before, outcome) if before else outcome
    return outcomes


def _compared(first, again):
    if again.verdict == 'memory':
        return again
    if again.verdict != 'ok':
        how = f'then failed: {_cut(again.reason, 60)}'
    elif again.output != first.output:
        how = f'{_cut(again.output, 60)} the next time'
    else:
        return first
    return _Failure(
        'nondeterministic', f'It returned {_cut(first.output, 60)} at first and {how}', first.steps, again.plain
    )


# ---- Exceptions as answers -------------------------------------------------------------------------------------------

_no_error = 'NoError'


def _exception(raised):
    name = raised.name
    if len(name) > 100 or not name.isascii() or not name.isidentifier():
        reason = 'It raised an exception whose class has no plain name of at most 100 ASCII characters.'
    elif name == _no_error:
        reason = f'It raised an exception called {_no_error}, which is what returning is called.'
    else:
        return _Success(name, raised.steps)
    return _Failure('unsupported-value', reason, raised.steps)


# ---- Values --------------------------------------------------------------------------------------------------------

_leaves = {type(None), bool, int, float, complex, str, bytes}
_containers = {list, tuple, dict, set, frozenset}


def _text(value, output, depth):
    """The repr of plain data. Looks before it prints: a small object may have a text without end."""
    size = 0
    stack = [(value, 0)]
    while stack:
        value_here, level = stack.pop()
        kind = type(value_here)
        if kind in _leaves:
            size += _least_length(value_here, kind, output)
        elif kind in _containers:
            if level == depth:
                raise _Failure('too-long', f'It returned a value nested deeper than {depth} levels.')
            size += 2 + len(value_here)
            if size <= output:
                level += 1
                stack += [(item, level) for item in value_here]
                if kind is dict:
                    stack += [(item, level) for item in value_here.values()]
        else:
            raise _Failure('unsupported-value', f'It returned {_a(kind)}, which is not plain data.')
        if size > output:
            raise _Failure('too-long', f'It returned a value of more than {output} characters.')
    try:
        text = repr(value)
    except ValueError:
        raise _Failure('too-long', 'It returned a number of too many digits for Python to write.') from None
    if len(text) > output:
        raise _Failure('too-long', f'It returned a value of {len(text)} characters; {output} may be shown.')
    if ' at 0x' in text:
        # Two interpreters may by chance have put an object at the same place.
        raise _Failure('nondeterministic', f'It returned a text that shows an address in memory: {_cut(text, 60)}')
    return text


def _least_length(value, kind, output):
    """A bound from below on the characters a leaf needs, itself quick however large the leaf."""
    if kind is int:
        return value.bit_length() // 4  # a decimal digit has 3.3 bits
    if kind is str or kind is bytes:
        return len(value)
    if (kind is float or kind is complex) and value != value:
        raise _Failure('unsupported-value', 'It returned NaN, which does not equal itself.')
    return 1


def _name_of(kind):
    return type.__dict__['__name__'].__get__(kind)


def _a(kind):
    name = _cut(_name_of(kind), 60)
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"


# ---- Sentences -----------------------------------------------------------------------------------------------------

_builtin_exceptions = {kind for kind in vars(builtins).values() if isinstance(kind, type) and issubclass(kind, BaseException)}


def _safe_description(error):
    kind = type(error)
    if kind not in _builtin_exceptions:
        return _cut(_name_of(kind), 200)
    return _describe(error)


def _describe(error):
    """Class and message, as Python ends a traceback. Only plain data is asked for its text: that runs no program's code."""
    name = type(error).__name__
    arguments = BaseException.args.__get__(error)
    try:
        _text(arguments, 1000, 3)
    except _Failure:
        return name
    if len(arguments) == 1 and type(arguments[0]) is str and type(error) is not KeyError:
        message = arguments[0]
    else:
        message = repr(arguments[0] if len(arguments) == 1 else arguments) if arguments else ''
    return _cut(f'{name}: {message}' if message else name, 200)


def _syntax_reason(error):
    if isinstance(error, SyntaxError):
        line = f' (line {error.lineno})' if error.lineno else ''
        return _cut(f'{type(error).__name__}: {error.msg}{line}', 200)
    if isinstance(error, UnicodeError):
        return 'The program holds characters that are not Unicode text.'
    if isinstance(error, (MemoryError, RecursionError)):
        return 'The program is nested too deeply.'
    return _cut(f'{type(error).__name__}: {error}', 200)


def _cut(text, length):
    return text if len(text) <= length else text[: length - 1] + '…'


# ---- JSON ----------------------------------------------------------------------------------------------------------


def _outcome(outcome):
    if outcome.verdict == 'ok':
        return {'verdict': 'ok', 'output': outcome.output, 'steps': outcome.steps}
    return {'verdict': outcome.verdict, 'reason': outcome.reason, 'steps': outcome.steps}


def _object(**members):
    return _json(members)


def _json(value):
    if type(value) is dict:
        return '{' + ','.join([f'{_quote(name)}:{_json(member)}' for name, member in value.items()]) + '}'
    if type(value) is list:
        return '[' + ','.join([_json(item) for item in value]) + ']'
    if type(value) is bool:
        return 'true' if value else 'false'
    return _quote(value) if type(value) is str else str(value)


# ---- The interpreter -----------------------------------------------------------------------------------------------

# Also what makes the library load a module late, as if the first program to do so had changed something.
_warm_up = '''
from collections import Counter
from dataclasses import dataclass
@dataclass
class Point:
    x: int
    def __lt__(self, other):
        return self.x < other.x
def f(xs):
    try:
        assert Point(1) < Point(2) and Point(1) == Point(1)
        return [f'{x:>3}' for x, _ in Counter(sorted(xs)).most_common(1)], divmod(10 ** 40_000, 7 ** 20_000)[0] % 9
    except ValueError:
        return None
'''

_warm_up_rewritings = [
    '{"kind":"strip","comments":true,"globals":true,"prints":true}',
    '{"kind":"rename","to":"g_0"}',
    '{"kind":"compose","functions":[{"name":"g_0","program":"def g_0(x): return x"}]}',
]


def settle():
    """Once, before the memory image is made from which interpreters start."""
    global _ballast
    warnings.simplefilter('ignore')
    sys.unraisablehook = _ignore  # what a generator raises as it is thrown away
    sys.setrecursionlimit(1000)
    # Addresses, and the order of sets of objects with them, differ between interpreters of different hash seeds.
    _ballast = [object() for _ in range(hash('ballast') % 1009)] + [bytes(hash('ballast') % 4099)]
    for _ in range(16):  # by then CPython has fitted its instructions to what they work on
        run(_warm_up, '["(([3, 1],), {})"]', 2, 10_000, 400, 40)
        trace(_warm_up, '(([3, 1],), {})', 100, 80, 10_000)
        measure(_warm_up)
        for how in _warm_up_rewritings:
            rewrite(_warm_up, how)
    shared.remember()
    gc.collect()
    gc.freeze()


def seal():
    """Once in every interpreter, before its first program: closes the ways to JavaScript that starting needs."""
    for name in list(sys.modules):
        if name.partition('.')[0] in _ways_out:
            del sys.modules[name]


def _ignore(_unraisable):
    pass


_ways_out = {'js', 'pyodide_js', 'pyodide', '_pyodide', '_pyodide_core'}
