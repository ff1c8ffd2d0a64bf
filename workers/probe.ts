/** @file The worker around `runProbe`: one worker per probe, so that a backend that hangs can be terminated. */
import { expose } from 'comlink';
import { runProbe } from './probe-run';

const probe = { runProbe };
export type Probe = typeof probe;

expose(probe);
