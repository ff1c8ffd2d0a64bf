/** @file What is written in the playground, and how that gets into the address and out of it. */

import { computed, signal } from '@preact/signals';
import { currentRun, reader } from '../state/library';
import { baseModel, checkpoints, refOfCheckpoint } from '../state/models';
import { go, type Route, route } from '../state/router';
import { dismiss, tellFailure, toast } from '../state/toasts';
import { firstQuestion } from './examples';
import { fromParams, type Question, questionFrom, toParams } from './question';

export const question = signal<Question>(firstQuestion);
export const samples = signal(4);
export const temperature = signal(0.7);

export const mostSamples = 16;

/** Null: whatever is newest of the run that is looked at. */
const chosen = signal<{ model: string | null; other: string | null }>({ model: null, other: null });
export const noModel = 'none';

/** Those that are asked: the first is in the left column. */
export const chosenModel = computed(() => chosen.value.model ?? newestModel.value);
export const chosenOther = computed(
  () => chosen.value.other ?? (chosenModel.value === baseModel ? noModel : baseModel),
);
const newestModel = computed(() => {
  const run = currentRun.value?.id;
  const found = checkpoints.value.find((each) => each.run.id === run);
  return found ? refOfCheckpoint(found.run.id, found.checkpoints[0].step) : baseModel;
});

export function choose(next: { model?: string; other?: string }): void {
  chosen.value = { ...chosen.value, ...next };
}

export function change(next: Partial<Question>): void {
  question.value = { ...question.value, ...next };
}

let told = 0;

/** Puts another question in place of what was written, which can be had back. */
export function replace(next: Question, what: string): void {
  const before = question.value;
  question.value = next;
  dismiss(told);
  told = toast(`${what} is loaded.`, {
    action: {
      label: 'Undo',
      run: () => {
        question.value = before;
      },
    },
  });
}

// ---- The address ---------------------------------------------------------------------------------------------------------

/** What this file wrote last, so that it does not read it back. */
let written = '';

export function readAddress({ view, params }: Route): void {
  if (view !== 'playground' || params.toString() === written) return;
  const asked = fromParams(params, question.peek());
  if (asked) question.value = asked;
  const [model, other] = [params.get('model'), params.get('other')];
  if (model !== null || other !== null) chosen.value = { model, other };
  samples.value = numberFrom(params.get('n'), 1, mostSamples, samples.peek());
  temperature.value = numberFrom(params.get('t'), 0, 2, temperature.peek());
  const [run, task] = [params.get('run'), params.get('task')];
  if (run !== null && task !== null && /^\d+$/.test(task)) loadTask(run, Number(task)).catch(tellFailure);
}

export function writeAddress(): void {
  const { view, params: before } = route.peek();
  if (view !== 'playground') return;
  const { model, other } = chosen.peek();
  const params = {
    ...toParams(question.peek()),
    model,
    other,
    n: samples.peek(),
    t: temperature.peek(),
    run: before.get('run'),
  };
  written = new URLSearchParams(
    Object.entries(params).flatMap(([name, value]) =>
      value === null || value === '' ? [] : [[name, String(value)]],
    ),
  ).toString();
  go('playground', params, { replace: true });
}

async function loadTask(run: string, id: number): Promise<void> {
  const [task] = await (await reader(run)).tasks([id]);
  const asked = task && questionFrom(task, question.peek());
  if (asked) question.value = asked;
  else toast(`Task ${id} asks which exception is raised, which cannot be asked here.`, { kind: 'failed' });
}

function numberFrom(text: string | null, least: number, most: number, otherwise: number): number {
  const value = Number(text);
  return text !== null && text.trim() !== '' && value >= least && value <= most ? value : otherwise;
}
