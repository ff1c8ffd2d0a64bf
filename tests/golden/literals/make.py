"""Writes golden.json: what CPython makes of literals, to hold our reading, printing and comparing of them against.

    python3 tests/golden/literals/make.py

Needs Python 3.12 or later and nothing else. Two runs of one Python write the same file.

    texts         [text, what ast.literal_eval makes of it]: picked by hand, random, and random ones with a slip in them
    differences   [why, text, what ast.literal_eval makes of it, what we make of it]: all the ways in which we differ on purpose
    pairs         [text, text, a == b]
    reprs         [value, repr(value)]; the value as plain JSON, see `plain`
    calls         [text, (args, kwargs) of f(text)]

What Python makes of a text is its repr, with the members of sets in order; null stands for an error.
"""

import ast
import json
import os
import random
import re
import struct
import sys
import unicodedata
import warnings
from pathlib import Path

if os.environ.get("PYTHONHASHSEED") != "0":  # the order of a set of strings depends on it
    os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, "PYTHONHASHSEED": "0"})

warnings.simplefilter("ignore")  # unknown escapes in strings
HERE = Path(__file__).parent
rng = random.Random(20240607)

# ---- What Python makes of a text -------------------------------------------------------------------------------------


def show(value):
    """repr, but sets are in the order of their members' reprs (compared as JavaScript compares strings)."""
    if isinstance(value, (set, frozenset)) and value:
        members = sorted(map(show, value), key=lambda text: text.encode("utf-16-be"))
        text = "{" + ", ".join(members) + "}"
        return text if isinstance(value, set) else f"frozenset({text})"
    if isinstance(value, list):
        return "[" + ", ".join(map(show, value)) + "]"
    if isinstance(value, tuple):
        return "(" + ", ".join(map(show, value)) + ("," if len(value) == 1 else "") + ")"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{show(k)}: {show(v)}" for k, v in value.items()) + "}"
    return repr(value)


def evaluated(text):
    try:
        return show(ast.literal_eval(text))
    except (ValueError, TypeError, SyntaxError, OverflowError, MemoryError, RecursionError):
        return None


def call(text):
    """f(text), as long as every argument is a literal."""
    try:
        tree = ast.parse(f"f({text}\n)", mode="eval").body
        if not (isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and tree.func.id == "f"):
            return None
        for node in tree.args:
            ast.literal_eval(node.value if isinstance(node, ast.Starred) else node)
        for keyword in tree.keywords:
            ast.literal_eval(keyword.value)
        return show(eval(f"f({text}\n)", {"f": lambda *args, **kwargs: (args, kwargs)}))
    except (ValueError, TypeError, SyntaxError, OverflowError, MemoryError, RecursionError):
        return None


def differs_on_purpose(text):
    """Is it in the territory of `differences`?"""
    if re.search(r"\\N|\b(inf|nan|infj|nanj|float|frozenset)\b|\.\.\.", text):
        return True
    try:
        tree = ast.parse(text.lstrip(" \t"), mode="eval")
    except IndentationError:
        return True
    except (SyntaxError, ValueError, MemoryError):
        return False
    zero = lambda node: isinstance(node, ast.Constant) and not isinstance(node.value, (str, bytes)) and node.value == 0
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and re.search(rf"\(\s*{node.id}\s*\)", text):
            return True
        if isinstance(node, ast.UnaryOp):
            if isinstance(node.operand, ast.UnaryOp):
                return True
            if isinstance(node.operand, ast.Constant) and isinstance(node.operand.value, complex):
                return True
        if isinstance(node, ast.BinOp):
            left = node.left.operand if isinstance(node.left, ast.UnaryOp) else node.left
            if zero(left) or zero(node.right):
                return True
        if isinstance(node, ast.Starred) and isinstance(node.value, ast.Set) and len(node.value.elts) > 1:
            return True
    return False


# ---- Random values ---------------------------------------------------------------------------------------------------

# Characters whose category has not changed since Unicode 3.2, so that no version of Unicode disputes what is printable.
OLD = [c for c in map(chr, range(0x80, 0x30000)) if unicodedata.ucd_3_2_0.category(c) == unicodedata.category(c)]
OLD = [c for c in OLD if unicodedata.category(c) not in ("Cn", "Cs")]


def character():
    kind = rng.random()
    if kind < 0.55:
        return rng.choice("abcxyzABC 0123456789_-+*/.,:;()[]{}#")
    if kind < 0.75:
        return rng.choice("'\"\\\n\r\t\0\x07\x1b\x7f")
    if kind < 0.85:
        return rng.choice("é\xa0\xadßñ中文😀𝒳\u2028\u200b\ufeff\ue000\U000e0001")
    return rng.choice(OLD)


def text_of(length):
    return "".join(character() for _ in range(rng.randrange(length)))


def number():
    kind = rng.random()
    if kind < 0.35:
        return rng.randrange(-9, 100)
    if kind < 0.45:
        return rng.choice([-1, 1]) * rng.getrandbits(rng.randrange(1, 90))
    if kind < 0.6:
        return rng.choice([0.0, -0.0, 1.0, 0.5, -2.5, 1e16, 1e15, 123456789012345680.0, 1e-4, 1e-5, 0.1, 1 / 3, 5e-324])
    if kind < 0.8:
        value = struct.unpack("<d", rng.randbytes(8))[0]
        return value if value == value and abs(value) != float("inf") else 1.5
    if kind < 0.9:
        return round(rng.uniform(-1000, 1000), rng.randrange(5))
    return complex(rng.randrange(1, 9), rng.choice([-2.5, 3, 1e20]))


def value(depth=3, hashable=False):
    kind = rng.random()
    if depth == 0 or kind < 0.35:
        return rng.choice(
            [
                lambda: None,
                lambda: rng.random() < 0.5,
                number,
                number,
                number,
                lambda: text_of(7),
                lambda: text_of(7),
                lambda: rng.randbytes(rng.randrange(5)),
            ]
        )()
    several = range(rng.randrange(4))
    if kind < 0.6 and not hashable:
        return [value(depth - 1) for _ in several]
    if kind < 0.75 or hashable:
        return tuple(value(depth - 1, hashable) for _ in several)
    if kind < 0.85:
        return {value(depth - 1, True) for _ in several}
    return {value(depth - 1, True): value(depth - 1) for _ in several}


# ---- Random spellings of a value -------------------------------------------------------------------------------------


def blank():
    return rng.choice(["", "", "", "", " ", "  ", "\t"])


def gap():
    return blank() if rng.random() < 0.9 else rng.choice(["\n", " # it's (\n", "\\\n", "\r\n", " \f"])


def underscored(digits):
    return re.sub(r"(?<=\d)(?=\d)", lambda _: "_" if rng.random() < 0.15 else "", digits)


def spell_int(n):
    sign = "-" if n < 0 else rng.choice(["", "", "", "+"])
    form = rng.choice(["d", "d", "d", "d", "#x", "#X", "#o", "#b"])
    return sign + (underscored(str(abs(n))) if form == "d" else format(abs(n), form))


def spell_str(text, prefix=""):
    if prefix == "" and rng.random() < 0.1:
        prefix = rng.choice(["u", "U"])
    quote = rng.choice(["'", '"', "'''", '"""'])
    if rng.random() < 0.15 and text and not re.search(r"['\"\\\n\r\0]", text):
        return rng.choice(["r", "R"]) + prefix.replace("u", "").replace("U", "") + quote + text + quote
    out = []
    for c in text:
        code = ord(c)
        forms = [f"\\U{code:08x}", f"\\u{code:04X}"] if not prefix.lower() == "b" else []
        forms += [f"\\x{code:02x}", f"\\{code:03o}"] if code < 256 else []
        plain = code >= 32 and c not in "'\"\\" or c == "\n" and len(quote) == 3
        simple = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "'": "\\'", '"': '\\"', "\\": "\\\\", "\7": "\\a"}.get(c)
        if code > 0xFFFF:
            forms = forms[:1]
        if plain and rng.random() < 0.85:
            out.append(c)
        elif simple and rng.random() < 0.8:
            out.append(simple)
        else:
            out.append(rng.choice(forms))
        if rng.random() < 0.02:
            out.append("\\\n")
    return prefix + quote + "".join(out) + quote


def spell(v):
    if isinstance(v, bool) or v is None or isinstance(v, (float, complex)):
        return repr(v)
    if isinstance(v, int):
        return spell_int(v)
    if isinstance(v, (str, bytes)):
        pieces = v if isinstance(v, str) else v.decode("latin-1")
        if isinstance(v, bytes):
            pieces = "".join(c if ord(c) < 128 else c for c in pieces)
            literal = lambda part: "b" + re.sub(r"[^\x20-\x7e]|['\\]", lambda m: f"\\x{ord(m[0]):02x}", part).join("''")
        else:
            literal = spell_str
        if rng.random() < 0.1:
            cut = rng.randrange(len(pieces) + 1)
            return "(" + literal(pieces[:cut]) + gap() + literal(pieces[cut:]) + ")"
        return literal(pieces)
    items = [f"{spell(k)}{gap()}:{gap()}{spell(x)}" for k, x in v.items()] if isinstance(v, dict) else [spell(x) for x in v]
    comma = "," if items and (rng.random() < 0.2 or isinstance(v, tuple) and len(v) == 1) else ""
    inner = gap() + f"{gap()},{gap()}".join(items) + comma + gap()
    if isinstance(v, set) and not v:
        return "set()"
    opening, closing = {list: "[]", tuple: "()", dict: "{}", set: "{}"}[type(v)]
    return opening + inner + closing


SLIPS = list("()[]{},:'\"\\#+-._=*jeExXbBrRuUfn0123456789 \n\ré") + [
    *["set()", "None", "True", "lambda", "not ", "**", "//", " if ", "b'", "'''", "\\x", "\\u", "0x", "1_", "1j", "+2j", "\0", "\ufeff"],
]


def with_a_slip(text):
    at = rng.randrange(len(text) + 1)
    to = min(len(text), at + rng.randrange(1, 4))
    kind = rng.randrange(4)
    if kind == 0:
        return text[:at] + text[to:]
    if kind == 1:
        return text[:at] + rng.choice(SLIPS) + text[at:]
    if kind == 2:
        return text[:at] + rng.choice(SLIPS) + text[to:]
    return text[:to] + text[at:to] + text[to:]


# ---- Texts -----------------------------------------------------------------------------------------------------------

PICKED = r"""
None|True|False|none|true|NULL|()|[]|{}|set()|set( )|set(())|set([1])|{,}|(,)|[,]|,|1,|1,2|1,,2|,1|(1)|((1))|(1,)|((1,))
00|0_0|000|0_7|07|012|012.5|012e1|012j|0_9.5|1_000|1__0|1_|_1|1_.5|1._5|1.|.5|.|..|1..|1e5|1E+5|1e-5|1e|1e+|1e_5|1_0.0e-3|1_0.0_1
0x10|0X_fF|0x|0x_|0x_g|0x1_|0o17|0O_7|0o8|0b101|0B_1|0b2|0xg|1if|1j|1J|1.5j|.5j|1.j|1e5j|0x1j|1jj|1_0j|1l|1L|0777|1e400|1e-400
1+2j|1 + 2j|1-2j|-1+2j|-1 - 2.5j|(1)+(2j)|(-1)+2j|-(1)|-(1)+2j|1+2|1-1|1j+1|1j+2j|1+2j+3j|1+-2j|1+(2j)|1+(-2j)|-(1+2j)|(1+2j)|((1)+(2j))
True+1j|+True|-None|-'a'|-()|+1|- 1|-1|+ 1.5|~1|not 1|1*2|2**3|1 .real|1.real|1 if 1 else 2|1 or 2|1 < 2|1;|1 2|'a' 1|1 'a'|1:=2|(1:=2)
'a'|"a"|'a' 'b'|'a''b'|''''''|''|""|''''|'''a'|'a|"a'|'a" "b'|"it's"|'a' b'b'|b'a' b'b'|b'a''b'|u'a'|U"a"|ur'a'|ru'a'|bu'a'|rr'a'|bb'a'
r'\n'|R"\n"|rb'\n'|bR'\n'|Br'\n'|r'\'|r'\''|r'\\'|r'\\\'|f'a'|F"a"|fr'a'|rf'a'|f'{1}'|'a' f'b'|x'a'|b'\x'|b'\xf'|b'\xff'|b'\400'|b'\377'|b'\u1'|b'\N'
'\x'|'\x4'|'\x41'|'\u'|'\u004'|'\u0041'|'\U00000041'|'\U00110000'|'\U0010ffff'|'\ud800'|'\ud83d\ude00'|'\U0001f600'|'\0'|'\08'|'\1234'|'\777'
'\q'|'\8'|'\ '|'\é'|b'\q'|b'é'|br'é'|b"\é"|'é'|'\\'|'\'|'\a\b\f\n\r\t\v\'\"'|b'\a\b\f\n\r\t\v\'\"'|'😀'|'a#b'|'a'#b|#a|# 'a'
[1,2,]|[1,,2]|[1 2]|[1;2]|[1|1]|[1)|(1]|{1]|[[]|[]]|{1}|{1,}|{1,2}|{1:2}|{1:2,}|{1:2,3}|{1,2:3}|{1:}|{:1}|{1:2:3}|{1:2 3:4}|{**{}}|{1:2,**{}}
{[]}|{{}}|{()}|{([],)}|{[]:1}|{{}:1}|{():[]}|{(1,[]):1}|{set()}|{set():1}|{1,True,1.0}|{True,1}|{1:2,True:3,1.0:4}|{0.0,-0.0}|{-0.0:1,0:2}|{1+0.5j,1}
[*[1]]|*[1]|*[1],|(*[1],)|{*[1]}|[x]|[x for x in [1]]|(x for x in [1])|{1:2 for x in [1]}|f(3)|f|gold|eval('1')|eval(gold_output)|__import__('os').system('x')
type('X',(),{'__eq__':lambda s,o:True})()|lambda: 1|100) or (True|1) == (1|'a'.upper()|'a'[0]|[1][0]|{1:2}[1]|(1).real|print(1)|await 1|yield|(yield)
1==1|'a' in 'ab'|'a' % 1|'a' + 'b'|[1] + [2]|[1]*3|not True|list()|dict()|dict(a=1)|int('1')|str(1)|range(3)|object()|nil|undefined|null|Infinity|NaN
"""

LINES = [
    *["\n1", "1\n", "1\n\n", "\n\n1", "1\n2", "1\n,2", "(1\n,2)", "[\n1\n]", "{\n1\n:\n2\n}", "1,\n", "1,\n2", "'a'\n'b'", "('a'\n'b')"],
    *["1 # one", "1 # one\n", "# one\n1", "1\n# one", "(1 # )\n)", "[1, # one\n2]", "#", "# one\n", "'''a\nb'''", "'a\nb'", "'a\\\nb'"],
    *["r'a\\\nb'", "'''a\r\nb\rc'''", "'a\rb'", "'a\\\r\nb'", "1\r\n", "1\r", "\r1", "[1,\r2]", "1\\\n,2", "\\\n1", "(1\\\n)", "1 \\ \n,2", "1 \\\n", "1 \\\n\n", "1\n\\\n", "\\\n"],
    *[" 1", "\t1", "\f1", "1 ", "1\t", "1\f", "1\v", "\v1", "1\xa0", "\xa01", "\u30001", "\ufeff1", "1\0", "'\0'", "\0", "", " ", "\n", "\\"],
    *["1\\", "1\n#a\n\n", "set(\n)", "set\n()", "(set\n())", "-\n1", "(-\n1)", "(1+\n2j)", "1+\n2j", "(1\n+2j)", "(1)\n(2)", "b'a'\\\nb'b'"],
    *["'" + "a" * 300 + "'", "'\x7f'", "'\x1b'", "'\f'", "'\t'", "b'\x7f'", "b'\x80'", "'\u2028'", "'a\u2028b'", "'\ufeff'"],
    *["1" * 4300, "1" * 4301, "-" + "9" * 4300, "0" * 5000, "0x" + "f" * 300, "1" * 4300 + "." + "1" * 100, "1" * 4301 + "j", "1" + "0" * 400 + "+1j"],
    *["[" * 30 + "]" * 30, "(" * 30 + ")" * 30, "(" * 30 + "1" + ")" * 30, "(" * 5 + "1" + ")" * 6, "0_" * 50 + "0", "1_" * 50 + "1"],
    *["１", "ｓ", "é", "'é", "0x１", "１_0", "1é", "1_é", "²", "Ⅷ", "_", "__debug__"],
]


def texts():
    found = dict.fromkeys(re.split(r"[\n|]", PICKED.strip())) | dict.fromkeys(LINES)
    while len(found) < 1100:
        found[rng.choice(["", "", " ", "\n"]) + spell(value()) + rng.choice(["", "", " ", "\n", " # end"])] = None
    while len(found) < 1600:
        found[", ".join(spell(value(1)) for _ in range(rng.randrange(1, 4))) + rng.choice(["", ",", " , "])] = None
    good = list(found)
    while len(found) < 3600:
        text = rng.choice(good)
        if len(text) < 25:
            for _ in range(rng.choice([1, 1, 1, 2, 3])):
                text = with_a_slip(text)
            found[text] = None
    return [[text, evaluated(text)] for text in found if not differs_on_purpose(text)]


DIFFERENCES = [
    ("repr prints inf and nan", [("inf", "inf"), ("-inf", "-inf"), ("nan", "nan"), ("-nan", "nan"), ("[inf, -inf]", "[inf, -inf]")]),
    ("repr prints inf and nan", [("infj", "infj"), ("nanj", "nanj"), ("(nan+infj)", "(nan+infj)"), ("(1-infj)", "(1-infj)")]),
    ("repr prints inf and nan", [("float('inf')", "inf"), ('float("-inf")', "-inf"), ("float( 'nan' )", "nan"), ("-float('inf')", "-inf")]),
    ("repr prints frozensets", [("frozenset()", "frozenset()"), ("frozenset({1})", "frozenset({1})"), ("frozenset([1, 1])", "frozenset({1})")]),
    ("repr prints frozensets", [("{frozenset({1}): frozenset()}", "{frozenset({1}): frozenset()}")]),
    ("signs may be repeated", [("--1", "1"), ("-+-1.5", "1.5"), ("-(-1)", "1"), ("---0.0", "-0.0"), ("+-1+2j", "(-1+2j)")]),
    ("blanks may stand anywhere around", [("\n  1", "1"), ("1\n  ", "1"), ("# c\n  1", "1"), ("\n [1]\n \n", "[1]")]),
    ("a sign belongs to its part", [("-1j", "-1j"), ("-0-1j", "(-0-1j)"), ("1-0j", "(1-0j)"), ("-0+1j", "(-0+1j)"), ("-0.0+1j", "(-0+1j)")]),
    ("no names of characters", [(r"'\N{DIGIT ONE}'", None), (r"'\N{nobody}'", None)]),
    ("no ellipsis", [("...", None), ("[...]", None)]),
    ("no deep nesting", [("[" * 40 + "]" * 40, "[" * 40 + "]" * 40), ("[" * 41 + "]" * 41, None), ("(" * 83 + "1" + ")" * 83, None)]),
    ("set() is spelled plainly", [("ｓet()", None), ("(set)()", None)]),
]

# ---- Pairs -----------------------------------------------------------------------------------------------------------


def fresh(v):
    """An expression that makes v anew each time: Python takes one and the same NaN for equal to itself in a list.

    Members of sets are in order, since NaNs hash by their addresses.
    """
    if isinstance(v, float) and (v != v or abs(v) == float("inf")):
        return f"float('{v}')"
    if isinstance(v, (set, frozenset)) and not v:
        return f"{type(v).__name__}()"
    if isinstance(v, list):
        return "[" + ", ".join(map(fresh, v)) + "]"
    if isinstance(v, tuple):
        return "(" + "".join(fresh(x) + ", " for x in v) + ")"
    if isinstance(v, set):
        return "{" + ", ".join(sorted(map(fresh, v))) + "}"
    if isinstance(v, frozenset):
        return "frozenset({" + ", ".join(sorted(map(fresh, v))) + "})"
    if isinstance(v, dict):
        return "{" + ", ".join(f"{fresh(k)}: {fresh(x)}" for k, x in v.items()) + "}"
    return repr(v)


INF, NAN = float("inf"), float("nan")
NUMBERS = [0, False, 0.0, -0.0, 0j, 1, True, 1.0, 1 + 0j, -1, -1.0, 2, 1.5, 1j, 1.5 + 0j, INF, -INF, NAN, complex(NAN, 1), complex(0, INF)]
NUMBERS += [2**53, 2**53 + 1, float(2**53), 2**53 + 2, 10**22, 1e22, 10**23, 1e23, int(1e23), int(1.7e308), 1.7e308, 2**1024, complex(2**53)]
OTHERS = ["", "1", "a", b"", b"a", None, (), [], {}, set(), frozenset(), [1], (1,), {1}, frozenset({1}), {1: 1}, "\ud83d\ude00", "\U0001f600"]


def loose(depth=3, hashable=False):
    """A value of few possibilities, so that equal ones are met."""
    if depth == 0 or rng.random() < 0.3:
        return rng.choice(NUMBERS[:18] + ["", "a", b"a", None])
    several = range(rng.randrange(4))
    kind = rng.randrange(5)
    if hashable:
        inner = [loose(depth - 1, True) for _ in several]
        return tuple(inner) if kind < 3 else frozenset(inner)
    if kind < 2:
        return [loose(depth - 1) for _ in several]
    if kind == 2:
        return tuple(loose(depth - 1) for _ in several)
    if kind == 3:
        return {loose(depth - 1, True) for _ in several}
    return {loose(depth - 1, True): loose(depth - 1) for _ in several}


def altered(v, hashable=False):
    """Mostly something equal to v that is written otherwise; sometimes not."""
    if isinstance(v, (bool, int, float, complex)) and v == v:
        same = [x for x in NUMBERS if x == v]
        return rng.choice(same if same and rng.random() < 0.93 else NUMBERS)
    if isinstance(v, (set, frozenset)):
        members = [altered(x, True) for x in sorted(v, key=fresh)]
        rng.shuffle(members)
        return rng.choice([frozenset] if hashable else [set, frozenset])(members)
    if isinstance(v, dict):
        entries = [(altered(k, True), altered(x)) for k, x in v.items()]
        rng.shuffle(entries)
        return dict(entries)
    if isinstance(v, (list, tuple)):
        inner = [altered(x, hashable) for x in v]
        other = tuple if hashable or rng.random() < 0.05 else type(v)
        return other(inner)
    return v


def pairs():
    plain_values = NUMBERS + OTHERS
    found = [(a, b) for n, a in enumerate(plain_values) for b in plain_values[: n + 1]]
    for _ in range(750):
        a = loose()
        found.append((a, altered(a)))
    names = {"inf": INF, "nan": NAN, "infj": complex(0, INF), "nanj": complex(0, NAN)}
    rows = [[fresh(a), fresh(b)] for a, b in found]
    return [[a, b, eval(a, dict(names)) == eval(b, dict(names))] for a, b in rows if len(a) + len(b) < 120]


# ---- Reprs -----------------------------------------------------------------------------------------------------------


def bits(x):
    return struct.pack(">d", x).hex()


def plain(v):
    """None and bools as they are, and the rest as [type, content]: floats as their bits, strings as code points."""
    if v is None or isinstance(v, bool):
        return v
    if isinstance(v, int):
        return ["int", hex(v)]
    if isinstance(v, float):
        return ["float", bits(v)]
    if isinstance(v, complex):
        return ["complex", [bits(v.real), bits(v.imag)]]
    if isinstance(v, str):
        return ["str", [ord(c) for c in v]]
    if isinstance(v, bytes):
        return ["bytes", list(v)]
    if isinstance(v, dict):
        return ["dict", [[plain(k), plain(x)] for k, x in v.items()]]
    return [type(v).__name__, [plain(x) for x in v]]


def few_members(v):
    """Has no set whose order Python alone knows."""
    if isinstance(v, (set, frozenset)) and len(v) > 1:
        return False
    parts = [*v.keys(), *v.values()] if isinstance(v, dict) else v if isinstance(v, (list, tuple, set, frozenset)) else []
    return all(map(few_members, parts))


def reprs():
    zeros = [0.0, -0.0, 1.0, -1.0, INF, -INF, NAN, 1e16, 2.5]
    found = NUMBERS + OTHERS + [complex(a, b) for a in zeros for b in zeros]
    found += [sign * float(f"1.5e{n}") for n in range(-20, 25) for sign in (1, -1)]
    found += [float(f"1e{n}") for n in range(-324, 309, 9)] + [123456789.125 * 10**n for n in range(-15, 15)]
    found += [5e-324, 1.7976931348623157e308, 2.2250738585072014e-308, 9007199254740993.0, 0.1 + 0.2, 1e21, 1e15, 9999999999999998.0]
    found += [struct.unpack("<d", rng.randbytes(8))[0] for _ in range(300)] + [rng.uniform(-1e6, 1e6) for _ in range(50)]
    found += ["".join(map(chr, range(n, n + 32))) for n in range(0, 0x180, 32)] + [bytes(range(256)), b"'", b'"', b"'\""]
    found += ["'", '"', "'\"", "\\", "\ud800", "\udfff\ud800", "a\U0010ffff", "\ue000\uffff\ufdd0", "\u2028\u3000\xad", "é中😀"]
    found += [text_of(20) for _ in range(100)]
    found += [v for v in (value() for _ in range(400)) if few_members(v)]
    found += [{frozenset({(1,)})}, frozenset({frozenset()}), {(): {}}, [set(), frozenset()], ({},), 10**60, -(10**60)]
    return [[plain(v), repr(v)] for v in found]


# ---- Calls -----------------------------------------------------------------------------------------------------------

CALLS = [
    *["", " ", "\n", "1", "1,", ",", "1,,2", "1, 2", "1 2", "(1, 2)", "(1, 2),", "a=1", "a = 1", "a=1,", "a=1, b=2", "a=1, a=2", "1, a=2", "a=1, 2"],
    *["*[1, 2]", "*(1, 2), 3", "*'ab'", "*b'ab'", "*{1}", "*{1: 2, 3: 4}", "*[]", "*1", "*None", "*", "* [1]", "*[1], *[2]", "a=1, *[2]", "*[1], a=2"],
    *["**{'a': 1}", "**{}", "**{1: 2}", "**{'a b': 1}", "**{'': 1}", "** {'a': 1}", "**[1]", "**{'a': 1}, b=2", "**{'a': 1}, a=2", "a=1, **{'a': 2}"],
    *["**{}, 1", "**{}, *[1]", "**{'a': 1}, **{'b': 2}", "**{'a': 1}, **{'a': 2}", "**set()", "***[1]", "*[1]=2", "1=2", "'a'=1", "(a)=1", "a.b=1"],
    *["None=1", "True=1", "if=1", "lambda=1", "match=1", "case=1", "type=1", "_=1", "print=1", "self=1", "__debug__=1", "a==1", "a=b", "a=", "=1", "a:1"],
    *["é=1", "a1=1", "1a=1", "ａ=1", "ａ=1, a=2", "ﬁ=1", "名=1", "a\n=\n1", "1\n,\n2", "1 # one\n, 2", "# one\n1", "1)", "(1", "1) + f(2", "1)(2", "1;2"],
    *["x for x in [1]", "a:=1", "*a", "**a", "f(1)", "1+1", "not 1", "[1, 2], {'a': (1,)}, key='x'", "3, [1, 2], key='x'", "'a' 'b', 'c'", "'a'\n'b'"],
    *["a=1 2", "a=1 b=2", "a='1', b=[2], *(3,), **{'c': 4}, d=5", "1, *[2], 3", "{}", "set()", "{1: 2}, {1}", "lambda: 1", "a=(1, 2)", "a=1+2j", "-1, +2"],
]


def arguments():
    parts = [rng.choice([spell, repr])(value(2)) for _ in range(rng.randrange(3))]
    if rng.random() < 0.3:
        parts.insert(rng.randrange(len(parts) + 1), "*" + gap() + spell(rng.choice([[1, "a"], (2.5,), "ab", {1}, {1: 2}, []])))
    if rng.random() < 0.5:
        parts.append(rng.choice(["a", "key", "é", "_x1"]) + gap() + "=" + gap() + spell(value(2)))
    if rng.random() < 0.3:
        parts.append("**" + gap() + spell({rng.choice(["a", "b", "c d"]): value(1)}))
    return gap() + f"{gap()},{gap()}".join(parts) + rng.choice(["", "", gap() + "," if parts else ""])


def calls():
    found = dict.fromkeys(CALLS)
    while len(found) < 350:
        found[arguments()] = None
    good = list(found)
    while len(found) < 850:
        text = rng.choice(good)
        if len(text) < 30:
            found[with_a_slip(text)] = None
    joined = lambda text: text.endswith(("\\", "\\\n"))  # a line joined to the ")" that f(text) adds
    ours = lambda text: differs_on_purpose(text) or differs_on_purpose(f"f({text}\n)") or joined(text)
    return [[text, call(text)] for text in found if text in CALLS or not ours(text)]


if __name__ == "__main__":
    golden = {
        "texts": texts(),
        "differences": [[why, text, evaluated(text), ours] for why, rows in DIFFERENCES for text, ours in rows],
        "pairs": pairs(),
        "reprs": reprs(),
        "calls": calls(),
    }
    for name, rows in golden.items():
        print(name, len(rows), len(json.dumps(rows, ensure_ascii=False)))
    lines = [
        f"{json.dumps(name)}: [\n" + ",\n".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in rows) + "\n]"
        for name, rows in golden.items()
    ]
    (HERE / "golden.json").write_text("{" + ",\n".join(lines) + "}\n", encoding="utf-8")
