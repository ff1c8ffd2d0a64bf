/** @file Replay: every game of a run, from its log alone. No model, no GPU and no Python are needed for it. */

import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { type Episode, type RunInfo, roles, type StepRecord } from '../../store/records';
import { addKeys } from '../keys';
import { Changes } from '../replay/changes';
import { configOf } from '../replay/explain';
import { FilterBar, type Scope, scopes } from '../replay/filter-bar';
import { filterParams, filtersFrom, isFiltered, matching, noFilters } from '../replay/filters';
import { Game } from '../replay/game';
import { indexOf, noGames } from '../replay/game-index';
import { GameList } from '../replay/game-list';
import { useFound, useListing, useStep } from '../replay/hooks';
import { firstOf, rowBeside } from '../replay/navigation';
import { goTo, place, usePlace } from '../replay/place';
import { speeds, usePlaying, writingTime } from '../replay/player';
import { findGame } from '../replay/reading';
import { useSlowly } from '../replay/slowly';
import { Timeline } from '../replay/timeline';
import { verdictOf } from '../replay/verdict';
import { currentRun, shownRuns } from '../state/library';
import { isPlaying, live } from '../state/live';
import { href, refine, route } from '../state/router';
import { runData } from '../state/run-data';
import '../replay/replay.css';

export default function View() {
  const run = currentRun.value;
  if (shownRuns.value === null) return <div class="loading" aria-busy="true" />;
  if (!run) return <NoRun />;
  return <Replay key={run.id} run={run} />;
}

function NoRun() {
  const wanted = route.value.params.get('run');
  return (
    <>
      <h1>Replay</h1>
      <div class="empty">
        <p>
          {wanted
            ? `There is no run "${wanted}" in this browser. If somebody sent you its log, import it.`
            : 'There is no run yet. Start one, or import the log of another: every game of it can be replayed here, without a GPU.'}
        </p>
        <div class="actions">
          <a class="button button-primary" href={href('train')}>
            Start a run
          </a>
          <a class="button" href={href('runs')}>
            Import a log
          </a>
        </div>
      </div>
    </>
  );
}

function Replay({ run }: { run: RunInfo }) {
  const data = runData(run.id);
  const version = useSlowly(data.version, 1000);
  const { steps } = data.series;
  const first = steps[0] ?? 0;
  const last = steps[steps.length - 1] ?? run.step;
  const config = useMemo(() => configOf(run.config), [run]);

  const { game: wanted, step: given, from } = usePlace();
  const step = given === null ? null : Math.min(Math.max(given, first), last);
  useStart(run.id, data.ready.value, last);
  const { value: record, loading, failure } = useStep(run.id, data.ready.value ? step : null);

  const { params } = route.value;
  const scope: Scope = scopes.find((each) => each === params.get('games')) ?? 'step';
  const filters = useMemo(() => filtersFrom(params), [params]);
  const { listing, readOn } = useListing(run.id, scope === 'run');
  const ofStep = useMemo(() => (record ? indexOf(record.episodes) : noGames), [record]);
  // Until all are listed, those of the step.
  const index = (scope === 'run' && listing?.index) || ofStep;
  const found = useFound(run.id, filters.text, record, scope === 'run');
  const shown = useMemo(() => matching(index, filters, found), [index, filters, found]);

  const there = record !== null && record.step === step;
  const game = wanted ?? (there ? firstOf(index, shown, record.step, from) : null);
  const episode = record?.episodes.find(({ id }) => id === game) ?? null;
  useMoved(run.id, wanted, there, episode);
  const kept = useRef<{ episode: Episode; record: StepRecord } | null>(null);
  if (episode && record) kept.current = { episode, record };
  else if (there && !loading) kept.current = null;
  const drawn = kept.current;

  const [playing, setPlaying] = useState(false);
  const [speed, setSpeed] = useState<number>(1);
  const toStep = (next: number, from: 'start' | 'end' = 'start') => {
    if (next >= first && next <= last) goTo({ step: next, game: null, from });
  };
  /** False where there is none. */
  const toGame = (by: 1 | -1): boolean => {
    const next = rowBeside(index, shown, game, by);
    if (next >= 0 && next < shown.length) {
      goTo({ step: index.step[shown[next]], game: index.id[shown[next]] });
      return true;
    }
    if (scope === 'run' || step === null || step + by < first || step + by > last) return false;
    toStep(step + by, by > 0 ? 'start' : 'end');
    return true;
  };
  usePlaying(playing, speed, there && !loading, () => {
    const goesOn = isPlaying.peek() && live.peek()?.run === run.id;
    if (!toGame(1) && !goesOn) setPlaying(false);
  });
  useReplayKeys({
    play: () => setPlaying((before) => !before),
    game: (by) => void toGame(by),
    step: (by) => step !== null && toStep(step + by),
  });

  if (data.ready.value && version > 0 && data.series.length === 0) return <NoGames run={run} />;
  const filtered = isFiltered(filters);
  const clear = () => refine(filterParams(noFilters));
  return (
    <>
      <div class="view-head">
        <div>
          <h1>
            Replay <span class="replay-run">{run.name}</span>
          </h1>
          <p class="note replay-sentence">{record ? sentenceOf(record, last) : 'Reading the log…'}</p>
        </div>
      </div>
      <Timeline
        data={data}
        first={first}
        last={last}
        step={step ?? last}
        playing={playing}
        speed={speed}
        measure={params.get('strip')}
        onStep={toStep}
        onGame={(by) => void toGame(by)}
        onPlay={() => setPlaying(!playing)}
        onSpeed={(next) => setSpeed(speeds.find((each) => each === next) ?? 1)}
        onMeasure={(strip) => refine({ strip })}
      />
      <FilterBar
        scope={scope}
        onScope={(next) => refine({ games: next === 'step' ? null : next })}
        filters={filters}
        onFilters={(next) => refine(filterParams(next))}
        index={index}
      />
      {failure && <p class="notice notice-bad">{failure}</p>}
      <div class="replay-parts">
        <section class="card replay-list" aria-label="Games">
          <div class="replay-count">
            <p class="number" role="status">
              {shown.length.toLocaleString('en-US')} of {index.length.toLocaleString('en-US')} games
            </p>
            {filtered && (
              <button type="button" class="button button-small button-quiet" onClick={clear}>
                Clear filters
              </button>
            )}
          </div>
          {shown.length > 0 ? (
            <GameList
              index={index}
              shown={shown}
              game={game}
              withStep={scope === 'run'}
              onSelect={(at) => goTo({ step: index.step[at], game: index.id[at] })}
            />
          ) : (
            <NothingFound
              reading={record === null || (scope === 'run' && listing === null)}
              filtered={filtered}
            />
          )}
          {scope === 'run' && listing && !listing.whole && (
            <p class="replay-partly note">
              These are the newest games.{' '}
              <button type="button" class="button button-small" onClick={readOn}>
                Read all
              </button>
            </p>
          )}
        </section>
        <div class="replay-game" aria-busy={loading}>
          {drawn ? (
            <>
              <Game
                run={run.id}
                episode={drawn.episode}
                record={drawn.record}
                config={config}
                writing={writingTime(playing, speed)}
              />
              <Changes key={drawn.record.step} run={run.id} record={drawn.record} />
            </>
          ) : (
            <>
              {there && <NoGame wanted={wanted} empty={record.episodes.length === 0} />}
              {record && <Changes key={record.step} run={run.id} record={record} />}
            </>
          )}
        </div>
      </div>
    </>
  );
}

/** Where an address names no step, the last one there is; it stays there while the run goes on. */
function useStart(run: string, ready: boolean, last: number): void {
  const { step, game } = place.value;
  useEffect(() => {
    if (!ready || step !== null) return;
    if (game === null) goTo({ step: last });
    else {
      let stale = false;
      void findGame(run, game).then((found) => {
        if (!stale) goTo({ step: found?.step ?? last, game });
      });
      return () => {
        stale = true;
      };
    }
    return undefined;
  }, [run, ready, step, game, last]);
}

/** An address may name a game of another step: the game is what was meant. */
function useMoved(run: string, wanted: number | null, there: boolean, episode: Episode | null): void {
  const lost = there && wanted !== null && episode === null;
  useEffect(() => {
    if (!lost) return;
    let stale = false;
    void findGame(run, wanted).then((found) => {
      if (!stale && found) goTo({ step: found.step, game: found.id });
    });
    return () => {
      stale = true;
    };
  }, [run, wanted, lost]);
}

interface Moves {
  play: () => void;
  game: (by: 1 | -1) => void;
  step: (by: 1 | -1) => void;
}

function useReplayKeys(moves: Moves): void {
  const newest = useRef(moves);
  newest.current = moves;
  useEffect(
    () =>
      addKeys([
        { key: ' ', help: 'Play or pause', run: () => newest.current.play() },
        { key: 'ArrowLeft', help: 'Previous game', run: () => newest.current.game(-1) },
        { key: 'ArrowRight', help: 'Next game', run: () => newest.current.game(1) },
        { key: '[', help: 'Previous step', run: () => newest.current.step(-1) },
        { key: ']', help: 'Next step', run: () => newest.current.step(1) },
        { key: '/', help: 'Search games', run: () => document.getElementById('replay-search')?.focus() },
      ]),
    [],
  );
}

function sentenceOf({ step, episodes, tasks, lessons = [] }: StepRecord, last: number): string {
  const count = (number: number, one: string, many: string) => `${number} ${number === 1 ? one : many}`;
  const proposals = episodes.filter(({ role }) => role === roles[0]);
  const answers = episodes.filter(({ role }) => role === roles[1]);
  const accepted = proposals.filter((each) => verdictOf(each) === 'accepted').length;
  const right = answers.filter((each) => verdictOf(each) === 'right').length;
  const parts = [
    proposals.length > 0 &&
      `${count(proposals.length, 'proposal', 'proposals')}, of which ${count(accepted, 'became a task', 'became tasks')}`,
    answers.length > 0 && `${count(answers.length, 'attempt', 'attempts')}, ${right} of them right`,
    lessons.length > 0 && count(lessons.length, 'lesson', 'lessons'),
  ].filter(Boolean);
  const said = parts.length > 0 ? parts.join('; ') : `${count(tasks.length, 'task', 'tasks')}, and no games`;
  return step === 0 ? `Before the first step, for seeds: ${said}.` : `Step ${step} of ${last}: ${said}.`;
}

function NoGames({ run }: { run: RunInfo }) {
  return (
    <>
      <h1>
        Replay <span class="replay-run">{run.name}</span>
      </h1>
      <div class="empty">
        <p>This run has no steps yet. As soon as it has played one, its games are here.</p>
        <div class="actions">
          <a class="button button-primary" href={href('train', { run: run.id })}>
            Play it
          </a>
          <a class="button" href={href('runs')}>
            Import a log
          </a>
        </div>
      </div>
    </>
  );
}

function NothingFound({ reading, filtered }: { reading: boolean; filtered: boolean }) {
  const why = filtered ? 'No game matches these filters.' : 'No games were played in this step.';
  return <p class="replay-nothing note">{reading ? 'Reading…' : why}</p>;
}

const NoGame = ({ wanted, empty }: { wanted: number | null; empty: boolean }) => (
  <div class="empty">
    <p>
      {wanted !== null
        ? `There is no game ${wanted} in this run.`
        : empty
          ? 'Nothing was played in this step.'
          : 'Choose a game from the list.'}
    </p>
  </div>
);
