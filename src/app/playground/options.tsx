/** @file Who is asked, and how often. */

import { isPlaying, live } from '../state/live';
import { knownModels, nameOfModel } from '../state/models';
import { isSolving } from './solving';
import { choose, chosenModel, chosenOther, mostSamples, noModel, samples, temperature } from './state';

const sampleCounts = [1, 2, 4, 8, mostSamples];

export function Options() {
  const solves = isSolving.value;
  return (
    <section class="card" aria-labelledby="options-title">
      <h2 id="options-title">Who is asked</h2>
      <div class="play-options">
        <ModelSelect label="Model" value={chosenModel.value} onChange={(model) => choose({ model })} />
        <ModelSelect
          label="Side by side with"
          value={chosenOther.value}
          onChange={(other) => choose({ other })}
          optional
        />
        <label class="field">
          <span>Answers</span>
          <select
            value={samples.value}
            onChange={({ currentTarget }) => {
              samples.value = Number(currentTarget.value);
            }}
          >
            {[...new Set([...sampleCounts, samples.value])]
              .sort((a, b) => a - b)
              .map((count) => (
                <option key={count} value={count}>
                  {count}
                </option>
              ))}
          </select>
        </label>
        <label class="field">
          <span>
            Temperature <output class="number">{temperature.value.toFixed(1)}</output>
          </span>
          <input
            type="range"
            min={0}
            max={1.5}
            step={0.1}
            value={temperature.value}
            onInput={({ currentTarget }) => {
              temperature.value = currentTarget.valueAsNumber;
            }}
          />
        </label>
      </div>
      <p class="note play-note">
        {temperature.value === 0
          ? 'At temperature 0 a model always answers the same, so each is asked once.'
          : 'A higher temperature makes answers more varied, and more often wrong.'}
      </p>
      <button type="submit" class="button button-primary" disabled={solves}>
        {solves ? 'Solving …' : 'Solve'}
      </button>
      {isPlaying.value && (
        <p class="note play-note">
          {live.value?.name ?? 'A run'} plays on this device: the two slow each other down while this solves.
        </p>
      )}
    </section>
  );
}

function ModelSelect(props: {
  label: string;
  value: string;
  onChange: (ref: string) => void;
  optional?: boolean;
}) {
  const known = knownModels.value;
  const isKnown = props.value === noModel || known.some(({ ref }) => ref === props.value);
  return (
    <label class="field play-wide">
      <span>{props.label}</span>
      <select value={props.value} onChange={({ currentTarget }) => props.onChange(currentTarget.value)}>
        {props.optional && <option value={noModel}>nothing</option>}
        {known.map(({ ref, name }) => (
          <option key={ref} value={ref}>
            {name}
          </option>
        ))}
        {!isKnown && <option value={props.value}>{nameOfModel(props.value)}</option>}
      </select>
    </label>
  );
}
