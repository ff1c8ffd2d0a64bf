/**
 * @file What the views draw of a run: its metrics and alerts. Read from the store once, and then kept up to date by what the run that
 * is open tells. Of a run that plays in another tab, what was stored when it was looked at.
 */

import { type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { Alert } from '../../store/records';
import { reader } from './library';
import { onStep, type StepEvent } from './live';
import { RunSeries } from './series';

export interface RunData {
  readonly run: string;
  readonly series: RunSeries;
  /** Counts up when the series has grown. */
  readonly version: ReadonlySignal<number>;
  /** From when the series has been read. */
  readonly ready: ReadonlySignal<boolean>;
  /** Newest last; of this session, and of the last steps that were stored before. */
  readonly alerts: ReadonlySignal<readonly (Alert & { step: number })[]>;
}

interface Kept extends RunData {
  version: Signal<number>;
  ready: Signal<boolean>;
  alerts: Signal<readonly (Alert & { step: number })[]>;
  /** What is stored is being read, and these steps came meanwhile. */
  loading: boolean;
  pending: StepEvent[];
}

const known = new Map<string, Kept>();
const mostAlerts = 50;

export function runData(run: string): RunData {
  let data = known.get(run);
  if (!data) {
    data = {
      run,
      series: new RunSeries(),
      version: signal(0),
      ready: signal(false),
      alerts: signal([]),
      loading: true,
      pending: [],
    };
    known.set(run, data);
    void load(data);
  }
  return data;
}

/** Of a run that is gone, or was taken back to an earlier step. */
export function forget(run: string): void {
  known.delete(run);
}

async function load(data: Kept): Promise<void> {
  try {
    const from = await reader(data.run);
    for (const { step, metrics } of await from.metrics()) data.series.add(step, metrics);
    const last = data.series.steps.at(-1);
    if (last !== undefined) {
      const alerts: (Alert & { step: number })[] = [];
      for await (const record of from.steps(Math.max(0, last - 20), last)) {
        alerts.push(...record.alerts.map((alert) => ({ ...alert, step: record.step })));
      }
      data.alerts.value = alerts.slice(-mostAlerts);
    }
  } catch {
    known.delete(data.run); // it is not stored yet, or is damaged: whoever opens it is told
  }
  data.ready.value = true;
  data.loading = false;
  for (const event of data.pending.splice(0)) take(data, event);
  data.version.value++;
}

function take(data: Kept, { step, metrics, alerts }: StepEvent): void {
  data.series.add(step, metrics);
  if (!alerts.length) return;
  const told = alerts.map((alert) => ({ ...alert, step }));
  data.alerts.value = [...data.alerts.value, ...told].slice(-mostAlerts);
}

onStep((run, event) => {
  const data = known.get(run);
  if (!data) return; // read when somebody looks
  const last = data.series.steps.at(-1);
  if (data.loading) data.pending.push(event);
  else if (last === undefined || last < event.step - 1) {
    // Nobody tells of the step that makes the seeds, nor of its test: what the model could do before it learned.
    data.pending.push(event);
    data.loading = true;
    void load(data);
  } else {
    take(data, event);
    data.version.value++;
  }
});
