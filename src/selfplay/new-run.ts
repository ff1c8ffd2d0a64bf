/** @file What is written down of a run before it has begun. */

import { logVersion, type RunInfo } from '../store/records';
import type { Config } from './config';

export type NewRun = Pick<RunInfo, 'id' | 'name' | 'createdAt' | 'appVersion' | 'backend' | 'model'> & {
  config: Config;
};

/** The device is told when somebody plays it. */
export const newRun = (given: NewRun): RunInfo => ({
  ...given,
  logVersion,
  seed: given.config.seed,
  device: '',
  status: 'paused',
  step: 0,
  parent: null,
});
