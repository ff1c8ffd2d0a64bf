/** @file Opens and closes tabs for tests, each a frame with a page, a trainer, an engine and a sandbox of its own. */

import { onTestFinished } from 'vitest';
import type { Training } from '../../../src/app/training';
import type { SessionEvent } from '../../../src/selfplay/session';
import type { Tab } from './breakable/tab';
import type { Order } from './runs';

export interface OpenTab extends Tab {
  window: Window;
  close(): void;
}

export async function openTab(): Promise<OpenTab> {
  const frame = document.createElement('iframe');
  frame.allow = 'cross-origin-isolated';
  document.body.append(frame);
  const close = () => frame.remove();
  onTestFinished(close);
  const window = frame.contentWindow as Window;
  // The runner has put calls of itself into every module that is served.
  for (const name of ['__vitest_browser_runner__', '__vitest_mocker__']) {
    Reflect.set(window, name, Reflect.get(globalThis, name));
  }
  const script = window.document.createElement('script');
  script.type = 'module';
  script.src = new URL('./breakable/tab.ts', import.meta.url).href;
  const loaded = new Promise<void>((resolve, reject) => {
    script.onload = () => resolve();
    script.onerror = () => reject(new Error(`The tab could not be loaded from ${script.src}.`));
  });
  window.document.head.append(script);
  await loaded;
  if (!window.tab) throw new Error('The tab did not start.');
  return { ...window.tab, window, close };
}

/** A run that is open in a tab, and what it told. */
export interface Life {
  tab: OpenTab;
  training: Training;
  events: SessionEvent[];
}

export async function live(order: Order, listen: (event: SessionEvent) => void = () => {}): Promise<Life> {
  const tab = await openTab();
  const events: SessionEvent[] = [];
  const training = await tab.open(order, (event) => {
    events.push(event);
    listen(event);
  });
  return { tab, training, events };
}

/** What it waited for, in the order in which it first did. */
export function waits(events: readonly SessionEvent[]): string[] {
  return [...new Set(events.flatMap((event) => (event.kind === 'progress' ? [event.progress.phase] : [])))];
}

export function statuses(events: readonly SessionEvent[]): string[] {
  return events.flatMap((event) => (event.kind === 'status' ? [event.status] : []));
}
