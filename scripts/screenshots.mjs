/**
 * `npm run screenshots`: every view of the built page with a run that was really played, light and dark, on a desk and on a phone, into
 * docs/screenshots/. Look at them after a change of the page, and commit them. `npm run screenshots -- hub settings` takes these alone.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright';
import { TestHub } from '../tests/doubles/hub-server.mjs';
import { ensureBuilt } from './build.mjs';
import { chromiumArgs, ensureChromium } from './chromium.mjs';
import { root, runMain, say } from './lib.mjs';
import { serve } from './server.mjs';

const out = join(root, 'docs', 'screenshots');
const steps = 20;
const settings = `preset=taste&seed=11&steps=${steps}&evaluate.every=5&checkpoint.every=5&backend=wasm`;

const hubModel = 'HuggingFaceTB/SmolLM2-360M-Instruct';

const sizes = {
  desk: { width: 1360, height: 900 },
  phone: { width: 390, height: 844 },
};
const schemes = /** @type {const} */ (['light', 'dark']);

/** What is opened of each view; RUN stands for the run's id. */
const views = {
  start: '#/train',
  train: '#/train?run=RUN',
  settings: '#/settings?preset=laptop&batch=16',
  tasks: '#/tasks?run=RUN',
  replay: `#/replay?run=RUN&step=${steps - 1}`,
  playground: '#/playground',
  models: '#/models',
  hub: '#/models',
  runs: '#/runs',
  device: '#/device',
};

const wanted = process.argv.slice(2);
const taken = Object.entries(views).filter(([view]) => wanted.length === 0 || wanted.includes(view));

await runMain(async () => {
  const hub = await new TestHub().open();
  hub.add(hubModel, filesOnHub());
  const server = await serve({ folder: await ensureBuilt() });
  const browser = await chromium.launch({ executablePath: await ensureChromium(), args: chromiumArgs() });
  try {
    mkdirSync(out, { recursive: true });
    const context = await browser.newContext({ viewport: sizes.desk, reducedMotion: 'reduce' });
    const page = await context.newPage();
    const isPlayed = taken.some(([, address]) => address.includes('RUN'));
    const run = isPlayed ? await play(page, server.url) : '';
    for (const scheme of schemes) {
      for (const [size, viewport] of Object.entries(sizes)) {
        await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
        await page.setViewportSize(viewport);
        for (const [view, address] of taken) {
          await page.goto('about:blank'); // or a new address after # would not load the page again
          await page.goto(server.url + address.replace('RUN', run));
          await page.locator('main h1').first().waitFor();
          if (view === 'playground') await solve(page);
          if (view === 'hub') await look(page, hub.url);
          await page.waitForTimeout(1500); // charts are drawn as they come into view
          const path = join(out, `${view}-${size}-${scheme}.png`);
          await page.screenshot({ path });
          say(path);
        }
      }
    }
  } finally {
    await browser.close();
    await server.close();
    await hub.close();
  }
});

/** @param {import('playwright').Page} page @param {string} url */
async function play(page, url) {
  say(`Playing ${steps} steps ...`);
  await page.goto(`${url}#/settings?${settings}`);
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await page.getByText(`Step ${steps} of ${steps}`).waitFor({ timeout: 600_000 });
  return /run=([^&]+)/.exec(page.url())?.[1] ?? '';
}

/** As SmolLM2-360M-Instruct is on the Hub, with weights that are all zero. */
function filesOnHub() {
  const golden = join(root, 'tests/golden');
  const config = JSON.parse(readFileSync(join(golden, 'public-models/configs.json'), 'utf8'))[hubModel];
  const { hidden_size: width, intermediate_size: inner, num_key_value_heads: kvHeads } = config;
  const kv = (kvHeads * width) / config.num_attention_heads;
  const layer = {
    'input_layernorm.weight': [width],
    'self_attn.q_proj.weight': [width, width],
    'self_attn.k_proj.weight': [kv, width],
    'self_attn.v_proj.weight': [kv, width],
    'self_attn.o_proj.weight': [width, width],
    'post_attention_layernorm.weight': [width],
    'mlp.gate_proj.weight': [inner, width],
    'mlp.up_proj.weight': [inner, width],
    'mlp.down_proj.weight': [width, inner],
  };
  /** @type {[string, number[]][]} */
  const tensors = [
    ['model.embed_tokens.weight', [config.vocab_size, width]],
    ['model.norm.weight', [width]],
  ];
  for (let at = 0; at < config.num_hidden_layers; at++) {
    for (const [name, shape] of Object.entries(layer)) tensors.push([`model.layers.${at}.${name}`, shape]);
  }
  /** @type {Record<string, object>} */
  const header = {};
  let end = 0;
  for (const [name, shape] of tensors) {
    const start = end;
    end += 2 * shape.reduce((a, b) => a * b, 1);
    header[name] = { dtype: 'BF16', shape, data_offsets: [start, end] };
  }
  const json = Buffer.from(JSON.stringify(header));
  const weights = new Uint8Array(8 + json.length + end);
  new DataView(weights.buffer).setBigUint64(0, BigInt(json.length), true);
  weights.set(json, 8);
  const words = [
    'tokenizer.json',
    'tokenizer_config.json',
    'special_tokens_map.json',
    'generation_config.json',
  ];
  return {
    'config.json': new Uint8Array(Buffer.from(JSON.stringify(config))),
    'model.safetensors': weights,
    ...Object.fromEntries(
      words.map((name) => [name, new Uint8Array(readFileSync(join(golden, 'hub-tokenizers/smollm2', name)))]),
    ),
  };
}

/** @param {import('playwright').Page} page @param {string} endpoint */
async function look(page, endpoint) {
  await page.getByText('Revision, token, endpoint').click();
  await page.getByLabel('Endpoint', { exact: true }).fill(endpoint);
  await page.getByLabel('Model', { exact: true }).fill(hubModel);
  await page.getByRole('button', { name: 'Look', exact: true }).click();
  const seen = page.getByRole('region', { name: `What ${hubModel} is` });
  await seen.evaluate((element) => element.scrollIntoView({ block: 'center' }));
}

/** @param {import('playwright').Page} page */
async function solve(page) {
  await page.getByRole('button', { name: 'Solve' }).click();
  await page
    .getByRole('button', { name: 'Solve', exact: true })
    .and(page.locator(':enabled'))
    .waitFor({ timeout: 120_000 });
  await page.evaluate(() => scrollTo(0, 0));
}
