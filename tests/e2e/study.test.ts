/**
 * The way that the base model takes, in small: one is made from nothing in the page's sandbox and our own engine, and the one that ships
 * is taught by its own tasks, beside a control that learns from as many tokens, and told of in a table.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { cli, lastLine } from './command-line';

const folder = mkdtempSync(join(tmpdir(), 'zeroloop-study-'));
const at = (...names: string[]) => join(folder, ...names);
afterAll(() => rmSync(folder, { recursive: true }));

const warmup = (...more: string[]) =>
  cli(
    'warmup',
    '--folder',
    at('warmup'),
    '--programs',
    '0.0005',
    '--batch',
    '300',
    '--threads',
    '1',
    ...more,
  );
const weights = (...names: string[]) => readFileSync(at(...names, 'model.safetensors'), 'latin1');

it('a model is made, and the same one by whoever is interrupted', async () => {
  const whole = await warmup('--steps', '4', '--out', at('model'), '--json');
  expect([whole.code, lastLine(whole.stdout)]).toEqual([0, { steps: 4, folder: at('model') }]);
  rmSync(at('warmup', 'checkpoint'), { recursive: true });
  // While the rate rises it is the same in a course of two steps, so that is as good as one of four that is cut short.
  expect((await warmup('--steps', '2', '--out', at('short'))).code).toBe(0);
  expect((await warmup('--steps', '4', '--out', at('longer'))).code).toBe(0);
  expect(weights('short') === weights('model')).toBe(false);
  expect(weights('longer') === weights('model')).toBe(true);
  expect(JSON.parse(readFileSync(at('model', 'config.json'), 'utf8')).torch_dtype).toBe('float16');
});

it('and taught, next to its control', async () => {
  const task = {
    id: 'one',
    mode: 'deduction',
    level: 1,
    program: 'def f(x):\n    return x + 1',
    input: '1',
    output: '2',
  };
  writeFileSync(at('tasks.jsonl'), JSON.stringify(task));
  const small = [
    'batch=4',
    'seeding.factor=0.5',
    'tokens.response=16',
    'evaluate.every=0',
    'optimizer.warmup=0',
  ];
  const order = [
    ...['study', '--folder', at('study'), '--model', 'builtin', '--steps', '2', '--seeds', '3'],
    ...['--arms', 'hindsight,continued', '--tasks', at('tasks.jsonl'), '--results', at('results')],
    // Nobody has drawn them yet.
    ...['--materials', at('materials'), '--programs', '0.0005', '--json'],
    ...small.flatMap((setting) => ['--set', setting]),
  ];
  const { code, stdout, stderr } = await cli(...order);
  expect([code, stderr]).toEqual([0, expect.stringContaining('continued, seed 3: done')]);
  const told = lastLine(stdout);
  for (const view of ['greedy', 'sampled', 'pass@4']) {
    const { arms, differences } = told[view];
    expect(arms.map(({ name }: { name: string }) => name)).toEqual(['base', 'hindsight', 'continued']);
    expect(differences).toHaveLength(3);
  }
  expect(told.learning).toMatchObject([
    { name: 'hindsight-3', learning: { steps: 2, updates: 6, tokens: expect.any(Number) } },
    { name: 'continued-3', learning: null },
  ]);

  // Materials are drawn before controls begin: several at once would all draw the same ones into the same files.
  const logged = (...names: string[]) => readFileSync(at('study', ...names), 'utf8');
  expect(logged('materials.log')).toContain('materials: 6 of 6 parts');
  expect(logged('continued', '3', 'train.log')).not.toContain('materials:');

  // What is kept is enough: nothing is played again, even where logs and weights are gone.
  rmSync(at('study'), { recursive: true });
  const again = await cli(...order);
  expect([again.code, lastLine(again.stdout)]).toEqual([0, told]);
  expect(again.stderr).not.toContain('begins');

  const other = await cli(...order, '--set', 'batch=5');
  expect([other.code, other.stderr]).toEqual([
    2,
    expect.stringContaining('are of another model, other tasks'),
  ]);
});
