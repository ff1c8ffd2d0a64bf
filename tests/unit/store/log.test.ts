/** The log as a file: written and read in Node as in the browser, whole, cut off at every byte, damaged, or from another time. */
import { describe, expect, it } from 'vitest';
import { LogFormatError, NewerVersionError, RunExistsError } from '../../../src/store/errors';
import { exportLog, importLog, newSteps, openLog } from '../../../src/store/log';
import { MemoryStore } from '../../../src/store/memory';
import { emptySnapshot } from '../../../src/store/order';
import { logVersion, type StepRecord } from '../../../src/store/records';
import type { RunReader, Store } from '../../../src/store/store';
import { collect, makeCheckpoint, makeInfo, makeSteps, type Sizes } from '../../browser/store/records';

async function storeWith(
  id: string,
  count: number,
  checkpoints: number[] = [],
  sizes: Partial<Sizes> = {},
): Promise<Store> {
  const store = new MemoryStore();
  const info = makeInfo(id);
  await store.createRun(info);
  const writer = await store.openRun(id);
  for (const { record, snapshot } of makeSteps(info, count, sizes)) {
    const checkpoint = checkpoints.includes(record.step) ? makeCheckpoint(record.step) : undefined;
    await writer.append({ ...record, metrics: { ...record.metrics, odd: Number.NaN } }, snapshot, checkpoint);
  }
  await writer.release();
  return store;
}

const bytesOf = async (stream: ReadableStream<Uint8Array>) =>
  new Uint8Array(await new Response(stream as never).arrayBuffer());

/** In pieces, as a disk or a network hands them over. */
const streamOf = (bytes: Uint8Array, piece = 1000) =>
  new ReadableStream<Uint8Array>({
    start(controller) {
      for (let start = 0; start < bytes.length; start += piece) {
        controller.enqueue(bytes.slice(start, start + piece));
      }
      controller.close();
    },
  });

const textOf = (text: string) => streamOf(new TextEncoder().encode(text));
const plainLog = async (store: Store, id: string) =>
  new TextDecoder().decode(await bytesOf(exportLog(await store.readRun(id), { gzip: false })));

describe('a log', () => {
  it.each([true, false])('goes out and comes in unchanged (zipped: %s)', async (gzip) => {
    const from = await storeWith('a', 6, [2, 4]);
    const source = await from.readRun('a');
    const to = new MemoryStore();
    const imported = await importLog(exportLog(source, { gzip }), to);
    expect(imported).toEqual({
      run: 'a',
      steps: 6,
      episodes: 36,
      tasks: 12,
      complete: true,
      message: null,
      checkpoints: [2, 4],
    });
    const copy = await to.readRun('a');
    expect(await copy.info()).toEqual({ ...(await source.info()), status: 'paused' });
    expect(await collect(copy.steps())).toEqual(await collect(source.steps()));
    expect(await copy.snapshot()).toEqual(await source.snapshot());
    expect(await copy.tasks()).toEqual(await source.tasks());
    expect(await copy.checkpoints()).toEqual([]); // weights travel on their own
  });

  it('is zipped well, and recognised by its bytes and not by a name', async () => {
    const source = await (await storeWith('a', 6)).readRun('a');
    const zipped = await bytesOf(exportLog(source));
    const plain = await bytesOf(exportLog(source, { gzip: false }));
    expect([...zipped.slice(0, 2)]).toEqual([0x1f, 0x8b]);
    expect(zipped.length).toBeLessThan(plain.length / 5);
    for (const piece of [1, 7, 1e6]) {
      expect((await openLog(streamOf(zipped, piece))).run.id).toBe('a');
      expect((await openLog(streamOf(plain, piece))).run.id).toBe('a');
    }
  });

  it('has one line for the run, one a step, and one at the end', async () => {
    const lines = (await plainLog(await storeWith('a', 3, [1]), 'a')).trimEnd().split('\n');
    const parsed = lines.map((line) => JSON.parse(line));
    expect(parsed.map(({ kind }) => kind)).toEqual(['run', 'step', 'step', 'step', 'end']);
    expect(parsed[0]).toMatchObject({ version: logVersion, run: { id: 'a', config: { steps: 10 } } });
    expect(parsed[2]).toMatchObject({ record: { step: 1 }, checkpoint: { bytes: 20 } });
    expect(parsed[2].record.episodes[0].tokens.$).toBe('Int32Array');
    expect(parsed[4]).toEqual({ kind: 'end', steps: 3, episodes: 18, tasks: 6 });
  });

  it('can be read without a store, with the snapshots it goes back to', async () => {
    const source = await (await storeWith('a', 5, [2])).readRun('a');
    const log = await openLog(exportLog(source));
    const steps = await collect(log.steps);
    expect(steps.map(({ snapshot }) => snapshot?.step ?? null)).toEqual([0, null, 2, null, 4]);
    expect(steps.map(({ checkpoint }) => checkpoint?.bytes ?? null)).toEqual([null, null, 20, null, null]);
    expect(log.ending).toEqual({ steps: 5, episodes: 30, tasks: 10, complete: true, message: null });
  });

  it('of a run without steps is one too', async () => {
    const store = new MemoryStore();
    await store.createRun(makeInfo('a'));
    const to = new MemoryStore();
    expect(await importLog(exportLog(await store.readRun('a')), to)).toMatchObject({
      complete: true,
      steps: 0,
    });
    expect(await (await to.readRun('a')).snapshot()).toEqual(emptySnapshot(makeInfo('a')));
  });

  it('comes in under another name, and never over a run that is there', async () => {
    const store = await storeWith('a', 2);
    const log = async () => exportLog(await store.readRun('a'));
    await expect(importLog(await log(), store)).rejects.toBeInstanceOf(RunExistsError);
    expect(await importLog(await log(), store, { id: 'b' })).toMatchObject({ run: 'b', complete: true });
    expect((await store.runs()).map(({ id, step }) => [id, step])).toEqual([
      ['a', 1],
      ['b', 1],
    ]);
  });
});

describe('a log that is cut off', () => {
  /** How many steps are whole in the first `end` bytes. */
  const wholeSteps = (plain: Uint8Array, end: number) => {
    let lines = 0;
    for (let at = 0; at < plain.length; at++) if (plain[at] === 0x0a && at <= end) lines++;
    return Math.max(0, lines - 1);
  };

  it('at any byte gives every whole step before, and says so', async () => {
    const source = await (await storeWith('a', 3, [1], { episodes: 2, tasks: 1 })).readRun('a');
    const records = await collect(source.steps());
    const plain = await bytesOf(exportLog(source, { gzip: false }));
    const header = plain.indexOf(0x0a);
    const lastLine = plain.lastIndexOf(0x0a, plain.length - 2);
    for (let end = 0; end < plain.length - 1; end++) {
      const opening = openLog(streamOf(plain.slice(0, end)));
      if (end < header) {
        await expect(opening, `${end} bytes`).rejects.toBeInstanceOf(LogFormatError);
        continue;
      }
      const log = await opening;
      const steps = await collect(log.steps);
      const expected = end > lastLine ? 3 : wholeSteps(plain, end);
      expect(
        steps.map(({ record }) => record.step),
        `${end} bytes`,
      ).toEqual([0, 1, 2].slice(0, expected));
      expect(steps.at(-1)?.record ?? null).toEqual(records[expected - 1] ?? null);
      expect(log.ending).toMatchObject({ complete: false, steps: expected });
      expect(log.ending!.message).toMatch(
        expected > 0 ? /up to step \d is there, nothing after/ : /no whole step/,
      );
    }
  });

  it('zipped, at any of its bytes gives only whole steps, in order, and more the longer it is', async () => {
    const source = await (await storeWith('a', 6, [], { episodes: 2 })).readRun('a');
    const zipped = await bytesOf(exportLog(source));
    const wholeSteps = async (end: number) => {
      try {
        const log = await openLog(streamOf(zipped.slice(0, end), 64));
        const steps = await collect(log.steps);
        expect(steps.map(({ record }) => record.step)).toEqual(Array.from(steps, (_, step) => step));
        expect(log.ending).toMatchObject({ complete: false, steps: steps.length });
        return steps.length;
      } catch (error) {
        expect(error).toBeInstanceOf(LogFormatError);
        return 0;
      }
    };
    const counts: number[] = [];
    // Many at once, since each waits a moment for its decompressor.
    for (let end = 0; end < zipped.length; end += 100) {
      const ends = Array.from({ length: Math.min(100, zipped.length - end) }, (_, index) => end + index);
      counts.push(...(await Promise.all(ends.map(wholeSteps))));
    }
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
    expect(counts.at(-1)).toBe(6);
    expect(counts[Math.floor(zipped.length * 0.9)]).toBeGreaterThan(2);
  });

  it('is imported up to there', async () => {
    const text = await plainLog(await storeWith('a', 4, [1]), 'a');
    const to = new MemoryStore();
    const cut = text.split('\n').slice(0, 4).join('\n').slice(0, -10);
    expect(await importLog(textOf(cut), to)).toMatchObject({
      steps: 2,
      complete: false,
      message: 'This log ends in the middle of line 4: everything up to step 1 is there, nothing after it.',
      checkpoints: [1],
    });
    expect(await (await to.readRun('a')).info()).toMatchObject({ step: 1, status: 'paused' });
  });
});

describe('a log that is not as it was written', () => {
  const change = async (edit: (lines: string[]) => string[]) => {
    const text = await plainLog(await storeWith('a', 4), 'a');
    const log = await openLog(textOf(edit(text.trimEnd().split('\n')).join('\n')));
    const steps = await collect(log.steps);
    return { steps: steps.length, ...log.ending };
  };
  const without = (index: number) => (lines: string[]) => lines.toSpliced(index, 1);
  const replace = (index: number, from: string | RegExp, to: string) => (lines: string[]) =>
    lines.with(index, lines[index].replace(from, to));

  it.each<[string, (lines: string[]) => string[], number, RegExp]>([
    [
      'a step is missing',
      without(2),
      1,
      /out of order in line 3 \(Step 2 cannot be added to run "a": its last/,
    ],
    ['a step is twice', (lines) => lines.toSpliced(2, 0, lines[1]), 1, /out of order in line 3/],
    ['the last step is missing', without(4), 3, /should have 4 steps with 24 episodes/],
    [
      'a field is of another kind',
      replace(3, '"reward":', '"reward":"",""	:'.replace('\t', '')),
      2,
      /line 4 at "\.record\.episodes\[0\]\.reward"/,
    ],
    ['a mode is unknown', replace(2, '"mode":"deduction"', '"mode":"seduction"'), 1, /\.mode"/],
    ['a line is no JSON', replace(2, '{', ''), 1, /damaged in line 3/],
    [
      'base64 is broken',
      replace(2, /"Int32Array","value":"./, '"Int32Array","value":"!'),
      1,
      /damaged in line 3/,
    ],
    [
      'an episode comes twice',
      replace(2, '"episodes":[{"id":7,', '"episodes":[{"id":6,'),
      1,
      /episode 6 is in an earlier step/,
    ],
    ['an episode has another step', replace(2, '"step":1,"mode"', '"step":3,"mode"'), 1, /is of step 3/],
    ['an episode is gone', replace(5, '"episodes":24', '"episodes":23'), 4, /should have/],
    ['something follows', (lines) => [...lines, lines[1]], 4, /goes on after its end/],
  ])('%s', async (_, edit, steps, message) => {
    const result = await change(edit);
    expect(result).toMatchObject({ steps, complete: false });
    expect(result.message).toMatch(message);
  });

  it('zipped, with a byte changed, never gives a step that was not written', async () => {
    const source = await (await storeWith('a', 4)).readRun('a');
    const records = await collect(source.steps());
    const zipped = await bytesOf(exportLog(source));
    const places = Array.from(
      { length: 60 },
      (_, index) => 12 + Math.floor((index * (zipped.length - 12)) / 60),
    );
    const results = await Promise.all(
      places.map(async (at) => {
        const damaged = zipped.slice();
        damaged[at] ^= 0x10;
        const steps: StepRecord[] = [];
        const log = await openLog(streamOf(damaged)).catch((error) => {
          expect(error).toBeInstanceOf(LogFormatError);
        });
        if (log) for await (const { record } of log.steps) steps.push(record);
        return { complete: log?.ending?.complete ?? false, steps };
      }),
    );
    for (const { complete } of results) expect(complete).toBe(false);
    expect(results.some(({ steps }) => steps.length > 0 && steps.length <= records.length)).toBe(true);
  });
});

describe('no log at all', () => {
  it.each(['', '\n', '{}', 'hello', '{"kind":"run"}\n', '[1]', 'null', '\u001f\u008b'])(
    '%j',
    async (text) => {
      const opening = openLog(textOf(text));
      await expect(opening).rejects.toBeInstanceOf(LogFormatError);
      await expect(opening).rejects.toThrow(/choose another file/);
    },
  );

  it('an image, a zipped image, a file that cannot be read', async () => {
    const noise = Uint8Array.from({ length: 5000 }, (_, index) => (index * index * 31) % 251);
    await expect(openLog(streamOf(noise))).rejects.toBeInstanceOf(LogFormatError);
    const zipped = await bytesOf(streamOf(noise).pipeThrough(new CompressionStream('gzip') as never));
    await expect(openLog(streamOf(zipped))).rejects.toBeInstanceOf(LogFormatError);
    const unreadable = new ReadableStream<Uint8Array>({
      pull: () => {
        throw new Error('the disk is gone');
      },
    });
    await expect(openLog(unreadable)).rejects.toThrow('the disk is gone');
  });
});

describe('versions', () => {
  const changed = async (edit: (header: Record<string, unknown>) => void) => {
    const [first, ...rest] = (await plainLog(await storeWith('a', 2), 'a')).split('\n');
    const header = JSON.parse(first);
    edit(header);
    return textOf([JSON.stringify(header), ...rest].join('\n'));
  };

  it('a newer log is refused in one clear sentence, before anything else of it is believed', async () => {
    const file = await changed((header) => {
      header.version = logVersion + 1;
      delete header.run;
    });
    const store = new MemoryStore();
    const importing = importLog(file, store);
    await expect(importing).rejects.toBeInstanceOf(NewerVersionError);
    await expect(importing).rejects.toThrow(
      'This log has version 2, and this Zeroloop reads up to version 1: reload the page or update it.',
    );
    expect(await store.runs()).toEqual([]);
  });

  it('an older log is brought to this version line by line', async () => {
    // As if version 2 had renamed `at` to `time`, and version 3 back again and doubled it.
    const rename = (from: string, to: string, factor: number) => (line: Record<string, unknown>) => {
      const { record } = line as { record?: Record<string, unknown> };
      if (!record) return line;
      const { [from]: value, ...rest } = record;
      return { ...line, record: { ...rest, [to]: (value as number) * factor } };
    };
    const log = await openLog(await changed(() => {}), {
      version: 3,
      migrations: [rename('at', 'time', 1), rename('time', 'at', 2)],
    });
    const steps = await collect(log.steps);
    expect(log.ending).toMatchObject({ complete: true });
    expect(steps.map(({ record }) => record.at)).toEqual(
      [0, 1].map((step) => 2 * (1_700_000_000_000 + step)),
    );
    expect(log.run.logVersion).toBe(3);
  });

  it.each([0, -1, null, 'x'])('version %j is none', async (version) => {
    const file = await changed((header) => {
      header.version = version;
    });
    await expect(openLog(file)).rejects.toThrow(/does not say which version/);
  });
});

describe('a run larger than memory', () => {
  /** A run whose steps are made when they are asked for, and counted. */
  function endless(count: number): { run: RunReader; made: () => number } {
    let made = 0;
    const info = makeInfo('large', { step: count - 1 });
    async function* steps(): AsyncGenerator<StepRecord> {
      for (let step = 0; step < count; step++) {
        const before = { ...emptySnapshot(info), nextTask: 3, nextEpisode: 1 + 40 * step };
        const [{ record }] = makeSteps({ ...info, step }, 1, { episodes: 40, tasks: 0 });
        made++;
        const episodes = record.episodes.map((episode, index) => ({
          ...episode,
          id: before.nextEpisode + index,
        }));
        yield { ...record, episodes, updates: [] };
      }
    }
    const run = {
      info: async () => info,
      snapshot: async (step = count - 1) => ({
        ...emptySnapshot({ ...info, step }),
        nextEpisode: 1 + 40 * (step + 1),
      }),
      checkpoints: async () => [],
      steps,
    } as unknown as RunReader;
    return { run, made: () => made };
  }

  it('is written only as fast as it is taken', async () => {
    const { run, made } = endless(1000);
    const reader = exportLog(run, { gzip: false }).getReader();
    for (let lines = 0; lines < 5; lines++) await reader.read();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(made()).toBeLessThanOrEqual(6);
    await reader.cancel();
  });

  it('is zipped, unzipped and read with a few steps in memory', async () => {
    const { run, made } = endless(300);
    let taken = 0;
    let most = 0;
    const log = await openLog(exportLog(run));
    for await (const { record } of log.steps) {
      expect(record.step).toBe(taken);
      taken++;
      if (taken % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 20));
      most = Math.max(most, made() - taken);
    }
    expect(log.ending).toMatchObject({ complete: true, steps: 300, episodes: 12_000 });
    console.info(`at most ${most} of 300 steps were between writer and reader`);
    expect(most).toBeLessThan(100);
  });

  it('does not go on reading when nobody listens any more', async () => {
    const { run, made } = endless(1000);
    const log = await openLog(exportLog(run));
    for await (const { record } of log.steps) if (record.step === 3) break;
    const soFar = made();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(made()).toBe(soFar);
    expect(soFar).toBeLessThan(200);
  });
});

describe('a store that fails during an import', () => {
  it('is left as it was', async () => {
    const source = await (await storeWith('a', 4)).readRun('a');
    const store = new MemoryStore();
    const openRun = store.openRun.bind(store);
    store.openRun = async (id) => {
      const writer = await openRun(id);
      const append = writer.append.bind(writer);
      writer.append = async (record, snapshot) => {
        if (record.step === 2) throw new Error('full');
        await append(record, snapshot);
      };
      return writer;
    };
    await expect(importLog(exportLog(source), store)).rejects.toThrow('full');
    expect(await store.runs()).toEqual([]);
  });
});

describe('a run whose first step comes while its log is read', () => {
  it('has none yet', async () => {
    const store = new MemoryStore();
    const info = makeInfo('a');
    await store.createRun(info);
    const writer = await store.openRun('a');
    const [{ record, snapshot }] = makeSteps(info, 1, { episodes: 2, tasks: 2 });
    expect(record.step).toBe(info.step); // as that of the seeds
    const early = await writer.snapshot();
    await writer.append(record, snapshot);
    const seen: RunReader = Object.create(writer, { snapshot: { value: async () => early } });
    for (const name of ['steps', 'checkpoints', 'info'] as const) {
      Object.defineProperty(seen, name, { value: writer[name].bind(writer) });
    }
    expect(await collect(newSteps(seen))).toEqual([]);
    expect(await collect(newSteps(writer))).toHaveLength(1);
  });
});
