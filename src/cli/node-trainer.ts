/**
 * @file Plays a run in Node: the loop here, the engine here or on a remote node, and only Python in the page, since nothing else on this
 * machine holds hostile programs.
 */

import { EngineClosedError } from '../engine/errors';
import { LocalEngine } from '../engine/local';
import { openNodeDevice } from '../engine/ort/node';
import type { ClosableEngine } from '../engine/remote/fleet-sampler';
import { openRemote } from '../engine/remote/open';
import { openFleet } from '../engine/remote/open-fleet';
import { evaluator } from '../evals/during';
import { allMarks } from '../selfplay/held-out';
import { newestWeights } from '../selfplay/model-files';
import { languageOf } from '../selfplay/model-language';
import type { Players } from '../selfplay/players';
import { Session } from '../selfplay/session';
import { readHeldOutMarks } from './held-out-files';
import { withPage } from './page';
import { PageExecutor } from './page-executor';
import type { Trainer } from './trainer';

/** Milliseconds that a node has to let go. */
const grace = 5000;

interface Opened extends Pick<Players, 'measures'> {
  engine: ClosableEngine;
}

export const trainInNode: Trainer = ({ config, start, heldOut, threads, nodes }, run, listen, signal) =>
  withPage(
    async (page) => {
      const executor = new PageExecutor(page);
      listen({ kind: 'phase', phase: 'starting Python' });
      const source = start?.model.source ?? (await newestWeights(run));
      const { dialect, files } = await languageOf(config, await executor.about(), source);
      const clock = { now: () => performance.now(), date: () => Date.now() };
      const openEngine = async (gone: AbortSignal): Promise<Opened> => {
        if (!nodes) return { engine: new LocalEngine(await openNodeDevice(threads)) };
        if (nodes.length === 1) return { engine: await openRemote({ ...nodes[0], signal: gone }) };
        const tell = (line: string) => listen({ kind: 'notice', line });
        const fleet = await openFleet({ nodes, signal: gone, tell });
        return { engine: fleet, measures: () => fleet.measures() };
      };
      const session = new Session({
        run,
        start: start && { ...start, source: start.model.source },
        listen,
        open: async (opening) => {
          // Whoever stops need not wait for a node that does not answer.
          const gone = new AbortController();
          const leave = () => gone.abort(new EngineClosedError());
          opening.addEventListener('abort', leave, { once: true });
          const { engine, measures } = await openEngine(gone.signal);
          opening.removeEventListener('abort', leave);
          const evaluate = evaluator({ config, tasks: heldOut, engine, dialect, executor });
          const kept = config['gate.held-out']
            ? await allMarks(await readHeldOutMarks(), heldOut, executor)
            : undefined;
          return {
            players: { engine, executor, dialect, clock, evaluate, files, heldOut: kept, measures },
            hurry: () => void setTimeout(leave, grace).unref(),
            close: () => engine.close(),
          };
        },
      });
      const stop = () => void session.stop();
      signal.addEventListener('abort', stop, { once: true });
      try {
        if (!signal.aborted) await session.play();
      } finally {
        signal.removeEventListener('abort', stop);
        await session.close();
      }
    },
    { outlivesInterrupt: true },
  );
