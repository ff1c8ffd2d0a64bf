/** @file The trainer's worker, over an engine that can be broken and a disk that can be filled. */

import { onBreak, substitute } from './breaking';
import '../../../../workers/trainer';

substitute(
  'engine',
  () => new Worker(new URL('./engine.ts', import.meta.url), { type: 'module', name: 'engine that breaks' }),
);

onBreak('crash the trainer', () => {
  throw new Error('The trainer was crashed by a test.');
});

const { put } = IDBObjectStore.prototype;
let full = false;
IDBObjectStore.prototype.put = function (...row) {
  if (full) throw new DOMException('The disk is full.', 'QuotaExceededError');
  return put.apply(this, row);
};
onBreak('fill the disk', () => {
  full = true;
});
onBreak('free the disk', () => {
  full = false;
});
