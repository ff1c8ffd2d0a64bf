/** @file Short messages at the edge of the page, which never block: what was done, what failed, and a way to take it back. */

import { signal } from '@preact/signals';

export interface Toast {
  id: number;
  kind: 'done' | 'failed';
  text: string;
  action?: { label: string; run: () => void };
}

export const toasts = signal<readonly Toast[]>([]);

let last = 0;
/** Failures stay until they are dismissed, since they say what to do. */
const patience = 8000;

export function toast(
  text: string,
  { kind = 'done', action }: Partial<Omit<Toast, 'id' | 'text'>> = {},
): number {
  const id = ++last;
  toasts.value = [...toasts.value.slice(-3), { id, kind, text, action }];
  if (kind === 'done') setTimeout(() => dismiss(id), patience);
  return id;
}

export function dismiss(id: number): void {
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
}

/** Says what went wrong; a person who cancelled knows. */
export function tellFailure(error: unknown): void {
  if (isCancelled(error)) return;
  toast(error instanceof Error ? error.message : String(error), { kind: 'failed' });
}

export const isCancelled = (error: unknown) => error instanceof DOMException && error.name === 'AbortError';
