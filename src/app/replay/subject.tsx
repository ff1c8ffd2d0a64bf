/** @file What a game is about: the program and its calls, and what was answered beside what is true. */

import type { Episode } from '../../store/records';
import { Python, PythonValue } from '../ui/python';
import { type Matter, shownCalls } from './matter';

export function Subject({ episode, matter }: { episode: Episode; matter: Matter | null }) {
  const { role, mode, parsed } = episode;
  const answer = parsed?.kind === 'answer' ? parsed.answer : null;
  const hidden = role === 'solve' && mode === 'induction';
  return (
    <section>
      {answer !== null && <Answer episode={episode} answer={answer} matter={matter} />}
      {matter ? (
        <>
          <h3>{hidden ? 'The program, which the solver cannot see' : titleOf(episode)}</h3>
          {matter.program ? (
            <Python text={matter.program} label="Program" numbered />
          ) : (
            <p class="note">It is not recorded which program this was about: see the prompt.</p>
          )}
          <Calls episode={episode} matter={matter} />
          {matter.message && (
            <p class="game-message">
              <span class="note">What the proposer tells the solver: </span>
              {matter.message}
            </p>
          )}
        </>
      ) : (
        <p class="note">{role === 'propose' ? 'There is no program in it.' : 'The task is not recorded.'}</p>
      )}
    </section>
  );
}

const titleOf = ({ role, mode }: Episode) =>
  role === 'solve'
    ? 'The task'
    : mode === 'induction'
      ? 'The program it was given'
      : 'The program it made up';

function Answer({ episode, answer, matter }: { episode: Episode; answer: string; matter: Matter | null }) {
  const { mode, judged } = episode;
  const right = judged.kind === 'answer' && judged.correct;
  const expected = mode === 'deduction' || mode === 'error' ? matter?.calls[0]?.output : null;
  return (
    <>
      <h3>Its answer</h3>
      {mode === 'induction' ? (
        <Python text={answer} label="The answer: a program" numbered />
      ) : (
        <dl class="answers">
          <div>
            <dt>It said</dt>
            <dd class={right ? 'tone-good' : 'tone-bad'}>
              <span aria-hidden="true">{right ? '✓' : '✗'}</span> <PythonValue text={answer} />
            </dd>
          </div>
          {typeof expected === 'string' && (
            <div>
              <dt>True is</dt>
              <dd>
                <PythonValue text={expected} />
              </dd>
            </div>
          )}
          {mode === 'abduction' && (
            <div>
              <dt>True is</dt>
              <dd>
                any input that gives <PythonValue text={matter?.calls[0]?.output ?? '?'} />
              </dd>
            </div>
          )}
        </dl>
      )}
    </>
  );
}

function Calls({ episode, matter }: { episode: Episode; matter: Matter }) {
  const { role, mode, judged } = episode;
  const seen = shownCalls(mode, matter.calls.length);
  const right = judged.kind === 'answer' ? judged.right : null;
  const split = mode === 'induction';
  if (matter.calls.length === 0) return null;
  return (
    <table class="table calls">
      <caption class="visually-hidden">Calls of the program</caption>
      <thead>
        <tr>
          <th scope="col">Input</th>
          <th scope="col">Output</th>
          {split && <th scope="col">Solver</th>}
        </tr>
      </thead>
      <tbody>
        {matter.calls.map(({ input, output }, at) => (
          <tr key={at}>
            <td>
              <PythonValue text={input} />
              {role === 'solve' && mode === 'abduction' && <span class="note"> (the proposer's)</span>}
            </td>
            <td>{output === null ? <span class="note">none</span> : <PythonValue text={output} />}</td>
            {split && <td class="calls-seen">{at < seen ? 'sees it' : rightness(right?.[at - seen])}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const rightness = (right: boolean | undefined) =>
  right === undefined ? (
    'hidden'
  ) : right ? (
    <span class="tone-good">✓ right</span>
  ) : (
    <span class="tone-bad">✗ wrong</span>
  );
