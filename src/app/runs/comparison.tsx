/** @file Runs side by side: where their settings differ, how they do, and the way to their charts. */

import type { RunInfo } from '../../store/records';
import { inWords } from '../settings/words';
import { configOf } from '../state/draft';
import { href } from '../state/router';
import { Dot } from './colour';
import { differingKeys } from './describing';
import { heldOut } from './held-out';

export function Comparison({ runs, onClear }: { runs: readonly RunInfo[]; onClear: () => void }) {
  if (runs.length === 0) return null;
  const [first, ...others] = runs;
  return (
    <section class="card comparison-card" aria-labelledby="comparison-title">
      <div class="card-head">
        <h2 id="comparison-title">
          {runs.length === 1 ? `${first.name} and ...` : runs.map(({ name }) => name).join(' and ')}
        </h2>
        <div class="actions">
          {others.length > 0 && (
            <a
              class="button button-primary"
              href={href('train', { run: first.id, with: others.map(({ id }) => id).join(',') })}
            >
              Compare charts
            </a>
          )}
          <button type="button" class="button button-quiet" onClick={onClear}>
            Clear
          </button>
        </div>
      </div>
      {others.length === 0 ? (
        <p class="note">Choose another run to see in what they differ.</p>
      ) : (
        <Differences runs={runs} />
      )}
    </section>
  );
}

function Differences({ runs }: { runs: readonly RunInfo[] }) {
  const differing = differingKeys(runs);
  const unreadable = runs.filter((run) => !configOf(run));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached with the keyboard
    <section class="comparison-scroll" aria-label="Differences" tabIndex={0}>
      {unreadable.map(({ id, name }) => (
        <p class="notice" key={id}>
          The settings of {name} cannot be read by this Zeroloop.
        </p>
      ))}
      <table class="table">
        <thead>
          <tr>
            <th scope="col">Setting</th>
            {runs.map(({ id, name, colour }) => (
              <th scope="col" key={id}>
                <Dot colour={colour} /> {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <Line title="model" values={runs.map(({ model }) => model)} />
          <Line title="backend" values={runs.map(({ backend }) => backend)} />
          <Line title="steps done" values={runs.map(({ step }) => String(step))} />
          <Line title="held-out, last test" values={runs.map(({ id }) => accuracyOf(id))} />
          {differing.map((key) => (
            <tr key={key}>
              <th scope="row">
                <code>{key}</code>
              </th>
              {runs.map((run) => (
                <td key={run.id}>{inWords(configOf(run)?.[key] ?? 'unknown')}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {differing.length === 0 && <p class="note">Their settings are the same.</p>}
    </section>
  );
}

function Line({ title, values }: { title: string; values: readonly string[] }) {
  return (
    <tr>
      <th scope="row">{title}</th>
      {values.map((value, index) => (
        <td key={index}>{value || 'unknown'}</td>
      ))}
    </tr>
  );
}

function accuracyOf(run: string): string {
  const now = heldOut.value.get(run)?.now;
  return now ? `${(100 * now.accuracy).toFixed(1)} % after step ${now.step}` : 'not tested';
}
