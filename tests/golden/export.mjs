/**
 * @file Writes checkpoints with our own code for check_export.py to open: every golden model in every type, whole and
 * in shards, and one model that was born here.
 *
 *     node tests/golden/export.mjs OUT_DIR
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runnerImport } from 'vite';

const load = async (/** @type {string} */ path) => (await runnerImport(path)).module;
const { readCheckpoint, writeCheckpoint } = await load('./src/model/checkpoint.ts');
const { parseModelConfig, toHuggingFaceConfig } = await load('./src/model/config.ts');
const { initialParameter } = await load('./src/model/parameters.ts');

const out = process.argv[2];
if (!out) throw new Error('Say where to write: node tests/golden/export.mjs OUT_DIR');

for (const name of ['llama-tiny', 'llama3-rope', 'qwen2-tiny', 'qwen3-tiny']) {
  /** @type {Record<string, Uint8Array>} */
  const files = {};
  for (const file of ['config.json', 'model.safetensors']) {
    files[file] = await readFile(join(import.meta.dirname, name, file));
  }
  const checkpoint = await readCheckpoint(files);
  for (const dtype of ['F32', 'F16', 'BF16']) {
    await write(`${name}-${dtype}`, await writeCheckpoint(checkpoint.config, checkpoint.read, { dtype }));
  }
  const sharded = { dtype: 'F32', maxShardBytes: 20_000 };
  await write(`${name}-shards`, await writeCheckpoint(checkpoint.config, checkpoint.read, sharded));
}

const shape = {
  family: 'llama', vocabSize: 97, hiddenSize: 32, intermediateSize: 80, layers: 2, heads: 4, kvHeads: 2, headDim: 8,
  normEps: 1e-5, ropeTheta: 10_000, ropeScaling: null, tiedHead: true, qkvBias: false, qkNorm: false,
  maxPositions: 256, bosTokenId: 0, eosTokenIds: [1],
};
const born = parseModelConfig(toHuggingFaceConfig(shape));
await write('born', await writeCheckpoint(born, (/** @type {any} */ parameter) => initialParameter(parameter, 7)));

/** @param {string} folder @param {Map<string, Blob>} files */
async function write(folder, files) {
  await mkdir(join(out, folder), { recursive: true });
  for (const [file, blob] of files) await writeFile(join(out, folder, file), new Uint8Array(await blob.arrayBuffer()));
}
