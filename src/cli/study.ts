/**
 * @file `study`: the learning runs of docs/LEARNING.md. Every arm with every seed is a folder: a run that was interrupted goes on, one
 * that is finished is left alone, and the tables tell of all there are. Each is a command of its own, so none can disturb another.
 */

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, open, readFile, rename, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { root } from '../../scripts/lib.mjs';
import type { Detail } from '../evals/evaluate';
import { type Counted, gain, Scores } from '../evals/study';
import { meanOf } from '../model/mean';
import type { Mode } from '../store/records';
import { isThere, readFolder, replaceFolder } from './checkpoint-folder';
import { CommandError, type CommandResult, parseOptions, progress } from './command';
import { wholeNumber } from './config-file';
import { type Arm, ablations, arms } from './study-arms';
import { type Learning, readLearning, StudyResults, type Way, ways } from './study-results';

export const usage = `study         [--folder DIR] [--results DIR] [--model builtin|DIR] [--steps N] [--seeds 1,2,3] [--arms NAME,...] [--tasks builtin|sealed|FILE.jsonl]
                [--together N] [--limit N] [--mean SHARE] [--set KEY=VALUE ...] [--materials DIR] [--programs SHARE]: learning runs against their controls, and the tables of docs/LEARNING.md`;

const options = {
  folder: { type: 'string', default: 'runs/study' },
  results: { type: 'string', default: 'bench/study' },
  model: { type: 'string', default: 'builtin' },
  steps: { type: 'string', default: '500' },
  seeds: { type: 'string', default: '1,2,3' },
  arms: { type: 'string' },
  tasks: { type: 'string', default: 'builtin' },
  together: { type: 'string', default: '2' },
  /** Tasks of a mode and level: all that there are in the sets that ship with Zeroloop. */
  limit: { type: 'string', default: '400' },
  /** Of the first weights in those that are asked: every arm ends as a run with model.mean does, the warm-up that is continued, too. */
  mean: { type: 'string', default: '0.25' },
  set: { type: 'string', multiple: true },
  materials: { type: 'string', default: 'warmup/materials' },
  programs: { type: 'string', default: '1' },
} as const;
type Options = ReturnType<typeof parseOptions<typeof options>>;

/** Of the tasks of a mode and level, as many as --limit says are asked for the one, a quarter of them four times each for the other. */
const samples = 4;

interface Run {
  arm: Arm;
  seed: number;
  /** Its log and its weights. */
  folder: string;
  /** What its results are kept under. */
  name: string;
}

const nameOf = (arm: string, seed: number) => `${arm}-${seed}`;

export async function run(args: string[]): Promise<CommandResult> {
  const given = parseOptions(args, options);
  const chosen = chosenArms(given.arms);
  const seeds = given.seeds.split(',').map((seed) => wholeNumber('seeds', seed));
  const folder = resolve(given.folder);
  const runs = chosen.flatMap((arm) =>
    seeds.map((seed) => ({
      arm,
      seed,
      folder: join(folder, arm.name, String(seed)),
      name: nameOf(arm.name, seed),
    })),
  );
  const results = await openResults(given);
  await keep(results, 'base', given.model, folder, null, given);
  // Once for all, and not by several at the same time into one folder.
  let drawing: Promise<unknown> | null = null;
  const drawn = () => {
    drawing ??= drawMaterials(folder, given);
    return drawing;
  };
  // Runs that say how many tokens their controls learn from come first, and controls wait for them.
  const waiting = [...runs.filter(({ arm }) => !('like' in arm)), ...runs.filter(({ arm }) => 'like' in arm)];
  const played = new Map<string, Promise<void>>();
  const work = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const { arm, seed } = next;
      if ('like' in arm) await played.get(`${arm.like} ${seed}`);
      const playing = play(next, given, folder, results, drawn);
      played.set(`${arm.name} ${seed}`, playing);
      await playing;
    }
  };
  await Promise.all(Array.from({ length: wholeNumber('together', given.together) }, work));
  const told = await Promise.all(views.map((view) => conclude(results, chosen, seeds, view)));
  const learning = await tellLearning(results, runs);
  return {
    json: {
      ...Object.fromEntries(views.map(({ name }, i) => [name, told[i].json])),
      learning: learning.json.runs,
    },
    text: [...views.map(({ name }, i) => `${name}\n\n${told[i].text}`), `learning\n\n${learning.text}`].join(
      '\n\n',
    ),
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

async function openResults({
  results,
  model,
  tasks,
  limit,
  steps,
  mean,
  set,
}: Options): Promise<StudyResults> {
  const weights = await readFile(join(folderOf(model), 'model.safetensors'));
  return StudyResults.open(resolve(results), {
    weights: createHash('sha256').update(weights).digest('hex'),
    tasks: basename(tasks, '.jsonl'),
    limit: wholeNumber('limit', limit),
    steps: wholeNumber('steps', steps),
    mean: shareOf(mean),
    settings: set ?? [],
  });
}

function shareOf(mean: string): number {
  const share = Number(mean);
  if (mean !== '' && share >= 0 && share < 1) return share;
  throw new CommandError(`--mean is a share from 0 to 1, and not 1 itself; it is ${mean || 'empty'}.`, 2);
}

const folderOf = (model: string) => (model === 'builtin' ? join(root, 'public/model') : model);

async function play(
  { arm, seed, folder, name }: Run,
  given: Options,
  study: string,
  results: StudyResults,
  drawn: () => Promise<unknown>,
): Promise<void> {
  if (await results.has(name)) return;
  const done = join(folder, 'done');
  await mkdir(folder, { recursive: true });
  if (!(await isThere(done))) {
    progress(`${arm.name}, seed ${seed}: begins`);
    if ('like' in arm) {
      const learned = await learningOf(results, arm.like, seed, study);
      await drawn();
      await continueWarmUp(learned, seed, folder, given);
    } else await train(arm, seed, folder, given);
    await writeFile(done, '');
  }
  const learning = 'like' in arm ? null : await readLearning(join(folder, 'log.jsonl.gz'));
  const last = join(folder, 'like' in arm ? 'model' : 'checkpoint');
  await keep(results, name, await settled(last, folder, given), folder, learning, given);
  progress(`${arm.name}, seed ${seed}: done`);
}

/** The model that an arm is judged by: its last weights with a share of the first ones, as a folder. */
async function settled(last: string, folder: string, { model, mean }: Options): Promise<string> {
  const share = shareOf(mean);
  if (share === 0) return last;
  const out = join(folder, `mean-${share}`);
  const files = await meanOf(await readFolder(folderOf(model)), await readFolder(last), share);
  await replaceFolder(out, files);
  return out;
}

/** How the run learned that a control is to be like: from its results, or its log. */
async function learningOf(
  results: StudyResults,
  like: string,
  seed: number,
  study: string,
): Promise<Learning> {
  const name = nameOf(like, seed);
  const kept = (await results.has(name)) ? (await results.read(name)).learning : null;
  if (kept) return kept;
  const log = join(study, like, String(seed), 'log.jsonl.gz');
  if (await isThere(log)) return readLearning(log);
  throw new CommandError(`${log} is not there, and says how much a control may learn: play that arm, too.`);
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
    'evaluate.every=0', // it is asked below, of other tasks
    'checkpoint.every=25',
    'watch.stop=',
    'model.mean=0', // what is asked is averaged afterwards, in every arm alike
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

/** What continued warm-ups learn from. */
function drawMaterials(folder: string, { materials, programs }: Options): Promise<string> {
  const order = ['warmup', '--draw', '--folder', folder, '--materials', materials, '--programs', programs];
  return command(order, join(folder, 'materials.log'));
}

async function continueWarmUp(
  { tokens, updates, rate }: Learning,
  seed: number,
  folder: string,
  { model, materials, programs }: Options,
): Promise<void> {
  const batch = Math.round(tokens / updates / written);
  const numbers = { steps: updates, batch, rate, seed, threads: 1 };
  const places = { folder, from: folderOf(model), materials, programs, out: join(folder, 'model') };
  const order = Object.entries({ ...numbers, ...places }).flatMap(([name, value]) => [
    `--${name}`,
    String(value),
  ]);
  await command(['warmup', ...order], join(folder, 'train.log'));
}

async function keep(
  results: StudyResults,
  name: string,
  model: string,
  folder: string,
  learning: Learning | null,
  given: Options,
): Promise<void> {
  if (await results.has(name)) return;
  await measure(model, folder, given);
  const [greedy, sampled] = await Promise.all(
    ways.map(async (way) => {
      const { details } = JSON.parse(await readFile(answersIn(folder, model, given, way), 'utf8'));
      return details as Detail[];
    }),
  );
  await results.write(name, { greedy, sampled, learning });
}

async function measure(model: string, folder: string, { tasks, limit }: Options): Promise<void> {
  await mkdir(folder, { recursive: true });
  const most = wholeNumber('limit', limit);
  for (const way of ways) {
    const path = answersIn(folder, model, { tasks, limit }, way);
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

/** Named by who was asked what: answers of other weights, to other tasks or to fewer, do not pass for these. */
const answersIn = (
  folder: string,
  model: string,
  { tasks, limit }: Pick<Options, 'tasks' | 'limit'>,
  way: Way,
) => join(folder, `${basename(model)}-${basename(tasks, '.jsonl')}-${limit}-${way}.json`);

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

/** What is told of an arm: its best answers, those it draws, and whether any of the drawn ones counts. */
interface View {
  name: string;
  way: Way;
  counted: Counted;
}
const views: readonly View[] = [
  { name: 'greedy', way: 'greedy', counted: 'share' },
  { name: 'sampled', way: 'sampled', counted: 'share' },
  { name: `pass@${samples}`, way: 'sampled', counted: 'any' },
];

type Conclusion = Exclude<CommandResult, 'printed'>;

interface Measured {
  name: string;
  seeds: Scores[];
  mean: Scores;
}

async function conclude(
  results: StudyResults,
  chosen: readonly Arm[],
  seeds: number[],
  { way, counted }: View,
): Promise<Conclusion> {
  const scoresOf = async (name: string) => Scores.of((await results.read(name))[way], counted);
  const base = await scoresOf('base');
  const measured: Measured[] = [{ name: 'base', seeds: [base], mean: base }];
  for (const { name } of chosen) {
    const scores = await Promise.all(seeds.map((seed) => scoresOf(nameOf(name, seed))));
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

/** What runs learned from, and whether their proposers held out: no collapse, and harder tasks. */
async function tellLearning(results: StudyResults, runs: readonly Run[]): Promise<Conclusion> {
  const told = await Promise.all(
    runs.map(async ({ name }) => ({ name, learning: (await results.read(name)).learning })),
  );
  const rows = told.flatMap(({ name, learning }) => {
    if (!learning) return [];
    const { tokens, updates, seconds, first, last } = learning;
    const change = (words: (of: typeof first) => string) => [first, last].map(words).join(' to ');
    return [
      [
        name,
        String(tokens),
        String(updates),
        String(Math.round(seconds / 60)),
        change(({ good }) => percent(good)),
        change(({ accepted }) => percent(accepted)),
        change(({ effort }) => effort?.toFixed(1) ?? '-'),
      ],
    ];
  });
  const head = ['', 'tokens', 'updates', 'minutes', 'sound, new, not trivial', 'accepted', 'effort'];
  return { json: { runs: told }, text: markdown([head, ...rows]) };
}

const percent = (share: number | null) => (share === null ? '-' : (100 * share).toFixed(1));
const signed = (share: number) => `${share < 0 ? '' : '+'}${(100 * share).toFixed(1)}`;
/** Not a number where nothing was asked of these levels. */
const points = ({ difference, low, high }: ReturnType<typeof gain>) =>
  Number.isNaN(difference) ? '-' : `${signed(difference)} (${signed(low)} to ${signed(high)})`;
const markdown = ([head, ...rows]: string[][]) =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
