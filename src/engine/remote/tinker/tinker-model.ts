/** @file A model on a Tinker server, and the few things that can be asked of it, in the words that all such servers understand. */

import type { Datum } from '../../engine';
import { EngineError } from '../../errors';
import { jsonRequest, trainingResultIn } from '../answers';
import { MemoryJournal } from '../journal';
import { future, RemoteModel, type Write } from '../remote-model';
import type { Answer, Transport } from '../transport';
import { asEngineError } from '../transport';
import { Body } from '../wire/body';
import type { Numbers } from '../wire/numbers';
import {
  encodeTrainingRequest,
  type TrainingRequest,
  type TrainingResult,
  trainingRequestToJson,
  type WireDatum,
} from '../wire/training';

/** How batches are sent: known once one has arrived. */
export interface Wire {
  form: 'protobuf' | 'json';
  settled: boolean;
}

export interface Creation {
  session: string;
  number: number;
  baseModel: string;
  /** 0 trains all weights. */
  rank: number;
  seed?: number;
}

/** What a token is to be pushed by, and its log-probability now. */
export interface Push extends Pick<Datum, 'tokens' | 'targets'> {
  logProbs: Float32Array;
  pushes: Float32Array;
}

/** Adam's, as Tinker names them. */
export interface WireAdam {
  learning_rate: number;
  beta1: number;
  beta2: number;
  eps: number;
  weight_decay: number;
  grad_clip_norm?: number;
}

export class TinkerModel {
  private constructor(
    private readonly transport: Transport,
    readonly remote: RemoteModel,
    private readonly wire: Wire,
  ) {}

  static async create(
    transport: Transport,
    wire: Wire,
    { session, number, baseModel, rank, seed }: Creation,
  ): Promise<TinkerModel> {
    const json = {
      session_id: session,
      model_seq_id: number,
      base_model: baseModel,
      lora_config: { rank, ...(seed !== undefined && { seed }) },
    };
    try {
      const posted = await transport.json('api/v1/create_model', json);
      const request = posted.has('request_id') ? posted.text('request_id') : String(posted.raw('future_id'));
      // Servers say the model's name at once, or with the result.
      const made = await future(transport, request, async () => request, read);
      const id = posted.has('model_id') ? posted.text('model_id') : made.text('model_id');
      const note = { id, next: 1, under: [], version: 0, changed: false };
      return new TinkerModel(transport, new RemoteModel(transport, new MemoryJournal(), note), wire);
    } catch (error) {
      throw asEngineError(error);
    }
  }

  get id(): string {
    return this.remote.note.id;
  }

  /** Log-probabilities of the targets. */
  async score(batch: readonly Pick<Datum, 'tokens' | 'targets'>[]): Promise<Float32Array[]> {
    const data = batch.map(({ tokens, targets }) => ({
      tokens,
      inputs: { target_tokens: targets, weights: new Float32Array(tokens.length).fill(1) },
    }));
    return this.train(data, 'cross_entropy', true);
  }

  /**
   * Adds a gradient that pushes each token's log-probability: the ratio being 1, that of importance sampling is the log-probability's own,
   * times the push. Returns the log-probabilities that the server learned with.
   */
  async push(batch: readonly Push[]): Promise<Float32Array[]> {
    const data = batch.map(({ tokens, targets, logProbs, pushes }) => ({
      tokens,
      inputs: { target_tokens: targets, logprobs: logProbs, advantages: pushes },
    }));
    return this.train(data, 'importance_sampling', false);
  }

  private async train(data: WireDatum[], lossFn: string, forwardOnly: boolean): Promise<Float32Array[]> {
    const write: Write = (seqId) =>
      this.write({ modelId: this.id, seqId, data, lossFn, lossConfig: {}, forwardOnly });
    const { outputs } = await this.settling(() => this.remote.operate(write, trainingResultIn));
    return outputs.map(({ logprobs }) => floats(logprobs));
  }

  /** Whether the server reads protocol buffers is seen from the first batch. */
  private async settling(ask: () => Promise<TrainingResult>): Promise<TrainingResult> {
    const { wire } = this;
    if (wire.settled) return ask();
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof EngineError) || wire.form === 'json') throw error;
      wire.form = 'json';
      return await ask();
    } finally {
      wire.settled = true;
    }
  }

  private write(request: TrainingRequest): ReturnType<Write> {
    if (this.wire.form === 'protobuf')
      return {
        path: 'api/v1/forward_backward',
        type: 'application/x-protobuf',
        bytes: encodeTrainingRequest(request),
      };
    const path = `api/v1/${request.forwardOnly ? 'forward' : 'forward_backward'}`;
    return jsonRequest(path, trainingRequestToJson(request));
  }

  /** The norm of the gradient, from servers that tell it. */
  async step(adam: WireAdam): Promise<number | null> {
    const answer = await this.operate('optim_step', { adam_params: adam });
    const metrics = answer.has('metrics') ? answer.numbers('metrics') : {};
    const name = Object.keys(metrics).find((name) => /(^|[/_.:])grad(ient)?_norm/.test(name));
    return name === undefined ? null : metrics[name];
  }

  /** Where the weights as they are can be sampled. */
  async publish(number: number): Promise<string> {
    const answer = await this.operate('save_weights_for_sampler', { sampling_session_seq_id: number });
    return answer.text('sampling_session_id');
  }

  async save(name: string): Promise<string> {
    return (await this.operate('save_weights', { path: name })).text('path');
  }

  async load(path: string, optimizer: boolean): Promise<void> {
    await this.operate('load_weights', { path, optimizer });
  }

  private operate(route: string, json: Record<string, unknown>): Promise<Body> {
    const write: Write = (seq) => jsonRequest(`api/v1/${route}`, { model_id: this.id, seq_id: seq, ...json });
    return this.remote.operate(write, read);
  }

  async unload(): Promise<void> {
    await this.transport.json('api/v1/unload_model', { model_id: this.id });
  }
}

const read = ({ bytes }: Answer): Body => Body.parse(bytes, 'the answer');

const floats = (values: Numbers): Float32Array =>
  values instanceof Float32Array ? values : Float32Array.from(values ?? []);
