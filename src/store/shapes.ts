/**
 * @file Is this a record? Databases are damaged and files are edited, so whatever comes from either is looked at once, field by
 * field, before the program believes it. A check answers where the first fault is, or null.
 */

import {
  type Alert,
  type Episode,
  type Judged,
  type Lesson,
  modes,
  type Parsed,
  type Place,
  type RunInfo,
  refusals,
  roles,
  type Snapshot,
  type StepRecord,
  type Task,
  type TaskUpdate,
} from './records';

/** The path to what is wrong, '.tasks[3].id'; '' for the value itself; null if nothing is. */
export type Check = (value: unknown) => string | null;

const when =
  (sound: (value: unknown) => boolean): Check =>
  (value) =>
    sound(value) ? null : '';

export const number = when((value) => typeof value === 'number');
export const integer = when(Number.isSafeInteger);
export const count = when((value) => Number.isSafeInteger(value) && (value as number) >= 0);
export const text = when((value) => typeof value === 'string');
export const flag = when((value) => typeof value === 'boolean');
export const anything: Check = () => null;
export const instance = (type: abstract new (...args: never) => unknown): Check =>
  when((value) => value instanceof type);
export const oneOf = (values: readonly unknown[]): Check => when((value) => values.includes(value));

export const nullable =
  (of: Check): Check =>
  (value) =>
    value === null ? null : of(value);

export const optional =
  (of: Check): Check =>
  (value) =>
    value === undefined ? null : of(value);

export const list =
  (of: Check): Check =>
  (value) => {
    if (!Array.isArray(value)) return '';
    for (let index = 0; index < value.length; index++) {
      const fault = of(value[index]);
      if (fault !== null) return `[${index}]${fault}`;
    }
    return null;
  };

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Any names, values of one kind. */
export const table =
  (of: Check): Check =>
  (value) => {
    if (!isObject(value)) return '';
    for (const name of Object.keys(value)) {
      const fault = of(value[name]);
      if (fault !== null) return `.${name}${fault}`;
    }
    return null;
  };

/** A check for every field, so that a new field of a record is a type error here until it has one. */
export function fields<T>(checks: { [Name in keyof Required<T>]: Check }): Check {
  const entries = Object.entries(checks) as [string, Check][];
  return (value) => {
    if (!isObject(value)) return '';
    for (const [name, check] of entries) {
      const fault = check(value[name]);
      if (fault !== null) return `.${name}${fault}`;
    }
    return null;
  };
}

/** One check for each value of `kind`. */
function kinds<T extends { kind: string }>(
  checks: {
    [Kind in T['kind']]: Check;
  },
): Check {
  return (value) => {
    if (!isObject(value)) return '';
    const kind = value.kind as T['kind'];
    return Object.hasOwn(checks, kind) ? checks[kind](value) : '.kind';
  };
}

type Of<T extends { kind: string }, Kind extends T['kind']> = Extract<T, { kind: Kind }>;

const texts = list(text);
const pair: Check = (value) => (Array.isArray(value) && value.length === 2 ? texts(value) : '');

export const taskFields: { [Name in keyof Required<Task>]: Check } = {
  id: count,
  mode: oneOf(modes),
  program: text,
  pairs: list(pair),
  effort: optional(list(count)),
  message: text,
  thought: text,
  step: integer,
  origin: oneOf(['identity', 'file', 'seeding', 'proposed']),
  parents: list(count),
  astHash: text,
  behaviour: text,
  solveRate: nullable(number),
  composite: texts,
};
export const task = fields<Task>(taskFields);

const parsed = kinds<Parsed>({
  proposal: fields<Of<Parsed, 'proposal'>>({
    kind: text,
    program: text,
    inputs: texts,
    message: text,
    thought: text,
  }),
  answer: fields<Of<Parsed, 'answer'>>({ kind: text, answer: text, thought: text }),
});

const judged = kinds<Judged>({
  unread: fields<Of<Judged, 'unread'>>({ kind: text, reason: text }),
  proposal: fields<Of<Judged, 'proposal'>>({
    kind: text,
    verdict: text,
    reason: nullable(text),
    outputs: texts,
    refused: nullable(oneOf(refusals)),
    solveRate: nullable(number),
  }),
  answer: fields<Of<Judged, 'answer'>>({
    kind: text,
    verdict: text,
    reason: nullable(text),
    correct: flag,
    right: nullable(list(flag)),
    trace: optional(nullable(number)),
  }),
});

export const episodeFields: { [Name in keyof Episode]: Check } = {
  id: count,
  step: integer,
  mode: oneOf(modes),
  role: oneOf(roles),
  group: number,
  task: nullable(count),
  proposal: nullable(count),
  prompt: text,
  completion: text,
  tokens: instance(Int32Array),
  logProbs: instance(Float32Array),
  promptTokens: count,
  stopReason: oneOf(['stop', 'length']),
  policy: number,
  format: flag,
  parsed: nullable(parsed),
  judged,
  reward: number,
  terms: table(number),
  advantage: nullable(number),
  flags: texts,
};
export const episode = fields<Episode>(episodeFields);

export const updates = list(
  fields<TaskUpdate>({
    task: count,
    solveRate: optional(number),
    left: optional(oneOf(['full', 'mastered'])),
  }),
);
export const lessons = list(
  fields<Lesson>({
    task: count,
    mode: oneOf(modes),
    kind: oneOf(['answer', 'proposal']),
    prompt: text,
    completion: text,
    borrowed: optional(pair),
  }),
);
export const alerts = list(fields<Alert>({ kind: text, message: text }));
export const metrics = table(number);

export const stepRecord = fields<StepRecord>({
  step: integer,
  at: number,
  episodes: list(episode),
  tasks: list(task),
  updates,
  metrics,
  alerts,
  lessons: optional(lessons),
});

export const snapshot = fields<Snapshot>({
  step: integer,
  nextTask: count,
  nextEpisode: count,
  buffers: fields<Snapshot['buffers']>({
    deduction: list(count),
    abduction: list(count),
    induction: list(count),
    error: list(count),
  }),
  state: table(anything),
});

export const runInfo = fields<RunInfo>({
  id: text,
  name: text,
  createdAt: number,
  logVersion: count,
  appVersion: text,
  seed: number,
  config: anything,
  backend: text,
  device: text,
  model: text,
  status: oneOf(['running', 'paused', 'finished', 'failed']),
  step: integer,
  parent: nullable(fields<NonNullable<RunInfo['parent']>>({ run: text, step: integer })),
  places: optional(list(fields<Place>({ from: integer, backend: text, device: text }))),
  note: optional(text),
  colour: optional(count),
});
