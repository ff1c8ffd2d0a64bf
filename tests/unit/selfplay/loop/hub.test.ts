/**
 * A model of Qwen3's form, with a tokenizer and a chat template of its kind, plays and learns in the real loop, with the real engine and
 * the real Python. It knows nothing, so what is held here is that its words go all the way: into prompts, out of completions, into
 * checkpoints, and on from there.
 */
import { expect, it } from 'vitest';
import type { ModelSource } from '../../../../src/engine/engine';
import { type Config, readConfig } from '../../../../src/selfplay/config';
import { Loop } from '../../../../src/selfplay/loop';
import { newestWeights } from '../../../../src/selfplay/model-files';
import { languageOf, settingsFor } from '../../../../src/selfplay/model-language';
import { newRun } from '../../../../src/selfplay/new-run';
import { MemoryStore } from '../../../../src/store/memory';
import { hubFiles, idOf, withWeights } from '../../../doubles/hub-model';
import { openReal } from '../../../doubles/real-players';

const real = openReal();

const small: Partial<Config> = {
  modes: ['deduction', 'induction'],
  batch: 2,
  steps: 2,
  references: 1,
  'induction.inputs': 2,
  'estimate.samples': 2,
  'seeding.factor': 0,
  'tokens.response': 16,
  'checkpoint.every': 1,
  'evaluate.every': 0,
  'optimizer.rate': 1e-2,
};

it('a model of Hugging Face plays, learns, and goes on from a checkpoint in its own words', async () => {
  const source: ModelSource = { kind: 'files', files: await withWeights(hubFiles('qwen3')) };
  const config = readConfig({ ...(await settingsFor(source)), ...small });
  const store = new MemoryStore();
  const about = { backend: 'node', model: 'random Qwen3', createdAt: 0, appVersion: '0' };
  await store.createRun(newRun({ id: 'run', name: 'a run', config, ...about }));
  const playersFor = async (from: ModelSource | null) => {
    const { dialect, files } = await languageOf(config, await real.executor.about(), from);
    return {
      dialect,
      players: { ...real, dialect, files, clock: { now: () => 0, date: () => 0 } },
    };
  };

  const { dialect, players } = await playersFor(source);
  const run = await store.openRun('run');
  const loop = await Loop.begin(run, source, players);
  const { episodes, metrics } = await loop.advance();
  await loop.close();

  expect(new Set(episodes.map(({ role, mode }) => `${role} ${mode}`)).size).toBe(4);
  const end = idOf('qwen3', '<|im_end|>');
  for (const { prompt, promptTokens, completion, tokens, stopReason } of episodes) {
    expect(prompt).toMatch(/^<\|im_start\|>user\nThink .*<\|im_end\|>\n<\|im_start\|>assistant\n<think>\n$/s);
    expect(dialect.tokenizer.encode(prompt)).toHaveLength(promptTokens);
    expect(completion).toBe(dialect.tokenizer.decode(tokens));
    if (stopReason === 'stop') expect([end, end - 2]).toContain(tokens.at(-1));
  }
  expect(metrics['actor/grad_norm']).toBeGreaterThan(0);

  // Nothing but the store is left of it.
  const kept = await newestWeights(await store.readRun('run'));
  const names = Object.keys(kept?.kind === 'files' ? kept.files : {});
  const given = Object.keys(source.files);
  expect(names).toEqual(expect.arrayContaining(given));
  const again = await playersFor(kept);
  const resumed = await Loop.resume(run, again.players);
  const { alerts, episodes: later } = await resumed.advance();
  await resumed.close();
  expect(alerts.filter(({ kind }) => kind === 'drift')).toEqual([]);
  expect(later[0].prompt).toMatch(/^<\|im_start\|>user\n/);
}, 120_000);
