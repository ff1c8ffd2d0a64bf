/** A first visit, by the page's own controls: from Start to a model that learns, on WebAssembly and on the WebGPU adapter. */
import { afterEach, expect, it } from 'vitest';
import { inProofs } from '../../whole';
import { expectPage, startTiny, stepDone, type Visitor, visit } from './visitor';

let visitor: Visitor | undefined;
afterEach(async () => {
  await visitor?.leave();
  visitor = undefined;
});

it('learns on WebAssembly after one press of Start, with nothing to configure', async () => {
  visitor = await visit({ webgpu: false });
  const { page, url, errors } = visitor;
  await page.goto(url);
  await expectPage(page.getByRole('heading', { level: 1 })).toContainText('teaches itself Python');
  await expectPage(page.getByText(/WebAssembly/).first()).toBeVisible();
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await stepDone(page, 2, 240_000);
  // The curve that counts is there from the beginning: what the model could do before it learned.
  await expectPage(page.getByRole('heading', { name: /held.out/i }).first()).toBeVisible();
  await page.getByRole('button', { name: 'Pause' }).click();
  await expectPage(page.locator('.control .status')).toContainText('paused', { timeout: 60_000 });
  expect(errors).toEqual([]);
});

it('learns on the WebGPU adapter to the end of a run', async () => {
  visitor = await visit();
  const { page, errors } = visitor;
  // One mode and short texts: the adapter is one that the processor imitates.
  const little = { modes: 'deduction', 'seeding.factor': '0.5', 'tokens.response': '32' };
  await startTiny(visitor, { ...little, backend: 'webgpu', steps: inProofs('2', { else: '1' }) });
  await expectPage(page.locator('.control .status')).toContainText('finished', { timeout: 280_000 });
  await page.getByRole('link', { name: 'Runs', exact: true }).click();
  await expectPage(page.getByText('webgpu', { exact: false }).first()).toBeVisible();
  expect(errors).toEqual([]);
});

it('pauses, is reloaded, and goes on to the end', async () => {
  visitor = await visit({ webgpu: false });
  const { page, errors } = visitor;
  await startTiny(visitor, { steps: '5' });
  await stepDone(page, 1);
  await page.getByRole('button', { name: 'Pause' }).click();
  const status = page.locator('.control .status');
  await expectPage(status).toContainText('paused', { timeout: 60_000 });
  const before = await status.locator('strong').textContent();
  await page.reload();
  await expectPage(status.locator('strong')).toHaveText(before ?? '');
  await page.getByRole('button', { name: 'One step' }).click();
  await stepDone(page, Number(before?.match(/\d+/)?.[0]) + 1);
  await expectPage(status).toContainText('paused');
  // A tab that is closed in the middle of a step loses that step only.
  await page.getByRole('button', { name: 'Continue' }).click();
  await expectPage(page.getByRole('button', { name: 'Pause' })).toBeEnabled();
  await page.reload();
  await page.getByRole('button', { name: 'Continue' }).click();
  await expectPage(status).toContainText('Step 5 of 5 finished', { timeout: 120_000 });
  expect(errors).toEqual([]);
});

it('says that a run plays in another tab, and lets it be', async () => {
  visitor = await visit({ webgpu: false });
  const { page, context, errors } = visitor;
  await startTiny(visitor, { steps: '200' });
  await stepDone(page, 1);
  const second = await context.newPage();
  await second.goto(page.url());
  await expectPage(second.getByText('plays in another tab')).toBeVisible();
  await second.getByRole('button', { name: 'Continue' }).click();
  await expectPage(second.getByRole('status').getByText(/is open in another tab or worker/)).toBeVisible({
    timeout: 60_000,
  });
  const reached = Number((await page.locator('.control .status strong').textContent())?.match(/\d+/)?.[0]);
  await stepDone(page, reached + 1);
  expect(errors).toEqual([]);
});

it('says that the browser is full, keeps what is stored, and goes on when there is room', async () => {
  visitor = await visit({ webgpu: false });
  const { page, context, url } = visitor;
  await startTiny(visitor, { steps: '200' });
  await stepDone(page, 1);
  const session = await context.newCDPSession(page);
  const origin = new URL(url).origin;
  await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1_000_000 });
  const status = page.locator('.control .status');
  await expectPage(status).toContainText('failed', { timeout: 120_000 });
  await expectPage(page.getByText(/has no room left for this run/).first()).toBeVisible();
  const before = Number((await status.locator('strong').textContent())?.match(/\d+/)?.[0]);
  expect(before).toBeGreaterThanOrEqual(1);
  await session.send('Storage.overrideQuotaForOrigin', { origin });
  await page.getByRole('button', { name: 'Continue' }).click();
  await stepDone(page, before + 1);
});
