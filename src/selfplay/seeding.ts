/**
 * @file What a run begins with: the identity function and whatever the model makes of it, or seeds from a file. Nothing is learned
 * here. Seeds are step 0 of the log.
 */

import { parseValue } from '../sandbox/literal';
import { equal } from '../sandbox/value';
import type { Alert, Episode, Mode, Task, TaskUpdate } from '../store/records';
import { askProposers, parentsOf } from './asking';
import { SeedingError } from './errors';
import { type Candidate, examineInputs, examineProgram, type Found, screen, survives, taskOf } from './gate';
import { type Played, proposals } from './play';
import type { Scene } from './players';
import { seedsWanted } from './schedule';
import { type Counters, type ProposalTurn, Scribe } from './scribe';
import { identity, inductionIdentity, type Seed } from './seeds';

/** Rounds in a row that bring nothing new, after which a run begins with the seeds it has. */
const patience = 8;

/** `seeds` from a file stand in for those of their kind that the model would make. */
export async function sow(
  scene: Scene,
  seeds: readonly Seed[],
  counters: Counters,
): Promise<Omit<Played, 'qualities'>> {
  const sower = new Sower(scene, counters);
  const { modes } = scene.config;
  const programs = modes.filter((mode) => mode === 'deduction' || mode === 'abduction');
  const induction = modes.includes('induction');
  // Induction is about programs of the other kinds, also where those are not played.
  const kinds: Mode[] = programs.length > 0 || !induction ? programs : ['deduction'];
  await sower.plant(seeds, kinds);
  if (kinds.length > 0 && !seeds.some(({ kind }) => kind === 'program')) await sower.grow(kinds);
  if (modes.includes('error') && !seeds.some(({ kind }) => kind === 'error')) await sower.grow(['error']);
  if (induction && !seeds.some(({ kind }) => kind === 'induction')) await sower.grow(['induction']);
  return sower.harvest();
}

class Sower {
  private readonly scene: Scene;
  /** What people write into a file is taken as it is; what the model writes may be stripped. */
  private readonly stripping: Scene;
  private readonly counters: Counters;
  private readonly scribe: Scribe;
  private readonly tasks: Task[] = [];
  private readonly updates: TaskUpdate[] = [];
  private readonly alerts: Alert[] = [];

  constructor(scene: Scene, counters: Counters) {
    const { config } = scene;
    const clean = config['seeding.clean'] && { 'clean.comments': true, 'clean.globals': true };
    this.scene = scene;
    this.stripping = { ...scene, config: { ...config, ...clean } };
    this.counters = counters;
    this.scribe = new Scribe(this.scene, counters);
  }

  harvest(): { episodes: Episode[]; tasks: Task[]; updates: TaskUpdate[]; alerts: Alert[] } {
    const { episodes } = this.scribe;
    return { episodes, tasks: this.tasks, updates: this.updates, alerts: this.alerts };
  }

  // ---- From a file, or the identity --------------------------------------------------------------------------------

  async plant(given: readonly Seed[], programs: readonly Mode[]): Promise<void> {
    const { modes } = this.scene.config;
    const missing = identity.filter(({ kind }) => !given.some((seed) => seed.kind === kind));
    const inductive = missing.some(({ kind }) => kind === 'induction');
    const own = [
      ...missing.filter(({ kind }) => kind !== 'induction'),
      ...(inductive ? [inductionIdentity(this.scene.config['induction.inputs'])] : []),
    ];
    const modesOf = ({ kind }: Seed) => (kind === 'program' ? programs : modes.includes(kind) ? [kind] : []);
    for (const seed of own) for (const mode of modesOf(seed)) await this.plantOne(seed, mode, 'identity');
    const faults: string[] = [];
    let planted = 0;
    for (const [index, seed] of given.entries()) {
      for (const mode of modesOf(seed)) {
        const fault = await this.plantOne(seed, mode, 'file');
        if (fault) faults.push(`Seed ${index + 1} (${mode}): ${fault}`);
        else planted++;
      }
    }
    if (given.length > 0 && planted === 0) {
      throw new SeedingError(
        `None of the ${given.length} seeds can be used; the first one because: ${faults[0] ?? 'its kind is not among the modes.'}`,
      );
    }
    if (faults.length > 0) {
      const message = `${faults.length} seeds of the file were left out. ${faults.slice(0, 5).join(' ')}`;
      this.alerts.push({ kind: 'seeding', message });
    }
  }

  /** Why it was left out, or null. */
  private async plantOne(seed: Seed, mode: Mode, origin: 'identity' | 'file'): Promise<string | null> {
    const found = await this.examine(seed, mode);
    if ('fault' in found) return found.fault.reason;
    const { candidate } = found;
    const expected = seed.kind === 'induction' ? seed.outputs : seed.output === null ? null : [seed.output];
    const wrong = candidate.pairs.findIndex(
      ([, output], index) => expected !== null && !same(output, expected[index] ?? '', mode),
    );
    if (wrong >= 0) {
      return `its output is said to be ${expected?.[wrong]}, and is ${candidate.pairs[wrong][1]}.`;
    }
    if (candidate.heldOut) return 'the run is tested with this program, or one that does the same.';
    if (this.scene.buffers.repeats(candidate) || this.isThere(candidate, mode))
      return 'there is a seed that does the same.';
    this.enter(candidate, mode, origin, []);
    return null;
  }

  private async examine(seed: Seed, mode: Mode): Promise<Found> {
    const { scene } = this;
    const parsed = { kind: 'proposal', thought: '', message: '', program: seed.program } as const;
    if (seed.kind !== 'induction') {
      return examineProgram(scene, { mode, composite: [] }, { ...parsed, inputs: [seed.input] });
    }
    const count = scene.config['induction.inputs'];
    const inputs = seed.inputs.slice(0, count);
    if (inputs.length < count) {
      const reason = `it has ${inputs.length} inputs, and induction.inputs is ${count}.`;
      return { fault: { verdict: 'too-few', reason, refused: 'invalid' } };
    }
    const about = await examineProgram(
      scene,
      { mode: 'deduction', composite: [] },
      { ...parsed, inputs: [inputs[0]] },
    );
    if ('fault' in about) return about;
    return examineInputs(scene, about.candidate, { ...parsed, inputs, message: seed.message });
  }

  // ---- From the model ------------------------------------------------------------------------------------------------

  /** Until there are enough of each mode. A program serves deduction and abduction alike. */
  async grow(kinds: readonly Mode[]): Promise<void> {
    const { config, buffers, control } = this.scene;
    const wanted = seedsWanted(config);
    const [first] = kinds;
    let idle = 0;
    for (let round = 0; buffers.of(first).length < wanted && idle < patience; round++) {
      control.onProgress?.({ phase: `seeds of ${first}`, done: buffers.of(first).length, total: wanted });
      const before = buffers.of(first).length;
      const kind = kinds[round % kinds.length];
      const name = `seeds of ${kind}, round ${round}`;
      const asked = await askProposers(this.scene, kind, config.batch, name);
      const drafts = await proposals(this.stripping, asked, name);
      screen(this.scene, drafts);
      for (const draft of drafts) {
        const turn: ProposalTurn = { draft, attempts: [], task: null, episode: null };
        if (survives(draft) && buffers.of(first).length < wanted && !this.isThere(draft.candidate, first)) {
          const parents = parentsOf(draft.asking);
          for (const mode of kinds) {
            const task = this.enter(draft.candidate, mode, 'seeding', parents);
            turn.task ??= task;
          }
        }
        this.scribe.proposal(turn, { intrinsic: {}, repetition: 0 });
      }
      idle = buffers.of(first).length > before ? 0 : idle + 1;
    }
    const made = buffers.of(first).length;
    if (made >= wanted) return;
    this.alerts.push({
      kind: 'seeding',
      message: `Only ${made} of ${wanted} seeds for ${kinds.join(' and ')} could be made: the last ${patience} rounds brought no new one.`,
    });
  }

  /** The very same program and input: the original keeps these apart too, if only while it makes seeds, and of programs only. */
  private isThere({ program, pairs }: Candidate, mode: Mode): boolean {
    if (mode === 'induction') return false;
    const [input] = pairs[0];
    return this.scene.buffers.of(mode).some((task) => task.program === program && task.pairs[0][0] === input);
  }

  private enter(candidate: Candidate, mode: Mode, origin: Task['origin'], parents: number[]): Task {
    const task = taskOf(
      { ...candidate, mode },
      { id: this.counters.nextTask++, step: 0, origin, parents, solveRate: null },
    );
    this.tasks.push(task);
    this.updates.push(...this.scene.buffers.add(task));
    return task;
  }
}

/** A file may write a value in another way than Python does. */
function same(output: string, expected: string, mode: Mode): boolean {
  if (output === expected) return true;
  if (mode === 'error') return false;
  const [a, b] = [parseValue(output), parseValue(expected)];
  return a.ok && b.ok && equal(a.value, b.value);
}
