/**
 * @file What a person waits for: a bar that says what is done of it, and Cancel. Whatever takes longer than a moment is wrapped in
 * `wait`, and the shell shows it above every view.
 */

import { signal } from '@preact/signals';
import { tellFailure } from './toasts';

export interface Wait {
  id: number;
  /** "Importing run.jsonl.gz" */
  what: string;
  /** From 0 to 1; null while nobody knows. */
  share: number | null;
  /** In words: "step 120". */
  detail: string;
  cancel: () => void;
}

export const waits = signal<readonly Wait[]>([]);

let last = 0;

export interface Waiting {
  signal: AbortSignal;
  tell: (share: number | null, detail?: string) => void;
}

/** Undefined if it failed, which people are told, or was cancelled. */
export async function wait<T>(what: string, work: (waiting: Waiting) => Promise<T>): Promise<T | undefined> {
  const id = ++last;
  const abort = new AbortController();
  const change = (next: Partial<Wait>) => {
    waits.value = waits.value.map((each) => (each.id === id ? { ...each, ...next } : each));
  };
  const cancel = () => abort.abort(new DOMException(`${what}: cancelled.`, 'AbortError'));
  waits.value = [...waits.value, { id, what, share: null, detail: '', cancel }];
  try {
    const signal = abort.signal;
    // Whoever does not listen to the signal goes on unseen; the person need not wait for it.
    const cancelled = new Promise<never>((_, reject) =>
      signal.addEventListener('abort', () => reject(signal.reason)),
    );
    const tell = (share: number | null, detail = '') => change({ share, detail });
    return await Promise.race([work({ signal, tell }), cancelled]);
  } catch (error) {
    tellFailure(error);
    return undefined;
  } finally {
    waits.value = waits.value.filter((each) => each.id !== id);
  }
}
