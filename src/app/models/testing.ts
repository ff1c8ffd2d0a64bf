/** @file Held-out tests of single models: asked here as `eval` of the command line asks, and remembered while the page is open. */

import { signal } from '@preact/signals';
import { readConfig } from '../../selfplay/config';
import { nameOfModel, openModel } from '../state/models';
import { sandbox } from '../state/sandbox';
import { wait } from '../state/waiting';
import { heldOutSet } from './held-out-tasks';
import { speechOf } from './language';
import type { Test } from './results';
import { settingsOf } from './speaking';

/** The latest of each model. */
export const tests = signal<readonly Test[]>([]);

/** Tasks of each mode and level. The answers are the likeliest ones: the same each time. */
export async function testModel(ref: string, each: number): Promise<void> {
  const name = nameOfModel(ref);
  await wait(`Testing ${name}`, async ({ signal: stop, tell }) => {
    tell(null, 'loading');
    const { WorkerEngine } = await import('../../engine/worker');
    const { evaluateModel } = await import('../../evals/model');
    const { select } = await import('../../evals/tasks');
    const { source } = await openModel(ref);
    const settings = await settingsOf(ref, source);
    const config = readConfig({ ...settings, seed: 0, 'evaluate.samples': 1, 'evaluate.temperature': 0 });
    const tasks = select(await heldOutSet(), { limit: each });
    tell(null, 'starting Python and the engine');
    const executor = await sandbox();
    stop.throwIfAborted();
    const engine = await WorkerEngine.open('auto');
    try {
      const speech = await speechOf(config, await executor.about(), source);
      const evaluation = await evaluateModel({ source, config, tasks, speech }, engine, executor, {
        signal: stop,
        onProgress: ({ phase, done, total }) =>
          phase === 'evaluating' ? tell(done / total, `${done} of ${total} tasks`) : tell(null, phase),
      });
      tests.value = [...tests.value.filter((test) => test.ref !== ref), { ref, name, each, evaluation }];
    } finally {
      await engine.close().catch(() => undefined);
    }
  });
}
