/** Which programs may be kept for tests: a quarter of all that they can do, and none that the gate's probes could not bear. */
import { describe, expect, it } from 'vitest';
import { draftHeldOut, heldOutInputs, isSetAside, isTame } from '../../../src/grammar/held-out';
import { sampleTask } from '../../../src/grammar/sample';
import {
  call,
  type Expression,
  infix,
  literal,
  name,
  type Program,
  type Statement,
} from '../../../src/grammar/tree';
import { Draws } from '../../../src/selfplay/random';
import { levels } from './sampled';

const [x, a] = [name('x'), name('a')];
const give = (value: Expression): Statement => ({ node: 'return', value });
const set = (target: string, value: Expression): Statement => ({ node: 'assign', target, value });
const until = (test: Expression, ...body: Statement[]): Statement => ({ node: 'while', test, body });
const of = (kind: 'int' | 'ints' | 'str', ...body: Statement[]): Program => ({
  parameters: [{ name: 'x', kind }],
  body,
});
const twice = (target: string) => set(target, infix(name(target), '+', name(target)));
const through = (...body: Statement[]): Statement => ({ node: 'for', target: 'i', over: x, body });

describe('a program is too wild', () => {
  it.each<[string, Program]>([
    ['if it stands still at zero', of('int', until(infix(x, '<', literal(9)), set('x', x)), give(x))],
    ['if it runs away below zero', of('int', until(infix(x, '!=', literal(8)), twice('x')), give(x))],
    ['if a text doubles with each letter', of('str', set('a', literal('d')), through(twice('a')), give(a))],
  ])('%s', (_, program) => {
    expect(isTame(program)).toBe(false);
  });

  it.each<[string, Program]>([
    ['if it only fails now and then', of('ints', give(call('max', x)))],
    [
      'if it counts down',
      of('int', until(infix(x, '>', literal(3)), set('x', infix(x, '-', literal(4)))), give(x)),
    ],
    [
      'if it grows a little',
      of('ints', set('a', literal(0)), through(set('a', infix(a, '+', literal(9)))), give(a)),
    ],
  ])('but not %s', (_, program) => {
    expect(isTame(program)).toBe(true);
  });
});

describe.each(levels)('drafts of level %i', (level) => {
  const drawn = Array.from({ length: 240 }, (_, n) => draftHeldOut('open', level, n));
  const drafts = drawn.flatMap((draft) => draft ?? []);

  it('are a quarter of what is drawn, less what has too few inputs', () => {
    expect(drafts.length).toBeGreaterThan(drawn.length * 0.12);
    expect(drafts.length).toBeLessThan(drawn.length * 0.33);
  });

  it('are set aside, and have inputs enough', () => {
    for (const { fingerprint, inputs } of drafts) {
      expect(isSetAside(fingerprint)).toBe(true);
      expect(new Set(inputs).size).toBe(heldOutInputs);
    }
  });

  it('are tame', () => {
    for (const [n, draft] of drawn.entries()) {
      // The seed of the open set, which is frozen.
      const { structure } = sampleTask(new Draws(71, n, `held-out on level ${level}`), level);
      if (draft) expect(isTame(structure), draft.program).toBe(true);
    }
  });

  it('are others for the other set', () => {
    const texts = new Set(drafts.map(({ program, input }) => `${program} ${input}`));
    const sealed = Array.from({ length: 240 }, (_, n) => draftHeldOut('sealed', level, n));
    const shared = sealed.filter((draft) => draft && texts.has(`${draft.program} ${draft.input}`));
    expect(shared.length).toBeLessThan(drafts.length * 0.5);
  });
});
