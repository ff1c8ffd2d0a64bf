/**
 * @file What a run will take, before it has begun: memory by the rules of the engine, and time from how much a step writes, learns and
 * has Python look at, divided by how fast that went in a run on this device; or, where there was none, by what was measured elsewhere.
 * Every figure is a range, since nobody knows how much a model will write.
 */

import type { BuiltShape } from '../../model/build';
import { formatBytes } from '../../model/bytes';
import type { ModelShape } from '../../model/config';
import { longestContext, type MemoryItem, planMemory } from '../../model/memory';
import { engineUse, planAsEngine } from '../../model/needs';
import { parameterCount } from '../../model/parameters';
import type { Config } from '../../selfplay/config';
import { builtBy, tooLong } from '../../selfplay/model-files';
import { seedsWanted } from '../../selfplay/schedule';
import type { Mode } from '../../store/records';
import { askedOnThePage } from '../models/held-out-tasks';

export interface Range {
  low: number;
  high: number;
}
type End = keyof Range;

/** What computes beside the page, or a node. */
export type ChosenBackend = LocalBackend | 'remote';
export type LocalBackend = 'webgpu' | 'wasm';

/** A processor only reads the cache, whatever its heads are. */
const oneCache = { cacheCopies: 1 } as const;

// ---- Memory ------------------------------------------------------------------------------------------------------------

export interface Room {
  /** Of one piece, and of all. */
  largest: number;
  total: number;
  /** Whether the engine writes several tokens in a call there. Default: false. */
  longCalls?: boolean;
  /** Whether frozen weights may be held in float16 there. Default: true. */
  halves?: boolean;
}

export interface MemoryEstimate {
  /** At most: where completions get as long as they may. */
  total: number;
  items: { name: string; bytes: number; how: string }[];
  /** Why it cannot be, in a sentence with what to do; null if it can. */
  refusal: string | null;
}

export function memoryOf(config: Config, shape: ModelShape, room: Room): MemoryEstimate {
  const asked = config['tokens.prompt'] + config['tokens.response'];
  const context = Math.min(asked, shape.maxPositions);
  const limits = { maxBufferSize: room.largest, maxBindingSize: room.largest };
  const { adapter, base } = builtBy(config);
  const first = config['loss.kl'] > 0 ? weightsOf({ ...shape, base }) : 0;
  const plan = planAsEngine(
    { ...shape, adapter, base },
    {
      training: 'full',
      ...engineUse(shape, context),
      longCalls: room.longCalls,
      ...(room.longCalls && oneCache),
    },
    { ...limits, budgetBytes: room.total - first },
  );
  const items = plan.items.map(({ name, bytes, how }) => ({ name: itemNames[name], bytes, how }));
  if (first > 0)
    items.push({ name: 'first weights', bytes: first, how: 'for the distance from them (loss.kl)' });
  return { total: plan.total + first, items, refusal: refusalOf(config, shape, room, plan.verdict) };
}

/** Of a model that only stands by. */
function weightsOf(shape: BuiltShape): number {
  const nothing = { training: 'none', batch: 1, context: 1, sampleBatch: 0, sampleContext: 1 } as const;
  const { items } = planMemory(shape, nothing, { maxBufferSize: Infinity, maxBindingSize: Infinity });
  return items.find(({ name }) => name === 'weights')?.bytes ?? 0;
}

const itemNames: Record<MemoryItem['name'], string> = {
  weights: 'weights',
  gradients: 'gradients',
  moments: 'moments',
  activations: 'activations',
  logits: 'logits',
  kvCache: 'keys and values',
};

function refusalOf(
  config: Config,
  { maxPositions }: ModelShape,
  { halves = true }: Room,
  verdict: ReturnType<typeof planMemory>['verdict'],
): string | null {
  if (config['model.base'] === 'float16' && !halves)
    return 'model.base is float16, and this GPU holds no numbers of 16 bits (shader-f16): choose float32, int8 or int4.';
  return tooLong(config, maxPositions, longestContext) ?? (verdict.fits ? null : verdict.reason);
}

export const inMemory = ({ total }: MemoryEstimate) => `up to ${formatBytes(total)}`;

// ---- Work --------------------------------------------------------------------------------------------------------------

export interface Work {
  /** Proposals, which Python has to look at. */
  proposals: number;
  /** Tokens that are written. */
  sampled: number;
  /** Tokens that are learned from, with the prompts before them. */
  trained: number;
}

export interface AllWork {
  seeds: Work;
  step: Work;
  /** Tokens that one test on held-out tasks writes. */
  test: number;
  tests: number;
}

/** Proposals that become tasks, more or less. */
const accepted = 0.55;

/**
 * A step: `batch` proposals of each mode; `estimate.samples` attempts at each that becomes a task; attempts at other tasks until
 * there are `batch` to train on; and what of all that, and of hindsight's lessons, is learned, once an epoch.
 */
export function workOf(config: Config, end: End): AllWork {
  const step: Work = { proposals: 0, sampled: 0, trained: 0 };
  const { batch, proposer, modes, 'estimate.samples': samples } = config;
  const playing = proposer === 'off' ? 0 : shareOfSteps(config);
  for (const mode of modes) {
    const { asking, proposal, question, answer, taught } = lengthsOf(config, mode, end);
    const proposals = batch * playing;
    const tasks = proposals * accepted;
    const attempts =
      tasks * samples + (config['estimate.reuse'] ? Math.max(0, batch / samples - tasks) * samples : batch);
    step.proposals += proposals;
    step.sampled += proposals * proposal + attempts * answer;
    const policy = config['hindsight.policy']
      ? (proposer === 'trained' ? proposals * (asking + proposal) : 0) + batch * (question + answer)
      : 0;
    const lessons =
      config['hindsight.tasks'] * (question + taught) +
      config['hindsight.proposals'] * playing * (asking + proposal);
    step.trained += (policy + lessons) * config['loss.epochs'];
  }
  return { seeds: seedsOf(config, end), step, test: testOf(config, end), tests: testsOf(config) };
}

/** Of the steps, those in which tasks are proposed. */
const shareOfSteps = (config: Config) =>
  config.steps > 0 ? Math.max(0, 1 - config['solve.warmup'] / config.steps) : 1;

/** Deductions and abductions share their programs; inductions come of them and are rarely refused. */
function seedsOf(config: Config, end: End): Work {
  const wanted = seedsWanted(config);
  const kinds = new Set(config.modes.map((mode) => (mode === 'abduction' ? 'deduction' : mode)));
  if (kinds.has('induction')) kinds.add('deduction');
  let [proposals, sampled] = [0, 0];
  for (const kind of kinds) {
    const asked = wanted / (kind === 'induction' ? 0.8 : accepted);
    proposals += asked;
    sampled += asked * lengthsOf(config, kind, end).proposal;
  }
  return { proposals, sampled, trained: 0 };
}

function testOf(config: Config, end: End): number {
  if (config['evaluate.every'] === 0) return 0;
  const asked = config.modes.filter((mode) => mode !== 'error' && config['evaluate.modes'].includes(mode));
  const tokens = asked.reduce((sum, mode) => sum + lengthsOf(config, mode, end).tested / asked.length, 0);
  return tokens * askedOnThePage * config['evaluate.samples'];
}

/** Before the first step, every so many steps, and after the last. */
function testsOf({ steps, 'evaluate.every': every }: Config): number {
  if (every === 0) return 0;
  return 1 + Math.floor(steps / every) + (steps % every > 0 ? 1 : 0);
}

interface Lengths {
  /** What a proposer reads, and what it writes. */
  asking: number;
  proposal: number;
  /** What a solver reads, and what it writes in play, in a lesson, and in a test, where there are harder tasks. */
  question: number;
  answer: number;
  taught: number;
  tested: number;
}

/**
 * Typical lengths in tokens. In the compact dialect from the table in docs/LEARNING.md, levels 2 to 4, and from a run of the base
 * model; of chat models nobody knows more than how long a completion may be.
 */
function lengthsOf(config: Config, mode: Mode, end: End): Lengths {
  const cut = (length: number) => Math.min(length, config['tokens.response']);
  const read = (length: number) => Math.min(length, config['tokens.prompt']);
  const pick = (low: number, high: number) => (end === 'low' ? low : high);
  const shown = mode === 'induction' ? 1 : config.references * (1 - config['references.bare']);
  if (config.dialect !== 'compact') {
    const answer = cut(pick(256, config['tokens.response']));
    return {
      asking: read(pick(400, 600) + shown * pick(100, 250)),
      proposal: answer,
      question: read(pick(300, 600)),
      answer,
      taught: cut(pick(16, 64)),
      tested: answer,
    };
  }
  const induction = mode === 'induction';
  const inputs = config['induction.inputs'] / 8;
  return {
    asking: read(4 + shown * 36),
    proposal: cut(induction ? pick(42, 62) * inputs : pick(28, 42)),
    question: read(induction ? 36 : 40),
    answer: cut(induction ? pick(16, 30) : pick(46, 110)),
    taught: cut(induction ? pick(20, 32) : pick(44, 80)),
    tested: cut(induction ? pick(16, 24) : pick(100, 140)),
  };
}

// ---- Time --------------------------------------------------------------------------------------------------------------

/** Seconds: of a written token, of a learned one, and of what else a proposal takes; of a token in a test. */
export interface Pace {
  sampled: number;
  trained: number;
  proposal: number;
  tested: number;
}

export interface Speed {
  low: Pace;
  high: Pace;
  source:
    | { kind: 'run'; run: string; name: string; perStep: number }
    | { kind: 'elsewhere'; backend: ChosenBackend };
}

export interface TimeEstimate {
  /** Seconds. */
  total: Range;
  seeds: Range;
  step: Range;
  test: Range;
}

export function timeOf(config: Config, speed: Speed): TimeEstimate {
  const at = (end: End) => {
    const { seeds, step, test, tests } = workOf(config, end);
    const pace = speed[end];
    const parts = { seeds: seconds(seeds, pace), step: seconds(step, pace), test: test * pace.tested };
    return { ...parts, total: parts.seeds + config.steps * parts.step + tests * parts.test };
  };
  const [low, high] = [at('low'), at('high')];
  const range = (part: keyof typeof low): Range => ({
    low: Math.min(low[part], high[part]),
    high: Math.max(low[part], high[part]),
  });
  return { total: range('total'), seeds: range('seeds'), step: range('step'), test: range('test') };
}

const seconds = ({ proposals, sampled, trained }: Work, pace: Pace) =>
  proposals * pace.proposal + sampled * pace.sampled + trained * pace.trained;

/** What was measured of a run, in seconds: medians over its latest steps without a test, and the mean of its tests. */
export interface Measured {
  run: string;
  name: string;
  config: Config;
  step: number;
  sampling: number;
  training: number;
  /** Null where it has not been tested. */
  test: number | null;
}

/** Steps of a run differ, and a machine has other things to do. */
const scatter = { low: 0.85, high: 1.25 };

/** What this much work took there, that much will take here: so it hardly matters how long completions really are. */
export function speedOf({ run, name, config, step, sampling, training, test }: Measured): Speed {
  const at = (end: End): Pace => {
    const work = workOf(config, end);
    const over = (time: number, amount: number) => (amount > 0 ? (time / amount) * scatter[end] : 0);
    const sampled = over(sampling, work.step.sampled);
    return {
      sampled,
      trained: over(training, work.step.trained) || sampled / 2,
      proposal: over(Math.max(0, step - sampling - training), work.step.proposals),
      tested: test === null ? sampled : over(test, work.test),
    };
  };
  return { low: at('low'), high: at('high'), source: { kind: 'run', run, name, perStep: step } };
}

/** The model that the figures below are about. */
const measuredParameters = 856_000;

/**
 * From what the base model does on WebAssembly on two cores, idle and busy: docs/BENCHMARKS.md and LOG.md (3 seconds a step of
 * `laptop` on a quiet machine). What a real GPU does has not been measured: a small model leaves it mostly idle.
 */
export function typicalSpeed(backend: LocalBackend, shape: ModelShape, threads: number): Speed {
  const size = parameterCount(shape) / measuredParameters;
  const at = (end: End, pace: Pace): Pace => {
    // A larger model uses its device better.
    const slower = end === 'low' ? size ** 0.7 : Math.max(1, size);
    const cores = backend === 'webgpu' ? 1 : threads === 1 ? 0.6 : end === 'low' ? Math.sqrt(threads / 2) : 1;
    const computed = slower / cores;
    return {
      sampled: pace.sampled * computed,
      trained: pace.trained * computed,
      proposal: pace.proposal,
      tested: pace.tested * computed,
    };
  };
  const rates = backend === 'webgpu' ? onGpu : onProcessor;
  return {
    low: at('low', rates.low),
    high: at('high', rates.high),
    source: { kind: 'elsewhere', backend },
  };
}

const onProcessor: Record<End, Pace> = {
  low: { sampled: 1 / 3000, trained: 1 / 6000, proposal: 0.02, tested: 1 / 4000 },
  high: { sampled: 1 / 1000, trained: 1 / 3000, proposal: 0.04, tested: 1 / 1200 },
};
const onGpu: Record<End, Pace> = {
  low: { sampled: 1 / 10_000, trained: 1 / 40_000, proposal: 0.02, tested: 1 / 15_000 },
  high: { sampled: 1 / 1500, trained: 1 / 5000, proposal: 0.04, tested: 1 / 2000 },
};

// ---- In words ----------------------------------------------------------------------------------------------------------

const units = [
  { name: 'second', seconds: 1 },
  { name: 'minute', seconds: 60 },
  { name: 'hour', seconds: 3600 },
  { name: 'day', seconds: 86_400 },
] as const;

/** "about 8 to 12 minutes"; "about 50 seconds to 2 minutes"; "about 3 hours" */
export function inTime({ low, high }: Range): string {
  const to = rounded(high);
  const from = low >= to.unit.seconds ? rounded(low, to.unit) : rounded(low);
  if (from.unit !== to.unit) return `about ${words(from)} to ${words(to)}`;
  return from.count === to.count ? `about ${words(to)}` : `about ${from.count} to ${words(to)}`;
}

interface Rounded {
  count: number;
  unit: (typeof units)[number];
}

/** From a minute and a half on minutes, and so on: below that the smaller unit says more. */
const unitOf = (given: number) => units.findLast((each) => given >= 1.5 * each.seconds) ?? units[0];

/** Two digits at most: nobody knows more. */
function rounded(given: number, unit = unitOf(given)): Rounded {
  const count = given / unit.seconds;
  return { count: count < 10 ? Math.max(0.1, Math.round(count * 2) / 2) : twoDigits(count), unit };
}

function twoDigits(count: number): number {
  const step = 10 ** Math.max(0, Math.floor(Math.log10(count)) - 1);
  return Math.round(count / step) * step;
}

const words = ({ count, unit }: Rounded) =>
  `${count >= 1000 ? count.toLocaleString('en-US') : count} ${unit.name}${count === 1 ? '' : 's'}`;
