/** @file What the run noticed about itself, the newest first; and the rest on demand. */

import { runData } from '../state/run-data';

const shown = 3;

export function Alerts({ run }: { run: string }) {
  const alerts = [...runData(run).alerts.value].reverse();
  if (alerts.length === 0) return null;
  const line = ({ kind, message, step }: (typeof alerts)[number], index: number) => (
    <li key={`${step} ${kind} ${index}`}>
      <span class="note number">Step {step}</span> {message}
    </li>
  );
  return (
    <section class="notice alerts" aria-label="Alerts">
      <ul>{alerts.slice(0, shown).map(line)}</ul>
      {alerts.length > shown && (
        <details>
          <summary>{alerts.length - shown} earlier ones</summary>
          <ul>{alerts.slice(shown).map(line)}</ul>
        </details>
      )}
    </section>
  );
}
