/** @file What the page and its service worker say to each other; the page begins, and each order has one answer. */

import type { Group } from './offline-files';

export type KeepOrder =
  /** What belongs to a page that works offline? `entry` tells the worker which build the page is of. */
  { kind: 'missing'; groups: readonly Group[]; entry: string } | { kind: 'keep'; path: string };

export interface KeepAnswer {
  missing: readonly WantedFile[];
  /** Is it there now? */
  keep: boolean;
}

export interface WantedFile {
  path: string;
  bytes: number;
  kept: boolean;
}
