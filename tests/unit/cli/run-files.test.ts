/** A run on the disk: whatever a killed process leaves behind can be gone on from, and nothing that was written is lost. */
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { recoverFolder, writeFolder } from '../../../src/cli/checkpoint-folder';
import { RunFiles } from '../../../src/cli/run-files';
import { RunError } from '../../../src/selfplay/errors';
import { StepOrderError, UnknownRecordError } from '../../../src/store/errors';
import { type LogStep, openLog } from '../../../src/store/log';
import { emptySnapshot, follow } from '../../../src/store/order';
import type { RunInfo, Snapshot } from '../../../src/store/records';
import { playedLog } from '../selfplay/played';

const label = { preset: 'strict', heldOut: null };
let folder = '';
let info: RunInfo;
let steps: (LogStep & { snapshot: Snapshot })[];
const paths = () => ({ log: join(folder, 'run.partial.jsonl'), checkpoint: join(folder, 'run') });

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'zeroloop-files-'));
  const log = await openLog(await playedLog({ checkpoints: [0, 1, 2, 3, 4, 5] }));
  info = { ...log.run, step: 0 };
  steps = [];
  for await (const step of log.steps) {
    const before = steps.at(-1)?.snapshot ?? emptySnapshot(info);
    steps.push({ ...step, snapshot: step.snapshot ?? follow(before, step.record) });
  }
});
afterEach(() => rmSync(folder, { recursive: true }));

async function written(last: number, checkpoints: number[]): Promise<RunFiles> {
  const run = RunFiles.create(paths(), info, label);
  for (const { record, snapshot } of steps.slice(0, last + 1)) {
    const { step } = record;
    const files = { 'model.safetensors': Uint8Array.of(step), 'reference/config.json': Uint8Array.of(9) };
    await run.append(
      record,
      snapshot,
      checkpoints.includes(step) ? { step, at: 7, bytes: 2, files } : undefined,
    );
  }
  return run;
}

async function stepsOf(run: RunFiles, ...range: number[]) {
  const found: number[] = [];
  for await (const { step } of run.steps(...range)) found.push(step);
  return found;
}

describe('a run', () => {
  it('gives back what was written', async () => {
    const run = await written(4, [2]);
    expect(await stepsOf(run)).toEqual([0, 1, 2, 3, 4]);
    expect(await stepsOf(run, 2, 3)).toEqual([2, 3]);
    expect(await run.snapshot()).toEqual(steps[4].snapshot);
    expect(await run.snapshot(2)).toEqual(steps[2].snapshot);
    await expect(run.snapshot(9)).rejects.toBeInstanceOf(UnknownRecordError);
    expect((await run.metrics(3)).map(({ step }) => step)).toEqual([3, 4]);
    expect(await run.episodes({ limit: 2 })).toEqual(steps[4].record.episodes.slice(-2).reverse());
    const tasks = await run.tasks();
    expect(tasks.map(({ id }) => id)).toEqual(tasks.map((_, index) => index + 1));
    expect(await run.tasks([3, 1])).toEqual([tasks[2], tasks[0]]);
    await expect(run.tasks([99])).rejects.toBeInstanceOf(UnknownRecordError);
    expect(await run.checkpoint(2)).toEqual({
      run: info.id,
      step: 2,
      at: 7,
      bytes: 2,
      files: { 'model.safetensors': Buffer.of(2), 'reference/config.json': Buffer.of(9) },
    });
  });

  it('says what belongs to its weights', async () => {
    await written(2, [2]);
    expect(JSON.parse(readFileSync(join(paths().checkpoint, 'zeroloop.json'), 'utf8'))).toEqual({
      run: info.id,
      step: 2,
      at: 7,
      bytes: 2,
      ...label,
      config: info.config,
    });
  });

  it('takes steps in their order only', async () => {
    const run = await written(1, []);
    await expect(run.append(steps[3].record, steps[3].snapshot)).rejects.toBeInstanceOf(StepOrderError);
  });

  it('forgets the steps after one', async () => {
    const run = await written(4, [4]);
    await run.rewind(2);
    expect([await stepsOf(run), await run.checkpoints()]).toEqual([[0, 1, 2], []]);
    await run.append(steps[3].record, steps[3].snapshot);
    expect(await stepsOf(run)).toEqual([0, 1, 2, 3]);
  });
});

describe('after a process was killed', () => {
  it.each([
    ['between two steps', ''],
    ['in the middle of a line', '{"kind":"step","record":{"st'],
  ])('%s, a run goes on after its last whole one', async (_when, rest) => {
    await written(3, [1]);
    appendFileSync(paths().log, rest);
    const opened = await RunFiles.open(paths());
    const run = opened?.run as RunFiles;
    expect([run.step, run.checkpointStep, opened?.note.preset]).toEqual([3, 1, 'strict']);
    expect(await run.snapshot()).toEqual(steps[3].snapshot);
    await run.append(steps[4].record, steps[4].snapshot);
    expect(await stepsOf(run)).toEqual([0, 1, 2, 3, 4]);
    expect(run.allMetrics).toHaveLength(5);
  });

  it('without a snapshot of the last step, it goes on from its checkpoint', async () => {
    const run = await written(2, [1]);
    await run.add({ ...steps[3], snapshot: null });
    const opened = await RunFiles.open(paths());
    expect([opened?.run.step, opened?.run.checkpointStep]).toEqual([1, 1]);
  });

  it('before its first checkpoint, there is nothing to go on from', async () => {
    await written(0, []);
    expect(await RunFiles.open(paths())).toBeNull();
  });

  it('between two checkpoints, the older one is found', async () => {
    await written(2, [1]);
    renameSync(paths().checkpoint, `${paths().checkpoint}.old`);
    expect((await RunFiles.open(paths()))?.run.checkpointStep).toBe(1);
  });

  it('while a checkpoint was written, the older one is whole', async () => {
    const { checkpoint } = paths();
    const run = await written(1, [1]);
    const note = {
      run: info.id,
      step: 2,
      at: 0,
      bytes: 0,
      ...label,
      config: {},
    };
    await writeFolder(`${checkpoint}.new`, { 'model.safetensors': Uint8Array.of(2) }, note);
    await recoverFolder(checkpoint);
    expect(existsSync(`${checkpoint}.new`)).toBe(false);
    expect((await run.checkpoint(1)).files['model.safetensors']).toEqual(Buffer.of(1));
  });
});

describe('files that do not belong together', () => {
  it('are refused', async () => {
    await written(2, [2]);
    const note = join(paths().checkpoint, 'zeroloop.json');
    writeFileSync(note, readFileSync(note, 'utf8').replace('"run": "played"', '"run": "another"'));
    await expect(RunFiles.open(paths())).rejects.toThrow(RunError);
  });

  it('are refused where the log ends before the weights', async () => {
    await written(3, [3]);
    const lines = readFileSync(paths().log, 'utf8').split('\n').slice(0, 3).join('\n');
    writeFileSync(paths().log, `${lines}\n`);
    await expect(RunFiles.open(paths())).rejects.toThrow('ends with step 1, before the checkpoint of step 3');
  });
});
