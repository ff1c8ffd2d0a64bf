/** @file Gets the peers when a benchmark needs them: they live in bench/ alone, pinned by a lock file of their own. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure, root, run, say } from '../../scripts/lib.mjs';

const folder = join(root, 'bench');

export async function ensurePeers(): Promise<void> {
  const { dependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  const lacking = Object.entries(dependencies).filter(([name, version]) => {
    const manifest = join(folder, 'node_modules', name, 'package.json');
    return !existsSync(manifest) || JSON.parse(readFileSync(manifest, 'utf8')).version !== version;
  });
  if (lacking.length === 0) return;
  say('Installing the peers into bench/ ...');
  const code = await run('npm', ['ci', '--ignore-scripts', '--no-fund', '--no-audit'], {
    cwd: folder,
    shell: process.platform === 'win32',
  });
  if (code !== 0)
    throw new Failure('The peers could not be installed: check the network or the npm registry setting.');
}
