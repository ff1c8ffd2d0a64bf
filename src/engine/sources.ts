/**
 * @file Where a model's numbers come from: a seed or files, and for its adapter a seed or files of their own.
 * Everything is checked here, before a byte of memory is taken.
 */

import { type AdapterSettings, checkAdapter, initialAdapter, isAdapters } from '../model/adapter';
import { isAdapterAlone } from '../model/adapter-base';
import { readAdapter } from '../model/adapter-files';
import { type CheckpointFiles, readCheckpoint } from '../model/checkpoint';
import { type ModelConfig, parseModelConfig } from '../model/config';
import { MissingFileError } from '../model/errors';
import type { JsonObject } from '../model/fields';
import { initialParameter, type Parameter } from '../model/parameters';
import type { AdapterOptions, CheckpointRef, ModelOptions, ModelSource } from './engine';
import { InvalidRequestError } from './errors';
import type { ResidentConfig } from './ort/resident-model';

type Files = CheckpointRef['files'];

export interface Origin {
  config: ResidentConfig;
  read(parameter: Parameter): Promise<Float32Array> | Float32Array;
  /** Files that the engine does not use and hands back: tokenizers, templates, licences. */
  extras: Files;
  /** What adapter_config.json says besides the settings. */
  adapterSource: JsonObject;
}

const OWN_FILES = /^(config|generation_config|adapter_config)\.json$|\.safetensors(\.index\.json)?$/;

/** `adapterFiles`: of an adapter that lies apart from its base model. */
export async function openSource(
  source: ModelSource,
  options: ModelOptions,
  adapterFiles: Files = source.kind === 'files' ? source.files : {},
): Promise<Origin> {
  const base = await openBase(source);
  const given = await readAdapter(new Map(Object.entries(adapterFiles)), base.config);
  const extras = { ...base.extras, ...extrasOf(adapterFiles) };
  if (given && options.adapter) {
    throw new InvalidRequestError(
      'These files hold an adapter already: leave the option out to train it on, or merge it and adapt the result.',
    );
  }
  const adapter = given ?? (options.adapter ? newAdapter(options.adapter, base.config) : null);
  const precision = options.base ?? 'float32';
  if (!adapter && precision !== 'float32' && options.trainable !== false) {
    throw new InvalidRequestError(
      `Weights held in ${precision} cannot be trained: train an adapter beside them, or ask for float32.`,
    );
  }
  const held: ResidentConfig = precision === 'float32' ? base.config : { ...base.config, base: precision };
  if (!adapter) return { ...base, config: held, extras, adapterSource: {} };
  const config: ResidentConfig = { ...held, adapter: adapter.settings };
  const read = (parameter: Parameter) => (isAdapters(parameter.name) ? adapter : base).read(parameter);
  return { config, read, extras, adapterSource: adapter.source };
}

async function openBase(source: ModelSource) {
  switch (source.kind) {
    case 'random': {
      const config = parseModelConfig(source.config);
      return { config, extras: {}, read: (parameter: Parameter) => initialParameter(parameter, source.seed) };
    }
    case 'files': {
      if (isAdapterAlone(source.files)) {
        throw new MissingFileError(
          'These files are an adapter without its model: add the files of the model that it was trained on.',
        );
      }
      const { config, read } = await readCheckpoint(source.files as CheckpointFiles);
      return { config, extras: extrasOf(source.files), read };
    }
    default:
      return source satisfies never;
  }
}

function newAdapter({ seed = 0, baseName, ...wanted }: AdapterOptions, { source }: ModelConfig) {
  const settings: AdapterSettings = { rank: wanted.rank, alpha: wanted.alpha, targets: wanted.targets };
  checkAdapter(settings);
  const base = baseName ?? source._name_or_path;
  return {
    settings,
    source: typeof base === 'string' && base ? { base_model_name_or_path: base } : {},
    read: (parameter: Parameter) => initialAdapter(parameter, seed),
  };
}

const extrasOf = (files: Files): Files =>
  Object.fromEntries(Object.entries(files).filter(([name]) => !OWN_FILES.test(name)));
