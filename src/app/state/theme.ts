/** @file Dark or light: as the system has it, unless somebody chose otherwise here. */

import { effect, signal } from '@preact/signals';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

const key = 'zeroloop-theme';
const dark = matchMedia('(prefers-color-scheme: dark)');

export const theme = signal<Theme>(remembered());
/** What it comes to; charts draw with it. */
export const shownTheme = signal<'light' | 'dark'>('light');

function remembered(): Theme {
  try {
    return themes.find((each) => each === localStorage.getItem(key)) ?? 'system';
  } catch {
    return 'system'; // storage is switched off
  }
}

const show = () => {
  shownTheme.value = theme.value === 'system' ? (dark.matches ? 'dark' : 'light') : theme.value;
  document.documentElement.dataset.theme = shownTheme.value;
};
dark.addEventListener('change', show);
effect(show);

export function chooseTheme(chosen: Theme): void {
  theme.value = chosen;
  try {
    localStorage.setItem(key, chosen);
  } catch {
    // It lasts as long as the page, then.
  }
}
