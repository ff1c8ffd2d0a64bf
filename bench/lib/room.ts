/**
 * @file Runs the measurements of one room, or those that were named, and writes down what came out, with what else the machine was
 * doing: the first load figure is without us. Absolute figures belong to the machine; ratios are what travels.
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { root } from '../../scripts/lib.mjs';
import type { Results } from '../engine';
import { type Measurement, section } from './report';

export type Measure = (progress: (line: string) => void) => Promise<Measurement>;

export async function benchRoom(
  room: string,
  measurements: Record<string, () => Promise<{ run: Measure }>>,
  chosen: readonly string[],
  progress: (line: string) => void,
): Promise<{ results: Results; text: string }> {
  const load = () => loadavg()[0].toFixed(2);
  const before = load();
  const done: Measurement[] = [];
  for (const name of chosen) {
    const { run } = await measurements[name]();
    done.push(await run((line) => progress(`${name}: ${line}`)));
    progress(section(done[done.length - 1]));
  }
  const machine = `${cpus()[0]?.model.trim() || process.arch}, ${availableParallelism()} threads, Node ${process.versions.node}, load ${before} before and ${load()} after`;
  const results = { date: new Date().toISOString(), machine, measurements: done };
  const folder = join(root, 'bench/results');
  mkdirSync(folder, { recursive: true });
  const file = `${room}-${results.date.slice(0, 19).replaceAll(':', '-')}.json`;
  writeFileSync(join(folder, file), `${JSON.stringify(results, null, 2)}\n`);
  const text = [machine, ...done.map(section), `Written to bench/results/${file}`].join('\n\n');
  return { results, text };
}
