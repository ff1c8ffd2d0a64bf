/** Rewards of the user's own: they count, they are in the log, and a run does not go on without them. */
import { expect, it } from 'vitest';
import { Loop } from '../../../../src/selfplay/loop';
import type { StepRecord } from '../../../../src/store/records';
import { comparable, Game, sourceOf, toEnd } from '../../../doubles/game';
import { honest } from '../../../doubles/scripts';
import { pieces } from '../../../doubles/tokenizer';

const rewards = `export default {
  brevity: { value: ({ completion }) => 1 / completion.length, coefficient: 10, max: 0.25, roles: ['solve'] },
};`;

const options = { script: honest, vocabulary: pieces() };

async function begun(): Promise<{ game: Game; loop: Loop }> {
  const game = new Game({ steps: 3, 'checkpoint.every': 2 }, options);
  await game.create();
  const loop = await Loop.begin(game.writer, sourceOf(game.config), game.players(), { rewards });
  return { game, loop };
}

const solved = (records: readonly StepRecord[]) =>
  records.flatMap(({ episodes }) => episodes.filter(({ role, terms }) => role === 'solve' && terms.base > 0));

it('are terms of the reward, and a replay takes them as they are', async () => {
  const { game, loop } = await begun();
  await toEnd(loop);
  const right = solved(await game.records());
  expect(right.length).toBeGreaterThan(0);
  for (const { reward, terms, completion } of right) {
    expect(terms['own.brevity']).toBe(Math.min(10 * (1 / completion.length), 0.25));
    expect(reward).toBe(terms.base + terms['own.brevity']);
  }
  expect((await game.replayed()).counted).toBe(0);
});

it('go on with the run', async () => {
  const whole = await begun();
  await toEnd(whole.loop);
  const { game, loop } = await begun();
  await loop.advance();
  await toEnd(await game.resume());
  expect((await game.records()).map(comparable)).toEqual((await whole.game.records()).map(comparable));
});

it('stay behind where only the weights are taken along', async () => {
  const { game, loop } = await begun();
  await toEnd(loop);
  const { files } = await game.writer.checkpoint(3);
  expect(Object.keys(files)).toContain('rewards.mjs');
  const next = new Game({ steps: 1 }, options);
  await next.create();
  await toEnd(await Loop.begin(next.writer, { kind: 'files', files }, next.players()));
  expect(Object.keys((await next.writer.checkpoint(1)).files)).not.toContain('rewards.mjs');
});
