/** `npm run node -- --model DIR|builtin`: gets what is missing, builds the page that the node serves, then hands over to node/main.ts. */
import { dist, ensureBuilt } from './build.mjs';
import { ensurePackages, runMain } from './lib.mjs';
import { loadTypeScript } from './typescript.mjs';

await runMain(async () => {
  await ensurePackages('all');
  const { module } = await loadTypeScript('node/main.ts');
  const options = module.readOptions(process.argv.slice(2));
  if (options.page) await ensureBuilt();
  await module.main(options, options.page ? dist : null);
});
