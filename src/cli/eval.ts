/** @file `eval`: how many held-out tasks a model solves, by kind and level, with intervals that say how sure one can be of it. */

import { type Evaluation, evaluateModel } from '../evals/model';
import type { HeldOutTask } from '../evals/tasks';
import type { Config } from '../selfplay/config';
import { CommandError, type CommandResult, parseOptions, progress } from './command';
import { wholeNumber } from './config-file';
import { handModel } from './handing';
import { type Model, readModel } from './models';
import { fromPage, withPage } from './page';
import { PageExecutor } from './page-executor';
import { withSettings } from './settings';
import { readHeldOutFile } from './text-files';
import { percent } from './train-report';

export const usage = `eval          --model DIR|builtin|random --tasks FILE.jsonl [--samples K] [--temperature T] [--backend auto|webgpu|wasm|node]
                [--set KEY=VALUE ...] [--seed S]: how many held-out tasks a model solves`;

const backends = ['auto', 'webgpu', 'wasm', 'node'] as const;
type Backend = (typeof backends)[number];

interface Order {
  backend: Backend;
  model: Model;
  config: Config;
  tasks: HeldOutTask[];
}

export async function run(args: string[]): Promise<CommandResult> {
  const given = parseOptions(args, {
    model: { type: 'string' },
    tasks: { type: 'string' },
    samples: { type: 'string', default: '1' },
    temperature: { type: 'string' },
    backend: { type: 'string', default: 'auto' },
    set: { type: 'string', multiple: true, default: [] },
    seed: { type: 'string' },
  });
  const backend = backends.find((name) => name === given.backend);
  if (!backend) throw new CommandError(`--backend is ${backends.join(', ')}, not "${given.backend}".`, 2);
  if (!given.tasks) throw new CommandError('Say which tasks: --tasks FILE.jsonl.', 2);
  const samples = wholeNumber('samples', given.samples);
  const named = await readModel(given.model);
  const tasks = await readHeldOutFile(given.tasks);
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
  const { results, ...where } = await evaluate({ backend, model, config, tasks });
  const json = {
    results,
    model: given.model,
    samples,
    temperature: Number(temperature),
    seed: config.seed,
    ...where,
  };
  return { json, text: textOf(results) };
}

const evaluate = (order: Order): Promise<Evaluation> =>
  withPage(async (page) => {
    const { backend, model, config, tasks } = order;
    const { source } = model;
    if (backend === 'node') {
      const { LocalEngine } = await import('../engine/local');
      const { openNodeDevice } = await import('../engine/ort/node');
      const engine = new LocalEngine(await openNodeDevice());
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
  const head = ['mode', 'level', 'tasks', 'right', '95 % interval', 'format', 'tokens'];
  const rows = results.map(({ mode, level, n, pass1, low, high, format, tokens }) => [
    mode,
    level === null ? 'all' : String(level),
    String(n),
    percent(pass1),
    `${percent(low)} to ${percent(high)}`,
    percent(format),
    tokens.toFixed(1),
  ]);
  const table = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...table.map((row) => row[column].length)));
  const lines = table.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column])))
      .join('  '),
  );
  const unasked = results.reduce((sum, { level, unasked }) => sum + (level === null ? unasked : 0), 0);
  if (unasked > 0)
    lines.push(
      `${unasked} tasks were not asked, since their prompts are longer than tokens.prompt; they count as wrong.`,
    );
  return lines.join('\n');
}
