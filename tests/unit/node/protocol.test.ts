/**
 * What the node promises to whoever speaks to it: an operation with a number happens once and in its turn, a future can be asked for again,
 * JSON and protocol buffers are the same, and a client of Tinker finds what it knows.
 */
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Body } from '../../../src/engine/remote/wire/body';
import { datumToWire } from '../../../src/engine/remote/wire/losses';
import { decodeSequences, sequencesFromJson } from '../../../src/engine/remote/wire/sampling';
import {
  decodeTrainingResult,
  encodeTrainingRequest,
  type TrainingRequest,
  textInput,
  trainingRequestToJson,
  trainingResultFromJson,
} from '../../../src/engine/remote/wire/training';
import { sequenceDatum } from '../../contract/golden';
import { openClient, openNode, type TestNode } from '../../doubles/node';
import { tinker } from '../../doubles/tinker';
import { tinyModel } from '../../doubles/tiny-model';

let node: TestNode;
beforeAll(async () => {
  node = await openNode({ models: { tiny: () => tinyModel() }, limits: { models: 64, pollTime: 300 } });
});
afterAll(() => node.close());

const protobuf = 'application/x-protobuf';
const data = [sequenceDatum([2, 3, 4], [5, 6, 7]), sequenceDatum([2, 9], [8, 7])].map(datumToWire);
const request = (modelId: string, seqId: number, more: Partial<TrainingRequest> = {}): TrainingRequest => ({
  modelId,
  seqId,
  data,
  lossFn: 'cross_entropy',
  lossConfig: {},
  forwardOnly: false,
  ...more,
});
const step = (model_id: string, seq_id: number, learning_rate = 0.01) => ({
  model_id,
  seq_id,
  adam_params: { learning_rate },
});

async function newModel(about: Record<string, unknown> = {}) {
  const client = tinker(node);
  const session = (await client.ask('create_session', { tags: [], type: 'create_session' })).json()
    .session_id;
  const create = {
    session_id: session,
    model_seq_id: 1,
    base_model: 'tiny',
    lora_config: { rank: 0 },
    ...about,
  };
  const posted = (await client.ask('create_model', create)).json();
  await client.result(posted.request_id);
  return { ...client, session, create, model: posted.model_id as string };
}

describe('an operation', () => {
  it('that is sent again is the same future, and one update', async () => {
    const { ask, result, done, model } = await newModel();
    await done('forward_backward', trainingRequestToJson(request(model, 1)));
    const ids = await Promise.all(
      [1, 2, 3].map(async () => (await ask('optim_step', step(model, 2))).json().request_id),
    );
    expect(new Set(ids).size).toBe(1);
    const told = await Promise.all(ids.map((id) => result(id)));
    expect(new Set(told.map(({ bytes }) => String(bytes))).size).toBe(1);
    expect(told[0].json().metrics).toMatchObject({ step: 1, applied: 1 });
    await done('forward_backward', trainingRequestToJson(request(model, 3)));
    expect((await done('optim_step', step(model, 4))).metrics.step).toBe(2);
  });

  it('under the number of another one is a conflict', async () => {
    const { ask, model } = await newModel();
    expect((await ask('optim_step', step(model, 1))).status).toBe(200);
    const other = await ask('optim_step', step(model, 1, 0.02));
    expect([other.status, other.json().error]).toEqual([
      409,
      expect.stringMatching(/^Operation 1 of this model is another/),
    ]);
  });

  it('waits for those before it', async () => {
    const { ask, result, model } = await newModel();
    const second = (await ask('optim_step', step(model, 2))).json().request_id;
    const waiting = await ask('retrieve_future', { request_id: second });
    expect([waiting.status, waiting.json().type]).toEqual([408, 'try_again']);
    await ask('forward_backward', trainingRequestToJson(request(model, 1)));
    expect((await result(second)).json().metrics).toMatchObject({ step: 1, applied: 1 });
  });

  it('waits only with so many others', async () => {
    const { ask, model } = await newModel();
    const statuses = await Promise.all(
      Array.from({ length: 70 }, async (_, i) => (await ask('optim_step', step(model, i + 2))).status),
    );
    expect(statuses.filter((status) => status === 200)).toHaveLength(64);
    expect(statuses.filter((status) => status === 429)).toHaveLength(6);
  });

  it('can be read again after its result was', async () => {
    const { result, ask, model } = await newModel();
    const id = (await ask('forward_backward', trainingRequestToJson(request(model, 1)))).json().request_id;
    expect((await result(id)).bytes).toEqual((await result(id)).bytes);
  });

  it('that fails says so, and the next one happens', async () => {
    const { ask, result, done, model } = await newModel();
    const id = (await ask('optim_step', step(model, 1))).json().request_id;
    const failed = await result(id);
    expect([failed.status, failed.json()]).toMatchObject([
      400,
      {
        category: 'InvalidRequestError',
        error: expect.stringMatching(/no gradients to apply/),
        future: 'failed',
      },
    ]);
    await done('forward_backward', trainingRequestToJson(request(model, 2)));
    expect((await done('optim_step', step(model, 3))).metrics.step).toBe(1);
  });

  it.each([
    ['forward_backward', { model_id: 'model-0' }, 400, /"forward_backward_input" must be an object/],
    ['optim_step', { model_id: 'model-0', seq_id: 1 }, 404, /no model "model-0"/],
    ['retrieve_future', { request_id: '../../etc/passwd' }, 404, /no such future/],
    ['retrieve_future', { request_id: `sample-${'0'.repeat(32)}` }, 410, /forgotten/],
    ['save_weights', { model_id: 'model-0', seq_id: 1, path: '../x' }, 400, /up to 64 letters/],
    ['weights_info', { tinker_path: 'tinker://model-0/weights/../../x' }, 400, /no path of a checkpoint/],
    [
      'create_model',
      { session_id: 'x', base_model: 'tiny', lora_config: { rank: -8 } },
      400,
      /"rank" must be a whole number/,
    ],
    [
      'create_model',
      { session_id: 'x', base_model: '/etc', lora_config: { rank: 0 } },
      400,
      /no model "\/etc": it has tiny/,
    ],
  ])('%s of %j is refused with a sentence', async (path, body, status, sentence) => {
    const told = await tinker(node).ask(path, body);
    expect([told.status, told.json().error]).toEqual([status, expect.stringMatching(sentence)]);
  });
});

describe('protocol buffers', () => {
  it('say the same as JSON, in both directions', async () => {
    const [a, b] = [await newModel(), await newModel()];
    const asked = (model: string) => request(model, 1, { lossFn: 'importance_sampling', data: policyData });
    const policyData = data.map((datum) => ({
      ...datum,
      inputs: {
        ...datum.inputs,
        logprobs: new Float32Array(datum.tokens.length).fill(-1),
        advantages: new Float32Array(datum.tokens.length).fill(0.7),
      },
    }));
    const json = (await a.ask('forward_backward', trainingRequestToJson(asked(a.model)))).json().request_id;
    const proto = (await b.ask('forward_backward', encodeTrainingRequest(asked(b.model)))).json().request_id;
    const asJson = trainingResultFromJson(Body.of((await a.result(json)).json()));
    const told = await b.result(proto, protobuf);
    expect(told.type).toBe(protobuf);
    const asProto = decodeTrainingResult(told.bytes);
    expect({ ...asProto, metrics: { ...asProto.metrics, 'seconds:sum': 0 } }).toEqual({
      ...asJson,
      metrics: { ...asJson.metrics, 'seconds:sum': 0 },
    });
    expect(asProto.metrics['loss:sum']).not.toBe(0);
    const norms = await Promise.all(
      [a, b].map(async ({ done, model }) => (await done('optim_step', step(model, 2))).metrics.grad_norm),
    );
    expect(norms[0]).toBe(norms[1]);
  });

  it('of the same content under the same number are the same request', async () => {
    const { ask, model } = await newModel();
    const first = await ask('forward_backward', trainingRequestToJson(request(model, 1)));
    const second = await ask('forward_backward', encodeTrainingRequest(request(model, 1)));
    expect(second.json()).toEqual(first.json());
  });

  it('that are broken are refused', async () => {
    const told = await tinker(node).ask('forward_backward', Uint8Array.of(10, 200, 1));
    expect([told.status, told.json().error]).toEqual([400, expect.stringMatching(/cut off or damaged/)]);
  });
});

describe('a client of Tinker', () => {
  it('finds the model of its request again when it asks twice, and no other', async () => {
    const { ask, create, model } = await newModel();
    expect((await ask('create_model', create)).json().model_id).toBe(model);
    const other = await ask('create_model', {
      ...create,
      zeroloop: { source: { kind: 'random', config: {}, seed: 1 } },
    });
    expect(other.status).toBe(409);
  });

  it('samples what it has published, with the log-probabilities of training, and not what is gone', async () => {
    const { ask, result, done, model } = await newModel();
    const published = await done('save_weights_for_sampler', {
      model_id: model,
      seq_id: 1,
      sampling_session_seq_id: 1,
    });
    const sampling = {
      sampling_session_id: published.sampling_session_id,
      seq_id: 1,
      num_samples: 3,
      prompt: textInput(Int32Array.of(2, 3, 4)),
      sampling_params: { max_tokens: 6, temperature: 1, seed: 5 },
    };
    const { request_id: id, sample_sequence_ids: names } = (await ask('asample', sampling)).json();
    expect(new Set(names).size).toBe(3);
    const sequences = sequencesFromJson(Body.of((await result(id)).json()));
    expect(sequences).toHaveLength(3);
    expect(decodeSequences((await result(id, protobuf)).bytes)).toEqual(sequences);
    const scored = await done('forward', {
      ...trainingRequestToJson(
        request(model, 2, {
          forwardOnly: true,
          data: sequences.map(({ tokens }) => datumToWire(sequenceDatum([2, 3, 4], [...tokens]))),
        }),
      ),
    });
    const { outputs } = trainingResultFromJson(Body.of(scored));
    sequences.forEach(({ logProbs }, i) => {
      const trained = outputs[i].logprobs.slice(2);
      logProbs!.forEach((p, t) => {
        expect(Math.abs(p - trained[t])).toBeLessThan(1e-5);
      });
    });
    await done('forward_backward', trainingRequestToJson(request(model, 3)));
    await done('optim_step', step(model, 4));
    const late = await result((await ask('asample', { ...sampling, seq_id: 2 })).json().request_id);
    expect([late.status, late.json().error]).toEqual([400, expect.stringMatching(/These weights are gone/)]);
  });

  it('has ratio 1 on policy: the surrogate is the mean of the advantages', async () => {
    const { done, model } = await newModel();
    const scored = await done('forward', trainingRequestToJson(request(model, 1, { forwardOnly: true })));
    const { outputs } = trainingResultFromJson(Body.of(scored));
    const onPolicy = data.map((datum, i) => ({
      ...datum,
      inputs: {
        ...datum.inputs,
        logprobs: outputs[i].logprobs,
        advantages: new Float32Array(datum.tokens.length).fill(2),
      },
    }));
    const learned = await done(
      'forward_backward',
      trainingRequestToJson(request(model, 2, { lossFn: 'ppo', data: onPolicy })),
    );
    expect(learned.metrics['loss:sum']).toBeCloseTo(-2 * 5, 5); // five tokens with a weight
    expect(learned.metrics['approxKl:mean']).toBe(0);
    expect(learned.metrics['clipFraction:mean']).toBe(0);
  });

  it('gets sums: twice the weights or twice the data is twice the gradient', async () => {
    const { done, model } = await newModel();
    const normOf = async (seq: number, asked: typeof data) => {
      await done('forward_backward', trainingRequestToJson(request(model, seq, { data: asked })));
      return (await done('optim_step', step(model, seq + 1, 0))).metrics.grad_norm;
    };
    const once = await normOf(1, data);
    const weighted = data.map((datum) => ({
      ...datum,
      inputs: { ...datum.inputs, weights: (datum.inputs.weights as Float32Array).map((w) => 2 * w) },
    }));
    expect((await normOf(3, weighted)) / once).toBeCloseTo(2, 4);
    expect((await normOf(5, [...data, ...data])) / once).toBeCloseTo(2, 4);
  });

  it('saves, loads into a new model as its first request, and goes on as if nothing had happened', async () => {
    const [a, b] = [await newModel(), await newModel()];
    const learn = async ({ done, model }: typeof a, seq: number) => {
      const { metrics } = await done('forward_backward', trainingRequestToJson(request(model, seq)));
      return [metrics['loss:sum'], (await done('optim_step', step(model, seq + 1))).metrics];
    };
    await learn(a, 1);
    const { path } = await a.done('save_weights', { model_id: a.model, seq_id: 3, path: 'ck1' });
    expect(path).toBe(`tinker://${a.model}/weights/ck1`);
    await b.done('load_weights', { model_id: b.model, seq_id: 1, path, optimizer: true });
    expect(await learn(b, 2)).toEqual(await learn(a, 4));
    const info = (await b.ask('weights_info', { tinker_path: path })).json();
    expect(info).toEqual({ base_model: 'tiny', is_lora: false, lora_rank: 0 });
    const late = await b.ask('load_weights', { model_id: b.model, seq_id: 4, path });
    expect([late.status, late.json().error]).toEqual([400, expect.stringMatching(/comes first/)]);
  });

  it('keeps policies by name, samples them, and takes them out', async () => {
    const { ask, result, done, model } = await newModel();
    const { path } = await done('save_weights_for_sampler', { model_id: model, seq_id: 1, path: 'first' });
    const { sampling_session_id } = (await ask('create_sampling_session', { model_path: path })).json();
    const sampling = (id: string) => ({
      sampling_session_id: id,
      seq_id: 1,
      num_samples: 2,
      prompt: textInput(Int32Array.of(2, 3)),
      sampling_params: { max_tokens: 4, seed: 1 },
    });
    const before = await result((await ask('asample', sampling(sampling_session_id))).json().request_id);
    await done('forward_backward', trainingRequestToJson(request(model, 2)));
    await done('optim_step', step(model, 3));
    const after = await result(
      (await ask('asample', { ...sampling(sampling_session_id), seq_id: 2 })).json().request_id,
    );
    expect(before.json().sequences).toHaveLength(2);
    expect(after.json()).toEqual(before.json());
    const { checkpoints } = (await ask(`training_runs/${model}/checkpoints`)).json();
    expect(checkpoints).toMatchObject([{ checkpoint_id: 'sampler_weights/first', tinker_path: path }]);
    const archive = await ask(`training_runs/${model}/checkpoints/sampler_weights/first/archive`);
    const tar = gunzipSync(archive.bytes);
    expect([archive.type, tar.subarray(257, 262).toString()]).toEqual(['application/gzip', 'ustar']);
    expect(tar.includes('model.safetensors')).toBe(true);
    expect(tar.length % 512).toBe(0);
  });

  it('is told what there is', async () => {
    const { ask, model } = await newModel();
    const told = (await ask('get_server_capabilities')).json();
    expect(told.supported_models).toEqual([{ model_name: 'tiny', max_context_length: 32_768 }]);
    expect(told.zeroloop).toMatchObject({ version: 1, engine: { backend: 'node' } });
    expect((await ask('get_info', { model_id: model })).json()).toMatchObject({
      model_data: { model_name: 'tiny' },
      lora_rank: 0,
    });
    expect((await ask('healthz')).json()).toEqual({ status: 'ok' });
    expect((await ask('client/config', {})).json()).toEqual({ pjwt_auth_enabled: false });
    expect((await ask('unload_model', { model_id: model })).status).toBe(200);
    expect((await ask('get_info', { model_id: model })).status).toBe(404);
  });
});

describe('a session', () => {
  it('that is not heard of for the length of its lease loses its models, and no other does', async () => {
    const short = await openNode({ limits: { lease: 400 } });
    const [quiet, loud] = [await openClient(short), await openClient(short)];
    const source = {
      kind: 'random',
      config: JSON.parse(new TextDecoder().decode((await tinyModel())['config.json'])),
      seed: 1,
    } as const;
    const [lost, kept] = [await quiet.createModel(source), await loud.createModel(source)];
    for (let i = 0; i < 8; i++) {
      await loud.forward(kept, [sequenceDatum([2], [3])]);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await expect(quiet.forward(lost, [sequenceDatum([2], [3])])).rejects.toMatchObject({
      name: 'UnknownModelError',
    });
    expect(short.host.list().map(({ id }) => id)).toEqual([kept]);
    await Promise.all([quiet.close(), loud.close()]);
    await short.close();
  });
});

describe('a node without extensions', () => {
  it('announces, answers and accepts what Tinker has, and nothing of ours', async () => {
    const other = await openNode({ models: { tiny: () => tinyModel() }, extensions: false });
    const { ask, result, done } = tinker(other);
    expect((await ask('get_server_capabilities')).json()).toEqual({
      supported_models: [{ model_name: 'tiny', max_context_length: 32_768 }],
    });
    const { session_id } = (await ask('create_session', { tags: [] })).json();
    const create = { session_id, model_seq_id: 1, base_model: 'tiny', lora_config: { rank: 4 } };
    const source = { kind: 'random', config: {}, seed: 1 };
    const refusals = [
      await ask('zeroloop/missing_files', { sha256: [] }),
      await ask('create_model', { ...create, zeroloop: { source } }),
    ];
    const { model_id: model } = (await ask('create_model', create)).json();
    refusals.push(
      await ask('forward_backward', trainingRequestToJson(request(model, 1, { lossFn: 'zeroloop_policy' }))),
      await ask('forward_backward', encodeTrainingRequest(request(model, 1, { lossFn: 'zeroloop_policy' }))),
      await ask('optim_step', { model_id: model, seq_id: 1, zeroloop: { learningRate: 1 } }),
    );
    expect(refusals.map(({ status }) => status)).toEqual([404, 400, 400, 400, 400]);
    const policy = data.map((datum) => ({
      ...datum,
      inputs: {
        ...datum.inputs,
        logprobs: new Float32Array(datum.tokens.length),
        advantages: new Float32Array(datum.tokens.length).fill(1),
      },
    }));
    const asked = encodeTrainingRequest(request(model, 1, { lossFn: 'ppo', data: policy }));
    const id = (await ask('forward_backward', asked)).json().request_id;
    const asProto = decodeTrainingResult((await result(id, protobuf)).bytes);
    expect(asProto).toEqual(trainingResultFromJson(Body.of((await result(id)).json())));
    expect(Object.keys(asProto.outputs[0])).toEqual(['logprobs']);
    expect(Object.keys(asProto.metrics)).toEqual(['loss:sum']);
    const { path } = await done('save_weights', { model_id: model, seq_id: 2, path: 'here' });
    expect(path).toBe(`tinker://${model}/weights/here`);
    await other.close();
  });
});
