/** @file The settings of the next run: a preset, what is changed of it, and what it will take. All of it is in the address. */

import { effect, signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { Basics } from '../settings/basics';
import { compared, modelsOf } from '../settings/comparing';
import { Options } from '../settings/options';
import { Presets } from '../settings/presets';
import { suitAddress } from '../settings/suiting';
import { Summary } from '../settings/summary';
import {
  config,
  configOf,
  draft,
  draftFrom,
  like,
  readAddress,
  rememberInAddress,
  strangers,
} from '../state/draft';
import { reader, runs } from '../state/library';
import { baseModel } from '../state/models';
import { href, route } from '../state/router';
import '../settings/settings.css';

/** A run that the settings are still to be filled from. */
const awaited = signal<string | null>(null);

/** Browsers allow a page only so many addresses in a while. */
const patience = 300;

export default function Settings() {
  const asked = route.value;
  useEffect(() => {
    if (asked.view !== 'settings') return;
    awaited.value = readAddress(asked) ?? awaited.peek();
    if (asked.params.has('model') && !asked.params.has('preset')) void suitAddress();
  }, [asked]);
  const known = runs.value !== null;
  const run = awaited.value;
  useEffect(() => {
    if (run !== null && known) void fillFrom(run);
  }, [run, known]);
  useEffect(remember, []);
  return (
    <>
      <div class="view-head">
        <h1>Settings</h1>
        <Comparison />
      </div>
      <Strangers />
      <div class="settings">
        <div class="settings-main">
          <Presets />
          <Basics compared={compared.value} />
          <Options compared={compared.value} />
        </div>
        <Summary />
      </div>
    </>
  );
}

/** While the view is shown, what is chosen goes into its address. */
function remember(): () => void {
  let timer = 0;
  const stop = effect(() => {
    draft.value;
    like.value;
    clearTimeout(timer);
    if (awaited.value !== null) return;
    timer = window.setTimeout(() => {
      if (route.peek().view === 'settings') rememberInAddress();
    }, patience);
  });
  return () => {
    clearTimeout(timer);
    stop();
  };
}

/** A run like that one, with the model that it began with. */
async function fillFrom(id: string): Promise<void> {
  const run = runs.peek()?.find((each) => each.id === id);
  const settings = run && configOf(run);
  if (!run || !settings) {
    strangers.value = [
      run
        ? `The settings of ${run.name} cannot be read by this Zeroloop.`
        : `There is no run "${id}" in this browser to start from.`,
    ];
    like.value = null;
    awaited.value = null;
    return;
  }
  const steps = await reader(id)
    .then((from) => from.checkpoints())
    .then(
      (stored) => stored.map(({ step }) => step),
      () => [],
    );
  const [model] = modelsOf(run, steps);
  strangers.value = [];
  draft.value = draftFrom(settings, model?.ref ?? baseModel);
  awaited.value = null;
}

/** What the marks refer to. */
function Comparison() {
  const run = compared.value;
  if (!run) return null;
  const differs = config.value !== null;
  return (
    <p class="note comparison">
      {differs ? 'Marks show what differs from ' : 'Compared with '}
      <a href={href('train', { run: run.run.id })}>{run.name}</a>
      {run.plays ? ', which plays now: it goes on as it is.' : '.'}{' '}
      {like.value !== null && (
        <button
          type="button"
          class="button button-small button-quiet"
          onClick={() => {
            like.value = null;
          }}
        >
          Do not compare
        </button>
      )}
    </p>
  );
}

function Strangers() {
  if (strangers.value.length === 0) return null;
  return (
    <div class="notice" role="alert">
      {strangers.value.map((message) => (
        <p key={message}>{message}</p>
      ))}
      <button
        type="button"
        class="button button-small"
        onClick={() => {
          strangers.value = [];
        }}
      >
        Dismiss
      </button>
    </div>
  );
}
