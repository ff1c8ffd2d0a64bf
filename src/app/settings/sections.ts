/** @file The options in the order in which a step goes through them, under titles of their own. */

import { type Description, describeConfig, type Key } from '../../selfplay/config';

export interface Section {
  id: string;
  title: string;
  /** One sentence. */
  help: string;
  options: Description[];
}

/** Groups of keys, as config.ts names them: the first part of a key. */
const titles: readonly (Omit<Section, 'options'> & { groups: readonly string[] })[] = [
  {
    id: 'games',
    title: 'Games',
    help: 'What is played, how much of it in a step, and whether the proposer learns.',
    groups: ['modes', 'batch', 'proposer', 'note'],
  },
  {
    id: 'proposing',
    title: 'Proposing',
    help: 'What a proposer is shown and asked for.',
    groups: ['references', 'induction', 'prompts', 'composite'],
  },
  {
    id: 'solving',
    title: 'Solving',
    help: 'Which tasks are attempted, and how often.',
    groups: ['estimate', 'solve'],
  },
  {
    id: 'gate',
    title: 'The gate',
    help: 'Which of the valid proposals become tasks.',
    groups: ['gate'],
  },
  {
    id: 'buffers',
    title: 'Buffers and seeds',
    help: 'How many tasks are kept, and what there is before the first step.',
    groups: ['buffers', 'seeding'],
  },
  {
    id: 'rewards',
    title: 'Rewards',
    help: 'What proposals and answers are worth.',
    groups: ['reward'],
  },
  {
    id: 'intrinsic',
    title: 'Intrinsic rewards',
    help: 'What a task is worth for being complex, different or rare.',
    groups: ['intrinsic'],
  },
  {
    id: 'loss',
    title: 'Advantages and loss',
    help: 'What a reward is compared with, and how it becomes a gradient.',
    groups: ['advantage', 'loss'],
  },
  {
    id: 'hindsight',
    title: 'Hindsight',
    help: 'What a step is taught of its own tasks besides rewards: true answers, and proposals that became tasks.',
    groups: ['hindsight'],
  },
  {
    id: 'model',
    title: 'What is trained',
    help: 'All of the model, or an adapter beside it.',
    groups: ['model', 'adapter'],
  },
  {
    id: 'optimizer',
    title: 'Optimizer',
    help: 'AdamW: how far an update goes.',
    groups: ['optimizer'],
  },
  {
    id: 'sampling',
    title: 'Sampling and lengths',
    help: 'How tokens are drawn, and how many at most.',
    groups: ['sampling', 'tokens'],
  },
  {
    id: 'language',
    title: 'Language',
    help: 'How tasks and answers are written, and what of programs is refused or stripped.',
    groups: ['dialect', 'functions', 'inputs', 'clean'],
  },
  {
    id: 'keeping',
    title: 'Tests and checkpoints',
    help: 'When the model is tested on held-out tasks, and when its weights are kept.',
    groups: ['evaluate', 'checkpoint'],
  },
  {
    id: 'watch',
    title: 'Watch',
    help: 'When the run says that something goes wrong, and when it ends for it.',
    groups: ['watch'],
  },
];

const all = describeConfig();

export const sections: readonly Section[] = titles.map(({ groups, ...rest }) => ({
  ...rest,
  options: groups.flatMap((each) => all.filter(({ group }) => group === each)),
}));

/** Those that everybody decides, above the sections. */
export const first: readonly Description[] = all.filter(({ group }) => group === 'seed' || group === 'steps');

const byKey = new Map(all.map((each) => [each.key, each]));
export const describe = (key: Key): Description => byKey.get(key) as Description;

/** Does it speak of all these words? Of its key, its help, its choices or the section it is in. */
export function speaksOf(option: Description, section: Section, words: readonly string[]): boolean {
  const text =
    `${option.key} ${option.help} ${option.choices.join(' ')} ${section.title} ${option.unit}`.toLowerCase();
  return words.every((word) => text.includes(word));
}

export const wordsOf = (query: string) => query.toLowerCase().split(/\s+/).filter(Boolean);
