/**
 * The trainer's worker speaks the vocabulary that a model's tokenizer.json brings: in its first sitting, in one that knows the model
 * from a checkpoint only, and not at all where the two do not belong together.
 */
import { expect, it } from 'vitest';
import { Training } from '../../../src/app/training';
import type { ModelSource } from '../../../src/engine/engine';
import { TokenizerError } from '../../../src/model/errors';
import { markers, PieceTokenizer, tokenizerJson } from '../../../src/selfplay/dialects';
import { RunError } from '../../../src/selfplay/errors';
import { UnknownRunError } from '../../../src/store/errors';
import { tinyModel, tinyTokenizer } from '../../doubles/tiny-model';
import { again, newRun, outcomeOf, stepsOf, withReader } from './runs';

const files = await tinyModel();
const tiny: ModelSource = { kind: 'files', files };
const steps = 4;
const inPieces = { steps, 'checkpoint.every': 2, 'tokens.response': 16 };

it('a run speaks it, also when it goes on from a checkpoint', async () => {
  const whole = newRun(tiny, inPieces);
  const first = await Training.open(whole, () => {});
  await first.play();
  await first.close();

  const order = newRun(tiny, inPieces);
  const begun = await Training.open(order, () => {});
  await begun.play(3);
  begun.kill();
  const resumed = await Training.open(again(order), () => {});
  await resumed.play();
  const weights = await resumed.weights();
  await resumed.close();

  expect(await outcomeOf(order)).toEqual(await outcomeOf(whole));
  const episodes = (await stepsOf(order)).flatMap((step) => step.episodes);
  expect(episodes.length).toBeGreaterThan(steps * 4);
  for (const { tokens, completion, prompt, promptTokens } of episodes) {
    expect(tinyTokenizer.decode(tokens)).toBe(completion);
    expect(tinyTokenizer.encode(prompt)).toHaveLength(promptTokens);
  }
  const { files: kept } = await withReader(order, (run) => run.checkpoint(steps));
  for (const there of [kept, weights]) {
    expect(there['tokenizer.json']).toEqual(files['tokenizer.json']);
    expect(there['tokenizer_config.json']).toEqual(files['tokenizer_config.json']);
    expect(JSON.parse(new TextDecoder().decode(there['generation_config.json']))).toEqual({
      eos_token_id: tinyTokenizer.tokens.indexOf('⟨end⟩'),
    });
  }
});

it('settings that nobody chose are such as suit it', async () => {
  const order = newRun(tiny, {});
  const { dialect: _, 'induction.inputs': __, 'tokens.prompt': ___, ...config } = order.create!.config;
  const training = await Training.open({ ...order, create: { ...order.create!, config } }, () => {});
  await training.close();
  const info = await withReader(order, (run) => run.info());
  expect(info.config).toMatchObject({ dialect: 'compact', 'induction.inputs': 8, 'tokens.prompt': 512 });
});

const unmarked = new TextEncoder().encode(
  tokenizerJson(new PieceTokenizer(Object.values(markers).slice(1), ['a'])),
);

it.each<[what: string, changes: object, config: object, error: unknown, sentence: string]>([
  ['think-answer', {}, { dialect: 'think-answer' }, RunError, 'set dialect=compact'],
  [
    'half a tokenizer',
    { 'tokenizer.json': new TextEncoder().encode('{"model": {"type": "BPE"}}') },
    {},
    TokenizerError,
    'has no vocabulary, or no merges: copy it again',
  ],
  ['a vocabulary without a marker', { 'tokenizer.json': unmarked }, {}, RunError, 'has no token ⟨ded⟩'],
])(
  '%s is refused when the run is opened, by name and with a sentence',
  async (_what, changes, config, error, sentence) => {
    const order = newRun({ kind: 'files', files: { ...files, ...changes } }, config);
    const opening = Training.open(order, () => {});
    await expect(opening).rejects.toBeInstanceOf(error);
    await expect(opening).rejects.toThrow(sentence);
    // Nothing is left that could not be played.
    await expect(Training.open(again(order), () => {})).rejects.toBeInstanceOf(UnknownRunError);
  },
);
