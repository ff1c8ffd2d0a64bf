/**
 * @file What a step of self-play spends its time on at the original's batch, 6 x 64: the loop's own share is the time in which neither
 * the engine nor Python nor the database is at work.
 */

import { withPage } from '../../src/cli/page';
import type { Config } from '../../src/selfplay/config';
import { inputs, trainNovice } from '../lib/novice';
import type { Measurement } from '../lib/report';
import { figure, median } from '../lib/statistics';

const STEPS = 6;

const settings: Partial<Config> = {
  dialect: 'compact',
  batch: 64,
  steps: STEPS,
  'induction.inputs': inputs,
  references: 2,
  'tokens.prompt': 384,
  'tokens.content': 384,
  'tokens.response': 96,
  'seeding.factor': 0.25,
  'evaluate.every': 0,
  'checkpoint.every': 3,
};

const behaviours: Record<string, Partial<Config>> = {
  strict: {},
  paper: {
    'estimate.reuse': false,
    'solve.when': 'previous-step',
    'gate.filter': 'all',
    'gate.novelty': 'none',
    'gate.constant': false,
  },
};

export async function run(progress: (line: string) => void): Promise<Measurement> {
  const files = await trainNovice(400, progress);
  const packed = Object.fromEntries(
    Object.entries(files)
      .filter(([name]) => !name.startsWith('trainer_state'))
      .map(([name, bytes]) => [name, Buffer.from(bytes).toString('base64')]),
  );
  const rows: Measurement['rows'] = [];
  for (const [name, changes] of Object.entries(behaviours)) {
    const steps = await withPage(async (page) => {
      const events = await page.evaluate(
        async ({ packed, config, run }) => {
          const unpacked = Object.entries(packed).map(
            ([file, text]) => [file, Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))] as const,
          );
          const { training } = window.zeroloop;
          const model = { kind: 'files', files: Object.fromEntries(unpacked) } as const;
          const create = { name: run, config, model, modelName: 'a novice', seeds: [] };
          await training.open({ run, backend: 'wasm', create, heldOut: [] });
          await training.play(run);
          const all = training.events(run);
          await training.close(run);
          return all.flatMap((event) => (event.kind === 'step' ? [event] : []));
        },
        { packed, config: { ...settings, ...changes }, run: `bench ${name}` },
      );
      return events.map(({ metrics }) => metrics);
    });
    progress(`${name}: ${steps.length} steps`);
    // The first step compiles what the engine has not seen yet.
    const warm = steps.slice(1);
    const of = (metric: string) => median(warm.map((metrics) => metrics[metric] ?? 0));
    const share = (metric: string) =>
      median(warm.map((metrics) => (100 * (metrics[metric] ?? 0)) / metrics['timing_s/step']));
    rows.push({
      behaviour: name,
      'step, s': figure(of('timing_s/step')),
      'sampling, s': figure(of('timing_s/gen')),
      'Python, s': figure(of('timing_s/execute')),
      'training, s': figure(of('timing_s/update_actor')),
      'Python hidden behind it, %': figure(
        median(
          warm.map((metrics) => {
            const { 'timing_s/step': all, 'timing_s/execute': python } = metrics;
            const rest = metrics['timing_s/gen'] + metrics['timing_s/update_actor'] + metrics['timing_s/own'];
            return (100 * (rest + python - all)) / python;
          }),
        ),
      ),
      'own, s': figure(of('timing_s/own')),
      'own, %': figure(share('timing_s/own')),
      'store, %': figure(share('timing_s/store')),
      'tasks accepted': figure(of('gate/pass_rate') * 3 * 64),
      'valid, %': figure(100 * of('gate/valid_rate')),
    });
  }
  return {
    name: 'share',
    title:
      'A step of self-play at 6 x 64 on a model of 0.9 million parameters, WebAssembly, headless Chromium',
    rows,
    remarks: [
      'Sampling and Python overlap; own is the time in which neither they nor training nor the database are at work. ' +
        `Medians of ${STEPS - 1} steps after the first.`,
    ],
  };
}
