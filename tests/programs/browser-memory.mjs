/**
 * A command for the browser tests: how much memory the pages of this run's browser use, as the system counts it. Pages cannot see
 * that themselves: a frame without origin, and Python in it, lives in a process of its own.
 */
import { readdirSync, readFileSync } from 'node:fs';

/** Bytes that the browser's renderers hold for themselves (no files, no shared code); null where the system does not say. */
export function browserMemory() {
  if (process.platform !== 'linux') return null;
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap(look);
  const parents = new Map(processes.map(({ id, parent }) => [id, parent]));
  const isOurs = (/** @type {number} */ id) => {
    for (let at = parents.get(id); at; at = parents.get(at)) if (at === process.pid) return true;
    return false;
  };
  return processes
    .filter(({ id, isRenderer }) => isRenderer && isOurs(id))
    .reduce((sum, { bytes }) => sum + bytes, 0);
}

/** @param {string} name */
function look(name) {
  try {
    const status = readFileSync(`/proc/${name}/status`, 'utf8');
    const number = (/** @type {string} */ field) =>
      Number(new RegExp(`^${field}:\\s*(\\d+)`, 'm').exec(status)?.[1] ?? 0);
    const isRenderer = readFileSync(`/proc/${name}/cmdline`, 'utf8').includes('--type=renderer');
    const bytes = 1024 * (number('RssAnon') + number('RssShmem'));
    return [{ id: Number(name), parent: number('PPid'), isRenderer, bytes }];
  } catch {
    return []; // it has just ended
  }
}
