/** `replay` as people call it: a log that adds up, logs that do not, and files that are none. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { main } from '../../src/cli/main';
import { playedLog } from './selfplay/played';

let folder = '';
let log = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zeroloop-replay-'));
  log = await new Response((await playedLog()) as never).text();
});
afterAll(() => rm(folder, { recursive: true }));
afterEach(() => void vi.restoreAllMocks());

async function called(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const out: string[] = [];
  const err: string[] = [];
  vi.spyOn(console, 'log').mockImplementation((line: string) => void out.push(line));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => err.push(String(text)) > 0);
  const code = await main(['replay', ...args]);
  return { code, out: out.join('\n'), err: err.join('') };
}

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

const wrong = () => log.replaceAll('"reward":1,', '"reward":0.75,');

describe('a log', () => {
  it.each(['plain', 'zipped'])('that is %s and adds up', async (kind) => {
    const path = await file('whole', kind === 'zipped' ? gzipSync(log) : log);
    const { code, out, err } = await called(path);
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/^6 steps, 182 episodes, 24 tasks\n/);
    expect(out).toMatch(/\ninduction +attempts +70 +0\.800 +60\.0 % +100\.0 % +5\.0\n/);
    expect(out).toMatch(/\nIt adds up\.$/);
  });

  it('is one object for programs', async () => {
    const { code, out } = await called(await file('whole', log), '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      ok: true,
      steps: 6,
      episodes: 182,
      tasks: 24,
      disagreements: [],
      counted: 0,
      complete: true,
      message: null,
      summary: [{ mode: 'deduction', role: 'propose', completions: 21 }, {}, {}, {}],
    });
  });

  it('that does not add up fails, with a line for each of the first twenty', async () => {
    const { code, out, err } = await called(await file('wrong', wrong()), '--json');
    expect(code).toBe(1);
    const { ok, complete, counted, disagreements } = JSON.parse(out);
    expect({ ok, complete }).toEqual({ ok: false, complete: true });
    expect(counted).toBeGreaterThan(20);
    expect(disagreements[0]).toMatchObject({ what: 'reward', recorded: 0.75, derived: 1 });
    const lines = err.trimEnd().split('\n');
    expect(lines).toHaveLength(21);
    expect(lines[0]).toBe(disagreements[0].message);
    expect(lines[20]).toBe(`... and ${counted - 20} more.`);
    expect((await called(await file('wrong', wrong()))).out).toMatch(
      /It does not add up: \d+ figures disagree\.$/,
    );
  });

  it.each([
    ['plain', (text: string) => text.slice(0, -500)],
    ['zipped', (text: string) => gzipSync(text).subarray(0, -500)],
  ])('that is %s and cut off fails, and says where', async (_kind, cut) => {
    const path = await file('cut', cut(log));
    const { code, out } = await called(path, '--json');
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ ok: false, complete: false, counted: 0 });
    expect((await called(path)).out).toMatch(/\nThis log ends .* nothing after it\.$/);
  });
});

describe('what is no log is one sentence', () => {
  it.each([
    [
      'no-such-file',
      null,
      /^\S*no-such-file is not there: name the log of a run, as export writes it\.\n$/,
      1,
    ],
    ['.', null, /is no file: /, 1],
    ['empty', '', /^This file is no log of a Zeroloop run.*\n$/, 1],
    ['text', 'hello\n', /^This file is no log of a Zeroloop run.*\n$/, 1],
  ] as const)('%s', async (name, content, sentence, expected) => {
    const path = content === null ? join(folder, name) : await file(name, content);
    const { code, err, out } = await called(path);
    expect([code, out]).toEqual([expected, '']);
    expect(err).toMatch(sentence);
  });

  it('a newer log', async () => {
    const path = await file('newer', log.replace('"version":1', '"version":99'));
    const { code, err } = await called(path);
    expect(code).toBe(1);
    expect(err).toMatch(/^This log has version 99, and this Zeroloop reads up to version \d+: .*\n$/);
  });

  it('a log with settings that nobody knows', async () => {
    const path = await file('settings', log.replace('"batch":4', '"batch":"many"'));
    const { code, err } = await called(path);
    expect(code).toBe(1);
    expect(err).toMatch(/^The configuration in this log cannot be used: batch must be .*\n$/);
  });

  it.each([[[]], [['a', 'b']], [['--fast']]])('a command line with %j', async (args) => {
    const { code, err } = await called(...args);
    expect(code).toBe(2);
    expect(err).toMatch(/^replay wants one log: /);
  });
});
