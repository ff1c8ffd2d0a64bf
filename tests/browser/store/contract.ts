/**
 * What every Store promises, as tests: the browser's database and the one in memory are held to the same sentences. A factory gives
 * an empty store; a run named in a test is its own.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  NewerVersionError,
  RunExistsError,
  RunLockedError,
  RunReleasedError,
  StepOrderError,
  UnknownRecordError,
  UnknownRunError,
} from '../../../src/store/errors';
import { emptySnapshot } from '../../../src/store/order';
import { logVersion, type StepRecord } from '../../../src/store/records';
import type { RunWriter, Store } from '../../../src/store/store';
import { collect, makeCheckpoint, makeInfo, makeStep, makeSteps } from './records';

export function describeStore(
  name: string,
  create: () => Promise<{ store: Store; dispose(): Promise<void> }>,
) {
  describe(name, () => {
    let store: Store;
    let dispose: () => Promise<void>;
    beforeEach(async () => {
      ({ store, dispose } = await create());
    });
    afterEach(() => dispose());

    const begin = async (id = 'a', rule?: { newest: number; every: number }): Promise<RunWriter> => {
      await store.createRun(makeInfo(id));
      return store.openRun(id, rule);
    };
    const fill = async (writer: RunWriter, count: number, checkpoints: number[] = []) => {
      const steps = makeSteps(makeInfo('a'), count);
      for (const { record, snapshot } of steps) {
        const { step } = record;
        await writer.append(record, snapshot, checkpoints.includes(step) ? makeCheckpoint(step) : undefined);
      }
      return steps;
    };

    describe('runs', () => {
      it('are listed newest first', async () => {
        await store.createRun(makeInfo('old', { createdAt: 1 }));
        await store.createRun(makeInfo('new', { createdAt: 2 }));
        expect(await store.runs()).toEqual([
          makeInfo('new', { createdAt: 2 }),
          makeInfo('old', { createdAt: 1 }),
        ]);
      });

      it('have ids of their own', async () => {
        await store.createRun(makeInfo('a'));
        await expect(store.createRun(makeInfo('a'))).rejects.toBeInstanceOf(RunExistsError);
      });

      it('are refused if they are incomplete or from the future', async () => {
        const { seed: _, ...rest } = makeInfo('a');
        await expect(store.createRun(rest as never)).rejects.toThrow(/"\.seed" is missing/);
        const newer = makeInfo('a', { logVersion: logVersion + 1 });
        await expect(store.createRun(newer)).rejects.toBeInstanceOf(NewerVersionError);
        expect(await store.runs()).toEqual([]);
      });

      it('that are not there are named', async () => {
        await expect(store.openRun('b')).rejects.toBeInstanceOf(UnknownRunError);
        await expect(store.readRun('b')).rejects.toThrow(/no run "b".*import its log/);
        await expect(store.deleteRun('b')).rejects.toBeInstanceOf(UnknownRunError);
      });

      it('go with all they had, and leave others alone', async () => {
        const other = await begin('a!');
        await fill(other, 2, [1]);
        const writer = await begin('a');
        await fill(writer, 3, [1]);
        await writer.release();
        await store.deleteRun('a');
        expect((await store.runs()).map(({ id }) => id)).toEqual(['a!']);
        const again = await begin('a');
        expect(await again.episodes()).toEqual([]);
        expect(await again.tasks()).toEqual([]);
        expect(await again.metrics()).toEqual([]);
        expect(await again.checkpoints()).toEqual([]);
        expect(await collect(again.steps())).toEqual([]);
        expect(await again.snapshot()).toEqual(emptySnapshot(makeInfo('a')));
        expect(await collect(other.steps())).toHaveLength(2);
        expect(await other.checkpoint(1)).toMatchObject({ step: 1 });
      });

      it('change their name, their status, what is thought of them, and where they run', async () => {
        const writer = await begin();
        await writer.update({ name: 'renamed', status: 'paused' });
        await writer.update({ status: 'finished' });
        await writer.update({ backend: 'webgpu', device: 'a GPU' });
        const changed = { name: 'renamed', status: 'finished', backend: 'webgpu', device: 'a GPU' } as const;
        expect(await writer.info()).toEqual(makeInfo('a', changed));
        await writer.update({ note: 'the good one', colour: 0 });
        expect(await writer.info()).toEqual({ ...makeInfo('a', changed), note: 'the good one', colour: 0 });
        await writer.update({ note: '', colour: undefined });
        expect(await writer.info()).toMatchObject({ note: '', colour: 0 });
      });

      it('have one writer; others may look, and take over when it lets go', async () => {
        const writer = await begin();
        await expect(store.openRun('a')).rejects.toBeInstanceOf(RunLockedError);
        await expect(store.deleteRun('a')).rejects.toBeInstanceOf(RunLockedError);
        expect(await (await store.readRun('a')).info()).toEqual(makeInfo('a'));
        await writer.release();
        await writer.release();
        const [{ record, snapshot }] = makeSteps(makeInfo('a'), 1);
        await expect(writer.append(record, snapshot)).rejects.toBeInstanceOf(RunReleasedError);
        const next = await store.openRun('a');
        await next.append(record, snapshot);
        expect((await next.info()).step).toBe(0);
      });
    });

    describe('a step', () => {
      it('is read as it was written', async () => {
        const writer = await begin();
        const steps = await fill(writer, 4);
        const read = await collect(writer.steps());
        expect(read).toEqual(steps.map(({ record }) => record));
        expect(read[2].episodes[1].tokens).toBeInstanceOf(Int32Array);
        expect(read[2].episodes[1].logProbs).toBeInstanceOf(Float32Array);
        expect((await collect(writer.steps(1, 2))).map(({ step }) => step)).toEqual([1, 2]);
        expect((await writer.info()).step).toBe(3);
        expect(await writer.snapshot()).toEqual(steps[3].snapshot);
        expect(await writer.metrics(2)).toEqual(
          steps.slice(2).map(({ record: { step, metrics } }) => ({ step, metrics })),
        );
      });

      it('keeps numbers that JSON would lose', async () => {
        const writer = await begin();
        const [{ record, snapshot }] = makeSteps(makeInfo('a'), 1);
        const metrics = { loss: Number.NaN, best: Number.NEGATIVE_INFINITY, zero: -0 };
        await writer.append({ ...record, metrics }, snapshot);
        expect((await writer.metrics())[0].metrics).toEqual(metrics);
      });

      it('is a copy: what the caller does with its own afterwards changes nothing', async () => {
        const writer = await begin();
        const [{ record, snapshot }] = makeSteps(makeInfo('a'), 1);
        const expected = structuredClone(record);
        const writing = writer.append(record, snapshot);
        record.episodes[0].tokens.fill(0);
        record.tasks.length = 0;
        snapshot.buffers.deduction.push(99);
        await writing;
        expect(await collect(writer.steps())).toEqual([expected]);
        expect((await writer.snapshot()).buffers.deduction).not.toContain(99);
      });

      it('follows the one before', async () => {
        const writer = await begin();
        const [first, second, third] = makeSteps(makeInfo('a'), 3);
        await writer.append(first.record, first.snapshot);
        const wrong: [StepRecord, typeof first.snapshot, RegExp][] = [
          [third.record, third.snapshot, /its last step is 0/],
          [first.record, first.snapshot, /its last step is 0/],
          [second.record, third.snapshot, /snapshot is that of step 2/],
          [{ ...second.record, tasks: first.record.tasks }, second.snapshot, /task 1 is in an earlier step/],
          [
            { ...second.record, episodes: second.record.episodes.toReversed() },
            second.snapshot,
            /episode 11 comes after episode 12/,
          ],
          [second.record, { ...second.snapshot, nextEpisode: 9 }, /episode 9 is the next/],
          [{ ...second.record, episodes: first.record.episodes }, second.snapshot, /episode 1 is of step 0/],
        ];
        for (const [record, snapshot, message] of wrong) {
          const attempt = writer.append(record, snapshot);
          await expect(attempt).rejects.toBeInstanceOf(StepOrderError);
          await expect(attempt).rejects.toThrow(message);
        }
        expect(await collect(writer.steps())).toEqual([first.record]);
        await writer.append(second.record, second.snapshot);
        expect(await collect(writer.steps())).toEqual([first.record, second.record]);
      });

      it('that cannot be stored leaves nothing behind, and the run goes on', async () => {
        const writer = await begin();
        const [first, second] = makeSteps(makeInfo('a'), 2);
        await writer.append(first.record, first.snapshot);
        const impossible = { ...second.snapshot, state: { part: () => 0 } };
        await expect(writer.append(second.record, impossible, makeCheckpoint(1))).rejects.toThrow();
        expect(await writer.info()).toMatchObject({ step: 0 });
        expect(await writer.episodes()).toHaveLength(first.record.episodes.length);
        expect(await writer.checkpoints()).toEqual([]);
        await writer.append(second.record, second.snapshot);
        expect(await collect(writer.steps())).toEqual([first.record, second.record]);
      });

      it('may be the first after the one that the run begins with, as in a fork', async () => {
        await store.createRun(makeInfo('fork', { step: 41, parent: { run: 'a', step: 41 } }));
        const writer = await store.openRun('fork');
        expect(await writer.snapshot()).toEqual(emptySnapshot(makeInfo('fork', { step: 41 })));
        const before = { ...emptySnapshot(makeInfo('fork', { step: 41 })), nextTask: 100, nextEpisode: 500 };
        const { record, snapshot } = makeStep(before, 42);
        await writer.append(record, snapshot);
        expect(await collect(writer.steps())).toEqual([record]);
      });
    });

    describe('tasks', () => {
      it('have the latest solve rate; in steps they are as they were accepted', async () => {
        const writer = await begin();
        const steps = await fill(writer, 4);
        const accepted = steps.flatMap(({ record }) => record.tasks);
        const rates = new Map(
          steps.flatMap(({ record }) => record.updates.map((update) => [update.task, update.solveRate])),
        );
        const expected = accepted.map((task) => ({
          ...task,
          solveRate: rates.get(task.id) ?? task.solveRate,
        }));
        expect(await writer.tasks()).toEqual(expected);
        expect(await writer.tasks([7, 2])).toEqual([expected[6], expected[1]]);
        expect(expected[1].solveRate).not.toBe(accepted[1].solveRate);
        await expect(writer.tasks([99])).rejects.toThrow(/does not have task 99/);
      });
    });

    describe('episodes', () => {
      const queries = [
        {},
        { limit: 5 },
        { before: 20 },
        { mode: 'abduction' },
        { role: 'solve' },
        { mode: 'deduction', role: 'propose' },
        { mode: 'error', role: 'solve' },
        { step: 2 },
        { step: 2, role: 'solve' },
        { task: 4 },
        { task: 4, step: 1 },
        { task: 4, mode: 'induction' },
        { task: 99 },
        { role: 'propose', before: 31, limit: 3 },
        { step: 1, before: 5 },
        { task: 3, before: 21, limit: 2 },
        { limit: 0 },
      ] as const;

      it.each(queries)('answer %o, newest first', async (query) => {
        const writer = await begin();
        const steps = await fill(writer, 8);
        const { mode, role, step, task, before, limit } = { limit: 50, ...query } as Record<string, unknown>;
        const expected = steps
          .flatMap(({ record }) => record.episodes)
          .filter((episode) => mode === undefined || episode.mode === mode)
          .filter((episode) => role === undefined || episode.role === role)
          .filter((episode) => step === undefined || episode.step === step)
          .filter((episode) => task === undefined || episode.task === task)
          .filter((episode) => before === undefined || episode.id < (before as number))
          .reverse()
          .slice(0, limit as number);
        expect(await writer.episodes(query)).toEqual(expected);
      });

      it('are paged without a gap', async () => {
        const writer = await begin();
        const steps = makeSteps(makeInfo('a'), 3, { episodes: 150 });
        for (const { record, snapshot } of steps) await writer.append(record, snapshot);
        const seen: number[] = [];
        for (;;) {
          const page = await writer.episodes({ before: seen.at(-1), limit: 37 });
          if (page.length === 0) break;
          seen.push(...page.map(({ id }) => id));
        }
        expect(seen).toEqual(Array.from({ length: 450 }, (_, index) => 450 - index));
      });
    });

    describe('checkpoints', () => {
      it('come back byte for byte', async () => {
        const writer = await begin();
        await fill(writer, 3, [1]);
        expect(await writer.checkpoint(1)).toEqual({ run: 'a', ...makeCheckpoint(1) });
        const { files: _, ...row } = makeCheckpoint(1);
        expect(await writer.checkpoints()).toEqual([{ run: 'a', ...row }]);
        await expect(writer.checkpoint(2)).rejects.toBeInstanceOf(UnknownRecordError);
        await expect(writer.checkpoint(2)).rejects.toThrow(/choose step 1\./);
      });

      it('are thinned by the rule as they come', async () => {
        const writer = await begin('a', { newest: 2, every: 5 });
        const seen: number[][] = [];
        const steps = makeSteps(makeInfo('a'), 14);
        for (const { record, snapshot } of steps) {
          const checkpoint = record.step % 2 === 1 ? makeCheckpoint(record.step) : undefined;
          await writer.append(record, snapshot, checkpoint);
          if (checkpoint) seen.push((await writer.checkpoints()).map(({ step }) => step));
        }
        expect(seen).toEqual([
          [1],
          [1, 3],
          [1, 3, 5],
          [1, 5, 7],
          [1, 5, 7, 9],
          [1, 5, 9, 11],
          [1, 5, 11, 13],
        ]);
        await expect(writer.checkpoint(9)).rejects.toBeInstanceOf(UnknownRecordError);
      });

      it('keep their snapshots; of other steps only the first and the last have one', async () => {
        const writer = await begin();
        const steps = await fill(writer, 6, [2]);
        for (const step of [0, 2, 5]) expect(await writer.snapshot(step)).toEqual(steps[step].snapshot);
        await expect(writer.snapshot(3)).rejects.toThrow(/choose step 0, 2, 5\./);
      });
    });

    describe('going back', () => {
      it('forgets all later steps, and what they changed', async () => {
        const writer = await begin();
        const steps = await fill(writer, 8, [2, 4, 6]);
        const forget = await begin('until 4');
        for (const { record, snapshot } of steps.slice(0, 5)) {
          await forget.append(
            record,
            snapshot,
            record.step % 4 === 2 ? makeCheckpoint(record.step) : undefined,
          );
        }
        await writer.rewind(4);
        expect((await writer.info()).step).toBe(4);
        expect(await writer.snapshot()).toEqual(steps[4].snapshot);
        expect(await collect(writer.steps())).toEqual(steps.slice(0, 5).map(({ record }) => record));
        expect(await writer.tasks()).toEqual(await forget.tasks());
        expect(await writer.episodes({ limit: 999 })).toEqual(await forget.episodes({ limit: 999 }));
        expect(await writer.metrics()).toEqual(await forget.metrics());
        expect((await writer.checkpoints()).map(({ step }) => step)).toEqual([2, 4]);
        expect(await writer.checkpoint(4)).toMatchObject({ step: 4 });
      });

      it('goes on from there, and all the way back to the first step', async () => {
        const writer = await begin();
        const steps = await fill(writer, 6, [3]);
        await writer.rewind(3);
        const other = makeStep(steps[3].snapshot, 4, { episodes: 3, tasks: 1 });
        await writer.append(other.record, other.snapshot);
        expect((await collect(writer.steps(4)))[0]).toEqual(other.record);
        await writer.rewind(0);
        expect(await collect(writer.steps())).toEqual([steps[0].record]);
        await writer.append(steps[1].record, steps[1].snapshot);
        expect(await writer.tasks()).toHaveLength(4);
      });

      it('is refused where there is no way back, and changes nothing', async () => {
        const writer = await begin();
        const steps = await fill(writer, 5, [2]);
        await expect(writer.rewind(3)).rejects.toThrow(/snapshot of step 3: choose step 0, 2, 4\./);
        await expect(writer.rewind(9)).rejects.toBeInstanceOf(UnknownRecordError);
        expect(await collect(writer.steps())).toEqual(steps.map(({ record }) => record));
      });
    });
  });
}
