"""
What every program of an interpreter shares: the objects behind builtins and modules. Those that are C's own are immutable;
functions and classes written in Python take attributes. So a program that sets attributes, as every class does, has left no trace
if afterwards none of these objects has more of them, and none has another one under the names that the program set.
"""

import enum
from types import GetSetDescriptorType, MemberDescriptorType, ModuleType

from allowed import facades, plain_names, restricted_builtins

_immutable_type = 1 << 8
_wrappers = (staticmethod, classmethod)


def _reachable():
    """All objects that attributes lead to, from what programs may name in plain modules and builtins."""
    found = []
    seen = set()
    stack = [*restricted_builtins.values()]
    for name, facade in facades.items():
        stack += [value for member, value in vars(facade).items() if member in plain_names[name]]
    while stack:
        value = stack.pop()
        if id(value) in seen or isinstance(value, ModuleType):
            continue
        seen.add(id(value))
        found.append(value)
        if isinstance(value, type):
            stack += value.__mro__
        if isinstance(value, _wrappers):
            stack.append(value.__func__)
        elif isinstance(value, property):
            stack += [value.fget, value.fset]
        stack += getattr(value, '__dict__', {}).values()
    return found


def _members(value):
    """Where its attributes are, if it takes new ones."""
    if isinstance(value, type):
        return None if value.__flags__ & _immutable_type else vars(value)
    return value.__dict__ if isinstance(getattr(value, '__dict__', None), dict) else None


def _holds(descriptor):
    """Does a kind keep values of its objects elsewhere than among their attributes, where they can be set?"""
    kind = type(descriptor)
    if kind is property:
        return descriptor.fset is not None
    return kind in (MemberDescriptorType, GetSetDescriptorType) or hasattr(kind, '__set__') and kind is not enum.property


_objects = _reachable()
_open = [members for members in map(_members, _objects) if members is not None]
names = frozenset().union(*_open)

# Names that nobody would miss if they were set: what is behind them is not kept among attributes.
out_of_sight = frozenset(
    name for kind in {kind for value in _objects for kind in type(value).__mro__} for name, value in vars(kind).items() if _holds(value)
)

_size = 0
_values = {}


def remember():
    """From now on this is how everything is to be."""
    global _size
    _size = sum(map(len, _open))
    _values.clear()
    for attributes in _open:
        for name, value in attributes.items():
            _values.setdefault(name, []).append((attributes, value))


def untouched(names):
    """By a program that set attributes of these names."""
    return sum(map(len, _open)) == _size and all(
        attributes.get(name) is value for name in names for attributes, value in _values.get(name, ())
    )
