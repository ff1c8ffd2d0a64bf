/**
 * @file Compiled models with the blocks that they read and write, kept for the next batch of the same shape.
 */

import type { Model, TensorSpec } from '../../graph/artifacts';
import type { BuiltShape } from '../../model/build';
import type { Block, Device, Numbers, Session } from './device';

/** How many programs stay compiled; the one longest unused goes first. */
const KEPT = 48;

/** One compiled model. Inputs and outputs that a call does not bring along live in blocks of its own. */
export class Program {
  private readonly blocks = new Map<string, Block>();

  constructor(
    private readonly device: Device,
    readonly session: Session,
  ) {}

  get model(): Model {
    return this.session.model;
  }

  block(name: string): Block {
    let block = this.blocks.get(name);
    if (!block) {
      block = this.device.allocate(...blockOf(this.spec(name)));
      this.blocks.set(name, block);
    }
    return block;
  }

  /** A block beside the inputs and outputs, kept as they are. */
  scratch(name: string, dtype: Block['dtype'], size: number): Block {
    const block = this.blocks.get(name) ?? this.device.allocate(dtype, size);
    this.blocks.set(name, block);
    return block;
  }

  write(name: string, data: Numbers): void {
    this.device.write(this.block(name), data);
  }

  async read(name: string): Promise<Float32Array> {
    return (await this.device.read(this.block(name))) as Float32Array;
  }

  async run(feeds: Record<string, Block>, results: Record<string, Block> = {}): Promise<void> {
    const complete = (specs: TensorSpec[], given: Record<string, Block>) =>
      Object.fromEntries(specs.map(({ name }) => [name, given[name] ?? this.block(name)]));
    const { inputs, outputs } = this.model;
    await this.device.run(this.session, complete(inputs, feeds), complete(outputs, results));
  }

  async release(): Promise<void> {
    await this.session.release();
    for (const block of this.blocks.values()) this.device.free(block);
    this.blocks.clear();
  }

  private spec(name: string): TensorSpec {
    const spec = [...this.model.inputs, ...this.model.outputs].find((each) => each.name === name);
    if (!spec) throw new Error(`this program has no input or output "${name}"`);
    return spec;
  }
}

function blockOf({ dtype, shape }: TensorSpec): [Block['dtype'], number] {
  if (dtype === 'bool') throw new TypeError('models exchange numbers only');
  return [dtype, shape.reduce((a, b) => a * b, 1)];
}

export class Programs {
  private readonly kept = new Map<string, Program>();

  constructor(private readonly device: Device) {}

  async get(key: string, make: () => Model): Promise<Program> {
    const known = this.kept.get(key);
    if (known) {
      this.kept.delete(key);
      this.kept.set(key, known); // now the latest used
      return known;
    }
    const program = new Program(this.device, await this.device.compile(make()));
    this.kept.set(key, program);
    for (const [oldest, unused] of this.kept) {
      if (this.kept.size <= KEPT) break;
      this.kept.delete(oldest);
      await unused.release();
    }
    return program;
  }

  async release(): Promise<void> {
    for (const program of this.kept.values()) await program.release();
    this.kept.clear();
  }
}

/** What programs depend on: the architecture and how it is kept, not whose weights run through them. */
export function shapeKey(built: BuiltShape & { source?: unknown }): string {
  const { source: _, ...shape } = built;
  return JSON.stringify(shape);
}
