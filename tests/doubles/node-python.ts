/**
 * The sandbox's own Python and its own client in Node, with no walls between them: right verdicts, no isolation, one thread. For tests
 * of what stands on the sandbox; whether the sandbox holds is tested in Chromium.
 */
import { SandboxExecutor } from '../../src/sandbox/client';
import { type About, defaultLimits, type Executor } from '../../src/sandbox/executor';
import {
  type FromWarden,
  type Job,
  longestOutput,
  type Report,
  type ToWarden,
  type Work,
} from '../../src/sandbox/protocol';
import { openPython, type Python } from '../unit/sandbox/interpreter';

export async function openNodePython(): Promise<Executor> {
  const seeds = await Promise.all([openPython(0), openPython(1)]);
  const about = JSON.parse(String(seeds[0]('runner.about()'))) as Pick<About, 'python' | 'modules'>;
  const { port1, port2 } = new MessageChannel();
  port2.onmessage = ({ data }: MessageEvent<ToWarden>) => {
    if (data.type !== 'work') return;
    const results = data.jobs.map((job) => answer(job, seeds));
    port2.postMessage({ type: 'results', results } satisfies FromWarden);
  };
  return new SandboxExecutor(
    port1,
    {
      ...about,
      limits: defaultLimits,
      interpreters: 1,
      stopping: 'terminate',
      startedIn: 0,
    },
    () => {
      port1.close();
      port2.close();
    },
  );
}

function answer({ id, work, twoSeeds }: Job, [zero, one]: Python[]) {
  const first = { ...report(zero, work), seed: 0 as const };
  if (!twoSeeds || first.settled || work.kind !== 'run') return { id, first };
  return {
    id,
    first,
    second: { ...report(one, { ...work, calls: work.calls.toReversed(), passes: 1 }), seed: 1 as const },
  };
}

function report(python: Python, work: Work): Extract<Report, { text: string }> {
  const text = String(ask(python, work));
  const { outcomes } = JSON.parse(text) as { outcomes?: { verdict: string }[] };
  return { text, settled: !outcomes?.some(({ verdict }) => verdict === 'ok'), ms: 0 };
}

function ask(python: Python, work: Work): unknown {
  const { steps, depth } = defaultLimits;
  switch (work.kind) {
    case 'run': {
      const { source, passes, raises } = work;
      const names = {
        source,
        calls: JSON.stringify(work.calls),
        passes,
        steps,
        output: longestOutput,
        depth,
        raises,
      };
      return python('runner.run(source, calls, passes, steps, output, depth, True, raises)', names);
    }
    case 'trace': {
      const { source, call, steps: most, characters } = work;
      return python('runner.trace(source, call, most, characters, steps, True)', {
        source,
        call,
        most,
        characters,
        steps,
      });
    }
    case 'measure':
      return python('runner.measure(source)', { source: work.source });
    case 'rewrite':
      return python('runner.rewrite(source, rewriting)', {
        source: work.source,
        rewriting: JSON.stringify(work.rewriting),
      });
    default:
      return work satisfies never;
  }
}
