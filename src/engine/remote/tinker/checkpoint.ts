/**
 * @file A checkpoint that stays on a Tinker server: with us is its name, beside what makes the folder one of a model or an adapter. The
 * moments of the optimizer never leave the server.
 */

import { ADAPTER_TARGETS } from '../../../model/adapter';
import { ADAPTER_CONFIG } from '../../../model/adapter-files';
import type { Bytes } from '../../engine';
import { UnsupportedByServerError } from '../errors';
import { Body } from '../wire/body';

/** Its name says that it belongs to what was trained, and not to the model below (model/adapter-base.ts). */
const pointerFile = 'trainer_state.tinker.json';

/** Tinker's, whatever the rank. */
export const tinkerAlpha = 32;

export interface Pointer {
  url: string;
  /** tinker://... */
  path: string;
  baseModel: string;
  rank: number;
  /** Of the optimizer. */
  steps: number;
}

export function pointerFiles(pointer: Pointer, files: Record<string, Bytes>): Record<string, Bytes> {
  const { baseModel, rank } = pointer;
  const about =
    rank === 0
      ? Object.fromEntries(Object.entries(files).filter(([name]) => name.endsWith('config.json')))
      : {
          [ADAPTER_CONFIG]: json({
            peft_type: 'LORA',
            base_model_name_or_path: baseModel,
            r: rank,
            lora_alpha: tinkerAlpha,
            target_modules: ADAPTER_TARGETS,
            bias: 'none',
          }),
        };
  return { ...about, [pointerFile]: json(pointer) };
}

export async function pointerIn(files: Record<string, Bytes>): Promise<Pointer | null> {
  const file = files[pointerFile];
  if (!file) return null;
  const bytes = file instanceof Uint8Array ? file : new Uint8Array(await file.arrayBuffer());
  const body = Body.parse(bytes, pointerFile);
  return {
    url: body.text('url'),
    path: body.text('path'),
    baseModel: body.text('baseModel'),
    rank: body.whole('rank'),
    steps: body.whole('steps'),
  };
}

export const gone = ({ path, url }: Pointer, reason: string) =>
  new UnsupportedByServerError(
    `The checkpoint ${path} cannot be loaded (${reason.replace(/\.$/, '')}): it was saved on ${url}, and lives there alone.`,
  );

const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value, null, 2));
