/** @file The ONNX files that train and sample a model, made in the page from its config.json alone, for download. */

import { useEffect, useState } from 'preact/hooks';
import { formatBytes } from '../../model/bytes';
import { parseModelConfig } from '../../model/config';
import { planMemory } from '../../model/memory';
import { parameterCount } from '../../model/parameters';
import { configOf } from '../../selfplay/model-files';
import { type Artifact, artifactPurposes, makeArtifacts, sampleModels } from '../artifacts';
import * as format from '../format';
import { baseModel, knownModels, nameOfModel, openModel } from '../state/models';
import { tellFailure, toast } from '../state/toasts';
import { wait } from '../state/waiting';
import { save, slug } from '../ui/save';
import { writeZip } from '../ui/zip';

const own = 'own';

export function ArtifactsCard() {
  const [chosen, setChosen] = useState<string>(baseModel);
  const [ownConfig, setOwnConfig] = useState<{ name: string; config: unknown } | null>(null);
  const [rows, setRows] = useState(16);
  const [length, setLength] = useState(128);
  const [loss, setLoss] = useState<'cross-entropy' | 'policy'>('policy');
  const [made, setMade] = useState<Artifact[] | null>(null);
  const config = useConfig(chosen, ownConfig?.config);
  const described = config === undefined ? null : describe(config, rows, length);

  // The files belong to one choice: a changed choice takes them away, so that nobody downloads the wrong ones.
  useEffect(() => setMade(null), [config, rows, length, loss]);

  const make = async (event: SubmitEvent) => {
    event.preventDefault();
    const artifacts = await wait('Making the ONNX files', ({ signal }) =>
      makeArtifacts({ config, rows, length, loss }, signal),
    );
    if (artifacts) setMade(artifacts);
  };
  const title = titleOf(chosen, ownConfig?.name ?? own);
  const saveAll = (artifacts: readonly Artifact[]) =>
    wait('Saving the ONNX files', async ({ signal }) => {
      const files = artifacts.map(({ file, bytes }) => ({ path: file, data: new Blob([bytes]) }));
      const configFile = { path: 'config.json', data: new Blob([JSON.stringify(config, null, 2)]) };
      const name = `zeroloop-onnx-${slug(title)}.zip`;
      save(name, await writeZip([...files, configFile], { signal }));
      toast(`${name} is saved.`);
    });
  const readOwn = async (file: File | undefined) => {
    if (!file) return;
    try {
      setOwnConfig({ name: file.name, config: JSON.parse(await file.text()) });
      setChosen(own);
    } catch {
      tellFailure(
        new Error(`${file.name} is not JSON: choose the config.json of a model from Hugging Face.`),
      );
    }
  };

  return (
    <section class="card" aria-labelledby="artifacts-title">
      <h2 id="artifacts-title">ONNX files</h2>
      <p class="lead">
        Files that train and sample a model of the Llama family with nothing but onnxruntime. They are written
        here, in your browser, from the model’s config.json; the weights are inputs, so the files are small.
      </p>
      <form class="fields" onSubmit={make}>
        <label class="field field-wide">
          <span>Model</span>
          <select value={chosen} onChange={({ currentTarget }) => setChosen(currentTarget.value)}>
            <optgroup label="Models here">
              {knownModels.value.map(({ ref, name }) => (
                <option key={ref} value={ref}>
                  {name}
                </option>
              ))}
            </optgroup>
            <optgroup label="To begin with">
              {sampleModels.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </optgroup>
            {ownConfig && <option value={own}>{ownConfig.name}</option>}
          </select>
        </label>
        <NumberField label="Rows" value={rows} max={4096} onChange={setRows} />
        <NumberField label="Length" value={length} max={32768} onChange={setLength} />
        <label class="field">
          <span>Loss</span>
          <select value={loss} onChange={({ currentTarget }) => setLoss(currentTarget.value as typeof loss)}>
            <option value="policy">Policy (PPO clip)</option>
            <option value="cross-entropy">Cross-entropy</option>
          </select>
        </label>
        <div class="actions">
          <button type="submit" class="button" disabled={!described?.ok}>
            Make the files
          </button>
          <label class="button button-quiet file-button">
            Use a config.json …
            <input
              type="file"
              accept=".json,application/json"
              onChange={({ currentTarget }) => readOwn(currentTarget.files?.[0])}
            />
          </label>
        </div>
      </form>
      <p class={described?.ok === false ? 'notice notice-bad' : 'note'}>{described?.text ?? 'Reading …'}</p>
      <div aria-live="polite">
        {made && (
          <>
            <ul class="files">
              {made.map((artifact) => (
                <li key={artifact.file}>
                  <div>
                    <code>{artifact.file}</code>
                    <span class="note">{artifactPurposes[artifact.file]}</span>
                  </div>
                  <span class="number note">
                    {format.count(artifact.nodes)} nodes, {format.bytes(artifact.bytes.length)}
                  </span>
                  <button
                    type="button"
                    class="button button-quiet button-small"
                    onClick={() => save(artifact.file, new Blob([artifact.bytes]))}
                    aria-label={`Save ${artifact.file}`}
                  >
                    Save
                  </button>
                </li>
              ))}
            </ul>
            <div class="actions files-end">
              <button type="button" class="button" onClick={() => saveAll(made)}>
                Save all as a zip
              </button>
            </div>
          </>
        )}
      </div>
    </section>
  );
}

/** For the name of a file. */
function titleOf(chosen: string, ofOwn: string): string {
  if (chosen === own) return ofOwn;
  if (chosen === baseModel) return 'base';
  return sampleModels.some(({ id }) => id === chosen) ? chosen : nameOfModel(chosen);
}

/** Undefined while it is fetched. */
function useConfig(chosen: string, ownConfig: unknown): unknown {
  const sample = chosen === own ? ownConfig : sampleModels.find(({ id }) => id === chosen)?.config;
  const [fetched, setFetched] = useState<{ of: string; config: unknown } | null>(null);
  useEffect(() => {
    if (sample !== undefined || fetched?.of === chosen) return;
    openModel(chosen)
      .then(async ({ source }) => setFetched({ of: chosen, config: await configOf(source) }))
      .catch((error) => {
        setFetched({ of: chosen, config: null });
        tellFailure(error);
      });
  }, [chosen, sample, fetched]);
  return sample ?? (fetched?.of === chosen ? fetched.config : undefined);
}

/** What a model is, and the memory that it takes to train: told before anything is made. */
function describe(config: unknown, rows: number, length: number): { ok: boolean; text: string } {
  try {
    const model = parseModelConfig(config);
    const use = {
      training: 'full',
      batch: rows,
      context: length,
      sampleBatch: rows,
      sampleContext: length,
    } as const;
    const { total } = planMemory(model, use, { maxBufferSize: Infinity, maxBindingSize: Infinity });
    const size = `${format.count(parameterCount(model))} parameters, ${model.layers} layers of ${model.hiddenSize}`;
    const vocabulary = `vocabulary ${format.count(model.vocabSize)}`;
    return {
      ok: true,
      text: `${size}, ${vocabulary}. Training it with these rows takes ${formatBytes(total)}.`,
    };
  } catch (error) {
    return { ok: false, text: (error as Error).message };
  }
}

function NumberField(props: {
  label: string;
  value: number;
  max: number;
  onChange: (value: number) => void;
}) {
  return (
    <label class="field">
      <span>{props.label}</span>
      <input
        type="number"
        min={1}
        max={props.max}
        required
        value={props.value}
        onInput={({ currentTarget: { valueAsNumber } }) => {
          if (Number.isInteger(valueAsNumber)) props.onChange(valueAsNumber);
        }}
      />
    </label>
  );
}
