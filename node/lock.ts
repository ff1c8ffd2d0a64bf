/** @file One node to a folder: two would write over each other. A lock whose process is gone holds nobody back. */

import { promises as fs } from 'node:fs';

export class FolderInUseError extends Error {
  override name = 'FolderInUseError';
}

export async function lockFolder(path: string): Promise<() => Promise<void>> {
  const owner = Number(await fs.readFile(path, 'utf8').catch(() => ''));
  if (owner > 0 && owner !== process.pid && lives(owner))
    throw new FolderInUseError(
      `Another node (process ${owner}) uses this folder: stop it, or name another one with --data DIR.`,
    );
  await fs.writeFile(path, String(process.pid), { mode: 0o600 });
  return () => fs.rm(path, { force: true });
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
