/**
 * @file Writes down what happened: turns of a step become episodes, with their rewards and flags.
 */

import type { Episode, Judged, Mode, Task } from '../store/records';
import type { Attempt } from './attempts';
import type { Completion, Prompt } from './completions';
import type { Draft } from './gate';
import type { IntrinsicValues } from './intrinsic';
import type { Scene } from './players';
import { rewardOf } from './rewards';
import { flagsOf } from './safety';
import { proposing } from './schedule';

/** The ids that the next records get. */
export interface Counters {
  nextTask: number;
  nextEpisode: number;
}

/** A proposal, and what came of it. */
export interface ProposalTurn {
  draft: Draft;
  attempts: Attempt[];
  task: Task | null;
  /** Its episode, once it has one. */
  episode: number | null;
}

/** Attempts at one problem. */
export interface SolverTurn {
  question: Prompt;
  attempts: Attempt[];
  /** The first so many of them are trained on. */
  trained: number;
  task: Task | null;
  /** Whose attempts tell how hard it is. */
  proposal: ProposalTurn | null;
}

export class Scribe {
  readonly episodes: Episode[] = [];
  private readonly scene: Scene;
  private readonly counters: Counters;

  constructor(scene: Scene, counters: Counters) {
    this.scene = scene;
    this.counters = counters;
  }

  proposal(turn: ProposalTurn, known: { intrinsic: IntrinsicValues; repetition: number }): number {
    const { asking, completion, reading, judged } = turn.draft;
    const { config, step } = this.scene;
    const trained = config['hindsight.policy'] && proposing(step, config) === 'trained';
    turn.episode = this.write({
      mode: asking.mode,
      role: 'propose',
      group: null,
      task: turn.task?.id ?? null,
      proposal: null,
      prompt: asking.prompt,
      completion,
      reading,
      judged,
      trained,
      ...known,
    });
    return turn.episode;
  }

  attempts(mode: Mode, { question, attempts, trained, task, proposal }: SolverTurn): void {
    const group = this.counters.nextEpisode;
    attempts.forEach(({ completion, reading, judged }, index) => {
      this.write({
        mode,
        role: 'solve',
        group,
        task: task?.id ?? null,
        proposal: proposal?.episode ?? null,
        prompt: question,
        completion,
        reading,
        judged,
        trained: index < trained,
        intrinsic: {},
        repetition: 0,
      });
    });
  }

  private write({
    prompt,
    completion,
    reading,
    judged,
    trained,
    intrinsic,
    repetition,
    ...known
  }: Line): number {
    const { config, step, players } = this.scene;
    const { text, tokens, logProbs, stopReason, policy } = completion;
    const { format, parsed } = reading;
    const { mode, role } = known;
    const id = this.counters.nextEpisode++;
    this.episodes.push({
      ...known,
      id,
      step,
      group: known.group ?? id,
      prompt: prompt.text,
      completion: text,
      tokens,
      logProbs,
      promptTokens: prompt.tokens.length,
      stopReason,
      policy,
      format,
      parsed,
      judged,
      ...rewardOf(
        config,
        { mode, role, completion: text, format, parsed, judged, intrinsic, repetition },
        players.own,
      ),
      advantage: trained ? 0 : null,
      flags: flagsOf(text, players.rules),
    });
    return id;
  }
}

interface Line extends Pick<Episode, 'mode' | 'role' | 'task' | 'proposal'> {
  /** Null for one of its own. */
  group: number | null;
  prompt: Prompt;
  completion: Completion;
  reading: { format: boolean; parsed: Episode['parsed'] };
  judged: Judged;
  trained: boolean;
  intrinsic: IntrinsicValues;
  repetition: number;
}
