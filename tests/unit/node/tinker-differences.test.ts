/** Servers differ where the API is silent: what ours learns must not, and where it would, it is refused before anything is learned. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serveNode } from '../../../node/node';
import { serveUpstream } from '../../../node/upstream';
import type { Engine, LossSpec, ModelSource } from '../../../src/engine/engine';
import { openRemote } from '../../../src/engine/remote/open';
import { TinkerEngine } from '../../../src/engine/remote/tinker/tinker-engine';
import { collect, relativeError, sequenceDatum } from '../../contract/golden';
import { openNode, type TestNode } from '../../doubles/node';
import { type Otherness, otherServer } from '../../doubles/other-servers';
import { tinyModel } from '../../doubles/tiny-model';
import { inProofs } from '../../whole';

let node: TestNode;
let source: ModelSource;
beforeAll(async () => {
  source = { kind: 'files', files: await tinyModel() };
  node = await openNode({ models: { tiny: () => tinyModel() }, extensions: false });
});
afterAll(() => node.close());

const targets = ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'] as const;
const adapter = { rank: 4, alpha: 32, targets, seed: 3 };
const data = [sequenceDatum([2, 3, 4], [5, 6]), sequenceDatum([7, 8], [9, 10, 11, 12, 2, 3])];
const adam = { learningRate: 0.01, epsilon: 1 }; // far above the gradient, so that its size matters
const loss: LossSpec = { kind: 'cross-entropy', aggregation: 'sequence-mean' };

const open = (other: Otherness): Promise<TinkerEngine> =>
  TinkerEngine.open({
    url: node.url,
    token: node.token,
    patience: 20_000,
    wire: 'json',
    fetch: otherServer(other),
  });

async function learned(engine: Engine): Promise<Float32Array[]> {
  const model = await engine.createModel(source, { adapter });
  for (let step = 0; step < 2; step++) {
    for (const datum of data) await engine.forwardBackward(model, [datum], loss);
    await engine.optimStep(model, adam);
  }
  return engine.forward(model, data);
}

const total = (lengths: number[]) => lengths.reduce((sum, length) => sum + length, 0);

describe('a server that', () => {
  let expected: Float32Array[];
  beforeAll(async () => {
    const engine = await open({});
    expected = await learned(engine);
    await engine.close();
  });

  const rules: [string, Otherness['divide']][] = [
    ['takes the mean over sequences of sums over tokens', (lengths) => lengths.length],
    ['takes the mean over tokens', (lengths) => total(lengths)],
    ['takes the mean over sequences of means over tokens', (lengths, i) => lengths[i] * lengths.length],
    ['sums means over the tokens of each sequence', (lengths, i) => lengths[i]],
  ];
  it.each(inProofs(rules, { else: rules.slice(1, 3) }))(
    '%s learns what one that sums learns',
    async (name, divide) => {
      const engine = await open({ divide });
      const found = await learned(engine);
      found.forEach((row, i) => {
        expect(relativeError(row, expected[i])).toBeLessThan(1e-5);
      });
      expect((await engine.measure('tiny')).averaging).toBe(name);
      await engine.close();
    },
  );
});

describe('what cannot be had is refused before anything is learned:', () => {
  const refused: [string, Otherness, RegExp][] = [
    [
      'a rule that is not known',
      { divide: (lengths) => lengths.length ** 2 },
      /not known here \(its gradient is multiplied for a second sequence by 0.25/,
    ],
    ['advantages that are normalized', { normalize: true }, /half the advantages by 1\.0/],
    ['scores that are noisy', { noise: 1 }, /switch its dropout off/],
  ];
  it.each(inProofs(refused, { else: refused.slice(1) }))('%s', async (_, other, sentence) => {
    const engine = await open(other);
    await expect(engine.createModel(source, { adapter })).rejects.toThrow(sentence);
    await engine.close();
  });

  it('clipping, an entropy bonus, other adapters, models from a seed, weights from elsewhere, whole models', async () => {
    const engine = await open({ clips: false });
    expect(await engine.capabilities()).toMatchObject({ gradientClipping: false, entropyBonus: false });
    const model = await engine.createModel(source, { adapter });
    const datum = { ...data[0], advantages: new Float32Array(4), logProbs: new Float32Array(4) };
    const policy = {
      kind: 'policy',
      aggregation: 'sum',
      clipLow: 0.2,
      clipHigh: 0.2,
      entropy: 0.01,
    } as const;
    await engine.forwardBackward(model, data, loss);
    const config = JSON.parse(new TextDecoder().decode((await tinyModel())['config.json']));
    const calls: [Promise<unknown>, RegExp][] = [
      [engine.optimStep(model, { ...adam, maxGradNorm: 1 }), /set optimizer\.clip to 0/],
      [engine.forwardBackward(model, [datum], policy), /set loss\.entropy to 0/],
      [engine.createModel(source, { adapter: { ...adapter, alpha: 8 } }), /set adapter\.alpha to 32/],
      [
        engine.createModel(source, { adapter: { ...adapter, targets: ['q_proj'] } }),
        /set adapter\.targets to q_proj, k_proj/,
      ],
      [engine.createModel({ kind: 'random', config, seed: 1 }), /makes none from a seed/],
      [
        engine.load({ name: 'mine', files: await tinyModel() }, { optimizer: true }),
        /takes none from outside/,
      ],
      [engine.save(model, 'whole', {}, { merged: true }), /save the adapter alone/],
    ];
    for (const [call, sentence] of calls)
      await expect(call).rejects.toMatchObject({
        name: 'UnsupportedByServerError',
        message: expect.stringMatching(sentence),
      });
    expect((await engine.optimStep(model, adam)).applied).toBe(true); // what waits is not lost
    await engine.close();
  });
});

it('samples are scored again where the server judges them at their temperature', async () => {
  const engine = await open({ sampled: 2 });
  const model = await engine.createModel(source, { adapter });
  const asked = { model, prompts: [Int32Array.of(2, 3)], samples: 2, maxTokens: 4, seed: 1, stop: [] };
  const rollouts = await collect(engine.sample(asked));
  const scored = await engine.forward(
    model,
    rollouts.map(({ tokens }) => sequenceDatum([2, 3], [...tokens])),
  );
  for (const [i, { logProbs }] of rollouts.entries()) expect([...logProbs]).toEqual([...scored[i].slice(1)]);
  await engine.close();
});

it('a server that reads no protocol buffers is spoken to in JSON', async () => {
  const fetch = otherServer({ protobuf: false });
  const engine = await TinkerEngine.open({ url: node.url, token: node.token, patience: 20_000, fetch });
  expect((await learned(engine))[0].every(Number.isFinite)).toBe(true);
  await engine.close();
});

it('a checkpoint says where it lives when it is not found there', async () => {
  const engine = await open({});
  const model = await engine.createModel(source, { adapter });
  const { name, files } = await engine.save(model, 'here');
  const pointer = JSON.parse(new TextDecoder().decode(files['trainer_state.tinker.json'] as Uint8Array));
  expect(pointer).toMatchObject({
    path: expect.stringMatching(/^tinker:\/\/.*\/weights\//),
    baseModel: 'tiny',
  });
  const lost = { ...pointer, path: `${pointer.path}x`, url: 'https://elsewhere' };
  const strange = { ...files, 'trainer_state.tinker.json': new TextEncoder().encode(JSON.stringify(lost)) };
  const options = { optimizer: true, baseModel: source };
  await expect(engine.load({ name, files: strange }, options)).rejects.toThrow(
    /was saved on https:\/\/elsewhere/,
  );
  await engine.close();
});

it('a node in front of it lets through all that is needed, for its own token', async () => {
  const gate = await serveNode({}, serveUpstream({ url: node.url, key: node.token }));
  const engine = await openRemote({ url: gate.url, token: gate.token, patience: 20_000 });
  const model = await engine.createModel(source, { adapter });
  await engine.forwardBackward(model, data, loss);
  await engine.optimStep(model, adam);
  const again = await engine.load(await engine.save(model, 'here'), { optimizer: true, baseModel: source });
  const asked = { model: again, prompts: [Int32Array.of(2, 3)], samples: 2, maxTokens: 4, seed: 1 };
  expect(await collect(engine.sample(asked))).toHaveLength(2);
  await engine.close();
  await gate.close();
});

it('all weights are asked for, and whoever is refused is told of adapters', async () => {
  const fetchOther: typeof fetch = async (url, init) => {
    const body = init?.body && new TextDecoder().decode(init.body as Uint8Array);
    return String(url).endsWith('/create_model') && JSON.parse(body || '{}').lora_config.rank === 0
      ? Response.json({ detail: 'LoRA rank must be positive' }, { status: 400 })
      : fetch(url, init);
  };
  for (const [other, sentence] of [
    [fetch, null],
    [fetchOther, /LoRA rank must be positive\): set model\.train to adapter/],
  ] as const) {
    const engine = await TinkerEngine.open({
      url: node.url,
      token: node.token,
      patience: 20_000,
      fetch: other,
    });
    const made = engine.createModel(source);
    if (sentence) await expect(made).rejects.toThrow(sentence);
    else await engine.forwardBackward(await made, data, loss);
    await engine.close();
  }
});
