"""
Which names of a program are the whole program's, by Python's rules of scope: what `rename` must change everywhere, and what two
programs in one file would share.

Nothing of a program runs. Programs are hostile, so the walk keeps its own stack.
"""

import ast
from typing import NamedTuple

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)

# Where other nodes than Name keep a name that they bind.
_binding_field = {
    ast.arg: 'arg',
    ast.ExceptHandler: 'name',
    ast.MatchAs: 'name',
    ast.MatchStar: 'name',
    ast.MatchMapping: 'rest',
    ast.TypeVar: 'name',
    ast.ParamSpec: 'name',
    ast.TypeVarTuple: 'name',
}


class Scope:
    """`kind` is module, function, class, comprehension, or types: that of type parameters, from which a class is still in sight."""

    def __init__(self, kind, parent=None, class_name=''):
        self.kind, self.parent = kind, parent
        self.module = parent.module if parent else self
        self._homes = {}
        self.bound, self.globals, self.nonlocals = set(), set(), set()
        self.class_name = class_name or (parent.class_name if parent else '')

    def home_of(self, name):
        """The scope that the name belongs to, seen from here; the module's if no other binds it."""
        if name not in self._homes:
            self._homes[name] = self._find(name)
        return self._homes[name]

    def _find(self, name):
        scope, in_sight = self, True
        while scope.parent:
            if scope.kind != 'class' or in_sight:
                if name in scope.globals:
                    break
                if name in scope.bound and name not in scope.nonlocals:
                    return scope
            in_sight = in_sight and scope.kind == 'types'
            scope = scope.parent
        return self.module

    def within(self, other):
        scope = self
        while scope and scope is not other:
            scope = scope.parent
        return scope is other


class Mention(NamedTuple):
    """`field` of `node` holds the name, or a list with it. `how` is read, bind, delete (which binds, too), or declare."""

    scope: Scope
    node: ast.AST
    field: str
    name: str
    how: str


class Names:
    """The names of a program, by what they mean."""

    def __init__(self, tree):
        self.module = Scope('module')
        self.scopes = {}  # of the functions in the program: the scope inside
        self.calls = []  # (call, scope) where the function is called by its name
        self._mentions = []
        self._walk(tree)

        self.everywhere = {mention.name for mention in self._mentions}
        self.bound_anywhere = {mention.name for mention in self._mentions if mention.how in ('bind', 'delete')}
        self.of_module = []  # mentions of names that are the whole program's
        self.bound = set()  # those that it defines
        self.read = set()  # those that it reads, at least perhaps
        self.perhaps = set()  # those that a class binds and reads: its own by then, or still the program's?
        self.private = set()  # those that a class makes its own by two underscores, though it does not bind them
        self.homes = {}  # of Name nodes
        for mention in self._mentions:
            self._settle(mention)

    def _settle(self, mention):
        scope, node, _, name, how = mention
        own_name = _mangled(name, scope.class_name)
        home = scope.home_of(own_name)
        if type(node) is ast.Name:
            self.homes[node] = home
        if home.kind == 'module':
            self.of_module.append(mention)
            if own_name != name:
                self.private.add(name)
            if how in ('bind', 'delete'):
                self.bound.add(name)
            elif how == 'read':
                self.read.add(name)
        elif home.kind == 'class' and how in ('read', 'delete'):
            self.read.add(name)
            self.perhaps.add(name)

    # ---- The walk --------------------------------------------------------------------------------------------------

    def _walk(self, tree):
        self._stack = [(tree, self.module)]
        while self._stack:
            node, scope = self._stack.pop()
            kind = type(node)
            if kind is ast.Name:
                how = {ast.Load: 'read', ast.Store: 'bind', ast.Del: 'delete'}[type(node.ctx)]
                self._mention(scope, node, 'id', how)
            elif kind in FUNCTIONS:
                self._mention(scope, node, 'name', 'bind')
                self._later(scope, node.decorator_list)
                typed = self._type_parameters(node, scope)
                self._later(typed, [node.returns])
                self._later(self._function(node, scope, typed), node.body)
            elif kind is ast.Lambda:
                self._later(self._function(node, scope, scope), [node.body])
            elif kind is ast.ClassDef:
                self._mention(scope, node, 'name', 'bind')
                self._later(scope, node.decorator_list)
                typed = self._type_parameters(node, scope)
                self._later(typed, node.bases + node.keywords)
                self._later(Scope('class', typed, node.name), node.body)
            elif kind in COMPREHENSIONS:
                inner = Scope('comprehension', scope)
                first, *others = node.generators
                self._later(scope, [first.iter])
                elements = [node.key, node.value] if kind is ast.DictComp else [node.elt]
                self._later(inner, [first.target, *first.ifs, *others, *elements])
            elif kind is ast.NamedExpr:
                holder = scope
                while holder.kind == 'comprehension':
                    holder = holder.parent
                self._mention(holder, node.target, 'id', 'bind')
                self._later(scope, [node.value])
            elif kind is ast.AugAssign:
                if type(node.target) is ast.Name:
                    self._mention(scope, node.target, 'id', 'read')
                self._later(scope, [node.target, node.value])
            elif kind in (ast.Global, ast.Nonlocal):
                (scope.globals if kind is ast.Global else scope.nonlocals).update(
                    _mangled(name, scope.class_name) for name in node.names
                )
                for name in dict.fromkeys(node.names):
                    self._mentions.append(Mention(scope, node, 'names', name, 'declare'))
            elif kind is ast.alias:
                if node.name != '*':
                    self._bind(scope, node, 'asname', node.asname or node.name.partition('.')[0])
            elif kind is ast.TypeAlias:
                self._later(scope, [node.name])
                self._later(self._type_parameters(node, scope), [node.value])
            else:
                if kind is ast.Call and type(node.func) is ast.Name:
                    self.calls.append((node, scope))
                field = _binding_field.get(kind)
                if field and getattr(node, field):
                    # An except clause deletes its name again.
                    self._mention(scope, node, field, 'delete' if kind is ast.ExceptHandler else 'bind')
                self._later(scope, ast.iter_child_nodes(node))

    def _later(self, scope, nodes):
        self._stack += ((node, scope) for node in nodes if node)

    def _mention(self, scope, node, field, how):
        name = getattr(node, field)
        if how == 'read':
            self._mentions.append(Mention(scope, node, field, name, how))
        else:
            self._bind(scope, node, field, name, how)

    def _bind(self, scope, node, field, name, how='bind'):
        scope.bound.add(_mangled(name, scope.class_name))
        self._mentions.append(Mention(scope, node, field, name, how))

    def _type_parameters(self, node, scope):
        if not node.type_params:
            return scope
        inner = Scope('types', scope)
        self._later(inner, node.type_params)
        return inner

    def _function(self, node, scope, typed):
        """Defaults are read outside, annotations where type parameters are in sight, and parameters belong to the inside."""
        inner = self.scopes[node] = Scope('function', typed)
        arguments = node.args
        self._later(scope, arguments.defaults + arguments.kw_defaults)
        single = [arguments.vararg, arguments.kwarg]
        for parameter in arguments.posonlyargs + arguments.args + arguments.kwonlyargs + single:
            if parameter:
                self._mention(inner, parameter, 'arg', 'bind')
                self._later(typed, [parameter.annotation])
        return inner


def _mangled(name, class_name):
    """`__x` in class A means `_A__x`."""
    if class_name.strip('_') and is_private(name):
        return f'_{class_name.lstrip("_")}{name}'
    return name


def is_private(name):
    return name[:2] == '__' and name[-2:] != '__'
