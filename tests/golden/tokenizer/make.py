"""Writes tokenizer.json, which our own code made, and golden.json: what Hugging Face's tokenizers makes of texts with it.

    pip install tokenizers==0.23.3 transformers==5.23.0
    python3 tests/golden/tokenizer/make.py

Needs Node with the packages of this repository, too. Every text is compared with the ids that our own code gives it, and with
what it decodes them to; some are kept. Each entry of golden.json is [text, ids].
"""

import json
import subprocess
import tempfile
from pathlib import Path

from tokenizers import Tokenizer
from transformers import AutoTokenizer

HERE = Path(__file__).parent

written = subprocess.run(
    ["node", str(HERE / "write.mjs")], cwd=HERE.parents[2], check=True, capture_output=True, text=True
)
ours = json.loads(written.stdout)
with tempfile.TemporaryDirectory() as folder:
    for name, text in ours["files"].items():
        Path(folder, name).write_text(text, encoding="utf-8")
    plain = Tokenizer.from_file(str(Path(folder, "tokenizer.json")))
    fast = AutoTokenizer.from_pretrained(folder)
assert (fast.eos_token, len(fast)) == ("⟨end⟩", plain.get_vocab_size())

golden = []
for number, (text, ids, decoded) in enumerate(ours["texts"]):
    theirs = plain.encode(text).ids
    assert theirs == ids, (text, ids, theirs)
    assert fast(text)["input_ids"] == ids, text
    assert plain.decode(ids, skip_special_tokens=False) == decoded, text
    assert fast.decode(ids) == decoded, (text, fast.decode(ids))
    if number < 70 or number % 60 == 0:
        golden.append([text, ids])
print(f"{len(ours['texts'])} texts, all alike; {plain.get_vocab_size()} tokens; {len(golden)} kept")
(HERE / "tokenizer.json").write_text(ours["files"]["tokenizer.json"], encoding="utf-8")
lines = ",\n".join(json.dumps(entry, ensure_ascii=True) for entry in golden)
(HERE / "golden.json").write_text(f"[\n{lines}\n]\n")
