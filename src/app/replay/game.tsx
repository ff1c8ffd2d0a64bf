/** @file One game: what was asked, what was said, what became of it and why, and what it was worth. */

import { useMemo } from 'preact/hooks';
import type { Config } from '../../selfplay/config';
import { safetyRules } from '../../selfplay/safety';
import type { Episode, StepRecord } from '../../store/records';
import { toast } from '../state/toasts';
import { Completion, PlainText } from './completion';
import { askedFor, nameOfMode, nameOfRole, whyOf } from './explain';
import { usePieces, useTask } from './hooks';
import { matterOf } from './matter';
import { linkToGame } from './place';
import { Related } from './related';
import { Subject } from './subject';
import { labelOf, signOf, toneOf, verdictOf } from './verdict';
import { Facts, Worth } from './worth';

export interface GameProps {
  run: string;
  episode: Episode;
  record: StepRecord;
  config: Config | null;
  writing: number | null;
}

export function Game({ run, episode, record, config, writing }: GameProps) {
  const pieces = usePieces(run, episode);
  const task = useTask(run, episode.task, record);
  const proposal = record.episodes.find(({ id }) => id === episode.proposal) ?? null;
  const matter = useMemo(() => matterOf(episode, task, proposal), [episode, task, proposal]);
  const verdict = verdictOf(episode);
  const tone = toneOf(verdict);
  const [first, ...reasons] = whyOf(episode);
  return (
    <article class="card game" aria-label={`Game ${episode.id}`}>
      <header class="game-head">
        <h2>
          Game <span class="number">{episode.id}</span>
        </h2>
        <p class="game-kind">
          {nameOfRole[episode.role]} · {nameOfMode[episode.mode]}
        </p>
        <button type="button" class="button button-small button-quiet" onClick={() => copyLink(run, episode)}>
          Copy link
        </button>
      </header>
      <p class="game-asked">{askedFor(episode.role, episode.mode)}</p>
      <div class={`verdict verdict-${tone}`}>
        <p class="verdict-first">
          <span class="verdict-sign" aria-hidden="true">
            {signOf[tone]}
          </span>
          <span class="visually-hidden">{labelOf(verdict)}. </span>
          {first}
        </p>
        {reasons.map((reason) => (
          <p key={reason}>{reason}</p>
        ))}
      </div>
      <Flags flags={episode.flags} />
      <div class="game-body">
        <div class="game-said">
          <h3>Prompt</h3>
          <PlainText text={episode.prompt} label="Prompt" low />
          <h3>Completion</h3>
          <Completion text={episode.completion} pieces={pieces} writing={writing} />
        </div>
        <div class="game-matter">
          <Subject episode={episode} matter={matter} />
          <Worth episode={episode} config={config} />
          <Facts episode={episode} />
          <Related run={run} episode={episode} record={record} task={task} />
        </div>
      </div>
    </article>
  );
}

async function copyLink(run: string, { step, id }: Episode): Promise<void> {
  const address = new URL(linkToGame(run, step, id), location.href).href;
  try {
    await navigator.clipboard.writeText(address);
    toast(`The link to game ${id} is copied.`);
  } catch {
    toast(`The browser does not let the page copy: the link is ${address}`, { kind: 'failed' });
  }
}

function Flags({ flags }: { flags: readonly string[] }) {
  if (flags.length === 0) return null;
  return (
    <ul class="notice flags">
      {flags.map((flag) => (
        <li key={flag}>
          <strong>⚑ {flag}</strong>{' '}
          {safetyRules.find(({ name }) => name === flag)?.help ?? 'A rule of your own.'}
        </li>
      ))}
    </ul>
  );
}
