/**
 * A GPU that is lost between two steps or within one is replaced, and the run goes on as if nothing had happened; one that is lost again
 * and again is given up with a sentence, and the run is there when it comes back.
 */
import { beforeAll, expect, it } from 'vitest';
import type { ModelSource } from '../../../src/engine/engine';
import type { SessionEvent } from '../../../src/selfplay/session';
import { breakNow } from './breakable/breaking';
import { sums, trainNovice } from './novice';
import { newRun, outcomeOf, stepsOf } from './runs';
import { live, statuses } from './tabs';

/** Software stands in for the GPU here, and takes its time over every new shape: so one mode, and known tasks alone. */
const small = {
  steps: 4,
  modes: ['deduction'],
  proposer: 'off',
  'buffers.retire': 0,
  'tokens.prompt': 64,
  'tokens.content': 64,
  'tokens.response': 8,
  'loss.kl': 0,
  'evaluate.every': 0,
} as const;

const onGpu = (changes = {}) => newRun(novice, { ...small, ...changes }, { backend: 'webgpu', seeds: sums });

let novice: ModelSource;
beforeAll(async () => {
  novice = { kind: 'files', files: await trainNovice() };
});

/** Destroys the device when this is waited for in a step from `from` on; once. */
function loses(phase: RegExp, from: number): (event: SessionEvent) => void {
  let done = false;
  return (event) => {
    if (done || event.kind !== 'progress' || event.step < from || !phase.test(event.progress.phase)) return;
    done = true;
    breakNow('lose the device');
  };
}

it('a lost GPU is replaced, and the run ends as one that lost none', async () => {
  const whole = onGpu();
  const begun = performance.now();
  const first = await live(whole);
  await first.training.play();
  await first.training.close();
  first.tab.close();
  console.info(`uninterrupted: ${((performance.now() - begun) / 1000).toFixed(1)} s`);
  const learned = (await stepsOf(whole)).flatMap(({ episodes }) => episodes);
  expect(new Set(learned.map(({ reward }) => reward)).size).toBeGreaterThan(1);

  const broken = onGpu();
  const [sampling, learning] = [loses(/^attempts/, 2), loses(/^training/, 4)];
  const { training, events } = await live(broken, (event) => {
    sampling(event);
    learning(event);
  });
  await training.play(2);
  breakNow('lose the device'); // between two steps
  await training.play();
  await training.close();
  const recoveries = events.filter((event) => event.kind === 'status' && event.status === 'recovering');
  expect(recoveries).toHaveLength(3);
  expect(JSON.stringify(recoveries[0])).toContain('The GPU was lost');
  expect(await outcomeOf(broken)).toEqual(await outcomeOf(whole));
});

it('a GPU that is lost again and again ends in a sentence, and the run goes on when it is there', async () => {
  const order = onGpu({ steps: 2 });
  let gone = true;
  const { training, events } = await live(order, (event) => {
    if (gone && event.kind === 'progress' && event.progress.phase === 'loading') breakNow('lose the device');
  });
  await expect(training.play()).rejects.toMatchObject({ name: 'DeviceLostError' });
  expect(statuses(events).filter((status) => status === 'recovering')).toHaveLength(3);
  expect(events.at(-1)).toMatchObject({ kind: 'status', status: 'failed' });
  gone = false;
  await training.play();
  expect(statuses(events).at(-1)).toBe('finished');
  await training.close();
});
