/**
 * @file What our client relies on when the network fails, asked of a Tinker server request by request: an operation that is sent again is
 * the same one, another under its number is refused, a result can be fetched again, and JSON says what protocol buffers say.
 */

import { afterEach, beforeAll, expect, it } from 'vitest';
import { Body } from '../../src/engine/remote/wire/body';
import {
  decodeTrainingResult,
  encodeTrainingRequest,
  type TrainingRequest,
  trainingRequestToJson,
  trainingResultFromJson,
} from '../../src/engine/remote/wire/training';
import { type Told, tinker } from '../doubles/tinker';

export interface ServerAddress {
  url: string;
  token: string;
}

const protobuf = 'application/x-protobuf';
const tokens = Int32Array.of(2, 3, 4, 5);
const data = [
  {
    tokens,
    inputs: {
      target_tokens: Int32Array.of(3, 4, 5, 6),
      logprobs: new Float32Array(4).fill(-2),
      advantages: Float32Array.of(0, 1, -1, 0.5),
    },
  },
];

export function speaksTinker(open: () => Promise<ServerAddress>): void {
  let client: ReturnType<typeof tinker>;
  let baseModel: string;
  let session: string;
  let models: string[] = [];
  let count = 0;
  beforeAll(async () => {
    client = tinker(await open());
    baseModel = (await client.ask('get_server_capabilities')).json().supported_models[0].model_name;
    session = (
      await client.ask('create_session', { tags: [], sdk_version: 'test', user_metadata: null })
    ).json().session_id;
  });

  async function newModel(): Promise<string> {
    const lora_config = { rank: 4, seed: 1 };
    const create = { session_id: session, model_seq_id: ++count, base_model: baseModel, lora_config };
    const posted = (await client.ask('create_model', create)).json();
    const made = (await client.result(posted.request_id)).json();
    const id = posted.model_id ?? made.model_id;
    models.push(id);
    return id;
  }
  afterEach(async () => {
    for (const model_id of models) await client.ask('unload_model', { model_id });
    models = [];
  });

  const training = (
    modelId: string,
    seqId: number,
    more: Partial<TrainingRequest> = {},
  ): TrainingRequest => ({
    modelId,
    seqId,
    data,
    lossFn: 'importance_sampling',
    lossConfig: {},
    forwardOnly: false,
    ...more,
  });
  const step = (model_id: string, seq_id: number, learning_rate = 0.1) => ({
    model_id,
    seq_id,
    adam_params: { learning_rate, beta1: 0.9, beta2: 0.95, eps: 1e-8, weight_decay: 0 },
  });
  const request = (told: Told): string => {
    expect(told.status).toBe(200);
    return told.json().request_id;
  };
  async function logProbs(modelId: string, seqId: number): Promise<number[]> {
    const scored = training(modelId, seqId, { lossFn: 'cross_entropy', forwardOnly: true });
    const id = request(await client.ask('forward_backward', encodeTrainingRequest(scored)));
    return [...decodeTrainingResult((await client.result(id, protobuf)).bytes).outputs[0].logprobs];
  }

  it('does once what it is told twice', async () => {
    const [twice, once] = [await newModel(), await newModel()];
    const done = async (path: string, body: unknown, times = 1): Promise<Told> => {
      const ids = [];
      for (let i = 0; i < times; i++) ids.push(request(await client.ask(path, body)));
      expect(new Set(ids).size).toBe(1);
      return client.result(ids[0]);
    };
    const saved = await done('save_weights', { model_id: twice, seq_id: 1, path: `same-${Date.now()}` });
    await done('load_weights', { model_id: once, seq_id: 1, path: saved.json().path, optimizer: true });
    for (const [model, times] of [[twice, 2] as const, [once, 1] as const]) {
      await done('forward_backward', encodeTrainingRequest(training(model, 2)), times);
      await done('optim_step', step(model, 3), times);
    }
    expect(await logProbs(twice, 4)).toEqual(await logProbs(once, 4));
  });

  it('refuses another operation under the same number', async () => {
    const model = await newModel();
    request(await client.ask('optim_step', step(model, 1)));
    expect((await client.ask('optim_step', step(model, 1, 0.2))).status).toBe(409);
  });

  it('says a result again, and the same in JSON as in protocol buffers', async () => {
    const model = await newModel();
    const id = request(await client.ask('forward_backward', encodeTrainingRequest(training(model, 1))));
    const first = await client.result(id, protobuf);
    expect((await client.result(id, protobuf)).bytes).toEqual(first.bytes);
    const asProto = decodeTrainingResult(first.bytes);
    expect(trainingResultFromJson(Body.of((await client.result(id)).json())).outputs).toEqual(
      asProto.outputs,
    );
    const other = await newModel();
    const json = request(await client.ask('forward_backward', trainingRequestToJson(training(other, 1))));
    expect(decodeTrainingResult((await client.result(json, protobuf)).bytes).outputs).toEqual(
      asProto.outputs,
    );
  });
}
