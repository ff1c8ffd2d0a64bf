/** @file What everybody decides: which model learns, on what it computes, from which seed, and for how long. */

import { useEffect } from 'preact/hooks';
import * as format from '../format';
import { device } from '../state/device';
import { type BackendChoice, backends, change, draft, like, set, stillFilled } from '../state/draft';
import { checkpoints, knownModels, nameOfModel, refreshModels } from '../state/models';
import { connectedNode, reconnect } from '../state/node';
import { href } from '../state/router';
import { backendProblem, backendWords } from './choice';
import { type Compared, modelsOf } from './comparing';
import { Option } from './option';
import { first } from './sections';
import { chooseModel } from './suiting';

export function Basics({ compared }: { compared: Compared | null }) {
  return (
    <section class="card basics" aria-labelledby="basics-title">
      <h2 id="basics-title">Model, device and length</h2>
      <div class="basics-choices">
        <Model compared={compared} />
        <Backend />
      </div>
      {first.map((option) => (
        <Option key={option.key} option={option} compared={compared}>
          {option.key === 'seed' && (
            <button
              type="button"
              class="button button-small button-quiet"
              aria-label="Draw another seed"
              title="Draw another seed"
              onClick={() => set('seed', crypto.getRandomValues(new Uint16Array(1))[0])}
            >
              <span aria-hidden="true">⚄</span>
            </button>
          )}
        </Option>
      ))}
    </section>
  );
}

function Model({ compared }: { compared: Compared | null }) {
  useEffect(() => void refreshModels(), []);
  const { model } = draft.value;
  const listed = knownModels.value.some(({ ref }) => ref === model);
  const known = knownModels.value.find(({ ref }) => ref === model);
  return (
    <div class="choice">
      <label for="model">Model</label>
      <select
        id="model"
        aria-describedby="model-detail"
        value={model}
        onChange={(event) => void chooseModel(event.currentTarget.value)}
      >
        {!listed && <option value={model}>{nameOfModel(model)}</option>}
        {knownModels.value.map(({ ref, name }) => (
          <option key={ref} value={ref}>
            {name}
          </option>
        ))}
      </select>
      <p id="model-detail" class="note">
        {known ? `${known.detail}${known.bytes > 0 ? `, ${format.bytes(known.bytes)}` : ''}` : ''}
      </p>
      {stillFilled.value.length > 0 && (
        <p class="note">
          Filled in for this model and this device: <code>{stillFilled.value.join(', ')}</code>.
        </p>
      )}
      {like.value && compared && <ModelsOfRun compared={compared} />}
    </div>
  );
}

/** A run that is like another one begins as that one did, or goes on from what became of it. */
function ModelsOfRun({ compared: { run, name } }: { compared: Compared }) {
  const steps = checkpoints.value
    .filter((each) => each.run.id === run.id)
    .flatMap((each) => each.checkpoints.map(({ step }) => step));
  const models = modelsOf(run, steps);
  if (models.length === 0) return null;
  return (
    <fieldset class="models-of-run">
      <legend class="note">The model of {name}</legend>
      {models.map(({ ref, when }) => (
        <label key={ref}>
          <input
            type="radio"
            name="model-of-run"
            checked={draft.value.model === ref}
            onChange={() => change({ model: ref })}
          />
          {when}
        </label>
      ))}
    </fieldset>
  );
}

function Backend() {
  const { backend } = draft.value;
  const node = connectedNode.value;
  const problem = backendProblem(backend, device.value, node);
  useEffect(() => void (backend === 'remote' && reconnect()), [backend]);
  return (
    <div class="choice">
      <label for="backend">Backend</label>
      <select
        id="backend"
        value={backend}
        aria-invalid={problem !== null}
        aria-describedby={problem ? 'backend-detail backend-problem' : 'backend-detail'}
        onChange={(event) => change({ backend: event.currentTarget.value as BackendChoice })}
      >
        {backends.map((each) => (
          <option key={each} value={each}>
            {each}
          </option>
        ))}
      </select>
      <p id="backend-detail" class="note">
        {backendWords(backend, device.value, node)}{' '}
        {backend === 'remote' && <a href={href('device')}>{node ? 'About the node' : 'Connect'}</a>}
      </p>
      {problem && (
        <p id="backend-problem" class="option-problem">
          {problem}
        </p>
      )}
    </div>
  );
}
