/** @file `compare`: what two models gave on the same held-out tasks, task by task. */

import { type Comparison, compare } from '../evals/compare';
import type { Detail } from '../evals/evaluate';
import { CommandError, type CommandResult, progress } from './command';
import { lines } from './table';
import { readJsonFile } from './text-files';
import { percent } from './train-report';

export const usage =
  'compare A.json B.json            what two evaluations (eval --json --details) differ in, and whether it is chance';

export async function run(args: string[]): Promise<CommandResult> {
  if (args.length !== 2 || args.some((arg) => arg.startsWith('-')))
    throw new CommandError(`compare wants two files: ${usage}`, 2);
  const [a, b] = await Promise.all(args.map(readEvaluation));
  for (const name of ['samples', 'temperature', 'seed'] as const)
    if (a[name] !== b[name])
      progress(`They were not asked alike: ${name} is ${a[name]} in ${args[0]}, ${b[name]} in ${args[1]}.`);
  const ids = new Set(b.details.map(({ id }) => id));
  const missing = a.details.filter(({ id }) => !ids.has(id)).length;
  if (missing > 0 || a.details.length !== b.details.length)
    throw new CommandError(
      `${args[0]} and ${args[1]} are about different tasks (${a.details.length} and ${b.details.length}, ${missing} of the first not in the second): ask both models the same ones.`,
    );
  const comparisons = compare(a.details, b.details);
  return { json: { a: a.model, b: b.model, comparisons }, text: lines(rowsOf(comparisons)).join('\n') };
}

interface Evaluated {
  model: unknown;
  samples: unknown;
  temperature: unknown;
  seed: unknown;
  details: Detail[];
}

async function readEvaluation(path: string): Promise<Evaluated> {
  const read = (await readJsonFile(path)) as Partial<Evaluated> | null;
  if (!Array.isArray(read?.details) || read.details.length === 0)
    throw new CommandError(
      `${path} does not say what became of each task: make it with eval --json --details.`,
    );
  return read as Evaluated;
}

function rowsOf(comparisons: readonly Comparison[]): string[][] {
  const head = ['', 'level', 'tasks', 'A', 'B', 'B - A', '95 % interval', 'better', 'worse', 'p'];
  const rows = comparisons.map(({ of, mode, level, n, a, b, difference, low, high, better, worse, p }) => [
    of === 'right' ? mode : `${mode}, exact`,
    level === null ? 'all' : String(level),
    String(n),
    percent(a),
    percent(b),
    points(difference),
    `${points(low)} to ${points(high)}`,
    String(better),
    String(worse),
    p < 0.001 ? '< 0.001' : p.toFixed(3),
  ]);
  return [head, ...rows];
}

/** Of percent: a sign always, since a difference is what matters. */
function points(difference: number): string {
  const text = (100 * difference).toFixed(1);
  return difference >= 0 && !text.startsWith('-') ? `+${text}` : text;
}
