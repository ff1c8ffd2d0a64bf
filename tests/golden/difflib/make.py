"""Writes golden.json: how alike CPython's difflib finds pairs of sequences, to hold src/selfplay/difflib.ts against.

    python3 tests/golden/difflib/make.py

Needs Python 3 and nothing else; every version gives the same file. Each entry is [a, b, SequenceMatcher(None, a, b).ratio()];
a and b are texts, or lists of words.
"""

import json
import random
from difflib import SequenceMatcher
from pathlib import Path

dice = random.Random(20250503)

PROGRAMS = [
    "def f(a):\n    return a\n",
    "def f(a, b):\n    total = 0\n    for x in a:\n        total += x * b\n    return total\n",
    "def f(numbers, factor):\n    result = []\n    for n in numbers:\n        if n % 2 == 0:\n"
    "            result.append(n * factor)\n        else:\n            result.append(n)\n    return result\n",
    "def f(s):\n    seen = {}\n    for i, c in enumerate(s):\n        seen.setdefault(c, []).append(i)\n"
    "    return {k: v for k, v in seen.items() if len(v) > 1}\n",
    "class Stack:\n    def __init__(self):\n        self.items = []\n\n    def push(self, x):\n"
    "        self.items.append(x)\n\n\ndef f(xs):\n    s = Stack()\n    for x in xs:\n        s.push(x)\n"
    "    return s.items[::-1]\n",
]
# As the original compares programs: their syntax trees as JSON, long and full of frequent characters.
TREES = [
    json.dumps({"_type": "Module", "body": [{"_type": "FunctionDef", "name": "f", "args": list("abc"[:n]),
                "body": [{"_type": "Return", "value": {"_type": "Name", "id": "abc"[n % 3]}}] * (n + 1)}]})
    for n in range(1, 4)
]


def text(length, letters):
    return "".join(dice.choice(letters) for _ in range(length))


def slipped(original, slips):
    """The same with some elements changed, lost or doubled."""
    made = list(original)
    for _ in range(slips):
        i, j = (dice.randrange(len(made)) for _ in range(2))
        kind = dice.randrange(3)
        if kind == 0:
            made[i] = made[j]
        elif kind == 1:
            del made[i]
        else:
            made.insert(i, made[j])
    return made


def pairs():
    yield from [("", ""), ("a", ""), ("", "a"), ("abcd", "bcde"), ("tide", "diet"), ("diet", "tide"), ("ab" * 3, "ba" * 3)]
    yield from [("a😀b", "😀b"), ("é", "e\u0301")]
    yield from ((a, b) for a in PROGRAMS for b in PROGRAMS)
    yield from ((a, b) for a in TREES for b in TREES)
    # On both sides of the 200 elements from which frequent ones are left out, and of how frequent that is.
    for length in (198, 199, 200, 201, 299, 300, 400):
        for letters in ("ab", "abcdefgh", "".join(map(chr, range(33, 127))), "".join(map(chr, range(300, 500)))):
            a = text(length, letters)
            yield a, "".join(slipped(a, dice.randrange(1, 40)))
            yield "".join(slipped(a, 20)), a
    for size in (5, 40, 250):
        words = [f"w{dice.randrange(size)}" for _ in range(size)]
        yield words, slipped(words, 1 + size // 5)
        yield words, words[::-1]
    for _ in range(40):
        yield text(dice.randrange(12), "abc"), text(dice.randrange(12), "abc")


golden = [[a, b, SequenceMatcher(None, a, b).ratio()] for a, b in pairs()]
Path(__file__).with_name("golden.json").write_text("[\n" + ",\n".join(map(json.dumps, golden)) + "\n]\n")
print(f"{len(golden)} pairs")
