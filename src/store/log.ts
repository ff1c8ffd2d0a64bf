/**
 * @file The log of a run as a file: JSONL, one line for the run, one for each step with all its records, one at the end that counts
 * them. It is written and read as a stream, a step at a time, so a run may be larger than memory; the store it comes from or goes
 * to may be any, or none: `openLog` is enough to replay a run in Node.
 *
 * Weights are not in it. The line of a step says that it had a checkpoint, and holds the snapshot that belongs to it.
 */

import { isJsonObject } from '../model/fields';
import { LogFormatError, NewerVersionError, StoreError, UnknownRecordError } from './errors';
import { parse, stringify } from './json';
import { gzip, readLines } from './lines';
import { checkIds, checkStep, emptySnapshot, follow } from './order';
import { type Checkpoint, logVersion, type RunInfo, type Snapshot, type StepRecord } from './records';
import * as shapes from './shapes';
import type { RunReader, Store } from './store';

const mark = 'zeroloop run log';

export interface LogStep {
  record: StepRecord;
  /** After the step; at checkpoints, and of the first and the last step that were exported. */
  snapshot: Snapshot | null;
  /** There was one when the log was written. */
  checkpoint: { at: number; bytes: number } | null;
}

type Line =
  | { kind: 'run'; log: typeof mark; version: number; run: RunInfo }
  | ({ kind: 'step' } & LogStep)
  | ({ kind: 'end' } & Counts);

export interface Counts {
  steps: number;
  episodes: number;
  tasks: number;
}

const checkRunLine = shapes.fields<Extract<Line, { kind: 'run' }>>({
  kind: shapes.oneOf(['run']),
  log: shapes.oneOf([mark]),
  version: shapes.count,
  run: shapes.runInfo,
});

const checkStepLine = shapes.fields<Extract<Line, { kind: 'step' }>>({
  kind: shapes.oneOf(['step']),
  record: shapes.stepRecord,
  snapshot: shapes.nullable(shapes.snapshot),
  checkpoint: shapes.nullable(
    shapes.fields<NonNullable<LogStep['checkpoint']>>({ at: shapes.number, bytes: shapes.count }),
  ),
});

const checkEndLine = shapes.fields<Extract<Line, { kind: 'end' }>>({
  kind: shapes.oneOf(['end']),
  steps: shapes.count,
  episodes: shapes.count,
  tasks: shapes.count,
});

/**
 * What a line of version `index + 1` has to become to be one of the next version. A list, as in the database: logs of all versions
 * so far can be read for good.
 */
export type LogMigration = (line: Record<string, unknown>) => Record<string, unknown>;
export const logMigrations: readonly LogMigration[] = [];

/** The run as it is now. Steps that are added while it is read are not in it. */
export function exportLog(run: RunReader, options: { gzip?: boolean } = {}): ReadableStream<Uint8Array> {
  const plain = encoded(linesOf(run));
  const bytes = (options.gzip ?? true) ? gzip(plain) : plain;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await bytes.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await bytes.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}

async function* encoded(lines: AsyncGenerator<Line>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  for await (const line of lines) yield encoder.encode(`${stringify(line)}\n`);
}

async function* linesOf(run: RunReader): AsyncGenerator<Line, void> {
  const latest = await run.snapshot();
  yield { kind: 'run', log: mark, version: logVersion, run: { ...(await run.info()), step: latest.step } };
  const counts: Counts = { steps: 0, episodes: 0, tasks: 0 };
  for await (const step of stepsOf(run, latest)) {
    yield { kind: 'step', ...step };
    counts.steps++;
    counts.episodes += step.record.episodes.length;
    counts.tasks += step.record.tasks.length;
  }
  yield { kind: 'end', ...counts };
}

/** The snapshot of a run that has no step yet bears the number of the first one, which may have come since. */
const cameAfter = ({ tasks, episodes }: StepRecord, { nextTask, nextEpisode }: Snapshot): boolean =>
  (tasks.at(-1)?.id ?? 0) >= nextTask || (episodes.at(-1)?.id ?? 0) >= nextEpisode;

async function* stepsOf(run: RunReader, latest: Snapshot, after?: number): AsyncGenerator<LogStep> {
  const last = latest.step;
  const checkpoints = new Map((await run.checkpoints()).map(({ step, at, bytes }) => [step, { at, bytes }]));
  let first = after === undefined;
  let step: number | null = null;
  for await (const record of run.steps(after === undefined ? undefined : after + 1, last)) {
    if (cameAfter(record, latest)) return;
    step = record.step;
    const kept = first || checkpoints.has(step);
    const snapshot = step === last ? latest : kept ? await snapshotIfThere(run, step) : null;
    yield { record, snapshot, checkpoint: checkpoints.get(step) ?? null };
    first = false;
  }
  if (step !== null && step < last) {
    throw new StoreError(`The run was taken back to step ${step} while it was exported: export it again.`);
  }
}

// ---- A log that grows with its run -----------------------------------------------------------------------------------

/** What was added after a step, or all there is: for whoever keeps a log beside a run that goes on elsewhere. */
export async function* newSteps(run: RunReader, after?: number): AsyncGenerator<LogStep> {
  yield* stepsOf(run, await run.snapshot(), after);
}

/** The first line of a log. */
export function runLine(run: RunInfo): string {
  return `${stringify({ kind: 'run', log: mark, version: logVersion, run } satisfies Line)}\n`;
}

/** Such lines follow it. A log that ends with one is read as one that was cut off there: nobody has counted it yet. */
export function stepLine(step: LogStep): string {
  return `${stringify({ kind: 'step', ...step } satisfies Line)}\n`;
}

/** A checkpoint may be thinned while the run is exported. */
async function snapshotIfThere(run: RunReader, step: number): Promise<Snapshot | null> {
  try {
    return await run.snapshot(step);
  } catch (error) {
    if (error instanceof UnknownRecordError) return null;
    throw error;
  }
}

export interface Log {
  run: RunInfo;
  /** Once. Each step follows the one before; at the first fault they end, and `ending` says why. */
  steps: AsyncIterable<LogStep>;
  /** Null until the steps have ended. */
  readonly ending: Ending | null;
}

export interface Ending extends Counts {
  /** Everything that was written is there. */
  complete: boolean;
  /** One sentence for people if it is not. */
  message: string | null;
}

/** Reads as far as the first line, and refuses what is no log or too new. */
export async function openLog(
  file: ReadableStream<Uint8Array>,
  { version = logVersion, migrations = logMigrations } = {},
): Promise<Log> {
  const lines = readLines(file);
  try {
    const first = await lines.next();
    const line = first.done ? undefined : parseLine(first.value);
    if (!isJsonObject(line) || line.log !== mark) {
      throw new LogFormatError(
        'This file is no log of a Zeroloop run, or ends within its first line: choose another file.',
      );
    }
    const from = Number(line.version);
    if (from > version) throw new NewerVersionError('This log', from, version);
    if (!(from >= 1))
      throw new LogFormatError('This log does not say which version it has: export it again.');
    const upgrade = (value: Record<string, unknown>) =>
      migrations.slice(from - 1, version - 1).reduce((older, migrate) => migrate(older), value);
    const header = upgrade(line) as Extract<Line, { kind: 'run' }>;
    const fault = checkRunLine(header);
    if (fault !== null) {
      throw new LogFormatError(`The first line of this log is damaged at "${fault}": export the run again.`);
    }
    return new LogReader({ ...header.run, logVersion: version }, lines, upgrade);
  } catch (error) {
    await lines.return('cut');
    throw error;
  }
}

class LogReader implements Log {
  readonly run: RunInfo;
  readonly steps: AsyncIterable<LogStep>;
  ending: Ending | null = null;

  constructor(
    run: RunInfo,
    lines: AsyncGenerator<Uint8Array, 'whole' | 'cut'>,
    upgrade: (line: Record<string, unknown>) => Record<string, unknown>,
  ) {
    this.run = run;
    this.steps = this.#read(lines, upgrade);
  }

  async *#read(
    lines: AsyncGenerator<Uint8Array, 'whole' | 'cut'>,
    upgrade: (line: Record<string, unknown>) => Record<string, unknown>,
  ): AsyncGenerator<LogStep> {
    const counts: Counts = { steps: 0, episodes: 0, tasks: 0 };
    let before: Snapshot | null = null;
    const finish = (fault: string | null) => {
      const upTo = before ? `everything up to step ${before.step} is there` : 'it has no whole step';
      const message = fault === null ? null : `This log ${fault}: ${upTo}, nothing after it.`;
      this.ending = { ...counts, complete: fault === null, message };
    };
    try {
      for (let number = 2; ; number++) {
        const next = await lines.next();
        if (next.done) return finish(`ends after line ${number - 1}, before its end`);
        const parsed = parseLine(next.value);
        const line = isJsonObject(parsed) ? (upgrade(parsed) as Line) : null;
        if (line === null) {
          const last = (await lines.next()).done;
          return finish(last ? `ends in the middle of line ${number}` : `is damaged in line ${number}`);
        }
        if (line.kind === 'end') {
          const sound = checkEndLine(line) === null;
          const { steps, episodes, tasks } = line;
          if (!sound || steps !== counts.steps || episodes !== counts.episodes || tasks !== counts.tasks) {
            return finish(`should have ${steps} steps with ${episodes} episodes`);
          }
          const rest = await lines.next();
          if (!rest.done) return finish('goes on after its end');
          return finish(rest.value === 'cut' ? 'does not end as a zipped file should' : null);
        }
        const fault = checkStepLine(line);
        if (fault !== null) return finish(`is damaged in line ${number} at "${fault}"`);
        const { record, snapshot, checkpoint } = line as LogStep;
        const base: Snapshot = before ?? emptySnapshot({ ...this.run, step: record.step });
        const after: Snapshot = snapshot ?? follow(base, record);
        try {
          checkStep({ ...this.run, step: base.step }, before === null, record, after);
          if (before) checkIds(this.run.id, before, record);
        } catch (error) {
          return finish(`is out of order in line ${number} (${(error as Error).message})`);
        }
        yield { record, snapshot, checkpoint };
        counts.steps++;
        counts.episodes += record.episodes.length;
        counts.tasks += record.tasks.length;
        before = after;
      }
    } finally {
      await lines.return('cut');
    }
  }
}

/** Undefined for what is no JSON: a line that was cut off never is, since it begins an object that it does not end. */
function parseLine(bytes: Uint8Array): unknown {
  try {
    return parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes));
  } catch {
    return undefined;
  }
}

export interface Imported extends Ending {
  run: string;
  /** Steps whose weights exist where the log was written. */
  checkpoints: number[];
}

export interface ImportOptions {
  id?: string;
  onStep?: (step: number) => void;
  /** Checkpoints that were taken out beside the log: a run goes on from them. */
  weights?: readonly Omit<Checkpoint, 'run'>[];
}

/**
 * Adds the run of a log to a store, under another id if one is given. A log that is cut off gives a run up to its last whole step,
 * and the answer says so; if the store fails, nothing of the run is left in it.
 */
export async function importLog(
  file: ReadableStream<Uint8Array>,
  store: Store,
  { id, onStep, weights = [] }: ImportOptions = {},
): Promise<Imported> {
  const log = await openLog(file);
  const info: RunInfo = { ...log.run, id: id ?? log.run.id };
  if (info.status === 'running') info.status = 'paused'; // nobody runs it here
  const steps = log.steps[Symbol.asyncIterator]();
  let created = false;
  const checkpoints: number[] = [];
  try {
    let next = await steps.next();
    // A run begins with the step that its information names.
    if (!next.done) info.step = next.value.record.step;
    await store.createRun(info);
    created = true;
    const writer = await store.openRun(info.id);
    try {
      let before = emptySnapshot(info);
      for (; !next.done; next = await steps.next()) {
        const { record, snapshot, checkpoint } = next.value;
        before = snapshot ?? follow(before, record);
        // What a run goes on from is not only weights: a snapshot that was derived here knows nothing of the state of the parts.
        const files = snapshot ? weights.find(({ step }) => step === record.step) : undefined;
        await writer.append(record, before, files);
        if (checkpoint) checkpoints.push(record.step);
        onStep?.(record.step);
      }
    } finally {
      await writer.release();
    }
  } catch (error) {
    if (created) await store.deleteRun(info.id);
    throw error;
  } finally {
    await steps.return?.();
  }
  return { ...log.ending!, run: info.id, checkpoints };
}
