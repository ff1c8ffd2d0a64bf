/** @file The model of the run that is open, as it is this very moment: training waits for a breath while it is taken, and goes on. */

import { useState } from 'preact/hooks';
import { isPlaying, type LiveRun, live } from '../state/live';
import { checkpointName, checkpoints, openModel, refOfCheckpoint } from '../state/models';
import { wait } from '../state/waiting';
import { SavePanel } from './save-panel';

interface Taken {
  title: string;
  files: Record<string, Uint8Array>;
}

export function OpenRun() {
  const [taken, setTaken] = useState<Taken | null>(null);
  const run = live.value;
  if (!run) return null;
  const step = run.step.value;
  const stored = checkpoints.value.find((each) => each.run.id === run.run)?.checkpoints[0];
  const take = async () => {
    const found = await wait(`Taking ${run.name} as it is`, ({ signal, tell }) => takeNow(run, signal, tell));
    if (found) setTaken(found);
  };
  return (
    <section class="card" aria-labelledby="open-run-title">
      <div class="card-head">
        <div>
          <h2 id="open-run-title">{run.name}, the run that is open</h2>
          <p class="note number">
            {isPlaying.value ? 'Training' : 'Paused'} after step {step ?? 0}
            {stored && `; its newest checkpoint is of step ${stored.step}`}.{' '}
            {isPlaying.value && 'It waits for a moment after its step, and goes on.'}
          </p>
        </div>
        <button type="button" class="button button-primary" onClick={take}>
          Save now
        </button>
      </div>
      {taken && (
        <>
          <p class="taken">
            <strong>{taken.title}</strong>, as it was taken
          </p>
          <SavePanel key={taken.title} {...taken} keeps />
        </>
      )}
    </section>
  );
}

/** After the step under way. Whatever happens, a run that played plays on. */
async function takeNow(
  run: LiveRun,
  signal: AbortSignal,
  tell: (share: number | null, detail?: string) => void,
): Promise<Taken> {
  const played = isPlaying.value;
  if (played) tell(null, 'after this step');
  try {
    if (played) await run.pause();
    signal.throwIfAborted();
    const step = run.step.value ?? 0;
    tell(null, `step ${step}`);
    const title = checkpointName(run, step);
    // A run that was not played since it was opened has its weights in the store alone.
    const stored = checkpoints.value.find((each) => each.run.id === run.run)?.checkpoints[0];
    if (stored?.step === step) {
      const { source } = await openModel(refOfCheckpoint(run.run, step));
      if (source.kind === 'files') return { title, files: source.files as Record<string, Uint8Array> };
    }
    return { title, files: await run.weights() };
  } finally {
    if (played && live.value === run && !isPlaying.value && run.status.value === 'paused') run.play();
  }
}
