/**
 * @file Hindsight: once a task of its own has run, the model can be told what it should have said. Its answer is known, and the thought
 * that leads there is what the sandbox traces; so a step may also learn these, and proposals that became tasks, in supervised form.
 * There is no data in it but the run's own. A mode by itself, and off by default: without it a run learns from rewards alone.
 */

import type { Episode, Lesson, Mode, Task } from '../store/records';
import { isHeldOut } from './gate';
import { drawLessons } from './mixing';
import type { Scene } from './players';
import { goldAnswer, questionOf } from './questions';
import { Draws } from './random';
import { proposing } from './schedule';
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
  const all = await Promise.all(
    config.modes.flatMap((mode) => [
      ...tasksFor(scene, mode).map((task) => answerTo(scene, { ...task, mode })),
      ...proposalsFor(scene, mode, episodes),
    ]),
  );
  const lessons = all.flatMap((lesson) => (lesson && fits(scene, lesson) ? [lesson] : []));
  return { lessons, leftOut: all.length - lessons.length };
}

// ---- Answers ---------------------------------------------------------------------------------------------------------

/** A program and an input, with what comes of it: whichever is asked for, the others are known. */
const sameMaterial: ReadonlySet<Mode> = new Set(['deduction', 'abduction']);

/** May a task that was made for one of these modes be taught as one of the other? */
export const servesAs = (made: Mode, taught: Mode) =>
  made === taught || (sameMaterial.has(made) && sameMaterial.has(taught));

/** Of all that can be taught in this mode. */
function tasksFor(scene: Scene, mode: Mode): Task[] {
  const { config, step, buffers } = scene;
  const all = config.modes.filter((made) => servesAs(made, mode)).flatMap((made) => buffers.of(made));
  // Seeds are in several buffers.
  const different = [
    ...new Map(all.map((task) => [JSON.stringify([task.program, task.pairs]), task])).values(),
  ];
  // What a run is tested with now may have come in before.
  const known = different.filter(({ astHash, behaviour }) => !isHeldOut(scene, astHash, behaviour));
  return drawLessons(known, step, config, new Draws(config.seed, step, `lessons of ${mode}`));
}

/** Null where there is no whole truth. */
async function answerTo({ config, players, truths }: Scene, task: Task): Promise<Lesson | null> {
  const { mode } = task;
  const { dialect } = players;
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
  };
}

// ---- Proposals -------------------------------------------------------------------------------------------------------

/** Proposals of this step that became tasks: those first that some attempts solve and others do not. */
function proposalsFor({ config, step }: Scene, mode: Mode, episodes: readonly Episode[]): Lesson[] {
  const count = config['hindsight.proposals'];
  if (count === 0 || proposing(step, config) !== 'trained') return [];
  const draws = new Draws(config.seed, step, `lessons from proposals of ${mode}`);
  const shuffled = (some: readonly Episode[]) =>
    draws.distinct(some.length, some.length).map((index) => some[index]);
  // What was cut off has no end that could be learned.
  const accepted = episodes.filter(
    (each) =>
      each.role === 'propose' && each.mode === mode && each.task !== null && each.stopReason === 'stop',
  );
  const halfway = accepted.filter(isHalfway);
  const others = accepted.filter((each) => !isHalfway(each));
  return [...shuffled(halfway), ...shuffled(others)].slice(0, count).map(({ task, prompt, completion }) => ({
    task: task as number,
    mode,
    kind: 'proposal',
    prompt,
    completion,
  }));
}

function isHalfway({ judged }: Episode): boolean {
  const rate = judged.kind === 'proposal' ? judged.solveRate : null;
  return rate !== null && rate > 0 && rate < 1;
}

function fits({ config, players }: Scene, { prompt, completion }: Lesson): boolean {
  const { tokenizer } = players.dialect;
  const length = tokenizer.encode(prompt).length + tokenizer.encode(completion).length;
  return length <= config['tokens.prompt'] + config['tokens.response'];
}
