/** @file The views there are, in the order of the bar and of the keys 1 to 8. */

const titles = {
  train: 'Train',
  settings: 'Settings',
  tasks: 'Tasks',
  replay: 'Replay',
  playground: 'Playground',
  models: 'Models',
  runs: 'Runs',
  device: 'Device',
};

export type View = keyof typeof titles;
export const views = Object.keys(titles) as View[];
export const titleOf = (view: View) => titles[view];
