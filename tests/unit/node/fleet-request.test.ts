/** A request that several answer: shares, failures, lateness. The answerers are played, and quick: what nodes really do is in fleet.test.ts. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Rollout, SampleRequest } from '../../../src/engine/engine';
import { type Answerer, askTogether, type Listener } from '../../../src/engine/remote/fleet-request';
import { deal, groupsOf, Pace } from '../../../src/engine/remote/fleet-shares';

const prompts = [5, 6, 7, 5, 8, 9].map((id) => Int32Array.of(id));
const request: SampleRequest = { model: 'm', prompts, samples: 2, maxTokens: 1, seed: 0 };

/** Answers each prompt with its own first token; `ask` may do something first. */
function answerer(
  ask: (listener: Listener) => Promise<void> | void = () => {},
  more: Partial<Answerer> = {},
) {
  const asked: number[][] = [];
  const node: Answerer = {
    pace: new Pace(),
    delay: () => 0,
    async ask({ prompts, samples }, listener) {
      asked.push(prompts.map(([id]) => id));
      await ask(listener);
      listener.begun();
      for (const [prompt, tokens] of prompts.entries())
        for (let sample = 0; sample < samples; sample++)
          listener.push({
            prompt,
            sample,
            tokens,
            logProbs: new Float32Array(1),
            stopReason: 'stop',
            policy: 0,
          });
    },
    ...more,
  };
  return Object.assign(node, { asked });
}

async function answersOf(nodes: readonly Answerer[], signal = new AbortController().signal) {
  const rollouts: Rollout[] = [];
  let again = 0;
  const outcome = {
    push: (rollout: Rollout) => rollouts.push(rollout),
    askedAgain: (completions: number) => (again += completions),
    signal,
  };
  await askTogether(nodes, request, outcome);
  const answers = rollouts.map(({ prompt, sample, tokens }) => [prompt, sample, tokens[0]]);
  return { answers: answers.sort(([a, b], [c, d]) => a - c || b - d), again };
}

const all = prompts.flatMap(([id], prompt) => [0, 1].map((sample) => [prompt, sample, id]));
const never = () => new Promise<void>(() => {});

describe('shares', () => {
  it('keep equal prompts together, in the order of the request', () => {
    expect(groupsOf(prompts)).toEqual([[0, 3], [1], [2], [4], [5]]);
  });

  it.each([
    ['equal where nobody knows better', [null, null], [0, 0], [3, 3]],
    ['by speed', [10, 50], [0, 0], [1, 5]],
    ['of the usual size for a newcomer', [10, null], [0, 0], [3, 3]],
    ['small for who cannot begin yet', [1, 1], [0, 9], [5, 1]],
  ] as const)('%s', (_, speeds, delays, sizes) => {
    const nodes = speeds.map((speed, i) => ({ speed, delay: delays[i] }));
    const groups = [0, 1, 2, 3, 4, 5].map((place) => [place]);
    expect(deal(groups, 2, nodes).map(({ length }) => length)).toEqual(sizes);
  });
});

describe('a request', () => {
  it('is answered whole, by all, under the numbers of the request', async () => {
    const nodes = [answerer(), answerer()];
    expect(await answersOf(nodes)).toEqual({ answers: all, again: 0 });
    expect(nodes.map(({ asked }) => asked.length)).toEqual([1, 1]);
  });

  it('does not ask who is away', async () => {
    const away = answerer(never, { delay: () => null });
    expect(await answersOf([answerer(), away])).toEqual({ answers: all, again: 0 });
    expect(away.asked).toEqual([]);
  });

  it('asks others at once for what a node leaves behind', async () => {
    const lost = answerer(() => Promise.reject(new Error('lost')));
    const began = performance.now();
    const { answers, again } = await answersOf([answerer(undefined, { essential: true }), lost]);
    expect([answers, again]).toEqual([all, 2 * lost.asked[0].length]);
    expect(performance.now() - began).toBeLessThan(1500);
  });

  it('takes each answer once, from whoever is first', async () => {
    const torn = answerer(async (listener) => {
      listener.push({
        prompt: 0,
        sample: 0,
        tokens: Int32Array.of(99),
        logProbs: new Float32Array(1),
        stopReason: 'stop',
        policy: 0,
      });
      throw new Error('in the middle');
    });
    const { answers } = await answersOf([answerer(), torn]);
    expect(answers).toHaveLength(all.length);
    expect(answers.filter(([, , token]) => token === 99)).toHaveLength(1);
  });

  it('does not wait for who is late, and gives them nothing before they are done', async () => {
    let release = () => {};
    const slow = answerer(
      () =>
        new Promise((resolve) => {
          release = resolve;
        }),
    );
    const nodes = [answerer(), slow];
    expect(await answersOf(nodes)).toEqual({ answers: all, again: 2 * slow.asked[0].length });
    expect((await answersOf(nodes)).again).toBe(0);
    expect(slow.asked).toHaveLength(1);
    release();
    await sleep(0);
    const third = answersOf(nodes);
    release();
    expect((await third).answers).toEqual(all);
    expect(slow.asked).toHaveLength(2);
  });

  it('fails with the one that nobody can stand in for', async () => {
    const trainer = answerer(() => Promise.reject(new Error('out of reach')), { essential: true });
    await expect(answersOf([trainer, answerer(never)])).rejects.toThrow('out of reach');
  });

  it('ends when nobody wants it any more, and so do those who were asked', async () => {
    const signals: AbortSignal[] = [];
    const waiting = () =>
      answerer(({ signal }) => {
        signals.push(signal);
        return never();
      });
    const leaving = new AbortController();
    const answers = answersOf([waiting(), waiting()], leaving.signal);
    leaving.abort(new Error('left'));
    await expect(answers).rejects.toThrow('left');
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
  });
});
