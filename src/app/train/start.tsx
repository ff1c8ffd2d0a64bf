/** @file The first thing that anybody sees: what this is, what the device offers, and one button. */

import { useState } from 'preact/hooks';
import { DeviceSummary } from '../device/summary';
import { start } from '../state/begin';
import { firstDraft } from '../state/draft';
import { shownRuns, storeFailure } from '../state/library';
import { opening } from '../state/live';
import { href } from '../state/router';
import { Example } from './example';

const lengths = [
  { preset: 'taste', label: 'A taste', help: 'ten minutes on a laptop, less on a GPU' },
  { preset: 'laptop', label: 'An hour', help: '500 steps' },
  { preset: 'patient', label: 'A night', help: '5,000 steps' },
] as const;

export function Start() {
  const [preset, setPreset] = useState<(typeof lengths)[number]['preset']>('taste');
  const recent = shownRuns.value?.slice(0, 4) ?? [];
  return (
    <div class="hero-columns">
      <section class="hero" aria-labelledby="hero-title">
        <h1 id="hero-title">A small language model teaches itself Python, here, in this tab.</h1>
        <p class="lead">
          It makes up tasks, tries to solve them, and learns from what a sandboxed Python says is true. No
          data, no server, no account: everything happens on this device, and nothing leaves it.
        </p>
        <fieldset class="lengths">
          <legend class="visually-hidden">How long</legend>
          {lengths.map(({ preset: each, label, help }) => (
            <label key={each} class={each === preset ? 'length length-chosen' : 'length'}>
              <input type="radio" name="length" checked={each === preset} onChange={() => setPreset(each)} />
              <span>{label}</span>
              <small>{help}</small>
            </label>
          ))}
        </fieldset>
        <div class="hero-actions">
          <button
            type="button"
            class="button button-primary button-big"
            disabled={opening.value !== null}
            onClick={() => startNow(preset)}
          >
            {opening.value ? 'Starting …' : 'Start'}
          </button>
          <a href={href('settings', { preset })}>Settings</a>
          <a href={href('playground')}>Ask the model something</a>
          <a href={href('runs')}>Import a log</a>
        </div>
        {storeFailure.value && (
          <p class="notice notice-bad" role="alert">
            {storeFailure.value}
          </p>
        )}
        <DeviceSummary />
        {recent.length > 0 && (
          <nav class="recent" aria-label="Latest runs">
            <h2>Go on with</h2>
            <ul>
              {recent.map(({ id, name, step, config }) => (
                <li key={id}>
                  <a href={href('train', { run: id })}>{name}</a>{' '}
                  <span class="note">
                    step {step} of {(config as { steps?: number } | null)?.steps ?? '?'}
                  </span>
                </li>
              ))}
            </ul>
          </nav>
        )}
        <p class="note hero-note">
          These runs use hindsight: the model learns the true traces of tasks that it proposed itself. For
          learning from rewards alone choose the preset{' '}
          <a href={href('settings', { preset: 'pure' })}>pure</a>. How well it does is measured on tasks that
          no run learns from.
        </p>
      </section>
      <Example />
    </div>
  );
}

/** What is chosen in the settings does not matter here: this button has nothing to configure. */
function startNow(preset: (typeof lengths)[number]['preset']): Promise<void> {
  const seed = crypto.getRandomValues(new Uint16Array(1))[0];
  return start({ ...firstDraft, preset, changes: { seed } });
}
