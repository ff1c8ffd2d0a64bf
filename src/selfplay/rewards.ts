/**
 * @file What a completion is worth. Pure functions of what the sandbox and the gate said, so that rewards can be derived again
 * from a run's log, also under other rules.
 *
 * A reward is made of terms. `base` comes from the verdict; intrinsic terms and those of the user join in only where the base
 * is above 0, so that nothing makes up for a task that is none; the repetition penalty is taken off at the end.
 */

import type { Episode, Judged, Mode, Refusal, Role } from '../store/records';
import type { Config, Settings } from './config';
import { combine, type IntrinsicValues, intrinsics, term } from './intrinsic';

/** What a reward may depend on. */
export interface RewardContext {
  mode: Mode;
  role: Role;
  completion: string;
  format: boolean;
  parsed: Episode['parsed'];
  judged: Judged;
  /** Of a proposal. */
  intrinsic: IntrinsicValues;
  /** Of a proposal: the share of its batch that resembles it (repetition.ts). */
  repetition: number;
}

export type RewardTerm = (context: RewardContext) => number;

/** A term of the user's own: works as the intrinsic ones do, for the roles it names. */
export interface OwnTerm {
  value: RewardTerm;
  coefficient: number;
  max: number;
  roles: readonly Role[];
}

export interface Rewarded {
  reward: number;
  terms: Record<string, number>;
}

export function rewardOf(
  config: Config,
  context: RewardContext,
  own: Readonly<Record<string, OwnTerm>> = {},
): Rewarded {
  const proposes = context.role === 'propose';
  const base = proposes ? proposerBase(config, context) : solverBase(config, context);
  const extra: [name: string, value: number][] = [];
  if (base > 0) {
    for (const name of proposes ? intrinsics : []) {
      const coefficient = config[`intrinsic.${name}`];
      const value = context.intrinsic[name];
      if (coefficient === 0 || value === undefined) continue;
      extra.push([name, term(value, coefficient, config[`intrinsic.${name}.max`])]);
    }
    for (const [name, { value, coefficient, max, roles }] of Object.entries(own)) {
      if (coefficient === 0 || !roles.includes(context.role)) continue;
      // A term of its own name each, whatever the user called it.
      extra.push([`own.${name}`, term(value(context), coefficient, max)]);
    }
  }
  const terms: Record<string, number> = { base, ...Object.fromEntries(extra) };
  let reward = combine(
    base,
    extra.map(([, value]) => value),
    config['intrinsic.combine'],
  );
  const penalty = config['reward.repetition'] * context.repetition;
  if (proposes && penalty > 0 && isTask(config, context)) {
    terms.repetition = -penalty;
    reward -= penalty;
  }
  return { reward, terms };
}

// ---- Proposals -----------------------------------------------------------------------------------------------------

function proposerBase(config: Config, context: RewardContext): number {
  const { judged } = context;
  if (judged.kind !== 'proposal' || !isTask(config, context)) return config['reward.invalid'];
  switch (judged.refused) {
    case 'duplicate':
    case 'same-behaviour':
    case 'held-out':
    case 'leak':
    case 'constant':
    case 'dead':
    case 'too-large':
    case 'alike':
      return config['reward.refused'];
    case 'too-long':
      return config['reward.proposer.extreme']; // no solver gets to see it, so none solves it
    default:
      return judged.solveRate === null ? 0 : worth(config, judged.solveRate);
  }
}

/** Does the proposal make a task, if maybe one that nobody wants? */
export function isTask(
  config: Config,
  { format, judged }: Pick<RewardContext, 'format' | 'judged'>,
): boolean {
  if (judged.kind !== 'proposal' || judged.verdict !== 'ok') return false;
  if (judged.refused === 'invalid' || judged.refused === 'not-composite') return false;
  return format || !config['reward.format'];
}

/** What a task is worth that this share of attempts solves. */
export function worth(config: Config, solveRate: number): number {
  const how = config['reward.proposer'];
  if (solveRate >= 1 || (solveRate <= 0 && how !== 'inverse')) return config['reward.proposer.extreme'];
  switch (how) {
    case 'one-minus':
    case 'inverse':
      return 1 - solveRate;
    case 'variance':
      return solveRate * (1 - solveRate);
    case 'minimum':
      return Math.min(solveRate, 1 - solveRate);
  }
}

/** What keeps a task of this solve rate out of the buffers, if anything does. */
export function refusedForRate(
  solveRate: number,
  settings: Settings<'gate.filter'>,
): Extract<Refusal, 'too-easy' | 'too-hard'> | null {
  const filter = settings['gate.filter'];
  if (filter !== 'all' && solveRate >= 1) return 'too-easy';
  return filter === 'non-extremes' && solveRate <= 0 ? 'too-hard' : null;
}

// ---- Answers -------------------------------------------------------------------------------------------------------

function solverBase(config: Config, { mode, format, judged }: RewardContext): number {
  if (judged.kind !== 'answer' || (config['reward.format'] && !format)) {
    return config['reward.solver.malformed'];
  }
  const right = config['reward.solver.right'];
  const wrong = config['reward.solver.wrong'];
  if (mode !== 'induction' || !judged.right?.length) {
    if (!judged.correct) return wrong;
    const share = trueShare(config, judged);
    return share === 1 ? right : wrong + (right - wrong) * share;
  }
  const share = judged.right.filter(Boolean).length / judged.right.length;
  switch (config['reward.induction']) {
    case 'binary':
      return judged.correct ? right : wrong;
    case 'accuracy':
      return share > 0 ? share * right : wrong;
    case 'if-one-correct':
      return share > 0 ? right : wrong;
  }
}

/** What the trace leaves of a right answer's worth. Where there is no whole trace, the answer alone decides. */
function trueShare(config: Config, { trace }: Extract<Judged, { kind: 'answer' }>): number {
  const how = config['reward.trace'];
  if (how === 'off' || typeof trace !== 'number') return 1;
  return how === 'share' || trace === 1 ? trace : 0;
}

/**
 * For solve rates: an attempt counts if it is right, whether or not it kept the format (as in the original); in part, if
 * induction is rewarded in part; and only with the exact trace, if nothing else is rewarded. A share of the trace does not count:
 * the proposer is to find out who gets to the answer.
 */
export function success(config: Config, mode: Mode, judged: Judged): number {
  if (judged.kind !== 'answer') return 0;
  if (mode !== 'induction' || !judged.right?.length) {
    return judged.correct && (config['reward.trace'] === 'share' || trueShare(config, judged) === 1) ? 1 : 0;
  }
  const share = judged.right.filter(Boolean).length / judged.right.length;
  switch (config['reward.induction']) {
    case 'binary':
      return judged.correct ? 1 : 0;
    case 'accuracy':
      return share;
    case 'if-one-correct':
      return share > 0 ? 1 : 0;
  }
}
