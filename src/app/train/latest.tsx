/** @file The newest games, as they come: what the model made up, and what it answered. All of them are under Replay. */

import { useEffect, useState } from 'preact/hooks';
import { type Episode, type Mode, modes, roles } from '../../store/records';
import { labelOf, signOf, toneOf, verdictOf } from '../replay/verdict';
import { reader } from '../state/library';
import { live, onStep } from '../state/live';
import { href } from '../state/router';

/** A step may take less than a second; nobody reads games faster than this. */
const pause = 3000;
/** Games of a step or so: some of each kind are among them. */
const looked = 200;

export function Latest({ run }: { run: string }) {
  const [games, setGames] = useState<Episode[] | null>(null);
  useEffect(() => {
    let gone = false;
    let last = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = async () => {
      last = Date.now();
      timer = undefined;
      try {
        const found = await (await reader(run)).episodes({ limit: looked });
        if (!gone) setGames(telling(found));
      } catch {
        if (!gone) setGames([]); // told where the run is opened
      }
    };
    void look();
    const stop = onStep((of) => {
      if (of !== run || timer || document.visibilityState !== 'visible') return;
      timer = setTimeout(look, Math.max(0, last + pause - Date.now()));
    });
    return () => {
      gone = true;
      clearTimeout(timer);
      stop();
    };
  }, [run]);
  const playing = live.value?.run === run;
  return (
    <section class="card latest" aria-labelledby="latest-title">
      <div class="card-head">
        <h2 id="latest-title">Latest games</h2>
        <a href={href('replay', { run })}>Replay all</a>
      </div>
      {games?.length === 0 && (
        <p class="note">{playing ? 'The first ones are being played.' : 'No games have been played yet.'}</p>
      )}
      <ul>
        {games?.map((game) => (
          <li key={game.id}>
            <a href={href('replay', { run, step: game.step, game: game.id })}>
              <Game game={game} />
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

const asks: Record<Mode, string> = {
  deduction: 'What does it return?',
  abduction: 'Which input gives that?',
  induction: 'Which program does this?',
  error: 'Which exception is raised?',
};

function Game({ game }: { game: Episode }) {
  const { mode, role } = game;
  const verdict = verdictOf(game);
  const tone = toneOf(verdict);
  return (
    <>
      <span class="latest-head">
        <span>{role === 'propose' ? `Made up for ${mode}` : asks[mode]}</span>
        <span class={`outcome outcome-${tone}`}>
          {signOf[tone]} {labelOf(verdict)}
        </span>
      </span>
      <code>{gist(game)}</code>
    </>
  );
}

/** What a game was about, in a few lines: the program, or the inputs to one, or the answer. */
function gist({ parsed, mode, completion }: Episode): string {
  if (parsed === null) return completion.slice(0, 200);
  if (parsed.kind === 'answer') return parsed.answer;
  return mode === 'induction' ? parsed.inputs.join('\n') : parsed.program;
}

/** Of the newest step one game of each mode and role, rather one that went well. */
function telling(games: Episode[]): Episode[] {
  const newest = games.filter(({ step }) => step === games[0]?.step);
  return roles.flatMap((role) =>
    modes.flatMap((mode) => {
      const ofKind = newest.filter((game) => game.role === role && game.mode === mode);
      return ofKind.find((game) => toneOf(verdictOf(game)) === 'good') ?? ofKind[0] ?? [];
    }),
  );
}
