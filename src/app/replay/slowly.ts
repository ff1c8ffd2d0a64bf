/** @file Runs that play tell something several times a second; what is read or drawn for it waits until it is worth the while. */

import { effect, type ReadonlySignal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';

/** The value of a signal, no more often than so many milliseconds apart. */
export function useSlowly<T>(source: ReadonlySignal<T>, ms: number): T {
  const [value, setValue] = useState(() => source.peek());
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let told = 0;
    const take = () => {
      timer = undefined;
      told = performance.now();
      setValue(() => source.peek());
    };
    const stop = effect(() => {
      source.value;
      timer ??= setTimeout(take, Math.max(0, told + ms - performance.now()));
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [source, ms]);
  return value;
}
