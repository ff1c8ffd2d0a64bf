/**
 * Hindsight teaches: a tiny model that is told the true traces of tasks from its own buffers finds them for inputs that it has not
 * seen. By rewards alone it does not get there, since it never once says what could be rewarded.
 */
import { expect, it } from 'vitest';
import { type Config, readConfig } from '../../../../src/selfplay/config';
import { createDialect } from '../../../../src/selfplay/dialects';
import { makeTinyTokenizer } from '../../../../src/selfplay/dialects/vocabulary';
import { Loop } from '../../../../src/selfplay/loop';
import { newRun } from '../../../../src/selfplay/new-run';
import { questionOf } from '../../../../src/selfplay/questions';
import type { Seed } from '../../../../src/selfplay/seeds';
import { Truths, truthOf } from '../../../../src/selfplay/truths';
import { MemoryStore } from '../../../../src/store/memory';
import { openReal } from '../../../doubles/real-players';

const settings: Partial<Config> = {
  dialect: 'compact',
  modes: ['deduction'],
  proposer: 'off',
  batch: 4,
  'estimate.samples': 2,
  steps: 50,
  'buffers.retire': 0,
  'gate.novelty': 'none',
  'tokens.prompt': 16,
  'tokens.content': 16,
  'tokens.response': 24,
  'optimizer.rate': 3e-3,
  'evaluate.every': 0,
};
const program = 'def f(x):\n    return x[::-1]';
const letters = [...'dekmpsabc123'];
/** Each letter behind each other one; a twelfth is never shown. */
const pairs = letters.flatMap((a, i) => letters.map((b, k) => ({ a, b, held: (11 * i + k) % 12 === 2 })));
const seeds: Seed[] = pairs
  .filter(({ held }) => !held)
  .map(({ a, b }) => ({ kind: 'program', program, input: `'${a}${b}'`, output: `'${b}${a}'` }));
const heldOut = pairs
  .filter(({ held }) => held)
  .map(({ a, b }) => ({
    mode: 'deduction' as const,
    program,
    pairs: [[`'${a}${b}'`, `'${b}${a}'`]] as [[string, string]],
    message: '',
  }));

const real = openReal();

const source = {
  kind: 'random',
  seed: 1,
  config: {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    vocab_size: 208,
    hidden_size: 64,
    intermediate_size: 128,
    num_hidden_layers: 2,
    num_attention_heads: 2,
    num_key_value_heads: 2,
    max_position_embeddings: 64,
    tie_word_embeddings: true,
  },
} as const;

/** Share of the held-out inputs about which it writes the true trace and answer, greedily. */
async function exactAfter(changes: Partial<Config>): Promise<number> {
  const config = readConfig({ ...settings, ...changes });
  const tokenizer = makeTinyTokenizer();
  const dialect = createDialect('compact', { inputs: config['induction.inputs'] }, { tokenizer, stop: [] });
  const store = new MemoryStore();
  const names = { id: 'run', name: 'a run', createdAt: 0, appVersion: '0', backend: 'node', model: 'new' };
  await store.createRun(newRun({ ...names, config }));
  const clock = { now: () => performance.now(), date: () => Date.now() };
  const players = { ...real, dialect, clock };
  const loop = await Loop.begin(await store.openRun('run'), source, players, { seeds });
  while (!loop.finished) await loop.advance();
  const truths = new Truths(real.executor);
  const prompts = heldOut.map((task) => tokenizer.encode(dialect.solve(questionOf(task))));
  const request = { prompts, samples: 1, maxTokens: 24, temperature: 0, seed: 1, stop: dialect.stop };
  let exact = 0;
  for await (const { prompt, tokens } of real.engine.sample({ ...request, model: loop.policy })) {
    const task = heldOut[prompt];
    const answer = task.pairs[0][1];
    const thought = (await truthOf(truths, task, answer))!;
    if (tokenizer.decode(tokens) === dialect.writeAnswer('deduction', { answer, thought })) exact++;
  }
  await loop.close();
  return exact / heldOut.length;
}

/** Eighty tasks a step, in five updates; attempts only tell how hard they are. */
const taught: Partial<Config> = { 'hindsight.tasks': 80, 'hindsight.policy': false, 'loss.minibatches': 5 };

it('the true trace of tasks like its own is learned with hindsight, and not by rewards alone', async () => {
  expect(await exactAfter(taught)).toBeGreaterThan(0.7);
  expect(await exactAfter({ 'reward.trace': 'share' })).toBe(0);
}, 180_000);
