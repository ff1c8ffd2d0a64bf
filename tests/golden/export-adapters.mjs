/**
 * @file Has our engine train every golden adapter for some steps, and writes what it then exports for
 * check_adapters.py to open: the base model, the adapter, the whole model with the adapter merged in, and the
 * log-probabilities that our engine finds.
 *
 *     node tests/golden/export-adapters.mjs OUT_DIR
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createServer } from 'vite';

// A server, not runnerImport: the engine imports onnxruntime-node when it is opened.
const vite = await createServer({
  configFile: false,
  logLevel: 'error',
  server: { middlewareMode: true, hmr: false, ws: false, watch: null },
  optimizeDeps: { noDiscovery: true, include: [] },
});
const load = (/** @type {string} */ path) => vite.ssrLoadModule(path);
const { LocalEngine } = await load('/src/engine/local.ts');
const { openNodeDevice } = await load('/src/engine/ort/node.ts');
const { adapterNames, loadAdapter } = await load('/tests/golden/load-adapters.ts');

const out = process.argv[2];
if (!out) throw new Error('Say where to write: node tests/golden/export-adapters.mjs OUT_DIR');
const engine = new LocalEngine(await openNodeDevice());

for (const name of adapterNames) {
  const golden = await loadAdapter(name);
  const model = await engine.createModel({ kind: 'files', files: { ...golden.base, ...golden.adapter } });
  const batch = golden.tokens.map((/** @type {number[]} */ tokens, /** @type {number} */ i) => ({
    tokens: Int32Array.from(tokens),
    targets: Int32Array.from(golden.targets[i]),
    weights: Float32Array.from(golden.weights[i]),
  }));
  for (let step = 0; step < 5; step++) {
    await engine.forwardBackward(model, batch, { kind: 'cross-entropy', aggregation: 'sum' });
    await engine.optimStep(model, { learningRate: 1e-2 });
  }
  await write(`${name}/base`, golden.base);
  await write(`${name}/adapter`, (await engine.save(model, name)).files);
  await write(`${name}/merged`, (await engine.save(model, name, {}, { merged: true })).files);

  const tokens = Int32Array.from(golden.tokens[0]);
  const vocabulary = golden.logits.length / golden.tokens.flat().length;
  const every = Array.from({ length: vocabulary }, (_, word) => ({ tokens, targets: tokens.map(() => word) }));
  const logProbs = (await engine.forward(model, every)).map((/** @type {Float32Array} */ row) => [...row]);
  const text = JSON.stringify({ tokens: [...tokens], logProbs });
  await write(name, { 'ours.json': new TextEncoder().encode(text) });
}
await engine.close();
await vite.close();

/** @param {string} folder @param {Record<string, any>} files */
async function write(folder, files) {
  await mkdir(join(out, folder), { recursive: true });
  for (const [file, bytes] of Object.entries(files)) {
    await writeFile(join(out, folder, file), new Uint8Array(await new Blob([bytes]).arrayBuffer()));
  }
}
