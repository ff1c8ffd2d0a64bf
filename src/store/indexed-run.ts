/**
 * @file One run in the browser's database: reading it, and adding to it a step at a time.
 *
 * An append is one transaction over all tables, and all its writes are on their way before the first is waited for. What is read is
 * checked (shapes.ts): a damaged record is named, and never believed.
 */

import { type Chunk, chunkKey, packEpisodes, unpackEpisodes } from './chunks';
import {
  type CheckpointRow,
  type Database,
  type Reading,
  Requests,
  type StepRow,
  type Writing,
} from './database';
import {
  CorruptRecordError,
  NewerVersionError,
  RunReleasedError,
  UnknownRecordError,
  UnknownRunError,
} from './errors';
import type { Hold } from './locks';
import { changedInfo, checkIds, checkStep, emptySnapshot } from './order';
import {
  type Checkpoint,
  type Episode,
  logVersion,
  type RunInfo,
  type Snapshot,
  type StepRecord,
  type Task,
} from './records';
import * as shapes from './shapes';
import type { CheckpointRule, EpisodeQuery, RunChange, RunReader, RunWriter } from './store';
import { thinned } from './thinning';

/** Everything of a run, in a table that is keyed by run and something else: an empty list sorts after all numbers. */
export const wholeRun = (run: string) => IDBKeyRange.bound([run], [run, []]);
const from = (run: string, first: number) => IDBKeyRange.bound([run, first], [run, []]);

/** Small enough for every browser, and large enough to be quick. */
const pieceBytes = 16 * 2 ** 20;
const pageSize = 50;

/** The value if it is what it should be. */
function sound<T>(
  check: shapes.Check,
  value: unknown,
  run: string,
  record: string,
  step: number | null = null,
): T {
  const fault = check(value);
  if (fault === null) return value as T;
  throw new CorruptRecordError(
    run,
    record,
    value === undefined ? 'it is missing' : `"${fault}" is not what was written`,
    step,
  );
}

/** Reading a value whose bytes are gone fails in the browser's own words. */
async function whole<T>(run: string, record: string, request: Promise<T>): Promise<T> {
  try {
    return await request;
  } catch (error) {
    const unreadable = ['NotReadableError', 'DataError', 'NotFoundError', 'DataCloneError'];
    if (!(error instanceof DOMException) || !unreadable.includes(error.name)) throw error;
    throw new CorruptRecordError(run, record, error.message || error.name);
  }
}

const checkRow = shapes.fields<StepRow>({
  run: shapes.text,
  step: shapes.integer,
  at: shapes.number,
  tasks: shapes.list(shapes.count),
  episodes: shapes.count,
  updates: shapes.updates,
  alerts: shapes.alerts,
  lessons: shapes.optional(shapes.lessons),
});
const checkTask = shapes.fields<{ task: Task }>({ task: shapes.task });
const checkRate = shapes.fields<{ task: number; solveRate: number }>({
  task: shapes.count,
  solveRate: shapes.number,
});
const checkMetrics = shapes.fields<{ step: number; metrics: Record<string, number> }>({
  step: shapes.integer,
  metrics: shapes.metrics,
});
const checkCheckpoint = shapes.fields<CheckpointRow>({
  run: shapes.text,
  step: shapes.integer,
  at: shapes.number,
  bytes: shapes.count,
  files: shapes.list(
    shapes.fields<CheckpointRow['files'][number]>({ name: shapes.text, bytes: shapes.count }),
  ),
});

async function readInfo(transaction: Reading, run: string): Promise<RunInfo> {
  const row: unknown = await whole(run, 'its description', transaction.objectStore('runs').get(run));
  if (row === undefined) throw new UnknownRunError(run);
  const version = (row as RunInfo).logVersion;
  if (version > logVersion) throw new NewerVersionError(`Run "${run}"`, version, logVersion);
  return sound(shapes.runInfo, row, run, 'its description');
}

export const infoOf = (database: Database, run: string): Promise<RunInfo> =>
  database.read(['runs'], (transaction) => readInfo(transaction, run));

/** Null before the first step. */
async function readLast(transaction: Reading, info: RunInfo): Promise<Snapshot | null> {
  const { id: run, step } = info;
  const [row, first] = await Promise.all([
    whole(run, `the snapshot of step ${step}`, transaction.objectStore('snapshots').get([run, step])),
    transaction.objectStore('steps').getKey(wholeRun(run)),
  ]);
  return first === undefined ? null : soundSnapshot(row, run, step);
}

const soundSnapshot = (row: unknown, run: string, step: number): Snapshot =>
  plain(sound<Snapshot & { run: string }>(shapes.snapshot, row, run, `the snapshot of step ${step}`, step));

/** Without the name of the run, which is only there to be its key. */
function plain<T extends { run: string }>({ run: _, ...rest }: T): Omit<T, 'run'> {
  return rest;
}

export class IndexedReader implements RunReader {
  protected readonly database: Database;
  protected readonly run: string;

  constructor(database: Database, run: string) {
    this.database = database;
    this.run = run;
  }

  info(): Promise<RunInfo> {
    return infoOf(this.database, this.run);
  }

  snapshot(step?: number): Promise<Snapshot> {
    return this.database.read(['runs', 'steps', 'snapshots'], async (transaction) => {
      const info = await readInfo(transaction, this.run);
      if (step === undefined || step === info.step) {
        return (await readLast(transaction, info)) ?? emptySnapshot(info);
      }
      return readSnapshot(transaction, this.run, step);
    });
  }

  tasks(ids?: number[]): Promise<Task[]> {
    return this.database.read(['tasks', 'rates'], async (transaction) => {
      const tasks = transaction.objectStore('tasks');
      const rates = transaction.objectStore('rates');
      const [rows, rateRows] = await whole(
        this.run,
        'a task',
        ids
          ? Promise.all([
              Promise.all(ids.map((id) => tasks.get([this.run, id]))),
              Promise.all(ids.map((id) => rates.get([this.run, id]))),
            ])
          : Promise.all([tasks.getAll(wholeRun(this.run)), rates.getAll(wholeRun(this.run))]),
      );
      const latest = new Map<number, number>();
      for (const row of rateRows) {
        if (row === undefined) continue;
        const rate = sound<typeof row>(checkRate, row, this.run, `the solve rate of task ${row?.task}`);
        latest.set(rate.task, rate.solveRate);
      }
      return rows.map((row, index) => {
        if (row === undefined) throw unknown(this.run, `task ${ids?.[index]}`);
        const { task } = sound<typeof row>(
          checkTask,
          row,
          this.run,
          `task ${row?.id}`,
          row?.task?.step ?? null,
        );
        return { ...task, solveRate: latest.get(task.id) ?? task.solveRate };
      });
    });
  }

  episodes(query: EpisodeQuery = {}): Promise<Episode[]> {
    const { before = Number.POSITIVE_INFINITY, limit = pageSize } = query;
    if (limit <= 0) return Promise.resolve([]);
    return this.database.read(['episodes'], async (transaction) => {
      const chunks = transaction.objectStore('episodes');
      const key = chunkKey(this.run, query);
      // A chunk is found by its first episode, so the one that `before` lies in is found too.
      const first = key ?? [this.run];
      const range = IDBKeyRange.bound(first, [...first, before], false, true);
      const found: Episode[] = [];
      const visit = async (chunk: Chunk) => {
        const episodes = unpackEpisodes(this.run, chunk, query).reverse();
        for (const episode of episodes) if (found.length < limit) found.push(episode);
        return found.length < limit;
      };
      const record = `episodes before ${before}`;
      let cursor = key
        ? await whole(this.run, record, chunks.index('keys').openCursor(range, 'prev'))
        : await whole(this.run, record, chunks.openCursor(range, 'prev'));
      while (cursor && (await visit(cursor.value))) {
        cursor = (await whole(this.run, record, cursor.continue())) as typeof cursor;
      }
      return found;
    });
  }

  async *steps(first?: number, last = Number.POSITIVE_INFINITY): AsyncGenerator<StepRecord> {
    let next: number | undefined;
    for (;;) {
      const record = await this.#step(next ?? first, last, next);
      if (record === null) return;
      yield record;
      next = record.step + 1;
    }
  }

  /** The first one from `first` on, which must be `expected` if that is known and the run goes so far. */
  async #step(first: number | undefined, last: number, expected?: number): Promise<StepRecord | null> {
    const { run } = this;
    if (first !== undefined && first > last) return null;
    return this.database.read(['runs', 'steps', 'metrics', 'tasks', 'episodes'], async (transaction) => {
      const range = IDBKeyRange.bound(first === undefined ? [run] : [run, first], [run, last]);
      const [[value], info] = await Promise.all([
        whole(run, 'a step', transaction.objectStore('steps').getAll(range, 1)),
        readInfo(transaction, run),
      ]);
      if (expected !== undefined && expected <= info.step && value?.step !== expected) {
        throw new CorruptRecordError(run, `step ${expected}`, 'it is missing', expected);
      }
      if (value === undefined) return null;
      const name = `step ${(value as Partial<StepRow>).step}`;
      const row = sound<StepRow>(checkRow, value, run, name, value.step);
      const { step } = row;
      const tasks = transaction.objectStore('tasks');
      const [measured, taskRows, chunks] = await Promise.all([
        whole(run, `the metrics of ${name}`, transaction.objectStore('metrics').get([run, step])),
        whole(run, `the tasks of ${name}`, Promise.all(row.tasks.map((id) => tasks.get([run, id])))),
        whole(
          run,
          `the episodes of ${name}`,
          transaction
            .objectStore('episodes')
            .index('keys')
            .getAll(IDBKeyRange.bound([run, 'step', step], [run, 'step', step, []])),
        ),
      ]);
      const episodes = chunks.flatMap((chunk) => unpackEpisodes(run, chunk));
      if (episodes.length !== row.episodes) {
        const fault = `${row.episodes} were written and ${episodes.length} are there`;
        throw new CorruptRecordError(run, `the episodes of ${name}`, fault, step);
      }
      return {
        step,
        at: row.at,
        episodes,
        tasks: taskRows.map((taskRow, index) => {
          const record = `task ${row.tasks[index]}`;
          return sound<{ task: Task }>(checkTask, taskRow, run, record, step).task;
        }),
        updates: row.updates,
        metrics: sound<{ metrics: Record<string, number> }>(
          checkMetrics,
          measured,
          run,
          `the metrics of ${name}`,
          step,
        ).metrics,
        alerts: row.alerts,
        ...(row.lessons && { lessons: row.lessons }),
      };
    });
  }

  metrics(first?: number): Promise<{ step: number; metrics: Record<string, number> }[]> {
    const { run } = this;
    return this.database.read(['metrics'], async (transaction) => {
      const range = first === undefined ? wholeRun(run) : from(run, first);
      const rows = await whole(run, 'metrics', transaction.objectStore('metrics').getAll(range));
      return rows.map((row) =>
        plain(sound<typeof row>(checkMetrics, row, run, `the metrics of step ${row?.step}`, row?.step)),
      );
    });
  }

  checkpoints(): Promise<Omit<Checkpoint, 'files'>[]> {
    const { run } = this;
    return this.database.read(['checkpoints'], async (transaction) => {
      const rows = await transaction.objectStore('checkpoints').getAll(wholeRun(run));
      return rows.map((value) => {
        const name = `the checkpoint of step ${value?.step}`;
        const { files: _, ...row } = sound<CheckpointRow>(checkCheckpoint, value, run, name, value?.step);
        return row;
      });
    });
  }

  checkpoint(step: number): Promise<Checkpoint> {
    const { run } = this;
    const name = `the checkpoint of step ${step}`;
    return this.database.read(['checkpoints', 'pieces'], async (transaction) => {
      const value: unknown = await transaction.objectStore('checkpoints').get([run, step]);
      if (value === undefined) {
        const there = await transaction.objectStore('checkpoints').getAllKeys(wholeRun(run));
        throw unknown(
          run,
          name,
          there.map(([, at]) => at),
        );
      }
      const row = sound<CheckpointRow>(checkCheckpoint, value, run, name, step);
      const files: Record<string, Uint8Array> = {};
      for (const file of row.files) {
        const bytes = new Uint8Array(file.bytes);
        let offset = 0;
        for (let index = 0; offset < file.bytes; index++) {
          const piece = await whole(
            run,
            `"${file.name}" of ${name}`,
            transaction.objectStore('pieces').get([run, step, file.name, index]),
          );
          const part = piece?.bytes;
          if (!(part instanceof Uint8Array) || part.length === 0 || offset + part.length > file.bytes) {
            const fault = `it ends after ${offset} of ${file.bytes} bytes`;
            throw new CorruptRecordError(run, `"${file.name}" of ${name}`, fault, step);
          }
          bytes.set(part, offset);
          offset += part.length;
        }
        files[file.name] = bytes;
      }
      return { ...row, files };
    });
  }
}

export class IndexedWriter extends IndexedReader implements RunWriter {
  readonly #rule: CheckpointRule;
  readonly #hold: Hold;
  #released = false;
  #pending = new Set<Promise<unknown>>();

  constructor(database: Database, run: string, rule: CheckpointRule, hold: Hold) {
    super(database, run);
    this.#rule = rule;
    this.#hold = hold;
  }

  append(record: StepRecord, snapshot: Snapshot, checkpoint?: Omit<Checkpoint, 'run'>): Promise<void> {
    return this.#write(checkpoint ? 'strict' : 'relaxed', async (transaction) => {
      const { run } = this;
      const { step } = record;
      // Everything is on its way before anything is waited for, readings first, since they must not see what is written here.
      // Should the step turn out not to follow the last one, the transaction is undone.
      const readings = Promise.all([
        readInfo(transaction, run),
        transaction.objectStore('steps').getKey(wholeRun(run)),
        transaction.objectStore('snapshots').get([run, step - 1]),
      ]);
      readings.catch(() => {});
      const requests = new Requests();
      putStep(transaction, requests, run, record);
      requests.add(transaction.objectStore('snapshots').put({ ...snapshot, run }));
      if (checkpoint) putCheckpoint(transaction, requests, run, step, checkpoint);

      const [info, first, before] = await readings;
      checkStep(info, first === undefined, record, snapshot);
      if (first !== undefined) checkIds(run, soundSnapshot(before, run, step - 1), record);
      requests.add(transaction.objectStore('runs').put({ ...info, step }));
      await this.#thin(transaction, requests, step);
      await requests.done();
    });
  }

  update(change: RunChange): Promise<void> {
    return this.#write('relaxed', async (transaction) => {
      const changed: RunInfo = changedInfo(await readInfo(transaction, this.run), change);
      await transaction.objectStore('runs').put(sound(shapes.runInfo, changed, this.run, 'its description'));
    });
  }

  rewind(step: number): Promise<void> {
    return this.#write('strict', async (transaction) => {
      const { run } = this;
      const info = await readInfo(transaction, run);
      const { nextTask, nextEpisode } = await readSnapshot(transaction, run, step);
      const requests = new Requests();
      await restoreRates(transaction, requests, run, step, nextTask);
      for (const table of ['steps', 'metrics', 'snapshots', 'checkpoints', 'pieces'] as const) {
        requests.add(transaction.objectStore(table).delete(from(run, step + 1)));
      }
      for (const table of ['tasks', 'rates'] as const) {
        requests.add(transaction.objectStore(table).delete(from(run, nextTask)));
      }
      requests.add(transaction.objectStore('episodes').delete(from(run, nextEpisode)));
      requests.add(transaction.objectStore('runs').put({ ...info, step }));
      await requests.done();
    });
  }

  async release(): Promise<void> {
    if (this.#released) return;
    this.#released = true;
    await Promise.allSettled(this.#pending);
    await this.#hold.release();
  }

  async #write<T>(durability: 'relaxed' | 'strict', body: (transaction: Writing) => Promise<T>): Promise<T> {
    if (this.#released) throw new RunReleasedError(this.run);
    const writing = this.database.write(durability, async (transaction) => {
      const held = this.#hold.check(transaction);
      held.catch(() => {});
      const result = await body(transaction);
      await held;
      return result;
    });
    this.#pending.add(writing);
    try {
      return await writing;
    } finally {
      this.#pending.delete(writing);
    }
  }

  /** Checkpoints that the rule does not keep go, and so do snapshots of steps that no one can go back to. */
  async #thin(transaction: Writing, requests: Requests, step: number): Promise<void> {
    const { run } = this;
    const [checkpointKeys, snapshotKeys, firstKey] = await Promise.all([
      transaction.objectStore('checkpoints').getAllKeys(wholeRun(run)),
      transaction.objectStore('snapshots').getAllKeys(wholeRun(run)),
      transaction.objectStore('steps').getKey(wholeRun(run)),
    ]);
    const steps = checkpointKeys.map(([, at]) => at);
    const gone = new Set(thinned(steps, this.#rule));
    for (const at of gone) {
      requests.add(transaction.objectStore('checkpoints').delete([run, at]));
      requests.add(transaction.objectStore('pieces').delete(IDBKeyRange.bound([run, at], [run, at, []])));
    }
    const kept = new Set([firstKey?.[1], step, ...steps.filter((at) => !gone.has(at))]);
    for (const [, at] of snapshotKeys) {
      if (!kept.has(at)) requests.add(transaction.objectStore('snapshots').delete([run, at]));
    }
  }
}

function putStep(transaction: Writing, requests: Requests, run: string, record: StepRecord): void {
  const { step, at, episodes, tasks, updates, metrics, alerts, lessons } = record;
  requests.add(
    transaction.objectStore('steps').put({
      run,
      step,
      at,
      tasks: tasks.map(({ id }) => id),
      episodes: episodes.length,
      updates,
      alerts,
      ...(lessons && { lessons }),
    }),
  );
  requests.add(transaction.objectStore('metrics').put({ run, step, metrics }));
  for (const task of tasks) {
    requests.add(transaction.objectStore('tasks').put({ run, id: task.id, task }));
  }
  for (const { task, solveRate } of updates) {
    if (solveRate !== undefined) requests.add(transaction.objectStore('rates').put({ run, task, solveRate }));
  }
  for (const chunk of packEpisodes(run, episodes)) {
    requests.add(transaction.objectStore('episodes').put(chunk));
  }
}

function putCheckpoint(
  transaction: Writing,
  requests: Requests,
  run: string,
  step: number,
  { at, bytes, files }: Omit<Checkpoint, 'run'>,
): void {
  const entries = Object.entries(files);
  requests.add(
    transaction.objectStore('checkpoints').put({
      run,
      step,
      at,
      bytes,
      files: entries.map(([name, content]) => ({ name, bytes: content.length })),
    }),
  );
  for (const [file, content] of entries) {
    for (let index = 0; index * pieceBytes < content.length; index++) {
      // A copy: of a view, the database would store all that lies under it.
      const part = content.slice(index * pieceBytes, (index + 1) * pieceBytes);
      requests.add(transaction.objectStore('pieces').put({ run, step, file, index, bytes: part }));
    }
  }
}

/** Solve rates as they were after `step`. Rare, so it may read what all steps changed. */
async function restoreRates(
  transaction: Writing,
  requests: Requests,
  run: string,
  step: number,
  nextTask: number,
): Promise<void> {
  const rows = await transaction.objectStore('steps').getAll(wholeRun(run));
  const changed = new Set<number>();
  const before = new Map<number, number>();
  for (const row of rows) {
    for (const { task, solveRate } of row.updates ?? []) {
      if (solveRate === undefined || task >= nextTask) continue;
      if (row.step > step) changed.add(task);
      else before.set(task, solveRate);
    }
  }
  const rates = transaction.objectStore('rates');
  for (const task of changed) {
    const solveRate = before.get(task);
    requests.add(solveRate === undefined ? rates.delete([run, task]) : rates.put({ run, task, solveRate }));
  }
}

async function readSnapshot(transaction: Reading, run: string, step: number): Promise<Snapshot> {
  const name = `the snapshot of step ${step}`;
  const snapshots = transaction.objectStore('snapshots');
  const row: unknown = await whole(run, name, snapshots.get([run, step]));
  if (row === undefined) {
    const there = await snapshots.getAllKeys(wholeRun(run));
    throw unknown(
      run,
      name,
      there.map(([, at]) => at),
    );
  }
  return soundSnapshot(row, run, step);
}

function unknown(run: string, record: string, there?: number[]): UnknownRecordError {
  const instead =
    there === undefined ? '' : there.length > 0 ? `: choose step ${there.join(', ')}` : ': there is none';
  return new UnknownRecordError(`Run "${run}" does not have ${record}${instead}.`);
}
