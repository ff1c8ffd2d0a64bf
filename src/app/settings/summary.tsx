/** @file What is about to begin: what is changed, what is wrong with it, what it takes; and the button. */

import { formatBytes } from '../../model/bytes';
import type { Key } from '../../selfplay/config';
import { start } from '../state/begin';
import { device } from '../state/device';
import {
  change,
  choosePreset,
  chosenValue,
  draft,
  linkTo,
  presetValues,
  problems,
  reset,
} from '../state/draft';
import { storeFailure } from '../state/library';
import { isPlaying, live, opening } from '../state/live';
import { connectedNode } from '../state/node';
import { href } from '../state/router';
import { toast } from '../state/toasts';
import { backendProblem } from './choice';
import { type ChosenBackend, inMemory, inTime, type Speed } from './estimate';
import { reveal } from './options';
import { fillIn } from './suiting';
import { type Forecast, type Remedy, useForecast } from './use-forecast';
import { inWords } from './words';

export function Summary() {
  const forecast = useForecast();
  const reason = whyNot(forecast);
  const { preset } = draft.value;
  return (
    <section class="card summary" aria-labelledby="summary-title">
      <h2 id="summary-title">
        A run of <code>{preset}</code>
      </h2>
      <Takes forecast={forecast} />
      <Problems />
      <div class="summary-actions">
        <button
          type="button"
          class="button button-primary"
          disabled={reason !== null}
          aria-describedby="start-reason"
          onClick={() => void start()}
        >
          Start
        </button>
        <button type="button" class="button button-quiet" onClick={() => void copyLink()}>
          Copy link
        </button>
      </div>
      <p id="start-reason" class={reason ? 'option-problem summary-reason' : 'note summary-reason'}>
        {problems.value.length > 0 ? 'Start waits until every value fits.' : (reason ?? pausing())}
      </p>
      {forecast.kind === 'known' && forecast.remedy && <Instead remedy={forecast.remedy} />}
      <Changes />
    </section>
  );
}

function Instead({ remedy }: { remedy: Remedy }) {
  const use = () => {
    if (remedy.kind === 'preset') choosePreset(remedy.preset);
    void fillIn();
  };
  return (
    <button type="button" class="button button-small" onClick={use}>
      {remedy.kind === 'preset' ? `Use the preset ${remedy.preset}` : 'Fill in what fits'}
    </button>
  );
}

/** One run plays at a time in a tab. */
function pausing(): string {
  return isPlaying.value && live.value
    ? `${live.value.name}, which plays now, is paused when you start.`
    : '';
}

/** Null if it can be started. */
function whyNot(forecast: Forecast): string | null {
  const [first] = problems.value;
  if (first) return first.message;
  if (storeFailure.value) return storeFailure.value;
  const backend = backendProblem(draft.value.backend, device.value, connectedNode.value);
  if (backend) return backend;
  if (forecast.kind === 'failed') return forecast.reason;
  if (forecast.kind === 'known' && forecast.refusal) return forecast.refusal;
  return opening.value ? `${opening.value.name} is being opened.` : null;
}

// ---- What it takes -----------------------------------------------------------------------------------------------------

function Takes({ forecast }: { forecast: Forecast }) {
  if (forecast.kind !== 'known') {
    return (
      <dl class="takes">
        <div>
          <dt>Time</dt>
          <dd class="number">…</dd>
        </div>
        <div>
          <dt>Memory</dt>
          <dd class="number">…</dd>
        </div>
      </dl>
    );
  }
  const { memory, time, source } = forecast;
  return (
    <>
      <dl class="takes">
        <div>
          <dt>Time</dt>
          <dd class="number">{inTime(time.total)}</dd>
        </div>
        <div>
          <dt>Memory</dt>
          <dd class="number">{inMemory(memory)}</dd>
        </div>
      </dl>
      <p class="note">
        <Source source={source} />
      </p>
      <details class="takes-more">
        <summary>How this is counted</summary>
        <dl class="facts">
          <div>
            <dt>Seeds</dt>
            <dd class="number">{inTime(time.seeds)}</dd>
          </div>
          <div>
            <dt>A step</dt>
            <dd class="number">{inTime(time.step)}</dd>
          </div>
          <div>
            <dt>A test</dt>
            <dd class="number">{time.test.high > 0 ? inTime(time.test) : 'never'}</dd>
          </div>
          {memory.items
            .filter(({ bytes }) => bytes > 0)
            .map(({ name, bytes, how }) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>
                  <span class="number">{formatBytes(bytes)}</span> <span class="note">{how}</span>
                </dd>
              </div>
            ))}
        </dl>
        <p class="note">Memory is that of the model, at most; the page and Python come on top of it.</p>
      </details>
    </>
  );
}

function Source({ source }: { source: Speed['source'] }) {
  switch (source.kind) {
    case 'run':
      return (
        <>
          From <a href={href('train', { run: source.run })}>{source.name}</a>, where a step took{' '}
          <span class="number">{source.perStep.toFixed(1)} s</span>.
        </>
      );
    case 'elsewhere':
      return <>{unmeasured[source.backend]}</>;
    default:
      return source satisfies never;
  }
}

const unmeasured: Record<ChosenBackend, string> = {
  wasm: 'Rough: from two cores of a server. After a first run here it is from that.',
  webgpu: 'Very rough: nobody has measured a GPU like this one. After a first run here it is from that.',
  remote: 'Very rough: nobody has measured this node. After a first run there it is from that.',
};

// ---- What is chosen ----------------------------------------------------------------------------------------------------

function Problems() {
  if (problems.value.length === 0) return null;
  return (
    <ul class="summary-problems" aria-label="Problems">
      {problems.value.map(({ key, message }) => (
        <li key={key}>
          <button type="button" class="link-button" onClick={() => reveal(key as Key)}>
            {message}
          </button>
        </li>
      ))}
    </ul>
  );
}

/** Where it does not cover the options. */
const wide = matchMedia('(min-width: 1021px)');

function Changes() {
  const { preset, changes } = draft.value;
  const keys = Object.keys(changes) as Key[];
  if (keys.length === 0) return <p class="note">Nothing is changed of the preset.</p>;
  const values = presetValues(preset);
  return (
    <details class="summary-changes" open={keys.length <= 8 && wide.matches}>
      <summary>
        {keys.length} {keys.length === 1 ? 'difference' : 'differences'} from {preset}
      </summary>
      <ul>
        {keys.map((key) => (
          <li key={key}>
            <button type="button" class="link-button" onClick={() => reveal(key)}>
              <code>{key}</code>
            </button>
            <span class="summary-values">
              <s>{inWords(values[key])}</s> <b>{inWords(chosenValue(key))}</b>
            </span>
            <button
              type="button"
              class="icon-button"
              aria-label={`Reset ${key}`}
              title={`Reset ${key}`}
              onClick={() => reset(key)}
            >
              ↺
            </button>
          </li>
        ))}
      </ul>
      {keys.length > 1 && (
        <button type="button" class="button button-small button-quiet" onClick={resetAll}>
          Reset all
        </button>
      )}
    </details>
  );
}

function resetAll(): void {
  const before = draft.value;
  change({ changes: {} });
  toast(`Everything is as in ${before.preset} again.`, {
    action: { label: 'Undo', run: () => change(before) },
  });
}

async function copyLink(): Promise<void> {
  const link = new URL(linkTo(draft.value), location.href).href;
  try {
    await navigator.clipboard.writeText(link);
    toast('The link is copied: it holds the whole configuration and the seed.');
  } catch {
    toast('The browser does not let this page copy: the link is in the address bar.', { kind: 'failed' });
  }
}
