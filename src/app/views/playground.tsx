/** @file The playground: a question of one's own, solved by the current model and the base model side by side. */

import { useSignalEffect } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { look } from '../playground/bench';
import { Options } from '../playground/options';
import { Results } from '../playground/results';
import { refused, solve } from '../playground/solving';
import {
  chosenModel,
  chosenOther,
  noModel,
  question,
  readAddress,
  samples,
  temperature,
  writeAddress,
} from '../playground/state';
import { TaskForm } from '../playground/task-form';
import { refreshModels } from '../state/models';
import { route } from '../state/router';
import '../playground/playground.css';

/** Browsers refuse to change an address too often. */
const pause = 400;

export default function View() {
  useEffect(() => void refreshModels(), []);
  useEffect(() => {
    look(true);
    return () => look(false);
  }, []);
  useSignalEffect(() => readAddress(route.value));
  useSignalEffect(() => {
    // What was wrong with it may be right now.
    question.value;
    refused.value = null;
  });
  useSignalEffect(() => {
    // All that stands in the address:
    question.value;
    samples.value;
    temperature.value;
    chosenModel.value;
    chosenOther.value;
    const timer = setTimeout(() => writeAddress(), pause);
    return () => clearTimeout(timer);
  });
  const ask = () => {
    const models = [...new Set([chosenModel.value, chosenOther.value])].filter((ref) => ref !== noModel);
    void solve({ question: question.value, models, samples: samples.value, temperature: temperature.value });
  };
  return (
    <>
      <div>
        <h1>Playground</h1>
        <p class="lead">
          Ask a question of your own. A model that was trained here and the one that it began as answer side
          by side, and Python, in its sandbox, says who is right.
        </p>
      </div>
      <form
        class="play-form"
        onSubmit={(event) => {
          event.preventDefault();
          ask();
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
          event.preventDefault();
          ask();
        }}
      >
        <TaskForm />
        <Options />
      </form>
      <Results />
    </>
  );
}
