/**
 * @file Configurations by name. `strict` is the table's defaults: the original with its defects repaired. `paper` is the
 * original as it ran, defects and all. Most others are one change to one of the two, to see what that change does; the four at the
 * top are for the small model that ships with the page, and only `pure` of them learns from rewards alone; `chat` is for other models.
 */

import { type Config, readConfig } from './config';

export interface Preset {
  base: 'strict' | 'paper';
  help: string;
  /** What differs from the base. */
  changes: Partial<Config>;
}

const paper: Partial<Config> = {
  'estimate.reuse': false,
  'solve.when': 'previous-step',
  'gate.filter': 'all',
  'gate.novelty': 'none',
  'gate.format': false,
  'gate.leak': false,
  'gate.constant': false,
  'gate.distinct': false,
  'buffers.overflow': 'newest',
  'buffers.retire': 0,
  'reward.proposer': 'one-minus',
  'reward.proposer.extreme': -0.5,
  'reward.repetition': 0,
  'advantage.level': 'token',
  'advantage.floor': 1e-4,
  'dialect.parsing': 'paper',
  'prompts.template': 'plain',
  'functions.reject-multiple': true,
  'functions.rename': 'not-first',
  'composite.max': 0,
  'checkpoint.newest': 1,
  'checkpoint.sparse': 0,
  'watch.entropy': 0,
  'watch.distinct': 0,
  'watch.valid': 0,
  'watch.spread': 0,
  'watch.held-out': 0,
  'watch.stop': [],
};

/** For the base model: a vocabulary of pieces, short texts, rewards that do not teach it to write nothing but `return x`. */
const small: Partial<Config> = {
  dialect: 'compact',
  'induction.inputs': 8,
  'tokens.prompt': 512,
  'tokens.content': 512,
  'tokens.response': 320,
  batch: 8,
  references: 2,
  'references.sampling': 'frontier',
  'references.bare': 0.5,
  'estimate.samples': 4,
  'gate.filter': 'non-one',
  'gate.small': true,
  'gate.dead': true,
  'gate.alike': 3,
  'buffers.retire': 0,
  'reward.invalid': -0.1,
  'reward.refused': -0.1,
  'reward.solver.wrong': 0,
  'reward.solver.malformed': -0.1,
  'reward.trace': 'exact',
  'advantage.negative': 0.25,
  'optimizer.rate': 2e-4,
  'optimizer.schedule': 'linear',
  'optimizer.warmup': 10,
  'optimizer.beta2': 0.98,
};

/** Instead of rewards: the true traces of the run's own tasks, those that nobody solves included. */
const hindsight: Partial<Config> = {
  'hindsight.tasks': 24,
  'hindsight.proposals': 4,
  'hindsight.borrowed': 0.5,
  'hindsight.sampling': 'frontier',
  'hindsight.policy': false,
  'model.mean': 0.25,
  'loss.minibatches': 3,
  'estimate.samples': 1,
  'references.sampling': 'effort',
  'gate.filter': 'all',
};

const list = {
  taste: {
    base: 'strict',
    help: 'The base model, for ten minutes. Hindsight: it learns the true traces of its own tasks.',
    changes: {
      ...small,
      ...hindsight,
      steps: 120,
      'optimizer.rate': 5e-4,
      // What ten minutes can change, and many tasks of it, so that the curve shows it.
      'evaluate.modes': ['deduction'],
      'evaluate.levels': ['4'],
      'evaluate.every': 20,
    },
  },
  laptop: {
    base: 'strict',
    help: 'The base model, for an hour or less. Hindsight: it learns the true traces of its own tasks.',
    changes: { ...small, ...hindsight },
  },
  patient: {
    base: 'strict',
    help: 'The base model, for a night. Hindsight: it learns the true traces of its own tasks.',
    changes: { ...small, ...hindsight, steps: 5000, 'evaluate.every': 50 },
  },
  pure: {
    base: 'strict',
    help: 'The base model, learning from rewards alone: as laptop, without hindsight.',
    changes: small,
  },

  chat: {
    base: 'strict',
    help: 'A chat model from the Hub, on one machine: an adapter beside it, few completions, shorter ones.',
    changes: {
      'model.train': 'adapter',
      steps: 200,
      batch: 8,
      references: 3,
      'induction.inputs': 6,
      'estimate.samples': 4,
      'seeding.factor': 1,
      'tokens.prompt': 2048,
      'tokens.content': 1600,
      'tokens.response': 1024,
      'optimizer.rate': 2e-5,
      'optimizer.schedule': 'linear',
      'optimizer.warmup': 5,
    },
  },

  strict: { base: 'strict', help: 'The original with its defects repaired: start here.', changes: {} },
  paper: { base: 'paper', help: 'The original as it ran, defects and all.', changes: {} },

  'paper-text': {
    base: 'paper',
    help: 'What the paper says where its code does otherwise: extremes worth 0, same-step tasks, plain statistics.',
    changes: {
      'reward.proposer.extreme': 0,
      'solve.when': 'same-step',
      'advantage.level': 'sequence',
      'advantage.floor': 1e-4,
    },
  },
  'paper-llama': {
    base: 'paper',
    help: "The original's settings for Llama: fewer seeds, several functions allowed.",
    changes: { 'seeding.factor': 1, 'functions.reject-multiple': false, 'functions.rename': 'any-last' },
  },

  'deduction-only': {
    base: 'paper',
    help: 'Only tasks that ask for an output.',
    changes: { modes: ['deduction'] },
  },
  'no-induction': {
    base: 'paper',
    help: 'No tasks that ask for a program.',
    changes: { modes: ['deduction', 'abduction'] },
  },
  'no-references': {
    base: 'paper',
    help: 'Proposers see no earlier tasks.',
    changes: { references: 0 },
  },
  'frozen-proposer': {
    base: 'paper',
    help: 'Proposals are asked for, but only answers are trained on: the paper\'s "train solver only".',
    changes: { proposer: 'frozen' },
  },
  'solver-only': {
    base: 'paper',
    help: 'No proposals at all: the solver trains on the seeds.',
    changes: { proposer: 'off', 'solve.mix': 'uniform' },
  },
  'error-deduction': {
    base: 'paper',
    help: 'Also tasks that ask which exception is raised.',
    changes: { modes: ['deduction', 'abduction', 'induction', 'error'] },
  },
  composite: {
    base: 'paper',
    help: 'Proposers must often build on earlier programs, more and more.',
    changes: { 'composite.chance': 0.5, 'composite.max': 1, 'composite.grow': true },
  },
  'recent-references': {
    base: 'paper',
    help: 'References are drawn from later tasks more often, which collapsed in the paper.',
    changes: { 'references.sampling': 'step' },
  },
  'clean-comments': {
    base: 'paper',
    help: 'Proposals lose their comments, which did harm in the paper.',
    changes: { 'clean.comments': true },
  },
  'clean-globals': {
    base: 'paper',
    help: 'Proposals lose statements outside of definitions.',
    changes: { 'clean.globals': true },
  },
  'diversity-rewards': {
    base: 'paper',
    help: 'Complex, different and rare tasks are worth more.',
    changes: {
      'intrinsic.complexity': 0.5,
      'intrinsic.halstead': 0.5,
      'intrinsic.edit-distance': 0.5,
      'intrinsic.answer-diversity': 0.5,
      'intrinsic.input-diversity': 0.5,
      'intrinsic.output-diversity': 0.5,
    },
  },

  'no-gate': {
    base: 'strict',
    help: 'Every valid task enters the buffers.',
    changes: {
      'gate.filter': 'all',
      'gate.novelty': 'none',
      'gate.format': false,
      'gate.leak': false,
      'gate.constant': false,
      'gate.distinct': false,
    },
  },
  'hard-tasks': {
    base: 'strict',
    help: 'The harder a task the better, as in the original, instead of best where half of the attempts succeed.',
    changes: { 'reward.proposer': 'one-minus' },
  },
  'no-repetition': {
    base: 'strict',
    help: 'Proposals may resemble each other.',
    changes: { 'reward.repetition': 0 },
  },
  'token-level': {
    base: 'strict',
    help: "Advantages as the original's code has them: long completions decide.",
    changes: { 'advantage.level': 'token', 'advantage.floor': 1e-4 },
  },
  grpo: {
    base: 'strict',
    help: 'An attempt is compared with the other attempts at its task.',
    changes: { 'advantage.baseline': 'group' },
  },
} satisfies Record<string, Preset>;

export type PresetName = keyof typeof list;
export const presetNames = Object.keys(list) as PresetName[];
export const presets: Readonly<Record<PresetName, Preset>> = list;
export const isPreset = (name: string): name is PresetName => Object.hasOwn(list, name);

/** What a preset sets: hand it to `configFromText` or spread it under changes of your own. */
export function presetSettings(name: PresetName): Partial<Config> {
  const { base, changes } = presets[name];
  return base === 'paper' ? { ...paper, ...changes } : { ...changes };
}

export function presetConfig(name: PresetName, changes: Partial<Config> = {}): Config {
  return readConfig({ ...presetSettings(name), ...changes });
}
