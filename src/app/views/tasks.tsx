/** @file Tasks: what the model has made up, as a table and as a map, and where each task comes from. */

import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { type Mode, modes, type RunInfo, type Task } from '../../store/records';
import { addKeys } from '../keys';
import { nameOfMode } from '../replay/explain';
import { lateState } from '../replay/late-address';
import { currentRun, shownRuns } from '../state/library';
import { href, refine, route, wholeParam } from '../state/router';
import { Details } from '../tasks/details';
import {
  anything,
  findTasks,
  isLooking,
  type Looking,
  lookingFrom,
  lookingParams,
  origins,
  places,
} from '../tasks/find';
import { useTaskList } from '../tasks/hooks';
import { TaskMap } from '../tasks/map';
import { measures } from '../tasks/scatter';
import { TaskTable } from '../tasks/table';
import type { TaskList } from '../tasks/task-list';
import '../replay/replay.css';
import '../tasks/tasks.css';

const chosen = lateState<number | null>(
  'tasks',
  () => wholeParam('task'),
  (task) => ({ task }),
);

export default function View() {
  const run = currentRun.value;
  if (shownRuns.value === null) return <div class="loading" aria-busy="true" />;
  if (!run) return <NoRun />;
  return <Tasks key={run.id} run={run} />;
}

function NoRun() {
  const wanted = route.value.params.get('run');
  return (
    <>
      <h1>Tasks</h1>
      <div class="empty">
        <p>
          {wanted
            ? `There is no run "${wanted}" in this browser. If somebody sent you its log, import it.`
            : 'There is no run yet. The tasks that a model makes up in a run are shown here.'}
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

function Tasks({ run }: { run: RunInfo }) {
  const { list, failure } = useTaskList(run.id);
  const { params } = route.value;
  const looking = useMemo(() => lookingFrom(params), [params]);
  const measure = measures.find((each) => each === params.get('x')) ?? measures[0];
  const id = chosen.use();
  useEffect(
    () =>
      addKeys([
        { key: '/', help: 'Search tasks', run: () => document.getElementById('tasks-search')?.focus() },
      ]),
    [],
  );
  const shown = useMemo(() => (list ? findTasks(list, looking) : new Uint32Array()), [list, looking]);
  const place = id === null ? undefined : list?.places.get(id);
  const row = place === undefined ? null : (list?.rows[place] ?? null);
  const choose = (task: number) => chosen.set(task);
  return (
    <>
      <div class="view-head">
        <div>
          <h1>
            Tasks <span class="replay-run">{run.name}</span>
          </h1>
          <p class="note replay-sentence">{list ? sentenceOf(list) : 'Reading the tasks…'}</p>
        </div>
      </div>
      {failure && <p class="notice notice-bad">{failure}</p>}
      {list && list.rows.length === 0 && (
        <div class="empty">
          <p>This run has no tasks yet. As soon as it has played a step, they are here.</p>
          <div class="actions">
            <a class="button button-primary" href={href('train', { run: run.id })}>
              Play it
            </a>
          </div>
        </div>
      )}
      {list && list.rows.length > 0 && (
        <>
          <SearchBar looking={looking} onLooking={(next) => refine(lookingParams(next))} />
          <div class="task-parts">
            <div class="task-left">
              <TaskMap
                list={list}
                shown={shown}
                chosen={id}
                measure={measure}
                onMeasure={(x) => refine({ x: x === measures[0] ? null : x })}
                onChoose={choose}
              />
              <section class="card task-list" aria-labelledby="table-title">
                <div class="replay-count">
                  <h2 id="table-title">
                    Table{' '}
                    <span class="note number" role="status">
                      {shown.length.toLocaleString('en-US')} of {list.rows.length.toLocaleString('en-US')}{' '}
                      tasks
                    </span>
                  </h2>
                  {isLooking(looking) && (
                    <button
                      type="button"
                      class="button button-small button-quiet"
                      onClick={() =>
                        refine(
                          lookingParams({ ...anything, sort: looking.sort, descending: looking.descending }),
                        )
                      }
                    >
                      Clear filters
                    </button>
                  )}
                </div>
                {shown.length > 0 ? (
                  <TaskTable
                    list={list}
                    shown={shown}
                    chosen={id}
                    looking={looking}
                    onSort={(column) =>
                      refine(
                        lookingParams({
                          ...looking,
                          sort: column,
                          descending: looking.sort === column ? !looking.descending : false,
                        }),
                      )
                    }
                    onChoose={choose}
                  />
                ) : (
                  <p class="replay-nothing note">No task matches these filters.</p>
                )}
              </section>
            </div>
            <div class="task-right">
              {row ? (
                <Details key={row.task.id} run={run.id} list={list} row={row} />
              ) : (
                <p class="empty">
                  {id === null
                    ? 'Choose a task from the table or from the map: its program, the games about it and its family are shown here.'
                    : `There is no task ${id} in this run.`}
                </p>
              )}
            </div>
          </div>
        </>
      )}
    </>
  );
}

function sentenceOf({ rows, step }: TaskList): string {
  const within = rows.filter(({ where }) => where === 'buffer').length;
  const rates = rows.flatMap(({ task }) => task.solveRate ?? []);
  const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
  const tried =
    rates.length === 0 ? '' : `, and on average ${Math.round(mean * 100)} % of the attempts solved them`;
  const gone = rows.length - within;
  return `After step ${step}: ${within.toLocaleString('en-US')} tasks in the buffers${
    gone > 0 ? `, and ${gone.toLocaleString('en-US')} that left them` : ''
  }. ${rates.length.toLocaleString('en-US')} were tried${tried}.`;
}

interface SearchBarProps {
  looking: Looking;
  onLooking: (looking: Looking) => void;
}

const originLabels: Record<Task['origin'], string> = {
  identity: 'Identity',
  file: 'From a file',
  seeding: 'Seeding',
  proposed: 'Proposed',
};

function SearchBar({ looking, onLooking }: SearchBarProps) {
  const [text, setText] = useState(looking.text);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const newest = useRef({ looking, onLooking });
  newest.current = { looking, onLooking };
  useEffect(() => setText(looking.text), [looking.text]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const set = (change: Partial<Looking>) => onLooking({ ...looking, ...change });
  return (
    <section class="filter-bar" aria-label="Filters">
      <label class="filter filter-text">
        <span>Search</span>
        <input
          id="tasks-search"
          type="search"
          value={text}
          placeholder="Program, input, output or task 12"
          onInput={({ currentTarget: { value } }) => {
            setText(value);
            clearTimeout(timer.current);
            timer.current = setTimeout(() => {
              const { looking: now, onLooking: look } = newest.current;
              look({ ...now, text: value.trim() });
            }, 250);
          }}
        />
      </label>
      <label class="filter">
        <span>Mode</span>
        <select
          value={looking.mode ?? ''}
          onChange={({ currentTarget: { value } }) => set({ mode: (value || null) as Mode | null })}
        >
          <option value="">Any</option>
          {modes.map((mode) => (
            <option key={mode} value={mode}>
              {nameOfMode[mode]}
            </option>
          ))}
        </select>
      </label>
      <label class="filter">
        <span>Origin</span>
        <select
          value={looking.origin ?? ''}
          onChange={({ currentTarget: { value } }) =>
            set({ origin: (value || null) as Task['origin'] | null })
          }
        >
          <option value="">Any</option>
          {origins.map((origin) => (
            <option key={origin} value={origin}>
              {originLabels[origin]}
            </option>
          ))}
        </select>
      </label>
      <label class="filter">
        <span>Buffers</span>
        <select
          value={looking.where ?? ''}
          onChange={({ currentTarget: { value } }) => set({ where: (value || null) as Looking['where'] })}
        >
          <option value="">In or out</option>
          {places.map((each) => (
            <option key={each} value={each}>
              {each === 'buffer' ? 'In a buffer' : 'Left'}
            </option>
          ))}
        </select>
      </label>
    </section>
  );
}
