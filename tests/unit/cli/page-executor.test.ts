/** The sandbox seen from Node: what is asked in one moment crosses together, and nobody waits for what was asked before. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it, vi } from 'vitest';
import { CommandError } from '../../../src/cli/command';
import { PageExecutor } from '../../../src/cli/page-executor';
import type { Check, Checked } from '../../../src/sandbox/executor';

afterEach(() => void vi.unstubAllGlobals());

/** The page's functions run here, on a sandbox that answers when it is told to. */
function setting() {
  const calls: { checks: Check[]; answer(): void; fail(error: Error): void }[] = [];
  const check = (checks: Check[]) =>
    new Promise<Checked[]>((resolve, reject) => {
      const answer = () => resolve(checks.map((each) => answerTo(each)));
      calls.push({ checks, answer, fail: reject });
    });
  vi.stubGlobal('window', { zeroloop: { check, trace: async (...call: unknown[]) => call } });
  const page = { evaluate: async (ask: (argument: unknown) => unknown, argument: unknown) => ask(argument) };
  return { calls, executor: new PageExecutor(page as never) };
}

function answerTo(check: Check): Checked {
  if (check.kind === 'measure')
    return { kind: 'measure', measurement: { verdict: 'banned', reason: check.program } };
  if (check.kind !== 'run' && check.kind !== 'validate' && check.kind !== 'raises')
    throw new Error(check.kind);
  const outcomes = check.inputs.map((output) => ({ verdict: 'ok' as const, output, ms: 0, steps: 0 }));
  return { kind: check.kind, outcomes };
}

it('sends the checks of one moment in one call, and gives each its own answer', async () => {
  const { calls, executor } = setting();
  const answers = Promise.all([
    executor.run('p', ['1', '2']),
    executor.measure('q'),
    executor.check([{ kind: 'raises', program: 'r', inputs: ['3'] }]),
    executor.validate('s', ['4']),
  ]);
  await sleep(10);
  expect(calls.map(({ checks }) => checks.map(({ kind }) => kind))).toEqual([
    ['run', 'measure', 'raises', 'validate'],
  ]);
  calls[0].answer();
  expect(await answers).toMatchObject([
    [{ output: '1' }, { output: '2' }],
    { verdict: 'banned', reason: 'q' },
    [{ kind: 'raises', outcomes: [{ output: '3' }] }],
    [{ output: '4' }],
  ]);
});

it('does not wait for earlier calls', async () => {
  const { calls, executor } = setting();
  const first = executor.run('p', ['1']);
  await sleep(10);
  const second = executor.run('p', ['2']);
  await sleep(10);
  calls[1].answer();
  expect(await second).toMatchObject([{ output: '2' }]);
  calls[0].answer();
  expect(await first).toMatchObject([{ output: '1' }]);
});

it('leaves at once when it is told to', async () => {
  const { calls, executor } = setting();
  const abort = new AbortController();
  const asked = executor.run('p', ['1'], { signal: abort.signal });
  abort.abort(new Error('enough'));
  await expect(asked).rejects.toThrow('enough');
  await expect(executor.run('p', ['1'], { signal: abort.signal })).rejects.toThrow('enough');
  await sleep(10);
  expect(calls.map(({ checks }) => checks.length)).toEqual([1]); // what is known to be in vain is not asked
});

it("says what the page's error says, and no more", async () => {
  const { calls, executor } = setting();
  const asked = [executor.run('p', ['1']), executor.measure('q')];
  await sleep(10);
  const said = 'Error: SandboxClosedError: The sandbox is closed: open it again.';
  calls[0].fail(new Error(`page.evaluate: ${said}\n    at x (y.js:1:2)`));
  const told = new CommandError('The sandbox is closed: open it again.');
  const reason = { status: 'rejected', reason: told };
  expect(await Promise.allSettled(asked)).toEqual([reason, reason]);
});

it('hands traces through', async () => {
  const { executor } = setting();
  expect(await executor.trace('p', '1', { steps: 3 })).toEqual(['p', '1', { steps: 3 }]);
});
