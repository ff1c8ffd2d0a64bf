/**
 * A run survives anything: cut off again and again, twelve times in CI and twenty in `npm run proofs`, in every part of a step and in
 * every way, it ends as the run that nobody touched, byte for byte.
 */
import { beforeAll, expect, it } from 'vitest';
import type { ModelSource } from '../../../src/engine/engine';
import { Draws } from '../../../src/selfplay/random';
import { replay } from '../../../src/selfplay/replay';
import { exportLog, openLog } from '../../../src/store/log';
import { inProofs } from '../../whole';
import { type Death, liveAndDie } from './deaths';
import { trainNovice } from './novice';
import { again, newRun, outcomeOf, stepsOf, withReader } from './runs';
import { live } from './tabs';
import { within } from './within';

/** The first ten lives end at chosen moments and in every way; what comes after them ends anywhere. */
const deaths = inProofs(20, { else: 12 });
const steps = inProofs(30, { else: 16 });

let novice: ModelSource;
beforeAll(async () => {
  novice = { kind: 'files', files: await trainNovice() };
});

it(`a run of ${steps} steps that is cut off ${deaths} times ends as one that is not`, async () => {
  const whole = newRun(novice, { steps });
  const begun = performance.now();
  const { training, tab } = await live(whole);
  await training.play();
  await training.close();
  tab.close();
  console.info(`uninterrupted: ${seconds(begun)} s`);
  const expected = await outcomeOf(whole);

  // There is something to lose: tasks that came and went, estimates, answers right and wrong.
  const records = await stepsOf(whole);
  expect(records).toHaveLength(1 + steps);
  const learned = records.flatMap(({ episodes }) => episodes.filter(({ advantage }) => advantage !== null));
  expect(new Set(learned.map(({ reward }) => reward)).size).toBeGreaterThan(3);
  expect(records.filter(({ tasks, step }) => step > 0 && tasks.length > 0).length).toBeGreaterThan(5);
  const updates = records.flatMap((record) => record.updates);
  expect(updates.some(({ left }) => left === 'full')).toBe(true);
  expect(updates.some(({ solveRate }) => solveRate !== undefined)).toBe(true);

  const broken = newRun(novice, { steps });
  const draws = new Draws(1, 0, 'deaths');
  const died: Death[] = [];
  let order = broken;
  for (let index = 0; index < deaths; index++) {
    died.push(await liveAndDie(order, index, draws));
    // Who dies among its seeds has stored nothing, and begins again.
    if ((await stepsOf(broken)).length > 0) order = again(broken);
    console.info(told(died[index]));
  }
  const last = await live(order);
  const wait = 'The end of the run, after all deaths,';
  await within(200, () => wait, last.training.play());
  await last.training.close();
  console.info(`cut off ${deaths} times: ${seconds(begun)} s in all`);

  const outcome = await outcomeOf(broken);
  expect(outcome).toEqual(expected);
  const parts = ['seeds', 'saving', 'loading', 'proposals', 'attempts', 'training', 'repeating'];
  const moments = died.map(({ aimed }) => aimed.split(' ')[0]);
  expect(parts.filter((part) => !moments.includes(part))).toEqual([]);

  const log = await withReader(broken, async (run) => replay(await openLog(exportLog(run))));
  expect(log.disagreements).toEqual([]);
  expect(log.ending).toMatchObject({ complete: true, steps: 1 + steps });
});

const seconds = (since: number) => ((performance.now() - since) / 1000).toFixed(1);

const told = ({ way, moment, step, opening }: Death) =>
  `${way} during: ${moment}; last step told: ${step}; played on after ${opening?.toFixed(0) ?? '-'} ms`;
