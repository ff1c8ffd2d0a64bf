/** The commands of the README, run as a user runs them, against the built page. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';

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
  expect(report).toMatchObject({ isolated: true, python: null, problems: [] });
  expect(report.backends).toEqual(['webgpu', 'wasm', 'node']);
  expect(report.threads).toBeGreaterThan(0);
  expect(report.adapter).toEqual(expect.any(String));
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
  const began = performance.now();
  const { child, output } = start('start.mjs', ['--port', '0']);
  while (!output.stdout.includes('http') && child.exitCode === null)
    await new Promise((done) => setTimeout(done, 20));
  expect(performance.now() - began).toBeLessThan(3000);
  const url = /http:\S+/.exec(output.stdout)?.[0] ?? '';
  expect(await (await fetch(url)).text()).toMatch('<title>Zeroloop</title>');
  child.kill('SIGINT');
  expect(await exitOf(child)).toBe(0);
});
