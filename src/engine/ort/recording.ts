/**
 * @file Replaying a model's GPU commands instead of encoding them anew: most of a small model's step is spent on the
 * processor telling the GPU what to do, and that is the same every time.
 *
 * onnxruntime can record ("graph capture") but its recordings have been wrong in more than one way: the first run
 * happens twice, copies are left out of the replay, pre-allocated outputs are refused. So a recording is only for models
 * that change nothing they read, takes its outputs where onnxruntime puts them, and is used only after it has proven
 * itself: for one run with new inputs, every bit of every output must equal the plain run's.
 */

import type { InferenceSession, Tensor } from 'onnxruntime-common';
import type { Model } from '../../graph/artifacts';

export type GpuBuffers = Record<string, GPUBuffer>;

/** Larger outputs are not worth a second copy: such models are bound by the GPU, not by the processor. */
const LARGEST_OUTPUT = 64 * 2 ** 20;

type State = 'waiting' | 'recorded' | 'proven' | 'refused';

export class Recording {
  private state: State = 'waiting';
  private session: InferenceSession | null = null;
  private feeds: GpuBuffers = {};
  private outputs: GpuBuffers = {};

  constructor(
    private readonly model: Model,
    private readonly create: () => Promise<InferenceSession>,
    private readonly bind: (buffers: GpuBuffers) => Record<string, Tensor>,
    private readonly differs: (pairs: [GPUBuffer, GPUBuffer][]) => Promise<boolean>,
  ) {}

  get isProven(): boolean {
    return this.state === 'proven';
  }

  /** Whether these are the buffers of the recording, which cannot work on others. */
  private matches(feeds: GpuBuffers): boolean {
    return Object.entries(feeds).every(([name, buffer]) => this.feeds[name] === buffer);
  }

  /** Replays, if that has been proven right; the outputs are then in the buffers that this returns. */
  async replay(feeds: GpuBuffers): Promise<GpuBuffers | null> {
    if (this.state !== 'proven' || !this.session || !this.matches(feeds)) return null;
    await this.session.run(this.bind(this.feeds));
    return this.outputs;
  }

  /** Called after each plain run: records on the first, compares on the second. */
  async consider(feeds: GpuBuffers, results: GpuBuffers): Promise<void> {
    switch (this.state) {
      case 'waiting':
        await this.record(feeds, results);
        break;
      case 'recorded':
        await this.prove(feeds, results);
        break;
      case 'proven':
      case 'refused':
        break;
      default:
        this.state satisfies never;
    }
  }

  async release(): Promise<void> {
    await this.session?.release();
    this.session = null;
    this.state = 'refused';
  }

  private async record(feeds: GpuBuffers, results: GpuBuffers): Promise<void> {
    const read = new Set(Object.values(feeds));
    const changesItsInputs = Object.values(results).some((buffer) => read.has(buffer));
    const bytes = Object.values(results).reduce((sum, { size }) => sum + size, 0);
    if (changesItsInputs || bytes > LARGEST_OUTPUT) {
      this.state = 'refused';
      return;
    }
    await this.orRefuse(async () => {
      this.feeds = { ...feeds };
      this.session = await this.create();
      const outputs = await this.session.run(this.bind(feeds));
      for (const { name } of this.model.outputs)
        this.outputs[name] = outputs[name].gpuBuffer as unknown as GPUBuffer;
      this.state = 'recorded';
    });
  }

  private async prove(feeds: GpuBuffers, results: GpuBuffers): Promise<void> {
    if (!this.matches(feeds)) return;
    await this.orRefuse(async () => {
      await this.session?.run(this.bind(this.feeds));
      const pairs = this.model.outputs.map(({ name }): [GPUBuffer, GPUBuffer] => [
        this.outputs[name],
        results[name],
      ]);
      if (await this.differs(pairs)) await this.release();
      else this.state = 'proven';
    });
  }

  /** A model that cannot be recorded runs as it did. */
  private async orRefuse(attempt: () => Promise<void>): Promise<void> {
    try {
      await attempt();
    } catch {
      await this.release();
    }
  }
}
