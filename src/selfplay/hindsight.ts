/**
 * @file Hindsight: once a task of its own has run, the model can be told what it should have said. Its answer is known, and the thought
 * that leads there is what the sandbox traces; so a step may also learn these, and proposals that became tasks, in supervised form.
 * There is no data in it but the run's own. A mode by itself, and off by default: without it a run learns from rewards alone.
 */

import type { Episode, Lesson, Mode, Task } from '../store/records';
import { borrow, type Lenders, lendersOf } from './borrowing';
import type { ProposalRequest, WritingDialect } from './dialect';
import { isHeldOut } from './gate';
import { drawLessons } from './mixing';
import type { Scene } from './players';
import { goldAnswer, questionOf } from './questions';
import { Draws } from './random';
import { proposing } from './schedule';
import { drawPair, type Weighing, weighingOf, weightOf } from './teaching';
import { truthOf } from './truths';

export interface Taught {
  lessons: Lesson[];
  /** Those that could not be: too long, or about a trace that was cut. */
  leftOut: number;
}

/** What a step is taught besides what it has played, once its tasks are in the buffers. Null where hindsight is off. */
export async function teach(scene: Scene, episodes: readonly Episode[]): Promise<Taught | null> {
  const { config } = scene;
  if (config['hindsight.tasks'] === 0 && config['hindsight.proposals'] === 0) return null;
  const lending = config['hindsight.borrowed'] > 0 ? config.modes : [];
  const lenders = lendersOf(lending.flatMap((mode) => scene.buffers.of(mode)));
  const all = await Promise.all(
    config.modes.flatMap((mode) => {
      const weigh = weighingOf(config['hindsight.sampling'], scene.buffers.of(mode));
      return [
        ...tasksFor(scene, mode, weigh).map((task) => answerTo(scene, { ...task, mode }, lenders, weigh)),
        ...proposalsFor(scene, mode, episodes),
      ];
    }),
  );
  const lessons = all.flatMap((lesson) => (lesson && fits(scene, lesson) ? [lesson] : []));
  return { lessons, leftOut: all.length - lessons.length };
}

// ---- Answers ---------------------------------------------------------------------------------------------------------

/** A program and an input, with what comes of it: whichever is asked for, the others are known. */
const ofOneInput: ReadonlySet<Mode> = new Set(['deduction', 'abduction']);

/** May a task that was made for one of these modes be taught as one of the other? An induction has an input for each of its pairs. */
export const servesAs = (made: Mode, taught: Mode) =>
  made === taught || (ofOneInput.has(taught) && (ofOneInput.has(made) || made === 'induction'));

/** Of all that can be taught in this mode; of several pairs, where one is asked about, a chance one. */
function tasksFor(scene: Scene, mode: Mode, weigh: Weighing): Task[] {
  const { config, step, buffers } = scene;
  const all = config.modes.filter((made) => servesAs(made, mode)).flatMap((made) => buffers.of(made));
  // What a run is tested with now may have come in before, and the identity function is nobody's proposal.
  const known = different(all).filter(
    ({ astHash, behaviour, origin }) => origin !== 'identity' && !isHeldOut(scene, astHash, behaviour),
  );
  const draws = new Draws(config.seed, step, `lessons of ${mode}`);
  const weightOfTask = (task: Task) => weightOf(task, weigh);
  const drawn = drawLessons(known, step, config['hindsight.tasks'], config, weightOfTask, draws);
  if (!ofOneInput.has(mode)) return drawn;
  return different(drawn.map((task) => ({ ...task, pairs: [drawPair(task, weigh, draws)] })));
}

/** Seeds are in several buffers, and an induction may have the input of a deduction. */
function different(tasks: readonly Task[]): Task[] {
  return [...new Map(tasks.map((task) => [JSON.stringify([task.program, task.pairs]), task])).values()];
}

/** Null where there is no whole truth. */
async function answerTo(scene: Scene, made: Task, lenders: Lenders, weigh: Weighing): Promise<Lesson | null> {
  const { config, players, truths } = scene;
  const { mode } = made;
  const { dialect } = players;
  const borrowed = ofOneInput.has(mode) ? await borrow(scene, made, lenders, weigh) : null;
  const task = borrowed ? { ...made, pairs: [borrowed] } : made;
  const answer = goldAnswer(task);
  // In the other dialect thoughts are nobody's trace, and nobody knows the true ones.
  const thinks = mode !== 'induction' && config.dialect === 'compact';
  const thought = thinks ? await truthOf(truths, task, answer) : '';
  if (thought === null) return null;
  const prompt = dialect.solve(questionOf(task));
  return {
    task: task.id,
    mode,
    kind: 'answer',
    prompt,
    completion: dialect.writeAnswer(mode, { answer, thought }),
    ...(borrowed && { borrowed }),
  };
}

// ---- Proposals -----------------------------------------------------------------------------------------------------

/**
 * Proposals that became tasks, of this step and from before: without the others a proposer forgets within dozens of steps whatever
 * else there is to propose.
 */
function proposalsFor(scene: Scene, mode: Mode, episodes: readonly Episode[]): Lesson[] {
  const { config, step, buffers } = scene;
  const count = config['hindsight.proposals'];
  if (count === 0 || proposing(step, config) !== 'trained') return [];
  const written = new Map(
    episodes.flatMap((each) => (each.role === 'propose' && each.task !== null ? [[each.task, each]] : [])),
  );
  const known = buffers
    .of(mode)
    .filter(
      ({ id, origin, astHash, behaviour }) =>
        (origin === 'seeding' || origin === 'proposed') &&
        !isCut(written.get(id)) &&
        !isHeldOut(scene, astHash, behaviour),
    );
  const draws = new Draws(config.seed, step, `lessons from proposals of ${mode}`);
  // All alike: taught its longest ones, a proposer has nothing else in mind after sixty steps.
  return drawLessons(known, step, count, config, () => 1, draws).flatMap((task) => {
    const words = written.get(task.id) ?? proposalOf(scene, task);
    return words
      ? [{ task: task.id, mode, kind: 'proposal', prompt: words.prompt, completion: words.completion }]
      : [];
  });
}

/** What was cut off has no end that could be learned. */
const isCut = (episode: Episode | undefined) => episode !== undefined && episode.stopReason !== 'stop';

/** As it was asked for, and as the dialect would write it. Null where what it was shown is no longer there. */
function proposalOf({ players: { dialect }, buffers }: Scene, task: Task) {
  return writeProposal(dialect, task, (id) => buffers.get(id));
}

export function writeProposal(
  dialect: WritingDialect,
  { mode, program, pairs, message, thought, parents, composite }: Task,
  find: (id: number) => Task | undefined,
): Pick<Lesson, 'prompt' | 'completion'> | null {
  const shown = parents.flatMap((id) => find(id) ?? []);
  if (shown.length < parents.length || composite.length > 0) return null;
  const inputs = pairs.map(([input]) => input);
  const request: ProposalRequest =
    mode === 'induction'
      ? { mode, program, inputs: inputs.length }
      : { mode, references: shown, composite: [] };
  return {
    prompt: dialect.propose(request),
    completion: dialect.writeProposal(mode, {
      thought,
      message,
      program: mode === 'induction' ? '' : program,
      inputs,
    }),
  };
}

function fits({ config, players }: Scene, { prompt, completion }: Lesson): boolean {
  const { tokenizer } = players.dialect;
  const length = tokenizer.encode(prompt).length + tokenizer.encode(completion).length;
  return length <= config['tokens.prompt'] + config['tokens.response'];
}
