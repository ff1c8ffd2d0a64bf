/** A run on a node by the page's own controls: connect, play, lose the tab, lose the node, move to this device and back. */
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ensureBuilt } from '../../../scripts/build.mjs';
import { freePort, startNodeProcess } from '../../doubles/node-process';
import { violations } from './axe';
import { expectPage, settingsAddress, stepDone, type Visitor, visit } from './visitor';

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

it('has a run that survives a closed tab and a killed node, and moves to this device and back', async () => {
  const { page, url, errors } = visitor;
  await page.goto(url + settingsAddress({ steps: '40', backend: 'remote' }));
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await stepDone(page, 2);
  await expectPage(page.getByText('learning on the node')).toBeVisible();
  await expectPage(page.locator('.place')).toContainText(/The node writes .* sent, .* received/);

  // The tab in the middle of a step.
  await page.reload();
  const again = await steps(page);
  await page.getByRole('button', { name: 'Continue' }).click();
  await stepDone(page, again + 1);

  // The node in the middle of a step.
  node.kill('SIGKILL');
  await expectPage(page.getByRole('alert')).toContainText('The node has not answered since');
  const before = await steps(page);
  node = await start();
  await stepDone(page, before + 1);
  await expectPage(page.getByText('has not answered')).toBeHidden();
  errors.length = 0; // requests to a node that was not there

  await page.getByRole('button', { name: 'Pause' }).click();
  await expectPage(status(page)).toContainText('paused');
  const there = await steps(page);
  await page.getByLabel('Goes on with').selectOption('wasm');
  await page.getByRole('button', { name: 'One step' }).click();
  await stepDone(page, there + 1);
  await expectPage(page.locator('.place')).toContainText(`from step ${there + 1} on this device`);
  await page.getByLabel('Goes on with').selectOption('remote');
  await page.getByRole('button', { name: 'One step' }).click();
  await stepDone(page, there + 2);
  await expectPage(page.locator('.place')).toContainText(`from step ${there + 2} on a node`);
  expect(await violations(page)).toEqual([]);
  expect(errors).toEqual([]);
});
