/**
 * @file `study`: the learning runs of docs/LEARNING.md. Every arm with every seed is a folder: a run that was interrupted goes on, one
 * that is finished is left alone, and the tables tell of all there are. Each is a command of its own, so none can disturb another.
 */

import { spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdir, open, readFile, rename, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { root } from '../../scripts/lib.mjs';
import type { Detail } from '../evals/evaluate';
import { gain, Scores } from '../evals/study';
import type { Mode, StepRecord } from '../store/records';
import { isThere } from './checkpoint-folder';
import { CommandError, type CommandResult, parseOptions, progress } from './command';
import { wholeNumber } from './config-file';
import { type Arm, ablations, arms } from './study-arms';

export const usage = `study         [--folder DIR] [--model builtin|DIR] [--steps N] [--seeds 1,2,3] [--arms NAME,...] [--tasks builtin|sealed|FILE.jsonl]
                [--together N] [--limit N] [--set KEY=VALUE ...] [--materials DIR] [--programs SHARE]: learning runs against their controls, and the tables of docs/LEARNING.md`;

const options = {
  folder: { type: 'string', default: 'runs/study' },
  model: { type: 'string', default: 'builtin' },
  steps: { type: 'string', default: '500' },
  seeds: { type: 'string', default: '1,2,3' },
  arms: { type: 'string' },
  tasks: { type: 'string', default: 'builtin' },
  together: { type: 'string', default: '2' },
  /** Tasks of a mode and level: all that there are in the sets that ship with Zeroloop. */
  limit: { type: 'string', default: '400' },
  set: { type: 'string', multiple: true },
  materials: { type: 'string', default: 'warmup/materials' },
  programs: { type: 'string', default: '1' },
} as const;
type Options = ReturnType<typeof parseOptions<typeof options>>;

/** What a model does when it is sure of itself, and what it does while it plays: the best answer, and answers drawn by chance. */
const ways = ['greedy', 'sampled'] as const;
type Way = (typeof ways)[number];

/** Of the tasks of a mode and level, as many as --limit says are asked for the one, a quarter of them four times each for the other. */
const samples = 4;

interface Run {
  arm: Arm;
  seed: number;
  folder: string;
}

export async function run(args: string[]): Promise<CommandResult> {
  const given = parseOptions(args, options);
  const chosen = chosenArms(given.arms);
  const seeds = given.seeds.split(',').map((seed) => wholeNumber('seeds', seed));
  const folder = resolve(given.folder);
  const runs = chosen.flatMap((arm) =>
    seeds.map((seed) => ({ arm, seed, folder: join(folder, arm.name, String(seed)) })),
  );
  await measure(given.model, folder, given);
  // Runs that say how many tokens their controls learn from come first, and controls wait for them.
  const waiting = [...runs.filter(({ arm }) => !('like' in arm)), ...runs.filter(({ arm }) => 'like' in arm)];
  const played = new Map<string, Promise<void>>();
  const work = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const { arm, seed } = next;
      if ('like' in arm) await played.get(`${arm.like} ${seed}`);
      const playing = play(next, given, folder);
      played.set(`${arm.name} ${seed}`, playing);
      await playing;
    }
  };
  await Promise.all(Array.from({ length: wholeNumber('together', given.together) }, work));
  const told = await Promise.all(ways.map((way) => conclude(folder, chosen, seeds, given, way)));
  return {
    json: Object.fromEntries(ways.map((way, i) => [way, told[i].json])),
    text: ways.map((way, i) => `${way}\n\n${told[i].text}`).join('\n\n'),
  };
}

function chosenArms(names: string | undefined): readonly Arm[] {
  if (names === undefined) return arms;
  const all = [...arms, ...ablations];
  return names.split(',').map((name) => {
    const arm = all.find((each) => each.name === name);
    if (arm) return arm;
    throw new CommandError(
      `There is no arm "${name}". There is: ${all.map((each) => each.name).join(', ')}.`,
      2,
    );
  });
}

// ---- Runs --------------------------------------------------------------------------------------------------------------

async function play({ arm, seed, folder }: Run, given: Options, study: string): Promise<void> {
  const done = join(folder, 'done');
  await mkdir(folder, { recursive: true });
  if (!(await isThere(done))) {
    progress(`${arm.name}, seed ${seed}: begins`);
    if ('like' in arm) await continueWarmUp(join(study, arm.like, String(seed)), seed, folder, given);
    else await train(arm, seed, folder, given);
    await writeFile(done, '');
  }
  await measure(join(folder, 'like' in arm ? 'model' : 'checkpoint'), folder, given);
  progress(`${arm.name}, seed ${seed}: done`);
}

async function train(arm: Exclude<Arm, { like: string }>, seed: number, folder: string, given: Options) {
  const [log, checkpoint] = [join(folder, 'log.jsonl.gz'), join(folder, 'checkpoint')];
  const common = [
    '--backend',
    'node',
    '--threads',
    '1',
    '--log',
    log,
    '--checkpoint',
    checkpoint,
    '--heldout',
    'builtin',
  ];
  const settings = [
    ...arm.settings,
    'evaluate.every=100',
    'checkpoint.every=25',
    'watch.stop=',
    ...(given.set ?? []),
  ];
  const fresh = [
    '--model',
    given.model,
    '--preset',
    arm.preset,
    '--seed',
    String(seed),
    '--steps',
    given.steps,
  ];
  const order = (await isThere(checkpoint))
    ? ['--resume']
    : [...fresh, ...settings.flatMap((each) => ['--set', each])];
  await command(['train', ...common, ...order], join(folder, 'train.log'));
}

/** Of a lesson's tokens, those that are to be written; the rest is prompt. */
const written = 0.56;

async function continueWarmUp(like: string, seed: number, folder: string, given: Options): Promise<void> {
  const log = join(like, 'log.jsonl.gz');
  if (!(await isThere(log)))
    throw new CommandError(`${log} is not there, and says how much a control may learn: play that arm, too.`);
  const { tokens, updates, rate } = await learned(log);
  const from = given.model === 'builtin' ? join(root, 'public/model') : given.model;
  const batch = Math.round(tokens / updates / written);
  const numbers = { steps: updates, batch, rate, seed, threads: 1 };
  const { materials, programs } = given;
  const places = { folder, from, materials, programs, out: join(folder, 'model') };
  const order = Object.entries({ ...numbers, ...places }).flatMap(([name, value]) => [
    `--${name}`,
    String(value),
  ]);
  await command(['warmup', ...order], join(folder, 'train.log'));
}

/** Of a whole log: the tokens that losses were taken of, the updates that were made of them, and the highest learning rate. */
async function learned(log: string): Promise<{ tokens: number; updates: number; rate: number }> {
  let [tokens, updates, rate] = [0, 0, 0];
  const lines = createInterface({ input: createReadStream(log).pipe(createGunzip()) });
  for await (const line of lines) {
    const { record } = JSON.parse(line) as { record?: Pick<StepRecord, 'metrics'> };
    const metrics = record?.metrics ?? {};
    tokens += (metrics['actor/tokens'] ?? 0) + (metrics['hindsight/tokens'] ?? 0);
    updates += metrics['actor/updates'] ?? 0;
    rate = Math.max(rate, metrics['actor/lr'] ?? 0);
  }
  return { tokens, updates, rate };
}

async function measure(model: string, folder: string, { tasks, limit }: Options): Promise<void> {
  await mkdir(folder, { recursive: true });
  const most = wholeNumber('limit', limit);
  for (const way of ways) {
    const path = resultsIn(folder, { tasks, limit }, way);
    if (await isThere(path)) continue;
    const asked = {
      greedy: ['--limit', String(most)],
      sampled: ['--limit', String(Math.ceil(most / samples)), '--samples', String(samples)],
    }[way];
    const common = ['--model', model, '--tasks', tasks, '--backend', 'node', '--threads', '1'];
    const order = ['eval', ...common, ...asked, '--json', '--details'];
    await writeFile(`${path}.new`, await command(order, join(folder, 'eval.log')));
    await rename(`${path}.new`, path);
  }
}

/** Named by what was asked: answers to other tasks, or to fewer, do not pass for these. */
const resultsIn = (folder: string, { tasks, limit }: Pick<Options, 'tasks' | 'limit'>, way: Way) =>
  join(folder, `${basename(tasks, '.jsonl')}-${limit}-${way}.json`);

/** What it printed; its progress goes to a file. */
async function command(order: string[], log: string): Promise<string> {
  const file = await open(log, 'a');
  try {
    const child = spawn(process.execPath, [join(root, 'scripts/cli.mjs'), ...order], {
      stdio: ['ignore', 'pipe', file.fd],
    });
    let text = '';
    child.stdout?.on('data', (chunk) => {
      text += chunk;
    });
    const code = await new Promise((done) => child.on('close', done));
    if (code !== 0)
      throw new CommandError(`${order[0]} failed; ${log} says why. The study goes on where it was.`);
    return text;
  } finally {
    await file.close();
  }
}

// ---- Tables ------------------------------------------------------------------------------------------------------------

const modes: readonly Mode[] = ['deduction', 'abduction', 'induction'];
const levels = [1, 2, 3, 4, 5, 6];

type Conclusion = Exclude<CommandResult, 'printed'>;

interface Measured {
  name: string;
  seeds: Scores[];
  mean: Scores;
}

async function conclude(
  folder: string,
  chosen: readonly Arm[],
  seeds: number[],
  given: Options,
  way: Way,
): Promise<Conclusion> {
  const base = await readScores(resultsIn(folder, given, way));
  const measured: Measured[] = [{ name: 'base', seeds: [base], mean: base }];
  for (const { name } of chosen) {
    const scores = await Promise.all(
      seeds.map((seed) => readScores(resultsIn(join(folder, name, String(seed)), given, way))),
    );
    measured.push({ name, seeds: scores, mean: Scores.mean(scores) });
  }
  const rows = measured.map(({ name, seeds, mean }) => [
    name,
    ...modes.flatMap((mode) => levels.map((level) => percent(mean.at(mode, level)))),
    percent(mean.mean),
    seeds.map((each) => percent(each.mean)).join(' '),
  ]);
  const head = [
    '',
    ...modes.flatMap((mode) => levels.map((level) => `${mode.slice(0, 3)} ${level}`)),
    'mean',
    'of each seed',
  ];
  const pairs = measured.flatMap((arm, index) => measured.slice(0, index).map((other) => ({ arm, other })));
  const differences = pairs.map(({ arm, other }) => ({
    arm: arm.name,
    against: other.name,
    all: gain(other.mean, arm.mean),
    hard: gain(other.mean.from(4), arm.mean.from(4)),
  }));
  const told = differences.map(({ arm, against, all, hard }) => [arm, against, points(all), points(hard)]);
  const text = [
    markdown([head, ...rows]),
    markdown([['', 'against', 'all', 'levels 4 and up'], ...told]),
  ].join('\n\n');
  return { json: { arms: measured.map(({ name, mean }) => ({ name, mean: mean.mean })), differences }, text };
}

async function readScores(path: string): Promise<Scores> {
  return Scores.of((JSON.parse(await readFile(path, 'utf8')) as { details: Detail[] }).details);
}

const percent = (share: number | null) => (share === null ? '-' : (100 * share).toFixed(1));
const signed = (share: number) => `${share < 0 ? '' : '+'}${(100 * share).toFixed(1)}`;
/** Not a number where nothing was asked of these levels. */
const points = ({ difference, low, high }: ReturnType<typeof gain>) =>
  Number.isNaN(difference) ? '-' : `${signed(difference)} (${signed(low)} to ${signed(high)})`;
const markdown = ([head, ...rows]: string[][]) =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
