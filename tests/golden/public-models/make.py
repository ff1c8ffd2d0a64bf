"""The parameters that transformers counts in some models of the Hub, from their config.json: python make.py (transformers 5.23).

configs.json has the fields of each model's config.json on the Hub (https://huggingface.co/ID/blob/main/config.json) that decide its shape.
"""

import json
from pathlib import Path

import torch
from transformers import AutoConfig, AutoModelForCausalLM

here = Path(__file__).parent
configs = json.loads((here / "configs.json").read_text())
counts = {}
for name, fields in configs.items():
    config = AutoConfig.for_model(fields["model_type"], **{k: v for k, v in fields.items() if k != "model_type"})
    with torch.device("meta"):
        counts[name] = AutoModelForCausalLM.from_config(config).num_parameters()
(here / "counts.json").write_text(json.dumps(counts, indent=2) + "\n")
