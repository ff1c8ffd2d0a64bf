/** @file The base model that ships with the page: a folder of files beside it, which are fetched when somebody wants the model. */

import type { ModelSource } from '../engine/engine';
import { RunError } from '../selfplay/errors';
import { baseModelFiles } from '../selfplay/model-files';

/** From `model/`, wherever the page is. */
export async function fetchBaseModel(): Promise<ModelSource> {
  const files = baseModelFiles.map(async (name) => [name, await fetchFile(`model/${name}`)] as const);
  return { kind: 'files', files: Object.fromEntries(await Promise.all(files)) };
}

async function fetchFile(path: string): Promise<Blob> {
  const response = await fetch(new URL(path, document.baseURI)).catch((error: Error) => {
    throw new RunError(`The base model could not be fetched (${path}: ${error.message}): try again.`);
  });
  // Some servers answer with the page where there is no file.
  const isPage = response.headers.get('Content-Type')?.startsWith('text/html');
  if (response.ok && !isPage) return response.blob();
  throw new RunError(`The base model is missing (there is no ${path}): npm run warmup makes it.`);
}
