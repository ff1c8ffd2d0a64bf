/** @file `export`: takes parts of a run out of its log, for other runs, other models, and other programs. */

import { createWriteStream } from 'node:fs';
import { stat, writeFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { readLines } from '../store/lines';
import { type Ending, openLog } from '../store/log';
import type { Task } from '../store/records';
import { CommandError, type CommandResult, parseOptions, progress } from './command';
import { readStream } from './file-stream';
import { seedLines, taskLine } from './seed-files';

export const usage = `export        --log LOG [--seeds FILE.jsonl] [--tasks FILE.jsonl] [--metrics FILE.csv] [--plain FILE.jsonl]:
                a run's seeds, all its tasks, one row a step, the log unzipped`;

export async function run(args: string[]): Promise<CommandResult> {
  const { log, run, ...wanted } = parseOptions(args, {
    log: { type: 'string' },
    run: { type: 'string' },
    seeds: { type: 'string' },
    tasks: { type: 'string' },
    metrics: { type: 'string' },
    plain: { type: 'string' },
  });
  if (run !== undefined) {
    throw new CommandError(
      `Run "${run}" is in the profile of a browser, which cannot be reached from here: export its log from the page, then use --log.`,
      2,
    );
  }
  if (!log) throw new CommandError('Say which run: --log LOG.', 2);
  if (Object.values(wanted).every((file) => file === undefined)) {
    throw new CommandError(
      'Say what to take out: --seeds, --tasks, --metrics or --plain, each with a file.',
      2,
    );
  }
  if (!(await stat(log).catch(() => null))?.isFile()) {
    throw new CommandError(`${log} is no file: name the log of a run.`, 2);
  }
  const { seeds, tasks, metrics, ending } = await readParts(log);
  const written: Record<string, string> = {};
  const write = async (part: string, file: string | undefined, text: string, count: string) => {
    if (file === undefined) return;
    await writeFile(file, text);
    written[part] = file;
    progress(`${count} written to ${file}.`);
  };
  const seedsText = seedLines(seeds);
  await write('seeds', wanted.seeds, seedsText.text, `${seedsText.count} seeds`);
  await write('tasks', wanted.tasks, tasks.map(taskLine).join(''), `${tasks.length} tasks`);
  await write('metrics', wanted.metrics, csv(metrics), `${metrics.length} steps`);
  if (wanted.plain !== undefined) {
    await pipeline(Readable.from(plain(log)), createWriteStream(wanted.plain));
    written.plain = wanted.plain;
    progress(`The log written to ${wanted.plain}.`);
  }
  const { complete, message, steps, episodes } = ending;
  const text = [`${steps} steps, ${episodes} episodes, ${tasks.length} tasks`, ...(message ? [message] : [])];
  return {
    json: { written, steps, episodes, tasks: tasks.length, complete, message },
    text: text.join('\n'),
  };
}

interface Parts {
  /** As they were when the run began. */
  seeds: Task[];
  /** With their latest solve rates. */
  tasks: Task[];
  metrics: { step: number; metrics: Record<string, number> }[];
  ending: Ending;
}

/** In one pass; of the episodes, which are most of a log, nothing is kept. */
async function readParts(file: string): Promise<Parts> {
  const log = await openLog(readStream(file));
  const seeds: Task[] = [];
  const tasks = new Map<number, Task>();
  const metrics: Parts['metrics'] = [];
  for await (const { record } of log.steps) {
    if (record.step === 0) seeds.push(...record.tasks);
    for (const task of record.tasks) tasks.set(task.id, { ...task });
    for (const { task, solveRate } of record.updates) {
      const changed = tasks.get(task);
      if (changed && solveRate !== undefined) changed.solveRate = solveRate;
    }
    metrics.push({ step: record.step, metrics: record.metrics });
  }
  if (!log.ending) throw new TypeError('A log has an ending once it is read.');
  return { seeds, tasks: [...tasks.values()], metrics, ending: log.ending };
}

/** A column for each name that any step has; what a step does not have stays empty. */
export function csv(steps: Parts['metrics']): string {
  const names = [...new Set(steps.flatMap(({ metrics }) => Object.keys(metrics)))].sort();
  const rows = steps.map(({ step, metrics }) => [step, ...names.map((name) => metrics[name] ?? '')]);
  return [['step', ...names], ...rows].map((row) => `${row.map(quoted).join(',')}\n`).join('');
}

const quoted = (cell: string | number): string =>
  /[",\n]/.test(String(cell)) ? `"${String(cell).replaceAll('"', '""')}"` : String(cell);

async function* plain(file: string): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const line of readLines(readStream(file))) yield `${decoder.decode(line)}\n`;
}
