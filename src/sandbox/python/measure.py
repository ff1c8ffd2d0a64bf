"""
Measures of a program, read from its syntax tree: nothing is ever run.

How complex a program is tells what it is worth as a task, and two programs with one hash are one task. The figures follow
the tools that people know them from, oddities included: cyclomatic complexity and Halstead's numbers are radon's (6.0.1),
cognitive complexity is complexipy's (8.3.0).

Programs are hostile: a chain of operators makes a tree thousands of levels deep, so walks keep their own stack. Only the
walks over nested blocks call themselves, and Python allows no more than a hundred of those in one another.
"""

import ast
import builtins
import json
import math
import re
from hashlib import blake2b

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
DEFINITIONS = (*FUNCTIONS, ast.ClassDef)


def measure(source: str) -> str:
    """The `Measures` of executor.ts as JSON. Raises what `ast.parse` raises."""
    tree = ast.parse(source)
    words, nodes, docstrings, count = canonical(tree)
    cyclomatic, most = cyclomatic_complexity(tree)
    return json.dumps(
        {
            'astHash': blake2b('\n'.join(words).encode(), digest_size=8).hexdigest(),
            'cyclomatic': cyclomatic,
            'maxCyclomatic': most,
            'cognitive': cognitive_complexity(tree),
            'halstead': halstead(tree),
            'lines': code_lines(source, nodes, docstrings),
            'nodes': count,
        }
    )


# ---- Identity --------------------------------------------------------------------------------------------------------

# Where a node keeps a name (or names) that the program gives to something.
GIVEN = {
    ast.Name: 'id',
    ast.arg: 'arg',
    ast.FunctionDef: 'name',
    ast.AsyncFunctionDef: 'name',
    ast.ClassDef: 'name',
    ast.ExceptHandler: 'name',
    ast.MatchAs: 'name',
    ast.MatchStar: 'name',
    ast.MatchMapping: 'rest',
    ast.Global: 'names',
    ast.Nonlocal: 'names',
    ast.TypeVar: 'name',
    ast.ParamSpec: 'name',
    ast.TypeVarTuple: 'name',
}
# What the rest of the tree says anyway, or what only says how something was spelled.
UNTOLD = {'ctx', 'kind', 'type_comment', 'type_ignores'}


class Shape:
    """What there is to tell about one type of node."""

    def __init__(self, kind: type[ast.AST]) -> None:
        self.word = kind.__name__
        self.given = GIVEN.get(kind)
        self.fields = [name for name in reversed(kind._fields) if name not in UNTOLD and name != self.given]
        # A context ("is it read or written?") is a node of its own, though no walk needs to see it.
        self.nodes = 2 if 'ctx' in kind._fields else 1
        self.documented = kind is ast.Module or kind in DEFINITIONS


SHAPES: dict[type[ast.AST], Shape] = {}


def canonical(tree: ast.Module) -> tuple[list[str], list[ast.AST], list[ast.Expr], int]:
    """
    The tree as words in which the names that the program gives are numbers, in order of appearance. Also its nodes without
    contexts and docstrings, its docstrings, and how many nodes there are in all.

    A node tells its type, its name and then its fields in order, and a list tells its length first, so that no two trees
    read alike.
    """
    words: list = []
    nodes: list[ast.AST] = []
    docstrings: list[ast.Expr] = []
    count = 0
    stack: list = [tree]
    while stack:
        item = stack.pop()
        kind = type(item)
        if kind is list:
            words.append(f'[{len(item)}')
            stack += reversed(item)
        elif kind is int:
            words.append(hex(item))  # a long number may not be written in base 10
        elif not isinstance(item, ast.AST):
            words.append(repr(item))
        else:
            shape = SHAPES.get(kind) or SHAPES.setdefault(kind, Shape(kind))
            count += shape.nodes
            nodes.append(item)
            words.append(shape.word)
            if shape.given:
                name = getattr(item, shape.given)
                words += [(each,) for each in name] if type(name) is list else [(name,)]
            docstring = shape.documented and docstring_of(item)
            if docstring:
                docstrings.append(docstring)
                count += 2
            for field in shape.fields:
                value = getattr(item, field, None)
                stack.append(value[1:] if docstring and field == 'body' else value)
    own = own_names(nodes)
    numbers: dict[str, str] = {}
    for index, word in enumerate(words):
        if type(word) is tuple:
            (name,) = word
            words[index] = numbers.setdefault(name, str(len(numbers))) if name in own else repr(name)
    return words, nodes, docstrings, count


def docstring_of(node: ast.AST) -> ast.Expr | None:
    first = node.body[0] if node.body else None
    is_string = type(first) is ast.Expr and type(first.value) is ast.Constant and type(first.value.value) is str
    return first if is_string else None


BUILTINS = frozenset(dir(builtins))


def own_names(nodes: list[ast.AST]) -> set[str]:
    """
    The names that can be replaced throughout the program without changing what it does. A name that something outside may
    use stays as it is: f, what is imported, members of classes, and parameters that calls name. So does a name that also
    means a builtin somewhere, because a replacement is consistent only if it is made everywhere.
    """
    given: set[str] = set()
    parameters: set[str] = set()
    kept = {'f'}
    called_with: set[str | None] = set()
    for node in nodes:
        kind = type(node)
        if kind is ast.Name:
            if type(node.ctx) is not ast.Load:
                given.add(node.id)
        elif kind is ast.arg:
            parameters.add(node.arg)
        elif kind is ast.keyword:
            called_with.add(node.arg)
        elif kind is ast.alias:
            kept.add(node.asname or node.name.split('.')[0])
        elif kind in GIVEN:
            name = getattr(node, GIVEN[kind])
            given.update(name if type(name) is list else [name])
            if kind is ast.ClassDef:
                kept |= members(node)
            elif kind in FUNCTIONS and node.name == 'f':
                kept.update(parameter.arg for parameter in node.args.kwonlyargs)
    if '*' in kept:
        return set()  # an import of everything may bring any name
    # None stands for **, which may name any parameter.
    kept |= parameters if None in called_with else parameters & called_with
    return (given | parameters) - kept - BUILTINS


def members(node: ast.ClassDef) -> set[str]:
    """The names that a class's body gives: they are attributes too, and attributes are not renamed."""
    found = set()
    stack: list[ast.AST] = list(node.body)
    while stack:
        inner = stack.pop()
        kind = type(inner)
        if kind in GIVEN and kind is not ast.arg:
            name = getattr(inner, GIVEN[kind])
            found.update(name if type(name) is list else [name])
        if kind not in DEFINITIONS and kind is not ast.Lambda:
            stack += children(inner)
    return found


# ---- Cyclomatic complexity -------------------------------------------------------------------------------------------


def cyclomatic_complexity(tree: ast.Module) -> tuple[int, int]:
    """
    radon's total for a file, and its figure for the most complex of all functions (0 without any).

    The total holds what the module, its functions and its classes' methods decide. Functions and classes inside functions,
    and classes inside classes, are not part of it.
    """
    total, functions, classes = decisions(tree.body)
    most = 0
    inner: list[ast.AST] = []
    for function in functions:
        count, *nested = decisions(function.body)
        total += count
        most = max(most, 1 + count)
        inner += nested[0] + nested[1]
    for each in classes:
        count, methods, nested = decisions(each.body)
        total += count
        inner += nested
        for method in methods:
            count, *nested = decisions(method.body)
            total += 1 + count
            most = max(most, 1 + count)
            inner += nested[0] + nested[1]
    while inner:
        definition = inner.pop()
        count, functions, classes = decisions(definition.body)
        inner += functions + classes
        if type(definition) in FUNCTIONS:
            most = max(most, 1 + count)
    return 1 + total, most


def decisions(body: list[ast.stmt]) -> tuple[int, list[ast.AST], list[ast.ClassDef]]:
    """How often some statements decide where to go on, and the functions and classes that they define."""
    count = 0
    functions: list[ast.AST] = []
    classes: list[ast.ClassDef] = []
    stack: list[ast.AST] = list(body)
    while stack:
        node = stack.pop()
        kind = type(node)
        if kind in FUNCTIONS:
            functions.append(node)
            continue
        if kind is ast.ClassDef:
            classes.append(node)
            continue
        decide = DECISIONS.get(kind)
        if decide:
            count += decide(node)
            if kind is ast.Assert:
                continue  # what an assertion tests is not looked at
        stack += children(node)
    return count, functions, classes


def decisions_of_match(node: ast.Match) -> int:
    # `case _` decides nothing, and neither does `case name`; but only one such case is taken off.
    catch_all = any(type(case.pattern) is ast.MatchAs and case.pattern.pattern is None for case in node.cases)
    return len(node.cases) - catch_all


DECISIONS = {
    ast.If: lambda node: 1,
    ast.IfExp: lambda node: 1,
    ast.Assert: lambda node: 1,
    ast.For: lambda node: 1 + bool(node.orelse),
    ast.AsyncFor: lambda node: 1 + bool(node.orelse),
    ast.While: lambda node: 1 + bool(node.orelse),
    ast.Try: lambda node: len(node.handlers) + bool(node.orelse),  # but not TryStar
    ast.BoolOp: lambda node: len(node.values) - 1,
    ast.comprehension: lambda node: 1 + len(node.ifs),
    ast.Match: decisions_of_match,
}


# ---- Cognitive complexity --------------------------------------------------------------------------------------------


def cognitive_complexity(tree: ast.Module) -> int:
    """complexipy's total for a file. Comments that tell it to ignore a function are not listened to."""
    total = 0
    definitions: list[ast.AST] = []
    for statement in tree.body:
        total += cost(statement, 0, definitions)
    while definitions:
        definition = definitions.pop()
        if type(definition) is ast.ClassDef:
            for statement in definition.body:
                cost(statement, 0, definitions)  # only the functions of a class count
        else:
            total += cost(definition, 0) + calls_itself(definition)
    return total


def cost(node: ast.stmt, nesting: int, definitions: list[ast.AST] | None = None) -> int:
    """The cost of a statement. Where `definitions` is given, functions and classes are put there to be counted later."""
    kind = type(node)
    if kind in DEFINITIONS:
        if definitions is not None:
            definitions.append(node)
            return 0
        if kind is ast.ClassDef:
            return sum(cost(inner, nesting) for inner in node.body if type(inner) in FUNCTIONS)
        is_decorator = [type(inner) in FUNCTIONS or type(inner) for inner in node.body] == [True, ast.Return]
        if is_decorator:
            return cost(node.body[0], nesting)
        return sum(cost(inner, nesting + (type(inner) in FUNCTIONS)) for inner in node.body)

    def block(statements: list[ast.stmt], deeper: int) -> int:
        return sum(cost(inner, nesting + deeper, definitions) for inner in statements)

    if kind is ast.If:
        total = nesting
        while True:  # once for each `elif`, of which there may be thousands
            total += 1 + expression_cost(node.test, nesting) + block(node.body, 1)
            if not is_elif(node):
                return total + (1 + block(node.orelse, 1) if node.orelse else 0)
            node = node.orelse[0]
    if kind in (ast.For, ast.AsyncFor):
        return 1 + nesting + expression_cost(node.iter, nesting) + block(node.body, 1) + block(node.orelse, 0)
    if kind is ast.While:
        return 1 + nesting + expression_cost(node.test, nesting) + block(node.body, 1) + block(node.orelse, 0)
    if kind in (ast.Try, ast.TryStar):
        handlers = sum(1 + nesting + block(handler.body, 1) for handler in node.handlers)
        return block(node.body, 0) + handlers + block(node.orelse, 0) + block(node.finalbody, 0)
    if kind is ast.Match:
        return 1 + nesting + sum(block(case.body, 1) for case in node.cases)
    if kind in (ast.With, ast.AsyncWith):
        return sum(expression_cost(item.context_expr, nesting) for item in node.items) + block(node.body, 0)
    if kind in (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Return, ast.Expr):
        return expression_cost(node.value, nesting)
    if kind is ast.Raise:
        return expression_cost(node.exc, nesting) + expression_cost(node.cause, nesting)
    if kind is ast.Assert:
        return expression_cost(node.test, nesting) + expression_cost(node.msg, nesting)
    return 0


def is_elif(node: ast.If) -> bool:
    """An `if` that is all there is in an `else` is indented more than that; an `elif` is not."""
    return len(node.orelse) == 1 and type(node.orelse[0]) is ast.If and node.orelse[0].col_offset == node.col_offset


def expression_cost(root: ast.expr | None, nesting: int) -> int:
    """
    Operators, conditional expressions, lambdas and comprehensions, where complexipy sees them: arguments and elements are
    looked into, but attributes, indices, keyword arguments and operands of arithmetic are not.
    """
    total = 0
    stack: list[tuple[ast.expr | None, int]] = [(root, nesting)]
    while stack:
        node, level = stack.pop()
        kind = type(node)
        if kind is ast.BoolOp or kind is ast.UnaryOp:
            total += operator_sequences(node)
        elif kind is ast.Compare:
            stack += [(node.left, level), *((each, level) for each in node.comparators)]
        elif kind is ast.IfExp:
            total += 1 + level
            stack += [(node.test, level), (node.body, level + 1), (node.orelse, level + 1)]
        elif kind is ast.Lambda:
            stack.append((node.body, level + 1))
        elif kind in (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp):
            elements = (node.key, node.value) if kind is ast.DictComp else (node.elt,)
            stack += ((each, level + 1) for each in elements)
            for generator in node.generators:
                total += 1 + level + len(generator.ifs)
                stack.append((generator.iter, level))
                stack += ((each, level + 1) for each in generator.ifs)
        elif kind is ast.Call:
            stack += ((each, level) for each in node.args)
        elif kind in (ast.Tuple, ast.List, ast.Set):
            stack += ((each, level) for each in node.elts)
        elif kind is ast.Dict:
            stack += ((each, level) for each in node.values)
    return total


def operator_sequences(root: ast.expr) -> int:
    """`a and b and c` is one sequence, `a and b or c` two, and `not` ends one."""
    total = 0
    stack: list[tuple[ast.expr, type | None]] = [(root, None)]
    while stack:
        node, around = stack.pop()
        if type(node) is ast.BoolOp:
            operator = type(node.op)
            total += operator is not around
            stack += ((each, operator) for each in node.values)
        elif type(node) is ast.UnaryOp:
            stack.append((node.operand, None))
    return total


def calls_itself(function: ast.FunctionDef) -> bool:
    stack: list[ast.AST] = list(function.body)
    while stack:
        node = stack.pop()
        kind = type(node)
        if kind is ast.Call and type(node.func) is ast.Name and node.func.id == function.name:
            return True
        if kind not in DEFINITIONS and kind is not ast.Lambda:
            stack += children(node)
    return False


# ---- Halstead --------------------------------------------------------------------------------------------------------


def halstead(tree: ast.Module) -> dict[str, float]:
    """radon's total for a file. An operand is known by its name or value and the function it stands in."""
    operators: list[type] = []
    operands: list[object] = []
    stack: list[tuple[ast.AST, str | None]] = [(tree, None)]
    while stack:
        node, function = stack.pop()
        kind = type(node)
        if kind in FUNCTIONS:
            stack += ((each, node.name) for each in node.body)  # neither decorators nor default values
            continue
        used: tuple[ast.expr, ...] = ()
        if kind is ast.BinOp:
            used = (node.left, node.right)
        elif kind is ast.UnaryOp:
            used = (node.operand,)
        elif kind is ast.BoolOp:
            used = node.values
        elif kind is ast.AugAssign:
            used = (node.target, node.value)
        elif kind is ast.Compare:
            used = (node.left, *node.comparators)
            operators += map(type, node.ops)
        if used:
            if kind is not ast.Compare:
                operators.append(type(node.op))
            operands += ((function, operand(each)) for each in used)
        stack += ((each, function) for each in children(node))
    distinct_operators, distinct_operands = len(set(operators)), len(set(operands))
    vocabulary = distinct_operators + distinct_operands
    length = len(operators) + len(operands)
    volume = length * math.log(vocabulary, 2) if vocabulary else 0
    difficulty = distinct_operators * len(operands) / (2 * distinct_operands) if distinct_operands else 0
    return {
        'distinctOperators': distinct_operators,
        'distinctOperands': distinct_operands,
        'operators': len(operators),
        'operands': len(operands),
        'vocabulary': vocabulary,
        'length': length,
        'volume': volume,
        'difficulty': difficulty,
        'effort': difficulty * volume,
    }


def operand(node: ast.expr) -> object:
    """What makes two operands the same. The string 'a' and the name a are; two calls never are."""
    kind = type(node)
    if kind is ast.Name:
        return node.id
    if kind is ast.Attribute:
        return node.attr
    return node.value if kind is ast.Constant else node


# ---- Lines -----------------------------------------------------------------------------------------------------------

LINE_END = re.compile('\r\n|\r|\n')


def code_lines(source: str, nodes: list[ast.AST], docstrings: list[ast.Expr]) -> int:
    texts = enumerate(map(str.strip, LINE_END.split(source)), 1)
    lines = {number for number, text in texts if text and text[0] != '#'}
    for docstring in docstrings:
        lines.difference_update(range(docstring.lineno, docstring.end_lineno + 1))
    for node in nodes:
        # Code may share a docstring's line, and a string may look as if it had comments and blank lines.
        if type(node) in (ast.Constant, ast.JoinedStr) and node.end_lineno > node.lineno:
            lines.update(range(node.lineno, node.end_lineno + 1))
        elif docstrings and hasattr(node, 'lineno'):
            lines.add(node.lineno)
    return len(lines)


# ---- The tree --------------------------------------------------------------------------------------------------------

LEAVES = {'ctx', 'op', 'ops', 'id', 'attr', 'arg', 'name', 'asname', 'module', 'level', 'kind', 'type_comment', 'conversion'}
INNER = {kind: [name for name in kind._fields if name not in LEAVES] for kind in vars(ast).values() if hasattr(kind, '_fields')}
INNER[ast.Constant] = []


def children(node: object) -> list:
    """As `ast.iter_child_nodes`, but several times as fast. Plain values may be among them; they have no children."""
    found = []
    for name in INNER.get(type(node), ()):
        value = getattr(node, name, None)
        if type(value) is list:
            found += value
        elif value is not None:
            found.append(value)
    return found
