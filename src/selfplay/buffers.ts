/**
 * @file The tasks there are: a buffer for each mode, oldest first, from which references are shown to the proposer and tasks
 * given to the solver. With them goes what is counted over them: how rare a value is, and which programs are there already.
 *
 * Only ids and a few counts make up the state; all else follows from the tasks, which the log has.
 */

import { type Mode, modes, type Refusal, type Task, type TaskUpdate } from '../store/records';
import type { Settings } from './config';
import { TypeCounts } from './intrinsic';

export type BufferSettings = Settings<
  | 'buffers.capacity'
  | 'buffers.overflow'
  | 'buffers.retire'
  | 'buffers.retire.estimates'
  | 'gate.novelty'
  | 'gate.alike'
>;

/** Plain data. */
export interface BuffersState {
  /** Ids, oldest first. */
  buffers: Record<Mode, number[]>;
  /** Of tasks that are on their way to be mastered: how many estimates in a row were high enough. */
  streaks: [id: number, estimates: number][];
  /** Tasks that left as mastered: they stay known, so that they are not news again. */
  mastered: number[];
}

/** What tells whether a task is new. */
export type Identity = Pick<Task, 'mode' | 'program' | 'astHash' | 'behaviour' | 'pairs'>;

export class Buffers {
  private readonly settings: BufferSettings;
  private readonly lists = perMode((): Task[] => []);
  private readonly seen = perMode(() => ({ inputs: new TypeCounts(), outputs: new TypeCounts() }));
  private readonly byId = new Map<number, Task>();
  private readonly streaks = new Map<number, number>();
  private readonly mastered: number[] = [];
  /** How many known tasks have a mark. */
  private readonly marks = new Map<string, number>();

  constructor(settings: BufferSettings) {
    this.settings = settings;
  }

  /** `tasks` must hold those that `tasksOf` names, with their latest solve rates; others are ignored. */
  static restore(settings: BufferSettings, state: BuffersState, tasks: Iterable<Task>): Buffers {
    const buffers = new Buffers(settings);
    const byId = new Map([...tasks].map((task) => [task.id, task]));
    const find = (id: number) => {
      const task = byId.get(id);
      if (!task) throw new Error(`Task ${id} is in a buffer but not in the log: the run cannot go on.`);
      return task;
    };
    for (const mode of modes) for (const id of state.buffers[mode]) buffers.enter(find(id));
    for (const [id, estimates] of state.streaks) buffers.streaks.set(id, estimates);
    for (const id of state.mastered) {
      buffers.mark(find(id), 1);
      buffers.mastered.push(id);
    }
    return buffers;
  }

  static tasksOf(state: BuffersState): number[] {
    return [...modes.flatMap((mode) => state.buffers[mode]), ...state.mastered];
  }

  state(): BuffersState {
    return {
      buffers: perMode((mode) => this.lists[mode].map(({ id }) => id)),
      streaks: [...this.streaks].sort(([a], [b]) => a - b),
      mastered: [...this.mastered],
    };
  }

  /** Tasks of a mode, oldest first. */
  of(mode: Mode): readonly Task[] {
    return this.lists[mode];
  }

  get(id: number): Task | undefined {
    return this.byId.get(id);
  }

  /** Values of the inputs and outputs in the buffer of a mode. */
  values(mode: Mode): { inputs: TypeCounts; outputs: TypeCounts } {
    return this.seen[mode];
  }

  /** Adds the newest task of all, whether or not it is new. Says which tasks left for it, which may be the task itself. */
  add(task: Task): TaskUpdate[] {
    const list = this.lists[task.mode];
    const full = list.length >= this.settings['buffers.capacity'];
    if (full && this.settings['buffers.overflow'] === 'newest') return [{ task: task.id, left: 'full' }];
    const left: TaskUpdate[] = [];
    if (full) {
      const oldest = list[0];
      this.leave(oldest);
      this.mark(oldest, -1);
      left.push({ task: oldest.id, left: 'full' });
    }
    this.enter(task);
    this.count(task.id, task.solveRate);
    return left;
  }

  /**
   * A new estimate of a task's solve rate. A task that is mastered leaves, unless it is the last of its mode: there is always
   * one to train on and to show.
   */
  estimate(id: number, solveRate: number): TaskUpdate[] {
    const before = this.byId.get(id);
    if (!before) return [];
    const task = { ...before, solveRate };
    this.byId.set(id, task);
    const list = this.lists[task.mode];
    list[list.indexOf(before)] = task;
    this.count(id, solveRate);
    const enough = this.settings['buffers.retire.estimates'];
    if ((this.streaks.get(id) ?? 0) < enough || list.length === 1) return [{ task: id, solveRate }];
    this.leave(task);
    this.mastered.push(id);
    return [{ task: id, solveRate, left: 'mastered' }];
  }

  /** Why a task is not new, or null if it is or nobody asks. `others` count as if they were there already. */
  repeats(
    task: Identity,
    others: readonly Identity[] = [],
  ): Extract<Refusal, 'duplicate' | 'same-behaviour' | 'alike'> | null {
    const { 'gate.novelty': novelty, 'gate.alike': most } = this.settings;
    const { program, behaviour, form } = marksOf(task);
    const more = others.flatMap((other) => Object.values(marksOf(other)));
    const times = (mark: string) =>
      mark === '' ? 0 : (this.marks.get(mark) ?? 0) + more.filter((each) => each === mark).length;
    if (novelty !== 'none' && times(program) > 0) return 'duplicate';
    if (novelty === 'behaviour' && times(behaviour) > 0) return 'same-behaviour';
    return most > 0 && times(form) >= most ? 'alike' : null;
  }

  private enter(task: Task): void {
    this.lists[task.mode].push(task);
    this.byId.set(task.id, task);
    this.mark(task, 1);
    for (const [input, output] of task.pairs) {
      this.seen[task.mode].inputs.add(input);
      this.seen[task.mode].outputs.add(output);
    }
  }

  private leave(task: Task): void {
    const list = this.lists[task.mode];
    list.splice(list.indexOf(task), 1);
    this.byId.delete(task.id);
    this.streaks.delete(task.id);
    for (const [input, output] of task.pairs) {
      this.seen[task.mode].inputs.remove(input);
      this.seen[task.mode].outputs.remove(output);
    }
  }

  private mark(task: Identity, change: 1 | -1): void {
    for (const mark of Object.values(marksOf(task))) {
      if (!mark) continue;
      const count = (this.marks.get(mark) ?? 0) + change;
      if (count > 0) this.marks.set(mark, count);
      else this.marks.delete(mark);
    }
  }

  private count(id: number, solveRate: number | null): void {
    const mastered = this.settings['buffers.retire'];
    if (mastered > 0 && solveRate !== null && solveRate >= mastered) {
      this.streaks.set(id, (this.streaks.get(id) ?? 0) + 1);
    } else this.streaks.delete(id);
  }
}

/**
 * By mode: one program may serve for all. An induction task is about a program that is there anyway, so that it is its inputs
 * which make it new, and its program's form says nothing. Behaviour that is not known is like no other.
 */
function marksOf({ mode, program, astHash, behaviour, pairs }: Identity) {
  const about = mode === 'induction' ? JSON.stringify(pairs.map(([input]) => input).sort()) : '';
  return {
    program: `${mode} program ${astHash} ${about}`,
    behaviour: behaviour && `${mode} behaviour ${behaviour} ${about}`,
    form: mode === 'induction' ? '' : `${mode} form ${formOf(program)}`,
  };
}

/** The program with all its constants alike; a digit in a name is none. */
const formOf = (program: string) =>
  program.replace(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g, "''").replace(/\b\d+/g, '0');

function perMode<T>(make: (mode: Mode) => T): Record<Mode, T> {
  return Object.fromEntries(modes.map((mode) => [mode, make(mode)])) as Record<Mode, T>;
}
