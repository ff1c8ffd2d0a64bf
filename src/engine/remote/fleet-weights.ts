/**
 * @file Weights on their way from the node that trains to those that sample: fetched once for all of them, when the first one is there to
 * take them, and before the next step of the optimizer overwrites them.
 */

import { hasAdapter, isAdapterAlone, withoutAdapter } from '../../model/adapter-base';
import type { Bytes, Engine, LoadOptions, ModelId, ModelOptions, ModelSource } from '../engine';
import { baseOfTrainerState, TRAINER_STATE } from '../ort/trainer-state';

type Files = Record<string, Bytes>;

/** What a copy needs besides the weights that are trained: what they are trained beside, and how that is held. */
export interface Below {
  /** Of a model with an adapter. */
  baseModel?: ModelSource;
  base: ModelOptions['base'];
}

export const belowCreated = (source: ModelSource, { adapter, base }: ModelOptions): Below => {
  const adapted = adapter !== undefined || (source.kind === 'files' && hasAdapter(source.files));
  return { base, ...(adapted && { baseModel: baseOf(source) }) };
};

export async function belowLoaded(files: Files, { baseModel, base }: LoadOptions): Promise<Below> {
  const state = files[TRAINER_STATE];
  return {
    base: base ?? (state && (await baseOfTrainerState(state))),
    ...(hasAdapter(files) && { baseModel: baseModel ?? baseOf({ kind: 'files', files }) }),
  };
}

const baseOf = (source: ModelSource): ModelSource =>
  source.kind === 'files' ? { ...source, files: withoutAdapter(source.files) } : source;

/** The trainer has gone on, and these weights are nowhere any more. */
export class SupersededError extends Error {
  override name = 'SupersededError';
}

export class Weights {
  private fetched: Promise<Files> | null = null;
  private superseded = false;

  constructor(
    readonly version: number,
    private readonly below: Below,
    private readonly fetch: () => Promise<Files>,
  ) {}

  /** Under a new version, the same weights. */
  again(version: number): Weights {
    const same = new Weights(version, this.below, () => this.files());
    same.fetched = this.fetched;
    return same;
  }

  files(): Promise<Files> {
    if (!this.fetched && this.superseded) return Promise.reject(new SupersededError());
    this.fetched ??= this.fetch();
    this.fetched.catch(() => {}); // told to whoever waits for it
    return this.fetched;
  }

  isSame(other: Weights): boolean {
    return this.fetched !== null && this.fetched === other.fetched;
  }

  /** Before the trainer's weights change: whoever is fetching these gets them, nobody after that. */
  async supersede(): Promise<void> {
    await this.fetched?.catch(() => {});
    this.superseded = true;
  }

  /** A model that samples as the trainer's does. */
  async copyTo(engine: Engine): Promise<ModelId> {
    const files = await this.files();
    const { baseModel, base } = this.below;
    return isAdapterAlone(files)
      ? engine.load({ name: `version ${this.version}`, files }, { optimizer: false, baseModel, base })
      : engine.createModel({ kind: 'files', files }, { trainable: false, base });
  }
}
