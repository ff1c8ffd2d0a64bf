/**
 * @file What a run came to, for each mode and role: sums over its completions as they were recorded, and their means at the end.
 */

import { type Episode, type Mode, modes, type Role, roles } from '../../store/records';
import { isProposal } from './recorded';

export interface Summary {
  mode: Mode;
  role: Role;
  completions: number;
  /** Mean, of all completions. */
  reward: number;
  /** Share of right answers, or of proposals that became tasks. */
  share: number;
  /** Share that kept the format. */
  format: number;
  /** Mean length. */
  tokens: number;
}

interface Tally {
  completions: number;
  reward: number;
  good: number;
  format: number;
  tokens: number;
}

export class Tallies {
  private readonly tallies = new Map<string, Tally>();

  add(episode: Episode): void {
    const { mode, role, judged, reward, format, tokens, task } = episode;
    const name = `${mode} ${role}`;
    const tally = this.tallies.get(name) ?? { completions: 0, reward: 0, good: 0, format: 0, tokens: 0 };
    this.tallies.set(name, tally);
    const good = isProposal(episode) ? task !== null : judged.kind === 'answer' && judged.correct;
    tally.completions++;
    tally.reward += reward;
    tally.good += good ? 1 : 0;
    tally.format += format ? 1 : 0;
    tally.tokens += tokens.length;
  }

  /** For each mode and role that occurs. */
  summary(): Summary[] {
    return modes.flatMap((mode) =>
      roles.flatMap((role) => {
        const tally = this.tallies.get(`${mode} ${role}`);
        if (!tally) return [];
        const { completions, reward, good, format, tokens } = tally;
        const mean = (sum: number) => sum / completions;
        const means = { reward: mean(reward), share: mean(good), format: mean(format), tokens: mean(tokens) };
        return [{ mode, role, completions, ...means }];
      }),
    );
  }
}
