/** @file Where a stored run goes on: where it was, unless somebody has chosen another place for it. */

import { signal } from '@preact/signals';
import type { RunInfo } from '../../store/records';
import type { BackendChoice } from './draft';
import { live } from './live';

const chosen = signal<ReadonlyMap<string, BackendChoice>>(new Map());

export function placeOf({ id, backend }: Pick<RunInfo, 'id' | 'backend'>): BackendChoice {
  const open = live.value?.run === id ? live.value.backend : null;
  // A GPU that was there may be gone: then the processor does.
  const before = backend === 'wasm' || backend === 'remote' ? backend : 'auto';
  return chosen.value.get(id) ?? open ?? before;
}

export function choosePlace(run: string, choice: BackendChoice): void {
  chosen.value = new Map([...chosen.value, [run, choice]]);
}
