/** @file Where a person writes the question: what is asked for, and what it is asked about. */

import type { Pair } from '../../store/records';
import { heldOutSet } from '../models/held-out-tasks';
import { currentRun, reader } from '../state/library';
import { toast } from '../state/toasts';
import { wait } from '../state/waiting';
import { Editor } from './editor';
import { examples } from './examples';
import { type PlayMode, playModes, questionFrom, shownOf } from './question';
import { refused } from './solving';
import { change, question, replace } from './state';

const about: Record<PlayMode, { name: string; asks: string }> = {
  deduction: { name: 'Deduction', asks: 'What does this program return?' },
  abduction: { name: 'Abduction', asks: 'Which input gives this output?' },
  induction: { name: 'Induction', asks: 'Which program does this?' },
};

export function TaskForm() {
  const { mode, program, input, output, hint } = question.value;
  const wrong = refused.value?.about;
  return (
    <section class="card" aria-labelledby="task-title">
      <h2 id="task-title">The question</h2>
      <fieldset class="play-modes">
        <legend class="visually-hidden">What is asked</legend>
        {playModes.map((each) => (
          <label key={each} class={each === mode ? 'play-mode play-mode-chosen' : 'play-mode'}>
            <input type="radio" name="mode" checked={each === mode} onChange={() => change({ mode: each })} />
            <span>{about[each].name}</span>
            <small>{about[each].asks}</small>
          </label>
        ))}
      </fieldset>
      <Examples />
      {mode !== 'induction' && (
        <Editor
          label="Program"
          value={program}
          onChange={(text) => change({ program: text })}
          invalid={wrong === 'program'}
        />
      )}
      {mode === 'deduction' && (
        <TextField
          label="Input: what stands between the parentheses of f( )"
          value={input}
          onChange={(text) => change({ input: text })}
          invalid={wrong === 'input'}
        />
      )}
      {mode === 'abduction' && (
        <TextField
          label="Output: what f is to return"
          value={output}
          onChange={(text) => change({ output: text })}
          invalid={wrong === 'output'}
        />
      )}
      {mode === 'induction' && (
        <>
          <Pairs invalid={wrong === 'pairs'} />
          <TextField
            label="A hint for the model, if you like"
            value={hint}
            onChange={(text) => change({ hint: text })}
          />
        </>
      )}
      {refused.value && (
        <p class="notice notice-bad" role="alert">
          {refused.value.reason}
        </p>
      )}
    </section>
  );
}

function Examples() {
  const { mode } = question.value;
  const run = currentRun.value;
  const load = (what: string, task: Parameters<typeof questionFrom>[0] | undefined) => {
    const next = task && questionFrom(task, question.value);
    if (next) replace(next, what);
    else toast(`There is no task of ${mode}.`, { kind: 'failed' });
  };
  const any = <T,>(of: readonly T[]): T | undefined => of[Math.floor(Math.random() * of.length)];
  const heldOut = () =>
    wait('Fetching held-out tasks', async () =>
      load('A held-out task', any((await heldOutSet()).filter((task) => task.mode === mode))),
    );
  const ofRun = (id: string, name: string) =>
    wait(`Reading tasks of ${name}`, async () => {
      const tasks = (await (await reader(id)).tasks()).filter((task) => task.mode === mode);
      load(`A task of ${name}`, any(tasks));
    });
  return (
    <fieldset class="actions play-examples">
      <legend class="note">Examples</legend>
      {examples[mode].map(({ name, question: next }) => (
        <button
          type="button"
          class="button button-small button-quiet"
          key={name}
          onClick={() => replace({ ...question.value, ...next }, name)}
        >
          {name}
        </button>
      ))}
      <button type="button" class="button button-small button-quiet" onClick={heldOut}>
        Any held-out task
      </button>
      {run && (
        <button
          type="button"
          class="button button-small button-quiet"
          onClick={() => ofRun(run.id, run.name)}
        >
          Any task of {run.name}
        </button>
      )}
    </fieldset>
  );
}

function TextField(props: {
  label: string;
  value: string;
  onChange: (text: string) => void;
  invalid?: boolean;
}) {
  return (
    <label class="field play-field">
      <span>{props.label}</span>
      <input
        type="text"
        value={props.value}
        spellcheck={false}
        autocapitalize="off"
        autocomplete="off"
        aria-invalid={props.invalid ?? false}
        onInput={({ currentTarget }) => props.onChange(currentTarget.value)}
      />
    </label>
  );
}

/** Examples of calls. Which ones the model sees is said beside them. */
function Pairs({ invalid }: { invalid: boolean }) {
  const { pairs } = question.value;
  const shown = shownOf(pairs);
  const put = (index: number, pair: Pair) =>
    change({ pairs: pairs.map((each, at) => (at === index ? pair : each)) });
  return (
    <div class="play-pairs">
      <table class="table">
        <caption class="note">
          The model sees the first half; whether its program is right, the other half decides.
        </caption>
        <thead>
          <tr>
            <th scope="col">Input</th>
            <th scope="col">Output</th>
            <th scope="col">For</th>
            <th scope="col">
              <span class="visually-hidden">Remove</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {pairs.map(([from, to], index) => (
            <tr key={index}>
              {[from, to].map((text, column) => (
                <td key={column === 0 ? 'input' : 'output'}>
                  <input
                    type="text"
                    aria-label={`${column === 0 ? 'Input' : 'Output'} of example ${index + 1}`}
                    aria-invalid={invalid}
                    value={text}
                    spellcheck={false}
                    autocapitalize="off"
                    autocomplete="off"
                    onInput={({ currentTarget: { value } }) =>
                      put(index, column === 0 ? [value, to] : [from, value])
                    }
                  />
                </td>
              ))}
              <td class="note">{index < shown ? 'the model' : 'judging'}</td>
              <td>
                <button
                  type="button"
                  class="icon-button"
                  aria-label={`Remove example ${index + 1}`}
                  disabled={pairs.length <= 2}
                  onClick={() => change({ pairs: pairs.filter((_, at) => at !== index) })}
                >
                  ×
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <button
        type="button"
        class="button button-small button-quiet"
        disabled={pairs.length >= 20}
        onClick={() => change({ pairs: [...pairs, ['', '']] })}
      >
        Add an example
      </button>
    </div>
  );
}
