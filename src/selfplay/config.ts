/**
 * @file Everything about a run that can be chosen: one flat table of keys, from which come the type of a configuration, its
 * defaults, its checks, the help of the command line and the page's form. The defaults are the preset `strict`; the others
 * (presets.ts) are differences from it.
 */

import { ADAPTER_TARGETS } from '../model/adapter';
import { basePrecisions } from '../model/build';
import { modes } from '../store/records';
import { similarity } from './difflib';

// ---- The table -----------------------------------------------------------------------------------------------------

const integer = (value: number, min: number, max: number, help: string, unit = '') => ({
  kind: 'integer' as const,
  default: value,
  min,
  max,
  unit,
  help,
});
const number = (value: number, min: number, max: number, help: string, unit = '') => ({
  ...integer(value, min, max, help, unit),
  kind: 'number' as const,
});
const boolean = (value: boolean, help: string) => ({
  kind: 'boolean' as const,
  default: value,
  unit: '',
  help,
});
const choice = <const C extends readonly string[]>(value: C[number], choices: C, help: string) => ({
  kind: 'choice' as const,
  default: value,
  choices,
  unit: '',
  help,
});
/** `least`: how many must be chosen. */
const choices = <const C extends readonly string[]>(
  value: readonly C[number][],
  choices: C,
  least: number,
  help: string,
) => ({ kind: 'choices' as const, default: value, choices, least, unit: '', help });
const text = (value: string, longest: number, help: string) => ({
  kind: 'text' as const,
  default: value,
  longest,
  unit: '',
  help,
});

const billion = 1_000_000_000;
/** How hard held-out tasks are made. */
const levels = ['1', '2', '3', '4', '5', '6'] as const;
/** What an alert can be about. */
export const watched = ['entropy', 'distinct', 'valid', 'spread', 'held-out'] as const;
export type Watched = (typeof watched)[number];

const table = {
  seed: integer(1, 0, Number.MAX_SAFE_INTEGER, 'Every random choice follows from it.'),
  note: text('', 1000, 'Words of your own, kept with the run.'),
  steps: integer(500, 0, billion, 'How long to train.', 'steps'),
  modes: choices(
    ['deduction', 'abduction', 'induction'],
    modes,
    1,
    'Kinds of tasks that are proposed and solved.',
  ),
  batch: integer(64, 1, 4096, 'Completions of each mode and role that a step trains on.', 'completions'),
  proposer: choice(
    'trained',
    ['trained', 'frozen', 'off'],
    'Trained; only asked for tasks, never trained on them; or not asked at all.',
  ),

  references: integer(6, 0, 64, 'Earlier tasks that are shown to the proposer.', 'tasks'),
  'references.sampling': choice(
    'uniform',
    ['uniform', 'step', 'frontier', 'unmastered', 'effort'],
    'All earlier tasks alike; or more of the later, of those solved at times, of the unmastered, of those that run long.',
  ),
  'references.bare': number(
    0,
    0,
    1,
    'Share of proposals that are shown no earlier task: what comes of those does not descend from the seeds.',
    'share',
  ),
  'induction.inputs': integer(
    10,
    2,
    64,
    'Inputs of an induction task; the solver sees the results of half of them.',
    'inputs',
  ),
  'estimate.samples': integer(8, 1, 256, 'Attempts at a proposal that tell how hard it is.', 'attempts'),
  'estimate.reuse': boolean(true, 'Train the solver on those attempts instead of throwing them away.'),
  'solve.warmup': integer(0, 0, billion, 'Steps at the start in which only the solver works.', 'steps'),
  'solve.when': choice(
    'same-step',
    ['same-step', 'previous-step'],
    'Solve the tasks of this step, or those of the step before it.',
  ),
  'solve.mix': choice(
    'max-new',
    ['max-new', 'half-new', 'uniform', 'step'],
    'New tasks first; half of them new; all tasks alike; or later ones more often.',
  ),
  'solve.window': integer(1, 1, billion, 'How long a task counts as new.', 'steps'),
  'prompts.every': integer(
    1,
    1,
    10_000,
    'Steps that prompts drawn at once last for; more than 1 draws them in advance.',
    'steps',
  ),
  'prompts.hide-input': boolean(
    false,
    'Ask proposers not to write the input into the program or its comments.',
  ),
  'prompts.template': choice(
    'auto',
    ['auto', 'chat', 'plain'],
    "Around a task: the model's chat template if its files stand by it (auto), that template in any case, or plain text.",
  ),

  'gate.filter': choice(
    'non-extremes',
    ['all', 'non-one', 'non-extremes'],
    'Tasks that enter the buffers: all; not those that every attempt solved; nor those that none did.',
  ),
  'gate.novelty': choice(
    'behaviour',
    ['none', 'ast', 'behaviour'],
    'Keep out programs that are there already; or also those that only behave like one that is.',
  ),
  'gate.held-out': boolean(
    true,
    'Keep out programs that are those of held-out tasks, or do the same: those that ship with Zeroloop, and those of --heldout.',
  ),
  'gate.format': boolean(true, 'Keep out valid tasks whose proposal broke the format.'),
  'gate.leak': boolean(true, 'Keep out induction tasks whose message holds the program.'),
  'gate.constant': boolean(true, 'Keep out programs whose output does not depend on their input.'),
  'gate.dead': boolean(false, 'Keep out programs that do the same without one of their statements.'),
  'gate.small': boolean(
    false,
    'Keep out tasks with values that the base model never met: numbers above 99, more than 7 items or 12 letters.',
  ),
  'gate.alike': integer(
    0,
    0,
    billion,
    'Tasks of a mode, at most, whose programs differ in constants only; 0: any number.',
    'tasks',
  ),
  'gate.distinct': boolean(true, 'Keep out induction tasks with an input twice, or only one output.'),

  'buffers.capacity': integer(16_384, 1, 10_000_000, 'Most tasks of one mode that are kept.', 'tasks'),
  'buffers.overflow': choice(
    'oldest',
    ['oldest', 'newest'],
    'Which task leaves a full buffer; the original loses the newest.',
  ),
  'buffers.retire': number(
    1,
    0,
    1,
    'Solve rate from which a task counts as mastered and leaves; 0: none does.',
  ),
  'buffers.retire.estimates': integer(2, 1, 1000, 'Estimates in a row that must be that high.', 'estimates'),
  'seeding.factor': number(4, 0, 1000, 'Seeds of each mode to make before the first step.', 'batches'),
  'seeding.clean': boolean(true, 'Strip seeds of comments and of statements outside of definitions.'),

  'reward.proposer': choice(
    'minimum',
    ['one-minus', 'inverse', 'variance', 'minimum'],
    'What a task is worth at solve rate p: 1-p; 1-p also where p is 0; p(1-p); or the smaller of p and 1-p.',
  ),
  'reward.proposer.extreme': number(
    0,
    -10,
    10,
    'Worth of a task that no attempt or every attempt solves; the original: -0.5, its paper: 0.',
  ),
  'reward.invalid': number(-1, -10, 10, 'Worth of a proposal that is no task.'),
  'reward.refused': number(
    -0.5,
    -10,
    10,
    'Worth of a task that is a repetition, held out, tells its solution, is constant, dead in part, or too large.',
  ),
  'reward.solver.right': number(1, -10, 10, 'Worth of a right answer.'),
  'reward.solver.wrong': number(-0.5, -10, 10, 'Worth of a wrong answer.'),
  'reward.trace': choice(
    'off',
    ['off', 'exact', 'share'],
    'What of its worth a right answer keeps: all; all, if its thought is the true trace; or the true share of it.',
  ),
  'reward.solver.malformed': number(-1, -10, 10, 'Worth of an answer that broke the format.'),
  'reward.induction': choice(
    'binary',
    ['binary', 'accuracy', 'if-one-correct'],
    'A program is right if it gets all hidden pairs; in part, for the share it gets; or if it gets one.',
  ),
  'reward.format': boolean(true, 'Mind the format: off, a broken one costs nothing.'),
  'reward.repetition': number(
    0.5,
    0,
    10,
    'Times the share of the batch that resembles a proposal: taken from its reward.',
  ),
  'reward.repetition.threshold': number(
    0.5,
    0.01,
    1,
    'Likeness from which programs count as resembling, on average.',
  ),

  'intrinsic.complexity': number(0, -10, 10, 'Coefficient of cognitive complexity; 0: off.'),
  'intrinsic.complexity.max': number(0.5, 0, 10, 'Most that this term can give.'),
  'intrinsic.halstead': number(0, -10, 10, "Coefficient of Halstead's effort and volume; 0: off."),
  'intrinsic.halstead.max': number(0.5, 0, 10, 'Most that this term can give.'),
  'intrinsic.edit-distance': number(0, -10, 10, 'Coefficient of the distance from the references; 0: off.'),
  'intrinsic.edit-distance.max': number(0.5, 0, 10, 'Most that this term can give.'),
  'intrinsic.answer-diversity': number(0, -10, 10, 'Coefficient of how rare the answer is; 0: off.'),
  'intrinsic.answer-diversity.max': number(0.5, 0, 10, 'Most that this term can give.'),
  'intrinsic.input-diversity': number(
    0,
    -10,
    10,
    "Coefficient of how rare an induction task's inputs are; 0: off.",
  ),
  'intrinsic.input-diversity.max': number(0.5, 0, 10, 'Most that this term can give.'),
  'intrinsic.output-diversity': number(
    0,
    -10,
    10,
    "Coefficient of how rare an induction task's outputs are; 0: off.",
  ),
  'intrinsic.output-diversity.max': number(0.5, 0, 10, 'Most that this term can give.'),
  'intrinsic.hierarchical': boolean(
    false,
    'Rare means: of a rare type, and rare within its type; else rare among all values.',
  ),
  'intrinsic.combine': choice(
    'sum',
    ['sum', 'multiply', 'sum-multiply', 'multiply-sum'],
    'Base + sum of the terms, base x product, base + product, or base x sum.',
  ),
  'intrinsic.without-composite': boolean(
    true,
    'Measure programs without the composite functions that stand before them.',
  ),

  'advantage.baseline': choice(
    'task-relative',
    ['task-relative', 'group', 'rloo', 'none'],
    'Compare with the same mode and role; with attempts at the same task; with the other attempts; or not.',
  ),
  'advantage.level': choice(
    'sequence',
    ['sequence', 'token'],
    'A completion counts once in mean and deviation, or once for each of its tokens as in the original.',
  ),
  'advantage.floor': number(0.1, 0, 10, 'What the deviation does not fall below, so that noise stays small.'),
  'advantage.negative': number(
    1,
    0,
    1,
    'What negative advantages are multiplied by; tiny models were stable with 0.25.',
  ),

  'loss.clip.low': number(0.2, 0, 1, 'How far below 1 the probability ratio may fall.'),
  'loss.clip.high': number(0.2, 0, 10, 'How far above 1 the probability ratio may rise.'),
  'loss.clip.dual': number(
    0,
    0,
    1000,
    'What a ratio counts at most where the advantage is negative, 3 for instance; 0: no limit.',
  ),
  'loss.entropy': number(0.001, 0, 10, 'Coefficient of the entropy bonus.'),
  'loss.kl': number(0, 0, 10, 'Coefficient of the distance from the first weights; 0 needs no second model.'),
  'loss.kl.roles': choice(
    'both',
    ['both', 'proposer'],
    "Whose tokens that distance is taken of: everybody's, or the proposer's alone.",
  ),
  'loss.aggregation': choice(
    'token-mean',
    ['token-mean', 'sequence-mean', 'sum'],
    'Every token counts alike, every completion does, or nothing is divided.',
  ),
  'loss.epochs': integer(1, 1, 100, 'Passes over the data of a step.', 'passes'),
  'loss.minibatches': integer(1, 1, 4096, 'Updates of the weights in one pass.', 'updates'),
  'hindsight.tasks': integer(
    0,
    0,
    100_000,
    'Tasks of each mode whose true answers, with traces as thoughts, a step is also taught; 0: off.',
    'tasks',
  ),
  'hindsight.new': number(
    0.5,
    0,
    1,
    'Share of what is taught, at most, that is of this step; the rest is replay.',
  ),
  'hindsight.sampling': choice(
    'uniform',
    ['uniform', 'effort', 'frontier'],
    'Which tasks and pairs are taught: all alike, more of those that run long, or of those as hard as what is solved at times.',
  ),
  'hindsight.borrowed': number(
    0,
    0,
    1,
    "Share of those answers that are about a call of their own: the task's program on the input of another task.",
    'share',
  ),
  'hindsight.proposals': integer(
    0,
    0,
    100_000,
    'Proposals of each mode that became tasks, and that a step is also taught; 0: off.',
    'proposals',
  ),
  'hindsight.weight': number(
    1,
    0.001,
    1000,
    'What the loss of all that is taught counts beside the policy loss.',
  ),
  'hindsight.policy': boolean(
    true,
    'Also train on rewards; off, all is learned from what is taught, and attempts only tell how hard tasks are.',
  ),
  'optimizer.rate': number(1e-6, 0, 1, 'Learning rate.'),
  'optimizer.schedule': choice(
    'constant',
    ['constant', 'linear', 'cosine'],
    'How the rate falls over the run.',
  ),
  'optimizer.warmup': integer(0, 0, billion, 'Steps in which the rate rises to its full height.', 'steps'),
  'optimizer.beta1': number(0.9, 0, 0.999999, 'Memory of the gradients.'),
  'optimizer.beta2': number(0.999, 0, 0.999999, 'Memory of their squares.'),
  'optimizer.epsilon': number(1e-8, 1e-16, 1, 'Keeps the update finite where gradients vanish.'),
  'optimizer.decay': number(0.01, 0, 10, 'Weight decay, apart from the gradients and on matrices only.'),
  'optimizer.clip': number(1, 0, 1e9, 'Norm above which gradients are scaled down; 0: never.'),

  'model.train': choice(
    'all',
    ['all', 'adapter'],
    'Train all weights, or a low-rank adapter (LoRA) beside frozen ones, in a fraction of the memory.',
  ),
  'model.base': choice(
    'float32',
    basePrecisions,
    'How exactly the weights below an adapter are held: float16 takes half of the memory, 8 and 4 bits a quarter and an eighth.',
  ),
  'model.mean': number(
    0,
    0,
    0.99,
    'Share of the first weights in those that a run ends with, so that what was sure at first stays; 0 for none.',
  ),
  'adapter.rank': integer(16, 1, 1024, 'Rank of the adapter: how much it can change.'),
  'adapter.alpha': number(32, 0.001, 100_000, 'Its part counts alpha / rank.'),
  'adapter.targets': choices(
    ADAPTER_TARGETS,
    ADAPTER_TARGETS,
    1,
    'The matrices of each layer that it adapts.',
  ),

  'sampling.temperature.proposer': number(1, 0, 10, 'Temperature of proposals; 0 is greedy.'),
  'sampling.temperature.solver': number(1, 0, 10, 'Temperature of attempts; 0 is greedy.'),
  'sampling.top-p': number(1, 0.000001, 1, 'Only the likeliest tokens that together have this probability.'),
  'sampling.top-k': integer(0, 0, billion, 'Only so many of the likeliest tokens; 0: all.', 'tokens'),
  'sampling.staleness': integer(
    0,
    0,
    1000,
    'Where several nodes sample: with weights that are at most so many steps old. 0: none begins before it has the newest.',
    'steps',
  ),
  'tokens.prompt': integer(6144, 1, 1_048_576, 'Longest prompt, wrapper included.', 'tokens'),
  'tokens.content': integer(
    5600,
    1,
    1_048_576,
    'Longest prompt without its wrapper; longer ones are drawn again.',
    'tokens',
  ),
  'tokens.response': integer(8096, 1, 1_048_576, 'Longest completion.', 'tokens'),

  dialect: choice(
    'think-answer',
    ['think-answer', 'compact'],
    'Tags and fences for chat models, or the language of small models.',
  ),
  'dialect.wrapper': choice(
    'answer',
    ['answer', 'boxed', 'none'],
    'What marks the answer: <answer> tags, \\boxed{}, or nothing.',
  ),
  'dialect.parsing': choice(
    'strict',
    ['strict', 'paper'],
    'Fences by name in any order, or the rules of the original.',
  ),
  'dialect.code-location': choice(
    'first',
    ['first', 'last'],
    'Which of several programs in an answer counts.',
  ),
  'functions.reject-multiple': boolean(
    false,
    'Refuse programs with more than one def, as the original does.',
  ),
  'functions.rename': choice(
    'any-last',
    ['not-first', 'not-last', 'any-first', 'any-last'],
    'Paper parsing: which function becomes f, the first or the last, always (not-) or only if there is no f (any-).',
  ),
  'inputs.reject-in-code': boolean(false, 'Refuse programs that seem to hold their test input.'),
  'clean.comments': boolean(false, 'Strip proposals of comments and docstrings.'),
  'clean.globals': boolean(false, 'Strip proposals of statements outside of definitions.'),
  'clean.prints': boolean(false, 'Strip proposals of print calls.'),

  'composite.chance': number(0, 0, 1, 'How often a proposer must build on earlier programs.'),
  'composite.from': integer(1, 1, billion, 'The first step in which it may have to.', 'step'),
  'composite.min': integer(1, 1, 16, 'Fewest programs to build on.', 'programs'),
  'composite.max': integer(1, 0, 16, 'Most programs to build on.', 'programs'),
  'composite.grow': boolean(false, 'Raise chance and most programs during the run.'),
  'composite.grow.max.from': integer(101, 1, billion, 'Step from which the most grows.', 'step'),
  'composite.grow.max.every': integer(50, 1, billion, 'Steps after which it is one more.', 'steps'),
  'composite.grow.max.limit': integer(3, 0, 16, 'Where it stops.', 'programs'),
  'composite.grow.chance.from': integer(101, 1, billion, 'Step from which the chance grows.', 'step'),
  'composite.grow.chance.every': integer(50, 1, billion, 'Steps after which it is higher.', 'steps'),
  'composite.grow.chance.by': number(0.01, 0, 1, 'By how much.'),
  'composite.grow.chance.limit': number(0.8, 0, 1, 'Where it stops.'),

  'evaluate.every': integer(10, 0, billion, 'Steps between tests on held-out tasks; 0: never.', 'steps'),
  'evaluate.modes': choices(modes, modes, 1, 'Of the modes that are played, those that are tested.'),
  'evaluate.levels': choices(
    levels,
    levels,
    1,
    'Levels of the held-out tasks that are asked; those that have none are asked in any case.',
  ),
  'evaluate.samples': integer(1, 1, 256, 'Answers to each held-out task.', 'answers'),
  'evaluate.temperature': number(0, 0, 10, 'Temperature of those answers; 0 is greedy.'),
  'checkpoint.every': integer(10, 0, billion, 'Steps between checkpoints; 0: at the end only.', 'steps'),
  'checkpoint.newest': integer(2, 1, 1000, 'Newest checkpoints that are kept.', 'checkpoints'),
  'checkpoint.sparse': integer(
    100,
    0,
    billion,
    'Of the older ones, those after every so many steps are kept; 0: none.',
    'steps',
  ),

  'watch.entropy': number(0.05, 0, 100, 'Alert when the mean entropy falls below; 0: never.', 'nats'),
  'watch.distinct': number(0.5, 0, 1, 'Alert when fewer of the proposed programs are distinct; 0: never.'),
  'watch.valid': number(0.05, 0, 1, 'Alert when fewer proposals pass the gate; 0: never.'),
  'watch.spread': number(0.05, 0, 0.5, 'Alert when the deviation of solve rates falls below; 0: never.'),
  'watch.held-out': number(
    0.1,
    0,
    1,
    'Alert when held-out accuracy falls this far below its best; 0: never.',
  ),
  'watch.patience': integer(3, 1, 10_000, 'Times in a row before it counts.', 'times'),
  'watch.stop': choices(['held-out'], watched, 0, 'Alerts that end a run.'),
};

type Table = typeof table;
export type Key = keyof Table;
type Value<Field> = Field extends { kind: 'choice'; choices: readonly (infer Choice)[] }
  ? Choice
  : Field extends { kind: 'choices'; choices: readonly (infer Choice)[] }
    ? readonly Choice[]
    : Field extends { kind: 'boolean' }
      ? boolean
      : Field extends { kind: 'text' }
        ? string
        : number;
/** Complete and checked. Plain data, and the same object whatever order its keys were given in. */
export type Config = { readonly [K in Key]: Value<Table[K]> };
/** Some of the keys of a configuration: all that a function needs to know. */
export type Settings<K extends Key> = Pick<Config, K>;

export type Field = Table[Key];
const fields: Record<string, Field> = table;
export const keys = Object.keys(table) as Key[];
const known = (key: string): key is Key => Object.hasOwn(table, key);

// ---- Reading -------------------------------------------------------------------------------------------------------

export interface Problem {
  key: string;
  /** A sentence that names the key. */
  message: string;
}

export class ConfigError extends Error {
  override name = 'ConfigError';
  readonly problems: Problem[];
  constructor(problems: Problem[]) {
    super(problems.map(({ message }) => message).join('\n'));
    this.problems = problems;
  }
}

/** What is not given is as in `strict`. */
export function readConfig(given: unknown): Config {
  const { config, problems } = complete(given);
  if (problems.length) throw new ConfigError(problems);
  return config;
}

/** All that is wrong, for forms; nothing if `readConfig` would take it. */
export function checkConfig(given: unknown): Problem[] {
  return complete(given).problems;
}

/** `key=value` as people type it; lists with commas. Later ones win, and all win over `base`. */
export function configFromText(assignments: readonly string[], base: Partial<Config> = {}): Config {
  const given: Record<string, unknown> = { ...base };
  const problems: Problem[] = [];
  for (const assignment of assignments) {
    const at = assignment.indexOf('=');
    const key = (at < 0 ? assignment : assignment.slice(0, at)).trim();
    if (at < 0) {
      problems.push({ key, message: `"${assignment}" sets nothing: write it as key=value, as in batch=32.` });
    } else {
      given[key] = known(key) ? typed(fields[key], assignment.slice(at + 1)) : assignment.slice(at + 1);
    }
  }
  if (problems.length) throw new ConfigError(problems);
  return readConfig(given);
}

/** What is written of one key, as `key=value` has it. */
export const valueFromText = (key: Key, written: string): unknown => typed(fields[key], written);

/** What is not a number or a boolean stays text, and is refused as such later. */
function typed(field: Field, written: string): unknown {
  const value = written.trim();
  switch (field.kind) {
    case 'text':
      return written;
    case 'choice':
      return value;
    case 'choices':
      return value === '' ? [] : value.split(',').map((item) => item.trim());
    case 'boolean':
      return value === 'true' ? true : value === 'false' ? false : value;
    default:
      return /^[+-]?(\d[\d_]*\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value)
        ? Number(value.replaceAll('_', ''))
        : value;
  }
}

function complete(given: unknown): { config: Config; problems: Problem[] } {
  const config: Record<string, unknown> = Object.fromEntries(keys.map((key) => [key, table[key].default]));
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    const message = 'A configuration is an object with keys such as "batch" and values such as 32.';
    return { config: config as Config, problems: [{ key: '', message }] };
  }
  const problems: Problem[] = [];
  for (const [key, value] of Object.entries(given)) {
    if (value === undefined) continue;
    const message = known(key) ? misfit(key, value) : unknown(key);
    if (message) problems.push({ key, message });
    else config[key] = tidy(fields[key], value);
  }
  const whole = Object.freeze(config) as Config;
  // Values that are wrong by themselves would only be blamed again.
  if (!problems.length) problems.push(...disagreements(whole));
  return { config: whole, problems };
}

/** Lists in the order of their choices, so that the order in which people tick boxes makes no difference. */
function tidy(field: Field, value: unknown): unknown {
  if (field.kind !== 'choices') return value === 0 ? 0 : value; // -0 would be another configuration
  return Object.freeze(field.choices.filter((item) => (value as unknown[]).includes(item)));
}

function misfit(key: Key, value: unknown): string | null {
  const field = fields[key];
  if (accepts(field, value)) return null;
  const shown =
    typeof value === 'number' || typeof value === 'bigint' ? String(value) : JSON.stringify(value);
  return `${key} must be ${allowed(field)}, not ${shown}.`;
}

function accepts(field: Field, value: unknown): boolean {
  const among = (list: readonly string[], item: unknown) => typeof item === 'string' && list.includes(item);
  switch (field.kind) {
    case 'integer':
    case 'number':
      return (
        typeof value === 'number' &&
        value >= field.min &&
        value <= field.max &&
        (field.kind === 'number' || Number.isInteger(value))
      );
    case 'boolean':
      return typeof value === 'boolean';
    case 'text':
      return typeof value === 'string' && value.length <= field.longest;
    case 'choice':
      return among(field.choices, value);
    case 'choices':
      return (
        Array.isArray(value) &&
        value.every((item) => among(field.choices, item)) &&
        new Set(value).size === value.length &&
        value.length >= field.least
      );
  }
}

/** What a field takes, in words. */
function allowed(field: Field): string {
  switch (field.kind) {
    case 'integer':
      return `a whole number from ${field.min} to ${field.max}`;
    case 'number':
      return `a number from ${field.min} to ${field.max}`;
    case 'boolean':
      return 'true or false';
    case 'text':
      return `text of at most ${field.longest} characters`;
    case 'choice':
      return `one of ${field.choices.join(', ')}`;
    case 'choices':
      return `a list of ${field.least ? 'at least one' : 'any'} of ${field.choices.join(', ')}, each once`;
  }
}

function unknown(key: string): string {
  const name = key.replace(/^azr\.|^actor_rollout_ref\./, '').replace(/^(\w+_strategy|reward)\./, '');
  const theirs = name.replace(/^generation_reward_config\./, '');
  const ours = Object.hasOwn(originals, theirs) ? originals[theirs] : null;
  if (ours) return `There is no key "${key}": the original's ${key} is called ${ours} here.`;
  const likeness = keys.map((each) => similarity(key.toLowerCase().slice(0, 100), each));
  const nearest = keys[likeness.indexOf(Math.max(...likeness))];
  return `There is no key "${key}": the nearest one is ${nearest}.`;
}

/** What a combination of values, each right by itself, would break. */
function disagreements(config: Config): Problem[] {
  const problems: Problem[] = [];
  const refuse = (when: boolean, key: Key, message: string) => {
    if (when) problems.push({ key, message });
  };
  const played = config['hindsight.policy'] ? (config.proposer === 'trained' ? 2 : 1) : 0;
  const sequences = config.modes.length * (played > 0 ? played * config.batch : config['hindsight.tasks']);
  refuse(
    config['loss.clip.dual'] > 0 && config['loss.clip.dual'] <= 1 + config['loss.clip.high'],
    'loss.clip.dual',
    `loss.clip.dual must be more than 1 + loss.clip.high (${1 + config['loss.clip.high']}), or 0 for none.`,
  );
  refuse(
    config['loss.minibatches'] > sequences,
    'loss.minibatches',
    `loss.minibatches is ${config['loss.minibatches']}, but a step has only ${sequences} sequences to divide: lower it, or raise batch.`,
  );
  refuse(
    !config['hindsight.policy'] && config['hindsight.tasks'] === 0,
    'hindsight.policy',
    'hindsight.policy can be false only where hindsight.tasks is above 0: else nothing is learned.',
  );
  refuse(
    config['hindsight.proposals'] > 0 && config.proposer !== 'trained',
    'hindsight.proposals',
    `hindsight.proposals must be 0 while proposer is ${config.proposer}: a proposer that is not trained is not taught either.`,
  );
  refuse(
    config['tokens.content'] > config['tokens.prompt'],
    'tokens.content',
    `tokens.content is ${config['tokens.content']}, more than tokens.prompt (${config['tokens.prompt']}), which it is a part of.`,
  );
  refuse(
    config['reward.solver.right'] <= config['reward.solver.wrong'],
    'reward.solver.right',
    `reward.solver.right must be more than reward.solver.wrong (${config['reward.solver.wrong']}), or nothing is learned.`,
  );
  refuse(
    config['reward.trace'] !== 'off' && config.dialect !== 'compact',
    'reward.trace',
    `reward.trace must be off with the dialect ${config.dialect}: only in the dialect compact are thoughts traces.`,
  );
  refuse(
    config['prompts.template'] === 'chat' && config.dialect !== 'think-answer',
    'prompts.template',
    `prompts.template cannot be chat with the dialect ${config.dialect}: that one is for models that do not chat.`,
  );
  refuse(
    config['gate.filter'] === 'non-extremes' && config['estimate.samples'] < 2,
    'estimate.samples',
    'estimate.samples must be at least 2 while gate.filter is non-extremes: one attempt always solves all or nothing.',
  );
  refuse(
    config['sampling.temperature.solver'] === 0 && config['estimate.samples'] > 1,
    'sampling.temperature.solver',
    `sampling.temperature.solver must be above 0: at 0 all ${config['estimate.samples']} attempts (estimate.samples) are the same one.`,
  );
  refuse(
    config['evaluate.every'] > 0 && !config.modes.some((mode) => config['evaluate.modes'].includes(mode)),
    'evaluate.modes',
    `evaluate.modes (${config['evaluate.modes'].join(', ')}) has none of the modes that are played (${config.modes.join(', ')}): add one, or set evaluate.every to 0.`,
  );
  refuse(
    config['evaluate.temperature'] === 0 && config['evaluate.samples'] > 1,
    'evaluate.temperature',
    `evaluate.temperature must be above 0: at 0 all ${config['evaluate.samples']} answers (evaluate.samples) are the same one.`,
  );
  refuse(
    config['estimate.reuse'] && config['solve.when'] === 'previous-step',
    'estimate.reuse',
    'estimate.reuse needs solve.when to be same-step: the attempts at a proposal are made in its own step.',
  );
  refuse(
    (config['advantage.baseline'] === 'group' || config['advantage.baseline'] === 'rloo') &&
      !(config['estimate.reuse'] && config['estimate.samples'] > 1),
    'advantage.baseline',
    `advantage.baseline can be ${config['advantage.baseline']} only with estimate.reuse and at least 2 estimate.samples: else each task is attempted once, and there is nothing to compare with.`,
  );
  refuse(
    config['prompts.every'] > 1 && config['solve.when'] === 'same-step',
    'prompts.every',
    'prompts.every can be more than 1 only where solve.when is previous-step: tasks of this step cannot be drawn in advance.',
  );
  const most = config['composite.grow']
    ? Math.max(config['composite.max'], config['composite.grow.max.limit'])
    : config['composite.max'];
  const composes = config['composite.chance'] > 0 || config['composite.grow'];
  refuse(
    composes && config['composite.min'] > most,
    'composite.min',
    `composite.min is ${config['composite.min']}, more than composite.max ever is (${most}).`,
  );
  refuse(
    composes && config.references <= config['composite.max'],
    'composite.max',
    `composite.max is ${config['composite.max']}, but only ${config.references} references are drawn, and one of them must be left to show: lower it, or raise references.`,
  );
  refuse(
    config['model.base'] !== 'float32' && config['model.train'] !== 'adapter',
    'model.base',
    `model.base can be ${config['model.base']} only while model.train is adapter: rounded weights cannot be trained.`,
  );
  refuse(
    config['model.train'] === 'adapter' && config['checkpoint.sparse'] === 0,
    'checkpoint.sparse',
    'checkpoint.sparse must be at least 1 while model.train is adapter: the first checkpoint holds the model below the adapter, and has to stay.',
  );
  refuse(
    config['optimizer.warmup'] > config.steps,
    'optimizer.warmup',
    `optimizer.warmup is ${config['optimizer.warmup']}, longer than the run (steps is ${config.steps}).`,
  );
  return problems;
}

// ---- Telling -------------------------------------------------------------------------------------------------------

export interface Description {
  key: Key;
  /** Keys that belong together: the first part of their names. */
  group: string;
  kind: Field['kind'];
  default: Config[Key];
  /** What it takes, in words. */
  allowed: string;
  choices: readonly string[];
  min: number | null;
  max: number | null;
  unit: string;
  help: string;
}

/** All keys in the table's order, for help pages and forms. */
export function describeConfig(): Description[] {
  return keys.map((key) => {
    const field: Field = table[key];
    return {
      key,
      group: key.split('.')[0],
      kind: field.kind,
      default: field.default,
      allowed: allowed(field),
      choices: 'choices' in field ? field.choices : [],
      min: 'min' in field ? field.min : null,
      max: 'max' in field ? field.max : null,
      unit: field.unit,
      help: field.help,
    };
  });
}

export interface Difference {
  key: Key;
  from: Config[Key];
  to: Config[Key];
}

/** The keys in which two configurations differ, in the table's order. */
export function difference(from: Config, to: Config): Difference[] {
  return keys
    .filter((key) => JSON.stringify(from[key]) !== JSON.stringify(to[key]))
    .map((key) => ({ key, from: from[key], to: to[key] }));
}

// ---- Coming from the original --------------------------------------------------------------------------------------

/** The original's names for what is here, so that its users are told. */
const originals: Record<string, Key> = {
  problem_types: 'modes',
  train_propose: 'proposer',
  pretrain_pred_steps: 'solve.warmup',
  pred_data_mix_strategy: 'solve.mix',
  gen_data_probabilities_strategy: 'references.sampling',
  past_epoch_window: 'solve.window',
  io_n: 'references',
  include_references: 'references',
  update_iteration: 'prompts.every',
  data_len: 'batch',
  train_batch_size: 'batch',
  seed_batch_factor: 'seeding.factor',
  content_max_length: 'tokens.content',
  max_prompt_length: 'tokens.prompt',
  max_response_length: 'tokens.response',
  valid_program_filter: 'gate.filter',
  max_programs: 'buffers.capacity',
  num_inputs: 'induction.inputs',
  n_samples: 'estimate.samples',
  code_f_reward_type: 'reward.induction',
  format_reward: 'reward.format',
  reject_multiple_functions: 'functions.reject-multiple',
  reject_test_input_in_code: 'inputs.reject-in-code',
  f_replace_location: 'functions.rename',
  code_location: 'dialect.code-location',
  extraction_type: 'dialect.wrapper',
  intrinsic_combine_method: 'intrinsic.combine',
  remove_after_return: 'clean.globals',
  remove_comments: 'clean.comments',
  remove_print: 'clean.prints',
  use_original_code_as_ref: 'intrinsic.without-composite',
  generation_accuracy_convertion: 'reward.proposer',
  remove_input_from_snippet: 'prompts.hide-input',
  composite_function_n_min: 'composite.min',
  composite_function_n_max: 'composite.max',
  composite_chance: 'composite.chance',
  composite_start_step: 'composite.from',
  'composite_scheduler.enabled': 'composite.grow',
  'composite_scheduler.update_num_programs_start': 'composite.grow.max.from',
  'composite_scheduler.update_num_programs_interval': 'composite.grow.max.every',
  'composite_scheduler.num_programs_max': 'composite.grow.max.limit',
  'composite_scheduler.update_probability_start': 'composite.grow.chance.from',
  'composite_scheduler.update_probability_interval': 'composite.grow.chance.every',
  'composite_scheduler.update_probability_increment': 'composite.grow.chance.by',
  'composite_scheduler.update_probability_max': 'composite.grow.chance.limit',
  'complexity_reward.coef': 'intrinsic.complexity',
  'complexity_reward.max': 'intrinsic.complexity.max',
  'halstead_reward.coef': 'intrinsic.halstead',
  'halstead_reward.max': 'intrinsic.halstead.max',
  'mean_edit_distance_reward.coef': 'intrinsic.edit-distance',
  'mean_edit_distance_reward.max': 'intrinsic.edit-distance.max',
  'answer_diversity_reward.coef': 'intrinsic.answer-diversity',
  'answer_diversity_reward.max': 'intrinsic.answer-diversity.max',
  'answer_diversity_reward.hierarchical': 'intrinsic.hierarchical',
  'f_input_answer_diversity_reward.coef': 'intrinsic.input-diversity',
  'f_input_answer_diversity_reward.max': 'intrinsic.input-diversity.max',
  'f_output_answer_diversity_reward.coef': 'intrinsic.output-diversity',
  'f_output_answer_diversity_reward.max': 'intrinsic.output-diversity.max',
};
