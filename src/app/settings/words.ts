/** @file Values of options as people read them. */

import { written } from '../state/draft';

export function inWords(value: unknown): string {
  if (value === true) return 'on';
  if (value === false) return 'off';
  if (Array.isArray(value)) return value.length > 0 ? value.join(', ') : 'none';
  if (typeof value === 'string' && value.trim() === '') return 'nothing';
  return written(value);
}
