/**
 * @file The run that this tab has open: what it is doing, and the buttons for it. The work is done in a worker of its own; this only
 * listens. The page keeps the screen on while a run plays, since a sleeping machine trains nothing.
 */

import { computed, effect, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { Line } from '../../../workers/node-line';
import type { Progress } from '../../engine/engine';
import type { SessionEvent, SessionStatus } from '../../selfplay/session';
import type { RunLabel, Training, TrainingOrder } from '../training';
import { glances } from './glances';
import { tellFailure } from './toasts';

export type StepEvent = Extract<SessionEvent, { kind: 'step' }>;

export interface LiveRun {
  readonly run: string;
  readonly name: string;
  /** Where it was opened. */
  readonly backend: TrainingOrder['backend'];
  readonly status: Signal<SessionStatus>;
  /** The last step that is stored; null until something is known. */
  readonly step: Signal<number | null>;
  /** Of the step under way. */
  readonly progress: Signal<Progress | null>;
  /** What the run says about itself: why it failed, why it recovers. */
  readonly message: Signal<string | null>;
  /** To the node, of a run on one. */
  readonly line: Signal<Line | null>;
  /** Plays on, or so many steps. What goes wrong is told, not thrown. */
  play(steps?: number): void;
  pause(): Promise<void>;
  /** At once: the step under way is lost. */
  stop(): Promise<void>;
  label(change: RunLabel): Promise<void>;
  /** The files of its model; only while it is paused. */
  weights(): Promise<Record<string, Uint8Array>>;
  close(): Promise<void>;
}

/** Null while no run is open in this tab. */
export const live = signal<LiveRun | null>(null);
/** Being opened: its worker and Python start. */
export const opening = signal<{ run: string; name: string } | null>(null);

const busy: readonly SessionStatus[] = ['opening', 'running', 'pausing', 'recovering', 'waiting'];
export const isBusy = (status: SessionStatus) => busy.includes(status);
export const isPlaying: ReadonlySignal<boolean> = computed(() =>
  live.value ? isBusy(live.value.status.value) : false,
);

const listeners = new Set<(run: string, event: StepEvent) => void>();
/** Is told of every step of the run that is open. Returns how to stop that. */
export function onStep(listener: (run: string, event: StepEvent) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Opens a run, new or stored, in place of the one that is open, and leaves it paused. */
export async function openLive(order: TrainingOrder, name: string): Promise<LiveRun> {
  opening.value = { run: order.run, name };
  try {
    await live.value?.close();
    // The trainer and all below it are loaded when somebody trains.
    const { Training } = await import('../training');
    const status = signal<SessionStatus>('paused');
    const step = signal<number | null>(null);
    const progress = signal<Progress | null>(null);
    const message = signal<string | null>(null);
    const line = signal<Line | null>(null);
    const hear = (heard: Line) => {
      line.value = heard;
    };
    const listen = glances((event: SessionEvent) => {
      switch (event.kind) {
        case 'status':
          status.value = event.status;
          message.value = event.message;
          if (!isBusy(event.status)) progress.value = null;
          if (event.status !== 'opening') step.value = event.step;
          return;
        case 'progress':
          progress.value = event.progress;
          return;
        case 'step':
          step.value = event.step;
          progress.value = null;
          for (const listener of listeners) listener(order.run, event);
          return;
        default:
          event satisfies never;
      }
    });
    const training: Training = await Training.open(order, listen, hear);
    const opened: LiveRun = {
      run: order.run,
      name,
      backend: order.backend,
      status,
      step,
      progress,
      message,
      line,
      play: (steps) => {
        training.play(steps).catch((error) => {
          // A worker that died tells nothing of itself.
          if (isBusy(status.value)) status.value = 'failed';
          message.value = (error as Error).message;
          tellFailure(error);
        });
      },
      pause: () => training.pause(),
      stop: () => training.stop(),
      label: (change) => training.label(change),
      weights: () => training.weights(),
      close: async () => {
        if (live.value === opened) live.value = null;
        await training.close();
      },
    };
    live.value = opened;
    return opened;
  } finally {
    opening.value = null;
  }
}

// ---- The screen stays on while it plays --------------------------------------------------------------------------------

let lock: WakeLockSentinel | null = null;
const keepAwake = async () => {
  const wanted = isPlaying.value && document.visibilityState === 'visible';
  if (!wanted) {
    await lock?.release();
    lock = null;
  } else if (!lock || lock.released) {
    // Refused on low battery, for instance: training goes on all the same.
    lock = (await navigator.wakeLock?.request('screen').catch(() => null)) ?? null;
  }
};
effect(() => {
  isPlaying.value;
  void keepAwake();
});
document.addEventListener('visibilitychange', () => void keepAwake());
