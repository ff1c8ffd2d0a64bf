/** Metrics: a small step summed up by hand, what is left out when it is not known, and that the documented list is what comes out. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FleetMeasures } from '../../../src/engine/remote/fleet-measures';
import { Buffers } from '../../../src/selfplay/buffers';
import { readConfig } from '../../../src/selfplay/config';
import type { Learned } from '../../../src/selfplay/learning';
import { helpFor, type MetricHelp, metricList, speaksOf } from '../../../src/selfplay/metric-list';
import { type Facts, metricsOf } from '../../../src/selfplay/metrics';
import type { Qualities } from '../../../src/selfplay/play';
import { reflects } from '../../../src/selfplay/role-metrics';
import { type Episode, type Judged, type Mode, modes, type Task } from '../../../src/store/records';

// ---- A small step ----------------------------------------------------------------------------------------------------

/** `length` is the number of tokens. */
type Given = Partial<Episode> & { length?: number };

const episode = ({ length = 1, ...rest }: Given): Episode => ({
  id: 1,
  step: 3,
  mode: 'deduction',
  role: 'propose',
  group: rest.id ?? 1,
  task: null,
  proposal: null,
  prompt: '',
  completion: '',
  tokens: new Int32Array(length),
  logProbs: new Float32Array(length),
  promptTokens: 10,
  stopReason: 'stop',
  policy: 2,
  format: true,
  parsed: null,
  judged: { kind: 'unread', reason: '' },
  reward: 0,
  terms: { base: rest.reward ?? 0 },
  advantage: null,
  flags: [],
  ...rest,
});

type Verdict = Extract<Judged, { kind: 'proposal' }>;
const proposal = (id: number, program: string, judged: Partial<Verdict>, rest: Given = {}) =>
  episode({
    id,
    parsed: { kind: 'proposal', program, inputs: ['1', '2'], message: '', thought: '' },
    judged: {
      kind: 'proposal',
      verdict: 'ok',
      reason: null,
      outputs: [],
      refused: null,
      solveRate: null,
      ...judged,
    },
    advantage: 0,
    ...rest,
  });
const attempt = (id: number, group: number, correct: boolean, rest: Given = {}) =>
  episode({
    id,
    group,
    role: 'solve',
    judged: { kind: 'answer', verdict: 'ok', reason: null, correct, right: null },
    reward: correct ? 1 : -0.5,
    ...rest,
  });

const task = (id: number, mode: Mode = 'deduction', rest: Partial<Task> = {}): Task => ({
  id,
  mode,
  program: '',
  pairs: [[`${id}`, `'${id}'`]],
  effort: [2, 5],
  message: '',
  thought: '',
  step: 3,
  origin: 'proposed',
  parents: [],
  astHash: `ast ${id}`,
  behaviour: `behaviour ${id}`,
  solveRate: null,
  composite: [],
  ...rest,
});

const quality = (values: Qualities['values'], lines: number | null): Qualities => ({
  values,
  lines,
});

const learned: Learned = {
  updates: 2,
  skipped: 1,
  sequences: 6,
  tokens: 30,
  computedTokens: 90,
  loss: 0.5,
  gradNorm: 2,
  entropy: 0.75,
  clipFraction: 0.125,
  approxKl: 0.01,
  referenceKl: 0.02,
  learningRate: 1e-4,
  hindsight: { sequences: 3, tokens: 12, loss: 1.5 },
};

/** Of a fleet that is asked for four completions. */
const measured = new FleetMeasures();
for (const [node, staleness] of [
  [1, 0],
  [1, 0],
  [2, 1],
  [1, 2],
])
  measured.answered(node, staleness);
measured.askedAgain(5);

const config = readConfig({ modes: ['deduction', 'induction'], 'buffers.capacity': 2 });
const buffersWith = (...tasks: Task[]) => {
  const buffers = new Buffers(config);
  for (const each of tasks) buffers.add(each);
  return buffers;
};
const nothing: Facts = {
  config,
  step: 3,
  episodes: [],
  tasks: [],
  updates: [],
  qualities: new Map(),
  learned: null,
  taught: null,
  times: { sample: 0, execute: 0, train: 0, evaluate: 0, store: 0, own: 0, total: 0 },
  storedIn: null,
  buffers: buffersWith(),
  heldOut: null,
  complexityGap: null,
  tokensSoFar: 0,
};

const small: Facts = {
  ...nothing,
  episodes: [
    // One of four attempts solves it: accepted.
    proposal(
      1,
      'A',
      { solveRate: 0.25 },
      { task: 7, reward: 0.5, terms: { base: 0.75 }, advantage: 2, length: 4 },
    ),
    proposal(
      2,
      'A',
      { refused: 'duplicate' },
      { reward: -0.5, advantage: -1, length: 6, completion: 'Maybe so' },
    ),
    episode({
      id: 3,
      format: false,
      reward: -1,
      advantage: -1,
      length: 8,
      stopReason: 'length',
      promptTokens: 14,
    }),
    proposal(4, 'B', { solveRate: 1, refused: 'too-easy' }, { length: 2, flags: ['oversight'] }),
    attempt(5, 5, true, { task: 7, proposal: 1, advantage: 1, length: 5, completion: 'No, wait: 3' }),
    attempt(6, 5, false, { task: 7, proposal: 1, advantage: -1, length: 9, completion: 'However, 4' }),
    attempt(7, 5, false, { task: 7, proposal: 1, length: 7 }),
    attempt(8, 5, false, { task: 7, proposal: 1, judged: { kind: 'unread', reason: '' } }),
    ...[1, 0.5, null].map((trace, k) =>
      attempt(9 + k, 9, true, {
        proposal: 4,
        judged: { kind: 'answer', verdict: 'ok', reason: null, correct: true, right: null, trace },
      }),
    ),
    // Two attempts at a task of the buffers, equally bad.
    attempt(12, 12, false, {
      task: 2,
      advantage: -1,
      length: 1,
      judged: { kind: 'answer', verdict: 'crash', reason: '', correct: false, right: null },
    }),
    attempt(13, 12, false, { task: 2, advantage: -1, length: 1 }),
  ],
  tasks: [task(7)],
  updates: [
    { task: 5, left: 'full' },
    { task: 2, solveRate: 1, left: 'mastered' },
  ],
  qualities: new Map([
    [1, quality({ complexity: 0.2, halstead: 0.1, 'edit-distance': 0.5, 'answer-diversity': 1 }, 3)],
    [2, quality({ complexity: 0.4, halstead: 0.3, 'edit-distance': 0.7, 'answer-diversity': 0 }, null)],
  ]),
  learned,
  taught: {
    lessons: Array.from({ length: 3 }, () => ({
      task: 7,
      mode: 'deduction',
      kind: 'answer',
      prompt: '',
      completion: '',
    })),
    leftOut: 2,
  },
  times: { sample: 2000, execute: 1500, train: 1000, evaluate: 500, store: 0, own: 250, total: 4000 },
  storedIn: 125,
  buffers: buffersWith(
    task(7, 'deduction', { pairs: [['3', "'x'"]] }),
    task(8, 'induction', {
      pairs: [
        ['3', '[]'],
        ['3', '[1]'],
      ],
    }),
  ),
  sizesBefore: { deduction: 2, abduction: 0, induction: 1, error: 0 },
  heldOut: { 'heldout/accuracy': 0.5, 'heldout/deduction/pass@1': 0.25 },
  measured: measured.take({ nodes: 3, there: 2 }),
  complexityGap: -0.5,
  tokensSoFar: 1000,
};

const names = (metrics: Record<string, number>) => Object.keys(metrics);

describe('a small step', () => {
  const metrics = metricsOf(small);
  it.each([
    // Proposers: all proposals.
    ['gen_code_o/accuracy', 0.75 / 4],
    ['gen_code_o/format_score', 0.75],
    ['gen_code_o/num_valid_programs', 1],
    ['gen_code_o/avg_program_lines', 3],
    ['gen_code_o/complexity', 0.3],
    ['gen_code_o/halstead', 0.2],
    ['gen_code_o/mean_edit_distance', 0.6],
    ['gen_code_o/answer_diversity', 0.5],
    ['gen_code_o/critic/score/max', 0.75],
    ['gen_code_o/critic/rewards/max', 0.5],
    ['gen_code_o/critic/rewards/mean', -0.25],
    ['gen_code_o/critic/returns/min', -1],
    ['gen_code_o/critic/advantages/max', 2],
    ['gen_code_o/response_length/mean', 5],
    ['gen_code_o/response_length/max', 8],
    ['gen_code_o/response_length/min', 2],
    ['gen_code_o/response_length/clip_ratio', 0.25],
    ['gen_code_o/response_length/reflect_ratio', 0.25],
    ['gen_code_o/response_length/correct_reflect_ratio', 0],
    ['gen_code_o/correct_response_length/mean', 4],
    ['gen_code_o/incorrect_response_length/mean', 16 / 3],
    ['gen_code_o/prompt_length/mean', 11],
    ['gen_code_o/prompt_length/max', 14],
    // Solvers: the four attempts that were trained on, and the five that were not.
    ['pred_code_o/accuracy', 0.25],
    ['pred_code_o/estimate_accuracy', 0.6],
    ['pred_code_o/exact_trace', 0.5],
    ['pred_code_o/none_count', 1],
    ['pred_code_o/none_ratio', 0.25],
    ['pred_code_o/critic/score/mean', -0.125],
    ['pred_code_o/critic/advantages/mean', -0.5],
    ['pred_code_o/response_length/mean', 4],
    ['pred_code_o/response_length/reflect_ratio', 0.5],
    ['pred_code_o/response_length/correct_reflect_ratio', 0.5],
    ['pred_code_o/correct_response_length/mean', 5],
    ['pred_code_o/incorrect_response_length/mean', 11 / 3],

    ['actor/pg_loss', 0.5],
    ['actor/pg_clipfrac', 0.125],
    ['actor/ppo_kl', 0.01],
    ['actor/kl_loss', 0.02],
    ['actor/entropy', 0.75],
    ['actor/grad_norm', 2],
    ['actor/lr', 1e-4],
    ['actor/updates', 2],
    ['actor/skipped_updates', 1],
    ['actor/tokens', 30],
    ['hindsight/loss', 1.5],
    ['hindsight/tokens', 12],
    ['hindsight/sequences', 3],
    ['hindsight/too_long', 2],

    ['timing_s/step', 4],
    ['timing_s/gen', 2],
    ['timing_s/execute', 1.5],
    ['timing_s/update_actor', 1],
    ['timing_s/testing', 0.5],
    ['timing_s/own', 0.25],
    ['timing_s/store', 0.125],
    ['perf/sample_tokens_per_s', 47 / 2],
    ['perf/train_tokens_per_s', 42],
    ['perf/own_share', 1 / 16],

    ['types/input_types/distinct_types', 1],
    ['types/input_types/total_unique_values', 2],
    ['types/input_types/total_instances', 3],
    ['types/input_types/int/unique_count', 2],
    ['types/input_types/int/total_count', 3],
    ['types/output_types/distinct_types', 2],
    ['types/output_types/list/unique_count', 2],
    ['types/output_types/str/total_count', 1],

    ['gate/pass_rate', 0.25],
    ['gate/valid_rate', 0.75],
    ['gate/refused/unread', 0.25],
    ['gate/refused/duplicate', 0.25],
    ['gate/refused/too-easy', 0.25],
    ['gate/refused/leak', 0],
    ['gate/distinct', 2 / 3],
    ['gate/novelty', 2 / 3],
    ['solve_rate/deduction/mean', 0.625],
    ['solve_rate/deduction/std', 0.375],
    ['solve_rate/deduction/0', 0],
    ['solve_rate/deduction/0-25', 0.5],
    ['solve_rate/deduction/100', 0.5],
    ['complexity_gap', -0.5],
    ['flags', 1],
    ['heldout/accuracy', 0.5],
    ['heldout/deduction/pass@1', 0.25],
    ['fleet/nodes', 2],
    ['fleet/share/1', 0.75],
    ['fleet/share/2', 0.25],
    ['fleet/share/3', 0],
    ['fleet/asked_again', 5],
    ['fleet/staleness/mean', 0.75],
    ['fleet/staleness/max', 2],

    ['buffers/deduction/size', 1],
    ['buffers/deduction/added', 1],
    ['buffers/deduction/effort', 5],
    ['buffers/deduction/full', 1],
    ['buffers/deduction/mastered', 1],
    ['buffers/induction/size', 1],
    ['buffers/induction/added', 0],
    ['buffers/induction/full', 0],
    ['buffers/induction/mastered', 0],

    // TRL's: the eight that were trained on.
    ['reward', -1.5 / 8],
    ['reward_std', Math.sqrt((0.25 + 0.25 + 1 + 1 + 0.75) / 8 - (1.5 / 8) ** 2)],
    ['frac_reward_zero_std', 0.5],
    ['completions/mean_length', 36 / 8],
    ['completions/min_length', 1],
    ['completions/max_length', 9],
    ['completions/clipped_ratio', 1 / 8],
    ['num_tokens', 1047],
    ['loss', 0.5],
    ['grad_norm', 2],
    ['learning_rate', 1e-4],
    ['entropy', 0.75],
    ['kl', 0.02],
    ['clip_ratio', 0.125],
  ])('%s', (name, value) => {
    expect(metrics[name]).toBeCloseTo(value, 12);
  });

  it('says nothing of modes that were not played', () => {
    expect(names(metrics).filter((name) => /code_[ife]|abduction|induction/.test(name))).toEqual([
      'buffers/induction/size',
      'buffers/induction/added',
      'buffers/induction/mastered',
      'buffers/induction/full',
    ]);
  });
});

// ---- Single rules ----------------------------------------------------------------------------------------------------

describe('solve rates', () => {
  it.each([
    [0, '0'],
    [0.01, '0-25'],
    [0.25, '0-25'],
    [0.26, '25-50'],
    [0.5, '25-50'],
    [0.75, '50-75'],
    [0.76, '75-100'],
    [0.99, '75-100'],
    [1, '100'],
  ])('%f is in class %s', (solveRate, name) => {
    const metrics = metricsOf({ ...nothing, episodes: [proposal(1, '', { solveRate })] });
    const filled = names(metrics).filter((each) => /^solve_rate.*\d$/.test(each) && metrics[each] === 1);
    expect(filled).toEqual([`solve_rate/deduction/${name}`]);
    // Only what is strictly between teaches.
    expect(metrics['gen_code_o/accuracy']).toBe(solveRate > 0 && solveRate < 1 ? 1 - solveRate : 0);
  });
});

describe('proposals that are alike', () => {
  const distinct = (...episodes: Episode[]) => metricsOf({ ...nothing, episodes })['gate/distinct'];

  it('are so within their mode', () => {
    expect(distinct(proposal(1, 'A', {}), proposal(2, 'A', {}))).toBe(0.5);
    expect(distinct(proposal(1, 'A', {}), proposal(2, 'A', {}, { mode: 'abduction' }))).toBe(1);
  });

  it('by their inputs where the program is given', () => {
    expect(
      distinct(proposal(1, 'A', {}, { mode: 'induction' }), proposal(2, 'B', {}, { mode: 'induction' })),
    ).toBe(0.5);
  });

  it('are not new', () => {
    const episodes = [
      proposal(1, '', {}),
      proposal(2, '', { refused: 'same-behaviour' }),
      proposal(3, '', { refused: 'leak' }),
      proposal(4, '', { verdict: 'error', refused: 'invalid' }),
      proposal(5, '', { refused: 'duplicate' }),
    ];
    expect(metricsOf({ ...nothing, episodes })['gate/novelty']).toBe(0.5);
  });
});

describe('reflection', () => {
  it.each([
    ['Wait, that is 4.', true],
    ['so HOWEVER it goes', true],
    ['let us\nre-check', true],
    ["Hmm... let's check", true],
    ['await waiter()', false],
    ['the next one', false],
    ['', false],
  ])('%j: %s', (text, expected) => expect(reflects(text)).toBe(expected));
});

describe('groups without a difference', () => {
  const zero = (...episodes: Episode[]) => metricsOf({ ...nothing, episodes }).frac_reward_zero_std;
  const trained = { advantage: 0 };

  it.each<[string, Episode[], number | undefined]>([
    ['all alike', [attempt(1, 1, true, trained), attempt(2, 1, true, trained)], 1],
    ['not alike', [attempt(1, 1, true, trained), attempt(2, 1, false, trained)], 0],
    ['alone', [attempt(1, 1, true, trained), attempt(2, 2, true, trained), proposal(3, '', {})], undefined],
    ['alone among those trained on', [attempt(1, 1, true, trained), attempt(2, 1, true)], undefined],
  ])('%s', (_, episodes, share) => expect(zero(...episodes)).toBe(share));
});

describe('full buffers', () => {
  const left: Facts = { ...nothing, updates: [{ task: 5, left: 'full' }], tasks: [task(7)] };

  it('are not known by mode without their sizes before', () => {
    expect(metricsOf(left)['buffers/deduction/full']).toBeUndefined();
  });

  it('are counted where the newest does not enter', () => {
    const metrics = metricsOf({
      ...left,
      updates: [{ task: 7, left: 'full' }],
      buffers: buffersWith(task(1), task(2)),
      sizesBefore: { deduction: 2, abduction: 0, induction: 0, error: 0 },
    });
    expect([metrics['buffers/deduction/full'], metrics['buffers/induction/full']]).toEqual([1, 0]);
  });
});

describe('what is not known', () => {
  it('is left out', () => {
    expect(metricsOf(nothing)).not.toHaveProperty('timing_s/store');
    expect(names(metricsOf(nothing)).filter((name) => !/^(timing_s|types|buffers)/.test(name))).toEqual([
      'flags',
      'actor/updates',
      'actor/skipped_updates',
      'num_tokens',
    ]);
  });

  it('is never NaN or infinite', () => {
    const hidden: Learned = { ...learned, gradNorm: Infinity, loss: NaN, entropy: null, referenceKl: null };
    for (const facts of [nothing, small, { ...small, learned: hidden, storedIn: null }]) {
      expect(Object.entries(metricsOf(facts)).filter(([, value]) => !Number.isFinite(value))).toEqual([]);
    }
    const metrics = metricsOf({ ...nothing, learned: hidden });
    for (const name of ['actor/pg_loss', 'loss', 'actor/grad_norm', 'grad_norm', 'entropy', 'kl']) {
      expect(metrics).not.toHaveProperty(name);
    }
    expect(metrics['actor/skipped_updates']).toBe(1);
  });

  it('is left out of solvers that only estimated, and of proposers that are frozen', () => {
    const metrics = metricsOf({
      ...nothing,
      episodes: [proposal(1, '', {}, { advantage: null }), attempt(2, 2, true)],
    });
    expect(names(metrics).filter((name) => name.startsWith('pred'))).toEqual([
      'pred_code_o/estimate_accuracy',
    ]);
    expect(names(metrics).filter((name) => name.includes('advantages'))).toEqual([]);
    expect(metrics['gen_code_o/critic/rewards/mean']).toBe(0);
  });
});

// ---- The list --------------------------------------------------------------------------------------------------------

/** A step with everything in it, in all modes. */
const everything: Facts = {
  ...small,
  config: readConfig({ modes: [...modes] }),
  episodes: modes.flatMap((mode, index) =>
    small.episodes.map((each) => ({
      ...each,
      mode,
      id: each.id + 100 * index,
      group: each.group + 100 * index,
    })),
  ),
  qualities: new Map(
    modes.flatMap((mode, index) => [
      [
        1 + 100 * index,
        mode === 'induction'
          ? quality({ 'input-diversity': 1, 'output-diversity': 1 }, null)
          : small.qualities.get(1)!,
      ],
    ]),
  ),
  updates: [],
  buffers: buffersWith(...modes.map((mode, index) => task(index + 1, mode))),
};

function documented(): MetricHelp[] {
  const text = readFileSync(join(import.meta.dirname, '../../../docs/METRICS.md'), 'utf8');
  const table = text.split('<!-- metrics -->')[1].split('<!-- /metrics -->')[0];
  return table.split('\n').flatMap((line) => {
    const [name, unit, help, from] = line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
    if (!name?.startsWith('`')) return [];
    return [{ name: name.slice(1, -1), help, unit, from: from as MetricHelp['from'] }];
  });
}

describe('the list', () => {
  const metrics = names({ ...metricsOf(small), ...metricsOf(everything) });

  it('has each metric exactly once', () => {
    const entries = (metric: string) => metricList.filter((entry) => speaksOf(entry, metric));
    expect(metrics.filter((metric) => entries(metric).length !== 1)).toEqual([]);
  });

  it('has only what comes out', () => {
    const idle = metricList.filter((entry) => !metrics.some((metric) => speaksOf(entry, metric)));
    expect(idle).toEqual([]);
  });

  it('is what docs/METRICS.md says, in this order', () => {
    expect(documented()).toEqual(metricList);
  });

  it('helps by name', () => {
    expect(helpFor('gen_code_f/critic/score/max')?.name).toBe('{X}/critic/score/{statistic}');
    expect(helpFor('solve_rate/error/0-25')?.name).toBe('solve_rate/{mode}/{class}');
    expect(helpFor('rewards')).toBeUndefined();
  });

  it('does not speak of the names of exceptions as if they were values', () => {
    const buffers = buffersWith(task(1, 'error', { pairs: [['3', 'ValueError']] }));
    const metrics = metricsOf({ ...nothing, buffers });
    expect(metrics['types/output_types/total_instances']).toBe(0);
    expect(metrics['types/input_types/total_instances']).toBe(1);
  });
});
