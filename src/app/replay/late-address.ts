/**
 * @file What a view shows while it changes many times a second: playing, scrubbing, an arrow key that is held down. Browsers stop pages
 * that change their address as often, so the address follows a little later; links and Back are followed at once.
 */

import { effect, type ReadonlySignal, signal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import { refine, route, type View } from '../state/router';

type Params = Record<string, string | number | null>;

export interface LateState<T> {
  readonly now: ReadonlySignal<T>;
  set(next: T): void;
  /** For the view, each time it is drawn: what it shows, which is what the address says when it opens. */
  use(): T;
}

/** Milliseconds: safe in every browser. */
const patience = 400;

export function lateState<T>(view: View, read: () => T, paramsOf: (state: T) => Params): LateState<T> {
  const textOf = (state: T) => JSON.stringify(paramsOf(state));
  const now = signal(read());
  /** What was last taken from the address, or put there. */
  let known = textOf(now.peek());
  let timer: ReturnType<typeof setTimeout> | undefined;
  const write = () => {
    timer = undefined;
    if (route.peek().view !== view) return;
    known = textOf(now.peek());
    refine(paramsOf(now.peek()));
  };
  const adopt = () => {
    if (route.value.view !== view) return;
    const written = read();
    if (textOf(written) === known) return;
    known = textOf(written);
    now.value = written;
  };
  const follow = () => {
    const stop = effect(adopt);
    return () => {
      stop();
      clearTimeout(timer);
      timer = undefined;
      // What is not in the address yet is forgotten: whoever comes back comes to what the address says.
      now.value = read();
      known = textOf(now.peek());
    };
  };
  return {
    now,
    set: (next) => {
      now.value = next;
      timer ??= setTimeout(write, patience);
    },
    use: () => {
      // At once: an effect would come after others that go by it.
      useState(adopt);
      useEffect(follow, []);
      return now.value;
    },
  };
}
