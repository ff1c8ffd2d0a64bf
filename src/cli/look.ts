/** @file `look`: what a model is, what it weighs and the memory it needs, of a folder or on the Hub, where only its headers are fetched. */

import { openAsBlob } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { formatBytes } from '../model/bytes';
import { readCheckpoint } from '../model/checkpoint';
import type { ModelConfig } from '../model/config';
import { wantedFiles } from '../model/folder';
import { memoryNeeds, usualContext } from '../model/needs';
import { parameterCount } from '../model/parameters';
import { INDEX_FILE, openWeights, shardsIn } from '../model/shards';
import { CommandError, type CommandResult, parseOptions } from './command';
import { isOnHub, lookAtHub } from './hub';
import { lines } from './table';

export const usage =
  'look          --model hf:ID[@REVISION]|DIR: what a model is and the memory it needs, before it is fetched';

interface Seen {
  config: ModelConfig;
  files: { name: string; size: number }[];
  numbers: readonly string[];
  warnings: string[];
  commit: string | null;
}

export async function run(args: string[]): Promise<CommandResult> {
  const { model } = parseOptions(args, { model: { type: 'string' } });
  if (model === undefined) throw new CommandError('Say which model: --model hf:ID, or --model DIR.', 2);
  const { config, files, numbers, warnings, commit } = isOnHub(model)
    ? await lookAtHub(model)
    : { ...(await lookInto(model)), commit: null };
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  const parameters = parameterCount(config);
  const needs = memoryNeeds(config);
  const { source, layers, hiddenSize, heads, vocabSize, maxPositions, family } = config;
  const [architecture] = (source.architectures as string[] | undefined) ?? [family];
  const text = [
    `${model}${commit === null ? '' : `, commit ${commit}`}`,
    `${architecture}, ${layers} layers of ${hiddenSize} with ${heads} heads, vocabulary ${vocabSize}, reads ${maxPositions} tokens`,
    `${(parameters / 1e6).toFixed(1)} million parameters in ${numbers.join(' and ')}`,
    '',
    ...lines([
      ...files.map(({ name, size }) => [name, formatBytes(size)]),
      ['all files', formatBytes(bytes)],
      ...needs.map(({ what, plan, least }) => [`memory ${what}`, span(least.total, plan.total)]),
    ]),
    '',
    `Memory is calculated, for rows of ${usualContext} tokens; the less of it, the longer it takes: see docs/MODELS.md.`,
    ...warnings,
  ];
  const memory = Object.fromEntries(
    needs.map(({ what, plan, least }) => [what, { usual: plan.total, least: least.total }]),
  );
  return {
    json: { model, commit, architecture, parameters, numbers, files, bytes, memory, warnings },
    text: text.join('\n'),
  };
}

/** The smaller one where layers are computed again, which takes longer. */
const span = (least: number, usual: number) =>
  least < usual ? `${formatBytes(least)} to ${formatBytes(usual)}` : formatBytes(usual);

async function lookInto(folder: string): Promise<Omit<Seen, 'commit'>> {
  const names = await readdir(folder).catch(() => {
    throw new CommandError(
      `${folder} is no folder: --model is a folder, or hf:ID for a model on the Hub.`,
      2,
    );
  });
  const open = (name: string) => openAsBlob(join(folder, name));
  const shards = names.includes(INDEX_FILE) ? shardsIn(await (await open(INDEX_FILE)).text()) : null;
  const wanted = wantedFiles(names, shards);
  const blobs = new Map(await Promise.all(wanted.map(async (name) => [name, await open(name)] as const)));
  const { config, warnings } = await readCheckpoint(blobs, { headersOnly: true });
  const { tensors } = await openWeights(blobs);
  return {
    config,
    warnings,
    files: [...blobs].map(([name, { size }]) => ({ name, size })),
    numbers: [...new Set([...tensors.values()].map(({ dtype }) => dtype))],
  };
}
