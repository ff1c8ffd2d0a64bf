/** @file Makes the training artifacts of a model in the page, and offers them for download. */

import { useEffect, useState } from 'preact/hooks';
import { formatBytes } from '../model/bytes';
import { parseModelConfig } from '../model/config';
import { planMemory } from '../model/memory';
import { parameterCount } from '../model/parameters';
import { type Artifact, artifactPurposes, makeArtifacts, sampleModels } from './artifacts';
import * as format from './format';

const custom = 'custom';

type Made = { artifacts: { artifact: Artifact; url: string }[]; ms: number };

export function ArtifactsCard() {
  const [modelId, setModelId] = useState(sampleModels[1].id);
  const [ownConfig, setOwnConfig] = useState<{ name: string; config: unknown } | null>(null);
  const [rows, setRows] = useState(16);
  const [length, setLength] = useState(128);
  const [loss, setLoss] = useState<'cross-entropy' | 'policy'>('policy');
  const [made, setMade] = useState<Made | null>(null);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);

  const config =
    modelId === custom ? ownConfig?.config : sampleModels.find(({ id }) => id === modelId)?.config;
  const described = describe(config, rows, length);

  // The files belong to one choice: a changed choice takes them away, so that nobody downloads the wrong ones.
  useEffect(() => {
    setFailure(null);
    setMade(null);
  }, [config, rows, length, loss]);
  useEffect(
    () => () => {
      for (const { url } of made?.artifacts ?? []) URL.revokeObjectURL(url);
    },
    [made],
  );

  const make = async (event: SubmitEvent) => {
    event.preventDefault();
    setBusy(true);
    setFailure(null);
    const start = performance.now();
    try {
      const artifacts = await makeArtifacts({ config, rows, length, loss });
      setMade({
        artifacts: artifacts.map((artifact) => ({
          artifact,
          url: URL.createObjectURL(new Blob([artifact.bytes])),
        })),
        ms: performance.now() - start,
      });
    } catch (error) {
      setFailure(error instanceof Error ? error.message : String(error));
    }
    setBusy(false);
  };

  const readConfig = async (file: File | undefined) => {
    if (!file) return;
    try {
      setOwnConfig({ name: file.name, config: JSON.parse(await file.text()) });
      setModelId(custom);
    } catch {
      setFailure(`${file.name} is not JSON: choose the config.json of a model from Hugging Face.`);
    }
  };

  return (
    <section class="card" aria-labelledby="artifacts-title">
      <h2 id="artifacts-title">Training artifacts</h2>
      <p class="lead">
        ONNX files that train and sample a model of the Llama family with nothing but onnxruntime. They are
        written here, in your browser, from the model's config.json; the weights are inputs, so the files are
        small.
      </p>
      <form class="fields" onSubmit={make}>
        <label class="field field-wide">
          <span>Model</span>
          <select value={modelId} onChange={(event) => setModelId(event.currentTarget.value)}>
            {sampleModels.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
            {ownConfig && <option value={custom}>{ownConfig.name}</option>}
          </select>
        </label>
        <NumberField label="Rows" value={rows} max={4096} onChange={setRows} />
        <NumberField label="Length" value={length} max={32768} onChange={setLength} />
        <label class="field">
          <span>Loss</span>
          <select value={loss} onChange={(event) => setLoss(event.currentTarget.value as typeof loss)}>
            <option value="policy">Policy (PPO clip)</option>
            <option value="cross-entropy">Cross-entropy</option>
          </select>
        </label>
        <div class="actions">
          <button type="submit" class="button" disabled={busy || !described.ok}>
            {busy ? 'Making ...' : 'Make the files'}
          </button>
          <label class="button button-quiet file-button">
            Use a config.json ...
            <input
              type="file"
              accept=".json,application/json"
              onChange={(event) => readConfig(event.currentTarget.files?.[0])}
            />
          </label>
        </div>
      </form>
      <p class={described.ok ? 'note' : 'notice notice-bad'}>{described.text}</p>
      {failure && (
        <p class="notice notice-bad" role="alert">
          {failure}
        </p>
      )}
      <div aria-live="polite">
        {made && (
          <>
            <ul class="files">
              {made.artifacts.map(({ artifact, url }) => (
                <li key={artifact.file}>
                  <div>
                    <code>{artifact.file}</code>
                    <span class="note">{artifactPurposes[artifact.file]}</span>
                  </div>
                  <span class="number note">
                    {format.count(artifact.nodes)} nodes, {format.bytes(artifact.bytes.length)}
                  </span>
                  <a
                    class="button button-quiet"
                    href={url}
                    download={artifact.file}
                    aria-label={`Download ${artifact.file}`}
                  >
                    Download
                  </a>
                </li>
              ))}
            </ul>
            <p class="note">Made in {Math.round(made.ms)} ms.</p>
          </>
        )}
      </div>
    </section>
  );
}

/** What a model is, and the memory that it takes to train: told before anything is loaded. */
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
    return { ok: false, text: error instanceof Error ? error.message : String(error) };
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
        onInput={(event) => {
          const { valueAsNumber } = event.currentTarget;
          if (Number.isInteger(valueAsNumber)) props.onChange(valueAsNumber);
        }}
      />
    </label>
  );
}
