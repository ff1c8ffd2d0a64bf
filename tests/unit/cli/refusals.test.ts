/** Command lines that cannot work are refused with one sentence before a browser starts. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { tinyModel } from '../../doubles/tiny-model';
import { called } from './called';

vi.mock('../../../src/cli/page', () => ({
  withPage: () => {
    throw new Error('a browser was started');
  },
}));

let folder = '';
const at = (name: string) => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zeroloop-refusals-'));
  await mkdir(at('chat'));
  await writeFile(at('chat/config.json'), '{}');
  await writeFile(at('chat/tokenizer.json'), '{"model": {"type": "BPE"}}');
  await mkdir(at('tiny'));
  for (const [name, bytes] of Object.entries(await tinyModel())) await writeFile(at(`tiny/${name}`), bytes);
  await mkdir(at('empty'));
  await writeFile(at('bad.jsonl'), '{"program": 1}\n');
  await writeFile(at('list.json'), '[1]');
  await writeFile(at('there.jsonl.gz'), '');
  await writeFile(at('killed.partial.jsonl'), '');
  await writeFile(
    at('tasks.jsonl'),
    '{"mode":"deduction","program":"def f(a): return a","input":"1","output":"1"}',
  );
});
afterAll(() => rm(folder, { recursive: true }));

/** FOLDER/ stands for the folder above. */
const words = (line: string) => line.split(' ').map((word) => word.replace('FOLDER', folder));

describe('train', () => {
  it.each([
    ['', 'Say which model'],
    ['--model FOLDER/nowhere', 'is no folder'],
    ['--model FOLDER/empty', 'has no config.json'],
    ['--model FOLDER/chat', 'chat: tokenizer.json has no vocabulary, or no merges'],
    [
      '--model FOLDER/tiny --set dialect=think-answer',
      'tiny: This model has a vocabulary for the dialect compact',
    ],
    ['--model random --preset quick', 'There is no preset "quick". There is: taste, laptop'],
    ['--model random --backend gpu', '--backend is auto, webgpu, wasm, node or remote, not "gpu".'],
    ['--model random --backend remote', 'wants the address of the node: --node http'],
    ['--model random --backend remote --node 127.0.0.1:7300', 'wants the address of the node: --node http'],
    [
      '--model random --backend remote --node http://127.0.0.1:7300',
      'put it into the environment as ZEROLOOP_TOKEN',
    ],
    ['--model random --node http://127.0.0.1:7300', '--node goes with --backend remote.'],
    [
      '--model random --backend remote --node http://127.0.0.1:7300 --node 127.0.0.1:7301',
      'wants the address of the node: --node http',
    ],
    [
      '--model random --backend remote --node http://127.0.0.1:7300 --node http://127.0.0.1:7300/',
      'The node http://127.0.0.1:7300/ is named twice',
    ],
    ['--model random --threads 2', '--threads goes with --backend node'],
    ['--model random --backend node --threads 0', '--threads must be a whole number of at least 1'],
    ['--model random --steps many', 'steps must be a whole number from 0'],
    ['--model random --seed -1', "'--seed' argument is ambiguous"],
    ['--model random --set batches=4', 'There is no key "batches": the nearest one is batch.'],
    ['--model random --set batch', 'write it as key=value'],
    ['--model random --set batch=0 --set modes=none', 'batch must be a whole number'],
    ['--model random --config FOLDER/list.json', 'must hold one JSON object'],
    ['--model random --config FOLDER/bad.jsonl', 'There is no key "program"'],
    ['--model random --config FOLDER/nowhere', 'is not there: name a file that is.'],
    ['--model random --seeds FOLDER/bad.jsonl', 'bad.jsonl: Line 1: "program" must be a text.'],
    ['--model random --heldout sealed', 'The sealed set is for final figures'],
    ['--model random --heldout FOLDER/bad.jsonl', 'bad.jsonl: Line 1: it has no "mode"'],
    [
      '--model random --log FOLDER/there.jsonl.gz',
      'there.jsonl.gz is there already: go on with that run by --resume',
    ],
    ['--model random --log FOLDER/killed.jsonl.gz', 'killed.partial.jsonl is there already'],
    [
      '--model random --checkpoint FOLDER/chat',
      'is there already and not empty: go on with its run by --resume',
    ],
    ['--model random --resume', 'name them with --log and --checkpoint'],
    [
      '--model random --resume --log FOLDER/new.jsonl.gz --checkpoint FOLDER/new',
      'There is no run to go on with',
    ],
  ])('%s', async (line, sentence) => {
    const { code, out, err } = await called('train', ...words(line).filter(Boolean));
    expect([code, out, err.trimEnd().split('\n').length]).toEqual([2, '', 1]);
    expect(err).toContain(sentence);
  });
});

describe('eval', () => {
  it.each([
    ['--model random', 'Say which tasks'],
    ['--tasks FOLDER/tasks.jsonl', 'Say which model'],
    [
      '--model FOLDER/chat --tasks FOLDER/tasks.jsonl',
      'chat: tokenizer.json has no vocabulary, or no merges',
    ],
    [
      '--model FOLDER/tiny --tasks FOLDER/tasks.jsonl --set dialect=think-answer',
      'the settings ask for think-answer: set dialect=compact',
    ],
    ['--model random --tasks builtin --levels easy', '--levels must be numbers, such as 1,2,3, not "easy".'],
    ['--model random --tasks sealed --modes deduction,seduction', 'There is no mode "seduction".'],
    ['--model random --tasks builtin --limit 0', '--limit must be a whole number of at least 1, not "0".'],
    ['--model random --tasks builtin --levels 7', 'None of these tasks has such a mode and level.'],
    ['--model random --tasks FOLDER/bad.jsonl', 'Line 1: it has no "mode"'],
    ['--model random --tasks FOLDER/tasks.jsonl --samples 0', '--samples must be a whole number'],
    ['--model random --tasks FOLDER/tasks.jsonl --temperature hot', 'evaluate.temperature must be a number'],
    ['--model random --tasks FOLDER/tasks.jsonl --samples 2 --temperature 0', 'at 0 all 2 answers'],
  ])('%s', async (line, sentence) => {
    const { code, err } = await called('eval', ...words(line));
    expect([code, err.trimEnd().split('\n').length]).toEqual([2, 1]);
    expect(err).toContain(sentence);
  });
});

describe('held-out', () => {
  it.each([
    ['--out FOLDER/set.jsonl', 'Say which: --set open, or sealed, or hashes.'],
    ['--set all --out FOLDER/set.jsonl', 'Say which: --set open, or sealed, or hashes.'],
    ['--set open', 'Say where to: --out FILE.'],
  ])('%s', async (line, sentence) => {
    const { code, err } = await called('held-out', ...words(line));
    expect([code, err.trimEnd().split('\n').length]).toEqual([2, 1]);
    expect(err).toContain(sentence);
  });
});

describe('warmup', () => {
  it.each([
    ['--steps none', '--steps must be a whole number'],
    ['--rate -1 --from FOLDER/tiny', "'--rate' argument is ambiguous"],
    ['--programs 2', '--programs is a share of those of the recipe'],
    ['--rate fast', '--rate must be a number above 0'],
    ['--from FOLDER/nowhere', 'has no config.json: --from is the folder of a model.'],
  ])('%s', async (line, sentence) => {
    const { code, err } = await called('warmup', ...words(line));
    expect(code).toBe(2);
    expect(err).toContain(sentence);
  });
});

describe('study', () => {
  it.each([
    ['--arms best', 'There is no arm "best". There is: hindsight, hindsight-frozen, continued'],
    ['--seeds 1,x', '--seeds must be a whole number'],
  ])('%s', async (line, sentence) => {
    const { code, err } = await called('study', ...words(line));
    expect([code, err.trimEnd().split('\n').length]).toEqual([2, 1]);
    expect(err).toContain(sentence);
  });
});

describe('export', () => {
  it.each([
    ['--seeds FOLDER/s', 'Say which run'],
    ['--log FOLDER/tasks.jsonl', 'Say what to take out'],
    ['--log FOLDER/nowhere --seeds FOLDER/s', 'is no file'],
    ['--run abc --seeds FOLDER/s', 'in the profile of a browser, which cannot be reached from here'],
  ])('%s', async (line, sentence) => {
    const { code, err } = await called('export', ...words(line));
    expect([code, err.trimEnd().split('\n').length]).toEqual([2, 1]);
    expect(err).toContain(sentence);
  });

  it('wants a log', async () => {
    const { code, err } = await called('export', '--log', at('tasks.jsonl'), '--seeds', at('s'));
    expect([code, err]).toEqual([1, expect.stringContaining('is no log of a Zeroloop run')]);
  });
});
