/** @file The first view: Start, while no run is looked at; else the run, what it does and how it learns. */

import { currentRun, shownRuns } from '../state/library';
import { live, opening } from '../state/live';
import { route } from '../state/router';
import { Start } from '../train/start';
import { Lazy } from '../ui/lazy';
import '../train/train.css';

const loadRun = () => import('../train/run');

export default function Train() {
  const asked = route.value.params.get('run') ?? live.value?.run ?? null;
  if (asked === null || opening.value) return <Start />;
  if (currentRun.value) return <Lazy load={loadRun} />;
  if (shownRuns.value === null) return <div class="loading" aria-busy="true" />;
  return (
    <>
      <p class="notice notice-bad">
        There is no run "{asked}" in this browser: choose another one under Runs, or import its log there.
      </p>
      <Start />
    </>
  );
}
