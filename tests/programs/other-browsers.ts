/**
 * @file `npm run other-browsers`: the built page in whatever other browsers this machine has, Firefox and WebKitGTK. In each a small run
 * plays to its end and every view opens, without an error in the console; Python's sandbox stands up to the attacks; and the last
 * games of that run are the same in all of them. Chromium is what `npm test` uses.
 */

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createServer } from 'vite';
import { dist, ensureBuilt } from '../../scripts/build.mjs';
import { Failure, root, say } from '../../scripts/lib.mjs';
import { serve } from '../../scripts/server.mjs';
import { canaryServer } from '../browser/sandbox/canary-server.mjs';
import { settingsAddress } from '../e2e/page/tiny-run';
import type { Browser } from './browsers/browser';
import { openFirefox } from './browsers/firefox';
import type { Siege } from './browsers/walls';
import { openWebKit } from './browsers/webkit';

const views = ['replay', 'tasks', 'playground', 'models', 'runs', 'compare', 'device', 'settings', ''];

export async function main(pictures?: string): Promise<void> {
  await ensureBuilt();
  if (pictures) await mkdir(pictures, { recursive: true });
  const games = new Map<string, string>();
  for (const open of [openFirefox, openWebKit]) {
    const browser = await open();
    if (!browser) continue;
    say(`${browser.name}:`);
    try {
      games.set(browser.name, await playThrough(browser, pictures));
      await besiege(browser);
    } finally {
      await browser.close();
    }
  }
  if (games.size === 0)
    throw new Failure('There is no other browser here: install firefox-esr, or webkit2gtk-driver and xvfb.');
  if (new Set(games.values()).size > 1)
    throw new Failure(
      `The last games of the same run are not the same: ${JSON.stringify([...games], null, 2)}`,
    );
  say(`The last games of that run are the same in ${[...games.keys()].join(' and ')}.`);
}

/** A run from Start to its end, then every view. What its games were. */
async function playThrough(browser: Browser, pictures?: string): Promise<string> {
  const server = await serve({ folder: dist });
  try {
    await browser.open(server.url + settingsAddress());
    const start = `[...document.querySelectorAll('button')].find((each) => each.textContent === 'Start')`;
    await patiently(30, () => browser.run(`return !!${start}`));
    const began = performance.now();
    await browser.run(`${start}.click()`);
    const state = `document.querySelector('.control .status')?.textContent`;
    const troubles = `[...document.querySelectorAll('.toast')].map((each) => each.textContent).join(' ')`;
    await patiently(300, async () => {
      const [now, trouble] = await browser.run<string[]>(`return [${state} ?? '', ${troubles}]`);
      if (trouble !== '' && now === '') throw new Failure(`The run did not start: ${trouble}`);
      return now.includes('finished');
    });
    say(
      `  a run of four steps took ${((performance.now() - began) / 1000).toFixed(0)} s from Start to its end`,
    );
    for (const view of views) {
      await browser.run(`location.hash = '#/${view}'`);
      await patiently(20, () => browser.run(`return !!document.querySelector('main h1')`));
      await sleep(2000);
      if (pictures)
        await browser.picture(join(pictures, `${browser.name.split(' ')[0]}-${view || 'train'}.png`));
    }
    say(`  ${views.length} views opened`);
    await browser.run(`location.hash = '#/replay'`);
    const rows = `[...document.querySelectorAll('[aria-label="Games"] [role=option]')]`;
    const list = `${rows}.slice(0, 8).map((row) => row.textContent).join('; ')`;
    await patiently(20, () => browser.run(`return ${list} !== ''`));
    if (browser.errors.length > 0) throw new Failure(`The console has errors: ${browser.errors.join('; ')}`);
    return await browser.run<string>(`return ${list}`);
  } finally {
    await server.close();
  }
}

async function besiege(browser: Browser): Promise<void> {
  const vite = await createServer({
    root,
    logLevel: 'error',
    plugins: [canaryServer()],
    server: { port: 0, hmr: false, watch: null },
  });
  try {
    await vite.listen();
    await browser.open(`${vite.resolvedUrls?.local[0]}tests/programs/browsers/walls.html`);
    await patiently(120, () => browser.run(`return 'besiege' in globalThis`));
    for (const unguarded of [false, true]) {
      const found = await browser.run<Siege>(
        `return besiege('${unguarded ? 'wall' : 'both'}', ${unguarded})`,
      );
      const { attacks, started, stopping, accepted, disturbed, hits } = found;
      const walls = unguarded ? 'the outer wall alone' : 'gate and wall';
      say(
        `  ${attacks} attacks on ${walls} (Python in ${(started / 1000).toFixed(1)} s, stopped by ${stopping})`,
      );
      if (hits.length > 0) throw new Failure(`Requests got out: ${hits.join(', ')}.`);
      if (unguarded) continue; // whoever has JavaScript may break its interpreter under the next program
      if (accepted.length > 0) throw new Failure(`Not refused as they should be: ${accepted.join(', ')}.`);
      if (disturbed.length > 0)
        throw new Failure(`They disturbed the next program: ${disturbed.join(', ')}.`);
    }
  } finally {
    await vite.close();
  }
}

async function patiently(seconds: number, check: () => Promise<boolean>): Promise<void> {
  for (const until = performance.now() + seconds * 1000; !(await check()); await sleep(500))
    if (performance.now() > until) throw new Failure(`Nothing after ${seconds} s.`);
}
