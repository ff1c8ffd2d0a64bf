/** @file Runs the self-test on request and shows it live: progress, loss curve, speed, and what was checked at the end. */

import { useEffect, useRef, useState } from 'preact/hooks';
import * as format from '../format';
import { LossChart, type Point } from './loss-chart';
import type {
  RunSelfTest,
  SelfTestOptions,
  SelfTestPhase,
  SelfTestProgress,
  SelfTestResult,
} from './self-test';

const steps = 200;

type State =
  | { kind: 'idle' }
  | { kind: 'running'; progress: SelfTestProgress; stopping: boolean }
  | { kind: 'stopped'; progress: SelfTestProgress }
  | { kind: 'failed'; message: string; progress: SelfTestProgress }
  | { kind: 'done'; result: SelfTestResult };

const phases: Record<SelfTestPhase, string> = {
  loading: 'Loading the engine',
  compiling: 'Compiling the model for this device',
  training: 'Training',
};

const beginning: SelfTestProgress = {
  phase: 'loading',
  step: 0,
  steps,
  loss: null,
  tokensPerSecond: null,
  elapsedMs: 0,
};

interface Props {
  run: RunSelfTest;
  onDone?: (result: SelfTestResult) => void;
}

export function SelfTestCard({ run, onDone }: Props) {
  const [backend, setBackend] = useState<SelfTestOptions['backend']>('auto');
  const [state, setState] = useState<State>({ kind: 'idle' });
  const [points, setPoints] = useState<Point[]>([]);
  const abort = useRef<AbortController | null>(null);
  // Nobody looks at it any more: the device is for other work.
  useEffect(() => () => abort.current?.abort(), []);

  const start = async () => {
    const controller = new AbortController();
    abort.current = controller;
    let progress = beginning;
    setPoints([]);
    setState({ kind: 'running', progress, stopping: false });
    try {
      const result = await run(
        { backend, steps, seed: 1 },
        (news) => {
          progress = news;
          const { step, loss } = news;
          if (loss !== null) setPoints((before) => [...before, { step, loss }]);
          setState({ kind: 'running', progress, stopping: controller.signal.aborted });
        },
        controller.signal,
      );
      setState({ kind: 'done', result });
      onDone?.(result);
    } catch (error) {
      if (controller.signal.aborted) setState({ kind: 'stopped', progress });
      else {
        const message = error instanceof Error ? error.message : String(error);
        setState({ kind: 'failed', message, progress });
      }
    }
  };

  const stop = () => {
    abort.current?.abort();
    if (state.kind === 'running') setState({ ...state, stopping: true });
  };

  const running = state.kind === 'running';
  return (
    <section class="card" aria-labelledby="self-test-title">
      <div class="card-head">
        <h2 id="self-test-title">Self-test</h2>
        <div class="actions">
          <label class="field-inline">
            <span class="visually-hidden">Backend</span>
            <select
              value={backend}
              disabled={running}
              onChange={(event) => setBackend(event.currentTarget.value as typeof backend)}
            >
              <option value="auto">Best backend</option>
              <option value="webgpu">WebGPU</option>
              <option value="wasm">WebAssembly</option>
            </select>
          </label>
          {/* One button that keeps its place and its focus, so that Enter starts and Enter stops. */}
          <button
            type="button"
            class={running ? 'button' : 'button button-primary'}
            disabled={running && state.stopping}
            onClick={running ? stop : start}
          >
            {running
              ? state.stopping
                ? 'Stopping ...'
                : 'Stop'
              : state.kind === 'idle'
                ? 'Start'
                : 'Start again'}
          </button>
        </div>
      </div>
      <p class="lead">
        Trains a tiny language model from nothing for {steps} steps on this device, in a worker, and checks
        that it learns.
      </p>
      <Progress state={state} />
      <LossChart points={points} steps={steps} />
      <Verdict state={state} />
      <p class="visually-hidden" aria-live="polite">
        {announcement(state)}
      </p>
    </section>
  );
}

function Progress({ state }: { state: State }) {
  const { step, elapsedMs, loss, tokensPerSecond } = figures(state);
  const waiting = state.kind === 'running' && state.progress.phase !== 'training';
  const label = state.kind === 'running' ? phases[state.progress.phase] : 'Progress of the self-test';
  return (
    <>
      <div
        class={waiting ? 'progress progress-waiting' : 'progress'}
        role="progressbar"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={steps}
        {...(waiting ? {} : { 'aria-valuenow': step })}
      >
        <div style={{ transform: `scaleX(${waiting ? 1 : step / steps})` }} />
      </div>
      <dl class="figures">
        <Figure name="Step" value={waiting ? '–' : step > 0 ? `${step}` : '–'} unit={`of ${steps}`} />
        <Figure name="Loss" value={loss === null ? '–' : loss.toFixed(3)} unit="nats" />
        <Figure
          name="Speed"
          value={tokensPerSecond === null ? '–' : format.count(tokensPerSecond)}
          unit="tokens/s"
        />
        <Figure name="Elapsed" value={elapsedMs > 0 ? format.duration(elapsedMs) : '–'} />
      </dl>
      <p class="status">{status(state)}</p>
    </>
  );
}

function Figure({ name, value, unit }: { name: string; value: string; unit?: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <span class="number">{value}</span> {unit && <small>{unit}</small>}
      </dd>
    </div>
  );
}

function Verdict({ state }: { state: State }) {
  if (state.kind === 'failed') {
    return (
      <p class="notice notice-bad" role="alert">
        {state.message}
      </p>
    );
  }
  if (state.kind !== 'done') return null;
  const { result } = state;
  const passed = result.checks.every(({ ok }) => ok);
  return (
    <div class={passed ? 'notice notice-good' : 'notice notice-bad'}>
      <p>
        <strong>{passed ? 'Passed.' : 'Not passed.'}</strong> {format.count(result.parameters)} parameters,{' '}
        {result.steps} steps with {result.engine}: the loss went from {result.firstLoss.toFixed(3)} to{' '}
        {result.lastLoss.toFixed(3)}.
      </p>
      <ul class="checks">
        {result.checks.map(({ name, ok, detail }) => (
          <li key={name} class={ok ? 'check' : 'check check-bad'}>
            <span class="visually-hidden">{ok ? 'passed: ' : 'failed: '}</span>
            {name} <span class="note">{detail}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function figures(state: State): Pick<SelfTestProgress, 'step' | 'elapsedMs' | 'loss' | 'tokensPerSecond'> {
  if (state.kind === 'idle') return beginning;
  if (state.kind !== 'done') return state.progress;
  const { steps: step, elapsedMs, lastLoss, tokensPerSecond } = state.result;
  return { step, elapsedMs, loss: lastLoss, tokensPerSecond };
}

function status(state: State): string {
  switch (state.kind) {
    case 'idle':
      return 'Takes from a few seconds on a GPU to about a minute on a slow processor.';
    case 'running':
      return state.stopping ? 'Stopping after this step ...' : `${phases[state.progress.phase]} ...`;
    case 'stopped':
      return `Stopped after step ${state.progress.step}.`;
    case 'failed':
      return 'The test could not be completed.';
    case 'done':
      return `Done with ${state.result.engine}.`;
  }
}

/** Screen readers hear of beginnings, quarters and ends, not of every step. */
function announcement(state: State): string {
  if (state.kind === 'idle') return '';
  if (state.kind === 'running' && state.progress.phase === 'training') {
    const quarter = Math.floor((4 * state.progress.step) / steps);
    return quarter === 0 ? 'Training has started.' : `${quarter * 25} percent done.`;
  }
  if (state.kind !== 'done') return status(state);
  const { checks, lastLoss } = state.result;
  const passed = checks.every(({ ok }) => ok);
  return `The self-test ${passed ? 'passed' : 'did not pass'}. The last loss was ${lastLoss.toFixed(3)}.`;
}
