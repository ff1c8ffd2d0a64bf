"""Writes golden.jsonl: what the original makes of completions, to hold our paper parsing against.

    python3 make.py <checkout of LeapLabTHU/Absolute-Zero-Reasoner, at a82124e> [how many random texts] [where to]

Needs Python alone: of the original, just the functions that read text are loaded. To look further than the committed file does,
write another one with more texts and name it in ZEROLOOP_PAPER_GOLDEN when the tests run. One line for each text:

    text
    unwrapped   [format, thought, answer] with tags, the text being what follows "Assistant: <think>"
    boxed       the same with \\boxed{}, the text being what follows "Assistant: "
    retried     the answer with tags and boxed_retry
    proposals   [program, input] or null, for each setting in SETTINGS
    inputs      [inputs, message] or null, of 2 inputs
    values      [input, output]
    program     of an answer, or null
    test        does the text, taken for a program, seem to hold a test?
"""

import ast
import json
import random
import re
import sys
import typing
from pathlib import Path

ROOT = Path(sys.argv[1]) / "absolute_zero_reasoner"
COUNT = int(sys.argv[2]) if len(sys.argv) > 2 else 400
TO = Path(sys.argv[3]) if len(sys.argv) > 3 else Path(__file__).parent / "golden.jsonl"
rng = random.Random(20240611)

# [code_location, reject_multiple_functions, reject_test_input_in_code, f_replace_location]
SETTINGS = [
    ["first", True, False, "not_first"],
    ["last", False, False, "any_last"],
    ["first", False, True, "any_first"],
    ["first", False, False, "not_last"],
]

# ---- The original ----------------------------------------------------------------------------------------------------

scope = {**vars(typing), "re": re, "ast": ast}
for file, names in {
    "utils/code_utils/parsers.py": {"parse_imports"},
    "rewards/code_reward.py": {"has_test_input", "parse_code_input_output", "parse_inputs_message", "parse_code_function"},
    "rewards/custom_evaluate.py": {"extract_answer", "extract_thought", "get_format_reward", "last_boxed_only_string"},
    "rewards/reward_managers.py": {"extract_input_output"},
}.items():
    for node in ast.walk(ast.parse((ROOT / file).read_text())):
        if isinstance(node, ast.FunctionDef) and node.name in names:
            node.decorator_list = []
            exec(compile(ast.Module([node], []), file, "exec"), scope)


def unwrap(text, kind, retry=False):
    start = "<think>" if kind == "answer" else ""
    generation = f"User: do it\nAssistant: {start}{text}".split("Assistant:")[1].strip().strip("\"'")
    return [
        scope["get_format_reward"](generation, kind) == 1,
        scope["extract_thought"](generation),
        scope["extract_answer"](generation, kind, boxed_retry=retry),
    ]


def proposal(text, setting):
    location, multiple, test, replace = setting
    ok, parts = scope["parse_code_input_output"](
        text,
        parse_output=False,
        reject_multiple_functions=multiple,
        reject_test_input_in_code=test,
        f_replace_location=replace,
        code_location=location,
    )
    return [parts["code"], parts["input"]] if ok else None


def inputs(text):
    ok, parts = scope["parse_inputs_message"](text, 2)
    return [parts["inputs"], parts["message"]] if ok else None


def program(text):
    ok, code = scope["parse_code_function"](text)
    return code if ok else None


def line(text):
    return {
        "text": text,
        "unwrapped": unwrap(text, "answer"),
        "boxed": unwrap(text, "boxed"),
        "retried": unwrap(text, "answer", True)[2],
        "proposals": [proposal(text, setting) for setting in SETTINGS],
        "inputs": inputs(text),
        "values": [
            scope["extract_input_output"](text, True, False),
            scope["extract_input_output"](text, False, True),
        ],
        "program": program(text),
        "test": scope["has_test_input"](text),
    }


# ---- Texts -----------------------------------------------------------------------------------------------------------

PROGRAM = "```python\ndef f(a):\n    return a + 1\n```"
PICKED = [
    "",
    "a</think> <answer>b</answer>",
    "a</think> and <answer>b</answer>",
    "a</think> <answer>b",
    "a</think> <answer>b</answer> and more",
    "a</think> foo </think><answer>b</answer>",
    "a</think><answer>b</answer><answer>c</answer>",
    "a</think><answer>b</answer>\nUser: x\nAssistant: <think>c</think><answer>d</answer>",
    "a</think><answer>b</answer>'\"'",
    "no tags, but \\boxed{x{y}z} and \\fbox{w}",
    "no tags, but \\boxed 5$ and \\boxed 6$ and more",
    "\\boxed{open",
    "only an \\fbox{w} here",
    f"{PROGRAM}\n```input\n1\n```",
    f"```input\n1\n```\n{PROGRAM}",
    "```py\ndef f(a): return a\n```\n```input\n1\n```",
    "```Python\ndef f(a): return a\n```\n```INPUT\n1\n```",
    "```python def f(a): return a```\n```input 1```",
    f"{PROGRAM}\n# Input: 1, 2\n```",
    f"{PROGRAM}\n# Input:\n\n1, 2\n",
    f"{PROGRAM}\n# input: 1\n# input: 2",
    f"{PROGRAM}\n```input\n1",
    f"{PROGRAM[:-3]}",
    "```python\nclass A:\n    def __init__(self):\n        pass\n\ndef f(a): return a\n```\n```input\n1\n```",
    "```python\ndef g(n):\n    return n and g(n - 1) + f.g(n)\n\ndef h(a): return g (a)\n```\n```input\n1\n```",
    "```python\ndef go(a): return a\n\ndef f(a): return go(a) + algo(a)\n```\n```input\n1\n```",
    "````python\ndef f(a): return a\n````\n```input\n1\n```",
    "\n".join(f"```input\n{i}\n```" for i in range(12)) + "\n```message\nadds\n```",
    "```input\n1\n```\n```input\n2\n```\n<message> adds </message>",
    "```input\n1\n```\n```input\n2\n```\n# Message: adds\nand more\n```",
    "# Input: 1\n# Input: 2\n```message\nadds\n```",
    "```output\n 5 \n```",
    "# Output: 5\n```",
    "output(5, (6))",
    "<output> 5 </output> <output> 6",
    "So the output is 5.",
    "so THE OUTPUT IS\n5.\n",
    "the input is 1.5",
    "<input>'a', 2",
    "input ( 'x' ) and input('y')",
    "just 5",
    "return f(n)  # recursion",
    "x = f([1], [2])",
    "assertion = 1",
    "my_input_1\n= 3",
    "result  = 3",
    "results = 3",
    "# An example",
    "  input  ",
    "print( f(3) )x",
]

PIECES = """<think> </think> <answer> </answer> ``` ```python ```input ```output ```message ```py ```Python\n \n \n \n \n\n
    def\u0020f(a): def\u0020g(b): def f g f( g( go( ) ( : return class\u0020A: 1 2 'x' "y" . , = # #\u0020Input: #\u0020Output:
    #\u0020Message: input output input( output( <input> </input> <output> </output> <message> </message> the\u0020input\u0020is
    the\u0020output\u0020is Assistant: User: \\boxed{ } \\boxed \\boxed\u0020 \\fbox{ $ { assert result expected test example
    f([ ]) print( é \u00a0 \u2003 \t \r\n ``""".replace("\\n", "\n").split(" ")
PIECES = [piece.replace("\n    ", "") for piece in PIECES] + ["\n", "\n", "\n", " ", " ", "\n```", "\n```\n", "    ", "```\n"]


def random_text():
    return "".join(rng.choice(PIECES) + rng.choice(["", "", " ", "\n"]) for _ in range(rng.randint(1, 24)))


def likely_text():
    """Blocks that are mostly whole, in any order."""
    blocks = [
        "```python\ndef f(a):\n    return a\n```",
        "```python\ndef g(b):\n    return g(b - 1)\n\ndef h(c):\n    return f(g(c))\n```",
        "```\nimport math\ndef  solve (x):\n\treturn solve (x)\n```",
        "```input\n1, 'a'\n```",
        "```input [1]\n```",
        "```output\n'b'\n```",
        "```message\nIt adds.\n```",
        "# Input: 3",
        "# Output: 4.",
        "The output is 'c'.",
        "</think>",
        "<answer>",
        "</answer>",
        "\\boxed{4}",
        "Assistant:",
        random_text(),
    ]
    text = rng.choice(["", " ", "\n", "\n\n"]).join(rng.choice(blocks) for _ in range(rng.randint(2, 7)))
    return text if rng.random() < 0.6 else f"so</think>{rng.choice(['', ' ', ' n '])}<answer>{text}</answer>"


if __name__ == "__main__":
    texts = PICKED + [random_text() if i % 2 else likely_text() for i in range(COUNT)]
    with open(TO, "w", encoding="utf-8") as file:
        for text in dict.fromkeys(texts):
            file.write(json.dumps(line(text), ensure_ascii=False) + "\n")
