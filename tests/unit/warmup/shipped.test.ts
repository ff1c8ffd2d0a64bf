/**
 * The base model that ships with the page: small, whole, in its own vocabulary, and able to do what the page says it can. The full
 * figures are in docs/LEARNING.md; here a few tasks of the open set are asked.
 */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from '../../../scripts/lib.mjs';
import { LocalEngine } from '../../../src/engine/local';
import { openNodeDevice } from '../../../src/engine/ort/node';
import type { EvaluationResult } from '../../../src/evals/evaluate';
import { evaluateModel } from '../../../src/evals/model';
import { readHeldOut, select } from '../../../src/evals/tasks';
import { parseModelConfig } from '../../../src/model/config';
import { parameterCount } from '../../../src/model/parameters';
import type { Executor } from '../../../src/sandbox/executor';
import { tokenizerJson } from '../../../src/selfplay/dialects';
import { makeTinyTokenizer } from '../../../src/selfplay/dialects/vocabulary';
import { baseModelFiles } from '../../../src/selfplay/model-files';
import { presetConfig } from '../../../src/selfplay/presets';
import { openNodePython } from '../../doubles/node-python';

const folder = join(root, 'public/model');
const text = (name: string) => readFile(join(folder, name), 'utf8');

describe('the base model', () => {
  it('has at most 3M parameters, and takes at most 6 MB', async () => {
    expect(parameterCount(parseModelConfig(JSON.parse(await text('config.json'))))).toBeLessThanOrEqual(3e6);
    const sizes = await Promise.all(
      baseModelFiles.map(async (name) => (await stat(join(folder, name))).size),
    );
    expect(sizes.reduce((a, b) => a + b)).toBeLessThan(6e6);
  });

  it('is a Llama like any other, in half precision, and ends with the end', async () => {
    const tokenizer = makeTinyTokenizer();
    const [end] = tokenizer.encode('⟨end⟩');
    expect(JSON.parse(await text('config.json'))).toMatchObject({
      architectures: ['LlamaForCausalLM'],
      model_type: 'llama',
      torch_dtype: 'float16',
      vocab_size: tokenizer.size,
      eos_token_id: end,
    });
    expect(JSON.parse(await text('generation_config.json'))).toEqual({ eos_token_id: end });
  });

  it('has the vocabulary that lessons are written in', async () => {
    expect(await text('tokenizer.json')).toBe(tokenizerJson(makeTinyTokenizer()));
  });
});

describe('what it can do', () => {
  let python: Executor;
  let results: EvaluationResult[];
  beforeAll(async () => {
    python = await openNodePython();
    const files = Object.fromEntries(
      await Promise.all(
        baseModelFiles.map(
          async (name) => [name, new Uint8Array(await readFile(join(folder, name)))] as const,
        ),
      ),
    );
    const set = readHeldOut(await readFile(join(root, 'public/held-out/open.jsonl'), 'utf8'));
    const tasks = select(set, { levels: [1, 2], limit: 40 });
    const engine = new LocalEngine(await openNodeDevice());
    ({ results } = await evaluateModel(
      { source: { kind: 'files', files }, config: presetConfig('taste'), tasks },
      engine,
      python,
    ));
    await engine.close();
  }, 120_000);
  afterAll(() => python.dispose());

  it.each([
    ['deduction', 1, 0.85],
    ['deduction', 2, 0.7],
    ['abduction', 1, 0.4],
    ['abduction', 2, 0.25],
  ] as const)('%s of level %i, at least %f', (mode, level, least) => {
    const result = results.find((each) => each.mode === mode && each.level === level);
    expect(result?.n).toBe(40);
    expect(result?.pass1).toBeGreaterThanOrEqual(least);
    expect(result?.format).toBeGreaterThan(0.9);
  });
});
