"""
What a program does, step by step: it is rewritten so that it tells, and then run as any other.

Rewriting puts a call to a recorder around every operation, assignment, test, loop and return. The recorder gets the
operands as they are at that moment, does what the operation does, and hands its value back, so the program keeps its
values, its exceptions and its order of evaluation. Python's own tracing sees lines and calls, but not operands.

The recorder's functions stand in the program's namespace under names that begin with a space: no program can spell them.
"""

import ast
import json
import operator
import sys
import warnings
from collections.abc import Callable, Iterator
from itertools import islice
from types import BuiltinFunctionType, CodeType, FunctionType, MethodDescriptorType, MethodType, ModuleType


def trace(
    source: str, call: str, steps: int, characters: int, namespace: dict, before_run: Callable | None = None
) -> str:
    """
    The `Trace` of executor.ts as JSON: calls the f that `source` defines in `namespace` with `call`, the source of a pair of
    a tuple and a dictionary. Exceptions that no program may catch (`KeyboardInterrupt`, a limit of the caller's) go through.
    """
    recorder = Recorder(steps, characters, namespace)
    try:
        code, recorder.complete = rewritten(source)
    except (SyntaxError, ValueError) as error:
        return json.dumps({'verdict': 'syntax', 'reason': reason_of(error, 400), 'steps': [], 'complete': True})
    for name in RECORDS:
        namespace[' ' + name] = getattr(recorder, name)
    if before_run:
        before_run(code)
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(limit + 50)  # the recorder's own frames are not the program's
    try:
        arguments, named = eval(call, {'__builtins__': {}, 'set': set, 'frozenset': frozenset})
        exec(code, namespace)
        if 'f' not in namespace:
            raise NameError("name 'f' is not defined")
        recorder.on = recorder.complete
        result = namespace['f'](*arguments, **named)
        recorder.on = False
        outcome = {'verdict': 'ok', 'output': show(result, LONGEST)}
    except MemoryError as error:
        outcome = {'verdict': 'memory', 'reason': reason_of(error, 400)}
    except Exception as error:
        outcome = {'verdict': 'error', 'reason': reason_of(error, 400)}
    finally:
        recorder.on = False
        sys.setrecursionlimit(limit)
    return json.dumps({**outcome, 'steps': recorder.steps, 'complete': recorder.complete})


def rewritten(source: str) -> tuple[CodeType, bool]:
    """The program to run, and whether it tells what it does."""
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')  # of odd but legal code, on the error stream
        return compiled(source)


def compiled(source: str) -> tuple[CodeType, bool]:
    plain = compile(source, '<program>', 'exec')
    try:
        tree = ast.fix_missing_locations(Rewriter().visit(ast.parse(source)))
        return compile(tree, '<program>', 'exec'), True
    except (RecursionError, SyntaxError):
        return plain, False


# ---- Values ----------------------------------------------------------------------------------------------------------

LONGEST = 100_000  # characters of an output
DEEPEST = 60
NAME_OF_TYPE = vars(type)['__name__'].__get__  # a metaclass may have its own idea of a class's name
SHORT = (int, float, complex, bool, type(None), type(...), range)


def show(value: object, limit: int) -> str:
    """
    The repr of plain data, cut to `limit` characters; of anything else its type. No code of the program runs for it, and a
    huge value costs no more than what is shown of it.
    """
    parts: list[str] = []
    write(value, parts, limit + 1, [])
    text = ''.join(parts)
    return text if len(text) <= limit else text[: limit - 1] + '…'


def write(value: object, parts: list[str], budget: int, around: list[int]) -> int:
    """Appends until the budget is used up, and returns what is left of it."""

    def put(text: str) -> int:
        parts.append(text)
        return budget - len(text)

    kind = type(value)
    if kind is int and value.bit_length() > 13_000:
        return put('<int>')  # Python does not write numbers of more than 4300 digits
    if kind in SHORT:
        return put(repr(value))
    if kind is str or kind is bytes:
        return put(repr(value[:budget]))
    if kind is type:
        return put(NAME_OF_TYPE(value))
    if kind not in BRACKETS:
        return put(f'<{NAME_OF_TYPE(kind)}>')
    opening, closing = BRACKETS[kind]
    if not value and kind in (set, frozenset):
        return put(f'{kind.__name__}()')
    if id(value) in around or len(around) > DEEPEST:
        return put(f'{opening}...{closing}')
    budget = put(opening)
    around.append(id(value))
    for index, item in enumerate(value.items() if kind is dict else value):
        if budget <= 0:
            break
        if index:
            budget = put(', ')
        if kind is dict:
            key, item = item
            budget = write(key, parts, budget, around)
            budget = put(': ')
        budget = write(item, parts, max(budget, 0), around)
    around.pop()
    return put(',)' if kind is tuple and len(value) == 1 else closing)


BRACKETS = {list: '[]', tuple: '()', set: '{}', dict: '{}', frozenset: ('frozenset({', '})')}


def reason_of(error: BaseException, limit: int) -> str:
    """ "ValueError: text", without asking an exception that the program made for its text."""
    kind = type(error)
    arguments = BaseException.args.__get__(error)
    if not is_made_by_program(kind) and all(type(each) in (str, *SHORT) for each in arguments):
        text = str(error)
    elif len(arguments) == 1 and type(arguments[0]) is str:
        text = arguments[0]
    else:
        text = ', '.join(show(each, limit) for each in arguments[:9])
    text = f'{NAME_OF_TYPE(kind)}: {text}' if text else NAME_OF_TYPE(kind)
    return text if len(text) <= limit else text[: limit - 1] + '…'


HEAP_TYPE = 1 << 9


def is_made_by_program(kind: type) -> bool:
    """Whether a type may have code of the program in it: all but those of C are in doubt."""
    return bool(vars(type)['__flags__'].__get__(kind) & HEAP_TYPE)


# ---- Recording -------------------------------------------------------------------------------------------------------

BINARY = {
    ast.Add: ('+', operator.add, operator.iadd),
    ast.Sub: ('-', operator.sub, operator.isub),
    ast.Mult: ('*', operator.mul, operator.imul),
    ast.Div: ('/', operator.truediv, operator.itruediv),
    ast.FloorDiv: ('//', operator.floordiv, operator.ifloordiv),
    ast.Mod: ('%', operator.mod, operator.imod),
    ast.Pow: ('**', operator.pow, operator.ipow),
    ast.MatMult: ('@', operator.matmul, operator.imatmul),
    ast.LShift: ('<<', operator.lshift, operator.ilshift),
    ast.RShift: ('>>', operator.rshift, operator.irshift),
    ast.BitAnd: ('&', operator.and_, operator.iand),
    ast.BitOr: ('|', operator.or_, operator.ior),
    ast.BitXor: ('^', operator.xor, operator.ixor),
}
UNARY = {
    ast.USub: ('-', operator.neg),
    ast.UAdd: ('+', operator.pos),
    ast.Invert: ('~', operator.invert),
    ast.Not: ('not', operator.not_),
}
COMPARE = {
    ast.Lt: ('<', operator.lt),
    ast.LtE: ('<=', operator.le),
    ast.Gt: ('>', operator.gt),
    ast.GtE: ('>=', operator.ge),
    ast.Eq: ('==', operator.eq),
    ast.NotEq: ('!=', operator.ne),
    ast.Is: ('is', operator.is_),
    ast.IsNot: ('is not', operator.is_not),
    ast.In: ('in', lambda item, container: item in container),
    ast.NotIn: ('not in', lambda item, container: item not in container),
}
# How the rewritten program names an operation, and what it does.
DO = {symbol: function for symbol, function, _ in BINARY.values()}
DO |= {symbol + '=': function for symbol, _, function in BINARY.values()}
DO |= {f'unary {symbol}': function for symbol, function in UNARY.values()}
DO |= {f'compare {symbol}': function for symbol, function in COMPARE.values()}

# They look at who calls them, so they are never called by the recorder.
LOOK_AT_CALLER = {'super', 'locals', 'globals', 'vars', 'dir', 'eval', 'exec', 'type', '__import__'}
BUILTIN_NAMES = frozenset(vars(sys.modules['builtins']))

SEQUENCES = (list, tuple, str, range, bytes)
SIZED = (dict, set, frozenset, type({}.keys()), type({}.values()), type({}.items()))
MOST_REMAINING = 32


class Recorder:
    """Keeps the steps. Once there are enough, every method does what the program asks for and nothing else."""

    def __init__(self, most: int, characters: int, namespace: dict) -> None:
        self.most = most
        self.characters = characters
        self.namespace = namespace
        self.steps: list[dict] = []
        self.on = False
        self.complete = False
        self.depth = -1
        self.raised_last: BaseException | None = None
        # The last enumerate, zip or reversed, and what it goes through: the iterator itself does not tell.
        self.source: tuple[object, tuple, dict, int] | None = None

    def add(self, line: int, kind: str, **details: object) -> None:
        if len(self.steps) >= self.most:
            self.on = self.complete = False
        elif self.on:
            self.steps.append({'line': line, 'depth': max(self.depth, 0), 'kind': kind, **details})

    def show(self, value: object) -> str:
        return show(value, self.characters)

    # ---- Operations

    def operation(self, line: int, name: str, *operands: object) -> object:
        if not self.on:
            return DO[name](*operands)
        shown = [self.show(each) for each in operands]
        value = DO[name](*operands)
        symbol = name.split(' ', 1)[1] if ' ' in name else name.removesuffix('=')
        self.add(line, 'operation', operator=symbol, operands=shown, value=self.show(value))
        return value

    def item(self, line: int, container: object, index: object) -> object:
        if not self.on:
            return container[index]
        shown = [self.show(container), self.show(index)]
        value = container[index]
        self.add(line, 'operation', operator='[]', operands=shown, value=self.show(value))
        return value

    def part(self, line: int, container: object, *bounds: object) -> object:
        if not self.on:
            return container[slice(*bounds)]
        shown = [self.show(each) for each in (container, *bounds)]
        value = container[slice(*bounds)]
        self.add(line, 'operation', operator='[:]', operands=shown, value=self.show(value))
        return value

    def callee(self, line: int, text: str, function: object) -> object:
        """What to call instead of a function: itself where the program made it, for then it records its own call."""
        named = self.on and self.foreign(text, function)
        if not named:
            return function
        name, receiver = named

        def recorded(*arguments: object, **keywords: object) -> object:
            shown = [self.show(each) for each in (*receiver, *arguments)]
            shown += [f'{key}={self.show(each)}' for key, each in keywords.items()]
            value = function(*arguments, **keywords)
            if type(value) in (enumerate, zip) or name == 'reversed':
                size = len(arguments[0]) if arguments and type(arguments[0]) in SEQUENCES else 0
                self.source = (value, arguments, keywords, size)
            self.add(line, 'operation', operator=name, operands=shown, value=self.show(value))
            return value

        return recorded

    def foreign(self, text: str, function: object) -> tuple[str, tuple] | None:
        """The name of a function that is not the program's, and what it is a method of."""
        kind = type(function)
        if kind is BuiltinFunctionType:
            owner = function.__self__
            if owner is None or type(owner) is ModuleType:
                module = getattr(owner, '__name__', 'builtins')
                if function.__name__ in LOOK_AT_CALLER:
                    return None
                return (function.__name__ if module == 'builtins' else f'{module}.{function.__name__}'), ()
            if type(owner) is type:
                return f'{NAME_OF_TYPE(owner)}.{function.__name__}', ()
            return f'.{function.__name__}', (owner,)
        if kind is MethodDescriptorType:
            return f'{NAME_OF_TYPE(function.__objclass__)}.{function.__name__}', ()
        if kind is FunctionType or kind is MethodType:
            plain = function if kind is FunctionType else function.__func__
            if type(plain) is not FunctionType or plain.__globals__ is self.namespace:
                return None
            if text in LOOK_AT_CALLER:
                return None
            return (text if text in BUILTIN_NAMES else f'{plain.__module__}.{plain.__name__}'), ()
        if kind is type and not issubclass(function, BaseException):
            name = NAME_OF_TYPE(function)
            if not is_made_by_program(function):
                return None if name in LOOK_AT_CALLER else (name, ())
            module = vars(function).get('__module__')
            known = sys.modules.get(module) if type(module) is str else None
            if known and vars(known).get(name) is function:
                return f'{module}.{name}', ()
        return None

    # ---- Variables and tests

    def assign(self, line: int, target: str, value: object) -> object:
        if self.on:
            self.add(line, 'assign', target=target, value=self.show(value))
        return value

    def test(self, line: int, value: object) -> bool:
        truth = True if value else False
        if self.on:
            self.add(line, 'test', value=truth)
        return truth

    # ---- Loops

    def loop(self, line: int, target: str, items: object) -> Iterator:
        iterator = iter(items)
        if not self.on:
            return iterator
        source = self.source if self.source and self.source[0] is items else None
        self.source = None
        return self.passes(line, target, items, source, iterator)

    def passes(self, line: int, target: str, items: object, source: tuple | None, iterator: Iterator) -> Iterator:
        count = 0
        for item in iterator:
            if self.on:
                coming = upcoming(items, source, count)
                remaining = None if coming is None else [self.show(each) for each in coming]
                count += 1
                value = self.show(item)
                self.add(line, 'iterate', target=target, **{'pass': count}, value=value, remaining=remaining)
            yield item
        if self.on:
            self.add(line, 'exhausted', target=target, passes=count)

    # ---- Calls

    def enter(self, line: int, name: str, *arguments: tuple[str, object]) -> int:
        """Returns the depth to go back to."""
        self.depth += 1
        if self.on:
            shown = [(key, self.show(value)) for key, value in arguments]
            self.add(line, 'call', name=name, arguments=shown)
        return self.depth - 1

    def result(self, line: int, value: object) -> object:
        if self.on:
            self.add(line, 'return', value=self.show(value))
        return value

    def leave(self, depth: int) -> None:
        self.depth = depth

    def caught(self, depth: int | None = None) -> None:
        """At the first place in the program where an exception comes by; calls that it ended are over."""
        if depth is not None:
            self.depth = depth + 1
        error = sys.exception()
        if self.on and error is not self.raised_last and isinstance(error, Exception):
            self.raised_last = error
            self.add(error.__traceback__.tb_lineno, 'raise', value=reason_of(error, self.characters))

    def whole(self, depth: int, line: int, value: object) -> object:
        """A lambda is one expression: `enter` gave the depth, and its value is here."""
        self.result(line, value)
        self.depth = depth
        return value


RECORDS = ('operation', 'item', 'part', 'callee', 'assign', 'test', 'loop', 'enter', 'result', 'leave', 'caught', 'whole')


def upcoming(items: object, source: tuple | None, done: int) -> list | None:
    """What a loop takes from here on, read off what it goes through as it is now; None where that is unknown or long."""
    kind = type(items)
    if kind in SEQUENCES or kind in SIZED:
        if len(items) - done > MOST_REMAINING:
            return None
        return list(items[done:] if kind in SEQUENCES else islice(items, done, None))
    if source is None:
        return None
    _, arguments, keywords, size = source
    if kind is enumerate:
        start = keywords.get('start', arguments[1] if len(arguments) > 1 else 0)
        inner = upcoming(arguments[0], None, done) if arguments and type(start) is int else None
        return inner and list(enumerate(inner, start + done))
    if kind is zip:
        inner = [upcoming(each, None, done) for each in arguments]
        return list(zip(*inner)) if None not in inner else None
    if 0 < size - done <= MOST_REMAINING:
        return list(arguments[0][: size - done])[::-1]  # reversed
    return None


# ---- Rewriting -------------------------------------------------------------------------------------------------------

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
# Deeper expressions are left as they are: each call to the recorder makes them deeper yet, and compilers have limits too.
DEEPEST_EXPRESSION = 60


class Rewriter(ast.NodeTransformer):
    """Each method returns what takes a node's place. Inner nodes are rewritten first."""

    def __init__(self) -> None:
        self.scope = 'module'
        self.in_generator = False
        self.in_iterable = False
        self.depth = 0
        self.temporaries = 0

    def visit(self, node: ast.AST):
        if not isinstance(node, ast.expr):
            return super().visit(node)
        if self.depth >= DEEPEST_EXPRESSION:
            return node
        self.depth += 1
        try:
            return super().visit(node)
        finally:
            self.depth -= 1

    # ---- Expressions

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        return tell('operation', node, BINARY[type(node.op)][0], node.left, node.right)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        if type(node.operand) is ast.Constant:
            return node  # -1 is a number
        self.generic_visit(node)
        return tell('operation', node, 'unary ' + UNARY[type(node.op)][0], node.operand)

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        self.generic_visit(node)
        names = ['compare ' + COMPARE[type(each)][0] for each in node.ops]
        if len(names) == 1:
            return tell('operation', node, names[0], node.left, node.comparators[0])
        if self.scope == 'class' or self.in_iterable:
            return node  # no := is allowed there
        # a < b < c is (a < (t := b)) and (t < c): each operand is evaluated once, and the last only if it is needed.
        links = []
        left = node.left
        for name, right in zip(names, node.comparators):
            if right is node.comparators[-1]:
                links.append(tell('operation', node, name, left, right))
            else:
                kept = self.temporary()
                right = ast.NamedExpr(ast.Name(kept, ast.Store()), right)
                links.append(tell('operation', node, name, left, right))
                left = ast.Name(kept, ast.Load())
        return ast.copy_location(ast.BoolOp(ast.And(), links), node)

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        self.generic_visit(node)
        if type(node.ctx) is not ast.Load:
            return node
        if type(node.slice) is ast.Slice:
            lower, upper = (each or ast.Constant(None) for each in (node.slice.lower, node.slice.upper))
            step = [node.slice.step] if node.slice.step else []
            return tell('part', node, node.value, lower, upper, *step)
        if type(node.slice) is ast.Tuple and any(type(each) is ast.Slice for each in node.slice.elts):
            return node
        return tell('item', node, node.value, node.slice)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        text = node.func.id if type(node.func) is ast.Name else ''
        self.generic_visit(node)
        if text not in LOOK_AT_CALLER:
            node.func = tell('callee', node, text, node.func)
        return node

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        self.generic_visit(node)
        node.test = tested(node.test)
        return node

    def visit_NamedExpr(self, node: ast.NamedExpr) -> ast.expr:
        self.generic_visit(node)
        node.value = tell('assign', node, node.target.id, node.value)
        return node

    def visit_comprehension(self, node: ast.comprehension) -> ast.comprehension:
        if node.is_async:
            return node
        outside, self.in_iterable = self.in_iterable, True
        node.iter = tell('loop', node.iter, ast.unparse(node.target), self.visit(node.iter))
        self.in_iterable = outside
        node.ifs = [tested(self.visit(each)) for each in node.ifs]
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.expr:
        node.args = self.visit(node.args)
        if any(type(inner) in (ast.Yield, ast.YieldFrom) for inner in within(node.body)):
            return node
        saved, self.scope = self.scope, 'function'
        body = self.visit(node.body)
        self.scope = saved
        entered = tell('enter', node, '<lambda>', *pairs(node.args))
        node.body = ast.copy_location(
            ast.Call(name(' whole'), [entered, ast.Constant(node.lineno), body], []), node.body
        )
        return node

    def visit_Await(self, node: ast.Await) -> ast.expr:
        return node

    # ---- Statements

    def visit_block(self, statements: list[ast.stmt]) -> list[ast.stmt]:
        return self.generic_visit(ast.Module(statements, [])).body

    def visit_If(self, node: ast.If | ast.While) -> ast.stmt:
        self.generic_visit(node)
        node.test = tested(node.test)
        return node

    visit_While = visit_If
    visit_Assert = visit_If

    def visit_For(self, node: ast.For) -> ast.stmt:
        text = ast.unparse(node.target)
        self.generic_visit(node)
        node.iter = tell('loop', node.iter, text, node.iter)
        return node

    def visit_match_case(self, node: ast.match_case) -> ast.match_case:
        names = []
        for pattern in ast.walk(node.pattern):
            names += [getattr(pattern, field) for field in ('name', 'rest') if getattr(pattern, field, None)]
        if node.guard:
            node.guard = tested(self.visit(node.guard))
        body = self.visit_block(node.body)
        told = [ast.Expr(tell('assign', node.pattern, each, name(each))) for each in names]
        node.body = (told if self.scope == 'function' else []) + body
        return node

    def visit_Assign(self, node: ast.Assign) -> ast.stmt | list[ast.stmt]:
        texts = [[ast.unparse(leaf) for leaf in leaves(target)] for target in node.targets]
        self.generic_visit(node)
        if self.scope != 'function':
            return node
        target = node.targets[0]
        if len(node.targets) == 1 and type(target) is ast.Name:
            node.value = tell('assign', node, target.id, node.value)
            return node
        if all(type(leaf) is ast.Name for target in node.targets for leaf in leaves(target)):
            names = (leaf.id for target in node.targets for leaf in leaves(target))
            return [node, *(ast.Expr(tell('assign', node, each, name(each))) for each in names)]
        if any(is_nested(target) for target in node.targets):
            return node  # unpacking and storing take turns there
        # What is stored elsewhere than in a name cannot be read back without a side effect, so a name of ours holds it.
        value = self.temporary()
        statements: list[ast.stmt] = [assignment(value, node.value)]
        for target, text in zip(node.targets, texts):
            ours = [self.temporary() for _ in leaves(target)]
            if type(target) in (ast.Tuple, ast.List):
                unpacked: list[ast.expr] = [ast.Name(each, ast.Store()) for each in ours]
                for index, element in enumerate(target.elts):
                    if type(element) is ast.Starred:
                        unpacked[index] = ast.Starred(unpacked[index], ast.Store())
                statements.append(ast.Assign([ast.Tuple(unpacked, ast.Store())], name(value)))
            else:
                ours = [value]
            for leaf, leaf_text, each in zip(leaves(target), text, ours):
                statements.append(ast.Assign([leaf], name(each)))
                statements.append(ast.Expr(tell('assign', node, leaf_text, name(each))))
        return [ast.copy_location(each, node) for each in statements]

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.stmt:
        if node.value:
            node.value = self.visit(node.value)
            if self.scope == 'function' and type(node.target) is ast.Name:
                node.value = tell('assign', node, node.target.id, node.value)
        return node

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.stmt | list[ast.stmt]:
        text = ast.unparse(node.target)
        self.generic_visit(node)
        target = node.target
        if self.scope != 'function' or type(target) is ast.Subscript and not is_item(target):
            return node
        statements: list[ast.stmt] = []

        def kept(expression: ast.expr) -> str:
            ours = self.temporary()
            statements.append(assignment(ours, expression))
            return ours

        if type(target) is ast.Name:
            before = name(target.id)
        elif type(target) is ast.Attribute:
            target.value = name(kept(target.value))
            before = ast.Attribute(target.value, target.attr, ast.Load())
        else:
            target.value, target.slice = name(kept(target.value)), name(kept(target.slice))
            before = tell('item', node, target.value, target.slice)
        value = kept(tell('operation', node, BINARY[type(node.op)][0] + '=', before, node.value))
        statements.append(ast.Assign([target], name(value)))
        statements.append(ast.Expr(tell('assign', node, text, name(value))))
        return [ast.copy_location(each, node) for each in statements]

    def visit_Return(self, node: ast.Return) -> ast.stmt:
        self.generic_visit(node)
        if not self.in_generator:
            node.value = tell('result', node, node.value or ast.Constant(None))
        return node

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.ExceptHandler:
        self.generic_visit(node)
        known = self.scope == 'function' and not self.in_generator
        node.body.insert(0, ast.Expr(ast.Call(name(' caught'), [name(' depth')] if known else [], [])))
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.stmt:
        node.decorator_list = [self.visit(each) for each in node.decorator_list]
        node.args = self.visit(node.args)
        saved = (self.scope, self.in_generator, self.in_iterable, self.depth)
        self.scope, self.in_iterable, self.depth = 'function', False, 0
        self.in_generator = any(
            type(inner) in (ast.Yield, ast.YieldFrom) for each in node.body for inner in within(each)
        )
        documented = ast.get_docstring(node, clean=False) is not None
        docstring, body = node.body[:documented], node.body[documented:]
        body = self.visit_block(body)
        last = ast.Constant(None, lineno=node.body[-1].end_lineno, col_offset=0)
        if self.in_generator:
            # It runs a piece at a time, at whatever depth it is asked: only its steps are told.
            node.body = docstring + (body or [ast.Pass()])
        else:
            if not body or type(body[-1]) not in (ast.Return, ast.Raise):
                body.append(ast.Return(tell('result', last, ast.Constant(None))))
            raised = ast.ExceptHandler(None, None, [ast.Expr(ast.Call(name(' caught'), [name(' depth')], [])), ast.Raise()])
            left = ast.Expr(ast.Call(name(' leave'), [name(' depth')], []))
            node.body = [
                *docstring,
                assignment(' depth', tell('enter', node, node.name, *pairs(node.args))),
                ast.Try(body, [raised], [], [left]),
            ]
        self.scope, self.in_generator, self.in_iterable, self.depth = saved
        return node

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.stmt:
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.stmt:
        node.decorator_list = [self.visit(each) for each in node.decorator_list]
        node.bases = [self.visit(each) for each in node.bases]
        node.keywords = [self.visit(each) for each in node.keywords]
        saved, self.scope = self.scope, 'class'
        node.body = self.visit_block(node.body)
        self.scope = saved
        return node

    def visit_arguments(self, node: ast.arguments) -> ast.arguments:
        node.defaults = [self.visit(each) for each in node.defaults]
        node.kw_defaults = [each and self.visit(each) for each in node.kw_defaults]
        return node

    def visit_TypeAlias(self, node: ast.TypeAlias) -> ast.stmt:
        return node

    def temporary(self) -> str:
        self.temporaries += 1
        return f' {self.temporaries}'


def name(text: str) -> ast.Name:
    return ast.Name(text, ast.Load())


def tell(record: str, node: ast.AST, *arguments: ast.expr | str) -> ast.Call:
    """A call of the recorder, at the place and with the line of a node."""
    given = [each if isinstance(each, ast.AST) else ast.Constant(each) for each in arguments]
    return ast.copy_location(ast.Call(name(' ' + record), [ast.Constant(node.lineno), *given], []), node)


def tested(test: ast.expr) -> ast.expr:
    """`while True` tests nothing."""
    return test if type(test) is ast.Constant else tell('test', test, test)


def assignment(target: str, value: ast.expr) -> ast.Assign:
    return ast.Assign([ast.Name(target, ast.Store())], value)


def pairs(arguments: ast.arguments) -> list[ast.expr]:
    every = [*arguments.posonlyargs, *arguments.args, arguments.vararg, *arguments.kwonlyargs, arguments.kwarg]
    return [ast.Tuple([ast.Constant(each.arg), name(each.arg)], ast.Load()) for each in every if each]


def leaves(target: ast.expr) -> list[ast.expr]:
    if type(target) in (ast.Tuple, ast.List):
        return [leaf for element in target.elts for leaf in leaves(element)]
    return leaves(target.value) if type(target) is ast.Starred else [target]


def is_nested(target: ast.expr) -> bool:
    elements = (each.value if type(each) is ast.Starred else each for each in getattr(target, 'elts', ()))
    return any(type(each) in (ast.Tuple, ast.List) for each in elements)


def is_item(target: ast.Subscript) -> bool:
    """Whether an index is a value: a slice is none, though it can stand there."""
    return not any(type(inner) is ast.Slice for inner in (target.slice, *getattr(target.slice, 'elts', ())))


def within(node: ast.AST) -> Iterator[ast.AST]:
    """A node and what is inside it, but not the insides of functions and classes in it."""
    stack = [node]
    while stack:
        inner = stack.pop()
        yield inner
        if not isinstance(inner, (*FUNCTIONS, ast.ClassDef)):
            stack += ast.iter_child_nodes(inner)
