/** @file The trainer's worker: owns one run, so that a busy or hidden tab does not slow it. The page watches and commands. */

import { expose, proxy } from 'comlink';
import { installTransfers } from '../src/engine/transfer';
import { trainerErrors } from './trainer-errors';
import { openSession } from './trainer-run';

installTransfers(trainerErrors);

const trainer = {
  open: async (...args: Parameters<typeof openSession>) => proxy(await openSession(...args)),
};
export type Trainer = typeof trainer;

expose(trainer);
