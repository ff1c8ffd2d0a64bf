/**
 * @file What there is to say of one role in one mode, under the original's names: gen_code_o is the proposer of deduction tasks,
 * pred_code_i the solver of abduction tasks. Proposers are seen over all their proposals of a step, solvers over the attempts that
 * were trained on: attempts that only estimate how hard a proposal is are made at tasks that nobody chose.
 */

import type { Episode, Mode, Role } from '../store/records';
import { type Intrinsic, intrinsics } from './intrinsic';
import { count, type MetricSheet } from './metric-sheet';
import type { Qualities } from './play';

const letters: Record<Mode, string> = { deduction: 'o', abduction: 'i', induction: 'f', error: 'e' };

/** The original's name: o for who deals with outputs, i for inputs, f for functions, e for errors. */
export function roleName(mode: Mode, role: Role): string {
  return `${role === 'propose' ? 'gen' : 'pred'}_code_${letters[mode]}`;
}

/** Was it given an advantage, and so learned from? */
export const isTrained = ({ advantage }: Episode): boolean => advantage !== null;

const qualityNames: Record<Intrinsic, string> = {
  complexity: 'complexity',
  halstead: 'halstead',
  'edit-distance': 'mean_edit_distance',
  'answer-diversity': 'answer_diversity',
  'input-diversity': 'input_answer_diversity',
  'output-diversity': 'output_answer_diversity',
};

export function proposerMetrics(
  sheet: MetricSheet,
  mode: Mode,
  proposals: readonly Episode[],
  qualities: ReadonlyMap<number, Qualities>,
): void {
  if (proposals.length === 0) return;
  const name = roleName(mode, 'propose');
  const accepted = ({ task }: Episode) => task !== null;
  sheet.mean(`${name}/accuracy`, proposals.map(learnability));
  sheet.put(`${name}/num_valid_programs`, count(proposals, accepted));
  const known = proposals.flatMap(({ id }) => qualities.get(id) ?? []);
  for (const intrinsic of intrinsics) {
    sheet.mean(
      `${name}/${qualityNames[intrinsic]}`,
      known.flatMap(({ values }) => values[intrinsic] ?? []),
    );
  }
  sheet.mean(
    `${name}/avg_program_lines`,
    known.flatMap(({ lines }) => lines ?? []),
  );
  common(sheet, name, proposals, accepted);
}

export function solverMetrics(sheet: MetricSheet, mode: Mode, attempts: readonly Episode[]): void {
  const name = roleName(mode, 'solve');
  const trained = attempts.filter(isTrained);
  const only = attempts.filter((attempt) => !isTrained(attempt));
  sheet.share(`${name}/estimate_accuracy`, only, isRight);
  const traces = attempts.flatMap(({ judged }) => (judged.kind === 'answer' ? (judged.trace ?? []) : []));
  sheet.share(`${name}/exact_trace`, traces, (share) => share === 1);
  if (trained.length === 0) return;
  const crashed = ({ judged }: Episode) => judged.kind === 'answer' && judged.verdict === 'crash';
  sheet.share(`${name}/accuracy`, trained, isRight);
  sheet.put(`${name}/none_count`, count(trained, crashed));
  sheet.share(`${name}/none_ratio`, trained, crashed);
  common(sheet, name, trained, isRight);
}

export function isRight({ judged }: Episode): boolean {
  return judged.kind === 'answer' && judged.correct;
}

/** How much there was to learn from a proposal, as the original's proposers are rewarded. */
function learnability({ judged }: Episode): number {
  const rate = judged.kind === 'proposal' ? judged.solveRate : null;
  return rate !== null && rate > 0 && rate < 1 ? 1 - rate : 0;
}

/** `good`: an answer that is right, or a proposal that became a task. */
function common(
  sheet: MetricSheet,
  name: string,
  episodes: readonly Episode[],
  good: (episode: Episode) => boolean,
): void {
  sheet.share(`${name}/format_score`, episodes, ({ format }) => format);

  const rewards = episodes.map(({ reward }) => reward);
  sheet.spread(
    `${name}/critic/score`,
    episodes.map(({ terms, reward }) => terms.base ?? reward),
  );
  sheet.spread(`${name}/critic/rewards`, rewards);
  sheet.spread(`${name}/critic/returns`, rewards);
  sheet.spread(
    `${name}/critic/advantages`,
    episodes.flatMap(({ advantage }) => advantage ?? []),
  );

  const lengths = (some: readonly Episode[]) => some.map(({ tokens }) => tokens.length);
  const reflecting = episodes.filter(({ completion }) => reflects(completion));
  sheet.spread(`${name}/response_length`, lengths(episodes));
  sheet.share(`${name}/response_length/clip_ratio`, episodes, isClipped);
  sheet.put(`${name}/response_length/reflect_ratio`, reflecting.length / episodes.length);
  sheet.share(`${name}/response_length/correct_reflect_ratio`, reflecting, good);
  sheet.mean(`${name}/correct_response_length/mean`, lengths(episodes.filter(good)));
  sheet.mean(`${name}/incorrect_response_length/mean`, lengths(episodes.filter((each) => !good(each))));
  sheet.spread(
    `${name}/prompt_length`,
    episodes.map(({ promptTokens }) => promptTokens),
  );
}

export const isClipped = ({ stopReason }: Episode): boolean => stopReason === 'length';

// ---- Reflection ------------------------------------------------------------------------------------------------------

/** What people write who look again at what they have just written. */
const reflections = [
  ...['wait', 'hmm', 'hold on', 'oops', 'actually', 'however', 'but then', 'on second thought', 'instead'],
  ...['alternatively', 'another way', 'another approach', 'maybe', 'perhaps', 'not sure', 'i doubt'],
  ...['check again', 'recheck', 're-check', 'double check', 'double-check', 'let me check', "let's check"],
  ...['verify', 'reverify', 're-verify', 'reconsider', 're-consider', 'rethink', 're-think', 'reexamine'],
  ...['re-examine', 'reevaluate', 're-evaluate', 'reread', 're-read', 'revisit', 'go back', 'try again'],
  ...['retry', 'start over', 'mistake', 'i was wrong', "that's wrong", 'uh-oh'],
];
/** Whole words: "await" is Python, and not what a person who waits would say. */
const reflection = new RegExp(`\\b(?:${reflections.join('|')})\\b`, 'i');

export function reflects(text: string): boolean {
  return reflection.test(text);
}
