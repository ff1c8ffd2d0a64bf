/** @file The charts there are, in their groups, from the metrics of docs/METRICS.md. */

import { helpFor, rateClasses } from '../../selfplay/metric-list';
import { roleName } from '../../selfplay/role-metrics';
import { type Mode, modes, type Refusal, type Role } from '../../store/records';
import { type ChartSpec, drawsMetric, type Group, type Source, sum } from './spec';

export const groupTitles: Record<Group, string> = {
  heldout: 'Held out',
  rewards: 'Rewards',
  solving: 'Solving and learnability',
  learning: 'Learning',
  proposals: 'Proposals',
  buffers: 'Buffers and values',
  texts: 'Texts',
  throughput: 'Throughput',
  others: 'Others',
};

/** Closed until somebody opens them: the details. */
export const closedAtFirst: readonly Group[] = ['buffers', 'others'];

const metric = (name: string, label: string): Source => ({ kind: 'metric', name, label });
const byMode = (nameOf: (mode: Mode) => string): Source[] => modes.map((mode) => metric(nameOf(mode), mode));
const ofRole = (role: Role, rest: string) => byMode((mode) => `${roleName(mode, role)}/${rest}`);

const capital = (word: string) => word[0].toUpperCase() + word.slice(1);

const inHindsight = 'only in hindsight runs';
const withRewards = 'only where rewards are learned from';
const severalNodes = 'only where several nodes sample';

// ---- Held out --------------------------------------------------------------------------------------------------------

/** The one that counts. */
export const headline: ChartSpec = {
  id: 'heldout',
  group: 'heldout',
  title: 'Held-out accuracy',
  unit: 'share',
  help: 'Right answers to tasks that no run is trained on, by mode, with the 95% interval of each. Dotted, of a single run: where it began.',
  sparse: true,
  fromStart: true,
  when: 'with the first test on held-out tasks',
  sources: modes.map((mode) => ({
    kind: 'metric',
    name: `heldout/${mode}`,
    label: mode,
    low: `heldout/${mode}/low`,
    high: `heldout/${mode}/high`,
  })),
};

const byLevel = (mode: Mode, rest: string): Source[] => [
  {
    kind: 'matching',
    pattern: new RegExp(`^heldout/${mode}/level_(\\d+)${rest}$`),
    label: (level) => `level ${level}`,
  },
];
/** Without a mode that no run has unless it is asked for, and induction has no traces. */
const levelCharts = modes.flatMap((mode): ChartSpec[] => [
  {
    id: `heldout-levels-${mode}`,
    group: 'heldout',
    title: `${capital(mode)} by level`,
    unit: 'share',
    help: `Right answers to held-out ${mode} tasks, by how hard they are made.`,
    sparse: true,
    rare: mode === 'error',
    sources: byLevel(mode, ''),
  },
  {
    id: `heldout-exact-${mode}`,
    group: 'heldout',
    title: `Exact traces, ${mode} by level`,
    unit: 'share',
    help: `Right answers to held-out ${mode} tasks whose thought is the true trace, word for word.`,
    sparse: true,
    rare: mode === 'error' || mode === 'induction',
    sources: byLevel(mode, '/exact'),
  },
]);

const heldOut: readonly ChartSpec[] = [
  headline,
  {
    id: 'heldout-all',
    group: 'heldout',
    title: 'All tasks together',
    unit: 'share',
    help: 'Right answers to held-out tasks, every task alike.',
    sparse: true,
    fromStart: true,
    sources: [metric('heldout/accuracy', 'accuracy')],
  },
  {
    id: 'heldout-exact',
    group: 'heldout',
    title: 'Exact traces',
    unit: 'share',
    help: 'Right answers to held-out tasks whose thought is the true trace, word for word, by mode.',
    sparse: true,
    fromStart: true,
    sources: byMode((mode) => `heldout/${mode}/exact`),
  },
  ...levelCharts,
  {
    id: 'heldout-format',
    group: 'heldout',
    title: 'Held-out answers in the format',
    unit: 'share',
    help: 'Answers to held-out tasks that kept the format.',
    sparse: true,
    sources: byMode((mode) => `heldout/${mode}/format`),
  },
  {
    id: 'heldout-tokens',
    group: 'heldout',
    title: 'Length of held-out answers',
    unit: 'tokens',
    help: 'Mean length of the answers to held-out tasks.',
    sparse: true,
    sources: byMode((mode) => `heldout/${mode}/tokens`),
  },
];

// ---- Rewards ---------------------------------------------------------------------------------------------------------

const rewards: readonly ChartSpec[] = [
  {
    id: 'reward-solve',
    group: 'rewards',
    title: 'Reward of solvers',
    unit: 'reward',
    when: withRewards,
    sources: ofRole('solve', 'critic/rewards/mean'),
  },
  {
    id: 'reward-propose',
    group: 'rewards',
    title: 'Reward of proposers',
    unit: 'reward',
    sources: ofRole('propose', 'critic/rewards/mean'),
  },
  {
    id: 'reward',
    group: 'rewards',
    title: 'Reward, all together',
    unit: 'reward',
    when: withRewards,
    sources: [metric('reward', 'mean'), metric('reward_std', 'deviation')],
  },
  {
    id: 'zero-std',
    group: 'rewards',
    title: 'Groups with equal rewards',
    unit: 'share',
    when: withRewards,
    sources: [metric('frac_reward_zero_std', 'groups')],
  },
  {
    id: 'score-solve',
    group: 'rewards',
    title: 'Score of solvers',
    unit: 'reward',
    when: withRewards,
    sources: ofRole('solve', 'critic/score/mean'),
  },
  {
    id: 'score-propose',
    group: 'rewards',
    title: 'Score of proposers',
    unit: 'reward',
    sources: ofRole('propose', 'critic/score/mean'),
  },
];

// ---- Solving ---------------------------------------------------------------------------------------------------------

/** How much an attempt can teach that succeeds with probability p. */
const learnability = ([p]: Float64Array) => p * (1 - p);
/** The mean of that over proposals which each have a p of their own: it follows from the mean of p and its deviation. */
const ownLearnability = ([mean, deviation]: Float64Array) => {
  const left = mean * (1 - mean) - deviation ** 2;
  return left < 1e-9 ? 0 : left; // where all is 0 or 1, rounding leaves a little
};
const middle = rateClasses.filter((each) => each !== '0' && each !== '100');
const needsSeveral = 'It takes more than one attempt at each proposal: a single one says all or nothing.';

const solving: readonly ChartSpec[] = [
  {
    id: 'solve-rate',
    group: 'solving',
    title: 'Solve rate of proposals',
    unit: 'share',
    sources: byMode((mode) => `solve_rate/${mode}/mean`),
  },
  {
    id: 'learnability',
    group: 'solving',
    title: 'Learnability, p (1 − p)',
    unit: '',
    help: "p is the mean solve rate of the step's proposals: 0.25 is the highest, where half of the attempts succeed.",
    marks: [{ at: 0.25, label: 'highest' }],
    sources: modes.map((mode) => ({
      kind: 'derived',
      from: [`solve_rate/${mode}/mean`],
      label: mode,
      value: learnability,
    })),
  },
  {
    id: 'learnability-own',
    group: 'solving',
    title: 'Learnability of each proposal',
    unit: '',
    help: `Mean of p (1 − p) over the proposals of the step, where p is the share of attempts that solved that one. ${needsSeveral}`,
    marks: [{ at: 0.25, label: 'highest' }],
    sources: modes.map((mode) => ({
      kind: 'derived',
      from: [`solve_rate/${mode}/mean`, `solve_rate/${mode}/std`],
      label: mode,
      value: ownLearnability,
    })),
  },
  {
    id: 'learnability-azr',
    group: 'solving',
    title: 'Reward for learnability',
    unit: 'share',
    sources: ofRole('propose', 'accuracy'),
  },
  {
    id: 'middle',
    group: 'solving',
    title: 'Solved by some attempts',
    unit: 'share',
    help: `Proposals that neither all nor none of the attempts solved. ${needsSeveral}`,
    sources: modes.map((mode) => ({
      kind: 'derived',
      from: middle.map((each) => `solve_rate/${mode}/${each}`),
      label: mode,
      value: sum,
    })),
  },
  {
    id: 'solved-by-none',
    group: 'solving',
    title: 'Solved by no attempt',
    unit: 'share',
    help: 'Proposals that no attempt solved: too hard, or wrong.',
    sources: byMode((mode) => `solve_rate/${mode}/0`),
  },
  {
    id: 'solved-by-all',
    group: 'solving',
    title: 'Solved by all attempts',
    unit: 'share',
    help: 'Proposals that every attempt solved: too easy.',
    sources: byMode((mode) => `solve_rate/${mode}/100`),
  },
  {
    id: 'accuracy-trained',
    group: 'solving',
    title: 'Accuracy, learned from',
    unit: 'share',
    when: withRewards,
    sources: ofRole('solve', 'accuracy'),
  },
  {
    id: 'accuracy-estimate',
    group: 'solving',
    title: 'Accuracy, estimates only',
    unit: 'share',
    sources: ofRole('solve', 'estimate_accuracy'),
  },
  {
    id: 'exact-trace',
    group: 'solving',
    title: 'Exact traces in the run',
    unit: 'share',
    when: 'only with reward.trace',
    sources: ofRole('solve', 'exact_trace'),
  },
  {
    id: 'none-ratio',
    group: 'solving',
    title: 'Python did not survive',
    unit: 'share',
    when: withRewards,
    sources: ofRole('solve', 'none_ratio'),
  },
];

// ---- Learning --------------------------------------------------------------------------------------------------------

const learning: readonly ChartSpec[] = [
  {
    id: 'hindsight-loss',
    group: 'learning',
    title: 'Loss of what was taught',
    unit: 'nats',
    when: inHindsight,
    sources: [metric('hindsight/loss', 'loss')],
  },
  {
    id: 'loss',
    group: 'learning',
    title: 'Policy loss',
    unit: '',
    when: withRewards,
    sources: [metric('actor/pg_loss', 'loss')],
  },
  {
    id: 'entropy',
    group: 'learning',
    title: 'Entropy',
    unit: 'nats',
    when: withRewards,
    sources: [metric('actor/entropy', 'entropy')],
  },
  {
    id: 'ppo-kl',
    group: 'learning',
    title: 'KL from the samplers',
    unit: 'nats',
    when: withRewards,
    sources: [metric('actor/ppo_kl', 'KL')],
  },
  {
    id: 'kl-loss',
    group: 'learning',
    title: 'KL from the first weights',
    unit: 'nats',
    when: 'only with loss.kl',
    sources: [metric('actor/kl_loss', 'KL')],
  },
  {
    id: 'grad-norm',
    group: 'learning',
    title: 'Gradient norm',
    unit: '',
    sources: [metric('actor/grad_norm', 'norm')],
  },
  {
    id: 'clip-fraction',
    group: 'learning',
    title: 'Clipped tokens',
    unit: 'share',
    when: withRewards,
    sources: [metric('actor/pg_clipfrac', 'tokens')],
  },
  {
    id: 'learning-rate',
    group: 'learning',
    title: 'Learning rate',
    unit: '',
    exact: true,
    sources: [metric('actor/lr', 'rate')],
  },
  {
    id: 'updates',
    group: 'learning',
    title: 'Updates of the weights',
    unit: 'updates',
    exact: true,
    sources: [metric('actor/updates', 'made'), metric('actor/skipped_updates', 'skipped')],
  },
  {
    id: 'learned-tokens',
    group: 'learning',
    title: 'Tokens learned from',
    unit: 'tokens',
    help: 'Of completions that the policy loss was taken of, and of what was taught, in all passes.',
    sources: [metric('actor/tokens', 'by rewards'), metric('hindsight/tokens', 'taught')],
  },
  {
    id: 'lessons',
    group: 'learning',
    title: 'Texts that were taught',
    unit: 'texts',
    when: inHindsight,
    sources: [metric('hindsight/sequences', 'taught'), metric('hindsight/too_long', 'too long')],
  },
];

// ---- Proposals -------------------------------------------------------------------------------------------------------

/** Refusals by what they mean; the reasons one by one are in the CSV. */
const refusalKinds: Record<string, readonly (Refusal | 'unread')[]> = {
  'does not run': ['invalid', 'unread', 'malformed', 'too-long'],
  'there already': ['duplicate', 'same-behaviour', 'alike'],
  'too easy': ['too-easy'],
  'too hard': ['too-hard'],
  'held out': ['held-out'],
  pointless: ['constant', 'dead', 'leak', 'too-large', 'not-composite'],
};

const proposals: readonly ChartSpec[] = [
  {
    id: 'gate',
    group: 'proposals',
    title: 'What the gate lets through',
    unit: 'share',
    help: 'Proposals that run, that do something new, that were accepted as tasks; and proposed programs that differ from each other.',
    sources: [
      metric('gate/pass_rate', 'accepted'),
      metric('gate/valid_rate', 'run'),
      metric('gate/novelty', 'new'),
      metric('gate/distinct', 'distinct'),
    ],
  },
  {
    id: 'refused',
    group: 'proposals',
    title: 'Why proposals are refused',
    unit: 'share',
    help: 'Shares of all proposals. Pointless: constant, dead code, a leak, too large a value, or not the functions that were given.',
    sources: Object.entries(refusalKinds).map(([label, refusals]) => ({
      kind: 'derived',
      from: refusals.map((refusal) => `gate/refused/${refusal}`),
      label,
      value: sum,
    })),
  },
  {
    id: 'accepted',
    group: 'proposals',
    title: 'Tasks accepted',
    unit: 'tasks',
    sources: ofRole('propose', 'num_valid_programs'),
  },
  {
    id: 'answer-diversity',
    group: 'proposals',
    title: 'Diversity of answers',
    unit: '0 to 1',
    sources: ofRole('propose', 'answer_diversity'),
  },
  {
    id: 'induction-diversity',
    group: 'proposals',
    title: 'Diversity of induction pairs',
    unit: '0 to 1',
    help: 'How rare the inputs and outputs of induction tasks are in the buffer.',
    sources: [
      metric(`${roleName('induction', 'propose')}/input_answer_diversity`, 'inputs'),
      metric(`${roleName('induction', 'propose')}/output_answer_diversity`, 'outputs'),
    ],
  },
  {
    id: 'edit-distance',
    group: 'proposals',
    title: 'Distance from the references',
    unit: '0 to 1',
    sources: ofRole('propose', 'mean_edit_distance'),
  },
  {
    id: 'complexity',
    group: 'proposals',
    title: 'Cognitive complexity',
    unit: '',
    sources: ofRole('propose', 'complexity'),
  },
  {
    id: 'halstead',
    group: 'proposals',
    title: 'Halstead complexity',
    unit: '0 to 1',
    sources: ofRole('propose', 'halstead'),
  },
  {
    id: 'lines',
    group: 'proposals',
    title: 'Lines of a program',
    unit: 'lines',
    sources: ofRole('propose', 'avg_program_lines'),
  },
  {
    id: 'complexity-gap',
    group: 'proposals',
    title: 'Complexity gap',
    unit: '',
    when: 'with the first right answers to induction tasks',
    marks: [{ at: 0, label: 'equal' }],
    sources: [metric('complexity_gap', 'gap')],
  },
  {
    id: 'flags',
    group: 'proposals',
    title: 'Safety rules matched',
    unit: 'completions',
    sources: [metric('flags', 'flagged')],
  },
];

// ---- Buffers and values ----------------------------------------------------------------------------------------------

const bothSides = (rest: string) => [
  metric(`types/input_types/${rest}`, 'inputs'),
  metric(`types/output_types/${rest}`, 'outputs'),
];
const byType = (side: string): Source[] => [
  {
    kind: 'matching',
    pattern: new RegExp(`^types/${side}/([A-Za-z]+)/unique_count$`),
    label: (type) => type,
  },
];

const buffers: readonly ChartSpec[] = [
  {
    id: 'buffer-size',
    group: 'buffers',
    title: 'Tasks in the buffers',
    unit: 'tasks',
    exact: true,
    sources: byMode((mode) => `buffers/${mode}/size`),
  },
  {
    id: 'effort',
    group: 'buffers',
    title: 'Work in an accepted task',
    unit: 'passes',
    sources: byMode((mode) => `buffers/${mode}/effort`),
  },
  {
    id: 'mastered',
    group: 'buffers',
    title: 'Tasks that left: mastered',
    unit: 'tasks',
    sources: byMode((mode) => `buffers/${mode}/mastered`),
  },
  {
    id: 'full',
    group: 'buffers',
    title: 'Tasks that left: buffer full',
    unit: 'tasks',
    sources: byMode((mode) => `buffers/${mode}/full`),
  },
  {
    id: 'types',
    group: 'buffers',
    title: 'Python types',
    unit: 'types',
    exact: true,
    sources: bothSides('distinct_types'),
  },
  {
    id: 'unique-values',
    group: 'buffers',
    title: 'Values that differ',
    unit: 'values',
    exact: true,
    sources: bothSides('total_unique_values'),
  },
  {
    id: 'instances',
    group: 'buffers',
    title: 'Values in all',
    unit: 'values',
    exact: true,
    sources: bothSides('total_instances'),
  },
  {
    id: 'input-types',
    group: 'buffers',
    title: 'Inputs that differ, by type',
    unit: 'values',
    exact: true,
    help: 'Inputs of this type that differ, counted in the buffer of each mode and added up.',
    sources: byType('input_types'),
  },
  {
    id: 'output-types',
    group: 'buffers',
    title: 'Outputs that differ, by type',
    unit: 'values',
    exact: true,
    help: 'Outputs of this type that differ, counted in the buffer of each mode and added up.',
    sources: byType('output_types'),
  },
];

// ---- Texts -----------------------------------------------------------------------------------------------------------

/** The same of both roles; solvers are seen over what was trained on, so that runs without rewards have nothing of them. */
const ofBoth = (
  id: string,
  titles: Record<Role, string>,
  unit: string,
  rest: string,
  more: Partial<ChartSpec> = {},
): ChartSpec[] => [
  {
    id: `${id}-solve`,
    group: 'texts',
    title: titles.solve,
    unit,
    when: withRewards,
    sources: ofRole('solve', rest),
    ...more,
  },
  {
    id: `${id}-propose`,
    group: 'texts',
    title: titles.propose,
    unit,
    sources: ofRole('propose', rest),
    ...more,
  },
];

const texts: readonly ChartSpec[] = [
  ...ofBoth(
    'length',
    { solve: 'Length of answers', propose: 'Length of proposals' },
    'tokens',
    'response_length/mean',
    { help: 'Mean length of the completions.' },
  ),
  ...ofBoth(
    'format',
    { solve: 'Answers in the format', propose: 'Proposals in the format' },
    'share',
    'format_score',
  ),
  ...ofBoth(
    'cut-off',
    { solve: 'Answers that were cut off', propose: 'Proposals that were cut off' },
    'share',
    'response_length/clip_ratio',
  ),
  ...ofBoth(
    'right-length',
    { solve: 'Length of right answers', propose: 'Length of accepted proposals' },
    'tokens',
    'correct_response_length/mean',
  ),
  ...ofBoth(
    'wrong-length',
    { solve: 'Length of wrong answers', propose: 'Length of refused proposals' },
    'tokens',
    'incorrect_response_length/mean',
    { help: 'Mean length of the others.' },
  ),
  ...ofBoth(
    'prompt-length',
    { solve: 'Length of questions', propose: "Length of proposers' prompts" },
    'tokens',
    'prompt_length/mean',
    { help: 'Mean length of the prompts.' },
  ),
  ...ofBoth(
    'reflection',
    { solve: 'Answers that reflect', propose: 'Proposals that reflect' },
    'share',
    'response_length/reflect_ratio',
  ),
  ...ofBoth(
    'right-reflection',
    { solve: 'Right, if they reflect', propose: 'Accepted, if they reflect' },
    'share',
    'response_length/correct_reflect_ratio',
    { when: 'with the first completion that reflects' },
  ),
  {
    id: 'completions',
    group: 'texts',
    title: 'Lengths, all together',
    unit: 'tokens',
    help: 'Of the completions that were trained on, of all modes and both roles.',
    when: withRewards,
    sources: [
      metric('completions/mean_length', 'mean'),
      metric('completions/min_length', 'shortest'),
      metric('completions/max_length', 'longest'),
    ],
  },
  {
    id: 'completions-cut-off',
    group: 'texts',
    title: 'Cut off, all together',
    unit: 'share',
    when: withRewards,
    sources: [metric('completions/clipped_ratio', 'cut off')],
  },
];

// ---- Throughput ------------------------------------------------------------------------------------------------------

const throughput: readonly ChartSpec[] = [
  {
    id: 'speed',
    group: 'throughput',
    title: 'Speed',
    unit: 'tokens/s',
    help: 'Tokens of all completions per second of sampling, and tokens that were learned from per second of training.',
    sources: [metric('perf/sample_tokens_per_s', 'writing'), metric('perf/train_tokens_per_s', 'learning')],
  },
  {
    id: 'time',
    group: 'throughput',
    title: 'Where a step spends its time',
    unit: 's',
    help: 'The parts overlap: Python judges the first answers while the model writes the last.',
    sources: [
      metric('timing_s/step', 'step'),
      metric('timing_s/gen', 'writing'),
      metric('timing_s/execute', 'Python'),
      metric('timing_s/update_actor', 'learning'),
      metric('timing_s/testing', 'testing'),
      metric('timing_s/own', 'the loop'),
      metric('timing_s/store', 'storing'),
    ],
  },
  {
    id: 'own-share',
    group: 'throughput',
    title: "The loop's own share",
    unit: 'share',
    sources: [metric('perf/own_share', 'share')],
  },
  {
    id: 'nodes',
    group: 'throughput',
    title: 'Who wrote how much',
    unit: 'share',
    help: 'Completions by node, where several sample. The first is the one that trains.',
    when: severalNodes,
    rare: true,
    sources: [{ kind: 'matching', pattern: /^fleet\/share\/(\d+)$/, label: (node) => `node ${node}` }],
  },
  {
    id: 'nodes-there',
    group: 'throughput',
    title: 'Nodes that are there',
    unit: 'nodes',
    exact: true,
    when: severalNodes,
    rare: true,
    sources: [metric('fleet/nodes', 'nodes')],
  },
  {
    id: 'asked-again',
    group: 'throughput',
    title: 'Asked again of another node',
    unit: 'completions',
    exact: true,
    when: severalNodes,
    rare: true,
    sources: [metric('fleet/asked_again', 'completions')],
  },
  {
    id: 'staleness',
    group: 'throughput',
    title: 'Age of the weights that wrote',
    unit: 'steps',
    when: severalNodes,
    rare: true,
    sources: [metric('fleet/staleness/mean', 'mean'), metric('fleet/staleness/max', 'oldest')],
  },
  {
    id: 'tokens',
    group: 'throughput',
    title: 'Tokens written so far',
    unit: 'tokens',
    exact: true,
    sources: [metric('num_tokens', 'tokens')],
  },
];

export const specs: readonly ChartSpec[] = [
  ...heldOut,
  ...rewards,
  ...solving,
  ...learning,
  ...proposals,
  ...buffers,
  ...texts,
  ...throughput,
];

/** What no chart shows, and why. All of it is in the CSV. */
export const notDrawn: readonly { metrics: RegExp; why: string }[] = [
  { metrics: /\/critic\/returns\//, why: 'the same as rewards' },
  { metrics: /\/critic\/advantages\//, why: 'centred within each step, so that a mean says nothing' },
  { metrics: /^(gen|pred)_code_\w\/.*\/(max|min)$/, why: 'the mean is drawn' },
  { metrics: /^pred_code_\w\/none_count$/, why: 'the share is drawn' },
  { metrics: /^buffers\/\w+\/added$/, why: 'the tasks accepted, once more' },
  { metrics: /^types\/\w+\/[A-Za-z]+\/total_count$/, why: 'how many of them differ says more' },
  {
    metrics: /^(loss|grad_norm|learning_rate|entropy|kl|clip_ratio)$/,
    why: "TRL's name of a metric that is drawn under ours",
  },
];

/** A chart of each metric that this page does not know: a log may come from another version. */
export function otherSpecs(names: readonly string[]): ChartSpec[] {
  return names
    .filter(
      (name) =>
        !specs.some((spec) => drawsMetric(spec, name)) && !notDrawn.some(({ metrics }) => metrics.test(name)),
    )
    .map((name) => ({
      id: `other-${name}`,
      group: 'others',
      title: name,
      unit: helpFor(name)?.unit ?? '',
      sources: [metric(name, name)],
    }));
}

/** What a chart shows, in words. */
export function helpOf({ help, sources }: ChartSpec): string {
  if (help) return help;
  const [first] = sources;
  return first?.kind === 'metric' ? (helpFor(first.name)?.help ?? '') : '';
}
