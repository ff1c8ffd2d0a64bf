/** Rewards against the original's table: what its code gives, and what its paper says. */
import { describe, expect, it } from 'vitest';
import { type Config, readConfig } from '../../../src/selfplay/config';
import { intrinsics } from '../../../src/selfplay/intrinsic';
import { presetConfig } from '../../../src/selfplay/presets';
import {
  type OwnTerm,
  type RewardContext,
  refusedForRate,
  rewardOf,
  success,
  worth,
} from '../../../src/selfplay/rewards';
import type { Judged, Refusal } from '../../../src/store/records';

const code = presetConfig('paper');
const paper = presetConfig('paper-text');
const strict = presetConfig('strict');

type ProposalJudged = Extract<Judged, { kind: 'proposal' }>;
const proposal = (judged: Partial<ProposalJudged>, rest: Partial<RewardContext> = {}): RewardContext => ({
  mode: 'deduction',
  role: 'propose',
  completion: '',
  format: true,
  parsed: null,
  judged: {
    kind: 'proposal',
    verdict: 'ok',
    reason: null,
    outputs: [],
    refused: null,
    solveRate: null,
    ...judged,
  },
  intrinsic: {},
  repetition: 0,
  ...rest,
});
const solved = (solveRate: number) => proposal({ solveRate });
const unread: Judged = { kind: 'unread', reason: '' };

type AnswerJudged = Extract<Judged, { kind: 'answer' }>;
const answer = (judged: Partial<AnswerJudged>, rest: Partial<RewardContext> = {}): RewardContext => ({
  ...proposal({}),
  role: 'solve',
  judged: { kind: 'answer', verdict: 'ok', reason: null, correct: false, right: null, ...judged },
  ...rest,
});
const induction = (...right: boolean[]) =>
  answer({ correct: right.every(Boolean), right }, { mode: 'induction' });

const reward = (config: Config, context: RewardContext) => rewardOf(config, context).reward;
const but = (config: Config, changes: Partial<Config>) => readConfig({ ...config, ...changes });

describe('a proposal', () => {
  it.each([
    ['solved by 0 of 8', solved(0), -0.5, 0],
    ['solved by 1 of 8', solved(1 / 8), 0.875, 0.875],
    ['solved by 4 of 8', solved(4 / 8), 0.5, 0.5],
    ['solved by 7 of 8', solved(7 / 8), 0.125, 0.125],
    ['solved by 8 of 8', solved(1), -0.5, 0],
    ['valid, format broken', { ...solved(0.5), format: false }, -1, -1],
    ['that does not run', proposal({ verdict: 'error' }), -1, -1],
    ['that is not deterministic', proposal({ verdict: 'nondeterministic' }), -1, -1],
    ['that cannot be read', proposal({}, { judged: unread, format: false }), -1, -1],
    ['that is too long for the solver', proposal({ refused: 'too-long' }), -0.5, 0],
    ['without its composite functions', proposal({ refused: 'not-composite' }), -1, -1],
  ])('%s', (_name, context, byCode, byPaper) => {
    expect(reward(code, context)).toBe(byCode);
    expect(reward(paper, context)).toBe(byPaper);
  });

  it.each([
    ['inverse', [1, 0.875, 0.5, 0.125, -0.5]],
    ['one-minus', [-0.5, 0.875, 0.5, 0.125, -0.5]],
    ['variance', [-0.5, 7 / 64, 1 / 4, 7 / 64, -0.5]],
    ['minimum', [-0.5, 1 / 8, 1 / 2, 1 / 8, -0.5]],
  ] as const)('is worth by %s', (how, expected) => {
    const config = but(code, { 'reward.proposer': how });
    expect([0, 1 / 8, 4 / 8, 7 / 8, 1].map((rate) => worth(config, rate))).toEqual(expected);
  });

  it('may break the format where nobody minds', () => {
    const config = but(code, { 'reward.format': false });
    expect(reward(config, { ...solved(0.5), format: false })).toBe(0.5);
    expect(reward(config, proposal({}, { judged: unread, format: false }))).toBe(-1);
  });

  it.each([
    ['duplicate', -0.25],
    ['same-behaviour', -0.25],
    ['leak', -0.25],
    ['constant', -0.25],
    ['dead', -0.25],
    ['too-large', -0.25],
    ['alike', -0.25],
    ['invalid', -0.75],
    ['not-composite', -0.75],
    ['too-long', -0.125],
    ['too-easy', -0.125],
    ['too-hard', -0.125],
  ] as [Refusal, number][])('refused as %s has its own worth', (refused, expected) => {
    const config = but(strict, {
      'reward.refused': -0.25,
      'reward.invalid': -0.75,
      'reward.proposer.extreme': -0.125,
    });
    const solveRate = refused === 'too-easy' ? 1 : refused === 'too-hard' ? 0 : null;
    expect(reward(config, proposal({ refused, solveRate }))).toBe(expected);
  });

  it('that nobody tried is worth nothing, good or bad', () => {
    expect(rewardOf(code, proposal({}))).toEqual({ reward: 0, terms: { base: 0 } });
  });

  it('is penalised for repetition, whatever its worth, if it is a task', () => {
    const config = but(strict, { 'reward.repetition': 0.5 });
    const repeated = { repetition: 0.25 };
    expect(rewardOf(config, { ...solved(0.5), ...repeated })).toEqual({
      reward: 0.375,
      terms: { base: 0.5, repetition: -0.125 },
    });
    expect(reward(config, { ...solved(1), ...repeated })).toBe(-0.125);
    expect(reward(config, { ...proposal({ refused: 'duplicate' }), ...repeated })).toBe(-0.625);
    expect(reward(config, { ...proposal({ verdict: 'error' }), ...repeated })).toBe(-1);
    expect(reward(but(strict, { 'reward.repetition': 0 }), { ...solved(0.5), ...repeated })).toBe(0.5);
  });
});

describe('intrinsic terms', () => {
  it('add up: coefficient 0.5, value 2, at most 0.5, solved by 4 of 8', () => {
    const config = but(code, { 'intrinsic.complexity': 0.5, 'intrinsic.complexity.max': 0.5 });
    expect(rewardOf(config, { ...solved(0.5), intrinsic: { complexity: 2 } })).toEqual({
      reward: 1,
      terms: { base: 0.5, complexity: 0.5 },
    });
  });

  it.each(intrinsics)('%s changes the reward by coefficient and max', (name) => {
    const context = { ...solved(0.5), intrinsic: { [name]: 0.8 } };
    expect(rewardOf(code, context)).toEqual({ reward: 0.5, terms: { base: 0.5 } });
    const on = but(code, { [`intrinsic.${name}`]: 0.25 });
    expect(reward(on, context)).toBeCloseTo(0.7, 12);
    expect(reward(but(on, { [`intrinsic.${name}.max`]: 0.125 }), context)).toBe(0.625);
    expect(rewardOf(on, { ...context, intrinsic: {} }).terms).toEqual({ base: 0.5 });
  });

  it.each([
    ['sum', 0.5 + 0.2 + 0.4],
    ['multiply', 0.5 * 0.2 * 0.4],
    ['sum-multiply', 0.5 + 0.2 * 0.4],
    ['multiply-sum', 0.5 * 0.6],
  ] as const)('combine by %s', (how, expected) => {
    const config = but(code, {
      'intrinsic.complexity': 1,
      'intrinsic.halstead': 1,
      'intrinsic.combine': how,
    });
    expect(reward(config, { ...solved(0.5), intrinsic: { complexity: 0.2, halstead: 0.4 } })).toBeCloseTo(
      expected,
      12,
    );
  });

  it('join in only where the base is above 0 and the format was kept', () => {
    const config = but(code, { 'intrinsic.complexity': 1 });
    const intrinsic = { complexity: 0.4 };
    expect(reward(config, { ...solved(1), intrinsic })).toBe(-0.5);
    expect(reward(config, { ...solved(0.5), intrinsic, format: false })).toBe(-1);
    expect(reward(but(config, { 'reward.proposer.extreme': 0 }), { ...solved(1), intrinsic })).toBe(0);
  });

  it('do not concern answers', () => {
    const config = but(code, { 'intrinsic.complexity': 1 });
    expect(reward(config, answer({ correct: true }, { intrinsic: { complexity: 1 } }))).toBe(1);
  });
});

describe("the user's own terms", () => {
  const creative: OwnTerm = {
    value: ({ completion }) => completion.length / 10,
    coefficient: 0.5,
    max: 0.3,
    roles: ['propose'],
  };

  it('join in as the intrinsic ones do, for their roles', () => {
    const context = { ...solved(0.5), completion: 'four' };
    expect(rewardOf(code, context, { creative })).toEqual({
      reward: 0.7,
      terms: { base: 0.5, 'own.creative': 0.2 },
    });
    expect(rewardOf(code, { ...context, completion: 'x'.repeat(100) }, { creative }).reward).toBe(0.8);
    const right = answer({ correct: true }, { completion: 'four' });
    expect(rewardOf(code, right, { creative }).reward).toBe(1);
    expect(rewardOf(code, right, { creative: { ...creative, roles: ['solve'] } }).reward).toBe(1.2);
    expect(rewardOf(code, { ...context, ...solved(1) }, { creative }).reward).toBe(-0.5);
    expect(rewardOf(code, context, { creative: { ...creative, coefficient: 0 } }).terms).toEqual({
      base: 0.5,
    });
  });

  it('cannot make a reward something else than a number, nor replace another term', () => {
    const broken = { ...creative, value: () => Number.NaN };
    expect(rewardOf(code, solved(0.5), { base: broken })).toEqual({
      reward: 0.5,
      terms: { base: 0.5, 'own.base': 0 },
    });
  });
});

describe('an answer', () => {
  it.each([
    ['right', answer({ correct: true }), 1],
    ['wrong', answer({}), -0.5],
    ['that is no literal', answer({ verdict: 'syntax' }), -0.5],
    ['right, format broken', answer({ correct: true }, { format: false }), -1],
    ['that cannot be read', answer({}, { judged: unread, format: false }), -1],
    ['that cannot be read, format kept', answer({}, { judged: unread }), -1],
  ])('%s', (_name, context, expected) => {
    expect(reward(code, context)).toBe(expected);
    expect(reward(paper, context)).toBe(expected);
    expect(reward(strict, context)).toBe(expected);
  });

  it.each([
    ['binary', [-0.5, -0.5, -0.5, 1]],
    ['accuracy', [-0.5, 0.2, 0.8, 1]],
    ['if-one-correct', [-0.5, 1, 1, 1]],
  ] as const)('to induction by %s: 0, 1, 4 and 5 of 5 hidden pairs', (how, expected) => {
    const config = but(code, { 'reward.induction': how });
    const rewards = [0, 1, 4, 5].map((count) =>
      reward(config, induction(...Array.from({ length: 5 }, (_, i) => i < count))),
    );
    expect(rewards).toEqual(expected);
  });

  it('is worth what the configuration says', () => {
    const config = but(code, {
      'reward.solver.right': 2,
      'reward.solver.wrong': -0.25,
      'reward.solver.malformed': -3,
    });
    const contexts = [answer({ correct: true }), answer({}), answer({}, { format: false })];
    expect(contexts.map((context) => reward(config, context))).toEqual([2, -0.25, -3]);
    const lenient = but(config, { 'reward.format': false });
    expect(reward(lenient, answer({ correct: true }, { format: false }))).toBe(2);
  });
});

describe('a right answer whose thought is judged by the trace', () => {
  const shares = [1, 0.5, 0, null, undefined];
  const contexts = shares.map((trace) => answer({ correct: true, trace }));
  const by = (how: Config['reward.trace']) => but(strict, { 'reward.trace': how, dialect: 'compact' });

  it.each([
    ['off', [1, 1, 1, 1, 1]],
    ['exact', [1, -0.5, -0.5, 1, 1]],
    ['share', [1, 0.25, -0.5, 1, 1]],
  ] as const)('is worth by %s, where there is a whole trace', (how, expected) => {
    expect(contexts.map((context) => reward(by(how), context))).toEqual(expected);
  });

  it.each([
    ['off', [1, 1, 1, 1, 1]],
    ['exact', [1, 0, 0, 1, 1]],
    ['share', [1, 1, 1, 1, 1]],
  ] as const)('counts in the solve rate by %s', (how, expected) => {
    expect(contexts.map(({ judged }) => success(by(how), 'deduction', judged))).toEqual(expected);
  });

  it('is still malformed if it is, and a wrong one is wrong whatever it thought', () => {
    for (const how of ['exact', 'share'] as const) {
      expect(reward(by(how), answer({ correct: true, trace: 1 }, { format: false }))).toBe(-1);
      expect(reward(by(how), answer({ correct: false, trace: 1 }))).toBe(-0.5);
    }
  });
});

describe('the filter by solve rate', () => {
  it.each([
    ['all', [null, null, null, null]],
    ['non-one', [null, null, null, 'too-easy']],
    ['non-extremes', ['too-hard', null, null, 'too-easy']],
  ] as const)('%s', (filter, expected) => {
    const config = but(code, { 'gate.filter': filter });
    expect([0, 1 / 8, 7 / 8, 1].map((rate) => refusedForRate(rate, config))).toEqual(expected);
  });
});

describe('success, for solve rates', () => {
  it('needs no format, and is in part where induction is rewarded in part', () => {
    const four = induction(true, true, true, true, false);
    expect(success(code, 'deduction', answer({ correct: true }, { format: false }).judged)).toBe(1);
    expect(success(code, 'deduction', answer({}).judged)).toBe(0);
    expect(success(code, 'deduction', unread)).toBe(0);
    const rates = (['binary', 'accuracy', 'if-one-correct'] as const).map((how) =>
      success(but(code, { 'reward.induction': how }), 'induction', four.judged),
    );
    expect(rates).toEqual([0, 0.8, 1]);
  });
});
