/** @file What a step changed: tasks that entered the buffers or left them, solve rates, and what the model was taught. */

import { useState } from 'preact/hooks';
import type { Lesson, Mode, StepRecord, Task } from '../../store/records';
import { modes } from '../../store/records';
import { PythonValue } from '../ui/python';
import { PlainText } from './completion';
import { leftInWords, nameOfMode } from './explain';
import { linkToGame, linkToTask } from './place';

const percent = (share: number) => `${Math.round(share * 100)} %`;
/** Longer lists are opened by who wants them. */
const few = 6;

export function Changes({ run, record }: { run: string; record: StepRecord }) {
  const { step, tasks, updates, alerts, lessons = [], metrics } = record;
  const rates = updates.filter(({ solveRate }) => solveRate !== undefined);
  const left = updates.filter(({ left: why }) => why !== undefined);
  const sizes = modes.flatMap((mode) => {
    const size = metrics[`buffers/${mode}/size`];
    return size ? [`${size} of ${nameOfMode[mode].toLowerCase()}`] : [];
  });
  const quiet = tasks.length + updates.length + lessons.length === 0;
  return (
    <section class="card changes" aria-labelledby="changes-title">
      <h2 id="changes-title">{step === 0 ? 'What the run began with' : `What step ${step} changed`}</h2>
      {alerts.map(({ kind, message }) => (
        <p class="notice" key={kind + message}>
          {message}
        </p>
      ))}
      {quiet && <p class="note">Nothing entered the buffers or left them, and nothing was taught.</p>}
      <div>
        {tasks.length > 0 && (
          <Part title={`${tasks.length} ${tasks.length === 1 ? 'task' : 'tasks'} entered the buffers`}>
            <More
              all={tasks}
              row={(task) => <Entered key={task.id} run={run} task={task} record={record} />}
            />
          </Part>
        )}
        {left.length > 0 && (
          <Part title={`${left.length} left them`}>
            <More
              all={left}
              row={({ task, left: why }) => (
                <li key={task}>
                  <a href={linkToTask(run, task)}>Task {task}</a>
                  <span>{why && leftInWords[why]}</span>
                </li>
              )}
            />
          </Part>
        )}
        {rates.length > 0 && (
          <Part title={`${rates.length} solve ${rates.length === 1 ? 'rate' : 'rates'} estimated anew`}>
            <More
              all={rates}
              row={({ task, solveRate }) => (
                <li key={task}>
                  <a href={linkToTask(run, task)}>Task {task}</a>
                  <span class="number">now {percent(solveRate ?? 0)}</span>
                </li>
              )}
            />
          </Part>
        )}
        {lessons.length > 0 && (
          <Part title={lessonsInWords(lessons)}>
            <More all={lessons} row={(lesson, at) => <Taught key={at} run={run} lesson={lesson} />} />
          </Part>
        )}
      </div>
      {sizes.length > 0 && <p class="note">After the step the buffers hold {sizes.join(', ')}.</p>}
    </section>
  );
}

function Part({ title, children }: { title: string; children: preact.ComponentChildren }) {
  return (
    <div class="changes-part">
      <h3>{title}</h3>
      <ul class="changes-list">{children}</ul>
    </div>
  );
}

function More<T>({ all, row }: { all: readonly T[]; row: (item: T, at: number) => preact.ComponentChild }) {
  const [open, setOpen] = useState(false);
  const shown = open ? all : all.slice(0, few);
  return (
    <>
      {shown.map(row)}
      {all.length > few && (
        <li>
          <button type="button" class="button button-small button-quiet" onClick={() => setOpen(!open)}>
            {open ? 'Show fewer' : `Show all ${all.length}`}
          </button>
        </li>
      )}
    </>
  );
}

function Entered({ run, task, record }: { run: string; task: Task; record: StepRecord }) {
  const proposed = record.episodes.find((each) => each.role === 'propose' && each.task === task.id);
  return (
    <li>
      <a href={linkToTask(run, task.id)}>Task {task.id}</a>
      <span class="note changes-mode">{nameOfMode[task.mode]}</span>
      <span class="changes-call">
        <PythonValue
          text={task.mode === 'induction' ? `${task.pairs.length} calls` : `f(${task.pairs[0][0]})`}
        />
      </span>
      <span class="number changes-rate">
        {task.solveRate === null ? 'not tried' : `${percent(task.solveRate)} solved it`}
      </span>
      {proposed && <a href={linkToGame(run, record.step, proposed.id)}>game {proposed.id}</a>}
    </li>
  );
}

function lessonsInWords(lessons: readonly Lesson[]): string {
  const answers = lessons.filter(({ kind }) => kind === 'answer').length;
  const proposals = lessons.length - answers;
  const parts = [
    answers && `${answers} ${answers === 1 ? 'answer' : 'answers'} with the true thought`,
    proposals && `${proposals} ${proposals === 1 ? 'proposal' : 'proposals'}`,
  ].filter(Boolean);
  return `Taught: ${parts.join(' and ')}`;
}

const asA: Record<Lesson['kind'], (mode: Mode) => string> = {
  answer: (mode) => `answer, ${mode}`,
  proposal: (mode) => `proposal, ${mode}`,
};

function Taught({ run, lesson }: { run: string; lesson: Lesson }) {
  const { task, mode, kind, prompt, completion, borrowed } = lesson;
  const [open, setOpen] = useState(false);
  return (
    <li class="lesson">
      <button
        type="button"
        class="lesson-open"
        aria-expanded={open}
        aria-label={`Lesson of task ${task}: ${asA[kind](mode)}`}
        onClick={() => setOpen(!open)}
      >
        <span aria-hidden="true">{open ? '▾' : '▸'}</span>
      </button>
      <a href={linkToTask(run, task)}>Task {task}</a>
      <span class="note lesson-kind">{asA[kind](mode)}</span>
      {borrowed && (
        <span class="note">
          with the input of another: <PythonValue text={borrowed[0]} />
        </span>
      )}
      {open && (
        <div class="lesson-texts">
          <PlainText text={prompt} label="Prompt of the lesson" />
          <PlainText text={completion} label="What should have been said" />
        </div>
      )}
    </li>
  );
}
