/** @file `eval`: how many held-out tasks a model solves, by kind and level, with intervals that say how sure one can be of it. */

import { type Evaluation, evaluateModel } from '../evals/model';
import { type HeldOutTask, type Selection, select } from '../evals/tasks';
import type { Config } from '../selfplay/config';
import { type Mode, modes } from '../store/records';
import { CommandError, type CommandResult, parseOptions, progress } from './command';
import { wholeNumber } from './config-file';
import { handModel } from './handing';
import { readHeldOutSet } from './held-out-files';
import { type Model, readModel } from './models';
import { fromPage, withPage } from './page';
import { PageExecutor } from './page-executor';
import { withSettings } from './settings';
import { lines } from './table';
import { threadsFor } from './threads';
import { percent } from './train-report';

export const usage = `eval          --model DIR|builtin|random --tasks builtin|sealed|FILE.jsonl [--levels 1,2,3]
                [--modes deduction,abduction,induction] [--limit N] [--samples K] [--temperature T] [--details]
                [--backend auto|webgpu|wasm|node] [--threads N] [--set KEY=VALUE ...] [--seed S]: how many held-out tasks a model solves`;

const backends = ['auto', 'webgpu', 'wasm', 'node'] as const;
type Backend = (typeof backends)[number];

interface Order {
  backend: Backend;
  model: Model;
  config: Config;
  tasks: HeldOutTask[];
  threads?: number;
}

export async function run(args: string[]): Promise<CommandResult> {
  const given = parseOptions(args, {
    model: { type: 'string' },
    tasks: { type: 'string' },
    levels: { type: 'string' },
    modes: { type: 'string' },
    limit: { type: 'string' },
    details: { type: 'boolean', default: false },
    samples: { type: 'string', default: '1' },
    temperature: { type: 'string' },
    backend: { type: 'string', default: 'auto' },
    threads: { type: 'string' },
    set: { type: 'string', multiple: true, default: [] },
    seed: { type: 'string' },
  });
  const backend = backends.find((name) => name === given.backend);
  if (!backend) throw new CommandError(`--backend is ${backends.join(', ')}, not "${given.backend}".`, 2);
  const threads = threadsFor(backend, given.threads);
  if (!given.tasks) throw new CommandError('Say which tasks: --tasks builtin, or sealed, or FILE.jsonl.', 2);
  const samples = wholeNumber('samples', given.samples);
  const selection = selectionOf(given);
  const named = await readModel(given.model);
  const tasks = select(await readHeldOutSet(given.tasks), selection);
  if (tasks.length === 0) throw new CommandError('None of these tasks has such a mode and level.', 2);
  // One answer is the likeliest one; several have to differ.
  const temperature = given.temperature ?? (samples > 1 ? '1' : '0');
  const config = withSettings({ ...named.settings, ...(named.note?.config as Partial<Config> | undefined) }, [
    ...given.set,
    `evaluate.samples=${samples}`,
    `evaluate.temperature=${temperature}`,
    ...(given.seed === undefined ? [] : [`seed=${given.seed}`]),
  ]);
  const model = await named.open(config);
  progress(
    `${tasks.length} tasks, ${samples} ${samples === 1 ? 'answer' : 'answers'} to each, from ${model.name}`,
  );
  const { results, details, ...where } = await evaluate({ backend, model, config, tasks, threads });
  const json = {
    results,
    model: given.model,
    samples,
    temperature: Number(temperature),
    seed: config.seed,
    ...where,
    ...(given.details && { details }),
  };
  return { json, text: textOf(results) };
}

function selectionOf(given: { levels?: string; modes?: string; limit?: string }): Selection {
  const { levels, modes: named, limit } = given;
  const asked = named?.split(',').map((name) => name.trim());
  const unknown = asked?.find((name) => !isMode(name));
  if (unknown !== undefined)
    throw new CommandError(`There is no mode "${unknown}". There is: ${modes.join(', ')}.`, 2);
  return {
    levels: levels?.split(',').map((level) => {
      if (level.trim() !== '' && Number.isFinite(Number(level))) return Number(level);
      throw new CommandError(`--levels must be numbers, such as 1,2,3, not "${levels}".`, 2);
    }),
    modes: asked?.filter(isMode),
    limit: limit === undefined ? undefined : wholeNumber('limit', limit),
  };
}

const isMode = (name: string): name is Mode => (modes as readonly string[]).includes(name);

const evaluate = (order: Order): Promise<Evaluation> =>
  withPage(async (page) => {
    const { backend, model, config, tasks, threads } = order;
    const { source } = model;
    if (backend === 'node') {
      const { LocalEngine } = await import('../engine/local');
      const { openNodeDevice } = await import('../engine/ort/node');
      const engine = new LocalEngine(await openNodeDevice(threads));
      try {
        return await evaluateModel({ source, config, tasks }, engine, new PageExecutor(page));
      } finally {
        await engine.close();
      }
    }
    try {
      const handed = await handModel(page, source);
      const asked = { backend, model: handed, config, tasks };
      return await page.evaluate((order) => window.zeroloop.evaluate(order), asked);
    } catch (error) {
      throw fromPage(error);
    }
  });

function textOf(results: Evaluation['results']): string {
  const head = [
    'mode',
    'level',
    'tasks',
    'right',
    '95 % interval',
    'exact',
    '95 % interval',
    'format',
    'tokens',
  ];
  const rows = results.map(
    ({ mode, level, n, pass1, low, high, exact, exactLow, exactHigh, format, tokens }) => [
      mode,
      level === null ? 'all' : String(level),
      String(n),
      percent(pass1),
      `${percent(low)} to ${percent(high)}`,
      exact === null ? '-' : percent(exact),
      exactLow === null || exactHigh === null ? '-' : `${percent(exactLow)} to ${percent(exactHigh)}`,
      percent(format),
      tokens.toFixed(1),
    ],
  );
  const text = lines([head, ...rows]);
  const unasked = results.reduce((sum, { level, unasked }) => sum + (level === null ? unasked : 0), 0);
  if (unasked > 0)
    text.push(
      `${unasked} tasks were not asked, since their prompts are longer than tokens.prompt; they count as wrong.`,
    );
  return text.join('\n');
}
