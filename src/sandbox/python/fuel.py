"""
A step limit that counts instead of timing: a verdict must not depend on how busy a machine is.

One step is one call, one resumption of a generator, or one pass of a loop of the program's own code; library code is free.
Every way to run for ever passes one of the three. Once the budget is used up, *each* further step raises, so that no
`except:` and no `finally:` can carry on; and between runs there is no budget at all, so that a generator left behind by a
program stops at its first step. Hence nothing is uninstalled: the events live and die with the code objects they are set on.
"""

import signal
import sys
from types import CodeType, GeneratorType

_monitoring = sys.monitoring
_events = _monitoring.events
_tool = 3  # 0 to 2 and 5 have names that debuggers, profilers and coverage tools take
_counted_events = _events.PY_START | _events.PY_RESUME | _events.JUMP

_budget = 0
_left = 0
_running = False
_interrupted = False


class Spent(BaseException):
    """The budget is used up. Not an Exception, though nothing relies on programs not catching it."""


def _step(_code, _offset, _destination=None):
    global _left
    _left -= 1
    if _left < 0:
        raise Spent


def install(code):
    """Makes a program's code, and the code of all functions and classes in it, count its steps."""
    stack = [code]
    while stack:
        code = stack.pop()
        _monitoring.set_local_events(_tool, code, _counted_events)
        stack += [constant for constant in code.co_consts if type(constant) is CodeType]


def start(steps):
    global _budget, _left, _running
    _budget = _left = steps
    _running = True


def stop():
    """How many steps were taken, at most the budget, and whether it was used up."""
    global _left, _running
    _running = False
    left, _left = _left, 0
    return (_budget - left, False) if left >= 0 else (_budget, True)


def interrupted():
    """Was the run stopped from outside since the last time somebody asked?"""
    global _interrupted
    was, _interrupted = _interrupted, False
    return was


def _interrupt(_signal, _frame):
    """The clock ran out. A program may catch the exception, but its budget is gone too."""
    global _interrupted, _budget, _left
    _interrupted = True
    if _running:
        _budget, _left = _budget - max(_left, 0), -1
        raise KeyboardInterrupt


# ---- Loops in C, which take no steps of their own ------------------------------------------------------------------

_views = {}.keys(), {}.values(), {}.items()
_sized = {list, tuple, dict, set, frozenset, str, bytes, bytearray, range, *map(type, _views)}
_items_per_step = 16  # C is about that much faster


def charge(steps):
    global _left
    _left -= steps
    if _left < 0:
        raise Spent


def counted(iterable):
    """What a builtin may loop over instead of `iterable`, so that the loop is paid for."""
    kind = type(iterable)
    if kind is GeneratorType:
        return iterable  # pays for itself
    if kind not in _sized:
        return endless(iter(iterable))
    try:
        charge(len(iterable) // _items_per_step)
    except OverflowError:  # a range with more items than an address has bits for
        charge(_budget + 1)
    return iterable


def endless(iterator):
    """The same items, each paid for."""
    for item in iterator:
        charge(1)
        yield item


def set_up():
    _monitoring.use_tool_id(_tool, 'fuel')
    for event in (_events.PY_START, _events.PY_RESUME, _events.JUMP):
        _monitoring.register_callback(_tool, event, _step)
    signal.signal(signal.SIGINT, _interrupt)


set_up()
