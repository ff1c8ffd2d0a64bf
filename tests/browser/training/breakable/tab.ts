/**
 * @file A tab: a document of its own, which trains and can be closed. Loaded by a test into a frame, where it leaves what the test calls;
 * a frame that is removed takes its workers with it, as a closed tab does.
 */

import { Training } from '../../../../src/app/training';
import { substitute } from './breaking';

declare global {
  interface Window {
    tab?: typeof tab;
  }
}

let latest: Worker | null = null;
substitute('trainer', () => {
  latest = new Worker(new URL('./trainer.ts', import.meta.url), {
    type: 'module',
    name: 'trainer that breaks',
  });
  return latest;
});

const tab = {
  open: Training.open,
  /** As a browser does that is short of memory: nobody is told. */
  terminateTrainer: () => latest?.terminate(),
};
export type Tab = typeof tab;

window.tab = tab;
