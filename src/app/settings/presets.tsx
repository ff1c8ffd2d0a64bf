/** @file Where the settings begin: the four presets for the small model, and the original with its ablations below them. */

import { type PresetName, presetNames, presets } from '../../selfplay/presets';
import { change, choosePreset, draft, presetValues, withoutFilled } from '../state/draft';
import { toast } from '../state/toasts';
import { fillIn } from './suiting';

/** For the model that ships with the page. */
const small = presetNames.filter((name) => presetValues(name).dialect === 'compact');
const others = presetNames.filter((name) => !small.includes(name));

/** What a run learns from: two things that are never the same curve. */
export const learnsFrom = (name: PresetName) =>
  presetValues(name)['hindsight.tasks'] > 0 ? 'hindsight' : 'rewards alone';

export function Presets() {
  const { preset } = draft.value;
  return (
    <section class="card" aria-labelledby="presets-title">
      <h2 id="presets-title">Preset</h2>
      <fieldset class="presets">
        <legend class="visually-hidden">Preset</legend>
        <div class="preset-cards">
          {small.map((name) => (
            <Preset key={name} name={name} />
          ))}
        </div>
        <details class="fold" open={others.includes(preset)}>
          <summary>
            <h3>For other models: the original and its ablations</h3>
            <span class="fold-help">
              They ask for a chat model that was imported under Models; the small one that ships with the page
              does not speak their language.
            </span>
          </summary>
          <div class="preset-list">
            {others.map((name) => (
              <Preset key={name} name={name} />
            ))}
          </div>
        </details>
      </fieldset>
    </section>
  );
}

function Preset({ name }: { name: PresetName }) {
  const { preset } = draft.value;
  const { steps } = presetValues(name);
  return (
    <label class={name === preset ? 'preset preset-chosen' : 'preset'}>
      <input
        type="radio"
        name="preset"
        value={name}
        checked={name === preset}
        onChange={() => choose(name)}
      />
      <span class="preset-name">{name}</span>
      {small.includes(name) && (
        <span class="preset-marks">
          <span class="mark">{learnsFrom(name)}</span> {steps.toLocaleString('en-US')} steps
        </span>
      )}
      <span class="note">{presets[name].help}</span>
    </label>
  );
}

/** What was changed of another preset hardly fits this one; but it is not lost. */
function choose(name: PresetName): void {
  const before = draft.value;
  const own = withoutFilled();
  const dropped = choosePreset(name).filter((key) => key in own);
  void fillIn();
  if (dropped.length === 0) return;
  const what = dropped.length === 1 ? `Your change of ${dropped[0]}` : `Your ${dropped.length} changes`;
  toast(`${what} of ${before.preset} went with it.`, {
    action: { label: 'Undo', run: () => change(before) },
  });
}
