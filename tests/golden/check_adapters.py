"""Opens in PEFT and transformers what our engine trained and exported, and compares what they compute.

    pip install torch transformers peft safetensors numpy
    python tests/golden/check_adapters.py

For every golden adapter, after some steps of our training: the adapter folder beside its base in PEFT, and the merged model in
transformers, must give the log-probabilities that our engine gives, within 1e-4, for every word at every position.
"""

import json
import subprocess
import tempfile
from pathlib import Path

import peft
import torch
import transformers

HERE = Path(__file__).parent


def open_model(folder):
    model, info = transformers.AutoModelForCausalLM.from_pretrained(folder, output_loading_info=True, dtype=torch.float32)
    for kind in ("missing_keys", "unexpected_keys", "mismatched_keys"):
        assert not info[kind], f"{folder}: {kind} {info[kind]}"
    return model.eval()


def check(folder):
    ours = json.loads((folder / "ours.json").read_text())
    expected = torch.tensor(ours["logProbs"]).T
    adapted = peft.PeftModel.from_pretrained(open_model(folder / "base"), folder / "adapter").eval()
    matrices = sum("lora_" in name for name, _ in adapted.named_parameters())
    far = {}
    for name, model in {"adapter": adapted, "merged": open_model(folder / "merged")}.items():
        with torch.no_grad():
            log_p = model(torch.tensor([ours["tokens"]])).logits[0].log_softmax(-1)
        far[name] = (log_p - expected).abs().max().item()
        assert far[name] < 1e-4, f"{folder.name}: {name} is {far[name]} from ours"
    print(f"{folder.name}: {matrices} matrices in PEFT;", ", ".join(f"{k} within {v:.1e} of ours" for k, v in far.items()))


if __name__ == "__main__":
    transformers.utils.logging.disable_progress_bar()
    with tempfile.TemporaryDirectory() as out:
        script = HERE / "export-adapters.mjs"
        subprocess.run(["node", str(script), out], check=True, cwd=HERE.parent.parent)
        for folder in sorted(Path(out).iterdir()):
            check(folder)
