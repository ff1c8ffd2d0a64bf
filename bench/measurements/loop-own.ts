/**
 * @file What the loop itself computes in a step of 6 x 64 when all of its work is there to do: an engine that answers at once and a
 * Python that is a table, so that nearly every proposal is a task and is attempted eight times. Everything that is left of a step is
 * the loop's, and what the doubles take.
 */

import { playGame } from '../../tests/doubles/game';
import { honest } from '../../tests/doubles/scripts';
import type { Measurement } from '../lib/report';
import { figure, median } from '../lib/statistics';

const STEPS = 6;

export async function run(progress: (line: string) => void): Promise<Measurement> {
  const rows: Measurement['rows'] = [];
  for (const novelty of ['behaviour', 'none'] as const) {
    progress(novelty === 'none' ? 'without the novelty gate' : 'strict');
    const clock = { now: () => performance.now(), date: () => Date.now() };
    const { records } = await playGame(
      { batch: 64, steps: STEPS, references: 6, 'estimate.samples': 8, 'gate.novelty': novelty },
      { script: honest, players: { clock } },
    );
    const warm = records.slice(2);
    const of = (metric: string) => median(warm.map(({ metrics }) => metrics[metric] ?? 0));
    const completions = median(warm.map(({ episodes }) => episodes.length));
    rows.push({
      gate: novelty === 'none' ? 'strict, repetitions let in' : 'strict',
      completions,
      'valid, %': figure(100 * of('gate/valid_rate')),
      'all of it, ms': figure(1000 * of('timing_s/step')),
      'own, ms': figure(1000 * of('timing_s/own')),
      'ms a completion': figure((1000 * of('timing_s/step')) / completions),
    });
  }
  return {
    name: 'own',
    title: 'The loop alone: a step of 6 x 64 with an engine and a Python that cost next to nothing (Node)',
    rows,
    remarks: [
      'All of it holds the doubles, too, and is what a step would take if model and Python were infinitely fast. ' +
        `Medians of ${STEPS - 1} steps after the first.`,
    ],
  };
}
