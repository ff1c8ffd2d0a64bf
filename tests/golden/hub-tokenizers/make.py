"""Writes a folder for each family of tokenizers, as the Hub has them, and golden.json: what transformers makes of texts with it.

    pip install tokenizers==0.23.3 transformers==5.23.0 jinja2
    python3 tests/golden/hub-tokenizers/make.py

The vocabularies are small and trained here, on the sources of Python's own library. All the rest is the family's own: the expression
that splits texts, the normalizer, the added tokens and their ids' order, the post-processor, the form of the files. Chat templates
are written after those of SmolLM2-Instruct, Qwen2.5-Instruct, Qwen3, Llama-3.2-Instruct and TinyLlama-Chat (as collected in models/templates of
ggerganov/llama.cpp), without their parts for tools.

Texts come from texts.json by a generator that tests/doubles/hub-texts.ts has, too: only hashes of what comes of
10,000 of them are kept, a hundred texts each, and a few spelled out.
"""

import hashlib
import json
import sysconfig
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import AutoTokenizer, PreTrainedTokenizerFast

HERE = Path(__file__).parent
TEXTS = json.loads((HERE / "texts.json").read_text("utf-8"))
COUNT = 10_000
CHUNK = 100
MERGES = 1400

# ---- The generator -----------------------------------------------------------------------------------------------------

M = 0xFFFFFFFF


class Draws:
    """mulberry32"""

    def __init__(self, seed):
        self.state = seed & M

    def below(self, n):
        self.state = (self.state + 0x6D2B79F5) & M
        t = self.state
        t = ((t ^ (t >> 15)) * (t | 1)) & M
        t ^= (t + (((t ^ (t >> 7)) * (t | 61)) & M)) & M
        return ((t ^ (t >> 14)) & M) % n

    def of(self, items):
        return items[self.below(len(items))]


def part(draws, specials):
    kind = draws.below(8)
    if kind <= 2:
        return draws.of(TEXTS["fragments"])
    if kind == 3:
        first, last = draws.of(TEXTS["ranges"])
        return chr(first + draws.below(last - first + 1))
    if kind == 4:
        return draws.of(TEXTS["spaces"]) * (1 + draws.below(6))
    if kind == 5:
        return "".join(chr(48 + draws.below(10)) for _ in range(1 + draws.below(8)))
    if kind == 6 and specials:
        return draws.of(TEXTS["specials"])
    return "".join(chr(97 + draws.below(26)) for _ in range(1 + draws.below(9)))


def text_of(number, specials=True):
    draws = Draws(number)
    return "".join(part(draws, specials) for _ in range(1 + draws.below(14)))


def ids_of(number, size):
    draws = Draws(number)
    return [draws.below(size) for _ in range(1 + draws.below(40))]


# ---- The families ------------------------------------------------------------------------------------------------------

CONTRACTIONS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|"
REST = r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"


def split(digits):
    pattern = Regex(CONTRACTIONS + digits + REST)
    return pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(pattern, behavior="isolated", invert=False),
            pre_tokenizers.ByteLevel(add_prefix_space=False, trim_offsets=False, use_regex=False),
        ]
    )


CHATML = """{%- if messages[0]['role'] == 'system' %}
    {{- '<|im_start|>system\\n' + messages[0]['content'] + '<|im_end|>\\n' }}
{%- else %}
    {{- '<|im_start|>system\\nYou are Qwen, created by Alibaba Cloud. You are a helpful assistant.<|im_end|>\\n' }}
{%- endif %}
{%- for message in messages %}
    {%- if (message.role == "user") or (message.role == "system" and not loop.first) or (message.role == "assistant") %}
        {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
{%- endif %}
"""

SMOLLM = (
    "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}"
    "{{ '<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n' }}{% endif %}"
    "{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)

THINKING = """{%- if messages[0].role == 'system' %}
    {{- '<|im_start|>system\\n' + messages[0].content + '<|im_end|>\\n' }}
{%- endif %}
{%- set ns = namespace(multi_step_tool=true, last_query_index=messages|length - 1) %}
{%- for message in messages[::-1] %}
    {%- set index = (messages|length - 1) - loop.index0 %}
    {%- if ns.multi_step_tool and message.role == "user" and message.content is string and not(message.content.startswith('<tool_response>') and message.content.endswith('</tool_response>')) %}
        {%- set ns.multi_step_tool = false %}
        {%- set ns.last_query_index = index %}
    {%- endif %}
{%- endfor %}
{%- for message in messages %}
    {%- if message.content is string %}
        {%- set content = message.content %}
    {%- else %}
        {%- set content = '' %}
    {%- endif %}
    {%- if (message.role == "user") or (message.role == "system" and not loop.first) %}
        {{- '<|im_start|>' + message.role + '\\n' + content + '<|im_end|>' + '\\n' }}
    {%- elif message.role == "assistant" %}
        {%- set reasoning_content = '' %}
        {%- if message.reasoning_content is string %}
            {%- set reasoning_content = message.reasoning_content %}
        {%- else %}
            {%- if '</think>' in content %}
                {%- set reasoning_content = content.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n') %}
                {%- set content = content.split('</think>')[-1].lstrip('\\n') %}
            {%- endif %}
        {%- endif %}
        {%- if loop.index0 > ns.last_query_index and (loop.last or (not loop.last and reasoning_content)) %}
            {{- '<|im_start|>' + message.role + '\\n<think>\\n' + reasoning_content.strip('\\n') + '\\n</think>\\n\\n' + content.lstrip('\\n') }}
        {%- else %}
            {{- '<|im_start|>' + message.role + '\\n' + content }}
        {%- endif %}
        {{- '<|im_end|>\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
    {%- if enable_thinking is defined and enable_thinking is false %}
        {{- '<think>\\n\\n</think>\\n\\n' }}
    {%- endif %}
{%- endif %}
"""

ZEPHYR = """{% for message in messages %}
{% if message['role'] == 'user' %}
{{ '<|user|>\n' + message['content'] + eos_token }}
{% elif message['role'] == 'system' %}
{{ '<|system|>\n' + message['content'] + eos_token }}
{% elif message['role'] == 'assistant' %}
{{ '<|assistant|>\n'  + message['content'] + eos_token }}
{% endif %}
{% if loop.last and add_generation_prompt %}
{{ '<|assistant|>' }}
{% endif %}
{% endfor %}"""

LLAMA = """{{- bos_token }}
{%- if not date_string is defined %}
    {%- if strftime_now is defined %}
        {%- set date_string = strftime_now("%d %b %Y") %}
    {%- else %}
        {%- set date_string = "26 Jul 2024" %}
    {%- endif %}
{%- endif %}
{#- This block extracts the system message, so that it can be put in its place. #}
{%- if messages[0]['role'] == 'system' %}
    {%- set system_message = messages[0]['content']|trim %}
    {%- set messages = messages[1:] %}
{%- else %}
    {%- set system_message = "" %}
{%- endif %}
{{- "<|start_header_id|>system<|end_header_id|>\\n\\n" }}
{{- "Cutting Knowledge Date: December 2023\\n" }}
{{- "Today Date: " + date_string + "\\n\\n" }}
{{- system_message }}
{{- "<|eot_id|>" }}
{%- for message in messages %}
    {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n'+ message['content'] | trim + '<|eot_id|>' }}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}
{%- endif %}
"""

QWEN = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|object_ref_start|>", "<|object_ref_end|>", "<|box_start|>", "<|box_end|>"]
QWEN_PLAIN = ["<tool_call>", "</tool_call>", "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>", "<|repo_name|>", "<|file_sep|>"]
QWEN3_PLAIN = [*QWEN_PLAIN, "<tool_response>", "</tool_response>", "<think>", "</think>"]
SMOL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<repo_name>", "<reponame>", "<file_sep>", "<filename>", "<gh_stars>"]
SMOL += ["<issue_start>", "<issue_comment>", "<issue_closed>", "<jupyter_start>", "<jupyter_text>", "<jupyter_code>"]
LLAMA3 = ["<|begin_of_text|>", "<|end_of_text|>", "<|reserved_special_token_0|>", "<|reserved_special_token_1|>"]
LLAMA3 += ["<|finetune_right_pad_id|>", "<|reserved_special_token_2|>", "<|start_header_id|>", "<|end_header_id|>", "<|eom_id|>"]
LLAMA3 += ["<|eot_id|>", "<|python_tag|>", "<|reserved_special_token_3|>"]


def qwen(plain):
    return dict(
        split=split(r"\p{N}"),
        normalizer=normalizers.NFC(),
        decoder=decoders.ByteLevel(add_prefix_space=False, trim_offsets=False, use_regex=False),
        post=lambda _: processors.ByteLevel(add_prefix_space=False, trim_offsets=False, use_regex=False),
        special=QWEN,
        plain=plain,
        config=dict(
            tokenizer_class="Qwen2Tokenizer",
            add_bos_token=False,
            bos_token=None,
            eos_token="<|im_end|>",
            pad_token="<|endoftext|>",
            unk_token=None,
            errors="replace",
            clean_up_tokenization_spaces=False,
            model_max_length=32768,
        ),
        stop=["<|im_end|>", "<|endoftext|>"],
    )


def begin_of_text(tokenizer):
    bos = "<|begin_of_text|>"
    return processors.Sequence(
        [
            processors.ByteLevel(trim_offsets=False),
            processors.TemplateProcessing(
                single=f"{bos} $A", pair=f"{bos} $A {bos}:1 $B:1", special_tokens=[(bos, tokenizer.token_to_id(bos))]
            ),
        ]
    )


def begin_of_sequence(tokenizer):
    return processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A <s>:1 $B:1", special_tokens=[("<s>", tokenizer.token_to_id("<s>"))]
    )


FAMILIES = {
    "qwen2.5": dict(qwen(QWEN_PLAIN), chat=CHATML),
    "qwen3": dict(qwen(QWEN3_PLAIN), chat=THINKING, chat_file=True),
    "llama3.2": dict(
        split=split(r"\p{N}{1,3}"),
        normalizer=None,
        decoder=decoders.ByteLevel(add_prefix_space=True, trim_offsets=True, use_regex=True),
        post=begin_of_text,
        special=LLAMA3,
        plain=[],
        ignore_merges=True,
        config=dict(
            tokenizer_class="PreTrainedTokenizerFast",
            bos_token="<|begin_of_text|>",
            eos_token="<|eot_id|>",
            clean_up_tokenization_spaces=True,
            model_input_names=["input_ids", "attention_mask"],
            model_max_length=131072,
        ),
        chat=LLAMA,
        stop=["<|end_of_text|>", "<|eom_id|>", "<|eot_id|>"],
    ),
    "smollm2": dict(
        split=pre_tokenizers.Sequence(
            [
                pre_tokenizers.Digits(individual_digits=True),
                pre_tokenizers.ByteLevel(add_prefix_space=False, trim_offsets=True, use_regex=True),
            ]
        ),
        normalizer=None,
        decoder=decoders.ByteLevel(add_prefix_space=True, trim_offsets=True, use_regex=True),
        post=lambda _: None,
        special=SMOL,
        plain=[],
        first=True,
        config=dict(
            tokenizer_class="GPT2Tokenizer",
            add_prefix_space=False,
            bos_token="<|im_start|>",
            eos_token="<|im_end|>",
            pad_token="<|im_end|>",
            unk_token="<|endoftext|>",
            clean_up_tokenization_spaces=False,
            model_max_length=8192,
        ),
        chat=SMOLLM,
        stop="<|im_end|>",
    ),
    "tinyllama": dict(
        # No splitting at all: this one is for training, and is taken away again.
        split=pre_tokenizers.Metaspace(),
        normalizer=normalizers.Sequence([normalizers.Prepend("\u2581"), normalizers.Replace(" ", "\u2581")]),
        decoder=decoders.Sequence(
            [decoders.Replace("\u2581", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(content=" ", left=1)]
        ),
        post=begin_of_sequence,
        special=["<unk>", "<s>", "</s>"],
        plain=[],
        first=True,
        bytes=True,
        config=dict(
            tokenizer_class="LlamaTokenizer",
            bos_token="<s>",
            eos_token="</s>",
            pad_token="</s>",
            unk_token="<unk>",
            clean_up_tokenization_spaces=False,
            legacy=True,
            model_max_length=2048,
        ),
        chat=ZEPHYR,
        stop="</s>",
    ),
}


def corpus():
    library = Path(sysconfig.get_paths()["stdlib"])
    names = ["heapq", "bisect", "textwrap", "statistics", "fractions", "calendar", "difflib", "random", "string", "functools", "ast"]
    for name in names:
        yield (library / f"{name}.py").read_text("utf-8")
    # So that some tokens are characters beyond ASCII, and some are parts of them.
    yield from (text for text in TEXTS["fragments"] for _ in range(40) if not text.isascii())


def train(family):
    """The vocabulary alone; all the rest is put around it."""
    falls_back = family.get("bytes", False)
    more = dict(byte_fallback=True, unk_token="<unk>", fuse_unk=True) if falls_back else {}
    tokenizer = Tokenizer(models.BPE(ignore_merges=family.get("ignore_merges", False), **more))
    tokenizer.pre_tokenizer = family["split"]
    first = family["special"] if family.get("first") else []
    if falls_back:
        first = [*first, *(f"<0x{byte:02X}>" for byte in range(256))]
        trainer = trainers.BpeTrainer(
            vocab_size=len(first) + MERGES // 2, special_tokens=first, limit_alphabet=120, show_progress=False
        )
    else:
        if family["normalizer"]:
            tokenizer.normalizer = family["normalizer"]
        trainer = trainers.BpeTrainer(
            vocab_size=256 + MERGES + len(first),
            special_tokens=first,
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        )
    tokenizer.train_from_iterator(corpus(), trainer)
    # The trainer's own note of special tokens is put away with it.
    whole = {**json.loads(tokenizer.to_str()), "added_tokens": []}
    if falls_back:
        whole["pre_tokenizer"] = None
    tokenizer = Tokenizer.from_str(json.dumps(whole))
    tokenizer.add_special_tokens([AddedToken(text, normalized=False, special=True) for text in family["special"]])
    tokenizer.add_tokens([AddedToken(text, normalized=False, special=False) for text in family["plain"]])
    if family["normalizer"]:
        tokenizer.normalizer = family["normalizer"]
    tokenizer.decoder = family["decoder"]
    post = family["post"](tokenizer)
    if post:
        tokenizer.post_processor = post
    return tokenizer


def write_folder(name, family):
    folder = HERE / name
    folder.mkdir(exist_ok=True)
    tokenizer = train(family)
    save = lambda file, data, **form: (folder / file).write_text(json.dumps(data, ensure_ascii=False, **form) + "\n", "utf-8")
    whole = json.loads(tokenizer.to_str())
    save("tokenizer.json", whole, separators=(",", ":"))
    added = {str(token["id"]): {k: v for k, v in token.items() if k != "id"} for token in whole["added_tokens"]}
    config = {**family["config"], "added_tokens_decoder": added, "additional_special_tokens": family["special"][1:3]}
    if family.get("chat_file"):
        (folder / "chat_template.jinja").write_text(family["chat"], "utf-8")
    else:
        config["chat_template"] = family["chat"]
    save("tokenizer_config.json", config, indent=1)
    save("special_tokens_map.json", {k: v for k, v in config.items() if k in ("bos_token", "eos_token", "pad_token") and v}, indent=1)
    ids = [tokenizer.token_to_id(text) for text in ([family["stop"]] if isinstance(family["stop"], str) else family["stop"])]
    stop = ids[0] if isinstance(family["stop"], str) else ids
    save("generation_config.json", {"do_sample": True, "temperature": 0.7, "eos_token_id": stop}, indent=1)
    return folder


# ---- What transformers makes of texts ----------------------------------------------------------------------------------


def hashes(items):
    rows = [items[at : at + CHUNK] for at in range(0, len(items), CHUNK)]
    each = [hashlib.sha256(json.dumps(row, separators=(",", ":"), ensure_ascii=False).encode()).hexdigest() for row in rows]
    return [value[:12] for value in each]


def golden(folder):
    fast = PreTrainedTokenizerFast.from_pretrained(folder)
    whole = json.loads((folder / "tokenizer.json").read_text("utf-8"))
    file = Tokenizer.from_str(json.dumps(whole))
    plain = Tokenizer.from_str(json.dumps({**whole, "added_tokens": [], "post_processor": None}))
    texts = [text_of(number) for number in range(COUNT)]
    encoded = [fast(text, add_special_tokens=False)["input_ids"] for text in texts]
    assert encoded == [file.encode(text, add_special_tokens=False).ids for text in texts]
    # transformers 5 builds some tokenizers anew: GPT2Tokenizer forgets that digits stand alone, LlamaTokenizer where spaces go. Models
    # were trained with what the file says.
    auto = AutoTokenizer.from_pretrained(folder)
    same = encoded == [auto(text, add_special_tokens=False)["input_ids"] for text in texts]
    assert same or type(auto).__name__ in ("GPT2Tokenizer", "LlamaTokenizer"), type(auto)
    streams = [ids_of(number, len(fast)) for number in range(COUNT)]
    # What the template is asked with is a task: it does not begin or end with space.
    tasks = [f"Task: {text_of(number, specials=False)}." for number in range(0, COUNT, 20)]
    chat = lambda task: [{"role": "user", "content": task}]
    render = lambda task, **more: fast.apply_chat_template(chat(task), add_generation_prompt=True, date_string="26 Jul 2024", **more)
    decode = lambda ids: fast.decode(ids, skip_special_tokens=False, clean_up_tokenization_spaces=False)
    kept = [*range(0, 40, 2), *range(100, COUNT, 990)]
    return {
        "size": len(fast),
        "encoded": hashes(encoded),
        "plain": hashes([plain.encode(text).ids for text in texts[:2000]]),
        "decoded": hashes([decode(ids) for ids in encoded]),
        "streams": hashes([decode(ids) for ids in streams]),
        "chats": hashes([render(task, tokenize=True, return_dict=False) for task in tasks]),
        "chat": render("TASK", tokenize=False),
        "samples": [[texts[n], encoded[n]] for n in kept],
    }


for name, family in FAMILIES.items():
    folder = write_folder(name, family)
    result = golden(folder)
    samples = ",\n".join(json.dumps(each, separators=(",", ":")) for each in result.pop("samples"))
    head = json.dumps(result, separators=(",", ":"))
    (folder / "golden.json").write_text(f'{head[:-1]},"samples":[\n{samples}\n]}}\n')
    sizes = {path.name: path.stat().st_size for path in sorted(folder.iterdir())}
    print(name, result["size"], "tokens;", sum(sizes.values()), "bytes", sizes)
