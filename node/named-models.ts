/** @file The models that clients may ask for by name: a folder of Hugging Face's form, or the base model that ships with the page. */

import { promises as fs } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { Failure, root } from '../scripts/lib.mjs';
import type { HostOptions } from './host';

/** Weights, shapes, tokenizers, templates, licences; not what training left beside them. */
const belongs = (name: string) =>
  /\.(json|jinja|txt|model|safetensors|md)$/.test(name) && !leftBehind.includes(name);
const leftBehind = ['zeroloop.json', 'trainer_state.safetensors'];

export async function namedModels(model: string): Promise<HostOptions['models']> {
  const builtin = model === 'builtin';
  const folder = builtin ? join(root, 'public/model') : resolve(model);
  const names = (await fs.readdir(folder).catch(() => [] as string[])).filter(belongs);
  if (!names.includes('config.json')) {
    const advice = builtin
      ? 'npm run warmup makes it'
      : 'name the folder of a Hugging Face model, or builtin';
    throw new Failure(`${folder} has no config.json: ${advice}.`, 2);
  }
  const read = async () => {
    const files = names.map(
      async (name) => [name, new Uint8Array(await fs.readFile(join(folder, name)))] as const,
    );
    return Object.fromEntries(await Promise.all(files));
  };
  return { [builtin ? 'builtin' : basename(folder)]: read };
}
