/** @file What the built page offers to nobody but the loop: traces, one after another, and measures, in the bench page. */

import { openSandbox } from '../../src/sandbox/sandbox';
import { goldenPrograms } from '../../tests/golden/programs/load';

declare global {
  interface Window {
    timeSandbox(): Promise<{ traces: number; measures: number }>;
  }
}

const good = goldenPrograms.filter(({ verdict }) => verdict === 'ok').slice(0, 400);

/** Traces and measures a second, warm. */
window.timeSandbox = async () => {
  const executor = await openSandbox();
  try {
    const trace = () => Promise.all(good.map(({ program, input }) => executor.trace(program, input)));
    const measure = () => Promise.all(good.map(({ program }) => executor.measure(program)));
    return { traces: await rate(trace), measures: await rate(measure) };
  } finally {
    await executor.dispose();
  }
};

async function rate(work: () => Promise<{ verdict: string }[]>): Promise<number> {
  await work();
  const start = performance.now();
  const done = await work();
  const seconds = (performance.now() - start) / 1000;
  const failed = done.filter(({ verdict }) => verdict !== 'ok').length;
  if (failed > 0) console.error(`${failed} of ${done.length} failed`);
  return done.length / seconds;
}
