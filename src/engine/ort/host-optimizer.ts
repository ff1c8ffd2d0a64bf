/**
 * @file AdamW on a processor, part by part: what a step takes beside the model is that of one part, however large the model is. First
 * the norm of all gradients, then the updates, which none gets if the norm is not finite.
 */

import { type Model, onesName, type Piece, squaresModel, updateModel } from '../../graph/artifacts';
import type { BuiltShape } from '../../model/build';
import type { OptimizerStep, Session, TrainedParameter } from './device';
import { type HostBlock, type HostDevice, setNumbers } from './host-device';
import { shapeKey } from './programs';

/** Parameters of one part, 8 MiB; a larger one is cut. */
const PART = 2 ** 21;

/** Numbers of a parameter, all of them or some in a row. */
interface Cut extends Piece {
  of: TrainedParameter;
  start: number;
  end: number;
}

interface Part {
  cuts: Cut[];
  squares: Session;
  update: Session;
}

export class HostOptimizer {
  /** By architecture. */
  private readonly parts = new Map<string, Pick<Part, 'squares' | 'update'>[]>();
  private ones: Float32Array = new Float32Array();

  constructor(
    private readonly device: HostDevice,
    private readonly atMost = PART,
  ) {}

  /** The global norm of the gradients before clipping. */
  async step(shape: BuiltShape, parameters: TrainedParameter[], settings: OptimizerStep): Promise<number> {
    const parts = await this.partsOf(shape, parameters);
    const norm = await this.norm(parts);
    if (!Number.isFinite(norm)) return norm;
    const inputs = { ...optimizerInputs(settings), grad_norm: norm };
    const scalars = Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, scalar(value)]));
    for (const { cuts, update } of parts) await this.update(cuts, update, scalars);
    return norm;
  }

  async release(): Promise<void> {
    for (const { squares, update } of [...this.parts.values()].flat()) {
      await squares.release();
      await update.release();
    }
    this.parts.clear();
  }

  /** All programs are there before anything is changed. */
  private async partsOf(shape: BuiltShape, parameters: TrainedParameter[]): Promise<Part[]> {
    const cut = cutUp(parameters, this.atMost);
    const key = shapeKey(shape);
    const known = this.parts.get(key);
    if (known) return known.map((sessions, index) => ({ ...sessions, cuts: cut[index] }));
    const made: Part[] = [];
    // Each would keep the memory of its own part, and all together that of the whole.
    const compile = (model: Model) => this.device.compile(model, { keepsMemory: false });
    for (const cuts of cut) {
      made.push({
        cuts,
        squares: await compile(squaresModel(cuts)),
        update: await compile(updateModel(cuts)),
      });
    }
    this.parts.set(
      key,
      made.map(({ squares, update }) => ({ squares, update })),
    );
    return made;
  }

  private async norm(parts: readonly Part[]): Promise<number> {
    const largest = Math.max(...parts.flatMap(({ cuts }) => cuts.map(({ start, end }) => end - start)));
    if (this.ones.length < largest) this.ones = new Float32Array(largest).fill(1);
    let squares = scalar(0);
    for (const { cuts, squares: session } of parts) {
      const feeds: Record<string, HostBlock> = { squares };
      for (const cut of cuts) {
        const size = cut.end - cut.start;
        feeds[`grad.${cut.name}`] = view(cut.of.gradient as HostBlock, cut);
        feeds[onesName(size)] = { dtype: 'float32', size, data: this.ones.subarray(0, size) };
      }
      const next = scalar(0);
      await this.device.run(session, feeds, { 'new.squares': next });
      squares = next;
    }
    return Math.fround(Math.sqrt(squares.data[0] as number));
  }

  private async update(
    cuts: readonly Cut[],
    session: Session,
    scalars: Record<string, HostBlock>,
  ): Promise<void> {
    const feeds = { ...scalars };
    const results: Record<string, HostBlock> = {};
    const updates: { block: HostBlock; next: HostBlock; cut: Cut }[] = [];
    for (const cut of cuts) {
      const { name, of } = cut;
      feeds[`grad.${name}`] = view(of.gradient as HostBlock, cut);
      for (const [prefix, block] of [
        ['', of.weight],
        ['m.', of.momentum],
        ['v.', of.variance],
      ] as [string, HostBlock][]) {
        feeds[`${prefix}${name}`] = view(block, cut);
        const next = { ...block };
        results[`new.${prefix}${name}`] = next;
        updates.push({ block, next, cut });
      }
    }
    await this.device.run(session, feeds, results);
    for (const { block, next, cut } of updates) {
      if (next.data.length === block.size) block.data = next.data;
      else setNumbers(block.data, next.data, cut.start);
    }
  }
}

const scalar = (value: number): HostBlock => ({ dtype: 'float32', size: 1, data: Float32Array.of(value) });

const view = ({ dtype, data }: HostBlock, { start, end }: Cut): HostBlock => ({
  dtype,
  size: end - start,
  data: data.subarray(start, end),
});

/** In their order, so that the squares add up as they would all at once. */
function cutUp(parameters: readonly TrainedParameter[], atMost: number): Cut[][] {
  const parts: Cut[][] = [];
  let room = 0;
  for (const of of parameters) {
    const { name, decay, weight } = of;
    for (let start = 0; start < weight.size; start += atMost) {
      const end = Math.min(start + atMost, weight.size);
      if (parts.length === 0 || end - start > room) {
        parts.push([]);
        room = atMost;
      }
      room -= end - start;
      parts.at(-1)?.push({ name: `${name}.${start}`, shape: [end - start], decay, of, start, end });
    }
  }
  return parts;
}

/** The optimizer's scalar inputs. */
export function optimizerInputs(step: OptimizerStep): Record<string, number> {
  const { beta1, beta2 } = step;
  return {
    learning_rate: step.learningRate,
    beta1,
    beta2,
    one_minus_beta1: 1 - beta1,
    one_minus_beta2: 1 - beta2,
    correction1: 1 - beta1 ** step.step,
    correction2: 1 - beta2 ** step.step,
    epsilon: step.epsilon,
    weight_decay: step.weightDecay,
    max_grad_norm: Math.min(step.maxGradNorm, 3e38), // Infinity - Infinity is NaN, the largest float is not
  };
}
