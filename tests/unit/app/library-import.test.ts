/** Logs into the library: zipped or not, whole or cut off, twice, with weights beside them, and cancelled. */
import { describe, expect, it } from 'vitest';
import type { FoundFile } from '../../../src/app/models/folder';
import { readWeights, sortFiles } from '../../../src/app/runs/files';
import { freeName, importFile } from '../../../src/app/runs/importing';
import { writeZip } from '../../../src/app/ui/zip';
import { exportLog } from '../../../src/store/log';
import { MemoryStore } from '../../../src/store/memory';
import type { Store } from '../../../src/store/store';
import { makeCheckpoint, makeInfo, makeSteps } from '../../browser/store/records';

async function storeWith(id: string, count: number, checkpoints: number[] = []): Promise<Store> {
  const store = new MemoryStore();
  const info = makeInfo(id, { name: 'swift otter' });
  await store.createRun(info);
  const writer = await store.openRun(id);
  for (const { record, snapshot } of makeSteps(info, count)) {
    const kept = checkpoints.includes(record.step) ? makeCheckpoint(record.step) : undefined;
    await writer.append(record, snapshot, kept);
  }
  await writer.release();
  return store;
}

async function logOf(count: number, { gzip = true, checkpoints = [] as number[] } = {}): Promise<Blob> {
  const run = await (await storeWith('a', count, checkpoints)).readRun('a');
  return new Response(exportLog(run, { gzip }) as never).blob();
}

const calm = { signal: new AbortController().signal, tell: () => {} };
const options = { newId: () => 'new-id' };

describe('a log that is imported', () => {
  it.each([true, false])('is there with all its steps (zipped: %s)', async (gzip) => {
    const into = new MemoryStore();
    const shares: (number | null)[] = [];
    const tell = (share: number | null) => shares.push(share);
    const imported = await importFile(await logOf(6, { gzip }), into, { ...calm, tell }, options);
    expect(imported).toEqual({ id: 'a', name: 'swift otter', warnings: [] });
    expect((await into.runs()).map(({ step }) => step)).toEqual([5]);
    expect(shares.at(-1)).toBe(1);
  });

  it('gets an id and a name of its own where they are taken', async () => {
    const into = await storeWith('a', 2);
    const imported = await importFile(await logOf(6), into, calm, options);
    expect(imported).toMatchObject({ id: 'new-id', name: 'swift otter (2)' });
    expect((await into.runs()).map(({ id, name }) => `${id}: ${name}`).sort()).toEqual([
      'a: swift otter',
      'new-id: swift otter (2)',
    ]);
    expect(freeName('swift otter', await into.runs())).toBe('swift otter (3)');
  });

  it('says where it ends if it was cut off', async () => {
    const text = await (await logOf(6, { gzip: false })).text();
    const cut = new Blob([text.slice(0, text.length * 0.7)]);
    const into = new MemoryStore();
    const { warnings } = await importFile(cut, into, calm, options);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(
      /^This log ends in the middle of line \d+: everything up to step \d is there/,
    );
    expect(await into.runs()).toHaveLength(1);
  });

  it('is refused if it is none, and nothing is there', async () => {
    const into = new MemoryStore();
    await expect(importFile(new Blob(['{"a": 1}']), into, calm, options)).rejects.toThrow(
      /no log of a Zeroloop run/,
    );
    expect(await into.runs()).toEqual([]);
  });

  it.each([
    ['before it begins', -1],
    ['at its first step', 0],
    ['at its last step', 5],
  ])('leaves nothing behind if somebody cancels %s', async (_, at) => {
    const into = new MemoryStore();
    const abort = new AbortController();
    if (at < 0) abort.abort(new DOMException('', 'AbortError'));
    const tell = (_: number | null, detail?: string) => {
      if (detail === `step ${at}`) abort.abort(new DOMException('', 'AbortError'));
    };
    const importing = importFile(await logOf(6), into, { signal: abort.signal, tell }, options);
    await expect(importing).rejects.toMatchObject({ name: 'AbortError' });
    expect(await into.runs()).toEqual([]);
  });

  it('can go on from weights beside it', async () => {
    const into = new MemoryStore();
    const weights = { step: 4, files: { 'model.safetensors': Uint8Array.of(1, 2, 3) } };
    const { warnings } = await importFile(await logOf(6, { checkpoints: [2, 4] }), into, calm, {
      ...options,
      weights,
    });
    expect(warnings).toEqual([]);
    const run = await into.readRun('a');
    expect((await run.checkpoints()).map(({ step, bytes }) => [step, bytes])).toEqual([[4, 3]]);
    expect((await run.checkpoint(4)).files).toEqual(weights.files);
  });

  it('says so if the weights are not those of one of its steps', async () => {
    const weights = { step: 3, files: { 'model.safetensors': Uint8Array.of(1) } };
    const { warnings } = await importFile(await logOf(6, { checkpoints: [2, 4] }), new MemoryStore(), calm, {
      ...options,
      weights,
    });
    expect(warnings).toEqual([
      'The weights are those of step 3, and this log has no state of the run after that step: swift otter was imported without them.',
    ]);
  });
});

describe('files that are dropped', () => {
  const file = (path: string, text = ''): FoundFile => ({
    path,
    size: text.length,
    read: async () => new Blob([text]),
  });
  const sorted = async (...files: FoundFile[]) => {
    const { logs, checkpoint } = await sortFiles(files);
    return {
      logs: logs.map(({ path }) => path),
      checkpoint: checkpoint && { step: checkpoint.step, files: [...checkpoint.files.keys()].sort() },
    };
  };

  it('are logs, as many as there are', async () => {
    expect(await sorted(file('a.jsonl'), file('runs/b.jsonl.gz'), file('runs/.DS_Store'))).toEqual({
      logs: ['a.jsonl', 'runs/b.jsonl.gz'],
      checkpoint: null,
    });
  });

  it('are a log whatever it is called, if it is alone', async () => {
    expect(await sorted(file('notes.txt'))).toEqual({ logs: ['notes.txt'], checkpoint: null });
  });

  it('are a log and the checkpoint that it goes on from: the note says which step', async () => {
    const given = [
      file('run/log.jsonl.gz'),
      file('run/out/config.json'),
      file('run/out/model.safetensors'),
      file('run/out/reference/model.safetensors'),
      file('run/out/trainer_state.safetensors'),
      file('run/out/zeroloop.json', '{"step": 20}'),
    ];
    expect(await sorted(...given)).toEqual({
      logs: ['run/log.jsonl.gz'],
      checkpoint: {
        step: 20,
        files: [
          'config.json',
          'model.safetensors',
          'reference/model.safetensors',
          'trainer_state.safetensors',
        ],
      },
    });
  });

  it('may have the checkpoint in a zip, whose name says which step', async () => {
    const name = 'zeroloop-swift-otter-step-20-with-optimizer';
    const zip = await writeZip([
      { path: `${name}/model.safetensors`, data: new Blob(['weights']) },
      { path: `${name}/trainer_state.safetensors`, data: new Blob(['moments']) },
    ]);
    const { checkpoint } = await sortFiles([
      file('a.jsonl'),
      { path: `${name}.zip`, size: zip.size, read: async () => zip },
    ]);
    expect(checkpoint?.step).toBe(20);
    const { files } = await readWeights(checkpoint!, {});
    expect(new TextDecoder().decode(files['trainer_state.safetensors'])).toBe('moments');
  });

  it.each([
    [['a.png', 'b.png'], /no log of a run among these files/],
    [
      ['m/config.json', 'm/model.safetensors'],
      /is a model, and not the log of a run: import it under Models/,
    ],
    [['m/config.json', 'm/trainer_state.safetensors'], /a checkpoint without the log of its run/],
    [['a.jsonl', 'm/trainer_state.safetensors'], /Nobody can tell which step/],
    [['a.jsonl', 'b.jsonl', 'step-3/trainer_state.safetensors'], /there are several logs/],
    [[], /no files in it/],
  ])('%j are refused with a sentence', async (paths, sentence) => {
    await expect(sortFiles(paths.map((path) => file(path)))).rejects.toThrow(sentence);
  });
});
