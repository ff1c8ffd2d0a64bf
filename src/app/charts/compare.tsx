/** @file Other runs beside the one that is looked at: which, in the address, so that a comparison can be linked to. */

import { useEffect, useRef } from 'preact/hooks';
import type { RunInfo } from '../../store/records';
import { shownRuns } from '../state/library';
import { refine, route } from '../state/router';
import { comparedIds } from './compared';
import type { ShownRun } from './frame';
import { colours } from './palette';

export function Compare({ run, runs }: { run: string; runs: readonly ShownRun[] }) {
  const menu = useRef<HTMLDetailsElement>(null);
  const others = (shownRuns.value ?? []).filter(({ id }) => id !== run);
  const chosen = comparedIds(run, route.value.params.get('with'), shownRuns.value);
  useEffect(() => {
    const leave = (event: Event) => {
      if (menu.current?.open && !menu.current.contains(event.target as Node)) menu.current.open = false;
    };
    document.addEventListener('pointerdown', leave);
    document.addEventListener('focusin', leave);
    return () => {
      document.removeEventListener('pointerdown', leave);
      document.removeEventListener('focusin', leave);
    };
  }, []);
  const toggle = (id: string) => {
    const next = chosen.includes(id) ? chosen.filter((each) => each !== id) : [...chosen, id];
    refine({ with: next.join(',') || null });
  };
  const close = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || !menu.current?.open) return;
    event.preventDefault();
    menu.current.open = false;
    menu.current.querySelector('summary')?.focus();
  };
  return (
    <details class="compare" ref={menu} onKeyDown={close}>
      <summary class="button button-small">
        Compare{chosen.length > 0 && <span class="number">&nbsp;({chosen.length})</span>}
      </summary>
      <fieldset class="compare-menu card">
        <legend class="visually-hidden">Runs to compare with</legend>
        {others.length === 0 && <p class="note">There is no other run in this browser yet.</p>}
        {others.map((info) => (
          <Choice
            key={info.id}
            info={info}
            colour={runs.find(({ id }) => id === info.id)?.colour}
            chosen={chosen.includes(info.id)}
            full={chosen.length + 1 >= colours}
            toggle={() => toggle(info.id)}
          />
        ))}
        {chosen.length + 1 >= colours && <p class="note">More than {colours} runs cannot be told apart.</p>}
      </fieldset>
    </details>
  );
}

function Choice({
  info,
  colour,
  chosen,
  full,
  toggle,
}: {
  info: RunInfo;
  colour: number | undefined;
  chosen: boolean;
  full: boolean;
  toggle: () => void;
}) {
  return (
    <label class="compare-choice">
      <input type="checkbox" checked={chosen} disabled={full && !chosen} onChange={toggle} />
      <span
        class="run-dot"
        style={{ background: colour === undefined ? 'transparent' : `var(--series-${colour})` }}
        aria-hidden="true"
      />
      <span>{info.name}</span>
      <span class="note number">
        {info.step} {info.step === 1 ? 'step' : 'steps'}
      </span>
    </label>
  );
}
