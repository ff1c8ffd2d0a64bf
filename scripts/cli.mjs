/**
 * `npm run -s cli -- COMMAND`: gets what is missing, then hands over to src/cli/main.ts. Vite, which is there anyway, loads
 * the TypeScript, so that the command line runs the very files the page is built from.
 */
import { join } from 'node:path';
import { ensurePackages, root, runMain } from './lib.mjs';

await runMain(async () => {
  await ensurePackages('all');
  const { createServer } = await import('vite');
  const vite = await createServer({
    root,
    configFile: false,
    logLevel: 'error',
    // Only the module loader is wanted: no port, no file watching, no pre-bundling.
    server: { middlewareMode: true, hmr: false, ws: false, watch: null },
    optimizeDeps: { noDiscovery: true, include: [] },
  });
  try {
    const { main } = await vite.ssrLoadModule(join(root, 'src/cli/main.ts'), { fixStacktrace: true });
    process.exitCode = await main(process.argv.slice(2));
  } finally {
    await vite.close();
  }
});
