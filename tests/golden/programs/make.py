"""
Writes golden.json: 1,000 programs of tests/programs/generate.ts and what CPython makes of them.

    python3 tests/golden/programs/make.py

Needs Python 3.12 or later, and Node with the packages of this repository. Every program runs in a fresh namespace under two hash
seeds, and the two must agree, or the generator has a fault; two runs of one Python write the same file.

Each line is [program, input, verdict, answer]:

    ok                  the repr of the value
    error               the class of the exception
    too-long            null: the repr has more than 400 characters
    unsupported-value   null: what is returned is not plain data, or not a number
    nondeterministic    null: the repr shows an address
"""

import json
import math
import os
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
COUNT = 1000
LONGEST = 400  # Limits.output of src/sandbox/executor.ts

LEAVES = {type(None), bool, int, float, complex, str, bytes}


def is_plain(value):
    kind = type(value)
    if kind is dict:
        return all(is_plain(part) for item in value.items() for part in item)
    if kind in (list, tuple, set, frozenset):
        return all(map(is_plain, value))
    return kind in LEAVES and not (kind is float and math.isnan(value))


def answer(program, text):
    namespace = {"__name__": "program"}
    try:
        exec(compile(program, "program", "exec", dont_inherit=True), namespace)
        value = eval(f"f({text})", namespace)
    except Exception as error:
        return ["error", type(error).__name__]
    if not is_plain(value):
        return ["unsupported-value", None]
    try:
        shown = repr(value)
    except ValueError:  # an integer of more than 4,300 digits
        return ["too-long", None]
    if len(shown) > LONGEST:
        return ["too-long", None]
    if re.search(r" at 0x[0-9a-f]+>", shown):
        return ["nondeterministic", None]
    return ["ok", shown]


def without_order(entry):
    """Two seeds show the members of a set in different orders."""
    verdict, shown = entry
    return (verdict, eval(shown) if verdict == "ok" and "{" in shown and "inf" not in shown else shown)


def main():
    programs = subprocess.run(
        ["node", str(HERE / "write.mjs"), str(COUNT)], check=True, capture_output=True, text=True, encoding="utf-8"
    ).stdout
    runs = [
        json.loads(
            subprocess.run(
                [sys.executable, __file__, "answers"],
                env={**os.environ, "PYTHONHASHSEED": seed},
                input=programs,
                check=True,
                capture_output=True,
                text=True,
                encoding="utf-8",
            ).stdout
        )
        for seed in "01"
    ]
    lines = []
    for task, first, second in zip(json.loads(programs), *runs, strict=True):
        if without_order(first) != without_order(second):
            sys.exit(f"This program depends on the hash seed:\n{task['program']}\n{task['input']}\n{first}\n{second}")
        lines.append(json.dumps([task["program"], task["input"], *first], ensure_ascii=False))
    (HERE / "golden.json").write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")
    counts = {}
    for verdict, _ in runs[0]:
        counts[verdict] = counts.get(verdict, 0) + 1
    print(counts)


if __name__ == "__main__":
    if sys.argv[1:] == ["answers"]:
        tasks = json.load(sys.stdin)
        print(json.dumps([answer(task["program"], task["input"]) for task in tasks]))
    else:
        main()
