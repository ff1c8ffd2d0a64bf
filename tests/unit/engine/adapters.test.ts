import { expect, it } from 'vitest';
import { LocalEngine } from '../../../src/engine/local';
import { openNodeDevice } from '../../../src/engine/ort/node';
import { ADAPTER_TARGETS } from '../../../src/model/adapter';
import { adaptsAsPeftDoes, keepsAdaptersPromises, roundsItsBase } from '../../contract/adapters';
import { tinyConfig } from '../../contract/behaviour';
import { collect, sequenceDatum } from '../../contract/golden';

const open = async () => new LocalEngine(await openNodeDevice());
adaptsAsPeftDoes(open);
keepsAdaptersPromises(open);
roundsItsBase(open);

/**
 * A rank of more columns than one thread takes, over sums of more than one part: threads could share the
 * columns or the rows.
 */
it('an adapter of any rank gives a prompt the same completions alone as in company', async () => {
  const engine = new LocalEngine(await openNodeDevice(2));
  const config = {
    ...tinyConfig,
    vocab_size: 512,
    intermediate_size: 768,
    hidden_size: 640,
    num_hidden_layers: 1,
    num_attention_heads: 10,
    num_key_value_heads: 5,
  };
  const adapter = { rank: 24, alpha: 64, targets: ADAPTER_TARGETS };
  const model = await engine.createModel({ kind: 'random', config, seed: 1 }, { adapter });
  for (let step = 0; step < 3; step++) {
    const loss = { kind: 'cross-entropy', aggregation: 'token-mean' } as const;
    await engine.forwardBackward(model, [sequenceDatum([2, 3, 4], [5, 6, 7, 1])], loss);
    await engine.optimStep(model, { learningRate: 3e-2 });
  }
  const ask = async (samples: number) => {
    const prompts = [Int32Array.of(2, 3, 4)];
    const rollouts = await collect(
      engine.sample({ model, prompts, samples, maxTokens: 16, stop: [], seed: 1 }),
    );
    return rollouts.filter(({ sample }) => sample < 2);
  };
  expect(await ask(48)).toEqual(await ask(2));
  await engine.close();
});
