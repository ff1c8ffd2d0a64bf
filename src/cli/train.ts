/**
 * @file `train`: a run of self-play from a terminal. What it leaves behind is a log and a checkpoint; while it runs, both are on the
 * disk as far as they are, so that whoever is killed goes on with --resume.
 */

import { createHash, randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { version } from '../../package.json';
import { askedBy, atMost, type HeldOutTask } from '../evals/tasks';
import { type Config, difference, readConfig } from '../selfplay/config';
import { newRun } from '../selfplay/new-run';
import { exportLog } from '../store/log';
import type { RunInfo } from '../store/records';
import { isThere, recoverFolder } from './checkpoint-folder';
import { CommandError, type CommandResult, parseOptions, progress } from './command';
import { readHeldOutForRun } from './held-out-files';
import { type Model, readModel } from './models';
import { nodesOf } from './node-addresses';
import { RunFiles, type RunLabel, type RunPaths } from './run-files';
import { seedLines } from './seed-files';
import { readSettings, type Settings } from './settings';
import { readRewardsFile, readSeedFile } from './text-files';
import { threadsFor } from './threads';
import { duration, percent, TrainReport } from './train-report';
import type { TrainOrder } from './trainer';

export const usage = `train         --model DIR|builtin|random [--preset P] [--steps N] [--seed S] [--log OUT.jsonl.gz] [--checkpoint OUT_DIR]
                [--backend auto|webgpu|wasm|node|remote] [--node URL ...] [--threads N] [--set KEY=VALUE ...] [--config FILE.json] [--name TEXT] [--seeds FILE.jsonl]
                [--save-seeds FILE.jsonl] [--heldout builtin|FILE.jsonl] [--rewards FILE.mjs] [--resume]:
                self-play, until its last step or Ctrl-C. The first
                node trains, all of them sample. Their token comes from ZEROLOOP_TOKEN, or one for each from ZEROLOOP_TOKENS`;

const options = {
  model: { type: 'string' },
  preset: { type: 'string' },
  steps: { type: 'string' },
  seed: { type: 'string' },
  backend: { type: 'string', default: 'auto' },
  threads: { type: 'string' },
  node: { type: 'string', multiple: true },
  log: { type: 'string' },
  checkpoint: { type: 'string' },
  set: { type: 'string', multiple: true },
  config: { type: 'string' },
  name: { type: 'string' },
  seeds: { type: 'string' },
  'save-seeds': { type: 'string' },
  heldout: { type: 'string' },
  rewards: { type: 'string' },
  resume: { type: 'boolean', default: false },
} as const;

type Options = ReturnType<typeof parseOptions<typeof options>>;

/** A run that is ready to be played. */
interface Prepared {
  run: RunFiles;
  order: TrainOrder;
  preset: string;
  /** Only files that somebody asked for stay. */
  scratch: string | null;
}

export async function run(args: string[]): Promise<CommandResult> {
  const given = parseOptions(args, options);
  const backend = backendOf(given.backend);
  const threads = threadsFor(backend, given.threads);
  const nodes = nodesOf(backend, given.node ?? [], process.env);
  const heldOut = await readHeldOut(given.heldout);
  if (given.resume) await refuseFinished(given);
  const prepared = await prepare(given, backend, heldOut);
  const { run, order, scratch } = prepared;
  const report = new TrainReport(
    {
      write: (text) => process.stderr.write(text),
      live: process.stderr.isTTY ?? false,
      columns: process.stderr.columns,
    },
    order.config.steps,
  );
  await introduce(prepared, report);
  let first = true;
  run.onStep = (record) => {
    if (first) report.line(`Device  ${run.device}`);
    first = false;
    report.step(record);
  };

  let ended: string | null = null;
  const interrupt = new AbortController();
  const stop = () => {
    report.line('Stopping: the step under way is dropped. (Ctrl-C again ends at once.)');
    interrupt.abort();
  };
  process.once('SIGINT', stop);
  const began = performance.now();
  try {
    const play =
      backend === 'node' || backend === 'remote'
        ? (await import('./node-trainer')).trainInNode
        : (await import('./page-trainer')).trainInPage;
    await play(
      { ...order, threads, nodes },
      run,
      (event) => {
        if (event.kind === 'status' && event.status === 'finished') ended = event.message;
        report.event(event);
      },
      interrupt.signal,
    );
  } catch (error) {
    report.clear();
    throw withAdvice(error, given, run);
  } finally {
    process.off('SIGINT', stop);
  }
  report.clear();
  const seconds = (performance.now() - began) / 1000;
  await saveSeeds(run, given['save-seeds']);
  const result = await conclude(prepared, given, { seconds, ended });
  if (scratch) await rm(scratch, { recursive: true, force: true });
  return result;
}

// ---- What is to be played --------------------------------------------------------------------------------------------

function backendOf(name: string): TrainOrder['backend'] {
  if (name === 'auto' || name === 'webgpu' || name === 'wasm' || name === 'node' || name === 'remote')
    return name;
  throw new CommandError(`--backend is auto, webgpu, wasm, node or remote, not "${name}".`, 2);
}

interface HeldOut {
  askedBy(config: Config): HeldOutTask[];
  /** Of what a run asks that asks all kinds; null without any. */
  digest: string | null;
}

async function readHeldOut(path: string | undefined): Promise<HeldOut> {
  if (path === undefined) return { askedBy: () => [], digest: null };
  const { tasks, limit } = await readHeldOutForRun(path);
  const digest = createHash('sha256')
    .update(JSON.stringify(atMost(limit, tasks)))
    .digest('hex');
  return { askedBy: (config) => atMost(limit, askedBy(config, tasks)), digest };
}

async function prepare(given: Options, backend: TrainOrder['backend'], heldOut: HeldOut): Promise<Prepared> {
  if (!given.resume) return begin(given, backend, heldOut);
  const { log, checkpoint } = given;
  if (!log || !checkpoint) {
    throw new CommandError(
      '--resume goes on from both files of a run: name them with --log and --checkpoint.',
      2,
    );
  }
  const paths = { log: partialOf(log), checkpoint: resolve(checkpoint) };
  await recoverFolder(paths.checkpoint);
  if (!(await isThere(paths.log)) && !(await isThere(paths.checkpoint))) {
    throw new CommandError(
      `There is no run to go on with in ${paths.log} and ${checkpoint}: begin one without --resume.`,
      2,
    );
  }
  if (!(await isThere(paths.log))) {
    throw new CommandError(
      `${paths.log}, the log of the run in ${checkpoint}, is not there: a new run can begin with --model ${checkpoint}.`,
    );
  }
  const opened = await RunFiles.open(paths);
  if (!opened) {
    progress('This run had no checkpoint yet: it begins again.');
    await rm(paths.log);
    return begin(given, backend, heldOut);
  }
  return goOn(opened.run, opened.note, given, backend, heldOut);
}

async function begin(given: Options, backend: TrainOrder['backend'], heldOut: HeldOut): Promise<Prepared> {
  const named = await readModel(given.model);
  const settings = await readSettings(given, named.settings);
  const { preset, config } = settings;
  const model = await named.open(config);
  const seeds = given.seeds === undefined ? [] : await readSeedFile(given.seeds);
  const rewards = given.rewards === undefined ? undefined : await readRewardsFile(given.rewards);
  const scratch = given.log && given.checkpoint ? null : await mkdtemp(join(tmpdir(), 'zeroloop-run-'));
  const paths = await freshPaths(given, scratch);
  const info = infoOf(settings, model, backend, given.name);
  const run = RunFiles.create(paths, info, { preset, heldOut: heldOut.digest });
  return {
    run,
    order: { backend, config, start: { model, seeds, rewards }, heldOut: heldOut.askedBy(config) },
    preset,
    scratch,
  };
}

async function goOn(
  run: RunFiles,
  { preset, heldOut: digest }: RunLabel,
  given: Options,
  backend: TrainOrder['backend'],
  heldOut: HeldOut,
): Promise<Prepared> {
  const info = await run.info();
  const config = readConfig(info.config);
  if ([given.preset, given.steps, given.seed, given.set, given.config].some((each) => each !== undefined)) {
    const { settings } = await readModel(run.paths.checkpoint);
    const [first, ...more] = difference(config, (await readSettings(given, settings)).config);
    if (first) {
      const others = more.length > 0 ? ` (and ${more.length} more)` : '';
      throw new CommandError(
        `This run was begun with ${first.key}=${String(first.from)}, not ${String(first.to)}${others}: leave the settings out, or begin a new run with --model ${run.paths.checkpoint}.`,
        2,
      );
    }
  }
  if (given.rewards !== undefined) {
    throw new CommandError('The rewards of a run are in its checkpoint: leave --rewards out.', 2);
  }
  if (digest !== heldOut.digest) {
    throw new CommandError(
      digest === null
        ? 'This run was begun without --heldout: leave it out, or its tests could not be compared.'
        : 'This run is tested on a file of held-out tasks: name the same file with --heldout.',
      2,
    );
  }
  const before = info.backend as TrainOrder['backend'];
  if (backend === 'auto' && before === 'remote') {
    throw new CommandError(
      'This run was begun on a node: say where it goes on, with --backend remote --node URL or another backend.',
      2,
    );
  }
  if (backend !== 'auto' && backend !== before) {
    progress(`This run was begun on ${before}: on ${backend} it may differ from then on in the last digits.`);
  }
  const order = {
    backend: backend === 'auto' ? before : backend,
    config,
    start: null,
    heldOut: heldOut.askedBy(config),
  };
  return { run, order, preset, scratch: null };
}

/** While a run is played: OUT.jsonl.gz is written when it ends. */
export const partialOf = (log: string): string =>
  resolve(`${log.replace(/\.gz$/, '').replace(/\.jsonl$/, '')}.partial.jsonl`);

async function freshPaths({ log, checkpoint }: Options, scratch: string | null): Promise<RunPaths> {
  const paths = {
    log: log ? partialOf(log) : join(scratch ?? '', 'log.jsonl'),
    checkpoint: checkpoint ? resolve(checkpoint) : join(scratch ?? '', 'checkpoint'),
  };
  for (const file of [log && resolve(log), log && paths.log]) {
    if (file && (await isThere(file))) {
      throw new CommandError(
        `${file} is there already: go on with that run by --resume, or name another file.`,
        2,
      );
    }
  }
  if (checkpoint && (await readdir(paths.checkpoint).catch(() => [])).length > 0) {
    throw new CommandError(
      `${checkpoint} is there already and not empty: go on with its run by --resume, or name another folder.`,
      2,
    );
  }
  for (const path of [paths.log, paths.checkpoint]) await mkdir(dirname(path), { recursive: true });
  return paths;
}

function infoOf(
  { preset, config }: Settings,
  { name: model }: Model,
  backend: string,
  name = `${preset}, seed ${config.seed}`,
): RunInfo {
  return newRun({
    id: `run-${Date.now().toString(36)}-${randomBytes(3).toString('hex')}`,
    name,
    createdAt: Date.now(),
    appVersion: version,
    backend,
    model,
    config,
  });
}

// ---- Telling ---------------------------------------------------------------------------------------------------------

async function introduce({ run, order, preset }: Prepared, report: TrainReport): Promise<void> {
  const { id, model } = await run.info();
  const { config } = order;
  const goal = `${config.steps} ${config.steps === 1 ? 'step' : 'steps'}`;
  const from = run.step === null ? '' : `, goes on after step ${run.step}`;
  report.line(`Run     ${id}: ${preset}, ${goal}, seed ${config.seed}, on ${order.backend}${from}`);
  report.line(`Model   ${model}`);
}

/** What is on the disk is worth knowing when something went wrong. */
function withAdvice(error: unknown, given: Options, run: RunFiles): unknown {
  const kept = given.log && given.checkpoint && run.checkpointStep !== null && (run.step ?? 0) > 0;
  if (kept && error instanceof Error && error.name !== 'TypeError') {
    error.message += ` Up to step ${run.step} nothing is lost: go on with the same command and --resume.`;
  }
  return error;
}

async function saveSeeds(run: RunFiles, file: string | undefined): Promise<void> {
  if (file === undefined) return;
  for await (const { tasks } of run.steps(0, 0)) {
    const { text, count } = seedLines(tasks);
    await writeFile(file, text);
    progress(`${count} seeds written to ${file}.`);
  }
}

async function conclude(
  { run, order }: Prepared,
  { log, checkpoint }: Options,
  { seconds, ended }: { seconds: number; ended: string | null },
): Promise<CommandResult> {
  const { id, status } = await run.info();
  const done = status === 'finished';
  const step = run.step ?? 0;
  if (log && run.step !== null) {
    await writeLog(run, log);
    if (done) await rm(run.paths.log, { force: true });
  }
  const heldout = heldOutOf(run.allMetrics);
  const metrics = run.allMetrics.at(-1)?.metrics ?? {};
  const json = { steps: step, seconds, metrics, heldout, run: id, status, ended };
  const files = [
    ...(log && run.step !== null ? [`${log} (the log)`] : []),
    ...(checkpoint && run.checkpointStep !== null
      ? [`${checkpoint} (the weights of step ${run.checkpointStep})`]
      : []),
  ];
  const text = [
    run.step === null
      ? 'Interrupted before the run had begun.'
      : outcome(done, step, order.config, seconds, ended),
    ...lastTest(heldout),
    ...(files.length > 0 ? [`Written: ${files.join(', ')}.`] : []),
  ];
  if (done) return { json, text: text.join('\n') };
  progress(whatNext(run, log !== undefined && checkpoint !== undefined));
  return { json, text: text.join('\n'), exitCode: 130 };
}

function whatNext({ checkpointStep }: RunFiles, kept: boolean): string {
  if (checkpointStep === null) return 'Nothing is stored yet: begin again without --resume.';
  return kept
    ? 'Go on with the same command and --resume.'
    : 'It cannot go on: that takes --log and --checkpoint.';
}

function outcome(done: boolean, step: number, config: Config, seconds: number, ended: string | null): string {
  const took = `in ${duration(seconds)}`;
  if (!done)
    return `Interrupted after step ${step} of ${config.steps}, ${took}; only the step under way is lost.`;
  return ended === null
    ? `Finished ${step} steps ${took}.`
    : `Ended after step ${step} of ${config.steps}, ${took}: ${ended}`;
}

function heldOutOf(steps: RunFiles['allMetrics']): Record<string, number>[] {
  return steps.flatMap(({ step, metrics }) => {
    const entries = Object.entries(metrics).filter(([name]) => name.startsWith('heldout/'));
    return entries.length > 0 ? [{ step, ...Object.fromEntries(entries) }] : [];
  });
}

function lastTest(heldout: readonly Record<string, number>[]): string[] {
  const [first, last] = [heldout[0], heldout.at(-1)];
  if (!first || !last) return [];
  const accuracy = 'heldout/accuracy';
  return [
    `Held-out tasks: ${percent(first[accuracy])} right at step ${first.step}, ${percent(last[accuracy])} at step ${last.step}.`,
  ];
}

/** Beside and then in its place: a log that is there is whole. */
async function writeLog(run: RunFiles, file: string): Promise<void> {
  const next = `${resolve(file)}.new`;
  const log = exportLog(run, { gzip: file.endsWith('.gz') });
  await pipeline(Readable.fromWeb(log as Parameters<typeof Readable.fromWeb>[0]), createWriteStream(next));
  await rename(next, resolve(file));
}

/** Of a run that is over there is no partial log, and nothing is left to do. */
async function refuseFinished({ log, checkpoint }: Options): Promise<void> {
  if (!log || !checkpoint || !(await isThere(resolve(log))) || (await isThere(partialOf(log)))) return;
  throw new CommandError(
    `The run in ${basename(log)} is finished: a new one can begin with --model ${checkpoint}.`,
  );
}
