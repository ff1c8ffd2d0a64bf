"""Writes the golden data of adapters: what PEFT and PyTorch compute for LoRA beside tiny models, to hold our engine against.

    pip install torch transformers peft safetensors numpy
    python tests/golden/make_adapters.py

As in make.py, whose cases most of the bases are: float32 weights, mathematics in float64, and two runs write identical files.

    adapters/<case>/config.json                                 the base model's, with room for longer texts
    adapters/<case>/model.safetensors                           its weights, where make.py has none like it
    adapters/<case>/adapter_config.json, adapter_model.safetensors      as PEFT writes them
    adapters/<case>/golden.json, golden.safetensors             see load-adapters.ts for the meaning
"""

import json
import shutil

import peft
import torch
import transformers
import transformers.models.llama.modeling_llama as llama
from safetensors.torch import save_file

from make import HERE, VOCAB, as_float32, compute_in_float64, greedy, log_probs, make_batch, randomise, write_json

ALL = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
POSITIONS, RANK, ALPHA = 256, 4, 6
ADAMW = dict(learningRate=1e-2, betas=(0.9, 0.95), eps=1e-4, weightDecay=0.1, maxNorm=1.0, steps=3)

# SmolLM2's proportions: three query heads for each key head, the head tied, a rotation that is slow, eps of 1e-5.
SMOLLM2 = transformers.LlamaConfig(
    vocab_size=VOCAB, hidden_size=36, intermediate_size=64, num_hidden_layers=2, num_attention_heads=9,
    num_key_value_heads=3, max_position_embeddings=POSITIONS, tie_word_embeddings=True, rms_norm_eps=1e-5,
    rope_parameters={"rope_type": "default", "rope_theta": 100000.0}, attn_implementation="eager",
)
# The base, and what is adapted: everything, what PEFT takes by default, and what is left over.
CASES = {
    "llama": ("llama-tiny", ALL),
    "qwen2": ("qwen2-tiny", ["q_proj", "v_proj"]),
    "qwen3": ("qwen3-tiny", ["k_proj", "o_proj", "up_proj", "down_proj"]),
    "smollm2": (None, ALL),
}


def open_base(base, generator):
    if base is None:
        model = llama.LlamaForCausalLM(SMOLLM2)
        randomise(model, generator)
        return model.eval()
    config = transformers.AutoConfig.from_pretrained(HERE / base)
    config.max_position_embeddings = POSITIONS
    return transformers.AutoModelForCausalLM.from_pretrained(
        HERE / base, config=config, dtype=torch.float32, attn_implementation="eager"
    ).eval()


def trained(model):
    """By the names of adapter_model.safetensors."""
    return {name.replace(".default", ""): p for name, p in model.named_parameters() if p.requires_grad}


def train(model, batch, weights):
    parameters = list(trained(model).values())
    optimizer = torch.optim.AdamW(parameters, lr=ADAMW["learningRate"], betas=ADAMW["betas"], eps=ADAMW["eps"],
                                  weight_decay=ADAMW["weightDecay"])
    record = dict(losses=[], gradientNorms=[])
    for _ in range(ADAMW["steps"]):
        model.zero_grad(set_to_none=True)
        loss = -(weights * log_probs(model, batch["tokens"], batch["targets"])[1]).sum()
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(parameters, ADAMW["maxNorm"])
        optimizer.step()
        record["losses"].append(loss.item())
        record["gradientNorms"].append(norm.item())
    return record


def make(case, base, targets):
    generator = torch.Generator().manual_seed(len(case) + len(targets))
    folder = HERE / "adapters" / case
    shutil.rmtree(folder, ignore_errors=True)
    model = open_base(base, generator)
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    if base is not None:
        (folder / "model.safetensors").unlink()

    settings = peft.LoraConfig(r=RANK, lora_alpha=ALPHA, target_modules=targets, lora_dropout=0.0, task_type="CAUSAL_LM")
    model = peft.get_peft_model(model, settings).eval()
    with torch.no_grad():
        for _, parameter in sorted(trained(model).items()):
            parameter.copy_(0.2 * torch.randn(parameter.shape, generator=generator, dtype=torch.float32))
    model.save_pretrained(folder)
    (folder / "README.md").unlink(missing_ok=True)
    path = folder / "adapter_config.json"
    config = json.loads(path.read_text())
    # A set of names and a path on this machine would differ from run to run.
    path.write_text(json.dumps({**config, "target_modules": targets, "base_model_name_or_path": base or case}, indent=1))
    model = model.to(torch.float64)

    batch = make_batch(generator)
    mask = batch["mask"]
    uneven = 0.5 + torch.rand(mask.shape, generator=generator, dtype=torch.float64)
    weights = as_float32(mask * uneven / mask.sum())
    logits, log_p, _ = log_probs(model, batch["tokens"], batch["targets"])
    loss = -(weights * log_p).sum()
    loss.backward()
    tensors = {"logits": logits.detach()} | {f"gradient/{name}": p.grad for name, p in trained(model).items()}
    with torch.no_grad():
        texts = greedy(model, generator, steps=128, lengths=(3, 9), least=2e-3)
    adamw = train(model, batch, weights)
    with torch.no_grad():
        tensors |= {f"adamw/{name}": p.detach() for name, p in trained(model).items()}
        tensors["adamw logits"] = log_probs(model, batch["tokens"], batch["targets"])[0]
    save_file({key: value.to(torch.float32).contiguous() for key, value in tensors.items()},
              folder / "golden.safetensors")
    write_json(folder / "golden.json", dict(tokens=batch["tokens"], targets=batch["targets"], weights=weights,
                                            logProbs=log_p.detach(), loss=loss.item(), adamw={**ADAMW, **adamw},
                                            greedy=texts))
    print(case, round(loss.item(), 4), "gradient norms", [round(n, 2) for n in adamw["gradientNorms"]],
          "greedy margin", round(min(text["margin"] for text in texts), 4))


if __name__ == "__main__":
    transformers.utils.logging.disable_progress_bar()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    compute_in_float64()
    for case, (base, targets) in CASES.items():
        make(case, base, targets)
