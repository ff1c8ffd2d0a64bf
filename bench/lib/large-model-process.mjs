/**
 * @file Runs large-model.ts, which see, and prints one line of JSON.
 *
 *     node bench/lib/large-model-process.mjs '{"adapter": true, "base": "int4", "recompute": true, "rows": 2, "length": 256}'
 */
import { loadTypeScript } from '../../scripts/typescript.mjs';

const { module, close } = await loadTypeScript('bench/lib/large-model.ts');
console.log(JSON.stringify(await module.measure(JSON.parse(process.argv[2] ?? '{}'))));
await close();
