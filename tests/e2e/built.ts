/** @file Before the files of this folder, which run two at a time and would otherwise both build the page they share. */

import { ensureBuilt } from '../../scripts/build.mjs';

export default async function setup(): Promise<void> {
  await ensureBuilt();
}
