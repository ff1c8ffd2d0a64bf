/** @file What a warm-up reads and leaves on disk besides its materials: the programs it must not teach, its last checkpoint, the model. */

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from '../../scripts/lib.mjs';
import type { Bytes } from '../engine/engine';
import { halved } from '../model/halve';
import { type PieceTokenizer, tokenizerConfigJson, tokenizerJson } from '../selfplay/dialects';
import { markers } from '../selfplay/dialects/compact';
import { inMemory } from '../selfplay/model-files';
import type { Reserved } from '../warmup/material';
import { isThere, readFolder, replaceFolder } from './checkpoint-folder';

const heldOut = join(root, 'public/held-out');

/** Texts and fingerprints of all programs of the held-out sets. */
export async function reservedPrograms(): Promise<Reserved> {
  const reserved = new Set<string>();
  for (const name of await readdir(heldOut)) {
    if (!name.endsWith('.jsonl')) continue;
    for (const line of (await readFile(join(heldOut, name), 'utf8')).split('\n')) {
      if (!line) continue;
      const { program, fingerprint } = JSON.parse(line) as { program: string; fingerprint: string };
      reserved.add(program).add(fingerprint);
    }
  }
  return reserved;
}

// ---- Checkpoints -------------------------------------------------------------------------------------------------------

const stepFile = 'warmup.json';
const encode = (text: string) => new TextEncoder().encode(text);

export async function saveCourse(folder: string, files: Record<string, Bytes>, step: number): Promise<void> {
  await replaceFolder(folder, { ...(await inMemory(files)), [stepFile]: encode(JSON.stringify({ step })) });
}

/** The files of the last checkpoint and its step; null at the beginning. */
export async function readCourse(
  folder: string,
): Promise<{ files: Record<string, Uint8Array>; step: number } | null> {
  if (!(await isThere(join(folder, stepFile)))) return null;
  const { [stepFile]: text, ...files } = await readFolder(folder);
  return { files, step: JSON.parse(new TextDecoder().decode(text)).step };
}

// ---- The model ---------------------------------------------------------------------------------------------------------

/** As it is shipped: in half precision, and with its vocabulary. */
export async function ship(
  folder: string,
  files: Record<string, Bytes>,
  tokenizer: PieceTokenizer,
): Promise<void> {
  const generation = { eos_token_id: tokenizer.encode(markers.end)[0] };
  await replaceFolder(folder, {
    ...(await halved(files)),
    'generation_config.json': encode(`${JSON.stringify(generation, null, 2)}\n`),
    'tokenizer.json': encode(tokenizerJson(tokenizer)),
    'tokenizer_config.json': encode(tokenizerConfigJson(markers.end)),
  });
}
