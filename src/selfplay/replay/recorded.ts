/**
 * @file A step as the checks are given it: its record, and which rules hold for it. Seeding knows no attempts, and the first record
 * of a run that goes on from another brings figures that only the other run can answer for.
 */

import type { Episode, StepRecord } from '../../store/records';
import type { Config } from '../config';
import { success } from '../rewards';

export interface RecordedStep {
  record: StepRecord;
  /** Were there only seeds? */
  seeding: boolean;
  /** Is this the first record of a run that goes on from another? */
  inherits: boolean;
}

export const isProposal = ({ role }: Episode): boolean => role === 'propose';

/** The solve rate that attempts come to. */
export function rateOf(config: Config, attempts: readonly Episode[]): number {
  const sum = attempts.reduce((total, { mode, judged }) => total + success(config, mode, judged), 0);
  return sum / attempts.length;
}
