/** @file Views come when they are opened: the first one should not wait for code that nobody sees yet. */

import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';

type Loaded = { default: ComponentType };

const loaded = new Map<() => Promise<Loaded>, ComponentType>();

export function Lazy({ load }: { load: () => Promise<Loaded> }) {
  const [failure, setFailure] = useState<string | null>(null);
  const [, setCount] = useState(0);
  useEffect(() => {
    if (loaded.has(load)) return;
    setFailure(null);
    load().then(
      ({ default: view }) => {
        loaded.set(load, view);
        setCount((count) => count + 1);
      },
      (error: Error) => setFailure(error.message),
    );
  }, [load]);
  const View = loaded.get(load);
  if (View) return <View />;
  if (failure)
    return (
      <p class="notice notice-bad">This part of the page could not be loaded ({failure}): reload the page.</p>
    );
  return <div class="loading" aria-busy="true" />;
}
