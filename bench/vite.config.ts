/**
 * The page that the benchmarks run in: the project's own configuration, with the repository as its root so that both the
 * engine's sources and the peers' packages can be reached, and nothing discovered or reloaded halfway.
 */
import { fileURLToPath } from 'node:url';
import { type InlineConfig, mergeConfig } from 'vite';
import projectConfig from '../vite.config.ts';

const own: InlineConfig = {
  root: fileURLToPath(new URL('..', import.meta.url)),
  configFile: false,
  logLevel: 'error',
  cacheDir: fileURLToPath(new URL('node_modules/.vite', import.meta.url)),
  server: { port: 0, host: 'localhost', hmr: false, watch: null },
  optimizeDeps: { noDiscovery: true, exclude: ['@jax-js/jax'] },
};

export const benchConfig: InlineConfig = mergeConfig(projectConfig, own);
