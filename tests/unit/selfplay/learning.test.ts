/** What a step teaches, with the real engine: parts of an update that are learned from apart add up to the whole. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ModelId } from '../../../src/engine/engine';
import { LocalEngine } from '../../../src/engine/local';
import { openNodeDevice } from '../../../src/engine/ort/node';
import { type Config, readConfig } from '../../../src/selfplay/config';
import { ByteTokenizer } from '../../../src/selfplay/dialects/bytes';
import { learn } from '../../../src/selfplay/learning';
import type { Episode, Lesson, StepRecord } from '../../../src/store/records';

const source = {
  kind: 'random',
  seed: 5,
  config: {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    vocab_size: 272,
    hidden_size: 16,
    intermediate_size: 32,
    num_hidden_layers: 1,
    num_attention_heads: 2,
    num_key_value_heads: 1,
    max_position_embeddings: 64,
    tie_word_embeddings: true,
  },
} as const;

const tokenizer = new ByteTokenizer([]);
let engine: LocalEngine;
beforeAll(async () => {
  engine = new LocalEngine(await openNodeDevice());
});
afterAll(() => engine.close());

const episode = (id: number, role: Episode['role'], text: string, advantage: number): Episode => {
  const tokens = tokenizer.encode(text);
  return {
    id,
    step: 1,
    mode: 'deduction',
    role,
    group: id,
    task: null,
    proposal: null,
    prompt: 'f(1)',
    completion: text,
    tokens,
    logProbs: new Float32Array(tokens.length).fill(-5.5),
    promptTokens: 4,
    stopReason: 'stop',
    policy: 0,
    format: true,
    parsed: null,
    judged: { kind: 'unread', reason: '' },
    reward: 0,
    terms: {},
    advantage,
    flags: [],
  };
};
const episodes = [
  episode(1, 'solve', 'twelve', 1),
  episode(2, 'propose', 'a program', -0.5),
  episode(3, 'solve', '3', -1),
  episode(4, 'propose', 'x', 0.75),
];

/** After one update, held near these weights; by default near those that it begins with. */
async function update(changes: Partial<Config>, near?: ModelId, taught: Partial<StepRecord> = {}) {
  const model = await engine.createModel(source);
  const reference = near ?? (await engine.createModel(source, { trainable: false }));
  const config = readConfig({ 'optimizer.rate': 1e-2, 'loss.kl': 0.5, ...changes });
  const lesson = await learn({ engine, tokenizer, model, reference }, config, 1, { episodes, ...taught });
  await engine.dispose(model);
  if (!near) await engine.dispose(reference);
  return lesson!;
}

it.each(['token-mean', 'sequence-mean', 'sum'] as const)(
  'where the first weights hold nobody back, it is the same for whom they count (%s)',
  async (aggregation) => {
    // The distance from where one stands has no slope, so that nothing but the weighting of the two parts could differ.
    const both = await update({ 'loss.aggregation': aggregation });
    const own = await update({ 'loss.aggregation': aggregation, 'loss.kl.roles': 'proposer' });
    for (const name of ['loss', 'gradNorm', 'entropy', 'approxKl', 'clipFraction'] as const) {
      expect(own[name]).toBeCloseTo(both[name]!, 4);
    }
    expect(own).toMatchObject({ updates: 1, sequences: 4, tokens: both.tokens });
  },
);

it('the solver goes free where only the proposer is held', async () => {
  const far = await engine.createModel({ ...source, seed: 6 }, { trainable: false });
  const gradNorm = async (changes: Partial<Config>) => (await update(changes, far)).gradNorm;
  const [none, own, both] = [
    await gradNorm({ 'loss.kl': 0 }),
    await gradNorm({ 'loss.kl.roles': 'proposer' }),
    await gradNorm({}),
  ];
  await engine.dispose(far);
  expect(new Set([none, own, both].map((norm) => norm.toFixed(4))).size).toBe(3);
});

describe('lessons', () => {
  const lesson = (prompt: string, completion: string): Lesson => ({
    task: 1,
    mode: 'deduction',
    kind: 'answer',
    prompt,
    completion,
  });
  const lessons = [lesson('f(1)', 'one'), lesson('f(2) is', 'seventeen'), lesson('f(1)', 'three')];
  const off: Partial<Config> = { 'loss.kl': 0 };

  it('have a loss that is the mean over their tokens, whatever they weigh', async () => {
    const light = await update({ ...off, 'hindsight.weight': 0.25 }, undefined, { lessons });
    const heavy = await update({ ...off, 'hindsight.weight': 2 }, undefined, { lessons });
    const alone = await update(off, undefined, { episodes: [], lessons });
    for (const { hindsight } of [light, heavy, alone]) {
      expect(hindsight).toMatchObject({ sequences: 3, tokens: 17 });
      // Nothing is known yet: one of 272.
      expect(hindsight!.loss).toBeCloseTo(Math.log(272), 0);
      expect(hindsight!.loss).toBeCloseTo(alone.hindsight!.loss, 4);
    }
  });

  it('weigh as much beside the policy as they are told to', async () => {
    const norm = async (weight: number, taught: Partial<StepRecord>) =>
      (await update({ ...off, 'hindsight.weight': weight }, undefined, taught)).gradNorm;
    const [once, twice] = [
      await norm(1, { episodes: [], lessons }),
      await norm(2, { episodes: [], lessons }),
    ];
    expect(twice / once).toBeCloseTo(2, 3);
    const policy = (await update(off)).gradNorm;
    expect(await norm(0.001, { lessons })).toBeCloseTo(policy, 1);
    expect(await norm(1000, { lessons })).toBeCloseTo(1000 * once, -2);
  });

  it('are learned from where nothing was played, and tell of no policy then', async () => {
    const learned = await update(off, undefined, { episodes: [], lessons });
    expect(learned).toMatchObject({ updates: 1, sequences: 0, tokens: 0, loss: null, entropy: null });
    expect(learned.gradNorm).toBeGreaterThan(0);
    expect((await update(off)).hindsight).toBeNull();
  });

  it('are divided as the updates are', async () => {
    const divided = await update({ ...off, 'loss.minibatches': 4, 'loss.epochs': 2 }, undefined, { lessons });
    expect(divided).toMatchObject({ updates: 8, hindsight: { sequences: 3, tokens: 34 } });
  });
});
