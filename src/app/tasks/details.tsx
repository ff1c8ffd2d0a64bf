/** @file Everything about one task: the program, its calls, what came of it, who made it up, and its family. */

import { useMemo, useState } from 'preact/hooks';
import type { Episode, Task } from '../../store/records';
import { PlainText } from '../replay/completion';
import { nameOfMode, originInWords } from '../replay/explain';
import { linkToGame, linkToTask } from '../replay/place';
import { labelOf, signOf, toneOf, verdictOf } from '../replay/verdict';
import { href } from '../state/router';
import { Python, PythonValue } from '../ui/python';
import { countOfFamily, type Direction, relativesOf } from './family';
import { useGamesAbout } from './hooks';
import { ratesByStep } from './rates';
import { type Row, type TaskList, whereInWords } from './task-list';

export function Details({ run, list, row }: { run: string; list: TaskList; row: Row }) {
  const { task, where, complexity, lines, effort } = row;
  return (
    <article class="card task-details" aria-label={`Task ${task.id}`}>
      <header class="game-head">
        <h2>
          Task <span class="number">{task.id}</span>
        </h2>
        <p class="game-kind">{nameOfMode[task.mode]}</p>
      </header>
      <p class="note">
        {sentence(originInWords(task.origin))}, {whereInWords[where]}.
      </p>
      <Python text={task.program} label="Program" numbered />
      <Calls task={task} />
      {task.message && (
        <>
          <h3>What its proposer tells the solver</h3>
          <p>{task.message}</p>
        </>
      )}
      {task.thought && (
        <>
          <h3>What its proposer thought</h3>
          <PlainText text={task.thought} label="Thought" />
        </>
      )}
      <dl class="facts game-facts">
        <div>
          <dt>Solved</dt>
          <dd class="number">
            {task.solveRate === null
              ? 'not tried'
              : `by ${Math.round(task.solveRate * 100)} % of the latest attempts`}
          </dd>
        </div>
        <div>
          <dt>Entered</dt>
          <dd>
            <a href={href('replay', { run, step: task.step })}>
              {task.step === 0 ? 'before the first step' : `in step ${task.step}`}
            </a>
          </dd>
        </div>
        <div>
          <dt>Complexity</dt>
          <dd class="number">
            {complexity} points{' '}
            <span class="note">
              {lines} lines, {effort} {effort === 1 ? 'call or pass' : 'calls and passes'}
            </span>
          </dd>
        </div>
        {task.composite.length > 0 && (
          <div>
            <dt>Builds on</dt>
            <dd>{task.composite.join(', ')}</dd>
          </div>
        )}
      </dl>
      <GamesAbout run={run} task={task} step={list.step} />
      <Family run={run} list={list} id={task.id} direction="parents" />
      <Family run={run} list={list} id={task.id} direction="children" />
    </article>
  );
}

const sentence = (text: string) => text[0].toUpperCase() + text.slice(1);

function Calls({ task: { pairs, mode } }: { task: Task }) {
  const seen = Math.floor(pairs.length / 2);
  return (
    <table class="table calls">
      <caption class="visually-hidden">Calls of the program</caption>
      <thead>
        <tr>
          <th scope="col">Input</th>
          <th scope="col">Output</th>
          {mode === 'induction' && <th scope="col">Solver</th>}
        </tr>
      </thead>
      <tbody>
        {pairs.map(([input, output], at) => (
          <tr key={at}>
            <td>
              <PythonValue text={input} />
            </td>
            <td>
              <PythonValue text={output} />
            </td>
            {mode === 'induction' && <td class="calls-seen">{at < seen ? 'sees it' : 'hidden'}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

// ---- Games -----------------------------------------------------------------------------------------------------------

const fewGames = 16;

function GamesAbout({ run, task, step }: { run: string; task: Task; step: number }) {
  const games = useGamesAbout(run, task.id, step);
  const [open, setOpen] = useState(false);
  if (games === null) return <p class="note task-games">Reading its games…</p>;
  const proposed = games.filter(({ role }) => role === 'propose');
  const attempts = games.filter(({ role }) => role === 'solve');
  const rates = ratesByStep(attempts);
  return (
    <section class="task-games">
      <h3>Games about it</h3>
      {proposed.map((game) => (
        <p key={game.id}>
          Proposed in <a href={linkToGame(run, game.step, game.id)}>game {game.id}</a>
        </p>
      ))}
      {games.length === 0 && <p class="note">None.</p>}
      {attempts.length > 0 && (
        <p>
          {attempts.length === 1 ? 'Attempt: ' : `${attempts.length} attempts, the newest first: `}
          {attempts.slice(0, open ? attempts.length : fewGames).map((game) => (
            <Attempt key={game.id} run={run} game={game} />
          ))}
          {attempts.length > fewGames && (
            <button type="button" class="button button-small button-quiet" onClick={() => setOpen(!open)}>
              {open ? 'Fewer' : 'All'}
            </button>
          )}
        </p>
      )}
      {rates.length > 1 && <History rates={rates} />}
    </section>
  );
}

function Attempt({ run, game }: { run: string; game: Episode }) {
  const verdict = verdictOf(game);
  const tone = toneOf(verdict);
  return (
    <a
      class={`related-game tone-${tone}`}
      href={linkToGame(run, game.step, game.id)}
      title={`Step ${game.step}`}
    >
      <span aria-hidden="true">{signOf[tone]}</span> {game.id}
      <span class="visually-hidden">, {labelOf(verdict)}</span>
    </a>
  );
}

/** A bar a step, as high as the share of attempts that were right. */
function History({ rates }: { rates: { step: number; right: number; attempts: number }[] }) {
  const words = rates.map(({ step, right, attempts }) => `step ${step}: ${right} of ${attempts}`).join(', ');
  return (
    <div class="task-history" role="img" aria-label={`Right attempts by step. ${words}`}>
      {rates.map(({ step, right, attempts }) => (
        <span key={step} title={`Step ${step}: ${right} of ${attempts} right`}>
          <span style={{ height: `${Math.max(6, (100 * right) / attempts)}%` }} />
        </span>
      ))}
    </div>
  );
}

// ---- Family ----------------------------------------------------------------------------------------------------------

interface BranchProps {
  run: string;
  list: TaskList;
  id: number;
  direction: Direction;
}

function Family(props: BranchProps) {
  const { list, id, direction } = props;
  const count = useMemo(() => countOfFamily(list, id, direction), [list, id, direction]);
  const near = relativesOf(list, id, direction).length;
  const [title, none] =
    direction === 'parents'
      ? ['Made after seeing', 'No other task was shown when it was made up.']
      : ['Shown when these were made up', 'Nothing has come of it yet.'];
  return (
    <section class="family">
      <h3>
        {title}
        {count > near && <span class="note"> {count} tasks in all, near and far</span>}
      </h3>
      {count === 0 ? <p class="note">{none}</p> : <Branch {...props} depth={0} />}
    </section>
  );
}

/** Longer lists are opened by who wants them. */
const fewRelatives = 6;

function Branch({ run, list, id, direction, depth }: BranchProps & { depth: number }) {
  const [all, setAll] = useState(false);
  const relatives = relativesOf(list, id, direction);
  const shown = all ? relatives : relatives.slice(0, fewRelatives);
  return (
    <ul class="family-branch">
      {shown.map((each) => (
        <Relative key={each} run={run} list={list} id={each} direction={direction} depth={depth} />
      ))}
      {relatives.length > fewRelatives && (
        <li>
          <button type="button" class="button button-small button-quiet" onClick={() => setAll(!all)}>
            {all ? 'Show fewer' : `Show all ${relatives.length}`}
          </button>
        </li>
      )}
    </ul>
  );
}

function Relative({ run, list, id, direction, depth }: BranchProps & { depth: number }) {
  const [open, setOpen] = useState(false);
  const place = list.places.get(id);
  const row = place === undefined ? null : list.rows[place];
  const further = relativesOf(list, id, direction).length;
  return (
    <li>
      <div class="relative">
        {further > 0 ? (
          <button
            type="button"
            class="lesson-open"
            aria-expanded={open}
            aria-label={`${direction === 'parents' ? 'What task' : 'What came of task'} ${id}${
              direction === 'parents' ? ' was made after' : ''
            }`}
            onClick={() => setOpen(!open)}
          >
            <span aria-hidden="true">{open ? '▾' : '▸'}</span>
          </button>
        ) : (
          <span class="relative-end" aria-hidden="true" />
        )}
        <a href={linkToTask(run, id)}>Task {id}</a>
        {row ? (
          <span class="relative-code">
            <PythonValue text={row.line.slice(0, 80)} />
          </span>
        ) : (
          <span class="note">not recorded</span>
        )}
        {row && row.task.solveRate !== null && (
          <span class="note number">{Math.round(row.task.solveRate * 100)} %</span>
        )}
      </div>
      {open && <Branch run={run} list={list} id={id} direction={direction} depth={depth + 1} />}
    </li>
  );
}
