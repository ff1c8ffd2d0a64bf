"""
The sandbox's own Python in a native CPython that stays: the same gate, the same counting of steps, the same passes, and no walls.

The first line of stdin is the work, [[source, calls, passes], ...]; each further line has it done once.
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "src/sandbox/python"))
sys.dont_write_bytecode = True

import runner

jobs = json.loads(sys.stdin.readline())
runner.settle()
print(json.dumps({"jobs": len(jobs)}), flush=True)
for _ in sys.stdin:
    ok = 0
    for source, calls, passes in jobs:
        answer = json.loads(runner.run(source, calls, passes, 100_000, 20_000, 40))
        ok += all(outcome["verdict"] == "ok" for outcome in answer.get("outcomes", [answer]))
    print(json.dumps({"ok": ok}), flush=True)
