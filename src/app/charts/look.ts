/** @file The colours that charts are drawn with: those of the page, read again when its theme changes. */

import { shownTheme } from '../state/theme';
import { palette } from './palette';

export interface Look {
  theme: 'light' | 'dark';
  series: readonly string[];
  card: string;
  line: string;
  muted: string;
  text: string;
}

export const font = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';

let known: Look | null = null;

/** Asked at the time of drawing, when the page has its new colours. */
export function look(): Look {
  const theme = shownTheme.peek();
  if (known?.theme === theme) return known;
  const style = getComputedStyle(document.documentElement);
  const read = (name: string, otherwise: string) => style.getPropertyValue(name).trim() || otherwise;
  const dark = theme === 'dark';
  known = {
    theme,
    series: palette[theme],
    card: read('--card', dark ? '#191c1f' : '#ffffff'),
    line: read('--line', dark ? '#2a2e32' : '#e4e2dc'),
    muted: read('--muted', dark ? '#9ba1a8' : '#63656a'),
    text: read('--text', dark ? '#eceef0' : '#1c1d1f'),
  };
  return known;
}
