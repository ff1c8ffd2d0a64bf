/**
 * @file The request and the result of `forward_backward` and `forward`, in both forms that Tinker servers speak: protocol buffers, which
 * are a third of the size, and JSON. Names and numbers are those of the Tinker SDK's package `tinker_public`.
 */

import { Message } from '../../../graph/protobuf';
import { InvalidRequestError } from '../../errors';
import { type Body, metricsToJson } from './body';
import { bytesOfNumbers, dtypeOf, dtypes, int32From, type Numbers, numbersFrom, widened } from './numbers';
import {
  bytesOf,
  doubleOf,
  entryOf,
  type Field,
  fieldsOf,
  integerOf,
  integersOf,
  textOf,
} from './proto-reader';

export interface WireDatum {
  tokens: Int32Array;
  /** `target_tokens`, `weights`, `logprobs`, `advantages` and whatever else the loss reads, a number a token. */
  inputs: Record<string, Numbers>;
}

export interface TrainingRequest {
  modelId: string;
  /** Counts the operations on a model from 1. */
  seqId: number;
  data: WireDatum[];
  lossFn: string;
  lossConfig: Record<string, number>;
  forwardOnly: boolean;
}

export interface TrainingResult {
  outputType: string;
  /** For each datum, by name. */
  outputs: Record<string, Numbers>[];
  metrics: Record<string, number>;
}

/** The same message always has the same bytes. */
const sorted = <T>(record: Record<string, T>): [string, T][] =>
  Object.entries(record).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));

// ---- The request as a protocol buffer --------------------------------------------------------------------------------

export function encodeTrainingRequest(request: TrainingRequest): Uint8Array<ArrayBuffer> {
  const { modelId, seqId, data, lossFn, lossConfig, forwardOnly } = request;
  const message = new Message();
  if (modelId) message.string(1, modelId);
  if (seqId) message.int(2, seqId);
  for (const datum of data) message.message(3, datumMessage(datum));
  if (lossFn) message.string(4, lossFn);
  for (const [key, value] of sorted(lossConfig))
    message.message(5, new Message().string(1, key).double(2, value));
  if (forwardOnly) message.int(6, 1);
  return message.finish();
}

function datumMessage({ tokens, inputs }: WireDatum): Message {
  const text = new Message().bytes(1, bytesOfNumbers(tokens));
  const message = new Message().message(1, new Message().message(1, text));
  for (const [name, values] of sorted(inputs))
    message.message(2, new Message().string(1, name).message(2, tensorMessage(values)));
  return message;
}

function tensorMessage(values: Numbers): Message {
  const whole = values instanceof Int32Array;
  return new Message()
    .bytes(1, whole ? widened(values) : bytesOfNumbers(values))
    .int(3, whole ? dtypes.int64 : dtypes.float32)
    .bytes(4, packed([values.length]));
}

/** Integers without keys. */
function packed(values: number[]): Uint8Array {
  const bytes: number[] = [];
  for (let value of values) {
    for (; value >= 0x80; value = Math.floor(value / 0x80)) bytes.push((value % 0x80) | 0x80);
    bytes.push(value);
  }
  return Uint8Array.from(bytes);
}

export function decodeTrainingRequest(bytes: Uint8Array): TrainingRequest {
  const request: TrainingRequest = {
    modelId: '',
    seqId: 0,
    data: [],
    lossFn: '',
    lossConfig: {},
    forwardOnly: false,
  };
  for (const field of fieldsOf(bytes)) {
    if (field.number === 1) request.modelId = textOf(field);
    else if (field.number === 2) request.seqId = integerOf(field);
    else if (field.number === 3) request.data.push(datumFrom(field, `Datum ${request.data.length}`));
    else if (field.number === 4) request.lossFn = textOf(field);
    else if (field.number === 5) {
      const { key, value } = entryOf(field);
      request.lossConfig[key] = value ? doubleOf(value) : 0;
    } else if (field.number === 6) request.forwardOnly = integerOf(field) !== 0;
  }
  return request;
}

function datumFrom(field: Field, what: string): WireDatum {
  const chunks: Int32Array[] = [];
  const inputs: WireDatum['inputs'] = {};
  for (const part of fieldsOf(bytesOf(field))) {
    if (part.number === 1) chunks.push(chunkFrom(part, what));
    else if (part.number === 2) {
      const { key, value } = entryOf(part);
      inputs[key] = value ? tensorFrom(value, `${what}, ${key},`) : new Float32Array();
    }
  }
  return { tokens: joined(chunks), inputs };
}

function chunkFrom(field: Field, what: string): Int32Array {
  for (const kind of fieldsOf(bytesOf(field))) {
    if (kind.number !== 1)
      throw new InvalidRequestError(`${what} has a chunk that is no text: send encoded_text.`);
    for (const part of fieldsOf(bytesOf(kind))) {
      if (part.number === 1) return int32From(bytesOf(part), what);
    }
  }
  return new Int32Array();
}

function tensorFrom(field: Field, what: string): Numbers {
  let [data, dtype]: [Uint8Array, number] = [new Uint8Array(), 0];
  const shape: number[] = [];
  for (const part of fieldsOf(bytesOf(field))) {
    if (part.number === 1) data = bytesOf(part);
    else if (part.number === 2) throw new InvalidRequestError(`${what} is sparse: send it dense.`);
    else if (part.number === 3) dtype = integerOf(part);
    else if (part.number === 4) shape.push(...integersOf(part));
  }
  return shaped(numbersFrom(data, dtypeOf(dtype, what), what), shape, what);
}

function shaped(values: Numbers, shape: readonly unknown[], what: string): Numbers {
  if (shape.length > 1 || (shape.length === 1 && shape[0] !== values.length)) {
    throw new InvalidRequestError(
      `${what} has the shape [${shape.join(', ')}] and ${values.length} numbers: one number a token is wanted.`,
    );
  }
  return values;
}

export function joined(chunks: Int32Array[]): Int32Array {
  if (chunks.length === 1) return chunks[0];
  const all = new Int32Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

// ---- The request as JSON ---------------------------------------------------------------------------------------------

export const textInput = (tokens: Int32Array) => ({
  chunks: [{ type: 'encoded_text', tokens: [...tokens] }],
});

export function trainingRequestToJson(request: TrainingRequest): Record<string, unknown> {
  const { modelId, seqId, data, lossFn, lossConfig, forwardOnly } = request;
  const input = {
    data: data.map(({ tokens, inputs }) => ({
      model_input: textInput(tokens),
      loss_fn_inputs: Object.fromEntries(
        Object.entries(inputs).map(([name, values]) => [name, tensorToJson(values)]),
      ),
    })),
    loss_fn: lossFn,
    loss_fn_config: metricsToJson(lossConfig),
  };
  const named = forwardOnly ? { forward_input: input } : { forward_backward_input: input };
  return { model_id: modelId, seq_id: seqId, ...named };
}

const tensorToJson = (values: Numbers) => ({
  data: Array.from(values, (value) => (Number.isFinite(value) ? value : String(value))),
  dtype: values instanceof Int32Array ? 'int64' : 'float32',
  shape: [values.length],
});

export function trainingRequestFromJson(body: Body, forwardOnly: boolean): TrainingRequest {
  const input = body.object(forwardOnly ? 'forward_input' : 'forward_backward_input');
  return {
    modelId: body.text('model_id'),
    seqId: body.whole('seq_id', undefined, 1),
    data: input.objects('data').map((datum, i) => datumFromJson(datum, `Datum ${i}`)),
    lossFn: input.text('loss_fn', 'cross_entropy'),
    lossConfig: input.has('loss_fn_config') ? input.numbers('loss_fn_config') : {},
    forwardOnly,
  };
}

function datumFromJson(datum: Body, what: string): WireDatum {
  const inputs = datum.object('loss_fn_inputs');
  const tensors = inputs
    .keys()
    .map((name) => [name, tensorFromJson(inputs.object(name), `${what}, ${name},`)]);
  return { tokens: inputTokens(datum.object('model_input')), inputs: Object.fromEntries(tensors) };
}

export function inputTokens(input: Body): Int32Array {
  const chunks = input.objects('chunks').map((chunk) => {
    if (chunk.text('type', 'encoded_text') !== 'encoded_text') throw chunk.wrong('type', '"encoded_text"');
    return chunk.ids('tokens');
  });
  return joined(chunks);
}

function tensorFromJson(tensor: Body, what: string): Numbers {
  const shape = tensor.has('shape') ? tensor.list('shape') : [];
  if (tensor.text('dtype', 'float32') !== 'float32') return shaped(tensor.ids('data'), shape, what);
  // Numbers of a network are many: read at once, and looked at one by one only where one is strange.
  const list = tensor.list('data');
  const values = Float32Array.from(list, (value) => (typeof value === 'number' ? value : Number(value)));
  const strange = list.some(
    (value) => typeof value !== 'number' && !/^(-?Infinity|NaN)$/.test(String(value)),
  );
  if (strange) throw tensor.wrong('data', 'a list of numbers');
  return shaped(values, shape, what);
}

// ---- The result ------------------------------------------------------------------------------------------------------

export function encodeTrainingResult({
  outputType,
  outputs,
  metrics,
}: TrainingResult): Uint8Array<ArrayBuffer> {
  const message = new Message();
  if (outputType) message.string(1, outputType);
  if (outputs.length > 0) {
    const record = new Message();
    for (const [name] of sorted(outputs[0])) {
      const columns = outputs.map((output) => output[name]);
      record.message(2, new Message().string(1, name).message(2, batchedMessage(columns)));
    }
    message.message(2, record.int(3, outputs.length));
  }
  for (const [key, value] of sorted(metrics))
    message.message(3, new Message().string(1, key).double(2, value));
  return message.finish();
}

/** All data's numbers one after another, and where each begins. */
function batchedMessage(columns: Numbers[]): Message {
  const whole = columns[0] instanceof Int32Array;
  const parts = columns.map((column) =>
    column instanceof Int32Array ? widened(column) : bytesOfNumbers(column),
  );
  const offsets = new BigInt64Array(parts.length + 1);
  parts.forEach((part, i) => {
    offsets[i + 1] = offsets[i] + BigInt(part.length);
  });
  const data = new Uint8Array(Number(offsets[parts.length]));
  parts.forEach((part, i) => {
    data.set(part, Number(offsets[i]));
  });
  return new Message()
    .bytes(1, data)
    .bytes(2, new Uint8Array(offsets.buffer))
    .int(3, whole ? dtypes.int64 : dtypes.float32);
}

export function decodeTrainingResult(bytes: Uint8Array): TrainingResult {
  const result: TrainingResult = { outputType: '', outputs: [], metrics: {} };
  for (const field of fieldsOf(bytes)) {
    if (field.number === 1) result.outputType = textOf(field);
    else if (field.number === 2) result.outputs.push(...recordFrom(field));
    else if (field.number === 3) {
      const { key, value } = entryOf(field);
      result.metrics[key] = value ? doubleOf(value) : 0;
    }
  }
  return result;
}

function recordFrom(field: Field): TrainingResult['outputs'] {
  const columns: [string, Numbers[]][] = [];
  let count = 0;
  for (const part of fieldsOf(bytesOf(field))) {
    if (part.number === 2) {
      const { key, value } = entryOf(part);
      if (value) columns.push([key, batchedFrom(value, key)]);
    } else if (part.number === 3) count = integerOf(part);
  }
  const most = Math.max(0, ...columns.map(([, values]) => values.length));
  return Array.from({ length: Math.min(count || 1, most) }, (_, i) =>
    Object.fromEntries(columns.map(([name, values]) => [name, values[i]])),
  );
}

function batchedFrom(field: Field, what: string): Numbers[] {
  let [data, offsets, dtype] = [new Uint8Array(), new Uint8Array(), 0];
  for (const part of fieldsOf(bytesOf(field))) {
    if (part.number === 1) data = bytesOf(part) as Uint8Array<ArrayBuffer>;
    else if (part.number === 2) offsets = bytesOf(part) as Uint8Array<ArrayBuffer>;
    else if (part.number === 3) dtype = integerOf(part);
  }
  const type = dtypeOf(dtype, what);
  const at = offsets.length > 0 ? numbersFrom(offsets, 'int64', what) : Int32Array.of(0, data.length);
  return Array.from({ length: at.length - 1 }, (_, i) =>
    numbersFrom(data.subarray(at[i], at[i + 1]), type, what),
  );
}

export const trainingResultToJson = ({ outputType, outputs, metrics }: TrainingResult) => ({
  loss_fn_output_type: outputType,
  loss_fn_outputs: outputs.map((output) =>
    Object.fromEntries(Object.entries(output).map(([name, values]) => [name, tensorToJson(values)])),
  ),
  metrics: metricsToJson(metrics),
});

export function trainingResultFromJson(body: Body): TrainingResult {
  return {
    outputType: body.text('loss_fn_output_type', ''),
    outputs: body
      .objects('loss_fn_outputs')
      .map((output) =>
        Object.fromEntries(output.keys().map((name) => [name, tensorFromJson(output.object(name), name)])),
      ),
    metrics: body.has('metrics') ? body.numbers('metrics') : {},
  };
}
