/**
 * @file Was the model trained on what it should have been? Advantages follow from rewards, for those who learn at this step and for
 * nobody else, and each batch was as large as it is configured.
 */

import { type Episode, modes, roles } from '../../store/records';
import { advantages } from '../advantages';
import type { Config } from '../config';
import { proposing } from '../schedule';
import type { Ledger } from './ledger';
import { isProposal, type RecordedStep } from './recorded';

export class TrainingCheck {
  private readonly config: Config;
  private readonly ledger: Ledger;

  constructor(config: Config, ledger: Ledger) {
    this.config = config;
    this.ledger = ledger;
  }

  /** `rewards` are those that the episodes should have had. */
  check(recorded: RecordedStep, rewards: readonly number[]): void {
    this.checkAdvantages(recorded, rewards);
    if (!recorded.seeding) this.checkCounts(recorded);
  }

  private checkAdvantages({ record, seeding }: RecordedStep, rewards: readonly number[]): void {
    const { config, ledger } = this;
    const { step, episodes } = record;
    const rewarded = !seeding && config['hindsight.policy'];
    const trained: { episode: Episode; reward: number }[] = [];
    episodes.forEach((episode, index) => {
      const { advantage } = episode;
      const proposes = isProposal(episode);
      const learns = rewarded && (!proposes || proposing(step, config) === 'trained');
      if (advantage !== null && !learns) {
        ledger.differ({ step, episode }, 'advantage', 'its advantage', advantage, null);
      } else if (advantage !== null) {
        trained.push({ episode, reward: rewards[index] });
      } else if (learns && proposes) {
        // An attempt may have been made for the estimate alone, a proposal not.
        ledger.differ({ step, episode }, 'advantage', 'its advantage', null, 'a number');
      }
    });
    if (!trained.every(({ reward }) => Number.isFinite(reward))) return; // told already
    const scored = trained.map(({ episode: { mode, role, group, tokens }, reward }) => ({
      mode,
      role,
      group,
      reward,
      tokens: tokens.length,
    }));
    advantages(scored, config).forEach((derived, index) => {
      const { episode } = trained[index];
      ledger.compare({ step, episode }, 'advantage', 'its advantage', episode.advantage, derived);
    });
  }

  private checkCounts({ record: { step, episodes, alerts } }: RecordedStep): void {
    const { config, ledger } = this;
    const short = alerts.some(({ kind }) => kind === 'short');
    for (const mode of modes) {
      const there = episodes.filter((episode) => episode.mode === mode);
      const played = config.modes.includes(mode) ? config.batch : 0;
      const due = {
        propose: proposing(step, config) === 'off' ? 0 : played,
        solve: config['hindsight.policy'] ? played : 0,
      };
      const found = {
        propose: there.filter(isProposal).length,
        solve: there.filter((episode) => !isProposal(episode) && episode.advantage !== null).length,
      };
      for (const role of roles) {
        if (short && found[role] < due[role]) continue;
        const words =
          role === 'propose'
            ? `the number of proposals of ${mode}`
            : `the number of attempts at ${mode} that were trained on`;
        ledger.compare({ step }, `count.${mode}.${role}`, words, found[role], due[role]);
      }
    }
  }
}
