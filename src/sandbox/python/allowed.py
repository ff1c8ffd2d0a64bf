"""
What programs may name: attributes, modules and builtins. The gate reads it before a program runs; what is offered here
holds while it runs.

A module is offered as a facade with its harmless public names and nothing else. "Plain" names cannot leave anything behind
in the interpreter: functions without memory, and classes that nothing but an attribute store could alter.
"""

import builtins
import dataclasses
import enum
import functools
import importlib
import itertools
import math
import operator
import sys
import types

import fuel

# ---- Attributes ----------------------------------------------------------------------------------------------------

# Special methods that programs may define, call and read. Those that decide how attributes are found, how objects are made,
# copied or thrown away are not among them: with these a program could do under one name what it may not under another.
_binary = 'add sub mul matmul truediv floordiv mod divmod pow lshift rshift and xor or'.split()
special = frozenset(
    f'__{name}__'
    for name in (
        'init post_init call repr str bytes format bool hash len length_hint '
        'eq ne lt le gt ge iter next reversed contains getitem setitem delitem missing '
        'neg pos abs invert int float complex index round trunc floor ceil enter exit copy deepcopy'
    ).split()
    + _binary
    + [f'r{name}' for name in _binary]
    + [f'i{name}' for name in _binary if name != 'divmod']
)

# `__class__` is a way to `type`; the gate lets it pass where the class stays a class to compare, name or call.
readable = special | {'__name__', '__doc__', '__qualname__'}

_inner = (
    types.FrameType,
    types.TracebackType,
    types.CodeType,
    types.GeneratorType,
    types.CoroutineType,
    types.AsyncGeneratorType,
)
forbidden = frozenset(
    name for kind in _inner for name in dir(kind) if name.startswith(('f_', 'tb_', 'co_', 'gi_', 'cr_', 'ag_'))
) | {'mro', 'with_traceback'}


def is_dunder(name):
    return len(name) > 4 and name[:2] == '__' and name[-2:] == '__'  # and not the `__` of `for __ in range(3)`


def _check_attribute(name):
    """For names that are only known at run time. A subclass of str could be one name now and another one later."""
    if type(name) is not str:
        raise TypeError('attribute name must be string')
    if name in forbidden or (is_dunder(name) and name not in readable):
        raise AttributeError(f'Programs may not read {name}.')


# ---- Builtins ------------------------------------------------------------------------------------------------------

# No address may show in a value, yet programs compare identities. The salt differs between hash seeds, so that a program
# that lets one show gives two answers in two interpreters.
_salt = hash('zeroloop') & 0x7FFFFFF0


class _TypeOfType(type):
    def __call__(cls, *arguments):
        if len(arguments) != 1:
            raise TypeError('Programs may not make classes with type().')
        return type_of(arguments[0])

    def __instancecheck__(cls, value):
        return isinstance(value, type)

    def __subclasscheck__(cls, value):
        return issubclass(value, type)

    def __repr__(cls):
        return "<class 'type'>"


class _Type(metaclass=_TypeOfType):
    """Stands for `type`, whose second nature as a maker of classes would go round the gate."""

    def __class_getitem__(cls, item):
        return types.GenericAlias(cls, item)


_Type.__name__ = _Type.__qualname__ = 'type'
_Type.__module__ = 'builtins'


def type_of(value):
    kind = type(value)
    return _Type if issubclass(kind, type) else kind


def _getattr(value, name, *default):
    if name == '__class__':
        return type_of(value)
    _check_attribute(name)
    return getattr(value, name, *default)


def _setattr(value, name, new):
    _check_attribute(name)
    if is_dunder(name):
        raise AttributeError(f'Programs may not set {name}.')
    setattr(value, name, new)


def _delattr(value, name):
    _check_attribute(name)
    if is_dunder(name):
        raise AttributeError(f'Programs may not delete {name}.')
    delattr(value, name)


def _id(value):
    return id(value) ^ _salt


def _hash(value):
    number = hash(value)
    return number ^ _salt if type(value).__hash__ is object.__hash__ else number


def _print(*values, sep=None, end=None, file=None, flush=False):
    """Programs answer with what they return."""


def _iter(value, *sentinel):
    return fuel.endless(iter(value, *sentinel)) if sentinel else iter(value)


def _sum(iterable, /, start=0):
    return sum(fuel.counted(iterable), start)


def _any(iterable, /):
    return any(fuel.counted(iterable))


def _all(iterable, /):
    return all(fuel.counted(iterable))


def _min(*values, **options):
    return min(fuel.counted(values[0]), **options) if len(values) == 1 else min(*values, **options)


def _max(*values, **options):
    return max(fuel.counted(values[0]), **options) if len(values) == 1 else max(*values, **options)


def _sorted(iterable, /, *, key=None, reverse=False):
    return sorted(fuel.counted(iterable), key=key, reverse=reverse)


def _import(name, globals=None, locals=None, fromlist=(), level=0):
    if type(fromlist) is list:
        # C code that needs a module, such as _pylong for huge integers: it looks in sys.modules and drops what we return.
        if name not in sys.modules:
            importlib.import_module(name)
        return None
    if type(name) is not str or level or name not in facades:
        raise ImportError(f'Programs may not import {name}.')
    return facades[name if fromlist else name.partition('.')[0]]


# Names of builtins that lead out of the program, which the gate refuses unless the program gives them a meaning of its own.
outside = frozenset(
    (
        'open exec eval compile input breakpoint help exit quit globals locals vars dir aiter anext copyright credits license'
    ).split()
)

# Builtins that are about attributes and classes, or keep memory of others in their hands.
not_plain = frozenset('getattr setattr delattr super property classmethod staticmethod memoryview'.split())

_as_they_are = (
    'abs ascii bin bool bytearray bytes callable chr classmethod complex dict divmod enumerate filter float format frozenset '
    'hasattr hex int isinstance issubclass len list map memoryview next object oct ord pow property range repr reversed round '
    'set slice staticmethod str super tuple zip NotImplemented Ellipsis __build_class__ __debug__'
).split()
_instead = {
    'type': _Type,
    'getattr': _getattr,
    'setattr': _setattr,
    'delattr': _delattr,
    'id': _id,
    'hash': _hash,
    'print': _print,
    'iter': _iter,
    'sum': _sum,
    'any': _any,
    'all': _all,
    'min': _min,
    'max': _max,
    'sorted': _sorted,
    '__import__': _import,
}
restricted_builtins = (
    {name: getattr(builtins, name) for name in _as_they_are}
    | {name: value for name, value in vars(builtins).items() if isinstance(value, type) and issubclass(value, BaseException)}
    | _instead
)
for _name, _value in _instead.items():
    if type(_value) is types.FunctionType:
        _value.__name__ = _value.__qualname__ = _name

# ---- Members of modules that are offered in a safe form ------------------------------------------------------------


def _is_programs(value):
    """Did a program define this function, class or object? Only those may be decorated in place."""
    if type(value) is types.FunctionType:
        return value.__builtins__ is not vars(builtins)
    return (value if isinstance(value, type) else type(value)).__module__ == 'program'


def _only_programs(decorate):
    """A decorator that sets attributes on what it decorates would alter Counter for all programs to come."""

    def checked(target, *arguments, **options):
        if not _is_programs(target):
            raise TypeError('Programs may decorate only what they define.')
        return decorate(target, *arguments, **options)

    checked.__name__ = checked.__qualname__ = decorate.__name__
    return checked


@_only_programs
def update_wrapper(wrapper, wrapped):
    return functools.update_wrapper(wrapper, wrapped)


def wraps(wrapped):
    return lambda wrapper: update_wrapper(wrapper, wrapped)


def dataclass(cls=None, /, **options):
    decorate = _only_programs(dataclasses.dataclass(**options))
    return decorate if cls is None else decorate(cls)


def attrgetter(*names):
    for name in names:
        for part in name.split('.') if type(name) is str else [name]:
            _check_attribute(part)
    return operator.attrgetter(*names)


def methodcaller(name, /, *arguments, **options):
    _check_attribute(name)
    return operator.methodcaller(name, *arguments, **options)


def _paid(make):
    """An iterator without end, whose items cost steps: C loops over it would never pass a step of the program's own."""

    def paid(*arguments, **options):
        return fuel.endless(make(*arguments, **options))

    paid.__name__ = paid.__qualname__ = make.__name__
    return paid


def prod(iterable, /, *, start=1):
    return math.prod(fuel.counted(iterable), start=start)


def factorial(n, /):
    fuel.charge(_factors(n))
    return math.factorial(n)


def comb(n, k, /):
    fuel.charge(_factors(min(k, n - k) if type(n) is type(k) is int else k))
    return math.comb(n, k)


def perm(n, k=None, /):
    fuel.charge(_factors(n if k is None else k))
    return math.perm(n, k)


def _factors(n):
    """How many numbers C multiplies, deaf to interrupts meanwhile."""
    return max(n, 0) if type(n) is int else 0


def _pure_functools():
    """functools as it is where its C half is missing: the recursion of a memoised function then needs no room on the C stack,
    which is short in WebAssembly, and ends in a RecursionError instead of ending the interpreter."""
    ours, theirs = sys.modules.pop('functools'), sys.modules['_functools']
    sys.modules['_functools'] = None
    try:
        return importlib.import_module('functools')
    finally:
        sys.modules['functools'], sys.modules['_functools'] = ours, theirs


_functools = _pure_functools()


def _checked_members(create):
    """Enum("Name", members) takes names from strings, which the gate has not seen."""

    def checked(cls, class_name, names, **options):
        texts = names.replace(',', ' ').split() if isinstance(names, str) else list(names)
        for item in texts:
            name = item if isinstance(item, str) else item[0]
            if type(name) is not str or is_dunder(name):
                raise ValueError(f'Programs may not name a member {name}.')
        return create(cls, class_name, names, **options)

    return checked


enum.EnumType._create_ = _checked_members(enum.EnumType._create_)

# ---- Modules -------------------------------------------------------------------------------------------------------


class _Facade(types.ModuleType):
    """Looks like the module, holds its harmless names, and keeps them."""

    def __setattr__(self, name, value):
        raise AttributeError('Programs may not alter modules.')

    def __delattr__(self, name):
        raise AttributeError('Programs may not alter modules.')

    def __repr__(self):
        return f"<module '{self.__name__}'>"


def _public(module):
    names = getattr(module, '__all__', None) or [name for name in dir(module) if name[0] != '_']
    return {
        name: value for name in names if name[0] != '_' and type(value := getattr(module, name)) is not types.ModuleType
    }


facades = {}
plain_names = {}  # module: the names that a plain program may take from it


def _offer(name, *, without='', only='', instead=None, plain=''):
    """`plain` lists the plain names; "*" stands for all of them, "* a b" for all but these."""
    members = _public(importlib.import_module(name))
    if only:
        members = {member: members[member] for member in only.split()}
    for member in without.split():
        del members[member]
    members |= instead or {}
    facades[name] = _Facade(name)
    vars(facades[name]).update(members)
    first, *others = plain.split() or ['']
    plain_names[name] = frozenset(members) - frozenset(others) if first == '*' else frozenset(plain.split())
    parent, _, child = name.rpartition('.')
    if parent:
        vars(facades[parent])[child] = facades[name]


_offer('__future__', only='annotations division generator_stop', plain='*')
_offer('abc', only='ABC abstractmethod')
_offer('array', plain='*')
_offer('base64', only='b64encode b64decode b32encode b32decode b16encode b16decode b85encode b85decode', plain='*')
_offer('bisect', plain='*')
_offer('cmath', plain='*')
_offer('collections', plain='Counter OrderedDict defaultdict deque abc')
_offer('collections.abc', plain='*')
_offer('copy', only='copy deepcopy', plain='*')
_offer(
    'dataclasses',
    only='asdict astuple field fields is_dataclass replace FrozenInstanceError KW_ONLY MISSING InitVar',
    instead={'dataclass': dataclass},
)
_offer('decimal')
_offer('difflib', only='SequenceMatcher get_close_matches ndiff unified_diff context_diff Differ')
_offer('enum', only='Enum IntEnum StrEnum Flag IntFlag auto unique nonmember member')
_offer('fractions', plain='*')
_offer(
    'functools',
    only='reduce partial cmp_to_key cached_property',
    instead={
        'lru_cache': _functools.lru_cache,
        'cache': _functools.cache,
        'total_ordering': _only_programs(functools.total_ordering),
        'update_wrapper': update_wrapper,
        'wraps': wraps,
    },
    plain='reduce partial cmp_to_key lru_cache cache',
)
_offer('heapq', plain='*')
_offer('itertools', instead={name: _paid(getattr(itertools, name)) for name in ('count', 'cycle', 'repeat')}, plain='*')
_offer('json', only='dumps loads JSONDecodeError', plain='*')
_offer('math', instead={'prod': prod, 'factorial': factorial, 'comb': comb, 'perm': perm}, plain='*')
_offer('numbers', plain='*')
_offer('operator', instead={'attrgetter': attrgetter, 'methodcaller': methodcaller}, plain='* attrgetter methodcaller')
_offer('re', without='purge', plain='*')
_offer('statistics', without='NormalDist kde kde_random', plain='*')
_offer('string', without='Formatter', plain='* Template')
_offer('struct', plain='* Struct')
_offer('textwrap', plain='* TextWrapper')
_offer(
    'typing',
    only='Any Annotated AnyStr Callable ClassVar Collection Container Counter DefaultDict Deque Dict Final FrozenSet Generic '
    'Generator Hashable Iterable Iterator List Literal Mapping MutableMapping MutableSequence MutableSet NamedTuple NewType '
    'NoReturn Never Optional OrderedDict ParamSpec Protocol Reversible Self Sequence Set Sized SupportsAbs SupportsFloat '
    'SupportsInt Text Tuple Type TypeAlias TypedDict TypeVar Union cast',
    plain='* Generic NamedTuple NewType ParamSpec Protocol TypedDict',
)
_offer('unicodedata', plain='*')
_offer('zlib', only='adler32 crc32', plain='*')

# Generated methods of dataclasses look their module up.
sys.modules['program'] = types.ModuleType('program')


def allowed_modules():
    return sorted(name for name in facades if name != '__future__')


# ---- What is plain -------------------------------------------------------------------------------------------------


def _methods(*kinds):
    return {name for kind in kinds for name in dir(kind) if name[0] != '_'} - forbidden


plain_attributes = frozenset(
    _methods(str, bytes, bytearray, list, tuple, dict, set, frozenset, int, float, complex, range, slice, types.GeneratorType)
    | _methods(*(getattr(facades['collections'], name) for name in plain_names['collections'] - {'abc'}))
    | _methods(facades['fractions'].Fraction, facades['array'].array, facades['re'].Pattern, facades['re'].Match)
    | set().union(*plain_names.values())
    | {'args', 'cache_clear', 'cache_info', 'from_iterable', 'func', 'name', 'value', '__name__'}
)


def _attributes_of_anything():
    """Every name under which an object of the interpreter, or a facade, has something."""
    kinds = [object]
    for kind in kinds:
        kinds += [child for child in type.__subclasses__(kind) if child is not kind]
    return set().union(*map(vars, kinds), *map(vars, facades.values()))


# A name that is none of these leads nowhere on anything that a program may meet.
known_attributes = frozenset(_attributes_of_anything())
