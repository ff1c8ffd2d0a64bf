/** @file What the models answered, side by side, as it comes. */

import { useEffect, useRef } from 'preact/hooks';
import type { Solvable } from '../../selfplay/questions';
import * as format from '../format';
import { Python, PythonValue } from '../ui/python';
import type { Sample } from './judging';
import { shownOf, toParams } from './question';
import { asked, type Column, columns } from './solving';
import { question } from './state';

export function Results() {
  const heading = useRef<HTMLHeadingElement>(null);
  const all = columns.value;
  const about = asked.value;
  useEffect(() => {
    const top = about ? (heading.current?.getBoundingClientRect().top ?? 0) : 0;
    if (top > innerHeight * 0.6) heading.current?.scrollIntoView({ block: 'start', behavior: glide() });
  }, [about]);
  if (all.length === 0 || !about) return null;
  const isOld = JSON.stringify(toParams(about.question)) !== JSON.stringify(toParams(question.value));
  return (
    <section aria-labelledby="results-title" class="play-results">
      <div class="play-truth">
        <h2 id="results-title" ref={heading}>
          Answers
        </h2>
        <p>
          <Sought task={about.task} truth={about.truth} />
          {isOld && <span class="note"> The question was changed since.</span>}
        </p>
      </div>
      <div class="play-columns">
        {all.map((column) => (
          <ModelColumn key={column.ref} column={column} mode={about.task.mode} />
        ))}
      </div>
    </section>
  );
}

const glide = () => (matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth');

/** What was asked, and what is true as far as that is known. */
function Sought({ task, truth }: { task: Solvable; truth: string | null }) {
  const { mode, pairs } = task;
  switch (mode) {
    case 'deduction':
    case 'error':
      return (
        <>
          Python says that f({pairs[0][0]}) is <PythonValue text={truth ?? ''} />. The models are not told.
        </>
      );
    case 'abduction':
      return (
        <>
          An input for which f gives <PythonValue text={pairs[0][1]} />.
        </>
      );
    case 'induction':
      return (
        <>
          A program that does what {shownOf(pairs)} examples show, judged by {pairs.length - shownOf(pairs)}{' '}
          others.
        </>
      );
    default:
      return mode satisfies never;
  }
}

function ModelColumn({ column, mode }: { column: Column; mode: string }) {
  const { name, status, samples, warnings, failure, prompt } = column;
  return (
    <section class="card play-column" aria-label={`Answers of ${name}`}>
      <div class="card-head">
        <h3>{name}</h3>
        <Score column={column} />
      </div>
      {failure !== null && (
        <p class="notice notice-bad" role="alert">
          {failure}
        </p>
      )}
      {warnings.map((warning) => (
        <p class="notice" key={warning}>
          {warning}
        </p>
      ))}
      <ol class="play-samples">
        {samples.map((sample, index) => (
          <li key={index}>
            {sample ? <Answer sample={sample} mode={mode} /> : <Placeholder status={status} />}
          </li>
        ))}
      </ol>
      {prompt !== '' && (
        <details>
          <summary>What it was given to read</summary>
          <Text>{prompt}</Text>
        </details>
      )}
    </section>
  );
}

function Score({ column: { samples, status, ms, warmUp } }: { column: Column }) {
  const done = samples.filter((each) => each !== null);
  const right = done.filter(({ right }) => right).length;
  const tokens = done.reduce((sum, each) => sum + each.tokens, 0);
  return (
    <p class="play-score number" aria-live="polite">
      {done.length === 0 ? (
        <span class="note">{inWords[status]}</span>
      ) : (
        <>
          <strong>
            {right} of {done.length} right
          </strong>{' '}
          <span class="note">
            {format.count(tokens)} tokens in {format.duration(ms)}
            {warmUp > 0 && `, after ${format.duration(warmUp)} of warming up`}
          </span>
        </>
      )}
    </p>
  );
}

const inWords: Record<Column['status'], string> = {
  waiting: 'its turn comes',
  loading: 'loading',
  warming: 'warming up',
  answering: 'answering',
  done: '',
  stopped: 'cancelled',
  failed: 'failed',
};

function Placeholder({ status }: { status: Column['status'] }) {
  const isOver = status === 'stopped' || status === 'failed';
  return <p class="play-placeholder note">{isOver ? 'no answer' : '…'}</p>;
}

function Answer({ sample, mode }: { sample: Sample; mode: string }) {
  const { answer, thought, completion, right, reason, trace, tokens } = sample;
  const isBare = answer !== null && thought === '';
  return (
    <div class={right ? 'play-answer play-right' : 'play-answer'}>
      <p class="play-verdict">
        <strong class={right ? 'play-good' : 'play-bad'}>{right ? '✓ Right' : '✗ Wrong'}</strong>
        {answer !== null && mode !== 'induction' && (
          <PythonValue text={answer === '' ? '(nothing)' : answer} />
        )}
      </p>
      {answer !== null && mode === 'induction' && <Python text={answer} label="Its program" />}
      <p class="note">
        {reason}
        {trace && ` ${trace}`}
        {isBare && <span class="number"> {tokens} tokens.</span>}
      </p>
      {!isBare && (
        <details>
          <summary>
            {answer === null ? 'What it wrote' : 'What it thought'}{' '}
            <span class="number">({tokens} tokens)</span>
          </summary>
          <Text>{answer === null ? completion : thought.replace(/^\n/, '')}</Text>
        </details>
      )}
    </div>
  );
}

/** As it is, however long. */
function Text({ children }: { children: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached with the keyboard
    <pre class="play-text" tabIndex={0}>
      {children}
    </pre>
  );
}
