/** @file The smallest run that plays everything, as an address of the settings. */

/** Settings with which a step of the base model is a matter of seconds even on an adapter that the processor imitates. */
const tiny = {
  preset: 'taste',
  seed: '7',
  steps: '4',
  batch: '2',
  'induction.inputs': '4',
  'hindsight.tasks': '3',
  'hindsight.proposals': '1',
  'loss.minibatches': '1',
  'optimizer.warmup': '0',
  'seeding.factor': '1',
  'tokens.prompt': '192',
  'tokens.content': '192',
  'tokens.response': '64',
  'evaluate.every': '0',
  'checkpoint.every': '1',
};

export const settingsAddress = (changes: Record<string, string> = {}) =>
  `#/settings?${new URLSearchParams({ ...tiny, ...changes })}`;
