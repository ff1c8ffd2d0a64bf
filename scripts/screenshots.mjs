/**
 * `npm run screenshots`: every view of the built page with a run that was really played, light and dark, on a desk and on a phone, into
 * docs/screenshots/. Look at them after a change of the page, and commit them.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright';
import { ensureBuilt } from './build.mjs';
import { chromiumArgs, ensureChromium } from './chromium.mjs';
import { root, runMain, say } from './lib.mjs';
import { serve } from './server.mjs';

const out = join(root, 'docs', 'screenshots');
const steps = 20;
const settings = `preset=taste&seed=11&steps=${steps}&evaluate.every=5&checkpoint.every=5&backend=wasm`;

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
  runs: '#/runs',
  device: '#/device',
};

await runMain(async () => {
  const server = await serve({ folder: await ensureBuilt() });
  const browser = await chromium.launch({ executablePath: await ensureChromium(), args: chromiumArgs() });
  try {
    mkdirSync(out, { recursive: true });
    const context = await browser.newContext({ viewport: sizes.desk, reducedMotion: 'reduce' });
    const page = await context.newPage();
    say(`Playing ${steps} steps ...`);
    await page.goto(`${server.url}#/settings?${settings}`);
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await page.getByText(`Step ${steps} of ${steps}`).waitFor({ timeout: 600_000 });
    const run = /run=([^&]+)/.exec(page.url())?.[1] ?? '';
    for (const scheme of schemes) {
      for (const [size, viewport] of Object.entries(sizes)) {
        await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
        await page.setViewportSize(viewport);
        for (const [view, address] of Object.entries(views)) {
          await page.goto('about:blank'); // or a new address after # would not load the page again
          await page.goto(server.url + address.replace('RUN', run));
          await page.locator('main h1').first().waitFor();
          if (view === 'playground') await solve(page);
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
  }
});

/** @param {import('playwright').Page} page */
async function solve(page) {
  await page.getByRole('button', { name: 'Solve' }).click();
  await page
    .getByRole('button', { name: 'Solve', exact: true })
    .and(page.locator(':enabled'))
    .waitFor({ timeout: 120_000 });
  await page.evaluate(() => scrollTo(0, 0));
}
