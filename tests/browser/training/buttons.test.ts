/**
 * What people press and what happens to them: play, single steps, pause, stop, a second tab, a full disk, a hidden tab. A random model
 * is enough for that; that nothing is lost, whatever there is to lose, is shown in survives.test.ts.
 */
import { expect, it } from 'vitest';
import { Training } from '../../../src/app/training';
import type { ModelSource } from '../../../src/engine/engine';
import { ConfigError } from '../../../src/selfplay/config';
import { RunError, SeedingError } from '../../../src/selfplay/errors';
import { RunExistsError, RunLockedError, UnknownRunError } from '../../../src/store/errors';
import { until } from '../../doubles/until';
import { breakNow } from './breakable/breaking';
import { tinyModel } from './novice';
import { again, newRun, type Order, outcomeOf, withReader } from './runs';
import { live, statuses, waits } from './tabs';

const random: ModelSource = { kind: 'random', config: tinyModel, seed: 1 };
const info = (order: Order) => withReader(order, (run) => run.info());

const steps = 6;
let outcome: Promise<Record<string, unknown>> | undefined;

/** What comes of a run that nobody touches. */
function untouched(): Promise<Record<string, unknown>> {
  const play = async () => {
    const order = newRun(random, { steps });
    const { training, tab } = await live(order);
    await training.play();
    await training.close();
    tab.close();
    return outcomeOf(order);
  };
  outcome ??= play();
  return outcome;
}

it('single steps, pauses and stops cost nothing that was stored, and change nothing', async () => {
  const order = newRun(random, { steps });
  const { training, events } = await live(order);
  const playing = (step: number) =>
    until(() => expect(events.some((event) => event.kind === 'progress' && event.step >= step)).toBe(true), {
      timeout: 60_000,
      interval: 1,
    });

  await training.play(1);
  expect(await info(order)).toMatchObject({ step: 1, status: 'paused', backend: 'wasm' });
  expect(statuses(events)).toEqual(['opening', 'running', 'paused']);

  // A pause waits for the step under way.
  events.length = 0;
  let playedOn = training.play();
  await playing(2);
  await expect(training.weights()).rejects.toThrow('Pause the run before its weights are taken out.');
  await training.pause();
  await playedOn;
  const paused = await info(order);
  expect(paused.status).toBe('paused');
  expect(statuses(events)).toEqual(['running', 'pausing', 'paused']);
  expect(events.filter(({ kind }) => kind === 'step').at(-1)).toMatchObject({ step: paused.step });

  // A stop does not: the step under way is played again.
  events.length = 0;
  playedOn = training.play();
  await playing(paused.step + 1);
  await training.stop();
  await playedOn;
  const stopped = await info(order);
  expect(stopped.status).toBe('paused');
  expect(stopped.step).toBeLessThanOrEqual(paused.step + 1);
  expect(statuses(events)).toEqual(['running', 'paused']);

  // Play, pressed before the pause has come, is not forgotten.
  playedOn = training.play();
  await playing(stopped.step + 1);
  const pausing = training.pause();
  await Promise.all([playedOn, pausing, training.play()]);
  expect(statuses(events).at(-1)).toBe('finished');
  await training.play();
  expect(await info(order)).toMatchObject({ step: steps, status: 'finished' });
  const weights = await training.weights();
  const { files } = await withReader(order, (run) => run.checkpoint(steps));
  expect(indexedDB.cmp(weights['model.safetensors'], files['model.safetensors'])).toBe(0);
  await training.close();
  expect(await outcomeOf(order)).toEqual(await untouched());
});

it('says what it waits for, at the beginning and when it goes on', async () => {
  const order = newRun(random, { steps });
  const first = await live(order);
  await first.training.play(5);
  first.tab.close();
  expect(waits(first.events)).toEqual(
    expect.arrayContaining([
      'loading',
      'seeds of deduction',
      'saving weights',
      'proposals',
      'attempts at tasks',
      'evaluating',
      'training',
    ]),
  );
  const second = await live(again(order));
  await second.training.play();
  expect(second.events[0]).toEqual({ kind: 'status', status: 'opening', step: 5, message: null });
  expect(waits(second.events).slice(0, 3)).toEqual(['loading', 'repeating updates', 'proposals']);
  await second.training.close();
});

it('a second tab is refused with a sentence while the first lives, and not after', async () => {
  const order = newRun(random, { steps: 500 });
  const first = await live(order);
  await first.training.play(1);
  const playing = first.training.play().catch((error: Error) => error);
  const refused = live(again(order));
  await expect(refused).rejects.toMatchObject({ name: 'RunLockedError' });
  await expect(refused).rejects.toThrow(
    'is open in another tab or worker: continue it there, or close that one',
  );

  const killed = performance.now();
  first.training.kill();
  await until(async () => expect((await navigator.locks.query()).held).toEqual([]), {
    timeout: 1000,
    interval: 1,
  });
  console.info(`a killed run is free after ${(performance.now() - killed).toFixed(0)} ms`);
  expect(await playing).toMatchObject({
    name: 'RunError',
    message: 'This run was closed here: open it again.',
  });
  // Nobody could say that it no longer runs; whoever opens it does.
  expect((await info(order)).status).toBe('running');
  const second = await live(again(order));
  expect((await info(order)).status).toBe('paused');
  const { step } = await info(order);
  await second.training.play(1);
  await second.training.close();
  expect(await info(order)).toMatchObject({ step: step + 1, status: 'paused' });
});

it('a full disk fails the run with a sentence; with room again it goes on, and has lost nothing', async () => {
  const order = newRun(random, { steps });
  const { training, events } = await live(order);
  await training.play(2);
  breakNow('fill the disk');
  await expect(training.play()).rejects.toMatchObject({ name: 'QuotaError' });
  expect(events.at(-1)).toMatchObject({ kind: 'status', status: 'failed' });
  expect(JSON.stringify(events.at(-1))).toMatch(
    /no room left.*delete old runs.*every step before this one is stored/,
  );
  expect((await info(order)).step).toBe(2);
  breakNow('free the disk');
  await training.play();
  await training.close();
  expect(await outcomeOf(order)).toEqual(await untouched());
});

it('an engine that crashes fails the step under way with a sentence; the next play goes on with a new one', async () => {
  const order = newRun(random, { steps });
  const { training, events } = await live(order);
  await training.play(2);
  const playing = training.play();
  breakNow('crash the engine');
  await expect(playing).rejects.toMatchObject({ name: 'EngineError' });
  await expect(playing).rejects.toThrow(/^The engine's worker stopped .*create a new engine\.$/);
  expect(statuses(events).at(-1)).toBe('failed');
  await training.play();
  await training.close();
  expect(await outcomeOf(order)).toEqual(await untouched());
});

it('a hidden tab trains on: nothing waits for the timers and frames of its page', async () => {
  const order = newRun(random, { steps: 4 });
  const { training, tab } = await live(order);
  const still = () => 0;
  Object.assign(tab.window, { setTimeout: still, setInterval: still, requestAnimationFrame: still });
  await training.play();
  expect(await info(order)).toMatchObject({ step: 4, status: 'finished' });
  await training.close();
});

it('a run that was killed among its seeds is begun anew under its name; one that has steps is not', async () => {
  const order = newRun(random, { steps: 1 });
  let sowing = () => {};
  const sown = new Promise<void>((resolve) => {
    sowing = resolve;
  });
  const first = await live(order, (event) => {
    if (event.kind === 'progress' && event.progress.phase.startsWith('seeds')) sowing();
  });
  void first.training.play().catch(() => {});
  await sown;
  first.tab.close();
  const lost = await live(again(order));
  await expect(lost.training.play()).rejects.toThrow(
    'This run has not begun: say which model it starts from.',
  );
  await lost.training.close();
  const second = await live(order);
  await second.training.play();
  await second.training.close();
  expect((await info(order)).step).toBe(1);
  await expect(live(order)).rejects.toMatchObject({ name: 'RunExistsError' });
  expect((await info(order)).step).toBe(1);
});

it('errors keep their class on the way out of the worker', async () => {
  const order = newRun(random, { steps: 1 });
  const open = (each: Order) => Training.open(each, () => {});
  const create = order.create!;
  await expect(open(again(order))).rejects.toBeInstanceOf(UnknownRunError);
  await expect(open({ ...order, create: { ...create, config: { batch: 0 } } })).rejects.toBeInstanceOf(
    ConfigError,
  );

  const seeds = [{ kind: 'program', program: 'def f(:', input: '1', output: null }] as const;
  const barren = await open({ ...order, create: { ...create, seeds } });
  await expect(barren.play()).rejects.toBeInstanceOf(SeedingError);
  await expect(open(again(order))).rejects.toBeInstanceOf(RunLockedError);
  await barren.close();

  const empty = await open(again(order));
  await expect(empty.play()).rejects.toBeInstanceOf(RunError);
  await empty.close();
  const long = { ...create.config, 'tokens.prompt': 500 };
  const large = await open({ ...order, create: { ...create, config: long } });
  await expect(large.play()).rejects.toThrow(/make 540 tokens, and this model reads at most 256/);
  await large.close();

  const begun = await open(order);
  await begun.play();
  await begun.close();
  await expect(open(order)).rejects.toBeInstanceOf(RunExistsError);
});
