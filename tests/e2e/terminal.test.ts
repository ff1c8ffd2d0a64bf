/** The commands of the README, run as a user runs them, against the built page. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');

function start(script: string, args: string[]) {
  const child = spawn(process.execPath, [join(root, 'scripts', script), ...args], {
    cwd: root,
    env: { ...process.env, CI: '1' }, // opens no browser window
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  }
  return { child, output };
}

const exitOf = (child: ChildProcess) =>
  new Promise<number | null>((done) => child.on('close', (code) => done(code)));

async function cli(...args: string[]) {
  const { child, output } = start('cli.mjs', args);
  return { code: await exitOf(child), ...output };
}

it('doctor tells what this machine really computes on', async () => {
  const { code, stdout } = await cli('doctor', '--json');
  expect(code).toBe(0);
  const report = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
  expect(report).toMatchObject({ isolated: true, python: '3.14.2', problems: [] });
  expect(report.backends).toEqual(['webgpu', 'wasm', 'node']);
  expect(report.threads).toBeGreaterThan(0);
  expect(report.adapter).toEqual(expect.any(String));
});

describe('exec', () => {
  const write = (...lines: string[]) => {
    const file = join(mkdtempSync(join(tmpdir(), 'zeroloop-')), 'records.jsonl');
    writeFileSync(file, `${lines.join('\n')}\n`);
    return file;
  };
  const double = 'def f(a):\n    return a * 2';

  it('writes one verdict line for each record, in their order', async () => {
    const records = [
      { id: 1, program: double, input: "'ab'" },
      { id: 'two', program: 'import os\ndef f(a):\n    return os.getcwd()', input: '1' },
      { id: 3, mode: 'deduction', program: double, input: '[1]', gold: '[1, 1]', answer: '[1,1]' },
      { id: 4, mode: 'abduction', program: double, gold: '4', answer: 'a = 2' },
      { id: 5, mode: 'abduction', program: double, gold: 'True', answer: '100) or (True' },
      { id: 6, mode: 'induction', shown: [['1', '2']], hidden: [['3', '6']], answer: double },
      { id: 7, program: 'def f(a):\n    while a:\n        pass', input: '1' },
    ];
    const { code, stdout } = await cli(
      'exec',
      write(...records.map((record) => JSON.stringify(record))),
      '--json',
    );
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { id: 1, verdict: 'ok', output: "'abab'" },
      { id: 'two', verdict: 'banned', output: null, reason: expect.stringContaining('os') },
      { id: 3, verdict: 'ok', correct: true },
      { id: 4, verdict: 'ok', output: '4', correct: true },
      { id: 5, verdict: 'syntax', correct: false },
      { id: 6, verdict: 'ok', output: '[6]', correct: true },
      { id: 7, verdict: 'timeout', ms: expect.any(Number) },
    ]);
  });

  it.each([
    ['a line that is no JSON', ['{"program": "x", "input": ""}', '{'], 'Line 2: This is no JSON'],
    ['a record without a program', ['{"id": 1, "input": ""}'], 'Line 1: It has no "program".'],
  ])('refuses %s before it runs anything', async (_what, lines, sentence) => {
    const { code, stdout, stderr } = await cli('exec', write(...lines));
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr.trimEnd().split('\n')).toEqual([expect.stringContaining(sentence)]);
  });

  it('wants a file that is there', async () => {
    const { code, stderr } = await cli('exec', 'nowhere.jsonl');
    expect(code).toBe(2);
    expect(stderr).toMatch('nowhere.jsonl could not be read');
  });
});

it('explains a wrong command in one line', async () => {
  const { code, stdout, stderr } = await cli('dance');
  expect(code).toBe(2);
  expect(stdout).toBe('');
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(stderr).toMatch('doctor');
});

it('explains a wrong option in one line', async () => {
  const { code, stderr } = await cli('doctor', '--loud');
  expect(code).toBe(2);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
});

it('npm start serves within three seconds what is built, and ends on Ctrl-C', async () => {
  await cli('doctor'); // builds, if nobody has
  let quickest = Number.POSITIVE_INFINITY;
  // What is slow by itself is slow each time; a machine that has much else to do is so now and then.
  for (let each = 0; each < 3 && quickest >= 3000; each++) {
    const began = performance.now();
    const { child, output } = start('start.mjs', ['--port', '0']);
    while (!output.stdout.includes('http') && child.exitCode === null)
      await new Promise((done) => setTimeout(done, 20));
    quickest = Math.min(quickest, performance.now() - began);
    const url = /http:\S+/.exec(output.stdout)?.[0] ?? '';
    expect(await (await fetch(url)).text()).toMatch('<title>Zeroloop</title>');
    child.kill('SIGINT');
    expect(await exitOf(child)).toBe(0);
  }
  expect(quickest).toBeLessThan(3000);
});
