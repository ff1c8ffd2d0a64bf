/**
 * @file What a step is summed up to: flat names and finite numbers, for charts, tables and whoever watches a run. The names are the
 * original's and TRL's where the thing exists there, so that runs can be laid side by side. metric-list.ts says what each one means.
 */

import { type Episode, type Mode, modes, refusals, type Task, type TaskUpdate } from '../store/records';
import type { Buffers } from './buffers';
import type { Config } from './config';
import { effortOf } from './effort';
import type { Taught } from './hindsight';
import type { Learned } from './learning';
import { type RateClass, rateClasses } from './metric-list';
import { count, deviation, largest, MetricSheet, mean, smallest, sum } from './metric-sheet';
import type { Qualities } from './play';
import { isClipped, isTrained, proposerMetrics, solverMetrics } from './role-metrics';
import type { Times } from './stopwatch';

export interface Facts {
  config: Config;
  step: number;
  episodes: readonly Episode[];
  /** Accepted in this step. */
  tasks: readonly Task[];
  updates: readonly TaskUpdate[];
  /** Of proposals that are tasks, by episode: see play.ts. */
  qualities: ReadonlyMap<number, Qualities>;
  learned: Learned | null;
  /** Null without hindsight. */
  taught: Taught | null;
  /** Milliseconds. */
  times: Times;
  /** Milliseconds that storing the step before took. */
  storedIn: number | null;
  /** After the step. */
  buffers: Buffers;
  /** Tasks in each buffer before the step: without it nobody can tell of which mode the tasks were that left for newer ones. */
  sizesBefore?: Readonly<Record<Mode, number>>;
  /** What the evaluation gave, under its own names. */
  heldOut: Readonly<Record<string, number>> | null;
  /** Of the engine, under its own names. */
  measured?: Readonly<Record<string, number>>;
  /** Mean cognitive complexity of proposers' programs minus that of solvers' right induction answers. */
  complexityGap: number | null;
  /** Sampled tokens of all steps before. */
  tokensSoFar: number;
}

/** All of them finite numbers: what is not known in a step is left out. */
export function metricsOf(facts: Facts): Record<string, number> {
  const sheet = new MetricSheet();
  const { episodes } = facts;
  const proposals = episodes.filter(({ role }) => role === 'propose');
  const attempts = episodes.filter(({ role }) => role === 'solve');
  for (const mode of modes) {
    const ofMode = (episode: Episode) => episode.mode === mode;
    proposerMetrics(sheet, mode, proposals.filter(ofMode), facts.qualities);
    solverMetrics(sheet, mode, attempts.filter(ofMode));
    solveRateMetrics(sheet, mode, proposals.filter(ofMode));
  }
  gateMetrics(sheet, proposals);
  sheet.put('complexity_gap', facts.complexityGap);
  sheet.put(
    'flags',
    count(episodes, ({ flags }) => flags.length > 0),
  );
  bufferMetrics(sheet, facts);
  typeMetrics(sheet, facts);
  actorMetrics(sheet, facts.learned);
  hindsightMetrics(sheet, facts);
  timeMetrics(sheet, facts);
  trlMetrics(sheet, facts);
  for (const [name, value] of Object.entries({ ...facts.heldOut, ...facts.measured })) sheet.put(name, value);
  return sheet.metrics;
}

// ---- Collapse watch --------------------------------------------------------------------------------------------------

function gateMetrics(sheet: MetricSheet, proposals: readonly Episode[]): void {
  if (proposals.length === 0) return;
  const verdicts = proposals.flatMap(({ judged }) => (judged.kind === 'proposal' ? [judged] : []));
  const valid = verdicts.filter(({ verdict }) => verdict === 'ok');
  const share = (number: number) => number / proposals.length;
  sheet.share('gate/pass_rate', proposals, ({ task }) => task !== null);
  sheet.put('gate/valid_rate', share(valid.length));
  sheet.put('gate/refused/unread', share(count(proposals, ({ judged }) => judged.kind === 'unread')));
  for (const refusal of refusals) {
    sheet.put(`gate/refused/${refusal}`, share(count(verdicts, ({ refused }) => refused === refusal)));
  }
  const texts = proposals.flatMap((proposal) => proposedText(proposal) ?? []);
  sheet.put('gate/distinct', texts.length > 0 ? new Set(texts).size / texts.length : null);
  sheet.share(
    'gate/novelty',
    valid,
    ({ refused }) => refused !== 'duplicate' && refused !== 'same-behaviour',
  );
}

/** What is new in a proposal, by mode. Induction is about a program that is given, so there it is the inputs. */
function proposedText({ mode, parsed }: Episode): string | null {
  if (parsed?.kind !== 'proposal') return null;
  return `${mode}\n${mode === 'induction' ? parsed.inputs.join('\n') : parsed.program}`;
}

/** Of this step's proposals; what everybody or nobody solves teaches nothing, so those have classes of their own. */
function solveRateMetrics(sheet: MetricSheet, mode: Mode, proposals: readonly Episode[]): void {
  const rates = proposals.flatMap(({ judged }) =>
    judged.kind === 'proposal' ? (judged.solveRate ?? []) : [],
  );
  if (rates.length === 0) return;
  sheet.mean(`solve_rate/${mode}/mean`, rates);
  sheet.put(`solve_rate/${mode}/std`, deviation(rates));
  for (const name of rateClasses) {
    sheet.share(`solve_rate/${mode}/${name}`, rates, (rate) => rateClass(rate) === name);
  }
}

function rateClass(rate: number): RateClass {
  if (rate <= 0) return '0';
  if (rate >= 1) return '100';
  if (rate <= 0.25) return '0-25';
  if (rate <= 0.5) return '25-50';
  return rate <= 0.75 ? '50-75' : '75-100';
}

// ---- What there is ---------------------------------------------------------------------------------------------------

function bufferMetrics(
  sheet: MetricSheet,
  { config, buffers, sizesBefore, tasks, updates, episodes }: Facts,
): void {
  // A task that has left is in no buffer any more. Only what was just attempted can be mastered, so an attempt knows its mode.
  const modeOf = new Map(episodes.map(({ task, mode }) => [task, mode]));
  const full = updates.some(({ left }) => left === 'full');
  for (const mode of config.modes) {
    const size = buffers.of(mode).length;
    const added = count(tasks, (task) => task.mode === mode);
    const mastered = count(updates, ({ task, left }) => left === 'mastered' && modeOf.get(task) === mode);
    sheet.put(`buffers/${mode}/size`, size);
    sheet.put(`buffers/${mode}/added`, added);
    sheet.mean(
      `buffers/${mode}/effort`,
      tasks.flatMap((task) => (task.mode === mode && task.effort ? effortOf(task) : [])),
    );
    sheet.put(`buffers/${mode}/mastered`, mastered);
    if (!full) sheet.put(`buffers/${mode}/full`, 0);
    else if (sizesBefore) sheet.put(`buffers/${mode}/full`, sizesBefore[mode] + added - mastered - size);
  }
}

function typeMetrics(sheet: MetricSheet, { buffers }: Facts): void {
  const inputs = modes.map((mode) => buffers.values(mode).inputs.summary());
  // What tasks about exceptions have for outputs are names, not values.
  const valued = modes.filter((mode) => mode !== 'error');
  const outputs = valued.map((mode) => buffers.values(mode).outputs.summary());
  for (const [side, summaries] of Object.entries({ input_types: inputs, output_types: outputs })) {
    const types = new Map<string, { values: number; total: number }>();
    for (const summary of summaries) {
      for (const [type, { values, total }] of Object.entries(summary.types)) {
        const before = types.get(type) ?? { values: 0, total: 0 };
        types.set(type, { values: before.values + values, total: before.total + total });
      }
    }
    sheet.put(`types/${side}/distinct_types`, types.size);
    sheet.put(`types/${side}/total_unique_values`, sum(summaries.map(({ values }) => values)));
    sheet.put(`types/${side}/total_instances`, sum(summaries.map(({ total }) => total)));
    for (const [type, { values, total }] of types) {
      sheet.put(`types/${side}/${type}/unique_count`, values);
      sheet.put(`types/${side}/${type}/total_count`, total);
    }
  }
}

// ---- Training --------------------------------------------------------------------------------------------------------

function actorMetrics(sheet: MetricSheet, learned: Learned | null): void {
  sheet.put('actor/updates', learned?.updates ?? 0);
  sheet.put('actor/skipped_updates', learned?.skipped ?? 0);
  sheet.put('actor/pg_loss', learned?.loss);
  sheet.put('actor/pg_clipfrac', learned?.clipFraction);
  sheet.put('actor/ppo_kl', learned?.approxKl);
  sheet.put('actor/kl_loss', learned?.referenceKl);
  sheet.put('actor/entropy', learned?.entropy);
  sheet.put('actor/grad_norm', learned?.gradNorm);
  sheet.put('actor/lr', learned?.learningRate);
  sheet.put('actor/tokens', learned?.tokens);
}

function hindsightMetrics(sheet: MetricSheet, { taught, learned }: Facts): void {
  if (!taught) return;
  sheet.put('hindsight/sequences', taught.lessons.length);
  sheet.put('hindsight/too_long', taught.leftOut);
  sheet.put('hindsight/tokens', learned?.hindsight?.tokens ?? 0);
  sheet.put('hindsight/loss', learned?.hindsight?.loss);
}

function timeMetrics(sheet: MetricSheet, { times, storedIn, learned, episodes }: Facts): void {
  const perSecond = (tokens: number, ms: number) => (ms > 0 ? (1000 * tokens) / ms : null);
  sheet.put('timing_s/step', times.total / 1000);
  sheet.put('timing_s/gen', times.sample / 1000);
  sheet.put('timing_s/execute', times.execute / 1000);
  sheet.put('timing_s/update_actor', times.train / 1000);
  sheet.put('timing_s/testing', times.evaluate / 1000);
  sheet.put('timing_s/own', times.own / 1000);
  sheet.put('timing_s/store', storedIn === null ? null : storedIn / 1000);
  sheet.put('perf/sample_tokens_per_s', perSecond(sampledTokens(episodes), times.sample));
  const tokens = learned && learned.tokens + (learned.hindsight?.tokens ?? 0);
  sheet.put('perf/train_tokens_per_s', tokens && perSecond(tokens, times.train));
  sheet.put('perf/own_share', times.total > 0 ? times.own / times.total : null);
}

function trlMetrics(sheet: MetricSheet, { episodes, learned, tokensSoFar }: Facts): void {
  const trained = episodes.filter(isTrained);
  const rewards = trained.map(({ reward }) => reward);
  const lengths = trained.map(({ tokens }) => tokens.length);
  sheet.put('reward', mean(rewards));
  sheet.put('reward_std', deviation(rewards));
  sheet.share('frac_reward_zero_std', rewardsOfGroups(trained), (group) =>
    group.every((reward) => reward === group[0]),
  );
  sheet.put('completions/mean_length', mean(lengths));
  sheet.put('completions/min_length', smallest(lengths));
  sheet.put('completions/max_length', largest(lengths));
  sheet.share('completions/clipped_ratio', trained, isClipped);
  sheet.put('num_tokens', tokensSoFar + sampledTokens(episodes));
  sheet.put('loss', learned?.loss);
  sheet.put('grad_norm', learned?.gradNorm);
  sheet.put('learning_rate', learned?.learningRate);
  sheet.put('entropy', learned?.entropy);
  sheet.put('kl', learned?.referenceKl);
  sheet.put('clip_ratio', learned?.clipFraction);
}

/** Of attempts at the same task that can be compared with each other. A proposal, or a single attempt, is no group. */
function rewardsOfGroups(trained: readonly Episode[]): number[][] {
  const groups = new Map<number, number[]>();
  for (const { group, reward } of trained) {
    const rewards = groups.get(group);
    if (rewards) rewards.push(reward);
    else groups.set(group, [reward]);
  }
  return [...groups.values()].filter(({ length }) => length > 1);
}

function sampledTokens(episodes: readonly Episode[]): number {
  return sum(episodes.map(({ tokens }) => tokens.length));
}
