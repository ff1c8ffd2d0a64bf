/** What a step teaches, with the real engine: parts of an update that are learned from apart add up to the whole. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ModelId } from '../../../src/engine/engine';
import { LocalEngine } from '../../../src/engine/local';
import { openNodeDevice } from '../../../src/engine/ort/node';
import { type Config, readConfig } from '../../../src/selfplay/config';
import { ByteTokenizer } from '../../../src/selfplay/dialects/bytes';
import { learn } from '../../../src/selfplay/learning';
import type { Episode } from '../../../src/store/records';

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
async function update(changes: Partial<Config>, near?: ModelId) {
  const model = await engine.createModel(source);
  const reference = near ?? (await engine.createModel(source, { trainable: false }));
  const config = readConfig({ 'optimizer.rate': 1e-2, 'loss.kl': 0.5, ...changes });
  const lesson = await learn({ engine, tokenizer, model, reference }, config, 1, { episodes });
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
