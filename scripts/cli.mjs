/** `npm run -s cli -- COMMAND`: gets what is missing, then hands over to src/cli/main.ts. */
import { ensurePackages, runMain } from './lib.mjs';
import { loadTypeScript } from './typescript.mjs';

await runMain(async () => {
  await ensurePackages('all');
  const { module, close } = await loadTypeScript('src/cli/main.ts');
  try {
    process.exitCode = await module.main(process.argv.slice(2));
  } finally {
    await close();
  }
});
