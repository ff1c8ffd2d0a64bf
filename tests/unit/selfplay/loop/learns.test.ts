/**
 * The loop teaches: a model that has seen right and wrong answers to the same questions in equal parts is rewarded for the right ones,
 * and gives up the wrong ones.
 */
import { expect, it } from 'vitest';
import type { CheckpointRef } from '../../../../src/engine/engine';
import { type Config, readConfig } from '../../../../src/selfplay/config';
import { Loop } from '../../../../src/selfplay/loop';
import { newRun } from '../../../../src/selfplay/new-run';
import { questionOf } from '../../../../src/selfplay/questions';
import type { Seed } from '../../../../src/selfplay/seeds';
import { dialectOf } from '../../../../src/selfplay/speaking';
import { MemoryStore } from '../../../../src/store/memory';
import { openReal } from '../../../doubles/real-players';

const settings: Partial<Config> = {
  dialect: 'compact',
  modes: ['deduction'],
  proposer: 'off',
  batch: 32,
  steps: 30,
  'estimate.samples': 4,
  'buffers.retire': 0,
  'gate.novelty': 'none',
  'tokens.prompt': 64,
  'tokens.content': 64,
  'tokens.response': 8,
  'optimizer.rate': 1e-3,
  'evaluate.every': 0,
};

const seeds: Seed[] = Array.from({ length: 8 }, (_, k) => ({
  kind: 'program',
  program: `def f(a):\n    return a + ${k}`,
  input: '1',
  output: `${k + 1}`,
}));

const real = openReal();

/** One who knows the form and two answers to each question. */
async function undecided(): Promise<CheckpointRef> {
  const model = await real.engine.createModel({ kind: 'random', config, seed: 1 });
  const dialect = dialectOf(readConfig(settings), await real.executor.about());
  const batch = seeds.flatMap((seed, k) =>
    [k + 1, k + 2].map((answer) => {
      const program = seed.program;
      const question = questionOf({ mode: 'deduction', program, pairs: [['1', '']], message: '' });
      const prompt = dialect.tokenizer.encode(dialect.solve(question));
      const completion = dialect.tokenizer.encode(
        dialect.writeAnswer('deduction', { answer: String(answer), thought: '' }),
      );
      const tokens = Int32Array.from([...prompt, ...completion]);
      const weights = Float32Array.from({ length: tokens.length - 1 }, (_, at) => +(at >= prompt.length - 1));
      return { tokens: tokens.slice(0, -1), targets: tokens.slice(1), weights };
    }),
  );
  for (let step = 0; step < 300; step++) {
    await real.engine.forwardBackward(model, batch, { kind: 'cross-entropy', aggregation: 'token-mean' });
    await real.engine.optimStep(model, { learningRate: 3e-3 });
  }
  const saved = await real.engine.save(model, 'undecided');
  await real.engine.dispose(model);
  return saved;
}

const config = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  vocab_size: 272,
  hidden_size: 32,
  intermediate_size: 64,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  max_position_embeddings: 96,
  tie_word_embeddings: true,
};

/** Share of right answers in each step. */
async function train(from: CheckpointRef, changes: Partial<Config>): Promise<number[]> {
  const complete = readConfig({ ...settings, ...changes });
  const store = new MemoryStore();
  const about = await real.executor.about();
  await store.createRun(
    newRun({
      id: 'run',
      name: 'a run',
      createdAt: 0,
      appVersion: '0',
      config: complete,
      backend: 'node',
      model: 'undecided',
    }),
  );
  const clock = { now: () => performance.now(), date: () => Date.now() };
  const loop = await Loop.begin(
    await store.openRun('run'),
    { kind: 'files', files: from.files },
    { ...real, dialect: dialectOf(complete, about), clock },
    { seeds },
  );
  const right: number[] = [];
  while (!loop.finished) right.push((await loop.advance()).metrics['pred_code_o/accuracy']);
  await loop.close();
  return right;
}

const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

it('right answers to questions with two known answers become the rule, and do not without learning', async () => {
  const from = await undecided();
  const taught = await train(from, {});
  expect(taught[0]).toBeLessThan(0.65);
  expect(mean(taught.slice(-10))).toBeGreaterThan(0.8);

  const untaught = await train(from, { 'optimizer.rate': 0 });
  expect(untaught[0]).toBe(taught[0]);
  expect(mean(untaught.slice(-10))).toBeLessThan(0.65);
});
