/**
 * @file One step of self-play, from prompts to judged and rewarded episodes. The model writes three times: proposals, attempts at them,
 * attempts at earlier tasks; each time for all modes at once, since on a GPU many completions take as long as the longest of them.
 * Meanwhile Python looks at what is there. Whatever depends on an order (ids, buffers, repetitions) happens in the order of the modes
 * and prompts, so that a step comes out the same however its parts overlap.
 */

import type { Alert, Episode, Mode, Task, TaskUpdate } from '../store/records';
import { advantages } from './advantages';
import { type Asking, parentsOf } from './asking';
import { type Attempt, attempt, type Problem, solveRate } from './attempts';
import { complete, type Prompt, promptOf } from './completions';
import type { Config } from './config';
import { type Draft, examine, screen, survives, taskOf } from './gate';
import { type IntrinsicValues, intrinsicValues } from './intrinsic';
import { drawTasks, refill } from './mixing';
import type { Planned } from './plan';
import type { Scene } from './players';
import { questionOf } from './questions';
import { Draws } from './random';
import { clusterShares } from './repetition';
import { samplingOf } from './requests';
import { isTask, refusedForRate } from './rewards';
import { proposing } from './schedule';
import { type Counters, type ProposalTurn, Scribe, type SolverTurn } from './scribe';

export interface Played {
  episodes: Episode[];
  tasks: Task[];
  updates: TaskUpdate[];
  alerts: Alert[];
  /** Of every proposal that is a task, by its episode. */
  qualities: Map<number, Qualities>;
}

/** What is known of a proposed program besides its reward. */
export interface Qualities {
  values: IntrinsicValues;
  lines: number | null;
}

export async function play(scene: Scene, planned: Planned, counters: Counters): Promise<Played> {
  const { config } = scene;
  const proposed = await propose(
    scene,
    config.modes.map((mode) => planned.asked[mode] ?? []),
  );
  // Before new tasks come in: a value is rare compared with what was there.
  const qualities = new Map(
    proposed.flatMap(({ turns }) => turns).map((turn) => [turn, qualitiesOf(scene, turn)]),
  );
  const tasks: Task[] = [];
  const updates: TaskUpdate[] = [];
  for (const { turns } of proposed) {
    for (const turn of turns) {
      const task = accept(scene, turn, counters);
      if (!task) continue;
      turn.task = task;
      tasks.push(task);
      updates.push(...scene.buffers.add(task));
    }
  }
  const solved = await solve(
    scene,
    config.modes.map((mode, index) =>
      gather(scene, mode, proposed[index].turns, planned.solve?.[mode] ?? null),
    ),
  );
  for (const { turns } of solved) updates.push(...estimateAgain(scene, turns));

  const scribe = new Scribe(scene, counters);
  const ofEpisodes: Played['qualities'] = new Map();
  config.modes.forEach((mode, index) => {
    const { turns } = proposed[index];
    const repetition = repetitions(scene, mode, turns);
    turns.forEach((turn, k) => {
      const known = qualities.get(turn) ?? null;
      const id = scribe.proposal(turn, { intrinsic: known?.values ?? {}, repetition: repetition[k] });
      if (known) ofEpisodes.set(id, known);
    });
    for (const turn of solved[index].turns) scribe.attempts(mode, turn);
  });
  weigh(scene, scribe.episodes);
  return {
    episodes: scribe.episodes,
    tasks,
    updates,
    alerts: [...proposed, ...solved].flatMap(({ short }) =>
      short ? [{ kind: 'short', message: short }] : [],
    ),
    qualities: ofEpisodes,
  };
}

// ---- Propose ---------------------------------------------------------------------------------------------------------

interface Proposed {
  turns: ProposalTurn[];
  /** What is missing, in words. */
  short: string | null;
}

/** Of each mode, in the order of the modes; `asked` likewise. */
async function propose(scene: Scene, asked: readonly (readonly Asking[])[]): Promise<Proposed[]> {
  const { config, step } = scene;
  if (proposing(step, config) === 'off') return asked.map(() => ({ turns: [], short: null }));
  const drafts = parted(await proposals(scene, asked.flat(), 'proposals'), asked);
  for (const each of drafts) screen(scene, each);
  const open = drafts.flat().filter(survives);
  const problems = open.map(({ candidate, question }) => ({ task: candidate, question: question as Prompt }));
  const tries = await attempt(scene, problems, config['estimate.samples'], 'attempts at proposals');
  open.forEach((draft, index) => {
    const rate = solveRate(tries[index]);
    draft.judged = { ...draft.judged, solveRate: rate, refused: refusedForRate(rate, config) };
  });
  const attemptsOf = new Map(open.map((draft, index) => [draft as Draft, tries[index]]));
  return drafts.map((each, index) => ({
    turns: each.map((draft) => ({ draft, attempts: attemptsOf.get(draft) ?? [], task: null, episode: null })),
    short: missingPrompts(config, config.modes[index], asked[index].length),
  }));
}

function missingPrompts(config: Config, mode: Mode, asked: number): string | null {
  const missing = config.batch - asked;
  if (missing <= 0) return null;
  return `${missing} of ${config.batch} proposals of ${mode} could not be asked for: no prompt fits into tokens.content (${config['tokens.content']}).`;
}

/** Cut into pieces as long as those. */
function parted<T>(all: readonly T[], pieces: readonly (readonly unknown[])[]): T[][] {
  const rest = [...all];
  return pieces.map(({ length }) => rest.splice(0, length));
}

/** What comes of asking, examined but not screened; seeding asks so too. */
export async function proposals(scene: Scene, asked: readonly Asking[], name: string): Promise<Draft[]> {
  const answers = await complete(
    scene,
    {
      name,
      prompts: asked.map(({ prompt }) => prompt),
      samples: 1,
      sampling: samplingOf(scene.config, 'propose'),
    },
    (completion, index) => examine(scene, asked[index], completion),
  );
  return answers.map(([draft]) => draft);
}

function accept({ step }: Scene, { draft }: ProposalTurn, counters: Counters): Task | null {
  if (!survives(draft)) return null;
  const parents = parentsOf(draft.asking);
  const { solveRate } = draft.judged;
  return taskOf(draft.candidate, { id: counters.nextTask++, step, origin: 'proposed', parents, solveRate });
}

function qualitiesOf({ buffers, config }: Scene, { draft }: ProposalTurn): Qualities | null {
  const { candidate, asking } = draft;
  if (!candidate) return null;
  const { mode, original, pairs, measures } = candidate;
  const references = asking.references.map(({ program }) => program);
  return {
    values: intrinsicValues(
      { mode, canonical: original, references, pairs, measures },
      buffers.values(mode),
      config['intrinsic.hierarchical'],
    ),
    lines: measures?.lines ?? null,
  };
}

/** Of each proposal the share of its batch that resembles it. Induction is about a given program, so there it is the inputs. */
function repetitions({ config }: Scene, mode: Mode, turns: readonly ProposalTurn[]): number[] {
  const texts = turns.map(({ draft: { reading, judged } }) => {
    const { parsed, format } = reading;
    if (parsed === null || !isTask(config, { format, judged })) return null;
    return mode === 'induction' ? parsed.inputs.join('\n') : parsed.program;
  });
  return clusterShares(texts, config['reward.repetition.threshold']);
}

// ---- Solve -----------------------------------------------------------------------------------------------------------

/** What the solver of a mode has done already, and what it is still to do. */
interface Gathered {
  mode: Mode;
  /** Attempts at proposals. */
  turns: SolverTurn[];
  problems: (Problem & { task: Task })[];
  /** Attempts to train on that are still missing. */
  left: number;
}

function gather(
  scene: Scene,
  mode: Mode,
  proposed: readonly ProposalTurn[],
  planned: readonly Task[] | null,
): Gathered {
  const { config, step, buffers } = scene;
  const reuse = config['estimate.reuse'];
  const wanted = Math.ceil(config.batch / samplesOf(config));
  const draws = new Draws(config.seed, step, `tasks of ${mode}`);

  const attempted = proposed.filter(({ attempts }) => attempts.length > 0);
  const accepted = attempted.filter(({ task }) => task !== null);
  const chosen = new Set(
    reuse ? draws.distinct(accepted.length, wanted).map((index) => accepted[index]) : [],
  );
  const gathered: Gathered = { mode, turns: [], problems: [], left: config.batch };
  for (const turn of attempted) {
    const { attempts, task, draft } = turn;
    const trained = chosen.has(turn) ? takeTrained(config, gathered, attempts) : 0;
    gathered.turns.push({ question: draft.question as Prompt, attempts, trained, task, proposal: turn });
  }
  const there = reuse ? others(buffers.of(mode), attempted) : buffers.of(mode);
  const drawn = planned ?? drawTasks(there, wanted - chosen.size, step, config, draws);
  gathered.problems = fitting(scene, drawn, draws);
  return gathered;
}

/** Attempts at a task of the buffers. */
const samplesOf = (config: Config) => (config['estimate.reuse'] ? config['estimate.samples'] : 1);

/** How many of these attempts are trained on. */
function takeTrained(config: Config, gathered: Gathered, attempts: readonly Attempt[]): number {
  const count = Math.min(gathered.left, attempts.length);
  gathered.left -= count;
  return config['hindsight.policy'] ? count : 0;
}

async function solve(
  scene: Scene,
  all: readonly Gathered[],
): Promise<{ turns: SolverTurn[]; short: string | null }[]> {
  const { config } = scene;
  const problems = all.map((gathered) => gathered.problems);
  const tries = parted(
    await attempt(scene, problems.flat(), samplesOf(config), 'attempts at tasks'),
    problems,
  );
  return all.map((gathered, index) => {
    const { mode, turns } = gathered;
    gathered.problems.forEach(({ task, question }, k) => {
      const attempts = tries[index][k];
      const trained = takeTrained(config, gathered, attempts);
      turns.push({ question, attempts, trained, task, proposal: null });
    });
    const { left } = gathered;
    const short =
      left > 0
        ? `${left} of ${config.batch} attempts of ${mode} could not be made: there is no task whose prompt fits.`
        : null;
    return { turns, short };
  });
}

/** Where attempts are reused: tasks that nobody has attempted in this step, as long as there are any. */
function others(tasks: readonly Task[], attempted: readonly ProposalTurn[]): readonly Task[] {
  const known = new Set(attempted.map(({ task }) => task?.id));
  const rest = tasks.filter(({ id }) => !known.has(id));
  return rest.length > 0 ? rest : tasks;
}

/** Their questions; in place of those that are too long others come again. */
function fitting(scene: Scene, tasks: readonly Task[], draws: Draws): (Problem & { task: Task })[] {
  const problems = tasks.map((task) => ({ task, question: questionFor(scene, task) }));
  const kept = problems.filter(({ question }) => question.tokens.length <= scene.config['tokens.prompt']);
  return refill(kept, problems.length, draws);
}

function questionFor(scene: Scene, task: Task): Prompt {
  return promptOf(scene, scene.players.dialect.solve(questionOf(task)));
}

/** A task of the buffers that was attempted more than once has a new solve rate. */
function estimateAgain({ buffers }: Scene, turns: readonly SolverTurn[]): TaskUpdate[] {
  const byTask = new Map<number, Attempt[]>();
  for (const { task, proposal, attempts } of turns) {
    if (task && !proposal) byTask.set(task.id, [...(byTask.get(task.id) ?? []), ...attempts]);
  }
  return [...byTask].flatMap(([id, attempts]) =>
    attempts.length > 1 ? buffers.estimate(id, solveRate(attempts)) : [],
  );
}

// ---- Weigh -----------------------------------------------------------------------------------------------------------

/** Gives those that are trained on their advantages. */
function weigh({ config }: Scene, episodes: readonly Episode[]): void {
  const trained = episodes.filter(({ advantage }) => advantage !== null);
  const values = advantages(
    trained.map(({ mode, role, group, reward, tokens }) => ({
      mode,
      role,
      group,
      reward,
      tokens: tokens.length,
    })),
    config,
  );
  trained.forEach((episode, index) => {
    episode.advantage = values[index];
  });
}
