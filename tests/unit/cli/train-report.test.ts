/** A run as it passes by in a terminal. */
import { expect, it } from 'vitest';
import { duration, TrainReport } from '../../../src/cli/train-report';
import type { Alert, StepRecord } from '../../../src/store/records';

function report(live = false) {
  let text = '';
  const write = (more: string) => {
    text += more;
  };
  const terminal = { live, columns: 40, write };
  return { report: new TrainReport(terminal, 9), read: () => text };
}

const metrics = {
  'gen_code_o/critic/rewards/mean': 0.5,
  'gen_code_i/critic/rewards/mean': -1,
  'pred_code_o/critic/rewards/mean': 0.25,
  'pred_code_o/accuracy': 0.125,
  'actor/entropy': 1.5,
  'timing_s/step': 75,
};
const step = (step: number, alerts: Alert[] = [], more = {}): StepRecord => ({
  step,
  at: 0,
  episodes: [],
  tasks: [],
  updates: [],
  metrics: { ...metrics, ...more },
  alerts,
});

it('has a line for each step, under a heading that comes again', () => {
  const { report: seen, read } = report();
  for (let n = 1; n <= 26; n++) seen.step(step(n));
  const lines = read().trimEnd().split('\n');
  expect(lines).toHaveLength(28);
  expect(lines[1]).toBe('     1     -0.250   +0.250   12.5 %      0    1.500    75.0 s');
  expect(lines[26]).toBe(lines[0]);
});

it('tells alerts at once, those of one kind in one line, and why a run ends only at its end', () => {
  const { report: seen, read } = report();
  const alert = (kind: string, message: string) => ({ kind, message });
  seen.step(step(1, [alert('a', 'One.'), alert('b', 'Two.'), alert('a', 'Three.'), alert('stop', 'Four.')]));
  expect(read().split('\n').slice(2)).toEqual(['  ! One. (And 1 more of this kind.)', '  ! Two.', '']);
});

it('tells held-out tasks', () => {
  const { report: seen, read } = report();
  seen.step(step(1, [], { 'heldout/accuracy': 0.5 }));
  expect(read()).toMatch(/held-out tasks: 50\.0 % right\n$/);
});

it.each([
  [true, '\r\x1b[K  step 2 of 9: sampling 3 of 4 ...\r\x1b[K'],
  [false, ''],
])('shows what is waited for only where it can take it back (%s)', (live, expected) => {
  const { report: seen, read } = report(live);
  seen.event({ kind: 'progress', step: 2, progress: { phase: 'sampling', done: 3, total: 4 } });
  seen.clear();
  expect(read()).toBe(expected);
});

it.each([
  [0.04, '0.0 s'],
  [99.94, '99.9 s'],
  [119.7, '2 min 0 s'],
  [185, '3 min 5 s'],
  [7_260, '2 h 1 min'],
])('%d seconds are %s', (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});
