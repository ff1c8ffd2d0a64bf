/** @file A run's buttons, and what it is doing: how far, how fast, how long yet, and where the time goes. */

import type { Signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { SessionStatus } from '../../selfplay/session';
import type { RunInfo } from '../../store/records';
import * as format from '../format';
import { addKeys } from '../keys';
import { isBusy, type LiveRun, live } from '../state/live';
import { placeOf } from '../state/place';
import { go, href } from '../state/router';
import { runData } from '../state/run-data';
import { toast } from '../state/toasts';
import { wait } from '../state/waiting';
import { pace } from './pace';
import { PlaceOfRun } from './place';
import { TimeSplit } from './time-split';

export function RunControl({ info }: { info: RunInfo }) {
  const open = live.value?.run === info.id ? live.value : null;
  const planned = (info.config as { steps?: number } | null)?.steps ?? 0;
  const step = open?.step.value ?? info.step;
  const status = open?.status.value ?? stored(info);
  const busy = status !== 'elsewhere' && isBusy(status);
  const finished = status === 'finished';

  useEffect(
    () =>
      addKeys([
        { key: 'p', help: 'Play or pause', run: () => (busy ? pause(open) : play(info)) },
        { key: 's', help: 'A single step', run: () => !busy && play(info, 1) },
        { key: 'x', help: 'Stop at once; the step under way is lost', run: () => stop(open) },
      ]),
    [info, open, busy],
  );

  return (
    <section class="card control" aria-labelledby="run-name">
      <div class="view-head">
        <div>
          <h1 id="run-name">{info.name}</h1>
          <p class="note">
            {kindOf(info)}, from {info.model}
          </p>
        </div>
        <div class="actions">
          {!finished &&
            (busy ? (
              <button
                type="button"
                class="button button-primary"
                disabled={status !== 'running'}
                onClick={() => pause(open)}
              >
                Pause
              </button>
            ) : (
              <button type="button" class="button button-primary" onClick={() => play(info)}>
                {step > 0 ? 'Continue' : 'Start'}
              </button>
            ))}
          {!finished && (
            <button type="button" class="button" disabled={busy} onClick={() => play(info, 1)}>
              One step
            </button>
          )}
          {!finished && (
            <button type="button" class="button" disabled={!busy} onClick={() => stop(open)}>
              Stop
            </button>
          )}
          <a class="button" href={href('settings', { like: info.id })}>
            Duplicate
          </a>
          <a class="button" href={href('models', { run: info.id })}>
            Take the model
          </a>
        </div>
      </div>
      <StepProgress step={step} planned={planned} status={status} progress={open?.progress} />
      <PlaceOfRun info={info} open={open} moves={!busy && !finished && step > 0} />
      {open?.message.value && <p class="notice">{open.message.value}</p>}
      {status === 'elsewhere' && (
        <p class="notice">
          This run plays in another tab, or was cut off in the middle of a step. Continue takes it up here,
          once no other tab has it.
        </p>
      )}
      <Figures info={info} planned={planned} step={step} />
    </section>
  );
}

type Status = SessionStatus | 'elsewhere';

const stored = (info: RunInfo): Status => (info.status === 'running' ? 'elsewhere' : info.status);

const words: Record<Status, string> = {
  opening: 'getting ready',
  running: 'plays',
  pausing: 'pauses after this step',
  paused: 'paused',
  recovering: 'the GPU was lost, it starts again',
  waiting: 'waits for the node',
  finished: 'finished',
  failed: 'failed',
  elsewhere: 'not open here',
};

function StepProgress({
  step,
  planned,
  status,
  progress,
}: {
  step: number;
  planned: number;
  status: Status;
  progress: LiveRun['progress'] | undefined;
}) {
  return (
    <div class="step-progress">
      <progress aria-label="Steps" value={Math.min(step, planned)} max={Math.max(planned, 1)} />
      <p class="status">
        <strong class="number">
          Step {step} of {planned}
        </strong>{' '}
        <span>{words[status]}</span>
        {progress && <Phase progress={progress} />}
      </p>
    </div>
  );
}

/** Changes many times a second, so it is drawn by itself. */
function Phase({ progress }: { progress: Signal<{ phase: string; done: number; total: number } | null> }) {
  const now = progress.value;
  return (
    <span class="phase">
      {now && (
        <>
          {now.phase}
          {now.total > 1 && (
            <span class="number">
              {' '}
              {now.done} of {now.total}
            </span>
          )}
        </>
      )}
    </span>
  );
}

function Figures({ info, planned, step }: { info: RunInfo; planned: number; step: number }) {
  const data = runData(info.id);
  data.version.value;
  const { elapsed, perStep } = pace(data.series);
  const left = Math.max(0, planned - step);
  const sampled = data.series.latest('perf/sample_tokens_per_s');
  const trained = data.series.latest('perf/train_tokens_per_s');
  const unknown = '–';
  return (
    <>
      <dl class="figures control-figures">
        <Figure name="Played for" value={elapsed > 0 ? format.duration(elapsed * 1000) : unknown} />
        <Figure
          name="Left"
          value={left === 0 ? 'done' : perStep ? `about ${format.duration(perStep * left * 1000)}` : unknown}
        />
        <Figure name="A step takes" value={perStep ? format.duration(perStep * 1000) : unknown} />
        <Figure name="Writes" value={sampled ? `${format.count(sampled)} tokens/s` : unknown} />
        <Figure name="Learns" value={trained ? `${format.count(trained)} tokens/s` : unknown} />
      </dl>
      <TimeSplit
        series={data.series}
        onNode={info.backend === 'remote'}
        steps={step + 1 - (info.places?.at(-1)?.from ?? 0)}
      />
    </>
  );
}

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <span class="number">{value}</span>
      </dd>
    </div>
  );
}

export function kindOf({ config }: Pick<RunInfo, 'config'>): string {
  const { 'hindsight.tasks': tasks, 'hindsight.policy': policy } = (config ?? {}) as Record<string, unknown>;
  if (typeof tasks === 'number' && tasks > 0) return policy === false ? 'Hindsight' : 'Hindsight and rewards';
  return 'Pure self-play';
}

async function play(info: RunInfo, steps?: number): Promise<void> {
  const open =
    live.value?.run === info.id && live.value.backend === placeOf(info)
      ? live.value
      : await wait(`Opening ${info.name}`, async () => {
          const { resumeRun } = await import('../state/starting');
          return resumeRun(info.id);
        });
  open?.play(steps);
  if (open) go('train', { run: info.id });
}

async function pause(open: LiveRun | null): Promise<void> {
  await open?.pause();
}

async function stop(open: LiveRun | null): Promise<void> {
  if (!open) return;
  await open.stop();
  toast('Stopped. The step under way will be played again when the run goes on.');
}
