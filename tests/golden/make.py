"""Writes the golden data: what PyTorch and transformers compute for four tiny models, to hold our engine against.

    pip install torch transformers safetensors numpy
    python tests/golden/make.py

Every case is one family of models with random float32 weights. The mathematics is transformers' own code, run in
float64: its few casts to float32 (in the norms, RoPE and softmax) are lifted to float64 below, so that what remains
is the exact answer and not somebody else's rounding. Two runs write identical files.

    <case>/config.json, model.safetensors    the model, as save_pretrained writes it
    <case>/golden.json                       inputs, losses, log-probs, schedules (see load.ts for the meaning)
    <case>/golden.safetensors                logits, gradients and trained parameters (F32)

large-vocabulary is less than the others: the cross-entropy of one batch and its gradients, which are large enough.
"""

import json
import math
import types
from pathlib import Path

import torch
import transformers
import transformers.modeling_rope_utils as rope_utils
import transformers.models.llama.modeling_llama as llama
import transformers.models.qwen2.modeling_qwen2 as qwen2
import transformers.models.qwen3.modeling_qwen3 as qwen3
from safetensors.torch import save_file

HERE = Path(__file__).parent
VOCAB, ROWS, LENGTH = 61, 3, 16

# What every case shares. 64 original positions put Llama 3's scaling through all three of its branches.
SHARED = dict(
    vocab_size=VOCAB,
    hidden_size=32,
    intermediate_size=36,
    num_hidden_layers=2,
    max_position_embeddings=128,
    attn_implementation="eager",
)
CASES = {
    "llama-tiny": lambda: llama.LlamaForCausalLM(
        transformers.LlamaConfig(
            **SHARED, num_attention_heads=4, num_key_value_heads=2, tie_word_embeddings=True, rms_norm_eps=1e-5
        )
    ),
    "llama3-rope": lambda: llama.LlamaForCausalLM(
        transformers.LlamaConfig(
            **SHARED,
            num_attention_heads=2,  # heads of 16, which onnxruntime's fused attention wants
            num_key_value_heads=2,
            tie_word_embeddings=False,
            rope_parameters={
                "rope_type": "llama3",
                "rope_theta": 10000.0,
                "factor": 8.0,
                "low_freq_factor": 1.0,
                "high_freq_factor": 4.0,
                "original_max_position_embeddings": 64,
            },
        )
    ),
    "qwen2-tiny": lambda: qwen2.Qwen2ForCausalLM(
        transformers.Qwen2Config(
            **SHARED,
            num_attention_heads=4,
            num_key_value_heads=2,
            tie_word_embeddings=True,
            # Softmax does not see a bias that all keys share but for their rotation: with slow rotations its gradient
            # all but vanishes, and Adam, which divides by its size, would train it on rounding errors.
            rope_parameters={"rope_type": "default", "rope_theta": 1000.0},
        )
    ),
    "qwen3-tiny": lambda: qwen3.Qwen3ForCausalLM(
        transformers.Qwen3Config(
            **SHARED,
            num_attention_heads=6,
            num_key_value_heads=2,
            head_dim=16,  # 6 heads of 16 are wider than the hidden size, as in the smallest Qwen3
            tie_word_embeddings=True,
            rope_parameters={"rope_type": "default", "rope_theta": 1000000.0},
        )
    ),
}

# Chosen so that training is well conditioned (PyTorch in float32 ends within 1.4e-7 of float64, relative to each
# tensor: no gradient so small that Adam would amplify its rounding) and the gradient norm falls past the clip of 1.
SEEDS = {"llama-tiny": 15, "llama3-rope": 20, "qwen2-tiny": 9, "qwen3-tiny": 2}

CLIP_LOW, CLIP_HIGH, ENTROPY, KL = 0.2, 0.28, 0.01, 0.05
ADAMW = dict(betas=(0.9, 0.95), eps=1e-8, weightDecay=0.1, maxNorm=1.0, peak=1e-3, steps=10)


def compute_in_float64():
    """transformers casts to float32 inside its layers; give those modules a torch whose float32 is float64."""
    double = types.ModuleType("torch")
    double.__dict__.update(torch.__dict__)
    double.float32 = double.float = torch.float64
    for module in (llama, qwen2, qwen3, rope_utils):
        module.torch = double
    torch.Tensor.float = torch.Tensor.double


def as_float32(values):
    """Rounded to float32, so that an engine that takes float32 is given exactly the same inputs."""
    return values.to(torch.float32).to(torch.float64)


def randomise(model, generator):
    """Weights large enough for telling gradients, norms around one; every value is a float32 exactly."""
    with torch.no_grad():
        for name, parameter in sorted(model.named_parameters()):
            noise = torch.randn(parameter.shape, generator=generator, dtype=torch.float32)
            parameter.copy_(1 + 0.2 * noise if "norm" in name else 0.2 * noise)


def log_probs(model, tokens, targets):
    logits = model(tokens, use_cache=False).logits
    assert logits.dtype == torch.float64
    log_p = logits.log_softmax(-1)
    entropy = -(log_p.exp() * log_p).sum(-1)
    return logits, log_p.gather(-1, targets[..., None])[..., 0], entropy


def gradients(model, loss):
    model.zero_grad(set_to_none=True)
    loss.backward()
    return {name: parameter.grad.to(torch.float32) for name, parameter in model.named_parameters()}


def make_batch(generator):
    """Rows of a prompt, a response and padding. Position n of a row predicts targets[n], the next token."""
    prompt, length = [3, 7, 5], [16, 12, 15]  # in predicted positions: a response begins where its prompt ends
    text = torch.randint(3, VOCAB, (ROWS, LENGTH + 1), generator=generator)
    position = torch.arange(LENGTH)
    mask = torch.stack([((position >= p - 1) & (position < n)).double() for p, n in zip(prompt, length)])
    tokens = torch.stack([torch.where(position < n, row[:-1], 0) for row, n in zip(text, length)])
    targets = torch.stack([torch.where(position < n, row[1:], 0) for row, n in zip(text, length)])
    return dict(tokens=tokens, targets=targets, mask=mask, promptLengths=prompt, lengths=length)


def make_ppo(log_p, mask, generator):
    """Old and reference log-probs around the model's own, so that ratios fall on both sides of both clips."""
    noise = lambda std: torch.randn(log_p.shape, generator=generator, dtype=torch.float64) * std
    while True:
        old, ref = as_float32(log_p + noise(0.35)), as_float32(log_p + noise(0.3))
        advantages = as_float32(noise(1.0))
        ratio = (log_p - old).exp()[mask > 0]
        positive = (advantages > 0)[mask > 0]
        above, below = ratio > 1 + CLIP_HIGH, ratio < 1 - CLIP_LOW
        corners = [above & positive, above & ~positive, below & positive, below & ~positive]
        # A token on the very edge of a clip would make the gradient a matter of rounding.
        edge = torch.stack([ratio - (1 + CLIP_HIGH), ratio - (1 - CLIP_LOW)]).abs().min()
        if all(corner.any() for corner in corners) and edge > 2e-3:
            return dict(oldLogProbs=old, refLogProbs=ref, advantages=advantages)


def ppo_loss(log_p, entropy, ppo, weights):
    ratio = (log_p - ppo["oldLogProbs"]).exp()
    surrogate = torch.minimum(
        ratio * ppo["advantages"], ratio.clamp(1 - CLIP_LOW, 1 + CLIP_HIGH) * ppo["advantages"]
    )
    log_ratio = ppo["refLogProbs"] - log_p
    k3 = log_ratio.exp() - log_ratio - 1
    return (weights * (-surrogate - ENTROPY * entropy + KL * k3)).sum()


def train(model, batch, weights):
    """Ten steps of torch.optim.AdamW on the cross-entropy of one batch, with a falling learning rate."""
    matrices = [p for p in model.parameters() if p.ndim > 1]
    vectors = [p for p in model.parameters() if p.ndim == 1]
    optimizer = torch.optim.AdamW(
        [
            {"params": matrices, "weight_decay": ADAMW["weightDecay"]},
            {"params": vectors, "weight_decay": 0.0},
        ],
        lr=ADAMW["peak"],
        betas=ADAMW["betas"],
        eps=ADAMW["eps"],
    )
    record = dict(learningRates=[], losses=[], gradientNorms=[])
    for step in range(ADAMW["steps"]):
        learning_rate = ADAMW["peak"] * (1 - step / ADAMW["steps"])
        for group in optimizer.param_groups:
            group["lr"] = learning_rate
        model.zero_grad(set_to_none=True)
        _, log_p, _ = log_probs(model, batch["tokens"], batch["targets"])
        loss = -(weights * log_p).sum()
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), ADAMW["maxNorm"])
        optimizer.step()
        record["learningRates"].append(learning_rate)
        record["losses"].append(loss.item())
        record["gradientNorms"].append(norm.item())
    return record


def shared_prompt(model, generator):
    """One prompt, three responses, each scored as a text of its own: what a packed row must reproduce."""
    prompt = torch.randint(3, VOCAB, (6,), generator=generator)
    responses, scores = [], []
    for length in (5, 3, 7):
        response = torch.randint(3, VOCAB, (length,), generator=generator)
        text = torch.cat([prompt, response])[None]
        _, log_p, _ = log_probs(model, text[:, :-1], text[:, 1:])
        responses.append(response.tolist())
        scores.append(log_p[0, len(prompt) - 1 :].tolist())
    return dict(prompt=prompt.tolist(), responses=responses, logProbs=scores)


def greedy(model, generator, steps=24, lengths=(2, 5, 9), least=0.02):
    """The most probable next token, again and again; prompts with a near tie are drawn anew."""
    texts = []
    for length in lengths:
        margin = 0.0
        while margin < least:
            prompt = torch.randint(3, VOCAB, (length,), generator=generator).tolist()
            text, scores, margin = list(prompt), [], math.inf
            for _ in range(steps):
                log_p = model(torch.tensor([text]), use_cache=False).logits[0, -1].log_softmax(-1)
                (best, second), (token, _) = log_p.topk(2)
                margin = min(margin, (best - second).item())
                text.append(token.item())
                scores.append(best.item())
        texts.append(dict(prompt=prompt, continuation=text[length:], logProbs=scores, margin=margin))
    return texts


def write_json(path, data):
    """One key a line: small, and still readable in a diff."""
    plain = lambda value: value.tolist() if isinstance(value, torch.Tensor) else value
    flat = {key: {k: plain(v) for k, v in value.items()} if isinstance(value, dict) else plain(value)
            for key, value in data.items()}
    lines = [f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in flat.items()]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")


def make(name, build, seed):
    generator = torch.Generator().manual_seed(seed)
    model = build().eval()
    randomise(model, generator)
    folder = HERE / name
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    model = model.to(torch.float64)

    batch = make_batch(generator)
    mask = batch["mask"]
    logits, log_p, entropy = log_probs(model, batch["tokens"], batch["targets"])
    uneven = 0.5 + torch.rand(mask.shape, generator=generator, dtype=torch.float64)
    weights = as_float32(mask * uneven / mask.sum() / 3)  # a third: the gradient norm then falls past the clip
    ppo = make_ppo(log_p.detach(), mask, generator)
    means = {
        "tokenMean": mask / mask.sum(),
        "sequenceMean": mask / mask.sum(-1, keepdim=True) / ROWS,
    }

    cross_entropy = -(weights * log_p).sum()
    tensors = {"logits": logits.detach().to(torch.float32)}
    losses = {"crossEntropy": cross_entropy.item()}
    found = {"crossEntropy": gradients(model, cross_entropy)}
    for mean, share in means.items():
        _, fresh, spread = log_probs(model, batch["tokens"], batch["targets"])
        loss = ppo_loss(fresh, spread, ppo, share)
        losses[mean] = loss.item()
        found[mean] = gradients(model, loss)
    for kind, grads in found.items():
        tensors |= {f"gradient/{kind}/{parameter}": grad for parameter, grad in grads.items()}

    with torch.no_grad():
        packed, texts = shared_prompt(model, generator), greedy(model, generator)
    adamw = train(model, batch, weights)
    tensors |= {f"adamw/{parameter}": value.detach().to(torch.float32) for parameter, value in model.named_parameters()}

    save_file({key: value.contiguous() for key, value in tensors.items()}, folder / "golden.safetensors")
    write_json(
        folder / "golden.json",
        {
            **batch,
            "logProbs": log_p.detach(),
            "entropy": entropy.detach(),
            "weights": weights,
            "ppo": {**ppo, "clipLow": CLIP_LOW, "clipHigh": CLIP_HIGH, "entropyCoefficient": ENTROPY,
                    "klCoefficient": KL},
            "ppoWeights": means,
            "losses": losses,
            "adamw": {**{key: value for key, value in ADAMW.items() if key != "peak"}, **adamw},
            "sharedPrompt": packed,
            "greedy": texts,
        },
    )
    print(name, {k: round(v, 4) for k, v in losses.items()},
          "gradient norms", [round(n, 2) for n in adamw["gradientNorms"]],
          "greedy margin", round(min(text["margin"] for text in texts), 3))


def make_large_vocabulary():
    """A vocabulary of which a batch uses few tokens, again and again: the first and the last of it are among them."""
    generator = torch.Generator().manual_seed(5)
    size, used = 5003, torch.tensor([0, 1, 7, 4095, 4096, 5002])
    config = transformers.LlamaConfig(
        vocab_size=size,
        hidden_size=16,
        intermediate_size=24,
        num_hidden_layers=1,
        num_attention_heads=1,
        max_position_embeddings=128,
        tie_word_embeddings=True,
        attn_implementation="eager",
    )
    model = llama.LlamaForCausalLM(config).eval()
    randomise(model, generator)
    folder = HERE / "large-vocabulary"
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    model = model.to(torch.float64)

    tokens = used[torch.randint(len(used), (ROWS, LENGTH), generator=generator)]
    targets = torch.randint(size, (ROWS, LENGTH), generator=generator)  # and every other one is among those used
    targets[:, ::2] = used[torch.randint(len(used), (ROWS, LENGTH // 2), generator=generator)]
    weights = as_float32((0.5 + torch.rand((ROWS, LENGTH), generator=generator, dtype=torch.float64)) / ROWS / LENGTH)
    _, log_p, _ = log_probs(model, tokens, targets)
    loss = -(weights * log_p).sum()
    tensors = {f"gradient/crossEntropy/{name}": grad for name, grad in gradients(model, loss).items()}
    save_file(tensors, folder / "golden.safetensors")
    write_json(
        folder / "golden.json",
        dict(tokens=tokens, targets=targets, weights=weights, logProbs=log_p.detach(),
             losses={"crossEntropy": loss.item()}),
    )
    print("large-vocabulary", round(loss.item(), 4), "tokens", {t.item(): (tokens == t).sum().item() for t in used})


if __name__ == "__main__":
    transformers.utils.logging.disable_progress_bar()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    compute_in_float64()
    for name, build in CASES.items():
        make(name, build, SEEDS[name])
    make_large_vocabulary()
