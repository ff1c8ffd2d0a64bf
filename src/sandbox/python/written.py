"""
Syntax trees written as text, and the proof that the text means the tree: it is parsed again and compared. Python's own writer has
had mistakes before, and programs look for them.
"""

import ast


class Unwritable(Exception):
    """There is no text for the tree that can be trusted."""


def text_of(tree):
    try:
        text = ast.unparse(ast.fix_missing_locations(tree))
        same = alike(ast.parse(text), tree)
    except (SyntaxError, ValueError):
        same = False  # a number of too many digits
    if not same:
        raise Unwritable('Python cannot write the program anew.')
    return text + '\n' if text else text


def alike(one, other):
    """Equal in all but places. Keeps its own stack, as trees may be deep."""
    stack = [(one, other)]
    while stack:
        one, other = stack.pop()
        if type(one) is not type(other):
            return False
        if isinstance(one, ast.AST):
            stack += ((getattr(one, field, None), getattr(other, field, None)) for field in one._fields)
        elif type(one) is list:
            if len(one) != len(other):
                return False
            stack += zip(one, other)
        elif one != other:
            return False
    return True
