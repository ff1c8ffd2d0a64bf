/**
 * A course that is interrupted: with the real engine, it ends where it would have ended.
 */
import { expect, it } from 'vitest';
import { LocalEngine } from '../../../src/engine/local';
import { openNodeDevice } from '../../../src/engine/ort/node';
import { CompactDialect } from '../../../src/selfplay/dialects';
import { makeTinyTokenizer } from '../../../src/selfplay/dialects/vocabulary';
import { newborn } from '../../../src/warmup/birth';
import { Course } from '../../../src/warmup/course';
import type { Material } from '../../../src/warmup/material';
import { architecture, type Recipe, recipe } from '../../../src/warmup/recipe';

const material = (n: number): Material => ({
  level: 1,
  program: `def f(x):\n    return x + ${n}`,
  pairs: Array.from({ length: 8 }, (_, x) => [String(x), String(x + n)]),
  thoughts: [`\n1: x=0\n2:0+${n} =${n}`],
  fingerprint: `int ${n}`,
  next: null,
});

const small: Recipe = { ...recipe, batch: 400, steps: 12, rate: { ...recipe.rate, rise: 2 } };

it('goes on from its checkpoint to the same weights, and learns on the way', async () => {
  const tokenizer = makeTinyTokenizer();
  const dialect = new CompactDialect({ inputs: small.inputs }, { tokenizer });
  const course = new Course(
    small,
    dialect,
    Array.from({ length: 9 }, (_, n) => material(n + 1)),
  );
  const engine = new LocalEngine(await openNodeDevice(1));
  const form = {
    ...architecture(tokenizer.size, dialect.stop[0]),
    hidden_size: 32,
    head_dim: 16,
    num_attention_heads: 2,
    num_key_value_heads: 2,
    num_hidden_layers: 1,
    intermediate_size: 64,
  };
  const begin = async () => engine.createModel({ kind: 'files', files: await newborn(form, 1) });
  const bytesOf = async (model: string) => {
    const { files } = await engine.save(model, 'end');
    return new Uint8Array(await new Blob([files['model.safetensors'] as Blob]).arrayBuffer());
  };

  const whole = await begin();
  const losses: number[] = [];
  for (let step = 1; step <= small.steps; step++) losses.push((await course.teach(engine, whole, step)).loss);
  expect(losses.at(-1)).toBeLessThan(0.95 * losses[0]);

  let model = await begin();
  for (let step = 1; step <= 5; step++) await course.teach(engine, model, step);
  model = await engine.load(await engine.save(model, 'half way'), { optimizer: true });
  for (let step = 6; step <= small.steps; step++) await course.teach(engine, model, step);
  expect(await bytesOf(model)).toEqual(await bytesOf(whole));
  await engine.close();
});
