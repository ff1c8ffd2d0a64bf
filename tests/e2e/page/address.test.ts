/** A link is a whole configuration: what it says is in the form, what is wrong with it is said, and a run of it has these settings. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { settingsAddress } from './tiny-run';
import { expectPage, type Visitor, visit } from './visitor';

let visitor: Visitor;
beforeAll(async () => {
  visitor = await visit({ webgpu: false });
});
afterAll(() => visitor.leave());

it('fills the settings from the address, and starts that very run', async () => {
  const { page, url } = visitor;
  await page.goto(url + settingsAddress({ steps: '1', 'optimizer.rate': '0.0003' }));
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await expectPage(page.locator('.control .status')).toContainText('Step 1 of 1 finished', {
    timeout: 120_000,
  });
  const run = new URLSearchParams(new URL(page.url()).hash.split('?')[1]).get('run') ?? '';
  const { info } = await page.evaluate(async (id) => {
    const request = indexedDB.open('zeroloop');
    const database = await new Promise<IDBDatabase>((done) => {
      request.onsuccess = () => done(request.result);
    });
    const read = database.transaction('runs').objectStore('runs').get(id);
    return new Promise<{ info: { seed: number; config: Record<string, unknown> } }>((done) => {
      read.onsuccess = () => done({ info: read.result });
    });
  }, run);
  expect(info.seed).toBe(7);
  expect(info.config).toMatchObject({ steps: 1, 'optimizer.rate': 0.0003, 'hindsight.tasks': 3 });
});

it('says what is wrong with an address, and does not start it', async () => {
  const { page, url } = visitor;
  await page.goto(`${url}#/settings?preset=laptop&batch=many&colour=red`);
  await expectPage(
    page.getByText(/batch must be a whole number from 1 to 4096, not "many"/).first(),
  ).toBeVisible();
  await expectPage(page.getByText(/There is no key "colour"/).first()).toBeVisible();
  await expectPage(page.getByRole('button', { name: 'Start', exact: true })).toBeDisabled();
});
