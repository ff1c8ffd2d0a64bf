/**
 * @file Do rewards follow from verdicts? Base and penalty are derived again; intrinsic terms and those of the user are taken as
 * recorded, where there may be any and as far as their caps allow.
 */

import { type Episode, type Judged, modes, type Role } from '../../store/records';
import type { Config } from '../config';
import { combine, type Intrinsic, intrinsics } from '../intrinsic';
import { clusterShares } from '../repetition';
import { isTask, type RewardContext, rewardOf } from '../rewards';
import type { Ledger } from './ledger';
import type { RecordedStep } from './recorded';

export class RewardCheck {
  private readonly config: Config;
  private readonly ledger: Ledger;

  constructor(config: Config, ledger: Ledger) {
    this.config = config;
    this.ledger = ledger;
  }

  /** The rewards that the step's episodes should have had, given the solve rates of its proposals. */
  check({ record, seeding }: RecordedStep, rates: ReadonlyMap<number, number | null>): number[] {
    const { step, episodes } = record;
    const contexts = episodes.map((episode): RewardContext => {
      const { mode, role, completion, format, parsed } = episode;
      const judged: Judged =
        episode.judged.kind === 'proposal' && rates.has(episode.id)
          ? { ...episode.judged, solveRate: rates.get(episode.id)! }
          : episode.judged;
      return { mode, role, completion, format, parsed, judged, intrinsic: {}, repetition: 0 };
    });
    // Seeds are made in as many rounds as it takes: there is no batch that they could repeat.
    if (!seeding) this.repetition(contexts);
    return episodes.map((episode, index) => this.rewardOf({ step, episode }, contexts[index]));
  }

  /** Fills in the shares of the step's proposals that resemble each. */
  private repetition(contexts: RewardContext[]): void {
    const { config } = this;
    if (config['reward.repetition'] === 0) return;
    for (const mode of modes) {
      const proposals = contexts.filter((context) => context.role === 'propose' && context.mode === mode);
      const shares = clusterShares(
        proposals.map((context) => comparedText(config, context)),
        config['reward.repetition.threshold'],
      );
      proposals.forEach((context, index) => {
        context.repetition = shares[index];
      });
    }
  }

  private rewardOf(about: { step: number; episode: Episode }, context: RewardContext): number {
    const { config, ledger } = this;
    const { terms, reward } = about.episode;
    const derived = rewardOf(config, context).terms;
    for (const name of ['base', 'repetition']) {
      const words = name === 'base' ? 'the base of its reward' : 'its penalty for repetition';
      ledger.compare(about, `terms.${name}`, words, terms[name] ?? null, derived[name] ?? null);
    }
    const extra: number[] = [];
    for (const [name, value] of Object.entries(terms)) {
      if (name === 'base' || name === 'repetition') continue;
      const most = derived.base > 0 ? this.mostOf(name, context.role) : null;
      const allowed = most === null || !Number.isFinite(value) ? null : Math.min(value, most);
      ledger.compare(about, `terms.${name}`, `the term "${name}" of its reward`, value, allowed);
      if (allowed !== null) extra.push(allowed);
    }
    const expected = combine(derived.base, extra, config['intrinsic.combine']) + (derived.repetition ?? 0);
    if (Number.isFinite(expected)) ledger.compare(about, 'reward', 'its reward', reward, expected);
    else ledger.differ(about, 'reward', 'its reward', reward, 'a finite number');
    return expected;
  }

  /** The cap of a term; null if there can be no such term. That of a user's term is not in the log. */
  private mostOf(name: string, role: Role): number | null {
    if (name.startsWith('own.')) return Number.POSITIVE_INFINITY;
    const known = (intrinsics as readonly string[]).includes(name) && role === 'propose';
    if (!known || this.config[`intrinsic.${name as Intrinsic}`] === 0) return null;
    return this.config[`intrinsic.${name as Intrinsic}.max`];
  }
}

/** What of a proposal is compared with others; null if it makes no task. Of induction the program was given. */
function comparedText(config: Config, context: RewardContext): string | null {
  const { parsed, mode } = context;
  if (!isTask(config, context) || parsed?.kind !== 'proposal') return null;
  return mode === 'induction' ? parsed.inputs.join('\n') : parsed.program;
}
