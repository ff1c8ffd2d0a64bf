/**
 * @file Do proposals and attempts belong together? Attempts are sorted by the proposal that they were made at, and from them follow
 * its solve rate, whether it was refused for that, and the task that came of it.
 */

import type { Episode, Judged, Task } from '../../store/records';
import type { Config } from '../config';
import { refusedForRate } from '../rewards';
import type { About, Ledger } from './ledger';
import { isProposal, type RecordedStep, rateOf } from './recorded';

/** A task that was in a buffer when the step began. */
type TaskOf = (id: number) => Task | undefined;

export class EpisodeCheck {
  private readonly config: Config;
  private readonly ledger: Ledger;

  constructor(config: Config, ledger: Ledger) {
    this.config = config;
    this.ledger = ledger;
  }

  /** The solve rates of the step's proposals, as the attempts have them; null if there were none. */
  check(recorded: RecordedStep, taskOf: TaskOf): Map<number, number | null> {
    return this.checkProposals(recorded, this.checkAttempts(recorded, taskOf));
  }

  /** Attempts at each proposal of the step. */
  private checkAttempts({ record, seeding }: RecordedStep, taskOf: TaskOf): Map<number, Episode[]> {
    const { ledger } = this;
    const { step, episodes } = record;
    const proposals = new Map(episodes.filter(isProposal).map((episode) => [episode.id, episode]));
    const entered = new Map(record.tasks.map((task) => [task.id, task]));
    const attempts = new Map<number, Episode[]>();
    for (const episode of episodes) {
      const about = { step, episode };
      const kind = episode.role === 'propose' ? 'proposal' : 'answer';
      if (episode.judged.kind !== 'unread') {
        ledger.compare(about, 'judged.kind', 'what was judged', episode.judged.kind, kind);
      }
      if (isProposal(episode)) {
        ledger.compare(about, 'proposal', 'the proposal that it is an attempt at', episode.proposal, null);
        continue;
      }
      if (seeding) {
        ledger.differ(about, 'role', 'what it does while there are only seeds', 'solve', 'propose');
      }
      const { proposal: id, task } = episode;
      if (id === null) {
        const given = task === null ? undefined : (entered.get(task) ?? taskOf(task));
        // Prompts that were drawn in advance may be about tasks that have left since.
        const early = this.config['prompts.every'] > 1 && task !== null;
        if (given) ledger.compare(about, 'mode', 'its mode', episode.mode, given.mode);
        else if (!early)
          ledger.differ(about, 'task', 'the task that it is about', task, 'one that is in a buffer');
        continue;
      }
      const proposal = proposals.get(id);
      if (!proposal) {
        ledger.differ(about, 'proposal', 'the proposal that it is an attempt at', id, 'one of this step');
        continue;
      }
      ledger.compare(about, 'mode', 'its mode', episode.mode, proposal.mode);
      ledger.compare(about, 'task', 'the task that it is about', task, proposal.task);
      const others = attempts.get(id);
      if (others) others.push(episode);
      else attempts.set(id, [episode]);
    }
    return attempts;
  }

  /** Solve rates as the attempts have them. */
  private checkProposals(
    { record, seeding, inherits }: RecordedStep,
    attempts: ReadonlyMap<number, Episode[]>,
  ): Map<number, number | null> {
    const { config, ledger } = this;
    const { step } = record;
    const tasks = new Map(record.tasks.map((task) => [task.id, task]));
    const claimed = new Set<number>();
    const rates = new Map<number, number | null>();
    for (const episode of record.episodes.filter(isProposal)) {
      const about = { step, episode };
      const tried = attempts.get(episode.id) ?? [];
      const rate = tried.length ? rateOf(config, tried) : null;
      rates.set(episode.id, rate);
      if (tried.length) {
        const due = config['estimate.samples'];
        ledger.compare(about, 'attempts', 'the number of attempts at it', tried.length, due);
      }
      const { judged } = episode;
      if (judged.kind === 'proposal') {
        ledger.compare(about, 'judged.solveRate', 'its solve rate', judged.solveRate, rate);
        this.checkRefusal(about, judged, rate);
      }
      const passed = judged.kind === 'proposal' && judged.verdict === 'ok' && judged.refused === null;
      // Seeding may find more than it wants.
      if (!passed || !seeding)
        ledger.compare(about, 'accepted', 'that it became a task', episode.task !== null, passed);
      if (episode.task === null) continue;
      const task = tasks.get(episode.task);
      if (!task || claimed.has(task.id)) {
        const derived = task ? 'one of its own' : 'one that enters in this step';
        ledger.differ(about, 'task', 'the task that came of it', episode.task, derived);
        continue;
      }
      claimed.add(task.id);
      const of = { step, task: task.id };
      // A seed's program serves deduction and abduction alike.
      if (!seeding) ledger.compare(of, 'mode', 'its mode', task.mode, episode.mode);
      ledger.compare(of, 'solveRate', 'its solve rate', task.solveRate, rate);
    }
    for (const { id, origin } of record.tasks) {
      if (origin === 'proposed' && !claimed.has(id) && !inherits) {
        const about = { step, task: id };
        ledger.differ(about, 'proposal', 'the proposal that it came of', null, 'one of this step');
      }
    }
    return rates;
  }

  /** What was refused for another reason may have a rate, too. */
  private checkRefusal(
    about: About,
    { refused }: Extract<Judged, { kind: 'proposal' }>,
    rate: number | null,
  ): void {
    const forRate = rate === null ? null : refusedForRate(rate, this.config);
    if (refused === null || refused === 'too-easy' || refused === 'too-hard') {
      this.ledger.compare(about, 'judged.refused', 'why it was refused', refused, forRate);
    }
  }
}
