/**
 * The words of the wire: our protocol buffers are Google's to the last byte, JSON says the same, and whatever else comes in is refused
 * with a sentence.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { InvalidRequestError } from '../../../../src/engine/errors';
import { Body } from '../../../../src/engine/remote/wire/body';
import { datumFromWire, datumToWire, lossFrom, ownLoss } from '../../../../src/engine/remote/wire/losses';
import {
  decodeSequences,
  encodeSequences,
  type Sequence,
  sampleRequestFromJson,
  sampleRequestToJson,
  sequencesFromJson,
  sequencesToJson,
  type WireSampleRequest,
} from '../../../../src/engine/remote/wire/sampling';
import {
  decodeTrainingRequest,
  decodeTrainingResult,
  encodeTrainingRequest,
  encodeTrainingResult,
  type TrainingRequest,
  type TrainingResult,
  trainingRequestFromJson,
  trainingRequestToJson,
  trainingResultFromJson,
  trainingResultToJson,
} from '../../../../src/engine/remote/wire/training';

const text: Record<string, string> = JSON.parse(
  readFileSync(new URL('../../../golden/wire/wire.json', import.meta.url), 'utf8'),
);
const google = (name: string) => new Uint8Array(Buffer.from(text[name], 'base64'));
const floats = (...values: number[]) => Float32Array.from(values);
const row = Int32Array.from({ length: 300 }, (_, i) => i);

const request: TrainingRequest = {
  modelId: 'model-1f',
  seqId: 300,
  data: [
    {
      tokens: Int32Array.of(2, 3, 151935),
      inputs: {
        target_tokens: Int32Array.of(3, 151935, 1),
        weights: floats(0, 1, 0.5),
        logprobs: floats(0, -1.25, -3e-8),
        advantages: floats(0, 2, -1),
      },
    },
    { tokens: row, inputs: { target_tokens: row.map((i) => (i + 1) % 300) } },
  ],
  lossFn: 'ppo',
  lossConfig: { clip_low_threshold: 0.8, clip_high_threshold: 1.25 },
  forwardOnly: false,
};
const forwardOnly: TrainingRequest = {
  modelId: 'm',
  seqId: 1,
  data: [{ tokens: Int32Array.of(4), inputs: { target_tokens: Int32Array.of(5) } }],
  lossFn: 'cross_entropy',
  lossConfig: {},
  forwardOnly: true,
};
const output: TrainingResult = {
  outputType: 'ArrayRecord',
  outputs: [
    { logprobs: floats(-0.5, -1.5, -2.25), entropies: floats(1, 2, 3) },
    { logprobs: floats(-1e-7), entropies: floats(4) },
  ],
  metrics: { 'loss:sum': 1 / 3, 'clock_cycle:unique': 1e300, zero: 0, infinite: Infinity },
};
const sample: Sequence[] = [
  { tokens: Int32Array.of(5, 6, 1), logProbs: floats(-0.5, -0.25, -2), stopReason: 'stop' },
  { tokens: row, logProbs: Float32Array.from(row, (i) => -(i + 1) / 7), stopReason: 'length' },
  { tokens: Int32Array.of(7), logProbs: null, stopReason: 'length' },
];

describe('protocol buffers', () => {
  it('are written as Google writes them', () => {
    expect(encodeTrainingRequest(request)).toEqual(google('request'));
    expect(encodeTrainingRequest(forwardOnly)).toEqual(google('forwardOnly'));
    expect(encodeTrainingResult(output)).toEqual(google('output'));
    expect(encodeSequences(sample)).toEqual(google('sample'));
  });

  it('are read as Google wrote them', () => {
    expect(decodeTrainingRequest(google('request'))).toEqual(request);
    expect(decodeTrainingRequest(google('forwardOnly'))).toEqual(forwardOnly);
    expect(decodeTrainingResult(google('output'))).toEqual(output);
    expect(decodeSequences(google('sample'))).toEqual(sample);
  });

  it.each(['request', 'output', 'sample'])(
    'that are cut off anywhere are refused, or are shorter: %s',
    (name) => {
      const whole = google(name);
      const read = { request: decodeTrainingRequest, output: decodeTrainingResult, sample: decodeSequences }[
        name
      ]!;
      for (let length = 1; length < whole.length; length += 7) {
        try {
          expect(read(whole.subarray(0, length))).not.toEqual(read(whole));
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidRequestError);
        }
      }
    },
  );

  it('of noise are refused, and never anything but refused', () => {
    for (let seed = 1; seed < 400; seed++) {
      const noise = Uint8Array.from({ length: seed % 97 }, (_, i) => (seed * 2654435761 * (i + 1)) >>> 13);
      for (const read of [decodeTrainingRequest, decodeTrainingResult, decodeSequences]) {
        try {
          read(noise);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidRequestError);
        }
      }
    }
  });
});

const throughJson = (value: unknown) => Body.of(JSON.parse(JSON.stringify(value)));

describe('JSON', () => {
  it('says the same', () => {
    expect(trainingRequestFromJson(throughJson(trainingRequestToJson(request)), false)).toEqual(request);
    expect(trainingRequestFromJson(throughJson(trainingRequestToJson(forwardOnly)), true)).toEqual(
      forwardOnly,
    );
    expect(trainingResultFromJson(throughJson(trainingResultToJson(output)))).toEqual(output);
    expect(sequencesFromJson(throughJson(sequencesToJson(sample)))).toEqual(sample);
  });

  it('carries what is not finite, so that it can be refused where it is understood', () => {
    const strange = {
      ...forwardOnly,
      data: [{ ...forwardOnly.data[0], inputs: { weights: floats(NaN, -Infinity) } }],
    };
    expect(trainingRequestFromJson(throughJson(trainingRequestToJson(strange)), true)).toEqual(strange);
  });

  it('asks for samples by session, by path, or of a model between two of its operations', () => {
    const about = { samples: 3, maxTokens: 20, temperature: 0.7, topP: 0.9, stop: [1], seed: 5, seqId: 2 };
    const one = { ...about, topK: null, prompts: [Int32Array.of(2, 3)] };
    const requests: WireSampleRequest[] = [
      { ...one, target: { kind: 'session', samplingSessionId: 's' } },
      { ...one, topK: 4, target: { kind: 'path', modelPath: 'tinker://m/sampler_weights/a' } },
      {
        ...one,
        prompts: [...one.prompts, Int32Array.of(9)],
        target: { kind: 'model', modelId: 'm', afterSeq: 7 },
      },
    ];
    for (const each of requests)
      expect(sampleRequestFromJson(throughJson(sampleRequestToJson(each)))).toEqual(each);
  });

  const chunk = { type: 'encoded_text', tokens: [1, 2] };
  const datum = {
    model_input: { chunks: [chunk] },
    loss_fn_inputs: { target_tokens: { data: [2, 3], dtype: 'int64', shape: [2] } },
  };
  const of = (data: unknown[], more: object = {}) => ({
    model_id: 'm',
    seq_id: 1,
    forward_backward_input: { data, loss_fn: 'cross_entropy', ...more },
  });
  it.each([
    [{}, 'In the request, "forward_backward_input" must be an object.'],
    [{ ...of([]), seq_id: 0 }, 'In the request, "seq_id" must be a whole number of at least 1.'],
    [{ ...of([]), model_id: 7 }, 'In the request, "model_id" must be a text.'],
    [of([3]), 'Forward_backward_input.data[0] must be a JSON object.'],
    [
      of([{ ...datum, model_input: { chunks: [{ ...chunk, tokens: [0.5] }] } }]),
      '"tokens" must be a list of token ids.',
    ],
    [of([{ ...datum, model_input: { chunks: [{ type: 'image' }] } }]), '"type" must be "encoded_text".'],
    [of([{ ...datum, loss_fn_inputs: { weights: { data: ['x'] } } }]), '"data" must be a list of numbers.'],
    [
      of([{ ...datum, loss_fn_inputs: { weights: { data: [1, 2], shape: [2, 1] } } }]),
      'Datum 0, weights, has the shape [2, 1] and 2 numbers',
    ],
    [of([datum], { loss_fn_config: { clip: 'wide' } }), '"loss_fn_config.clip" must be a number.'],
  ])('refuses %j', (json, sentence) => {
    const read = () => trainingRequestFromJson(throughJson(json), false);
    expect(read).toThrow(InvalidRequestError);
    expect(read).toThrow(sentence);
  });

  it('that is none is refused', () => {
    const parse = (text: string) => Body.parse(new TextEncoder().encode(text));
    expect(() => parse('{')).toThrow('The request is not JSON: send one JSON object.');
    expect(() => parse('[1]')).toThrow('The request must be a JSON object.');
  });
});

describe('losses and data', () => {
  it('of ours come back as they were', () => {
    const policy = { kind: 'policy', clipLow: 0.2, clipHigh: 0.28, aggregation: 'sequence-mean' } as const;
    for (const loss of [
      { kind: 'cross-entropy', aggregation: 'token-mean' } as const,
      policy,
      { ...policy, dualClip: 3, entropy: 0.01, kl: 0.05 },
    ])
      expect(lossFrom(ownLoss(loss))).toEqual(loss);
    const datum = {
      tokens: Int32Array.of(1),
      targets: Int32Array.of(2),
      logProbs: floats(-1),
      referenceLogProbs: floats(-2),
    };
    expect(datumFromWire(datumToWire(datum), 0)).toEqual(datum);
  });

  it('of Tinker are sums', () => {
    expect(lossFrom({ lossFn: 'cross_entropy', lossConfig: {} })).toEqual({
      kind: 'cross-entropy',
      aggregation: 'sum',
    });
    expect(lossFrom({ lossFn: 'ppo', lossConfig: {} })).toMatchObject({
      aggregation: 'sum',
      clipLow: expect.closeTo(0.2),
      clipHigh: expect.closeTo(0.2),
    });
  });

  it.each([
    ['dro', {}, 'There is no loss "dro" here'],
    ['zeroloop_policy', { aggregation: 0, clipLow: 0.2 }, 'needs the number clipHigh'],
    ['zeroloop_cross_entropy', { aggregation: 9 }, 'The aggregation of zeroloop_cross_entropy is 0 (sum)'],
  ])('%s with %j is refused', (lossFn, lossConfig, sentence) => {
    expect(() => lossFrom({ lossFn, lossConfig })).toThrow(sentence);
  });
});
