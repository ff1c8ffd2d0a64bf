/** `npm run soak [COUNT]`: the soak test with 20,000 programs, or as many as are asked for. */
import { join } from 'node:path';
import { root, run } from '../../scripts/lib.mjs';

const vitest = join(root, 'node_modules/vitest/vitest.mjs');
process.exitCode = await run(process.execPath, [vitest, 'run', '--project', 'browser-alone', 'soak'], {
  stdio: 'inherit',
  env: { ...process.env, VITE_SOAK: process.argv[2] ?? '20000' },
});
