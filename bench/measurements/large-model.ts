/**
 * @file A model of SmolLM2-135M's shape with random weights, on onnxruntime-node: how long it takes to load,
 * one training step and 64 tokens of one sequence, and how much memory at most, for each way of training it.
 */

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from '../../scripts/lib.mjs';
import type { BenchBrowser } from '../lib/browser';
import type { Figures } from '../lib/large-model';
import type { Measurement, Row } from '../lib/report';

const ROWS = 2;
const LENGTH = 256;

const ways = [
  { way: 'all, float32, layers computed again', adapter: false, recompute: true },
  { way: 'adapter beside float32', adapter: true, recompute: false },
  { way: 'adapter beside float32, layers computed again', adapter: true, recompute: true },
  { way: 'adapter beside float16, layers computed again', adapter: true, base: 'float16', recompute: true },
  { way: 'adapter beside int8, layers computed again', adapter: true, base: 'int8', recompute: true },
  { way: 'adapter beside int4, layers computed again', adapter: true, base: 'int4', recompute: true },
];

export async function run(_: BenchBrowser, progress: (line: string) => void): Promise<Measurement> {
  const rows: Row[] = [];
  for (const { way, ...options } of ways) {
    progress(way);
    const spec = JSON.stringify({ ...options, rows: ROWS, length: LENGTH });
    const { stdout } = await promisify(execFile)(process.execPath, [
      join(root, 'bench/lib/large-model-process.mjs'),
      spec,
    ]);
    const found = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Figures;
    const s = (value: number) => value.toFixed(1);
    const gib = (value: number) => (value / 2 ** 30).toFixed(2);
    rows.push({
      trained: way,
      'load s': s(found.load),
      'first step s': s(found.firstStep),
      'next step s': s(found.nextStep),
      '64 tokens s': s(found.nextRollout),
      'peak of training GiB': gib(found.trained),
      'peak GiB': gib(found.most),
      'planned GiB': gib(found.planned),
    });
  }
  return {
    name: 'large-model',
    title: `A model of SmolLM2-135M's shape on onnxruntime-node: steps of ${ROWS} x ${LENGTH} tokens, rank 16 on all matrices`,
    rows,
    remarks: ['Peaks are of the whole process, which takes 0.2 GiB before it has a model.'],
  };
}
