/**
 * @file Models from the Hub for the command line: `hf:ID@REVISION`, with HF_TOKEN and HF_ENDPOINT as other tools know them. What was
 * fetched once is used again; where the Hub cannot be reached, too.
 */

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { formatBytes } from '../model/bytes';
import { type HubAddress, publicHub, readAddress } from '../model/hub/address';
import { HubClient } from '../model/hub/client';
import { download, type Progress } from '../model/hub/download';
import { HubConnectionError } from '../model/hub/errors';
import { type HubModel, lookAt } from '../model/hub/look';
import { progress } from './command';
import { FolderCache, folderOf } from './hub-cache';

const mark = 'hf:';
export const isOnHub = (name: string) => name.startsWith(mark);

export async function lookAtHub(name: string): Promise<HubModel> {
  const { client, address } = ask(name);
  return lookAt(client, address);
}

/** The folder that has it in the end. `check` is asked when all but the weights is there. */
export async function fetchFromHub(name: string, check: (folder: string) => Promise<void>): Promise<string> {
  const { client, address } = ask(name);
  const model = await lookAt(client, address).catch((error) => error as Error);
  if (model instanceof Error) {
    const folder = model instanceof HubConnectionError ? await known(address) : null;
    if (folder === null) throw model;
    progress(`${model.message} Until then: ${address.id} as it was fetched before, ${folder}.`);
    return folder;
  }
  const cache = new FolderCache(folderOf(model));
  await download(client, model, cache, {
    onProgress: teller(model),
    beforeWeights: () => check(cache.folder),
  });
  await remember(model);
  return cache.folder;
}

function ask(name: string): { client: HubClient; address: HubAddress } {
  const endpoint = process.env.HF_ENDPOINT || publicHub;
  const address = readAddress(name.slice(mark.length), { endpoint });
  return { client: new HubClient(address.endpoint, { token: process.env.HF_TOKEN }), address };
}

/** A line for every tenth of it, and none for what was here already. */
function teller({ id, commit, bytes }: HubModel): (progress: Progress) => void {
  let told = 0;
  return ({ done, total, phase, file }) => {
    if (phase === 'waiting') progress(`The connection was lost in ${file}: trying again ...`);
    if (phase !== 'fetching') return;
    if (told === 0) progress(`Fetching ${id} at ${commit.slice(0, 8)}, ${formatBytes(bytes)} ...`);
    const tenth = Math.floor((10 * done) / total);
    if (tenth > told && tenth > 0) progress(`${id}: ${formatBytes(done)} of ${formatBytes(total)}`);
    told = Math.max(told, tenth, 0.1);
  };
}

// ---- What a revision was when it was fetched last -------------------------------------------------------------------------

const noteOf = (address: HubAddress) =>
  join(dirname(folderOf({ ...address, commit: 'x' })), 'refs', encodeURIComponent(address.revision));

async function remember(model: HubModel): Promise<void> {
  await mkdir(dirname(noteOf(model)), { recursive: true });
  await writeFile(noteOf(model), model.commit);
}

async function known(address: HubAddress): Promise<string | null> {
  const commit = await readFile(noteOf(address), 'utf8').catch(() => null);
  return commit === null ? null : folderOf({ ...address, commit });
}
