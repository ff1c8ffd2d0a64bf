/**
 * @file The gate: which proposals become tasks. First each is examined by itself, with Python, while others are still being written;
 * then all of a batch are screened in their order, since a proposal may repeat the one before it. Published evidence says that a
 * strict gate alone keeps self-play from collapsing, and that no reward does without one.
 */

import type { Measures, Outcome } from '../sandbox/executor';
import { parseArguments } from '../sandbox/literal';
import { callText } from '../sandbox/repr';
import type { Judged, Mode, Pair, Refusal, Task } from '../store/records';
import type { Asking } from './asking';
import type { Identity } from './buffers';
import { type Completion, type Prompt, promptOf } from './completions';
import type { Config } from './config';
import { saysTheSame, withoutOne } from './dead';
import type { Proposal, Reading } from './dialect';
import { conductOf } from './held-out';
import type { Scene } from './players';
import { behaviourOf, isConstant, probesFor } from './probes';
import { questionOf } from './questions';
import { isSmallRun } from './small';

/** What a proposal would be as a task. */
export interface Candidate extends Identity {
  program: string;
  /** Without the composite functions that stand before it. */
  original: string;
  pairs: Pair[];
  effort: number[];
  message: string;
  thought: string;
  composite: string[];
  measures: Measures | null;
  constant: boolean;
  /** Does it do the same without one of its statements? Null where nobody asked. */
  dead: boolean | null;
  /** Are all its values of the kinds that the base model knows? Null where nobody asked. */
  small: boolean | null;
  /** Is it, or does it do the same as, a program that the run is tested with? */
  heldOut: boolean;
}

export function taskOf(
  { mode, program, pairs, effort, message, thought, astHash, behaviour, composite }: Candidate,
  rest: Pick<Task, 'id' | 'step' | 'origin' | 'parents' | 'solveRate'>,
): Task {
  return { ...rest, mode, program, pairs, effort, message, thought, astHash, behaviour, composite };
}

/** A proposal on its way through the gate. */
export interface Draft {
  asking: Asking;
  completion: Completion;
  reading: Reading<Proposal>;
  judged: Judged;
  /** Null for what is no task at all. */
  candidate: Candidate | null;
  /** What a solver is asked; once it has been screened. */
  question: Prompt | null;
}

export type Verdict = Extract<Judged, { kind: 'proposal' }>;

/** Is it still on its way into a buffer? */
export const survives = (draft: Draft): draft is Draft & { candidate: Candidate; judged: Verdict } =>
  draft.candidate !== null && draft.judged.kind === 'proposal' && draft.judged.refused === null;

export function refuse(draft: Draft, refused: Refusal, reason: string | null = null): void {
  if (draft.judged.kind === 'proposal') draft.judged = { ...draft.judged, refused, reason };
}

// ---- Examined by itself ----------------------------------------------------------------------------------------------

export async function examine(scene: Scene, asking: Asking, completion: Completion): Promise<Draft> {
  const reading = scene.players.dialect.parseProposal(asking.mode, completion.text);
  const draft = (judged: Judged, candidate: Candidate | null = null): Draft => ({
    asking,
    completion,
    reading,
    judged,
    candidate,
    question: null,
  });
  if (reading.parsed === null) return draft({ kind: 'unread', reason: reading.reason });
  const found = asking.about
    ? await examineInputs(scene, asking.about, reading.parsed)
    : await examineProgram(scene, asking, reading.parsed);
  if ('fault' in found) {
    const { verdict, reason, refused } = found.fault;
    return draft({ kind: 'proposal', verdict, reason, outputs: [], refused, solveRate: null });
  }
  const outputs = found.candidate.pairs.map(([, output]) => output);
  return draft(
    { kind: 'proposal', verdict: 'ok', reason: null, outputs, refused: null, solveRate: null },
    found.candidate,
  );
}

export type Found =
  | { candidate: Candidate }
  | { fault: { verdict: string; reason: string; refused: Refusal } };

const fault = (
  { verdict, reason }: { verdict: string; reason: string },
  refused: Refusal = 'invalid',
): Found => ({ fault: { verdict, reason, refused } });

export async function examineProgram(
  scene: Scene,
  asking: Pick<Asking, 'mode' | 'composite'>,
  parsed: Proposal,
): Promise<Found> {
  const { config, executor } = scene;
  const { mode } = asking;
  const [input] = parsed.inputs;
  const cleaned = await strip(scene, parsed.program, config);
  if (cleaned.verdict !== 'ok') return fault(cleaned);
  let { program } = cleaned;
  if (asking.composite.length > 0) {
    const composed = await executor.rewrite(program, { kind: 'compose', functions: asking.composite });
    if (composed.verdict === 'not-composite') return fault(composed, 'not-composite');
    if (composed.verdict !== 'ok') return fault(composed);
    program = composed.program;
  }
  const [outcome] = await behave(scene, mode, program, [input]);
  if (outcome.verdict !== 'ok') return fault(outcome);
  const measured = config['intrinsic.without-composite'] ? cleaned.program : program;
  const identified = executor.measure(program);
  const [identity, measures, behaviour, small] = await Promise.all([
    identified,
    measured === program ? identified : executor.measure(measured),
    probe(scene, mode, program, input),
    config['gate.small'] && mode !== 'error' ? isSmallTask(scene, program, input) : null,
  ]);
  // What cannot be measured is known by its text.
  const astHash = identity.verdict === 'ok' ? identity.measures.astHash : program;
  // In mode error these are names of exceptions, which are no mark of any program.
  const conduct = conductOf(input, behaviour);
  return {
    candidate: {
      mode,
      program,
      original: measured,
      pairs: [[input, outcome.output]],
      effort: [outcome.steps],
      message: '',
      thought: parsed.thought,
      composite: asking.composite.map(({ name }) => name),
      astHash,
      measures: measures.verdict === 'ok' ? measures.measures : null,
      behaviour: behaviourOf(input, behaviour),
      heldOut: isHeldOut(scene, astHash, conduct),
      constant: takesNothing(input) || isConstant(outcome.output, behaviour),
      dead:
        config['gate.dead'] && small !== false
          ? await hasDeadPart(scene, mode, program, input, [outcome, ...behaviour])
          : null,
      small,
    },
  };
}

/** Of induction: what the given program makes of the inputs. */
export async function examineInputs(
  scene: Scene,
  about: Pick<Task, 'program' | 'astHash' | 'behaviour' | 'composite'>,
  parsed: Proposal,
): Promise<Found> {
  const { program, astHash, behaviour, composite } = about;
  const outcomes = await scene.executor.validate(program, parsed.inputs);
  const pairs: Pair[] = [];
  for (const [index, outcome] of outcomes.entries()) {
    if (outcome.verdict !== 'ok') {
      return fault({ verdict: outcome.verdict, reason: `Input ${index + 1}: ${outcome.reason}` });
    }
    pairs.push([parsed.inputs[index], outcome.output]);
  }
  return {
    candidate: {
      mode: 'induction',
      program,
      original: program,
      pairs,
      effort: outcomes.map(({ steps }) => steps),
      message: parsed.message,
      thought: parsed.thought,
      composite,
      astHash,
      behaviour,
      measures: null,
      heldOut: isHeldOut(scene, astHash, behaviour),
      constant: new Set(pairs.map(([, output]) => output)).size < 2,
      dead: null,
      // Each of them may be taught by itself.
      small: scene.config['gate.small']
        ? (await Promise.all(pairs.map(([input]) => isSmallTask(scene, program, input)))).every(Boolean)
        : null,
    },
  };
}

/** Does it stay among the values that the base model knows, all the way? */
export async function isSmallTask({ truths }: Scene, program: string, input: string): Promise<boolean> {
  return isSmallRun(await truths.trace(program, input));
}

/** `given` is what it does on its own input and on the probes. Most that is left out shows on its own input: the rest is not run then. */
async function hasDeadPart(
  scene: Scene,
  mode: Mode,
  program: string,
  input: string,
  given: readonly Outcome[],
): Promise<boolean> {
  const inputs = [input, ...probesFor(input)].slice(0, given.length);
  const doesTheSame = async (less: string, from: number, to?: number) =>
    saysTheSame(await behave(scene, mode, less, inputs.slice(from, to)), given.slice(from, to));
  const found = withoutOne(program).map(
    async (less) => (await doesTheSame(less, 0, 1)) && (given.length === 1 || doesTheSame(less, 1)),
  );
  return (await Promise.all(found)).some(Boolean);
}

/** By its marks. */
export function isHeldOut({ config, players }: Scene, ...marks: string[]): boolean {
  return config['gate.held-out'] && marks.some((mark) => players.heldOut?.has(mark));
}

/** What depends on nothing is constant, and no probe can show it. */
function takesNothing(input: string): boolean {
  const given = parseArguments(input);
  return given.ok && given.positional.length + given.named.length === 0;
}

/** Also what seeding asks of programs, by settings of its own. */
export async function strip(
  { executor }: Pick<Scene, 'executor'>,
  program: string,
  settings: Pick<Config, 'clean.comments' | 'clean.globals' | 'clean.prints'>,
) {
  const rewriting = {
    kind: 'strip',
    comments: settings['clean.comments'],
    globals: settings['clean.globals'],
    prints: settings['clean.prints'],
  } as const;
  const nothing = !rewriting.comments && !rewriting.globals && !rewriting.prints;
  return nothing ? ({ verdict: 'ok', program } as const) : executor.rewrite(program, rewriting);
}

/** What f gives; of tasks about exceptions, what it raises. */
export function behave(
  { executor }: Pick<Scene, 'executor'>,
  mode: Mode,
  program: string,
  inputs: string[],
): Promise<Outcome[]> {
  return mode === 'error' ? executor.raises(program, inputs) : executor.validate(program, inputs);
}

/** What it does on inputs of the same kind, if anything depends on that. */
export async function probe(scene: Scene, mode: Mode, program: string, input: string): Promise<Outcome[]> {
  const { config, players } = scene;
  const watched = config['gate.held-out'] && (players.heldOut?.size ?? 0) > 0;
  const asked = config['gate.novelty'] === 'behaviour' || config['gate.constant'] || config['gate.dead'];
  if (!asked && !watched) return [];
  const probes = probesFor(input);
  return probes.length > 0 ? behave(scene, mode, program, probes) : [];
}

// ---- Screened in order -------------------------------------------------------------------------------------------------

/** Marks what is refused without anybody having tried it, and puts the rest into words for the solver. */
export function screen(scene: Scene, drafts: readonly Draft[]): void {
  const accepted: Candidate[] = [];
  for (const draft of drafts) {
    if (!survives(draft)) continue;
    const { candidate } = draft;
    const refused = refusedUnseen(scene, draft, candidate, accepted);
    if (refused) {
      refuse(draft, ...refused);
      continue;
    }
    const question = promptOf(scene, scene.players.dialect.solve(questionOf(candidate)));
    if (question.tokens.length > scene.config['tokens.prompt']) {
      refuse(draft, 'too-long', `Its prompt has ${question.tokens.length} tokens.`);
      continue;
    }
    draft.question = question;
    accepted.push(candidate);
  }
}

function refusedUnseen(
  { config, buffers }: Scene,
  { reading }: Draft,
  candidate: Candidate,
  before: readonly Candidate[],
): [Refusal, string] | null {
  if (candidate.heldOut)
    return ['held-out', 'The run is tested with this program, or one that does the same.'];
  if (config['gate.format'] && !reading.format)
    return ['malformed', 'It is a task, but not in the form asked for.'];
  if (candidate.mode === 'induction') {
    if (config['gate.leak'] && tells(candidate.message, candidate.program)) {
      return ['leak', 'The message tells the program.'];
    }
    if (config['gate.distinct'] && repeats(candidate.pairs)) return ['leak', 'An input comes twice.'];
    if (config['gate.distinct'] && candidate.constant) return ['constant', 'All outputs are the same.'];
  } else if (config['gate.constant'] && candidate.constant) {
    return ['constant', 'The output does not depend on the input.'];
  }
  if (candidate.small === false)
    return ['too-large', 'It has values larger than those that the model knows.'];
  if (candidate.dead) return ['dead', 'Without one of its statements it does the same.'];
  const repeated = buffers.repeats(candidate, before);
  return repeated && [repeated, repetitions[repeated]];
}

const repetitions = {
  duplicate: 'There is a task with this program, or a proposal before it.',
  'same-behaviour': 'There is a task whose program does the same, or a proposal before it.',
  alike: 'There are enough tasks whose programs differ from it in constants only.',
};

/** The same argument list twice, however it is written. */
function repeats(pairs: readonly Pair[]): boolean {
  const calls = pairs.map(([input]) => {
    const call = parseArguments(input);
    return call.ok ? callText(call) : input;
  });
  return new Set(calls).size < calls.length;
}

/** Tokens in a row that a message may share with the program. A signature or an expression is shorter, a function longer. */
const sharedTokens = 12;

/** Does the message hold the program, or a large part of it? */
export function tells(message: string, program: string): boolean {
  if (/\bdef\s+\w+\s*\(/.test(message)) return true;
  const words = (text: string) => text.match(/\w+|[^\w\s]/g) ?? [];
  const runs = (tokens: string[]) =>
    Array.from({ length: Math.max(0, tokens.length - sharedTokens + 1) }, (_, at) =>
      tokens.slice(at, at + sharedTokens).join(' '),
    );
  const known = new Set(runs(words(program)));
  return runs(words(message)).some((run) => known.has(run));
}
