"""
A new Python for every program, which is what a script in Python would do: no checks, one call of f, one pass.

Each line of stdin is [processes at a time, [program that prints, ...]]; the answer has the milliseconds.
"""

import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor


def run(program):
    return subprocess.run([sys.executable, "-c", program], capture_output=True).stdout


for line in sys.stdin:
    workers, programs = json.loads(line)
    start = time.perf_counter()
    with ThreadPoolExecutor(workers) as pool:
        outputs = list(pool.map(run, programs))
    print(json.dumps({"ms": 1000 * (time.perf_counter() - start), "outputs": len(outputs)}), flush=True)
