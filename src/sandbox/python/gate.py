"""
What may run, decided on the syntax tree before anything does, and what may run in an interpreter that nobody cleans up
afterwards: a plain program can reach nothing that outlives it.

The sandbox around the interpreter is what keeps a hostile program in; this keeps honest programs comparable and gives a
refusal a sentence that says why.
"""

import ast
import builtins
import dis
from types import CodeType
from unicodedata import normalize

from allowed import (
    facades,
    forbidden,
    is_dunder,
    known_attributes,
    not_plain,
    outside,
    plain_attributes,
    plain_names,
    readable,
    restricted_builtins,
    special,
)
from shared import names as shared_names
from shared import out_of_sight

# Names besides special methods that are no more than data. `__match_args__` is not: patterns read what it names.
_names = special | {'__name__', '__doc__', '__slots__', '__all__', '__version__', '__author__'}

_asynchronous = {ast.AsyncFunctionDef, ast.AsyncFor, ast.AsyncWith, ast.Await}

# Where a walk need not look: marks, and what has a closer look of its own.
_dull = {'module', 'ctx', 'op', 'ops', 'kind', 'type_comment', 'conversion', 'simple', 'level', 'is_async', 'type_ignores'}
_fields = {
    kind: tuple(name for name in kind._fields if name not in _dull)
    for kind in vars(ast).values()
    if isinstance(kind, type) and issubclass(kind, ast.AST)
}

_plain_nodes = {
    getattr(ast, name)
    for name in (
        'Module FunctionDef ClassDef Return Delete Assign AugAssign AnnAssign For While If With Match Raise Try TryStar Assert Import '
        'ImportFrom Global Nonlocal Expr Pass Break Continue BoolOp NamedExpr BinOp UnaryOp Lambda IfExp Dict Set ListComp '
        'SetComp DictComp GeneratorExp Yield YieldFrom Compare Call FormattedValue JoinedStr Constant Attribute Subscript '
        'Starred Name List Tuple Slice comprehension ExceptHandler arguments arg keyword alias withitem match_case MatchValue '
        'MatchSingleton MatchSequence MatchMapping MatchClass MatchStar MatchAs MatchOr'
    ).split()
}
_yields = {ast.Yield, ast.YieldFrom}
_cleanups = {ast.Try, ast.TryStar, ast.With}


# ---- The short way: most programs are plain by the look of their code alone ------------------------------------------

# A syntax tree of Python objects costs as much as compiling does. The names and instructions of compiled code are there for
# nothing, and enough to see that most programs are plain. The others go the long way; nobody is refused here.

# Instructions that set attributes, make classes, read attributes by names that are constants, or wait.
# (The benchmarks run this in other versions of Python, which lack some.)
_telling = {
    dis.opmap[name]
    for name in (
        'STORE_ATTR DELETE_ATTR LOAD_SUPER_ATTR LOAD_BUILD_CLASS MATCH_CLASS SETUP_ANNOTATIONS '
        'BUILD_TEMPLATE BUILD_INTERPOLATION GET_AWAITABLE GET_AITER GET_ANEXT END_ASYNC_FOR'
    ).split()
    if name in dis.opmap
}
_import_name, _import_from, _extended_argument, _catch = (
    dis.opmap[name] for name in ('IMPORT_NAME', 'IMPORT_FROM', 'EXTENDED_ARG', 'PUSH_EXC_INFO')
)
_asynchronous_code = 0x80 | 0x100 | 0x200
_generator = 0x20

# A name in code may be an attribute or a global, and these are plain as either. Of the others, those are suspicious that mean
# something to the interpreter. What means nothing to it can only be the program's own, as no attribute is set.
_plain_anyway = (plain_attributes | set(facades) | set(restricted_builtins)) - not_plain - outside - forbidden - {'type'}
_suspicious = (known_attributes | set(vars(builtins)) | outside | forbidden) - _plain_anyway


def evidently_plain(source, code):
    """True if the program is plain and nothing is to be said against it; False says nothing."""
    # Python reads identifiers in their compatibility form, in which other letters may become underscores.
    if '__' in (source if source.isascii() else normalize('NFKC', source)):
        return False
    stack = [code]
    while stack:
        code = stack.pop()
        flags = code.co_flags
        instructions = code.co_code[::2]
        # A generator that cleans up may do so whenever it is found to be garbage.
        if flags & _asynchronous_code or flags & _generator and _catch in instructions:
            return False
        if not _telling.isdisjoint(instructions) or not _suspicious.isdisjoint(code.co_names):
            return False
        if _import_name in instructions and not _plain_imports(code):
            return False
        for constant in code.co_consts:
            if type(constant) is CodeType:
                stack.append(constant)
    return True


def _plain_imports(code):
    """Are its imports of plain names alone?"""
    extended = 0
    for instruction, argument in zip(code.co_code[::2], code.co_code[1::2]):
        argument |= extended << 8
        extended = argument if instruction == _extended_argument else 0
        if instruction == _import_name:
            module = code.co_names[argument]
            if module not in facades:
                return False
        elif instruction == _import_from and code.co_names[argument] not in plain_names[module]:
            return False
    return True


# ---- The long way ----------------------------------------------------------------------------------------------------


class _Refused(Exception):
    pass


def inspect(source, tree):
    """
    Why the program may not run, or None; whether it is plain; and the names of attributes that it sets. A program that sets some
    is plain only if what all programs share is untouched afterwards.
    """
    try:
        return None, *_inspect(source, tree)
    except _Refused as refused:
        return str(refused), False, ()


def _inspect(source, tree):
    kinds = set()
    attributes = set()
    loaded = set()
    identifiers = set()  # all others: what is bound, declared or passed by name
    stored = set()
    classes = {'object'}
    plain = True
    class_reads = _class_reads(tree) if '__class__' in source else ()

    # One walk collects, so that each name is judged once however often it occurs.
    stack = [tree]
    pop, push, extend = stack.pop, stack.append, stack.extend
    Name, Attribute, Constant, Load, Call = ast.Name, ast.Attribute, ast.Constant, ast.Load, ast.Call
    while stack:
        node = pop()
        kind = type(node)
        if kind is Name:
            (loaded if type(node.ctx) is Load else identifiers).add(node.id)
        elif kind is Constant or node is None:
            pass
        elif kind is Attribute:
            if _is_super(node.value):  # its bases are the program's own, or make it not plain
                if node.attr not in special:
                    attributes.add(node.attr)
            else:
                attributes.add(node.attr)
                push(node.value)
            if type(node.ctx) is not Load:
                stored.add(node.attr)
                plain &= type(node.ctx) is ast.Store
                if is_dunder(node.attr):
                    _refuse(node, f'may not set or delete {node.attr}')
            elif node.attr == '__class__':
                plain = False
                if node not in class_reads:
                    _refuse(node, 'may use __class__ only to compare, name or call it; type(x) does more')
        elif kind is str:
            identifiers.add(node)
        elif kind is Call:
            push(node.func)
            extend(node.args)
            for keyword in node.keywords:
                identifiers.add(keyword.arg)
                push(keyword.value)
            if type(node.func) is Name and node.func.id == 'type' and len(node.args) > 1:
                _refuse(node, 'may not make classes with type()')
        else:
            kinds.add(kind)
            if kind is ast.ClassDef:
                classes.add(node.name)
            if kind in _special_nodes:
                plain &= _special_nodes[kind](node, attributes, identifiers)
            for name in _fields[kind]:
                value = getattr(node, name)
                (extend if type(value) is list else push)(value)
    identifiers.discard(None)  # the name of **options

    for name in identifiers | loaded:
        if is_dunder(name) and name not in _names:
            _refuse_name(tree, name)
    for name in attributes:
        if name in forbidden or (is_dunder(name) and name not in readable and name != '__class__'):
            _refuse_name(tree, name)
    for name in loaded & outside - identifiers:
        _refuse_name(tree, name)

    plain = (
        plain
        and kinds <= _plain_nodes
        and (ast.ClassDef not in kinds or all(_plain_bases(node, classes) for node in ast.walk(tree) if type(node) is ast.ClassDef))
        and all(
            name in plain_attributes
            or name not in known_attributes
            or (name in stored or name in identifiers) and name not in _meaningful  # the program's own
            for name in attributes
        )
        and stored.isdisjoint(out_of_sight)
        and not_plain.isdisjoint(loaded)
        # A generator that cleans up may do so whenever it is found to be garbage.
        and (kinds.isdisjoint(_yields) or kinds.isdisjoint(_cleanups))
    )
    return plain, tuple(stored)


def _is_super(node):
    return type(node) is ast.Call and type(node.func) is ast.Name and node.func.id == 'super' and not node.args


def _plain_bases(node, classes):
    """A class that only inherits from the program's own, or from exceptions, which are immutable."""
    return not node.decorator_list and all(
        type(base) is ast.Name and (base.id in classes or base.id in _exceptions) for base in node.bases
    )


_exceptions = {name for name, value in restricted_builtins.items() if isinstance(value, type) and issubclass(value, BaseException)}

# What leads further on objects that all programs share, also if a program uses the name for itself.
_meaningful = forbidden | {name for name in shared_names if name[:1] == '_'} | {'register'}


# ---- Nodes that need a closer look: each says whether it is plain --------------------------------------------------


def _import(node, _attributes, identifiers):
    for alias in node.names:
        if alias.name not in facades:
            _refuse(node, f'may not import {alias.name}')
        identifiers.add(alias.asname or alias.name.partition('.')[0])
    return all(plain_names[alias.name] for alias in node.names)


def _import_from(node, _attributes, _identifiers):
    if node.level or node.module not in facades:
        _refuse(node, f"may not import {'.' * node.level}{node.module or ''}")
    plain = True
    for alias in node.names:
        if alias.name != '*' and alias.name not in vars(facades[node.module]):
            _refuse(node, f'may not import {alias.name} from {node.module}')
        plain &= alias.name in plain_names[node.module]
    return plain


def _class(node, _attributes, _identifiers):
    if node.keywords:
        _refuse(node, 'may not give a class keywords such as metaclass')
    return True


def _pattern(node, attributes, _identifiers):
    for name in node.kwd_attrs:
        attributes.add(name)
        if name == '__class__':
            _refuse(node, 'may not read __class__ in a pattern')
    return True


def _comprehension(node, _attributes, _identifiers):
    if node.is_async:
        _refuse(node.target, 'may not be asynchronous')
    return True


def _async(node, _attributes, _identifiers):
    _refuse(node, 'may not be asynchronous')


_special_nodes = {
    ast.Import: _import,
    ast.ImportFrom: _import_from,
    ast.ClassDef: _class,
    ast.MatchClass: _pattern,
    ast.comprehension: _comprehension,
} | dict.fromkeys(_asynchronous, _async)


def _class_reads(tree):
    """The places where `x.__class__` stays out of the program's hands, as `type` itself would otherwise come that way."""
    found = set()
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=read, attr='__name__' | '__qualname__' | '__doc__'):
                found.add(read)
            case ast.Compare(left=left, ops=operators, comparators=others):
                if all(type(operator) in (ast.Is, ast.IsNot) for operator in operators):
                    found |= {left, *others}
                elif all(_is_class_read(side) for side in (left, *others)):
                    found |= {left, *others}
            case ast.Call(func=ast.Name(id='isinstance' | 'issubclass'), args=[_, read]):
                found.add(read)
            # With three arguments or with who knows how many, it could be type(name, bases, members).
            case ast.Call(func=read, args=arguments, keywords=[]):
                if len(arguments) < 3 and not any(type(argument) is ast.Starred for argument in arguments):
                    found.add(read)
    return found


def _is_class_read(node):
    return type(node) is ast.Attribute and node.attr == '__class__'


# ---- Refusals ------------------------------------------------------------------------------------------------------


def _refuse(node, what):
    raise _Refused(f'Line {node.lineno}: programs {what}.')


def _refuse_name(tree, name):
    line = 1
    for node in ast.walk(tree):
        line = getattr(node, 'lineno', line)
        for value in vars(node).values():
            if type(node) is not ast.Constant and (value == name or type(value) is list and name in value):
                raise _Refused(f'Line {line}: programs may not use {name}.')
    raise _Refused(f'Programs may not use {name}.')
