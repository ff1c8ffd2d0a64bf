/** @file The files of a zip by their names, without the folder they may all be in. */

import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { unzipSync } from 'fflate';

export function openFolder(path: string): Record<string, Buffer> {
  const files = Object.entries(unzipSync(readFileSync(path)));
  return Object.fromEntries(files.map(([name, bytes]) => [basename(name), Buffer.from(bytes)]));
}
