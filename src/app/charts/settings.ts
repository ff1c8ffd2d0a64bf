/** @file How people like to look at charts: remembered in this browser. */

import { effect, type Signal, signal } from '@preact/signals';
import { type Axis, axes } from './axis';
import { spans } from './smooth';
import { type Group, groups } from './spec';
import { closedAtFirst } from './specs';

const key = 'zeroloop-charts';

/** Over how many steps lines are smoothed; 1 for not at all. */
export const span: Signal<number> = signal(5);
export const log: Signal<boolean> = signal(false);
export const axis: Signal<Axis> = signal('steps');
export const closed: Signal<ReadonlySet<Group>> = signal(new Set(closedAtFirst));

interface Remembered {
  span?: unknown;
  log?: unknown;
  axis?: unknown;
  closed?: unknown;
}

try {
  const before = JSON.parse(localStorage.getItem(key) ?? '{}') as Remembered;
  span.value = spans.find((each) => each === before.span) ?? span.value;
  log.value = before.log === true;
  axis.value = axes.find((each) => each === before.axis) ?? axis.value;
  if (Array.isArray(before.closed)) {
    const { closed: names } = before;
    closed.value = new Set(groups.filter((each) => names.includes(each)));
  }
} catch {
  // Storage is switched off, or holds something else: as at first.
}

effect(() => {
  const now = { span: span.value, log: log.value, axis: axis.value, closed: [...closed.value] };
  try {
    localStorage.setItem(key, JSON.stringify(now));
  } catch {
    // It lasts as long as the page, then.
  }
});

export function toggleGroup(group: Group): void {
  const next = new Set(closed.value);
  if (!next.delete(group)) next.add(group);
  closed.value = next;
}
