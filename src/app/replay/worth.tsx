/** @file What a game was worth: its reward with all its terms, and what else was counted. */

import type { Config } from '../../selfplay/config';
import type { Episode } from '../../store/records';
import { nameOfTerm, whyNotTrained, whyNotWhole } from './explain';

const signed = (value: number) => `${value < 0 ? '−' : ''}${Math.abs(value).toFixed(3)}`;

export function Worth({ episode, config }: { episode: Episode; config: Config | null }) {
  const terms = Object.entries(episode.terms);
  const notes = [whyNotWhole(episode, config), whyNotTrained(episode, config)].filter(
    (note) => note !== null,
  );
  return (
    <section>
      <h3>Reward</h3>
      <table class="table worth">
        <caption class="visually-hidden">What the reward is made of</caption>
        <tbody>
          {terms.map(([name, value]) => (
            <tr key={name}>
              <th scope="row">{nameOfTerm(name)}</th>
              <td class="number">{signed(value)}</td>
            </tr>
          ))}
          <tr class="worth-sum">
            <th scope="row">Reward</th>
            <td class="number">{signed(episode.reward)}</td>
          </tr>
          <tr>
            <th scope="row">Advantage</th>
            <td class="number">{episode.advantage === null ? 'none' : signed(episode.advantage)}</td>
          </tr>
        </tbody>
      </table>
      {notes.map((note) => (
        <p class="note" key={note}>
          {note}
        </p>
      ))}
    </section>
  );
}

export function Facts({ episode }: { episode: Episode }) {
  const { tokens, promptTokens, stopReason, policy, format } = episode;
  return (
    <dl class="facts game-facts">
      <div>
        <dt>Length</dt>
        <dd class="number">
          {tokens.length} tokens <span class="note">after a prompt of {promptTokens}</span>
        </dd>
      </div>
      <div>
        <dt>Ended</dt>
        <dd>{stopReason === 'stop' ? 'by itself' : 'cut off at the longest length'}</dd>
      </div>
      <div>
        <dt>Form</dt>
        <dd>{format ? 'as asked for' : 'not as asked for'}</dd>
      </div>
      <div>
        <dt>Written by</dt>
        <dd class="number">version {policy} of the weights</dd>
      </div>
    </dl>
  );
}
