"""
The same program, changed: stripped, renamed, or put behind functions that it must build on. Nothing of it runs, but renaming is
safe only for programs that name what they use, so those that the gate refuses are not renamed.
"""

import ast
from keyword import iskeyword
from unicodedata import normalize

import allowed
import gate
import written
from scopes import Names
from strip import strip

_builtins = frozenset(allowed.restricted_builtins)



class Refused(Exception):
    def __init__(self, verdict, reason):
        self.verdict, self.reason = verdict, reason


def rewrite(source, rewriting):
    """`rewriting` is the Rewriting of executor.ts. Raises what `ast.parse` raises, Refused, and `written.Unwritable`."""
    kind = rewriting['kind']
    if kind == 'strip':
        return strip(source, *(rewriting[what] is True for what in ('comments', 'globals', 'prints')))
    if kind == 'rename':
        return rename(source, rewriting['to'])
    return compose(source, [(function['name'], function['program']) for function in rewriting['functions']])


def _checked(source):
    tree = ast.parse(source)
    compile(source, 'program', 'exec', dont_inherit=True)  # finds what the parser leaves to the compiler
    reason, _, _ = gate.inspect(source, tree)
    if reason:
        raise Refused('banned', reason)
    return tree


# ---- Rename ----------------------------------------------------------------------------------------------------------


def rename(source, to):
    """
    Written from the tree and not cut into the text: names stand at places that the tree does not tell, and in f-strings that show
    them, where only the tree says what they are to show.
    """
    _check_name(to)
    tree = _checked(source)
    _spell_out_stars(tree, {node.id for node in ast.walk(tree) if type(node) is ast.Name})
    _lose_future(tree)
    names = Names(tree)
    if 'f' not in names.bound:
        raise Refused('error', 'The program defines no function f.')
    _check_shared(names)
    _check_renaming(source, tree, names)
    new = {
        name: to if name == 'f' else f'{to}_{name}'
        for name in names.bound | names.read | {mention.name for mention in names.of_module}
        if name in names.bound or name not in _builtins and name not in names.perhaps and not gate.is_dunder(name)
    }
    taken = names.everywhere & set(new.values())
    if taken:
        raise Refused('banned', f'The program itself uses the name {min(taken)}, which would be given to another thing.')
    for mention in names.of_module:
        if mention.name in new:
            _put(mention, new[mention.name])
    _start_as_builtins(tree, names, new)
    return written.text_of(tree)


def _check_name(name):
    if not (type(name) is str and name.isascii() and name.isidentifier() and len(name) <= 100):
        raise Refused('syntax', 'The new name of f must be an identifier of at most 100 ASCII characters.')
    if iskeyword(name) or name in _builtins or name[:2] == '__' or name == 'f':
        raise Refused('syntax', f'f cannot be renamed to {name}, which has a meaning of its own.')


def _check_shared(names):
    """What a program says about the whole file, or about names that its text does not show."""
    # What is read of __name__ is the same for all.
    for name in sorted((names.bound | names.read) & {'__doc__', '__builtins__'} | names.bound & {'__name__'}):
        raise Refused('banned', f'It uses {name}, which belongs to the whole file.')
    for name in sorted(names.private):
        raise Refused('banned', f'A class reads {name}, a private name that it does not define.')


def _check_renaming(source, tree, names):
    """What cannot be renamed without a change of meaning."""
    for name in sorted(names.bound & names.perhaps):
        raise Refused('banned', f"A class reads {name}, which may be its own or the program's.")
    for mention in names.of_module:
        if mention.how == 'delete' and mention.name in _builtins:
            raise Refused('banned', f'It deletes {mention.name}, after which that name is the builtin again.')
    if 'super' in names.bound:
        raise Refused('banned', 'It defines super, which Python treats in its own way.')
    for mention in names.of_module:
        if type(mention.node) is ast.ClassDef:
            # The private names of a class hold its name, also in attributes and in texts.
            bare = mention.name.lstrip('_')
            if not bare or f'_{bare}__' in normalize('NFKC', source):
                raise Refused('banned', f'It may spell out private names of the class {mention.name}.')
    if any(type(node) is ast.TemplateStr for node in ast.walk(tree)):
        raise Refused('banned', 'It has a template string, which shows names as they are written.')


def _put(mention, new):
    node = mention.node
    if mention.how == 'declare':
        node.names = [new if name == mention.name else name for name in node.names]
        return
    if type(node) is ast.alias and node.asname is None:
        # `import a.b` binds a; the packages that the gate lets pass have their modules without being asked.
        node.name = node.name.partition('.')[0]
    setattr(node, mention.field, new)


def _start_as_builtins(tree, names, new):
    """Before a program gives `max` a meaning of its own, it has the builtin's."""
    first = 0 if ast.get_docstring(tree, clean=False) is None else 1
    tree.body[first:first] = [
        ast.Assign([ast.Name(new[name], ast.Store())], ast.Name(name, ast.Load()))
        for name in sorted(names.bound & names.read & _builtins)
    ]


def _spell_out_stars(tree, mentioned=None):
    """`from math import *` brings names that nobody sees. Those that the program mentions are enough to have."""
    for node in ast.walk(tree):
        if type(node) is ast.ImportFrom and node.names[0].name == '*':
            names = [name for name in vars(allowed.facades[node.module]) if name[0] != '_']
            used = names if mentioned is None else [name for name in names if name in mentioned]
            node.names = [ast.alias(name) for name in used or names[:1]]


def _lose_future(tree):
    """
    Imports of __future__ stand before everything else and hold for the whole file. Only `annotations` still does something, which
    classes may show: it keeps their annotations as text.
    """
    futures = [node for node in tree.body if type(node) is ast.ImportFrom and node.module == '__future__']
    tree.body = [node for node in tree.body if node not in futures]
    if any(alias.name == 'annotations' for node in futures for alias in node.names):
        for node in ast.walk(tree):
            if type(node) is ast.AnnAssign:
                node.annotation = ast.Constant(ast.unparse(node.annotation))
    return bool(futures)


# ---- Compose ---------------------------------------------------------------------------------------------------------


def compose(source, functions):
    tree = _checked(source)
    text = source
    if _lose_future(tree):
        text = written.text_of(tree)
    _spell_out_stars(tree)
    names = Names(tree)
    _check_shared(names)
    parts = {}
    for name, program in functions:
        _check_name(name)
        part = Names(_checked(program))
        _check_shared(part)
        if name in parts or name not in part.bound or not all(each == name or each.startswith(f'{name}_') for each in part.bound):
            raise Refused('not-composite', f'The functions before the program are not as renaming to {name} makes them.')
        parts[name] = part
    _check_apart(names, parts)
    f = _only_f(tree, names)
    known = names.bound.union(_builtins, *(part.bound for part in parts.values()))
    calls = _Calls(names, known)
    for name in parts:
        calls.check(name, names.scopes[f])
    passed = _passed_on(f, names)
    if passed in parts:
        raise Refused('not-composite', f'f only passes on what {passed} gives.')
    before = [program.strip('\n') + '\n' for _, program in functions]
    whole = '\n'.join([*before, text.lstrip('\n')])
    compile(whole, 'program', 'exec', dont_inherit=True)
    return whole


def _check_apart(names, parts):
    """No part of the file may change what a name means in another one."""
    for name, part in parts.items():
        for taken in sorted(names.bound & part.bound | names.bound_anywhere & {name}):
            raise Refused('not-composite', f'{taken} is defined again.')
        for taken in sorted(names.bound & part.read):
            raise Refused('not-composite', f'The program defines {taken}, which {name} uses in its usual meaning.')
        for other, another in parts.items():
            if other != name and part.bound & (another.bound | another.read):
                raise Refused('not-composite', f'{name} and {other} use the same names.')


def _only_f(tree, names):
    found = [node for node in tree.body if type(node) is ast.FunctionDef and node.name == 'f']
    if not found:
        raise Refused('error', 'The program defines no function f.')
    if sum(mention.name == 'f' and mention.how in ('bind', 'delete') for mention in names.of_module) > 1:
        raise Refused('not-composite', 'f is defined more than once.')
    return found[0]


class _Calls:
    """The calls of a program, and whether the names in their arguments are in scope where they stand."""

    def __init__(self, names, known):
        self._names, self._known = names, known
        self._judged = {}  # call: a name that is not in scope or None, and whether its arguments hold any name
        for call, _ in reversed(names.calls):  # inner calls first, so that none is walked through twice
            self._judged[call] = self._judge(call)

    def check(self, name, inside):
        calls = [
            call
            for call, scope in self._names.calls
            if call.func.id == name and self._names.homes[call.func] is self._names.module and scope.within(inside)
        ]
        if not calls:
            raise Refused('not-composite', f'f does not call {name}.')
        judged = [self._judged[call] for call in calls]
        if any(missing is None and holds for missing, holds in judged):
            return
        missing = next((missing for missing, _ in judged if missing), None)
        if missing:
            raise Refused('not-composite', f'f calls {name} with {missing}, which is not in scope there.')
        raise Refused('not-composite', f'f calls {name} with nothing but constants.')

    def _judge(self, call):
        missing, holds = None, False
        stack = [*call.args, *call.keywords]
        while stack:
            node = stack.pop()
            if type(node) is ast.Name:
                holds = True
                if not self._in_scope(node):
                    missing = node.id
            elif node in self._judged:
                holds = True
                inner, _ = self._judged[node]
                missing = inner or missing
                stack.append(node.func)
            else:
                stack += ast.iter_child_nodes(node)
        return missing, holds

    def _in_scope(self, node):
        home = self._names.homes[node]
        return home is not self._names.module or node.id in self._known or gate.is_dunder(node.id)


def _passed_on(f, names):
    """The name of the function whose value is all that f gives, called with f's own parameters; or None."""
    body = [node for node in f.body if not (type(node) is ast.Pass or type(node) is ast.Expr and type(node.value) is ast.Constant)]
    match body:
        case [ast.Return(value=value)]:
            pass
        case [
            ast.Assign(targets=[ast.Name(id=kept)], value=value) | ast.AnnAssign(target=ast.Name(id=kept), value=value),
            ast.Return(value=ast.Name(id=given)),
        ] if kept == given:
            pass
        case _:
            return None
    if type(value) is ast.NamedExpr:
        value = value.value
    if type(value) is not ast.Call or type(value.func) is not ast.Name:
        return None
    inside = names.scopes[f]
    for argument in [*value.args, *(keyword.value for keyword in value.keywords)]:
        if type(argument) is ast.Starred:
            argument = argument.value
        if type(argument) is not ast.Name or names.homes[argument] is not inside:
            return None
    return value.func.id
