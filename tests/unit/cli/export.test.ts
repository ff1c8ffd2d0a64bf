/** What `export` takes out of a log, and that it can be put in again elsewhere. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { csv } from '../../../src/cli/export';
import { readHeldOut } from '../../../src/evals/tasks';
import { readSeeds } from '../../../src/selfplay/seeds';
import { playedLog } from '../selfplay/played';
import { called } from './called';

const folder = mkdtempSync(join(tmpdir(), 'zeroloop-export-'));
const at = (name: string) => join(folder, name);
let log = '';
beforeAll(async () => {
  log = await new Response((await playedLog()) as never).text();
  writeFileSync(at('log.jsonl.gz'), gzipSync(log));
});
afterAll(() => rmSync(folder, { recursive: true }));

it('takes out seeds, tasks, metrics and the log itself', async () => {
  const wanted = ['seeds', 'tasks', 'metrics', 'plain'];
  const options = wanted.flatMap((part) => [`--${part}`, at(part)]);
  const { code, out } = await called('export', '--log', at('log.jsonl.gz'), ...options, '--json');
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({
    steps: 6,
    episodes: 182,
    tasks: 24,
    complete: true,
    message: null,
  });
  const read = (part: string) => readFileSync(at(part), 'utf8');
  expect(readSeeds(read('seeds')).map(({ kind }) => kind)).toEqual([
    'program',
    'induction',
    'program',
    'induction',
  ]);
  const tasks = readHeldOut(read('tasks'));
  expect(tasks).toHaveLength(24);
  expect(tasks[0]).toMatchObject({ id: '1', mode: 'deduction', pairs: [['1', '2']] });
  expect(tasks[1]).toMatchObject({ id: '2', mode: 'induction', pairs: [['2', '4'], {}, {}, {}] });
  expect(read('metrics').split('\n')).toEqual(['step', '0', '1', '2', '3', '4', '5', '']);
  expect(read('plain')).toBe(log);
});

it('tells tasks with their latest solve rates', async () => {
  await called('export', '--log', at('log.jsonl.gz'), '--tasks', at('tasks'));
  const latest = new Map<number, number>();
  for (const line of log.split('\n').filter((each) => each.startsWith('{"kind":"step"'))) {
    const { tasks, updates } = JSON.parse(line).record;
    for (const { id, solveRate } of tasks) latest.set(id, solveRate);
    for (const { task, solveRate } of updates) if (solveRate !== undefined) latest.set(task, solveRate);
  }
  const lines = readFileSync(at('tasks'), 'utf8').trimEnd().split('\n');
  expect(new Map(lines.map((line) => JSON.parse(line)).map(({ id, solveRate }) => [id, solveRate]))).toEqual(
    latest,
  );
});

it('takes out what there is of a log that was cut off, and says so', async () => {
  writeFileSync(at('cut.jsonl'), log.slice(0, log.length / 2));
  const { code, out } = await called('export', '--log', at('cut.jsonl'), '--tasks', at('few'));
  expect(code).toBe(0);
  expect(out).toMatch(/ends in the middle of line/);
  expect(readFileSync(at('few'), 'utf8').split('\n').length).toBeLessThan(25);
});

it('leaves a cell empty where a step has no such metric', () => {
  const steps: { step: number; metrics: Record<string, number> }[] = [
    { step: 0, metrics: { b: 0.5 } },
    { step: 1, metrics: { a: 1e-7, 'c,d': 2 } },
  ];
  expect(csv(steps)).toBe('step,a,b,"c,d"\n0,,0.5,\n1,1e-7,,2\n');
});
