/**
 * @file Held-out tasks: what a model never trains on, so that it tells what training did. They are files of JSON lines that anybody
 * can write; a mistake in one is named by its line before any of it is asked.
 */

import type { Config } from '../selfplay/config';
import { type Mode, modes, type Pair } from '../store/records';

export interface HeldOutTask {
  id: string;
  mode: Mode;
  /** How hard its makers say it is; null if they do not say. */
  level: number | null;
  /** Of induction it may be empty: the pairs decide. */
  program: string;
  /** One; of induction the first half is shown to the solver, and the rest is hidden. Of `error` the output names an exception. */
  pairs: Pair[];
  /** Of induction: what the solver is told. */
  message: string;
}

/** One sentence that names the line. */
export class HeldOutError extends Error {
  override name = 'HeldOutError';
}

/**
 * One object a line: `{"mode", "program", "input", "output"}`, or `{"mode": "induction", "pairs": [[input, output], ...]}` with a
 * "program" and a "message" if there are any; each with an "id" and a "level" if it has them. With all of them and no mode, a line
 * is three tasks: a deduction, an abduction and an induction. Other names are left alone.
 */
export function readHeldOut(text: string): HeldOutTask[] {
  const tasks: HeldOutTask[] = [];
  const lines = new Map<string, number>();
  for (const [index, line] of text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .entries()) {
    if (line.trim() === '') continue;
    const number = index + 1;
    const refuse = (reason: string) => new HeldOutError(`Line ${number}: ${reason}`);
    for (const task of readTasks(line, number, refuse)) {
      const before = lines.get(task.id);
      if (before !== undefined) throw refuse(`its id "${task.id}" is that of line ${before}, too.`);
      lines.set(task.id, number);
      tasks.push(task);
    }
  }
  if (tasks.length === 0)
    throw new HeldOutError('There are no tasks in this file: write one a line, as JSON.');
  return tasks;
}

// ---- A line ----------------------------------------------------------------------------------------------------------

type Refuse = (reason: string) => HeldOutError;

function readTasks(line: string, number: number, refuse: Refuse): HeldOutTask[] {
  const record = objectOf(line, refuse);
  const { id = number, mode, input, pairs } = record;
  if (typeof id !== 'string' && typeof id !== 'number') throw refuse('its "id" must be text or a number.');
  if (mode !== undefined || input === undefined || pairs === undefined)
    return [readTask({ ...record, id }, refuse)];
  return everyUse.map((mode) => readTask({ ...record, mode, id: `${id}-${mode}` }, refuse));
}

const everyUse = ['deduction', 'abduction', 'induction'] as const;

function readTask(record: Record<string, unknown>, refuse: Refuse): HeldOutTask {
  const text = (name: string): string => {
    const value = record[name];
    if (typeof value === 'string') return value;
    throw refuse(
      value === undefined ? `it has no "${name}".` : `its "${name}" must be text, as a JSON string.`,
    );
  };
  const { id, mode, level = null } = record;
  if (!isMode(mode)) {
    const found = mode === undefined ? 'it has no "mode"' : `its mode ${JSON.stringify(mode)} is unknown`;
    throw refuse(`${found}: there is ${modes.join(', ')}.`);
  }
  if (level !== null && typeof level !== 'number') throw refuse('its "level" must be a number.');
  const common = { id: String(id), mode, level };
  if (mode !== 'induction') {
    return { ...common, program: text('program'), pairs: [[text('input'), text('output')]], message: '' };
  }
  const optional = (name: string) => (record[name] === undefined ? '' : text(name));
  return {
    ...common,
    program: optional('program'),
    pairs: pairsOf(record, refuse),
    message: optional('message'),
  };
}

function objectOf(line: string, refuse: Refuse): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw refuse(`this is no JSON (${(error as Error).message}).`);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw refuse('a task is a JSON object, {"mode": ...}.');
}

function pairsOf({ pairs }: Record<string, unknown>, refuse: Refuse): Pair[] {
  const isPair = (pair: unknown): pair is Pair =>
    Array.isArray(pair) && pair.length === 2 && pair.every((part) => typeof part === 'string');
  if (!Array.isArray(pairs) || !pairs.every(isPair)) {
    throw refuse('its "pairs" must be a list of pairs [input, output], both as text.');
  }
  if (pairs.length < 2)
    throw refuse(`it needs at least 2 pairs, one to show and one to hide, and has ${pairs.length}.`);
  return pairs;
}

const isMode = (value: unknown): value is Mode => (modes as readonly unknown[]).includes(value);

// ---- Some of them ----------------------------------------------------------------------------------------------------

export interface Selection {
  levels?: readonly number[];
  modes?: readonly Mode[];
  /** Of each mode and level, the first so many. */
  limit?: number;
}

const kindOf = ({ mode, level }: Pick<HeldOutTask, 'mode' | 'level'>) => `${mode} ${level}`;

export function select(
  tasks: readonly HeldOutTask[],
  { levels, modes, limit = Number.POSITIVE_INFINITY }: Selection,
): HeldOutTask[] {
  const taken = new Map<string, number>();
  return tasks.filter(({ mode, level }) => {
    if (modes && !modes.includes(mode)) return false;
    if (levels && (level === null || !levels.includes(level))) return false;
    const kind = kindOf({ mode, level });
    taken.set(kind, (taken.get(kind) ?? 0) + 1);
    return (taken.get(kind) as number) <= limit;
  });
}

/** Those that a run with this configuration asks. */
export function askedBy(config: Config, tasks: readonly HeldOutTask[]): HeldOutTask[] {
  const levels: readonly string[] = config['evaluate.levels'];
  return tasks.filter(
    ({ mode, level }) =>
      config.modes.includes(mode) &&
      config['evaluate.modes'].includes(mode) &&
      (level === null || levels.includes(String(level))),
  );
}

/** All, or as many of each mode and level. */
export function atMost(count: number, tasks: readonly HeldOutTask[]): HeldOutTask[] {
  if (tasks.length <= count) return [...tasks];
  return select(tasks, { limit: Math.floor(count / new Set(tasks.map(kindOf)).size) });
}
