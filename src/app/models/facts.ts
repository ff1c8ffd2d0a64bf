/**
 * @file What a model is, found out by the code that will load it: whatever is wrong with it is said here, before it is kept or started
 * from.
 */

import type { ModelSource } from '../../engine/engine';
import { readAdapter } from '../../model/adapter-files';
import { byteLength } from '../../model/bytes';
import { readCheckpoint } from '../../model/checkpoint';
import { trainerStateFile } from '../../model/folder';
import type { Pinned } from '../../model/hub/client';
import { memoryNeeds } from '../../model/needs';
import { parameterCount } from '../../model/parameters';
import { openWeights } from '../../model/shards';
import { defaultLimits } from '../../sandbox/executor';
import { readConfig } from '../../selfplay/config';
import { RunError } from '../../selfplay/errors';
import { tokenizerFiles } from '../../selfplay/model-language';
import * as format from '../format';
import { settingsFor, speechOf } from './language';

/** Plain data: it is kept beside the model. */
export interface ModelFacts {
  architecture: string;
  parameters: number;
  layers: number;
  width: number;
  heads: number;
  vocabulary: number;
  /** Tokens that it reads at once. */
  context: number;
  /** 'F16', 'F32' ... */
  numbers: string[];
  /** Of the weights alone. */
  bytes: number;
  /** Its own, or bytes where it brings none. */
  tokens: 'own' | 'bytes';
  hasOptimizer: boolean;
  /** Bytes of memory, for each thing that can be done with it. */
  memory: { what: string; bytes: number }[];
  /** Odd, and no obstacle. */
  warnings: string[];
  /** Of a model that was fetched from a hub. */
  from?: Pick<Pinned, 'endpoint' | 'id' | 'commit'>;
}

type Files = Extract<ModelSource, { kind: 'files' }>['files'];

/** Throws a sentence if it cannot be used. */
export async function factsOf(files: Files): Promise<ModelFacts> {
  const { config, warnings } = await readCheckpoint(files);
  const byName = new Map(Object.entries(files));
  await readAdapter(byName, config);
  const { tensors } = await openWeights(byName);
  await checkWords(files, config.vocabSize);
  const { source, layers, hiddenSize, heads, vocabSize, maxPositions } = config;
  const [architecture] = (source.architectures as string[] | undefined) ?? [config.family];
  const all = [...tensors.values()];
  return {
    architecture,
    parameters: parameterCount(config),
    layers,
    width: hiddenSize,
    heads,
    vocabulary: vocabSize,
    context: maxPositions,
    numbers: [...new Set(all.map(({ dtype }) => dtype))],
    bytes: all.reduce((sum, { start, end }) => sum + end - start, 0),
    tokens: tokenizerFiles.some((name) => files[name]) ? 'own' : 'bytes',
    hasOptimizer: trainerStateFile in files,
    memory: memoryNeeds(config).map(({ what, plan }) => ({ what, bytes: plan.total })),
    warnings,
  };
}

/** Its vocabulary is one that can be spoken, and all of it has a place in the model. */
export async function checkWords(files: Files, vocabSize: number): Promise<void> {
  const source: ModelSource = { kind: 'files', files };
  const config = readConfig(await settingsFor(source));
  const { stop } = await speechOf(config, { modules: [], limits: defaultLimits }, source);
  const highest = Math.max(...stop);
  if (highest < vocabSize) return;
  throw new RunError(
    `This model has no tokenizer.json, so texts would be spelt in bytes, and its vocabulary of ${vocabSize} has no room for them: add its tokenizer.json.`,
  );
}

/** '845k parameters in float16' */
export const inShort = ({ parameters, numbers }: ModelFacts) =>
  `${format.count(parameters)} parameters in ${numbersInWords(numbers)}`;

const names: Record<string, string> = { F16: 'float16', F32: 'float32', BF16: 'bfloat16', F64: 'float64' };
export const numbersInWords = (numbers: readonly string[]) =>
  numbers.map((each) => names[each] ?? each).join(' and ');

/** 'about 3.1 GB to train all of it, 1.2 GB to answer' */
export const memoryInWords = ({ memory }: Pick<ModelFacts, 'memory'>) =>
  `about ${memory.map(({ what, bytes }) => `${format.bytes(bytes)} ${what}`).join(', ')}`;

export const totalBytes = (files: Files) =>
  Object.values(files).reduce((sum, file) => sum + byteLength(file), 0);
