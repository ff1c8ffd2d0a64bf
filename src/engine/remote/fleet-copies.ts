/**
 * @file The fleet's models on one node that samples, for as long as the node is there. New weights are copied beside the old ones, which
 * stay in use until then, and for whoever is still sampling from them.
 */

import type { Engine, ModelId, Rollout, SampleRequest } from '../engine';
import type { Weights } from './fleet-weights';

/** It has not the weights that are asked for, and will not have them soon: ask another. */
export class NotServingError extends Error {
  override name = 'NotServingError';
}

interface Copy {
  id: ModelId;
  weights: Weights;
  /** Samplings under way. */
  users: number;
}

interface Held {
  wanted: Weights;
  copy: Copy | null;
  /** Since when the copy under way is made. */
  copyingSince: number | null;
}

export class Copies {
  private readonly models = new Map<ModelId, Held>();
  private waiting: (() => void)[] = [];
  /** Milliseconds that the last copy took. */
  private took = 0;
  private over = false;

  /** `onFailure`: the node could not take weights. */
  constructor(
    private readonly engine: Engine,
    private readonly onFailure: (error: unknown) => void,
  ) {}

  /** These are to be sampled with from now on. Returns at once. */
  want(model: ModelId, wanted: Weights): void {
    const held = this.models.get(model) ?? { wanted, copy: null, copyingSince: null };
    held.wanted = wanted;
    this.models.set(model, held);
    if (held.copyingSince === null) void this.follow(model, held);
  }

  async forget(model: ModelId): Promise<void> {
    const held = this.models.get(model);
    this.models.delete(model);
    this.changed();
    if (held) await this.retire(held, null);
  }

  /** The node is gone: whoever waits for weights here is told. */
  end(): void {
    this.over = true;
    this.changed();
  }

  /** Resolves when nothing is being copied. */
  async settled(): Promise<void> {
    while (!this.over && [...this.models.values()].some(({ copyingSince }) => copyingSince !== null))
      await this.change();
  }

  /** Seconds until it can sample with weights that are no older; null if it will not. */
  delay(model: ModelId, oldest: number): number | null {
    const held = this.models.get(model);
    if (!held || this.over) return null;
    if (held.copy && held.copy.weights.version >= oldest) return 0;
    if (held.copyingSince === null || held.wanted.version < oldest) return null;
    const since = performance.now() - held.copyingSince;
    // What takes longer than the last time is expected to take as long again.
    return (since < this.took ? this.took - since : since) / 1000;
  }

  /** `begun` is called when the weights are there. Rollouts name the version of the weights that wrote them. */
  async sample(
    request: SampleRequest,
    oldest: number,
    { push, begun, signal }: { push(rollout: Rollout): void; begun(): void; signal: AbortSignal },
  ): Promise<void> {
    const { held, copy } = await this.copyOf(request.model, oldest);
    signal.throwIfAborted();
    const policy = copy.weights.version;
    copy.users++;
    try {
      begun();
      for await (const rollout of this.engine.sample({ ...request, model: copy.id }, { signal }))
        push({ ...rollout, policy });
    } finally {
      copy.users--;
      if (held.copy !== copy) void this.leave(copy);
    }
  }

  private async copyOf(model: ModelId, oldest: number): Promise<{ held: Held; copy: Copy }> {
    for (;;) {
      const held = this.models.get(model);
      if (this.delay(model, oldest) === null || !held)
        throw new NotServingError('The weights are not there.');
      if (held.copy && held.copy.weights.version >= oldest) return { held, copy: held.copy };
      await this.change();
    }
  }

  private change(): Promise<void> {
    return new Promise((resolve) => {
      this.waiting.push(resolve);
    });
  }

  private changed(): void {
    for (const look of this.waiting.splice(0)) look();
  }

  /** Copies until what is wanted is here. */
  private async follow(model: ModelId, held: Held): Promise<void> {
    while (!this.over && this.models.get(model) === held && held.copy?.weights !== held.wanted) {
      const { wanted } = held;
      held.copyingSince = performance.now();
      // Weights that cannot be had are not this node's fault; the next ones may be there.
      const had = await wanted.files().then(
        () => true,
        () => false,
      );
      if (had) await this.replace(held, wanted).catch(this.onFailure);
      held.copyingSince = null;
      this.changed();
      if (held.copy?.weights !== wanted && held.wanted === wanted) break;
    }
    if (this.models.get(model) !== held) await this.retire(held, null); // forgotten meanwhile
  }

  private async replace(held: Held, weights: Weights): Promise<void> {
    if (held.copy?.weights.isSame(weights)) {
      held.copy.weights = weights;
      return;
    }
    const began = performance.now();
    const id = await weights.copyTo(this.engine);
    this.took = performance.now() - began;
    await this.retire(held, { id, weights, users: 0 });
  }

  private async retire(held: Held, next: Copy | null): Promise<void> {
    const { copy } = held;
    held.copy = next;
    this.changed();
    if (copy) await this.leave(copy);
  }

  /** The last one to leave a copy that is not in use any more puts it away. */
  private async leave({ id, users }: Copy): Promise<void> {
    if (users === 0 && !this.over) await this.engine.dispose(id).catch(() => {});
  }
}
