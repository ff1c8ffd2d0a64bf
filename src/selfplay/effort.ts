/**
 * @file How hard a task is before anybody has tried it: how long its run takes, in calls and loop passes as the sandbox counts them. Who
 * writes every step down has to be right that often in a row. Without a hand in it, proposals become longer programs with ever
 * shorter inputs, and what looks hard is over after one pass.
 */

import type { Task } from '../store/records';

/** Longer runs count no more than this: few of their steps would fit into a thought. */
const longest = 16;

/** Of one run; 1 where nobody counted, as in logs from before. */
export const effortOfRun = (counted = 1) => Math.min(longest, Math.max(1, counted));

/** Of a task: that of the longest of its runs. */
export const effortOf = ({ effort = [] }: Pick<Task, 'effort'>) => effortOfRun(Math.max(1, ...effort));

/** What following a call asks of somebody: to write down every line, as often as it runs. */
export const workOf = (program: string, effort: number | undefined) =>
  program.split('\n').length * effortOfRun(effort);
