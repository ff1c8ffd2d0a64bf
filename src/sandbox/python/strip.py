"""
A program without comments and docstrings, without statements at top level that only run, without calls of print.

What goes is decided on the syntax tree and cut out of the text, so that the rest keeps its layout. Then the text is parsed and
compared with the tree that it should have; where it is another one (a continued line, a self-documenting f-string), the tree is
written anew. So the layout is a courtesy, and the meaning certain.
"""

import ast
import io
import re
import tokenize

import written

_definitions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_kept_at_top = (ast.Import, ast.ImportFrom, *_definitions)
_documented = (ast.Module, *_definitions)
_blocks = ('body', 'orelse', 'finalbody')
_line_rest = re.compile(rb'[ \t\f]*;?[ \t\f]*(#.*)?')
_blank = re.compile(rb'[ \t\f]*')


def strip(source, comments, globals, prints):
    """Raises what `ast.parse` raises, and `written.Unwritable`."""
    tree = ast.parse(source)
    text = _Text(source)
    # A name that means something of the program's own anywhere is left alone everywhere.
    _Strip(text, comments, globals, prints and not _binds_print(tree)).work(tree)
    try:
        if comments:
            text.cut_comments()
    except (tokenize.TokenError, SyntaxError):  # the parser and the tokenizer are not one program
        return written.text_of(tree)
    return text.edited(tree) if text.edits else source


# ---- The tree --------------------------------------------------------------------------------------------------------


class _Strip:
    """Alters the tree, and notes the same changes for the text."""

    def __init__(self, text, comments, globals, prints):
        self._text = text
        self._comments, self._globals, self._prints = comments, globals, prints

    def work(self, tree):
        stack = [tree]
        while stack:
            node = stack.pop()
            for field, value in ast.iter_fields(node):
                if field in _blocks and type(value) is list:
                    value[:] = self._kept(node, field, value)
                if type(value) is list:
                    value[:] = [self._without_print(each) for each in value]
                    stack += (each for each in value if isinstance(each, ast.AST))
                elif isinstance(value, ast.AST):
                    kept = self._without_print(value)
                    setattr(node, field, kept)
                    stack.append(kept)

    def _kept(self, owner, field, block):
        """A block's statements without those that go. Where it needs one, or where no cut can be seen, `pass` takes the place."""
        goes = [self._goes(owner, statement) for statement in block]
        documented = field == 'body' and isinstance(owner, _documented)
        if documented and self._comments:
            for index, statement in enumerate(block):
                if not _is_text(statement):
                    break
                goes[index] = True
        if True not in goes:
            return block
        first_kept = goes.index(False) if False in goes else len(block)
        # What is left must not start with a text that was none before, or that becomes the docstring.
        must_pass = first_kept == len(block) and type(owner) is not ast.Module
        must_pass |= documented and first_kept < len(block) and first_kept > 0 and _is_text(block[first_kept])
        kept = []
        for index, (statement, gone) in enumerate(zip(block, goes)):
            if gone:
                cut = None if must_pass else self._text.statement(block, index)
                must_pass = False
                if cut:
                    self._text.cut(*cut)
                    continue
                self._text.replace(statement, b'pass')
                statement = ast.Pass()
            kept.append(statement)
        return kept

    def _goes(self, owner, statement):
        if self._globals and type(owner) is ast.Module and not isinstance(statement, _kept_at_top):
            return True
        return self._prints and type(statement) is ast.Expr and _is_print(statement.value)

    def _without_print(self, value):
        if not self._prints or not _is_print(value):
            return value
        self._text.replace(value, b'None')
        return ast.Constant(None)


def _is_text(statement):
    return type(statement) is ast.Expr and type(statement.value) is ast.Constant and type(statement.value.value) is str


def _is_print(node):
    return type(node) is ast.Call and type(node.func) is ast.Name and node.func.id == 'print'


def _binds_print(tree):
    for node in ast.walk(tree):
        kind = type(node)
        if kind is ast.Name:
            if node.id == 'print' and type(node.ctx) is not ast.Load:
                return True
        elif kind is ast.alias:
            if (node.asname or node.name) == 'print':
                return True
        elif kind not in (ast.Attribute, ast.keyword, ast.Constant):
            if 'print' in (getattr(node, field, None) for field in ('arg', 'name', 'rest')):
                return True
    return False


# ---- The text --------------------------------------------------------------------------------------------------------


class _Text:
    """Places are offsets in bytes, as the tree counts columns in bytes."""

    def __init__(self, source):
        self._source = source.replace('\r\n', '\n').replace('\r', '\n')  # as Python reads it
        self._bytes = self._source.encode()
        self._lines = self._bytes.split(b'\n')
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line) + 1)
        self.edits = []

    def cut(self, start, end):
        self.edits.append((start, end, b''))

    def replace(self, node, text):
        self.edits.append((*self._span(node), text))

    def statement(self, block, index):
        """What to cut to be rid of a statement, or None if that cannot be seen by the lines it stands on."""
        statement = block[index]
        start, end = self._span(statement)
        if index + 1 < len(block) and block[index + 1].lineno == statement.end_lineno:
            return start, self._span(block[index + 1])[0]
        if index > 0 and block[index - 1].end_lineno == statement.lineno:
            return self._span(block[index - 1])[1], end
        line, last = statement.lineno - 1, statement.end_lineno - 1
        alone = _blank.fullmatch(self._bytes, self._starts[line], start) and _line_rest.fullmatch(
            self._bytes, end, self._starts[last + 1] - 1
        )
        return (self._starts[line], self._starts[last + 1]) if alone else None

    def cut_comments(self):
        lines = self._source.split('\n')
        depth = 0  # what stands in the fields of an f-string may also be its text
        for token in tokenize.generate_tokens(io.StringIO(self._source).readline):
            if token.type in _string_starts:
                depth += 1
            elif token.type in _string_ends:
                depth -= 1
            elif token.type == tokenize.COMMENT and depth == 0:
                line = token.start[0] - 1
                start = self._starts[line] + len(lines[line][: token.start[1]].encode())
                end = self._starts[line + 1] - 1
                code = self._bytes[self._starts[line] : start].rstrip(b' \t\f')
                if code or self._is_continued(line):
                    self.cut(self._starts[line] + len(code), end)
                else:
                    self.cut(self._starts[line], end + 1)

    def edited(self, tree):
        pieces, place = [], 0
        for start, end, text in sorted(self.edits):
            if start >= place:
                pieces += [self._bytes[place:start], text]
            place = max(place, end)
        pieces.append(self._bytes[place:])
        text = b''.join(pieces).decode().lstrip('\n')
        try:
            if written.alike(ast.parse(text), tree):
                return text
        except SyntaxError:
            pass
        return written.text_of(tree)

    def _span(self, node):
        return self._starts[node.lineno - 1] + node.col_offset, self._starts[node.end_lineno - 1] + node.end_col_offset

    def _is_continued(self, line):
        return line > 0 and self._lines[line - 1].endswith(b'\\')


_string_starts = (tokenize.FSTRING_START, getattr(tokenize, 'TSTRING_START', -1))
_string_ends = (tokenize.FSTRING_END, getattr(tokenize, 'TSTRING_END', -1))
