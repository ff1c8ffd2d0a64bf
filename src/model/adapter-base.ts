/**
 * @file An adapter and the model below it. Checkpoints of a run that trains an adapter hold the adapter alone, since the model never
 * changes; whoever needs a whole model puts the two together again.
 */

import { ADAPTER_CONFIG, ADAPTER_WEIGHTS } from './adapter-files';

type Files<F> = Readonly<Record<string, F>>;

/** What is trained beside a frozen model, and how far. */
const trained = /^(adapter_|trainer_state)/;

/** Whether these files are an adapter without the model that it belongs to. */
export const isAdapterAlone = (files: Files<unknown>): boolean =>
  ADAPTER_CONFIG in files && !('config.json' in files);

export const hasAdapter = (files: Files<unknown>): boolean =>
  ADAPTER_CONFIG in files || ADAPTER_WEIGHTS in files;

/** The model that an adapter belongs to, from files that hold both. */
export const withoutAdapter = <F>(files: Files<F>): Record<string, F> =>
  Object.fromEntries(Object.entries(files).filter(([name]) => !trained.test(name)));

/** An adapter beside the model of an earlier checkpoint; a whole model as it is. */
export const besideBase = <F>(files: Files<F>, earlier: Files<F>): Record<string, F> =>
  isAdapterAlone(files) ? { ...withoutAdapter(earlier), ...files } : { ...files };
