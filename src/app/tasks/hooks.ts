/** @file The tasks of a run as they are read, and as they grow while it plays. */

import { effect } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import type { Episode, Task } from '../../store/records';
import { useArriving } from '../replay/hooks';
import { reader, runs } from '../state/library';
import { onStep } from '../state/live';
import { tellFailure } from '../state/toasts';
import { wait } from '../state/waiting';
import { type TaskList, taskList, taskListWith } from './task-list';

/** Kept while the page is open: whoever comes back does not wait again. */
let kept: TaskList | null = null;
effect(() => {
  if (!runs.value?.some(({ id }) => id === kept?.run)) kept = null;
});
/** How often a table grows, at most. */
const refreshEvery = 2000;

async function readAll(run: string): Promise<TaskList> {
  const from = await reader(run);
  return taskList(run, await from.tasks(), await from.snapshot());
}

/** What came since: the tasks of new steps, and the solve rates that they changed. */
async function readOn(list: TaskList): Promise<TaskList> {
  const from = await reader(list.run);
  const { step } = await from.info();
  if (step === list.step) return list;
  if (step < list.step) return readAll(list.run);
  const fresh: Task[] = [];
  const rates = new Map<number, number>();
  for await (const record of from.steps(list.step + 1, step)) {
    fresh.push(...record.tasks);
    for (const { task, solveRate } of record.updates) if (solveRate !== undefined) rates.set(task, solveRate);
  }
  return taskListWith(list, fresh, rates, await from.snapshot());
}

/** Null until they are read. */
export function useTaskList(run: string): { list: TaskList | null; failure: string | null } {
  const [list, setList] = useState(kept?.run === run ? kept : null);
  const [failure, setFailure] = useState<string | null>(null);
  useEffect(() => {
    let stale = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const keep = (next: TaskList) => {
      if (stale) return;
      kept = next;
      setList(next);
    };
    const refresh = async () => {
      timer = undefined;
      try {
        if (kept?.run === run) keep(await readOn(kept));
      } catch (error) {
        tellFailure(error);
      }
    };
    if (kept?.run === run) void refresh();
    else
      void wait('Reading the tasks', () => readAll(run)).then((read) => {
        if (read) keep(read);
        else if (!stale) setFailure('The tasks of this run were not read: reload the page to try again.');
      });
    const stop = onStep((of) => {
      if (of === run) timer ??= setTimeout(refresh, refreshEvery);
    });
    return () => {
      stale = true;
      stop();
      clearTimeout(timer);
    };
  }, [run]);
  return { list, failure };
}

/** So many games about a task are looked at, the newest first. */
const mostGames = 200;

/** The games about a task: how it was proposed, and attempts at it. */
export const useGamesAbout = (run: string, task: number, step: number): readonly Episode[] | null =>
  useArriving(`${run} ${task} ${step}`, async () => (await reader(run)).episodes({ task, limit: mostGames }))
    .value;
