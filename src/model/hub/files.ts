/** @file Files on the Hub, and what proves that one arrived as it is there. */

import { isJsonObject } from '../fields';
import { HubAnswerError } from './errors';

export interface HubFile {
  name: string;
  size: number;
  sum: Sum;
}

/** Large files have a SHA-256 (they lie in LFS or what came after it); of small ones git knows the SHA-1 of a blob. */
export type Sum = { kind: 'sha256' | 'git'; hex: string };

/** Of one page of a listing, the files at the top of the repository. */
export function readListing(json: unknown): HubFile[] {
  if (!Array.isArray(json)) throw oddListing();
  return json.flatMap((entry: unknown) => {
    if (!isJsonObject(entry)) throw oddListing();
    if (entry.type !== 'file') return [];
    const { path, size, oid, lfs } = entry;
    const large = isJsonObject(lfs) ? lfs.oid : undefined;
    const hex = large ?? oid;
    if (typeof path !== 'string' || !Number.isSafeInteger(size) || (size as number) < 0) throw oddListing();
    if (typeof hex !== 'string' || !/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(hex)) throw oddListing();
    if (path.includes('/')) return [];
    return [
      {
        name: path,
        size: size as number,
        sum: { kind: large === undefined ? 'git' : 'sha256', hex } as const,
      },
    ];
  });
}

/** As `git hash-object` does it. */
export async function gitSum(file: Blob): Promise<string> {
  const bytes = await new Blob([`blob ${file.size}\0`, file]).arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-1', bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

const oddListing = () =>
  new HubAnswerError(
    'The list of files is not as the Hub writes it: check the endpoint, or take another mirror.',
  );
