/** A tokenizer of 150 thousand tokens, as those of Qwen have: it is read beside the page, which goes on, and says the same. */
import { expect, it, vi } from 'vitest';
import { checkLanguage, settingsFor, speechOf } from '../../../src/app/models/language';
import { defaultLimits } from '../../../src/sandbox/executor';
import { RunError } from '../../../src/selfplay/errors';
import * as here from '../../../src/selfplay/model-language';
import { presetConfig } from '../../../src/selfplay/presets';
import golden from '../../golden/hub-tokenizers/smollm2/tokenizer.json';
import tokenizerConfig from '../../golden/hub-tokenizers/smollm2/tokenizer_config.json?raw';
import configs from '../../golden/public-models/configs.json';

vi.setConfig({ testTimeout: 60_000 });

/** The small one, with more pieces: each of two that there are already. */
function largeTokenizer(size: number): string {
  const { model } = golden;
  const vocab: Record<string, number> = { ...model.vocab };
  const merges: string[][] = (model.merges as (string | string[])[]).map((merge) =>
    typeof merge === 'string' ? merge.split(' ') : merge,
  );
  const pieces = Object.keys(vocab).filter((piece) => !piece.startsWith('<'));
  let next = Math.max(...Object.values(vocab), ...golden.added_tokens.map(({ id }) => id)) + 1;
  for (let turn = 1; next < size; turn++) {
    const [left, right] = [turn, Math.floor(turn / 600)].map((at) => pieces[at % 600]);
    if (left + right in vocab) continue;
    vocab[left + right] = next++;
    merges.push([left, right]);
  }
  return JSON.stringify({ ...golden, model: { ...model, vocab, merges } });
}

const text = largeTokenizer(150_000);
/** Fresh each time, so that nobody has read it before. */
const model = () => ({
  kind: 'files' as const,
  files: {
    'config.json': new Blob([JSON.stringify({ ...configs['Qwen/Qwen3-0.6B'], eos_token_id: 2 })]),
    'tokenizer.json': new Blob([text]),
    'tokenizer_config.json': new Blob([tokenizerConfig]),
  },
});

/** Milliseconds: the longest time in which the page did nothing else. */
async function longestStall(work: () => Promise<unknown>): Promise<number> {
  let [longest, last, ends] = [0, performance.now(), false];
  const channel = new MessageChannel();
  channel.port1.onmessage = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    if (!ends) channel.port2.postMessage(null);
  };
  channel.port2.postMessage(null);
  await work();
  await new Promise((resolve) => setTimeout(resolve, 50));
  ends = true;
  return longest;
}

it('the page goes on while a large tokenizer is read', async () => {
  await settingsFor(model()); // so that the worker is there
  const config = presetConfig('chat');
  const stalls: number[] = [];
  for (const source of [model(), model(), model()])
    stalls.push(
      await longestStall(async () => {
        await settingsFor(source);
        await checkLanguage(config, source);
        await speechOf(config, { modules: [], limits: defaultLimits }, source);
      }),
    );
  const stall = Math.min(...stalls);
  const source = model();
  const onThePage = await longestStall(() => here.settingsFor(source));
  console.log(`longest stall: ${stall.toFixed(0)} ms, and ${onThePage.toFixed(0)} ms on the page's thread`);
  // Where other programs take the cores, they hold up the page too, and its own reading all the more.
  expect(stall).toBeLessThan(Math.max(100, onThePage / 2));
  expect(onThePage).toBeGreaterThan(100); // or this would show nothing
});

it('what the worker says is what the page would say', async () => {
  const config = presetConfig('chat');
  const about = { modules: [], limits: defaultLimits };
  const [there, { dialect }] = await Promise.all([
    speechOf(config, about, model()),
    here.languageOf(config, about, model()),
  ]);
  const question = { mode: 'deduction', program: 'def f(x):\n    return x + "é"', input: '"ab"' } as const;
  const prompt = dialect.solve(question);
  const tokens = dialect.tokenizer.encode(prompt);
  expect(there.stop).toEqual(dialect.stop);
  expect(await there.solve(question)).toBe(prompt);
  expect(await there.tokenizer.encode(prompt)).toEqual(tokens);
  expect(await there.tokenizer.decode(tokens)).toBe(dialect.tokenizer.decode(tokens));
  const completion = '<think>so</think><answer>"abé"</answer>';
  expect(await there.parseAnswer('deduction', completion)).toEqual(
    dialect.parseAnswer('deduction', completion),
  );
  expect(await settingsFor(model())).toEqual(await here.settingsFor(model()));
});

it('what does not belong together is refused under its own name', async () => {
  const refusal = checkLanguage(presetConfig('taste'), model());
  await expect(refusal).rejects.toThrow('set dialect=think-answer');
  await expect(refusal).rejects.toBeInstanceOf(RunError);
});
