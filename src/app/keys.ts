/**
 * @file Keys for the whole page. Views add theirs while they are shown. A key that is typed into a field is text, and one that is held
 * together with Ctrl, Alt or Meta belongs to the browser.
 */

import { signal } from '@preact/signals';
import { go, views } from './state/router';

export interface Shortcut {
  /** As KeyboardEvent.key has it: 'p', ' ', 'ArrowLeft'. */
  key: string;
  help: string;
  run: () => void;
}

/** Is the sheet open that tells them? */
export const showsHelp = signal(false);

/** Those of the view that is shown. */
export const viewShortcuts = signal<readonly Shortcut[]>([]);

/** For an effect of a view: adds its keys, and takes them away again. */
export function addKeys(shortcuts: readonly Shortcut[]): () => void {
  viewShortcuts.value = [...viewShortcuts.peek(), ...shortcuts];
  return () => {
    viewShortcuts.value = viewShortcuts.peek().filter((each) => !shortcuts.includes(each));
  };
}

export const pageShortcuts: readonly Shortcut[] = [
  ...views.map((view, index) => ({
    key: String(index + 1),
    help: `Open ${view}`,
    run: () => go(view),
  })),
  {
    key: '?',
    help: 'This sheet',
    run: () => {
      showsHelp.value = !showsHelp.value;
    },
  },
];

export function listenToKeys(): () => void {
  const listen = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target as HTMLElement | null;
    // What was focused in a dialog that closed keeps the focus until the page is drawn again.
    if (target?.closest('input, textarea, select, [contenteditable], dialog[open]')) return;
    // Space and Enter on a button press that button.
    if ((event.key === ' ' || event.key === 'Enter') && target?.closest('button, a, summary')) return;
    const found = [...viewShortcuts.value, ...pageShortcuts].find(({ key }) => key === event.key);
    if (!found) return;
    event.preventDefault();
    found.run();
  };
  addEventListener('keydown', listen);
  return () => removeEventListener('keydown', listen);
}

/** A key in words. */
export const keyName = (key: string) =>
  ({ ' ': 'Space', ArrowLeft: '←', ArrowRight: '→', ArrowUp: '↑', ArrowDown: '↓' })[key] ?? key;
