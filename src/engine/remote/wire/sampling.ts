/**
 * @file The request and the result of `asample`. The request is JSON everywhere; the result also comes as a protocol buffer.
 *
 * Tinker's request has one prompt. Our node takes all prompts of a wave in one request, since it computes them side by side: the
 * sequences of its answer come prompt by prompt.
 */

import { Message } from '../../../graph/protobuf';
import { InvalidRequestError } from '../../errors';
import type { Body } from './body';
import { bytesOfNumbers, float32From, int32From } from './numbers';
import { bytesOf, type Field, fieldsOf, integerOf } from './proto-reader';
import { inputTokens, textInput } from './training';

/** Whose words are wanted: of a policy that was published, or (our node) of a model after this many of its operations. */
export type SampleTarget =
  | { kind: 'session'; samplingSessionId: string }
  | { kind: 'path'; modelPath: string }
  | { kind: 'model'; modelId: string; afterSeq: number };

export interface WireSampleRequest {
  target: SampleTarget;
  seqId: number;
  prompts: Int32Array[];
  samples: number;
  maxTokens: number;
  temperature: number;
  topK: number | null;
  topP: number;
  /** Null: where the model's config says that texts end. */
  stop: number[] | null;
  seed: number;
}

export interface Sequence {
  tokens: Int32Array;
  logProbs: Float32Array | null;
  stopReason: 'stop' | 'length';
}

export function sampleRequestToJson(request: WireSampleRequest): Record<string, unknown> {
  const { target, seqId, prompts, samples, maxTokens, temperature, topK, topP, stop, seed } = request;
  const [only] = prompts;
  const about =
    target.kind === 'session'
      ? { sampling_session_id: target.samplingSessionId, prompt: textInput(only) }
      : target.kind === 'path'
        ? { model_path: target.modelPath, prompt: textInput(only) }
        : {
            zeroloop: {
              model_id: target.modelId,
              after_seq: target.afterSeq,
              prompts: prompts.map((prompt) => [...prompt]),
            },
          };
  return {
    ...about,
    seq_id: seqId,
    num_samples: samples,
    sampling_params: {
      max_tokens: maxTokens,
      temperature,
      top_k: topK ?? -1,
      top_p: topP,
      stop: stop ?? undefined,
      seed,
    },
    prompt_logprobs: false,
  };
}

export function sampleRequestFromJson(body: Body): WireSampleRequest {
  const own = body.has('zeroloop') ? body.object('zeroloop') : null;
  const params = body.object('sampling_params');
  const topK = params.has('top_k') ? params.number('top_k') : -1;
  if (body.has('prompt_logprobs') && body.flag('prompt_logprobs'))
    throw new InvalidRequestError('This node gives no prompt_logprobs with samples: ask "forward" for them.');
  const target: SampleTarget = own
    ? { kind: 'model', modelId: own.text('model_id'), afterSeq: own.whole('after_seq') }
    : body.has('sampling_session_id')
      ? { kind: 'session', samplingSessionId: body.text('sampling_session_id') }
      : { kind: 'path', modelPath: body.text(body.has('model_path') ? 'model_path' : 'base_model') };
  return {
    target,
    seqId: body.whole('seq_id', 0),
    prompts: own ? promptsOf(own) : [inputTokens(body.object('prompt'))],
    samples: body.whole('num_samples', 1, 1),
    maxTokens: params.whole('max_tokens', undefined, 1),
    temperature: params.number('temperature', 1),
    topK: topK > 0 ? topK : null,
    topP: params.number('top_p', 1),
    stop: params.has('stop') ? [...params.ids('stop')] : null,
    seed: params.has('seed') ? params.number('seed') : 0,
  };
}

const promptsOf = (own: Body): Int32Array[] =>
  own.list('prompts').map((prompt) => {
    if (!Array.isArray(prompt) || !prompt.every(Number.isInteger))
      throw own.wrong('prompts', 'a list of lists of token ids');
    return Int32Array.from(prompt);
  });

// ---- The result ------------------------------------------------------------------------------------------------------

export function encodeSequences(sequences: Sequence[]): Uint8Array<ArrayBuffer> {
  const message = new Message();
  for (const { tokens, logProbs, stopReason } of sequences) {
    const sequence = new Message();
    if (stopReason === 'length') sequence.int(1, 1);
    if (tokens.length > 0) sequence.bytes(2, bytesOfNumbers(tokens));
    if (logProbs) sequence.bytes(3, bytesOfNumbers(logProbs));
    message.message(1, sequence);
  }
  return message.finish();
}

export function decodeSequences(bytes: Uint8Array): Sequence[] {
  const sequences: Sequence[] = [];
  for (const field of fieldsOf(bytes)) if (field.number === 1) sequences.push(sequenceFrom(field));
  return sequences;
}

function sequenceFrom(field: Field): Sequence {
  const sequence: Sequence = { tokens: new Int32Array(), logProbs: null, stopReason: 'stop' };
  for (const part of fieldsOf(bytesOf(field))) {
    if (part.number === 1) sequence.stopReason = integerOf(part) === 1 ? 'length' : 'stop';
    else if (part.number === 2) sequence.tokens = int32From(bytesOf(part), 'A sequence');
    else if (part.number === 3) sequence.logProbs = float32From(bytesOf(part), 'A sequence');
  }
  return sequence;
}

export const sequencesToJson = (sequences: Sequence[]) => ({
  type: 'sample',
  sequences: sequences.map(({ tokens, logProbs, stopReason }) => ({
    tokens: [...tokens],
    logprobs: logProbs && [...logProbs],
    stop_reason: stopReason,
  })),
});

export const sequencesFromJson = (body: Body): Sequence[] =>
  body.objects('sequences').map((each) => ({
    tokens: each.ids('tokens'),
    logProbs: each.has('logprobs') ? Float32Array.from(each.list('logprobs') as number[]) : null,
    stopReason: each.text('stop_reason') === 'length' ? 'length' : 'stop',
  }));
