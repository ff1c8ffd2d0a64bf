/**
 * @file What each metric means: the same list for the page, where a pointer over a name shows it, and for docs/METRICS.md. A name in
 * braces stands for one of several.
 */

import { modes, refusals } from '../store/records';

export interface MetricHelp {
  /** With placeholders such as {X}, {mode}, {type}, {statistic}. */
  name: string;
  help: string;
  unit: string;
  /** Whose name it is. */
  from: 'AZR' | 'TRL' | 'ours';
}

/** Of solve rates, in per cent; the inner ones hold their upper ends, but not 100. */
export const rateClasses = ['0', '0-25', '25-50', '50-75', '75-100', '100'] as const;
export type RateClass = (typeof rateClasses)[number];

/** What may stand in the place of each. */
const placeholders: Record<string, string> = {
  X: '(?:gen|pred)_code_[oife]',
  x: '[oife]',
  statistic: 'mean|max|min',
  mode: modes.join('|'),
  refusal: [...refusals, 'unread'].join('|'),
  class: rateClasses.join('|'),
  side: 'input_types|output_types',
  type: '[A-Za-z]+',
  set: '.+',
  node: '\\d+',
};

const list =
  (from: MetricHelp['from']) =>
  (name: string, unit: string, help: string): MetricHelp => ({ name, help, unit, from });
const azr = list('AZR');
const trl = list('TRL');
const ours = list('ours');

export const metricList: readonly MetricHelp[] = [
  azr(
    'gen_code_{x}/accuracy',
    'share',
    'Mean of 1 - solve rate over all proposals; 0 for those that all, none or nobody solved.',
  ),
  azr('gen_code_{x}/num_valid_programs', 'tasks', 'Proposals of the step that were accepted.'),
  azr(
    'gen_code_{x}/avg_program_lines',
    'lines',
    'Lines of code, mean over proposals that are tasks; not of induction, whose programs are given.',
  ),
  azr(
    'gen_code_{x}/complexity',
    '',
    'Cognitive complexity divided by 15, mean over proposals that are tasks; not of induction.',
  ),
  azr(
    'gen_code_{x}/halstead',
    '0 to 1',
    "Mixture of Halstead's effort and volume and of cyclomatic complexity, mean over proposals that are tasks; not of induction.",
  ),
  azr(
    'gen_code_{x}/mean_edit_distance',
    '0 to 1',
    'Distance from the references that were shown, mean over proposals that are tasks; not of induction.',
  ),
  azr(
    'gen_code_{x}/answer_diversity',
    '0 to 1',
    'How rare the answer is among those in the buffer, mean over proposals that are tasks; not of induction.',
  ),
  azr(
    'gen_code_{x}/input_answer_diversity',
    '0 to 1',
    'How rare the inputs are in the buffer, mean over proposals that are tasks; of induction only.',
  ),
  azr(
    'gen_code_{x}/output_answer_diversity',
    '0 to 1',
    'How rare the outputs are in the buffer, mean over proposals that are tasks; of induction only.',
  ),
  azr('pred_code_{x}/accuracy', 'share', 'Right answers among the attempts that were trained on.'),
  ours(
    'pred_code_{x}/estimate_accuracy',
    'share',
    'Right answers among the attempts that were not trained on and only estimate how hard a proposal is.',
  ),
  ours(
    'pred_code_{x}/exact_trace',
    'share',
    'Right answers whose thought is the true trace to the letter, of all whose whole trace is known, trained on or not; only with reward.trace.',
  ),
  azr(
    'pred_code_{x}/none_count',
    'attempts',
    'Attempts that were trained on whose interpreter did not survive.',
  ),
  azr('pred_code_{x}/none_ratio', 'share', 'Their share of the attempts that were trained on.'),
  azr(
    '{X}/format_score',
    'share',
    'Completions that kept the format; gen: of all proposals, pred: of the attempts that were trained on.',
  ),
  azr(
    '{X}/critic/score/{statistic}',
    'reward',
    'Rewards before intrinsic terms, those of your own and the penalty for repetition; gen: all proposals, pred: trained on.',
  ),
  azr('{X}/critic/rewards/{statistic}', 'reward', 'Rewards; gen: all proposals, pred: trained on.'),
  azr(
    '{X}/critic/returns/{statistic}',
    'reward',
    'The same as rewards, since a completion is rewarded once, at its end.',
  ),
  azr('{X}/critic/advantages/{statistic}', '', 'Advantages of the completions that were trained on.'),
  azr(
    '{X}/response_length/{statistic}',
    'tokens',
    'Lengths of completions; gen: all proposals, pred: trained on, as in all the following.',
  ),
  azr('{X}/response_length/clip_ratio', 'share', 'Completions that were cut off at their longest.'),
  azr(
    '{X}/response_length/reflect_ratio',
    'share',
    'Completions with a word of reflection, such as wait, recheck, however or maybe.',
  ),
  azr(
    '{X}/response_length/correct_reflect_ratio',
    'share',
    'Of those with such a word: right answers, or accepted proposals.',
  ),
  azr(
    '{X}/correct_response_length/mean',
    'tokens',
    'Mean length of right answers, or of accepted proposals.',
  ),
  azr('{X}/incorrect_response_length/mean', 'tokens', 'Mean length of the others.'),
  azr('{X}/prompt_length/{statistic}', 'tokens', 'Lengths of prompts.'),

  azr(
    'actor/pg_loss',
    '',
    'The loss that was minimised, entropy bonus and KL term included; mean over the updates of the step, as in all the following.',
  ),
  azr('actor/pg_clipfrac', 'share', 'Tokens whose probability ratio was held by the clip.'),
  azr('actor/ppo_kl', 'nats', 'Mean log-ratio between the weights that sampled and those that are trained.'),
  azr(
    'actor/kl_loss',
    'nats',
    'Distance from the first weights, before its coefficient; only with loss.kl, and over the tokens that it holds.',
  ),
  azr('actor/entropy', 'nats', 'Mean entropy of the tokens that were learned from.'),
  azr(
    'actor/grad_norm',
    '',
    'Norm of the gradients before clipping; left out where an update of the step was not finite.',
  ),
  azr('actor/lr', '', 'Learning rate.'),
  ours('actor/updates', 'updates', 'Updates of the weights.'),
  ours(
    'actor/skipped_updates',
    'updates',
    'Those that were left out because their gradients were not finite.',
  ),
  ours('actor/tokens', 'tokens', 'Tokens of completions that the policy loss was taken of, in all passes.'),
  ours(
    'hindsight/loss',
    'nats',
    'Loss of what was taught in supervised form, mean over its tokens, before hindsight.weight; only with hindsight, as all these.',
  ),
  ours('hindsight/tokens', 'tokens', 'Tokens of what was taught, in all passes.'),
  ours('hindsight/sequences', 'texts', 'Answers and proposals that were taught.'),
  ours(
    'hindsight/too_long',
    'texts',
    'Those that were left out, since they are longer than tokens.prompt + tokens.response or their trace was cut.',
  ),

  azr('timing_s/step', 's', 'The whole step, without storing it. The parts overlap.'),
  azr('timing_s/gen', 's', 'While the model was sampling.'),
  ours('timing_s/execute', 's', 'While Python was running.'),
  azr('timing_s/update_actor', 's', 'While the model was trained.'),
  azr('timing_s/testing', 's', 'While held-out tasks were tried; 0 in steps without.'),
  ours('timing_s/own', 's', 'While none of them was busy: what the loop itself costs.'),
  ours('timing_s/store', 's', 'Storing the step before this one, checkpoint included.'),
  ours(
    'perf/sample_tokens_per_s',
    'tokens/s',
    'Tokens of all completions of the step per second of sampling.',
  ),
  ours(
    'perf/train_tokens_per_s',
    'tokens/s',
    'Tokens that were learned from, by rewards or as lessons, in all passes, per second of training.',
  ),
  ours('perf/own_share', 'share', 'What the loop itself costs, as a share of the step.'),
  ours(
    'fleet/nodes',
    'nodes',
    'Those that are there at the end of the step, the one that trains included; only with several nodes, as all these.',
  ),
  ours(
    'fleet/share/{node}',
    'share',
    'Completions that this node wrote; 1 trains, the others are counted as they were named.',
  ),
  ours(
    'fleet/asked_again',
    'completions',
    'Those that another node was asked for too, because one was lost or late.',
  ),
  ours(
    'fleet/staleness/mean',
    'steps',
    'How old the weights were that wrote a completion, mean over all of them; 0 is as new as can be.',
  ),
  ours(
    'fleet/staleness/max',
    'steps',
    'How old the oldest of them were; sampling.staleness is the most that is allowed.',
  ),

  azr(
    'types/{side}/distinct_types',
    'types',
    'Python types in the buffers of all modes; outputs without those of error tasks, which are names.',
  ),
  azr(
    'types/{side}/total_unique_values',
    'values',
    'Values that differ, counted in the buffer of each mode and added up.',
  ),
  azr('types/{side}/total_instances', 'values', 'Values, as often as they come.'),
  azr(
    'types/{side}/{type}/unique_count',
    'values',
    'Values of this type that differ, counted in the buffer of each mode and added up.',
  ),
  azr('types/{side}/{type}/total_count', 'values', 'Values of this type, as often as they come.'),

  ours('gate/pass_rate', 'share', 'Proposals that were accepted as tasks.'),
  ours('gate/valid_rate', 'share', 'Proposals that run, whatever the gate said then.'),
  ours(
    'gate/refused/{refusal}',
    'share',
    'Proposals that were kept out for this reason; unread: nothing could be made of the text.',
  ),
  ours(
    'gate/distinct',
    'share',
    'Proposed programs that differ from each other within their mode, among those that could be read; of induction the inputs.',
  ),
  ours('gate/novelty', 'share', 'Valid tasks that were not refused as duplicate or same-behaviour.'),
  ours('solve_rate/{mode}/mean', 'share', 'Mean success at the proposals of the step that were attempted.'),
  ours('solve_rate/{mode}/std', '', 'Deviation of the solve rates of these proposals.'),
  ours(
    'solve_rate/{mode}/{class}',
    'share',
    'Proposals whose solve rate, in per cent, is in this class; upper ends belong to it, 0 and 100 stand alone.',
  ),
  ours(
    'complexity_gap',
    '',
    "Cognitive complexity of proposers' programs minus that of solvers' right answers to induction tasks, mean.",
  ),
  ours('flags', 'completions', 'Completions that a safety rule matched, of all in the step.'),
  ours('heldout/{set}', 'share', 'What the test on held-out tasks gave, in steps that have one.'),

  ours('buffers/{mode}/size', 'tasks', 'Tasks in the buffer after the step.'),
  ours('buffers/{mode}/added', 'tasks', 'Tasks that were accepted in the step.'),
  ours(
    'buffers/{mode}/effort',
    'passes',
    "Calls and loop passes of a task's longest run, 16 at most: mean over those that were accepted in the step.",
  ),
  ours('buffers/{mode}/full', 'tasks', 'Tasks that left, or did not enter, because the buffer was full.'),
  ours('buffers/{mode}/mastered', 'tasks', 'Tasks that left because they are mastered.'),

  trl('reward', 'reward', 'Mean over all completions that were trained on, of all modes and both roles.'),
  trl('reward_std', 'reward', 'Deviation over the same completions.'),
  trl(
    'frac_reward_zero_std',
    'share',
    'Of the groups of attempts at one task, with at least two that were trained on: those whose rewards are all alike.',
  ),
  trl('completions/mean_length', 'tokens', 'Mean length of the completions that were trained on.'),
  trl('completions/min_length', 'tokens', 'The shortest of them.'),
  trl('completions/max_length', 'tokens', 'The longest of them.'),
  trl('completions/clipped_ratio', 'share', 'Those that were cut off at their longest.'),
  trl(
    'num_tokens',
    'tokens',
    'Tokens that were sampled so far, this step included; prompts are not counted.',
  ),
  trl('loss', '', 'The same as actor/pg_loss.'),
  trl('grad_norm', '', 'The same as actor/grad_norm.'),
  trl('learning_rate', '', 'The same as actor/lr.'),
  trl('entropy', 'nats', 'The same as actor/entropy.'),
  trl('kl', 'nats', 'The same as actor/kl_loss.'),
  trl('clip_ratio', 'share', 'The same as actor/pg_clipfrac.'),
];

/** Does this entry speak of the metric? */
export function speaksOf(entry: MetricHelp, metric: string): boolean {
  return patternOf(entry.name).test(metric);
}

/** The entry of the list that a metric's name belongs to. */
export function helpFor(metric: string): MetricHelp | undefined {
  return metricList.find((entry) => speaksOf(entry, metric));
}

const patterns = new Map<string, RegExp>();

function patternOf(name: string): RegExp {
  const before = patterns.get(name);
  if (before) return before;
  const pattern = new RegExp(
    `^${name.replace(/\{(\w+)\}/g, (_, key: string) => `(?:${placeholders[key]})`)}$`,
  );
  patterns.set(name, pattern);
  return pattern;
}
