/**
 * @file Models and their files, on the way into a run and out of it: does a model fit the settings, which files of a checkpoint are the
 * weights, and which belong to the run alone.
 */

import type { Bytes, ModelOptions, ModelSource } from '../engine/engine';
import { besideBase, hasAdapter, isAdapterAlone } from '../model/adapter-base';
import { parseModelConfig } from '../model/config';
import type { Checkpoint } from '../store/records';
import type { RunReader } from '../store/store';
import type { Config } from './config';
import { RunError } from './errors';
import { ownTermsFile } from './own-terms';
import type { Players } from './players';

/** The base model that ships with Zeroloop, all of it: a folder of Hugging Face's form. */
export const baseModelFiles = [
  'config.json',
  'model.safetensors',
  'tokenizer.json',
  'tokenizer_config.json',
  'generation_config.json',
] as const;

/** The first weights travel in checkpoints under this folder, where the KL term needs them. */
const referenceFolder = 'reference/';

export async function configOf(source: ModelSource): Promise<unknown> {
  if (source.kind === 'random') return source.config;
  const file = source.files['config.json'];
  if (!file) return null; // the engine will say so
  return JSON.parse(new TextDecoder().decode(await bytesOf(file)));
}

/** Why prompts and completions do not fit into what a model and an engine read at once; null if they do. */
export function tooLong(config: Config, maxPositions: number, maxContext: number): string | null {
  const { 'tokens.prompt': prompt, 'tokens.response': response } = config;
  const room = Math.min(maxPositions, maxContext);
  if (prompt + response <= room) return null;
  const who = maxPositions <= maxContext ? 'this model' : 'this engine';
  return `tokens.prompt (${prompt}) and tokens.response (${response}) make ${prompt + response} tokens, and ${who} reads at most ${room} at once: lower them.`;
}

/** Prompts and completions must fit into what the model reads at once, and the dialect into its vocabulary. */
export async function checkRoom(config: Config, model: unknown, { engine, dialect }: Players): Promise<void> {
  if (model === null) return;
  const { maxPositions, vocabSize } = parseModelConfig(model);
  const { maxContext } = await engine.capabilities();
  const reason = tooLong(config, maxPositions, maxContext);
  if (reason) throw new RunError(reason);
  const highest = Math.max(...dialect.stop);
  if (highest >= vocabSize) {
    throw new RunError(
      `The vocabulary of this model has ${vocabSize} tokens, and the dialect ${dialect.name} ends completions with token ${highest}: choose a model or a tokenizer that belong together.`,
    );
  }
}

/** What the run goes on from; null before its first checkpoint. */
export async function newestWeights(run: RunReader): Promise<ModelSource | null> {
  const steps = (await run.checkpoints()).map(({ step }) => step);
  if (steps.length === 0) return null;
  return { kind: 'files', files: (await wholeCheckpoint(run, Math.max(...steps))).files };
}

/** With the model below it, where it holds an adapter alone. */
export async function wholeCheckpoint(run: RunReader, step: number): Promise<Checkpoint> {
  const checkpoint = await run.checkpoint(step);
  return { ...checkpoint, files: await wholeFiles(run, checkpoint.files) };
}

/** The first checkpoint has the model below an adapter for all that follow, and always stays. */
export async function wholeFiles(
  run: RunReader,
  files: Record<string, Uint8Array>,
): Promise<Record<string, Uint8Array>> {
  if (!isAdapterAlone(files)) return files;
  const first = Math.min(...(await run.checkpoints()).map(({ step }) => step));
  const { files: earlier } = await run.checkpoint(first);
  if (isAdapterAlone(earlier)) {
    throw new RunError(
      'This run keeps an adapter, and the checkpoint with the model below it is gone: import the run with its first checkpoint.',
    );
  }
  return besideBase(files, earlier);
}

export const bringsAdapter = (source: ModelSource): boolean =>
  source.kind === 'files' && hasAdapter(source.files);

/** How the settings want a model to be kept and trained. */
export function builtBy(config: Config): Pick<ModelOptions, 'adapter' | 'base'> {
  const base = config['model.base'];
  switch (config['model.train']) {
    case 'all':
      return { base };
    case 'adapter': {
      const { 'adapter.rank': rank, 'adapter.alpha': alpha, 'adapter.targets': targets, seed } = config;
      return { adapter: { rank, alpha, targets, seed }, base };
    }
    default:
      return config['model.train'] satisfies never;
  }
}

/** An adapter that a model brings is trained on. */
export const trainingOf = (config: Config, source: ModelSource): ModelOptions =>
  bringsAdapter(source) ? { base: config['model.base'] } : builtBy(config);

/** A checkpoint of another run is a model like any other here: that run's own files stay behind. */
export function withoutRun(source: ModelSource): ModelSource {
  if (source.kind !== 'files') return source;
  const own = (name: string) => name === ownTermsFile || name.startsWith(referenceFolder);
  return {
    ...source,
    files: Object.fromEntries(Object.entries(source.files).filter(([name]) => !own(name))),
  };
}

async function bytesOf(file: Bytes): Promise<Uint8Array> {
  return file instanceof Uint8Array ? file : new Uint8Array(await file.arrayBuffer());
}

export async function inMemory(files: Record<string, Bytes>): Promise<Record<string, Uint8Array>> {
  const entries = Object.entries(files).map(async ([name, file]) => [name, await bytesOf(file)] as const);
  return Object.fromEntries(await Promise.all(entries));
}

/** The trained weights, and the first ones if they are there too. */
export function apart(files: Record<string, Uint8Array>): {
  weights: Record<string, Uint8Array>;
  first: Record<string, Uint8Array> | null;
} {
  const entries = Object.entries(files);
  const first = entries.filter(([name]) => name.startsWith(referenceFolder));
  return {
    weights: Object.fromEntries(entries.filter(([name]) => !name.startsWith(referenceFolder))),
    first:
      first.length > 0
        ? Object.fromEntries(first.map(([name, bytes]) => [name.slice(referenceFolder.length), bytes]))
        : null,
  };
}

/** As `apart` takes them apart again. */
export function together(
  weights: Record<string, Uint8Array>,
  first: Record<string, Uint8Array> | null,
): Record<string, Uint8Array> {
  const renamed = Object.entries(first ?? {}).map(
    ([name, bytes]) => [referenceFolder + name, bytes] as const,
  );
  return { ...weights, ...Object.fromEntries(renamed) };
}
