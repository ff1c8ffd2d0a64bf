/**
 * @file Learning from a batch: micro-batch after micro-batch through the training model, gradients added up, then AdamW.
 */

import { evalModel, type LossKind, trainingModel } from '../../graph/artifacts';
import { planMemory } from '../../model/memory';
import type { AdamParams, Control, Datum, LossMetrics, LossReport, LossSpec, OptimReport } from '../engine';
import { InvalidRequestError } from '../errors';
import { checkLoss, policyMetrics } from '../losses';
import {
  aggregate,
  type BatchInputs,
  checkBatch,
  fillBatch,
  gatherResults,
  type MicroBatch,
  planBatches,
} from './batches';
import { type Device, limitsOf } from './device';
import { type Program, type Programs, shapeKey } from './programs';
import type { ResidentModel } from './resident-model';

export class Trainer {
  constructor(
    private readonly device: Device,
    private readonly programs: Programs,
  ) {}

  async forward(model: ResidentModel, batch: Datum[], control: Control = {}): Promise<Float32Array[]> {
    checkBatch(batch, model.config.vocabSize, model.config.maxPositions);
    const plan = planBatches(batch);
    const weights = aggregate(batch, 'sum');
    const results: Float32Array[] = [];
    for (const [i, micro] of plan.entries()) {
      announce(control, 'scoring', i, plan.length);
      const program = await this.programs.get(programKey(model, 'eval', micro), () =>
        evalModel(model.config, { ...micro.layout, target: this.device.target }),
      );
      fill(program, fillBatch(micro, batch, weights));
      await program.run(model.feeds());
      results.push(await program.read('log_probs'));
    }
    announce(control, 'scoring', plan.length, plan.length);
    return gatherResults(plan, results, batch);
  }

  async forwardBackward(
    model: ResidentModel,
    batch: Datum[],
    loss: LossSpec,
    control: Control = {},
  ): Promise<LossReport> {
    const started = performance.now();
    if (!model.trainable)
      throw new InvalidRequestError('This model was created without gradients: create it trainable.');
    checkBatch(batch, model.config.vocabSize, model.config.maxPositions);
    checkLoss(batch, loss);
    const plan = planBatches(batch);
    const weights = aggregate(batch, loss.aggregation);
    const kind = lossKind(loss);
    const logProbs: Float32Array[] = [];
    const entropies: Float32Array[] = [];
    let total = 0;
    for (const [i, micro] of plan.entries()) {
      announce(control, 'training', i, plan.length);
      const recompute = model.recompute ?? !this.fits(model, micro);
      const use = `${recompute ? 'train again' : 'train'} ${JSON.stringify(kind)}`;
      const program = await this.programs.get(programKey(model, use, micro), () =>
        trainingModel(model.config, { ...micro.layout, target: this.device.target, recompute }, kind),
      );
      fill(program, fillBatch(micro, batch, weights));
      if (loss.kind === 'policy') fillSettings(program, loss);
      if (model.hasGradients) {
        const extra = model.scratchGradients();
        await program.run(model.feeds(), extra);
        this.device.accumulate(Object.values(model.gradients()), Object.values(extra));
      } else {
        await program.run(model.feeds(), model.gradients());
        model.hasGradients = true;
      }
      total += (await program.read('loss'))[0];
      logProbs.push(await program.read('log_probs'));
      if (kind.kind === 'policy') entropies.push(await program.read('entropy'));
    }
    announce(control, 'training', plan.length, plan.length);

    const perDatum = gatherResults(plan, logProbs, batch);
    const entropy = kind.kind === 'policy' ? gatherResults(plan, entropies, batch) : null;
    const metrics: LossMetrics = {
      tokens: weights.reduce((sum, w) => sum + w.reduce((n, x) => n + (x !== 0 ? 1 : 0), 0), 0),
      computedTokens: plan.reduce((sum, { layout }) => sum + layout.rows * layout.length, 0),
      seconds: (performance.now() - started) / 1000,
      ...(loss.kind === 'policy' ? policyMetrics(batch, weights, perDatum, entropy, loss) : {}),
    };
    return { loss: total, logProbs: perDatum, entropy, metrics };
  }

  /** Whether a micro-batch can be trained on with everything kept that its backward pass reads. */
  private fits({ config }: ResidentModel, { layout: { rows: batch, length: context } }: MicroBatch): boolean {
    const use = { training: 'full', batch, context, sampleBatch: 0, sampleContext: 0 } as const;
    return planMemory(config, use, limitsOf(this.device.info)).verdict.fits;
  }

  async optimStep(model: ResidentModel, adam: AdamParams): Promise<OptimReport> {
    if (!model.hasGradients) {
      throw new InvalidRequestError(
        'There are no gradients to apply: call forwardBackward before optimStep.',
      );
    }
    const settings = {
      beta1: 0.9,
      beta2: 0.95,
      epsilon: 1e-8,
      weightDecay: 0,
      maxGradNorm: Infinity,
      ...adam,
    };
    for (const [name, value] of Object.entries(settings)) {
      if (Number.isNaN(value) || value < 0)
        throw new InvalidRequestError(`${name} must be a number of at least 0, not ${value}.`);
    }
    const trained = model.trained.flatMap(({ name, decay, weight, training }) =>
      training ? [{ name, decay, weight, ...training }] : [],
    );
    const gradNorm = await this.device.optimize(model.config, trained, { ...settings, step: model.step + 1 });
    model.hasGradients = false;
    const applied = Number.isFinite(gradNorm);
    if (applied) {
      model.step++;
      model.changed = true;
    }
    return { step: model.step, gradNorm, applied };
  }
}

function announce({ signal, onProgress }: Control, phase: string, done: number, total: number): void {
  signal?.throwIfAborted();
  onProgress?.({ phase, done, total });
}

const programKey = ({ config }: ResidentModel, use: string, { layout }: MicroBatch): string =>
  `${use} ${layout.packing} ${layout.rows}x${layout.length} ${shapeKey(config)}`;

function fill(program: Program, inputs: BatchInputs): void {
  for (const { name } of program.model.inputs) {
    if (name in inputs) program.write(name, inputs[name as keyof BatchInputs]);
  }
}

const lossKind = (loss: LossSpec): LossKind =>
  loss.kind === 'policy'
    ? {
        kind: 'policy',
        entropy: Boolean(loss.entropy),
        reference: Boolean(loss.kl),
        dual: Boolean(loss.dualClip),
      }
    : { kind: 'cross-entropy' };

function fillSettings(program: Program, loss: Extract<LossSpec, { kind: 'policy' }>): void {
  const settings: Record<string, number> = {
    ratio_low: 1 - loss.clipLow,
    ratio_high: 1 + loss.clipHigh,
    ratio_dual: loss.dualClip ?? 0,
    entropy_coefficient: loss.entropy ?? 0,
    kl_coefficient: loss.kl ?? 0,
  };
  for (const { name } of program.model.inputs) {
    if (name in settings) program.write(name, Float32Array.of(settings[name]));
  }
}
