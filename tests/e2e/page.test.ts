/** The built page as a static host would serve it, under a path of its own: it trains, and loads nothing from elsewhere. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright';
import { expect, it } from 'vitest';
import { ensureBuilt } from '../../scripts/build.mjs';
import { chromiumArgs, ensureChromium } from '../../scripts/chromium.mjs';
import { serve } from '../../scripts/server.mjs';
import type {} from '../../src/app/automation';
import { baseModelFiles } from '../../src/selfplay/model-files';
import { tinyModel } from '../doubles/tiny-model';

it('trains under any path of a static host, from its own files alone', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'zeroloop-host-'));
  cpSync(await ensureBuilt(), join(folder, 'some', 'where'), { recursive: true });
  const server = await serve({ folder });
  const browser = await chromium.launch({ executablePath: await ensureChromium(), args: chromiumArgs() });
  try {
    const page = await browser.newPage();
    const address = `${server.url}some/where/`;
    const elsewhere: string[] = [];
    const errors: string[] = [];
    page.on('request', (request) => {
      if (!request.url().startsWith(address) && /^https?:/.test(request.url())) elsewhere.push(request.url());
    });
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text());
    });
    await page.goto(address);
    const { losses, result } = await page.evaluate(async () => {
      const losses: number[] = [];
      const result = await window.zeroloop.selfTest(
        { backend: 'wasm', steps: 40, seed: 1 },
        ({ loss }) => {
          if (loss !== null) losses.push(loss);
        },
        new AbortController().signal,
      );
      return { losses, result };
    });
    expect(losses).toHaveLength(40);
    expect(result.backend).toBe('wasm');
    expect(result.lastLoss).toBeLessThan(0.7 * result.firstLoss);
    expect(elsewhere).toEqual([]);
    expect(errors).toEqual([]);
  } finally {
    await browser.close();
    await server.close();
    rmSync(folder, { recursive: true });
  }
});

it('asks and trains the base model that lies beside it, and says so if there is none', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'zeroloop-base-model-'));
  cpSync(await ensureBuilt(), join(folder, 'some', 'where'), { recursive: true });
  const model = join(folder, 'some', 'where', 'model');
  rmSync(model, { recursive: true, force: true });
  const server = await serve({ folder });
  const browser = await chromium.launch({ executablePath: await ensureChromium(), args: chromiumArgs() });
  try {
    const page = await browser.newPage();
    await page.goto(`${server.url}some/where/`);
    const evaluate = () =>
      page.evaluate(async () => {
        const program = 'def f(x):\n    return x';
        const pairs: [string, string][] = [['1', '1']];
        const task = { id: 'same', mode: 'deduction', level: null, program, pairs, message: '' } as const;
        const config = { 'tokens.response': 16 };
        return window.zeroloop.evaluate({ backend: 'wasm', model: 'builtin', config, tasks: [task] });
      });
    await expect(evaluate()).rejects.toThrow(
      /RunError: The base model is missing \(there is no model\/\S+\): npm run warmup makes it\./,
    );
    mkdirSync(model);
    const files = await tinyModel();
    for (const name of baseModelFiles) writeFileSync(join(model, name), files[name]);
    expect((await evaluate()).results).toMatchObject([{ mode: 'deduction', n: 1, unasked: 0 }]);

    const trained = await page.evaluate(async () => {
      const { training } = window.zeroloop;
      const config = {
        batch: 2,
        steps: 1,
        'seeding.factor': 0.5,
        'estimate.samples': 2,
        'tokens.response': 16,
      };
      const create = { name: 'base', config, model: 'builtin', modelName: 'base', seeds: [] } as const;
      await training.open({ run: 'base', backend: 'wasm', create, heldOut: [] });
      await training.play('base');
      const { info } = await training.news('base', null);
      const taken = await training.checkpoint('base');
      await training.close('base');
      return { config: info.config, step: taken?.step, files: taken?.files };
    });
    expect(trained).toMatchObject({ step: 1, config: { dialect: 'compact', 'induction.inputs': 8 } });
    expect(trained.files).toEqual(expect.arrayContaining([...baseModelFiles]));
  } finally {
    await browser.close();
    await server.close();
    rmSync(folder, { recursive: true });
  }
});
