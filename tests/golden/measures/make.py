"""
Programs, what radon and complexipy say about them, and what CPython says f answers: programs.json, the measuring stick of
measure.py and trace.py.

    pip install radon==6.0.1 complexipy==8.3.0
    python tests/golden/measures/make.py          (Python 3.13, the newest that radon reads)

Most programs are made up by a small grammar from a seed; those of corners.txt were picked by hand, one construct each.
"""

import ast
import json
import random
from pathlib import Path

from complexipy import code_complexity
from radon.metrics import h_visit
from radon.visitors import ComplexityVisitor

HERE = Path(__file__).parent
MADE_UP = 260
INPUT = {'n': '7', 'xs': '[3, 1, 4, 1, 5]', 's': "'abacus'", 'd': "{'a': 1, 'b': 2}"}


class Grammar:
    """One program from one seed. Everything ends soon: loops are short, and nothing grows by more than a step at a time."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.count = 0
        self.names: dict[str, list[str]] = {}
        self.in_loop = False

    def program(self) -> str:
        parameters = self.random.sample(list(INPUT), self.random.randint(1, 3))
        kinds = {'n': 'int', 'xs': 'list', 's': 'str', 'd': 'dict'}
        lines = []
        if self.random.random() < 0.15:
            lines += ['import math', '']
        if self.random.random() < 0.3:
            lines += [f'LIMIT = {self.random.randint(2, 9)}', '']
            self.names['int'] = ['LIMIT']
        outer = self.names
        self.names = {'int': [*outer.get('int', [])], 'list': [], 'str': [], 'dict': []}
        for name in parameters:
            self.names[kinds[name]].append(name)
        head = [f'def f({", ".join(parameters)}):']
        if self.random.random() < 0.2:
            head.append('    """What f does."""')
        body = ['out = []', 'count = 0']
        self.names['list'].append('out')
        self.names['int'].append('count')
        if self.random.random() < 0.4:
            body += self.helper()
        body += self.block(3, self.random.randint(2, 5))
        body.append(f'return {self.random.choice(["out", "count", "[count, out]", self.expression("int", 2)])}')
        return '\n'.join(lines + head + indented(body)) + '\n', ', '.join(INPUT[name] for name in parameters)

    def fresh(self) -> str:
        self.count += 1
        return f'{self.random.choice("abcxyz")}{self.count}'

    def name(self, kind: str) -> str | None:
        return self.random.choice(self.names[kind]) if self.names[kind] else None

    def helper(self) -> list[str]:
        """A function or class inside f, which later expressions may call."""
        name = self.fresh()
        kind = self.random.choice(['closure', 'recursion', 'lambda', 'class'])
        saved, self.names = self.names, {key: list(value) for key, value in self.names.items()}
        if kind == 'lambda':
            self.names['int'].append('v')
            lines = [f'{name} = lambda v: {self.expression("int", 2)}']
        elif kind == 'recursion':
            lines = [f'def {name}(v):', '    if v <= 0:', f'        return {self.constant("int")}', f'    return {name}(v - 2) + v']
        elif kind == 'class':
            lines = [
                f'class {name.upper()}:',
                '    def __init__(self, v):',
                '        self.v = v',
                '    def get(self, w=2):',
                f'        return self.v + w if {self.expression("bool", 1)} else w',
                f'{name} = lambda v: {name.upper()}(v).get()',
            ]
        else:
            self.names['int'].append('v')
            lines = [f'def {name}(v):', *indented(self.block(1, 1)), f'    return {self.expression("int", 2)}']
        self.names = saved
        self.names.setdefault('calls', []).append(name)
        return lines

    def block(self, depth: int, statements: int) -> list[str]:
        kept = {key: list(value) for key, value in self.names.items()}
        lines = [line for _ in range(statements) for line in self.statement(depth)]
        self.names = kept if depth < 3 else self.names
        return lines

    def statement(self, depth: int) -> list[str]:
        simple = ['assign', 'assign', 'augment', 'append', 'swap', 'store', 'assert']
        compound = ['if', 'if', 'for', 'for', 'while', 'try', 'match', 'with_else']
        if self.in_loop:
            simple += ['break']
        kind = self.random.choice(simple + compound if depth else simple)
        return getattr(self, 'make_' + kind)(depth)

    def make_assign(self, depth: int) -> list[str]:
        kind = self.random.choice(['int', 'int', 'int', 'str', 'list', 'dict'])
        value = self.expression(kind, 2)
        name = self.fresh()
        self.names[kind].append(name)
        return [f'{name} = {value}']

    def make_augment(self, depth: int) -> list[str]:
        return [f'count {self.random.choice(["+=", "-=", "//=", "%=", "|=", "^="])} {self.expression("int", 1)}']

    def make_append(self, depth: int) -> list[str]:
        return [f'out.append({self.expression(self.random.choice(["int", "int", "str", "bool"]), 2)})']

    def make_swap(self, depth: int) -> list[str]:
        one, two = self.fresh(), self.fresh()
        line = f'{one}, {two} = {self.expression("int", 1)}, {self.expression("int", 1)}'
        self.names['int'] += [one, two]
        return [line, f'{one}, {two} = {two}, {one}']

    def make_store(self, depth: int) -> list[str]:
        name = self.name('dict')
        return [f'{name}[{self.expression("str", 1)}] = {self.expression("int", 2)}'] if name else self.make_append(depth)

    def make_assert(self, depth: int) -> list[str]:
        return [f'assert {self.expression("bool", 1)} or True'] if self.random.random() < 0.5 else self.make_assign(depth)

    def make_break(self, depth: int) -> list[str]:
        return [f'if {self.expression("bool", 1)}:', f'    {self.random.choice(["break", "continue"])}']

    def make_if(self, depth: int) -> list[str]:
        lines = [f'if {self.expression("bool", 2)}:', *indented(self.block(depth - 1, 1))]
        for _ in range(self.random.choice([0, 0, 1, 2])):
            lines += [f'elif {self.expression("bool", 1)}:', *indented(self.block(depth - 1, 1))]
        if self.random.random() < 0.4:
            lines += ['else:', *indented(self.block(depth - 1, self.random.randint(1, 2)))]
        return lines

    def loop(self, head: str, depth: int, before: list[str]) -> list[str]:
        saved, self.in_loop = self.in_loop, True
        body = before + self.block(depth - 1, self.random.randint(1, 2))
        self.in_loop = saved
        lines = [head, *indented(body)]
        if self.random.random() < 0.2:
            lines += ['else:', *indented(self.block(0, 1))]
        return lines

    def make_for(self, depth: int) -> list[str]:
        kind = self.random.choice(['range', 'list', 'str', 'dict', 'enumerate', 'zip'])
        name = self.fresh()
        over = {
            'range': f'range({self.random.randint(2, 4)})',
            'list': f'{self.expression("list", 0)}[:4]',
            'str': self.expression('str', 0),
            'dict': f'sorted({self.expression("dict", 0)})',
            'enumerate': f'enumerate({self.expression("list", 0)}[:3])',
            'zip': f'zip(range(3), {self.expression("list", 0)})',
        }[kind]
        target = f'i_{name}, {name}' if kind in ('enumerate', 'zip') else name
        saved = {key: list(value) for key, value in self.names.items()}
        self.names['str' if kind in ('str', 'dict') else 'int'].append(name)
        lines = self.loop(f'for {target} in {over}:', depth, [])
        self.names = saved
        return lines

    def make_while(self, depth: int) -> list[str]:
        name = self.fresh()
        return [f'{name} = {self.random.randint(2, 4)}', *self.loop(f'while {name} > 0:', depth, [f'{name} -= 1'])]

    def make_try(self, depth: int) -> list[str]:
        lines = ['try:', *indented(self.block(depth - 1, 1)), f'    count += {self.expression("int", 1)} // {self.expression("int", 1)}']
        lines += [f'except {self.random.choice(["ZeroDivisionError", "(ZeroDivisionError, KeyError)", "ArithmeticError as e"])}:']
        lines += indented(self.block(depth - 1, 1))
        if self.random.random() < 0.3:
            lines += ['else:', *indented(self.block(0, 1))]
        if self.random.random() < 0.3:
            lines += ['finally:', '    count += 1']
        return lines

    def make_match(self, depth: int) -> list[str]:
        lines = [f'match {self.expression("int", 1)}:']
        for case in self.random.sample(['0', '1 | 2', 'int() if count > 1', '-1', '[a, *_]'], 2) + ['_']:
            lines += indented([f'case {case}:', *indented(self.block(depth - 1, 1))])
        return lines

    def make_with_else(self, depth: int) -> list[str]:
        return [f'for _ in {self.expression("list", 1)}[:2]:', '    if count > 3:', '        break', 'else:', *indented(self.block(depth - 1, 1))]

    def constant(self, kind: str) -> str:
        return {
            'int': str(self.random.randint(-3, 12)),
            'str': repr(self.random.choice(['a', 'b', 'xyz', '', 'count'])),
            'bool': self.random.choice(['True', 'False']),
            'list': self.random.choice(['[1, 2, 3]', '[5]', '[]']),
            'dict': self.random.choice(["{'a': 3}", '{}']),
        }[kind]

    def expression(self, kind: str, depth: int) -> str:
        known = self.name(kind) if kind != 'bool' else None
        if depth == 0 or self.random.random() < 0.15:
            return known if known and self.random.random() < 0.8 else self.constant(kind)
        of = lambda other: self.expression(other, depth - 1)  # noqa: E731
        r = self.random
        calls = [f'{name}({of("int")} % 6)' for name in self.names.get('calls', [])]
        if kind == 'int':
            options = [
                f'{of("int")} {r.choice(["+", "-", "//", "%", "&", "|"])} {of("int")}',
                f'({of("int")} + {of("int")}) * {r.randint(2, 5)} % 97',
                f'-{of("int")}' if depth > 1 else f'abs({of("int")})',
                f'len({of(r.choice(["str", "list", "dict"]))})',
                f'{r.choice(["max", "min"])}({of("int")}, {of("int")})',
                f'sum({of("list")})',
                f'({of("int")} if {of("bool")} else {of("int")})',
                f'{of("dict")}.get({of("str")}, {of("int")})',
                f'{of("str")}.count({of("str")})',
                f'({of("list")} or [0])[0]',
                f'sum({r.choice("pq")}1 * 2 for {r.choice("pq")}1 in {of("list")})'.replace('q1', 'p1'),
                *calls,
            ]
        elif kind == 'bool':
            options = [
                f'{of("int")} {r.choice(["<", "<=", ">", ">=", "==", "!="])} {of("int")}',
                f'{of("int")} < {of("int")} <= {of("int")}',
                f'({of("bool")} {r.choice(["and", "or"])} {of("bool")})',
                f'{of("bool")} and {of("bool")} or {of("bool")}',
                f'not {of("bool")}' if depth < 2 else f'(not {of("bool")})',
                f'{of("str")} {r.choice(["in", "not in"])} {of(r.choice(["str", "dict"]))}',
                f'{of("int")} in {of("list")}',
                f'{r.choice(["any", "all"])}(e > {of("int")} for e in {of("list")})',
                f'isinstance({of("int")}, int)',
            ]
        elif kind == 'str':
            options = [
                f'{of("str")}.{r.choice(["upper", "title", "strip"])}()',
                f'{of("str")}[{r.randint(0, 2)}:{r.randint(2, 4)}]',
                f'{of("str")} + {self.constant("str")}',
                f'str({of("int")})',
                "f'{" + (self.name('int') or '1') + "}:{" + (self.name('str') or '2') + "}'",
                f"','.join(str(e) for e in {of('list')})[:9]",
                f'({of("str")} if {of("bool")} else {of("str")})',
            ]
        elif kind == 'list':
            options = [
                f'[{of("int")}, {of("int")}]',
                f'[e {r.choice(["+", "-", "%"])} {r.randint(1, 4)} for e in {of("list")}]',
                f'[e for e in {of("list")} if {of("bool")}]',
                f'sorted({of("list")}{r.choice(["", ", reverse=True", ", key=lambda e: -e"])})',
                f'{of("list")}[{r.choice(["::-1", "1:", ":3"])}]',
                f'list(range({r.randint(1, 5)}))',
                f'list(map(lambda e: e + {of("int")}, {of("list")}))[:5]',
                f'[e + g for e in range(3) for g in {of("list")}[:2] if e != g]',
            ]
        else:
            options = [
                f'{{{of("str")}: {of("int")}}}',
                f'{{str(e): e for e in {of("list")}}}',
                f'dict(a={of("int")})',
                f'{{**{of("dict")}, {of("str")}: {of("int")}}}',
            ]
        return r.choice(options)


def indented(lines: list[str]) -> list[str]:
    return ['    ' + line for line in lines]


def corners() -> list[tuple[str, str]]:
    """`# input` on a line of its own ends a program and gives it its input."""
    programs, lines = [], []
    for line in (HERE / 'corners.txt').read_text().splitlines():
        if line.startswith('#: '):
            programs.append(('\n'.join(lines).strip('\n') + '\n', line[3:]))
            lines = []
        else:
            lines.append(line)
    return programs


def answer(source: str, text: str) -> str:
    """The repr of what f answers, or the type of the exception."""
    names: dict = {}
    try:
        exec(compile(source, 'program', 'exec'), names)
        return repr(eval(f'f({text})', names))
    except Exception as error:
        return type(error).__name__


def figures(source: str) -> dict:
    visitor = ComplexityVisitor.from_code(source)
    each = [ComplexityVisitor.from_ast(node) for node in ast.walk(ast.parse(source)) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    total = h_visit(source).total
    return {
        'cyclomatic': visitor.total_complexity,
        'maxCyclomatic': max((function.functions[0].complexity for function in each), default=0),
        'cognitive': code_complexity(source, no_ignore=True).complexity,
        'halstead': [total.h1, total.h2, total.N1, total.N2, total.vocabulary, total.length, total.volume, total.difficulty, total.effort],
        'nodes': sum(1 for _ in ast.walk(ast.parse(source))),
    }


def main() -> None:
    programs = corners() + [Grammar(seed).program() for seed in range(MADE_UP)]
    rows = [{'source': source, 'input': text, 'answer': answer(source, text), **figures(source)} for source, text in programs]
    (HERE / 'programs.json').write_text('[\n' + ',\n'.join(json.dumps(row, ensure_ascii=False) for row in rows) + '\n]\n')


main()
