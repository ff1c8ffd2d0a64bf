/**
 * @file Where the time of a step goes. The engine and the sandbox work at the same time where the order of things allows it, so
 * what counts is when each of them was busy, and when neither was: that is what the loop itself costs.
 */

import type { Control, Executor } from '../sandbox/executor';

export const activities = ['sample', 'execute', 'train', 'evaluate', 'store'] as const;
export type Activity = (typeof activities)[number];

/** Milliseconds. The activities overlap; `own` is what none of them covers, `total` all of it. */
export type Times = Record<Activity | 'own' | 'total', number>;

export class Stopwatch {
  private readonly now: () => number;
  private readonly active: Record<Activity, number>;
  private readonly times: Times;
  private last: number;

  constructor(now: () => number) {
    this.now = now;
    this.active = { sample: 0, execute: 0, train: 0, evaluate: 0, store: 0 };
    this.times = { sample: 0, execute: 0, train: 0, evaluate: 0, store: 0, own: 0, total: 0 };
    this.last = now();
  }

  async during<T>(activity: Activity, work: () => Promise<T>): Promise<T> {
    this.begin(activity);
    try {
      return await work();
    } finally {
      this.end(activity);
    }
  }

  begin(activity: Activity): void {
    this.advance();
    this.active[activity]++;
  }

  end(activity: Activity): void {
    this.advance();
    this.active[activity]--;
  }

  read(): Times {
    this.advance();
    return { ...this.times };
  }

  private advance(): void {
    const now = this.now();
    const passed = now - this.last;
    this.last = now;
    this.times.total += passed;
    let busy = false;
    for (const activity of activities) {
      if (this.active[activity] === 0) continue;
      this.times[activity] += passed;
      busy = true;
    }
    if (!busy) this.times.own += passed;
  }
}

/** The same executor, with its time taken, and every call stopped with `signal`. */
export function timedExecutor(executor: Executor, stopwatch: Stopwatch, signal?: AbortSignal): Executor {
  const time = <T>(work: (control: Control) => Promise<T>) =>
    stopwatch.during('execute', () => work({ signal }));
  return {
    about: () => executor.about(),
    run: (program, inputs) => time((control) => executor.run(program, inputs, control)),
    validate: (program, inputs) => time((control) => executor.validate(program, inputs, control)),
    raises: (program, inputs) => time((control) => executor.raises(program, inputs, control)),
    judge: (question) => time((control) => executor.judge(question, control)),
    trace: (program, input, bounds) => time((control) => executor.trace(program, input, bounds, control)),
    measure: (program) => time((control) => executor.measure(program, control)),
    rewrite: (program, rewriting) => time((control) => executor.rewrite(program, rewriting, control)),
    check: (checks) => time((control) => executor.check(checks, control)),
    dispose: () => executor.dispose(),
  };
}
