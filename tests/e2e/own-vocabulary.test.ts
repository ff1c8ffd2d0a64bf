/**
 * A model that brings a vocabulary of its own, from a terminal, on both sides of the page: it is trained, asked and gone on with in that
 * vocabulary, without a word about it on the command line, and its tokenizer's files come out as they went in.
 */
import { createReadStream, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLog } from '../../src/store/log';
import type { Episode } from '../../src/store/records';
import { tinyModel, tinyTokenizer } from '../doubles/tiny-model';
import { isWhole } from '../whole';
import { cli, ended, lastLine, start } from './command-line';

const folder = mkdtempSync(join(tmpdir(), 'zeroloop-vocabulary-'));
const at = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));

/** The dialect is not among them: it goes with the model. */
const settings = {
  batch: 4,
  references: 2,
  'estimate.samples': 2,
  'seeding.factor': 0.5,
  'tokens.response': 16,
  'evaluate.every': 2,
  'checkpoint.every': 1,
  'optimizer.rate': 0.01,
};

beforeAll(async () => {
  mkdirSync(at('model'));
  for (const [name, bytes] of Object.entries(await tinyModel()))
    writeFileSync(join(at('model'), name), bytes);
  writeFileSync(at('settings.json'), JSON.stringify(settings));
  const task = { mode: 'deduction', program: 'def f(x):\n    return x + 1', input: '1', output: '2' };
  writeFileSync(at('tasks.jsonl'), JSON.stringify(task));
});

const train = (name: string, backend: string, ...more: string[]) => [
  ...['train', '--model', at('model'), '--config', at('settings.json'), '--heldout', at('tasks.jsonl')],
  ...['--seed', '4', '--steps', '3', '--backend', backend],
  ...['--log', at(`${name}.jsonl.gz`), '--checkpoint', at(name), ...more],
];

async function episodesOf(name: string): Promise<Episode[]> {
  const file = createReadStream(at(`${name}.jsonl.gz`));
  const log = await openLog(Readable.toWeb(file) as unknown as ReadableStream<Uint8Array>);
  const episodes: Episode[] = [];
  for await (const { record } of log.steps) episodes.push(...record.episodes);
  return episodes;
}

/** Read as Latin-1: texts are compared faster than arrays. */
const file = (name: string, path: string) => readFileSync(join(at(name), path), 'latin1');

describe.each(['node', 'wasm'])('on %s', (backend) => {
  const whole = `whole-${backend}`;

  it('a run speaks it, and its checkpoint is a model that does', async () => {
    const { code, stderr } = await cli(...train(whole, backend));
    expect([code, stderr]).toEqual([0, expect.stringMatching(/\n +3 .*\n/)]);
    for (const name of ['tokenizer.json', 'tokenizer_config.json']) {
      expect(file(whole, name)).toBe(file('model', name));
    }
    expect(JSON.parse(file(whole, 'generation_config.json'))).toEqual({
      eos_token_id: tinyTokenizer.tokens.indexOf('⟨end⟩'),
    });
    expect(file(whole, 'model.safetensors')).not.toBe(file('model', 'model.safetensors'));
    expect(JSON.parse(file(whole, 'zeroloop.json')).config).toMatchObject({
      dialect: 'compact',
      'induction.inputs': 8,
    });
    const episodes = await episodesOf(whole);
    expect(episodes.length).toBeGreaterThan(50);
    for (const { tokens, completion } of episodes) {
      expect(tinyTokenizer.decode(Int32Array.from(tokens))).toBe(completion);
    }
  });

  // That it goes on at all is shown on both sides in training.test.ts, and in the page in vocabulary.test.ts.
  it.runIf(isWhole || backend === 'node')(
    'a run that is killed goes on in it, and ends as one that was not',
    async () => {
      const name = `killed-${backend}`;
      const { child, output } = start(...train(name, backend));
      await new Promise<void>((seen) => {
        child.stderr?.on('data', () => /\n +1 /.test(output.stderr) && seen());
        child.on('close', seen);
      });
      child.kill('SIGKILL');
      await ended(child);
      const { code, stderr } = await cli(...train(name, backend, '--resume'));
      expect([code, stderr]).toEqual([0, expect.stringMatching(/goes on after step [12]/)]);
      for (const path of [
        'model.safetensors',
        'tokenizer.json',
        'tokenizer_config.json',
        'generation_config.json',
      ]) {
        expect(file(name, path)).toBe(file(whole, path));
      }
      const texts = async (run: string) => (await episodesOf(run)).map(({ completion }) => completion);
      expect(await texts(name)).toEqual(await texts(whole));
    },
  );

  it('eval asks the weights of its checkpoint in it', async () => {
    expect(await evaluated(whole, backend)).toMatchObject({ n: 1, unasked: 0 });
  });
});

it('eval asks a model that no run has touched in it', async () => {
  expect(await evaluated('model', 'node', '--set', 'tokens.response=16')).toMatchObject({ n: 1, unasked: 0 });
});

async function evaluated(model: string, backend: string, ...more: string[]): Promise<unknown> {
  const asked = ['--model', at(model), '--tasks', at('tasks.jsonl'), '--backend', backend, '--json'];
  const { code, stdout, stderr } = await cli('eval', ...asked, ...more);
  expect([code, stderr]).toEqual([0, expect.stringContaining('1 answer to each')]);
  return lastLine(stdout).results[0];
}
