/** @file The timeline: all steps of a run under what they came to, with a slider over them, and the buttons that play. */

import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { keyName } from '../keys';
import type { RunData } from '../state/run-data';
import { speeds } from './player';
import { useSlowly } from './slowly';
import { measuresOf } from './strip';
import { Strip } from './strip-canvas';

export interface TimelineProps {
  data: RunData;
  first: number;
  last: number;
  step: number;
  playing: boolean;
  speed: number;
  measure: string | null;
  onStep: (step: number) => void;
  onGame: (by: 1 | -1) => void;
  onPlay: () => void;
  onSpeed: (speed: number) => void;
  onMeasure: (name: string) => void;
}

export function Timeline(props: TimelineProps) {
  const { data, first, last, step, playing, speed, onStep, onGame, onPlay, onSpeed, onMeasure } = props;
  const version = useSlowly(data.version, 1000);
  const choices = useMemo(() => measuresOf(data.series), [data, version]);
  const measure = choices.find(({ name }) => name === props.measure) ?? choices[0];
  const [scrubbed, setScrubbed] = useScrubbing(step, onStep);
  return (
    <section class="card timeline" aria-label="Timeline">
      <div class="timeline-buttons">
        <div class="timeline-group">
          <Key name="[" label="Previous step" disabled={step <= first} onClick={() => onStep(step - 1)}>
            «
          </Key>
          <Key name="ArrowLeft" label="Previous game" onClick={() => onGame(-1)}>
            ‹
          </Key>
          <button
            type="button"
            class="button button-primary timeline-play"
            onClick={onPlay}
            title={`${playing ? 'Pause' : 'Play'} (${keyName(' ')})`}
          >
            {playing ? 'Pause' : 'Play'}
          </button>
          <Key name="ArrowRight" label="Next game" onClick={() => onGame(1)}>
            ›
          </Key>
          <Key name="]" label="Next step" disabled={step >= last} onClick={() => onStep(step + 1)}>
            »
          </Key>
        </div>
        <label class="timeline-choice">
          <span>Speed</span>
          <select value={String(speed)} onChange={(event) => onSpeed(Number(event.currentTarget.value))}>
            {speeds.map((each) => (
              <option key={each} value={String(each)}>
                {each}×
              </option>
            ))}
          </select>
        </label>
        <p class="timeline-step number">
          Step <strong>{scrubbed}</strong> of {last}
        </p>
        <Signs data={data} />
        {measure && (
          <label class="timeline-choice timeline-measure">
            <span>Strip</span>
            <select value={measure.name} onChange={(event) => onMeasure(event.currentTarget.value)}>
              {choices.map(({ name, label }) => (
                <option key={name} value={name}>
                  {label}
                </option>
              ))}
            </select>
          </label>
        )}
      </div>
      <div class="timeline-track">
        <Strip data={data} version={version} measure={measure} />
        <input
          type="range"
          aria-label="Step"
          aria-valuetext={`step ${scrubbed} of ${last}`}
          min={first}
          max={Math.max(first + 1, last)}
          disabled={last <= first}
          value={scrubbed}
          onInput={(event) => setScrubbed(Number(event.currentTarget.value))}
        />
      </div>
    </section>
  );
}

/** What the signs on the strip mean, where there are some. */
function Signs({ data: { series, alerts } }: Pick<TimelineProps, 'data'>) {
  const flagged = series.column('flags').some((count) => count > 0);
  const alerted = alerts.value.length > 0;
  if (!flagged && !alerted) return null;
  return (
    <p class="timeline-signs note">
      {alerted && (
        <>
          <span aria-hidden="true">▼</span> alert{' '}
        </>
      )}
      {flagged && (
        <>
          <span aria-hidden="true">●</span> flagged
        </>
      )}
    </p>
  );
}

interface KeyProps {
  name: string;
  label: string;
  disabled?: boolean;
  onClick: () => void;
  children: string;
}

const Key = ({ name, label, disabled, onClick, children }: KeyProps) => (
  <button
    type="button"
    class="icon-button timeline-key"
    aria-label={label}
    title={`${label} (${keyName(name)})`}
    disabled={disabled}
    onClick={onClick}
  >
    {children}
  </button>
);

/** The slider moves at once; the step is read when it has come to rest for a moment. */
function useScrubbing(step: number, onStep: (step: number) => void): [number, (step: number) => void] {
  const [at, setAt] = useState<number | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  useEffect(() => setAt(null), [step]);
  const scrub = (next: number) => {
    setAt(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => onStep(next), 60);
  };
  return [at ?? step, scrub];
}
