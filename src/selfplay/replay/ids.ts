/**
 * @file Is anything missing? Ids count upwards without gaps: a gap is a record that is missing. Only a run that goes on from another
 * begins elsewhere.
 */

import type { Snapshot } from '../../store/records';
import type { Ledger } from './ledger';
import type { RecordedStep } from './recorded';

export class IdCheck {
  private readonly ledger: Ledger;

  constructor(ledger: Ledger) {
    this.ledger = ledger;
  }

  /** `before` is the state after the step before; null if this is the first. */
  check({ record, inherits }: RecordedStep, before: Snapshot | null): void {
    const { step, episodes, tasks } = record;
    if (!inherits) {
      let next = before?.nextTask ?? 1;
      for (const { id } of tasks) {
        this.ledger.compare({ step, task: id }, 'id', 'its number', id, next);
        next = id + 1;
      }
    }
    let next = inherits ? (episodes[0]?.id ?? 1) : (before?.nextEpisode ?? 1);
    for (const episode of episodes) {
      const about = { step, episode };
      this.ledger.compare(about, 'id', 'its number', episode.id, next);
      const { tokens, logProbs } = episode;
      const words = 'the count of its log-probabilities';
      this.ledger.compare(about, 'logProbs', words, logProbs.length, tokens.length);
      next = episode.id + 1;
    }
  }
}
