/**
 * Training from a terminal as people do it, with the real engine and the real Python: on both sides of the page, killed and gone on
 * with, and what comes out of it put to use. The model knows nothing and stays so: here it is held that everything fits together.
 */
import { createReadStream, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLog } from '../../src/store/log';
import type { StepRecord } from '../../src/store/records';
import { cli, ended, lastLine, start } from './command-line';

const folder = mkdtempSync(join(tmpdir(), 'zeroloop-training-'));
const at = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));

const settings = {
  dialect: 'compact',
  batch: 4,
  references: 2,
  'induction.inputs': 2,
  'estimate.samples': 2,
  'seeding.factor': 0.5,
  'tokens.prompt': 200,
  'tokens.content': 150,
  'tokens.response': 16,
  'evaluate.every': 2,
  'checkpoint.every': 2,
  'optimizer.rate': 0.01,
};

const train = (name: string, backend: string, steps: number, ...more: string[]) => [
  ...['train', '--model', 'random', '--config', at('settings.json'), '--heldout', at('tasks.jsonl')],
  ...['--seed', '4', '--steps', String(steps), '--backend', backend],
  ...['--log', at(`${name}.jsonl.gz`), '--checkpoint', at(name), ...more],
];

beforeAll(() => {
  writeFileSync(at('settings.json'), JSON.stringify(settings));
  const program = 'def f(a):\n    return a + 1';
  const tasks = [
    { mode: 'deduction', level: 1, program, input: '1', output: '2' },
    { mode: 'abduction', level: 2, program, input: '1', output: '2' },
  ];
  writeFileSync(at('tasks.jsonl'), tasks.map((task) => `${JSON.stringify(task)}\n`).join(''));
});

/** All that must not depend on when, or how often, a run was interrupted. */
async function lasting(name: string) {
  const file = createReadStream(at(`${name}.jsonl.gz`));
  const log = await openLog(Readable.toWeb(file) as unknown as ReadableStream<Uint8Array>);
  const steps: unknown[] = [];
  for await (const { record, snapshot, checkpoint } of log.steps) {
    steps.push({ record: timeless(record), snapshot, checkpoint: checkpoint !== null });
  }
  return { steps, ending: log.ending, weights: readFileSync(join(at(name), 'model.safetensors')) };
}

function timeless({ at: _, metrics, ...rest }: StepRecord) {
  const kept = Object.entries(metrics).filter(([name]) => !/^(timing_s|perf)\//.test(name));
  return { ...rest, metrics: Object.fromEntries(kept) };
}

describe.each(['node', 'wasm'])('on %s', (backend) => {
  const whole = `whole-${backend}`;

  it('a run leaves a log that adds up, weights, and one object', async () => {
    const { code, stdout, stderr } = await cli(...train(whole, backend, 3), '--json');
    expect([code, stderr]).toEqual([0, expect.stringMatching(/\n +3 .*\n/)]);
    const result = lastLine(stdout);
    expect(result).toMatchObject({
      steps: 3,
      seconds: expect.any(Number),
      status: 'finished',
      ended: null,
      metrics: { 'actor/updates': 1, 'heldout/accuracy': expect.any(Number) },
    });
    expect(result.heldout.map(({ step }: { step: number }) => step)).toEqual([0, 2, 3]);
    expect(result.heldout[0]).toMatchObject({ 'heldout/deduction/level_1': expect.any(Number) });
    const note = JSON.parse(readFileSync(join(at(whole), 'zeroloop.json'), 'utf8'));
    expect(note).toMatchObject({
      run: result.run,
      step: 3,
      preset: 'strict',
      config: { ...settings, seed: 4 },
    });
    expect(existsSync(at(`${whole}.partial.jsonl`))).toBe(false);
    const replayed = await cli('replay', at(`${whole}.jsonl.gz`), '--json');
    expect([replayed.code, lastLine(replayed.stdout)]).toMatchObject([0, { ok: true, steps: 4 }]);
  });

  it('a run that is killed goes on with --resume, and ends as one that was not', async () => {
    const name = `killed-${backend}`;
    const { child, output } = start(...train(name, backend, 3));
    await new Promise<void>((seen) => {
      child.stderr?.on('data', () => /\n +1 /.test(output.stderr) && seen());
      child.on('close', seen);
    });
    child.kill('SIGKILL');
    await ended(child);
    expect([existsSync(at(`${name}.partial.jsonl`)), existsSync(at(`${name}.jsonl.gz`))]).toEqual([
      true,
      false,
    ]);

    const { code, stderr } = await cli(...train(name, backend, 3), '--resume');
    expect([code, stderr]).toEqual([0, expect.stringMatching(/goes on after step [12]/)]);
    expect(await lasting(name)).toEqual(await lasting(whole));
  });

  it('eval asks the weights of a checkpoint', async () => {
    const { code, stdout } = await cli(
      ...['eval', '--model', at(whole), '--tasks', at('tasks.jsonl'), '--samples', '2'],
      ...['--backend', backend, '--json'],
    );
    expect(code).toBe(0);
    const { results, ...rest } = lastLine(stdout);
    expect(rest).toMatchObject({ model: at(whole), samples: 2, backend });
    const figures = { n: 1, pass1: expect.any(Number), low: expect.any(Number), high: expect.any(Number) };
    expect(results).toMatchObject([
      { mode: 'deduction', level: 1, ...figures },
      { mode: 'abduction', level: 2, ...figures },
      { mode: 'deduction', level: null, ...figures },
      { mode: 'abduction', level: null, ...figures },
    ]);
  });
});

it('Ctrl-C drops the step under way and leaves whole files', async () => {
  const { child, output } = start(...train('stopped', 'node', 500));
  await new Promise<void>((seen) => {
    child.stderr?.on('data', () => /\n +2 /.test(output.stderr) && seen());
    child.on('close', seen);
  });
  child.kill('SIGINT');
  expect(await ended(child)).toBe(130);
  expect(output.stderr).toMatch(/Go on with the same command and --resume/);
  const replayed = await cli('replay', at('stopped.jsonl.gz'));
  expect(replayed.code).toBe(0);
});

it('seeds are made, written, and begin another run as they began the first', async () => {
  const some = ['--config', at('settings.json'), '--backend', 'node', '--model', 'random', '--steps', '0'];
  const made = await cli('train', ...some, '--save-seeds', at('seeds.jsonl'), '--json');
  expect([made.code, lastLine(made.stdout)]).toMatchObject([0, { steps: 0, status: 'finished' }]);
  const used = await cli('train', ...some, '--seeds', at('seeds.jsonl'), '--log', at('seeded.jsonl.gz'));
  expect([used.code, used.stderr]).toEqual([0, expect.not.stringContaining('left out')]);
  const exported = await cli('export', '--log', at('seeded.jsonl.gz'), '--seeds', at('again.jsonl'));
  expect(exported.code).toBe(0);
  expect(readFileSync(at('again.jsonl'), 'utf8')).toBe(readFileSync(at('seeds.jsonl'), 'utf8'));
});

it('what the loop refuses is one line', async () => {
  const tooLong = ['--set', 'tokens.prompt=32768'];
  const { code, stderr } = await cli(
    'train',
    '--model',
    'random',
    '--backend',
    'wasm',
    '--steps',
    '1',
    ...tooLong,
  );
  expect(code).toBe(1);
  expect(stderr.trimEnd().split('\n').at(-1)).toMatch(/^tokens\.prompt \(32768\) and .*lower them\.$/);
});
