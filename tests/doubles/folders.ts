/** @file The files of a folder of Hugging Face's form, as a model's source has them. */

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export async function readFolder(folder: string): Promise<Record<string, Uint8Array>> {
  const names = (await readdir(folder)).filter((name) => /\.(json|safetensors)$/.test(name));
  const files = names.map(
    async (name) => [name, new Uint8Array(await readFile(join(folder, name)))] as const,
  );
  return Object.fromEntries(await Promise.all(files));
}
