/** A run on a node by the page's own controls: connect, play, lose the tab, lose the node, move to this device and back. */
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Page } from 'playwright';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ensureBuilt } from '../../../scripts/build.mjs';
import { freePort, startNodeProcess } from '../../doubles/node-process';
import { violations } from './axe';
import { settingsAddress } from './tiny-run';
import { expectPage, stepDone, type Visitor, visit } from './visitor';

const token = 'node-in-the-page'.repeat(4);
let folder: string;
let port: number;
let node: ChildProcess;
let visitor: Visitor;

const start = () => startNodeProcess({ folder, port, token, page: true });

beforeAll(async () => {
  await ensureBuilt();
  folder = await mkdtemp(join(tmpdir(), 'zeroloop-page-node-'));
  port = await freePort();
  node = await start();
  visitor = await visit({ webgpu: false, url: `http://127.0.0.1:${port}/` });
});
afterAll(async () => {
  await visitor?.leave();
  node?.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

/** One mode and short texts: what counts is where they are made. */
const little = { modes: 'deduction', 'seeding.factor': '0.5', 'tokens.response': '32' };

const status = (page: Page) => page.locator('.control .status');
const steps = async (page: Page) =>
  Number((await status(page).locator('strong').textContent())?.match(/\d+/)?.[0]);

it('is connected to with its token, and says in a sentence why not without', async () => {
  const { page, url } = visitor;
  await page.goto(`${url}#/device`);
  const card = page.getByRole('region', { name: 'A node' });
  // The page comes from a node: that is the one.
  await expectPage(card.getByLabel('Address')).toHaveValue(url.replace(/\/$/, ''));
  await expectPage(card.getByText('This page comes from that node')).toBeVisible();
  await card.getByLabel('Token').fill('wrong'.repeat(8));
  await card.getByRole('button', { name: 'Connect' }).click();
  await expectPage(card.getByRole('alert')).toContainText('This is not the token of');
  expect(await violations(page)).toEqual([]);
  await card.getByLabel('Address').fill('http://127.0.0.1:1');
  await card.getByRole('button', { name: 'Connect' }).click();
  await expectPage(card.getByRole('alert')).toContainText('does not answer this page');
  visitor.errors.length = 0; // the browser tells of what it was refused

  await card.getByLabel('Address').fill(url);
  await page.keyboard.press('Tab');
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.type(token);
  await page.keyboard.press('Enter');
  await expectPage(card.getByText(/^in \d/)).toBeVisible();
  await expectPage(card.getByText('builtin')).toBeVisible();
  await expectPage(card.getByText('nobody')).toBeVisible();
  expect(await violations(page)).toEqual([]);
  const kept = await page.evaluate(() => [location.href, { ...localStorage }, { ...sessionStorage }]);
  const [address, browser, tab] = kept.map((each) => JSON.stringify(each).includes('node-in-the-page'));
  expect({ address, browser, tab }).toEqual({ address: false, browser: false, tab: true });
});

it('has a run that survives a closed tab and a killed node without a lost or doubled update', async () => {
  const { page, url, errors } = visitor;
  const begin = async () => {
    await page.goto(url + settingsAddress({ ...little, steps: '40', backend: 'remote' }));
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await stepDone(page, 1);
  };
  const pause = async () => {
    await page.getByRole('button', { name: 'Pause' }).click();
    await expectPage(status(page)).toContainText('paused');
    const name = (await page.getByRole('heading', { level: 1 }).textContent()) ?? '';
    return { name, address: page.url(), steps: await steps(page) };
  };
  await begin();
  await expectPage(page.getByText('learning on the node')).toBeVisible();
  await expectPage(page.locator('.place')).toContainText(/The node writes .* sent, .* received/);

  // The tab is closed in the middle of a step.
  await page.reload();
  const again = await steps(page);
  await page.getByRole('button', { name: 'Continue' }).click();
  await stepDone(page, again + 1);
  expect(await modelsHeld()).toBe(1); // that of the closed tab is gone

  // The node dies in the middle of a step.
  node.kill('SIGKILL');
  await expectPage(page.getByRole('alert')).toContainText('The node has not answered since');
  const before = await steps(page);
  node = await start();
  await stepDone(page, before + 1);
  await expectPage(page.getByText('has not answered')).toBeHidden();
  errors.length = 0; // requests to a node that was not there
  const disturbed = await pause();

  await begin();
  await stepDone(page, disturbed.steps);
  const undisturbed = await pause();
  const [one, other] = [await learned(page, disturbed.name), await learned(page, undisturbed.name)];
  expect(one.length).toBe(disturbed.steps + 1);
  expect(one).toEqual(other.slice(0, one.length));
  await page.goto(disturbed.address);
  expect(errors).toEqual([]);
});

it('moves that run to this device and back at a checkpoint, and its record says so', async () => {
  const { page, errors } = visitor;
  const goesOn = page.getByLabel('Goes on with');
  await expectPage(goesOn).toHaveValue('remote');
  const there = await steps(page);
  await goesOn.selectOption('wasm');
  await page.getByRole('button', { name: 'One step' }).click();
  await stepDone(page, there + 1);
  await expectPage(page.locator('.place')).toContainText(`from step ${there + 1} on this device`);
  await expectPage(goesOn).toHaveValue('wasm');
  await goesOn.selectOption('remote');
  await page.getByRole('button', { name: 'One step' }).click();
  await stepDone(page, there + 2);
  await expectPage(page.locator('.place')).toContainText(`from step ${there + 2} on a node`);
  expect(await modelsHeld()).toBe(1);
  expect(await violations(page)).toEqual([]);
  expect(errors).toEqual([]);
});

async function modelsHeld(): Promise<number> {
  const asked = await fetch(`${visitor.url}api/v1/get_server_capabilities`, {
    headers: { 'X-API-Key': token },
  });
  const { zeroloop } = (await asked.json()) as { zeroloop: { queue: unknown[] } };
  return zeroloop.queue.length;
}

/** All that a run has learned and played, without what depends on when that was. */
async function learned(page: Page, name: string): Promise<unknown[]> {
  await page.getByRole('link', { name: 'Runs', exact: true }).click();
  const row = page.locator('tbody.run', { has: page.getByRole('link', { name, exact: true }) });
  const downloading = page.waitForEvent('download');
  await row.getByRole('button', { name: 'Export log' }).click();
  const lines = gunzipSync(await readFile(await (await downloading).path()))
    .toString()
    .trim()
    .split('\n');
  return lines
    .flatMap((line) => JSON.parse(line).record ?? [])
    .map(({ at: _, metrics, ...record }) => {
      const lasting = Object.entries(metrics).filter(([key]) => !/^(timing_s|perf)\//.test(key));
      return { ...record, metrics: Object.fromEntries(lasting) };
    });
}
