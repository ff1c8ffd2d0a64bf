/** Loads the TypeScript of the engine's thread, as scripts/node.mjs loads that of the server. */
import { loadTypeScript } from '../scripts/typescript.mjs';

await loadTypeScript('node/thread-main.ts');
