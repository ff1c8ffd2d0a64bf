/**
 * Runs TypeScript in Node by way of Vite, which is there anyway: a program in a terminal runs the very files the page is built from.
 */
import { join } from 'node:path';
import { root } from './lib.mjs';

/** A module by its path from the project's root, and what ends the loader. @param {string} path */
export async function loadTypeScript(path) {
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
    const module = await vite.ssrLoadModule(join(root, path), { fixStacktrace: true });
    return { module, close: () => vite.close() };
  } catch (error) {
    await vite.close();
    throw error;
  }
}
