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
  /** The buffers that the recording reads, and those of the last run. */
  private feeds: GpuBuffers = {};
  private last: GpuBuffers = {};
  private outputs: GpuBuffers = {};

  constructor(
    private readonly model: Model,
    private readonly create: () => Promise<InferenceSession>,
    private readonly bind: (buffers: GpuBuffers) => Record<string, Tensor>,
    private readonly differs: (pairs: [GPUBuffer, GPUBuffer][]) => Promise<boolean>,
  ) {}

  /** Replays, if that has been proven right for these buffers; the outputs are then in the buffers that this returns. */
  async replay(feeds: GpuBuffers): Promise<GpuBuffers | null> {
    if (this.state !== 'proven' || !this.session || !same(this.feeds, feeds)) return null;
    await this.session.run(this.bind(this.feeds));
    return this.outputs;
  }

  /** Called after each plain run: records when a run was like the one before, and compares on the next. */
  async consider(feeds: GpuBuffers, results: GpuBuffers): Promise<void> {
    const isRepeated = same(this.last, feeds);
    this.last = { ...feeds };
    if (this.state === 'refused' || !isRepeated) return;
    try {
      // A recording of other buffers, of a model that is gone perhaps, makes room for one of these.
      if (this.session && !same(this.feeds, feeds)) await this.forget('waiting');
      if (this.state === 'waiting') await this.record(feeds, results);
      else if (this.state === 'recorded') await this.prove(results);
    } catch {
      await this.forget('refused'); // a model that cannot be recorded runs as it did
    }
  }

  async release(): Promise<void> {
    await this.forget('refused');
  }

  private async record(feeds: GpuBuffers, results: GpuBuffers): Promise<void> {
    const read = new Set(Object.values(feeds));
    const changesItsInputs = Object.values(results).some((buffer) => read.has(buffer));
    const bytes = Object.values(results).reduce((sum, { size }) => sum + size, 0);
    if (changesItsInputs || bytes > LARGEST_OUTPUT) {
      this.state = 'refused';
      return;
    }
    this.feeds = { ...feeds };
    this.session = await this.create();
    const outputs = await this.session.run(this.bind(feeds));
    for (const { name } of this.model.outputs) {
      this.outputs[name] = outputs[name].gpuBuffer as unknown as GPUBuffer;
    }
    this.state = 'recorded';
  }

  private async prove(results: GpuBuffers): Promise<void> {
    await this.session?.run(this.bind(this.feeds));
    const pairs = this.model.outputs.map(({ name }): [GPUBuffer, GPUBuffer] => [
      this.outputs[name],
      results[name],
    ]);
    if (await this.differs(pairs)) await this.forget('refused');
    else this.state = 'proven';
  }

  private async forget(state: State): Promise<void> {
    this.state = state;
    const { session } = this;
    this.session = null;
    await session?.release();
  }
}

const same = (a: GpuBuffers, b: GpuBuffers): boolean =>
  Object.entries(b).every(([name, buffer]) => a[name] === buffer);
