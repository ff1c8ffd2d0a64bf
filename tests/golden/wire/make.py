"""Writes the six messages of the Tinker API as Google's protobuf for Python serialises them, to hold our codec against.

    pip install protobuf
    python tests/golden/wire/make.py

The descriptors are those of the Tinker SDK's package `tinker_public`; wire.json has each message's bytes in base64. Two
runs write identical files.
"""

import base64
import json
import struct
from pathlib import Path

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

FIELD = descriptor_pb2.FieldDescriptorProto
TYPES = dict(
    string=FIELD.TYPE_STRING, int32=FIELD.TYPE_INT32, int64=FIELD.TYPE_INT64, bool=FIELD.TYPE_BOOL,
    double=FIELD.TYPE_DOUBLE, bytes=FIELD.TYPE_BYTES,
)
ENUMS = {"StopReason": ["STOP", "LENGTH"], "DType": ["UNSPECIFIED", "FLOAT32", "INT64", "INT32", "BFLOAT16"]}
# name: [(number, label, type, name)]; label: "" | repeated | optional | map; a map's keys are texts
MESSAGES = {
    "ForwardBackwardRequest": [
        (1, "", "string", "model_id"), (2, "", "int32", "seq_id"), (3, "repeated", "Datum", "data"),
        (4, "", "string", "loss_fn"), (5, "map", "double", "loss_fn_config"), (6, "", "bool", "forward_only"),
    ],
    "Datum": [(1, "repeated", "Chunk", "model_input"), (2, "map", "Tensor", "loss_fn_inputs")],
    "Chunk": [(1, "", "EncodedTextChunk", "encoded_text")],
    "EncodedTextChunk": [(1, "", "bytes", "tokens")],
    "Tensor": [(1, "", "bytes", "dense"), (3, "", "DType", "dtype"), (4, "repeated", "int64", "shape")],
    "ForwardBackwardOutput": [
        (1, "", "string", "loss_fn_output_type"), (2, "repeated", "ArrayRecord", "loss_fn_outputs"),
        (3, "map", "double", "metrics"),
    ],
    "ArrayRecord": [(1, "", "string", "type_tag"), (2, "map", "BatchedTensor", "fields"), (3, "", "int64", "num_datums")],
    "BatchedTensor": [
        (1, "", "bytes", "data"), (2, "", "bytes", "offsets"), (3, "", "DType", "dtype"),
        (4, "repeated", "int64", "trailing_shape"),
    ],
    "SampleResponse": [
        (1, "repeated", "SampledSequence", "sequences"), (2, "optional", "bytes", "prompt_logprobs"),
        (4, "", "int32", "prompt_cache_hit_tokens"),
    ],
    "SampledSequence": [
        (1, "", "StopReason", "stop_reason"), (2, "", "bytes", "tokens"), (3, "optional", "bytes", "logprobs"),
    ],
}


def build():
    file = descriptor_pb2.FileDescriptorProto(name="tinker_public.proto", package="tinker_public", syntax="proto3")
    for name, values in ENUMS.items():
        enum = file.enum_type.add(name=name)
        for number, value in enumerate(values):
            enum.value.add(name=f"{name}_{value}", number=number)
    for name, fields in MESSAGES.items():
        message = file.message_type.add(name=name)
        for number, label, kind, field_name in fields:
            field = message.field.add(name=field_name, number=number, label=FIELD.LABEL_OPTIONAL)
            target = field
            if label in ("repeated", "map"):
                field.label = FIELD.LABEL_REPEATED
            if label == "map":
                entry = message.nested_type.add(name="".join(p.title() for p in field_name.split("_")) + "Entry")
                entry.options.map_entry = True
                entry.field.add(name="key", number=1, label=FIELD.LABEL_OPTIONAL, type=FIELD.TYPE_STRING)
                target = entry.field.add(name="value", number=2, label=FIELD.LABEL_OPTIONAL)
                field.type, field.type_name = FIELD.TYPE_MESSAGE, f".tinker_public.{name}.{entry.name}"
            if label == "optional":
                field.proto3_optional, field.oneof_index = True, len(message.oneof_decl)
                message.oneof_decl.add(name=f"_{field_name}")
            if kind in TYPES:
                target.type = TYPES[kind]
            else:
                target.type = FIELD.TYPE_ENUM if kind in ENUMS else FIELD.TYPE_MESSAGE
                target.type_name = f".tinker_public.{kind}"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"tinker_public.{name}")) for name in MESSAGES}


M = build()
ints = lambda values: struct.pack(f"<{len(values)}i", *values)
longs = lambda values: struct.pack(f"<{len(values)}q", *values)
floats = lambda values: struct.pack(f"<{len(values)}f", *values)


def tensor(values, whole=False):
    return M["Tensor"](dense=longs(values) if whole else floats(values), dtype=2 if whole else 1, shape=[len(values)])


def datum(tokens, targets, **inputs):
    chunk = M["Chunk"](encoded_text=M["EncodedTextChunk"](tokens=ints(tokens)))
    columns = {"target_tokens": tensor(targets, whole=True), **{name: tensor(values) for name, values in inputs.items()}}
    return M["Datum"](model_input=[chunk], loss_fn_inputs=columns)


def batched(columns):
    offsets = [0]
    for column in columns:
        offsets.append(offsets[-1] + 4 * len(column))
    return M["BatchedTensor"](data=floats([x for column in columns for x in column]), offsets=longs(offsets), dtype=1)


long_row = list(range(300))
request = M["ForwardBackwardRequest"](
    model_id="model-1f", seq_id=300, loss_fn="ppo",
    loss_fn_config={"clip_low_threshold": 0.8, "clip_high_threshold": 1.25},
    data=[
        datum([2, 3, 151935], [3, 151935, 1], weights=[0, 1, 0.5], logprobs=[0, -1.25, -3e-8], advantages=[0, 2, -1]),
        datum(long_row, long_row[1:] + [0]),
    ],
)
columns = [[-0.5, -1.5, -2.25], [-1e-7]]
output = M["ForwardBackwardOutput"](
    loss_fn_output_type="ArrayRecord",
    loss_fn_outputs=[M["ArrayRecord"](
        fields={"logprobs": batched(columns), "entropies": batched([[1, 2, 3], [4]])}, num_datums=2)],
    metrics={"loss:sum": 1 / 3, "clock_cycle:unique": 1e300, "zero": 0.0, "infinite": float("inf")},
)
sample = M["SampleResponse"](sequences=[
    M["SampledSequence"](stop_reason=0, tokens=ints([5, 6, 1]), logprobs=floats([-0.5, -0.25, -2])),
    M["SampledSequence"](stop_reason=1, tokens=ints(long_row), logprobs=floats([-(x + 1) / 7 for x in long_row])),
    M["SampledSequence"](stop_reason=1, tokens=ints([7])),
])
messages = {
    "request": request,
    "forwardOnly": M["ForwardBackwardRequest"](model_id="m", seq_id=1, loss_fn="cross_entropy", forward_only=True, data=[datum([4], [5])]),
    "output": output,
    "sample": sample,
}
text = {name: base64.b64encode(m.SerializeToString(deterministic=True)).decode() for name, m in messages.items()}
Path(__file__).with_name("wire.json").write_text(json.dumps(text, indent=1) + "\n")
