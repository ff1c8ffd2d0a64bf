"""Opens the checkpoints that we write with transformers and safetensors themselves.

    pip install torch transformers safetensors numpy
    python tests/golden/check_export.py

In float32 every tensor must be the original's, bit for bit, and so must the logits; in F16 and BF16 every tensor must
be what PyTorch's own conversion gives. A folder that transformers finds a missing or unexpected tensor in fails.
"""

import json
import subprocess
import tempfile
from pathlib import Path

import torch
import transformers
from safetensors.torch import load_file

HERE = Path(__file__).parent
TYPES = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16, "shards": torch.float32}


def tensors_of(folder):
    return {name: value for file in sorted(folder.glob("*.safetensors")) for name, value in load_file(file).items()}


def open_model(folder, **options):
    model, info = transformers.AutoModelForCausalLM.from_pretrained(folder, output_loading_info=True, **options)
    for kind in ("missing_keys", "unexpected_keys", "mismatched_keys"):
        assert not info[kind], f"{folder.name}: {kind} {info[kind]}"
    return model.eval()


def check(folder):
    name, _, kind = folder.name.rpartition("-")
    original, written = tensors_of_original(name), tensors_of(folder)
    dtype = TYPES[kind]
    assert original.keys() == written.keys(), folder.name
    for key, value in original.items():
        assert written[key].dtype == dtype and torch.equal(written[key], value.to(dtype)), f"{folder.name}: {key}"
    tokens = torch.tensor(json.loads((HERE / name / "golden.json").read_text())["tokens"])
    model = open_model(folder, dtype="auto")
    assert model.dtype == dtype, f"{folder.name}: opens as {model.dtype}"
    reference = open_model(HERE / name, dtype=dtype)
    with torch.no_grad():
        assert torch.equal(model(tokens).logits, reference(tokens).logits), f"{folder.name}: logits differ"
    before, after = ({k: v for k, v in json.loads((where / "config.json").read_text()).items() if k != "dtype"}
                     for where in (HERE / name, folder))
    assert before == after, f"{folder.name}: config.json changed"
    files = len(list(folder.glob("*.safetensors")))
    print(f"{folder.name}: {len(written)} tensors in {files} file(s), same bits, same logits")


def tensors_of_original(name):
    return load_file(HERE / name / "model.safetensors")


def check_born(folder):
    model = open_model(folder)
    size = sum(parameter.numel() for parameter in model.parameters())
    text = model.generate(torch.tensor([[0, 5, 6]]), max_new_tokens=4, do_sample=False, pad_token_id=0)
    std = model.model.embed_tokens.weight.std().item()
    print(f"born: {size} parameters, embedding std {std:.4f}, generates {text.tolist()[0]}")


if __name__ == "__main__":
    transformers.utils.logging.disable_progress_bar()
    with tempfile.TemporaryDirectory() as out:
        subprocess.run(["node", str(HERE / "export.mjs"), out], check=True, cwd=HERE.parent.parent)
        folders = sorted(Path(out).iterdir())
        for folder in folders:
            check_born(folder) if folder.name == "born" else check(folder)
    print(f"{len(folders)} checkpoints opened")
