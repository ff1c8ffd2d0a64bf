/** `npm run node-kills`: runs node-kills.ts, which says what it is. */
import { runMain } from '../../scripts/lib.mjs';
import { loadTypeScript } from '../../scripts/typescript.mjs';

await runMain(async () => {
  const { module, close } = await loadTypeScript('tests/programs/node-kills.ts');
  try {
    await module.main(...process.argv.slice(2).map(Number));
  } finally {
    await close();
  }
});
