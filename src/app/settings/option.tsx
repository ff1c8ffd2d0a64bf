/** @file One option: its key and what it means, how it is chosen, what the preset has, and what is wrong with it. */

import type { ComponentChildren } from 'preact';
import type { Description, Key } from '../../selfplay/config';
import type { PresetName } from '../../selfplay/presets';
import { chosenValue, draft, isSame, presetValues, problems, reset, set } from '../state/draft';
import { type Compared, otherThere } from './comparing';
import { Control } from './control';
import { inWords } from './words';

export const idOf = (key: Key) => `option-${key}`;

export function Option({
  option,
  compared,
  children,
}: {
  option: Description;
  compared: Compared | null;
  /** Beside the control. */
  children?: ComponentChildren;
}) {
  const { key, help, kind } = option;
  const id = idOf(key);
  const value = chosenValue(key);
  const { preset, changes } = draft.value;
  const changed = key in changes;
  const wrong = problems.value.filter((each) => each.key === key);
  const other = otherThere(key, compared);
  const ids = [`${id}-help`, ...(wrong.length > 0 ? [`${id}-problem`] : [])].join(' ');
  const name = <code>{key}</code>;
  return (
    <div class={`option${changed ? ' option-changed' : ''}${wrong.length > 0 ? ' option-wrong' : ''}`}>
      <div class="option-words">
        {kind === 'choices' ? (
          <span class="option-key" id={`${id}-label`}>
            {name}
          </span>
        ) : (
          <label class="option-key" for={id}>
            {name}
          </label>
        )}
        <p id={`${id}-help`} class="option-help">
          {help} <span class="option-default">{defaultsOf(option, preset)}</span>
        </p>
      </div>
      <div class="option-control">
        <Control option={option} value={value} id={id} invalid={wrong.length > 0} describedBy={ids} />
        {children}
        {changed && (
          <button
            type="button"
            class="button button-small button-quiet"
            aria-label={`Reset ${key} to ${inWords(presetValues(preset)[key])}`}
            onClick={() => reset(key)}
          >
            Reset
          </button>
        )}
      </div>
      {wrong.length > 0 && (
        <p id={`${id}-problem`} class="option-problem">
          {wrong.map(({ message }) => message).join(' ')}
        </p>
      )}
      {other && compared && (
        <p class="option-other">
          <span aria-hidden="true">≠</span> {compared.name} has {inWords(other.value)}.
          <button
            type="button"
            class="button button-small button-quiet"
            aria-label={`Take it: ${inWords(other.value)} for ${key}`}
            onClick={() => set(key, other.value)}
          >
            Take it
          </button>
        </p>
      )}
    </div>
  );
}

/** What it is where nobody changes it: in the preset, and in the one that the others are differences from. */
function defaultsOf({ key, default: strict }: Description, preset: PresetName): string {
  const value = presetValues(preset)[key];
  const there = `${inWords(value)} in ${preset}`;
  return isSame(value, strict) ? there : `${there}, ${inWords(strict)} in strict`;
}
