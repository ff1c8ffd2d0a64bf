/**
 * @file All measurements of the engine, or those that were named, one after another: a table for people, JSON in
 * bench/results/ for programs. Absolute figures belong to the machine; ratios are what travels.
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { root } from '../scripts/lib.mjs';
import { BenchBrowser } from './lib/browser';
import { type Measurement, section } from './lib/report';

type Measure = (browser: BenchBrowser, progress: (line: string) => void) => Promise<Measurement>;

const measurements: Record<string, () => Promise<{ run: Measure }>> = {
  wasm: () => import('./measurements/wasm-against-node'),
  peers: () => import('./measurements/peers'),
  decode: () => import('./measurements/decode'),
  start: () => import('./measurements/start'),
  dispatches: () => import('./measurements/dispatches'),
  operators: () => import('./measurements/operators'),
  share: () => import('./measurements/gpu-share'),
  'large-model': () => import('./measurements/large-model'),
};

export const names = Object.keys(measurements);

export interface Results {
  date: string;
  machine: string;
  measurements: Measurement[];
}

export async function benchEngine(
  chosen: readonly string[],
  progress: (line: string) => void,
): Promise<{ results: Results; text: string }> {
  const browser = await BenchBrowser.open();
  try {
    const machine = `${cpus()[0]?.model.trim() || process.arch}, ${availableParallelism()} threads, Node ${process.versions.node}, Chromium ${browser.version}`;
    const done: Measurement[] = [];
    for (const name of chosen) {
      const { run } = await measurements[name]();
      done.push(await run(browser, (line) => progress(`${name}: ${line}`)));
      progress(section(done[done.length - 1]));
    }
    const results = { date: new Date().toISOString(), machine, measurements: done };
    const folder = join(root, 'bench/results');
    mkdirSync(folder, { recursive: true });
    const file = `engine-${results.date.slice(0, 19).replaceAll(':', '-')}.json`;
    writeFileSync(join(folder, file), `${JSON.stringify(results, null, 2)}\n`);
    const text = [machine, ...done.map(section), `Written to bench/results/${file}`].join('\n\n');
    return { results, text };
  } finally {
    await browser.close();
  }
}
