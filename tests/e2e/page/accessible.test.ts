/** Every view, with a run in it and without, light and dark, on a desk and on a phone: axe-core finds nothing to complain about. */
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { views } from '../../../src/app/state/views';
import { violations } from './axe';
import { expectPage, startTiny, type Visitor, visit } from './visitor';

let visitor: Visitor;
beforeAll(async () => {
  visitor = await visit({ webgpu: false });
});
afterAll(() => visitor.leave());

const looks = [
  { scheme: 'light', width: 1360, height: 900 },
  { scheme: 'dark', width: 1360, height: 900 },
  { scheme: 'light', width: 390, height: 844 },
] as const;

it('would be told of a picture without words', async () => {
  const { page, url } = visitor;
  await page.goto(`${url}#/device`);
  await expectPage(page.getByRole('heading', { level: 1 })).toHaveCount(1);
  await page.evaluate(() => document.querySelector('main')?.append(document.createElement('img')));
  const told = await violations(page);
  await page.reload();
  expect(told).toEqual([expect.stringContaining('image-alt')]);
});

describe('before there is a run', () => {
  it.each(views)('%s', async (view) => {
    const { page, url } = visitor;
    await page.goto(`${url}#/${view}`);
    await expectPage(page.getByRole('heading', { level: 1 })).toHaveCount(1);
    expect(await violations(page)).toEqual([]);
  });
});

describe('with a run', () => {
  beforeAll(async () => {
    await startTiny(visitor, { steps: '2', 'evaluate.every': '0' });
    await expectPage(visitor.page.locator('.control .status')).toContainText('finished', {
      timeout: 120_000,
    });
  });

  it.each(looks.flatMap((look) => views.map((view) => ({ view, ...look }))))(
    '$view, $scheme, $width wide',
    async ({ view, scheme, width, height }) => {
      const { page, url } = visitor;
      await page.emulateMedia({ colorScheme: scheme });
      await page.setViewportSize({ width, height });
      await page.goto(`${url}#/${view === 'train' ? `train?run=${await newestRun(page)}` : view}`);
      await expectPage(page.getByRole('heading', { level: 1 })).toHaveCount(1);
      await expectPage(page.locator('.loading')).toHaveCount(0);
      expect(await violations(page)).toEqual([]);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(overflow, 'the page must not scroll sideways').toBeLessThanOrEqual(0);
    },
  );
});

async function newestRun(page: Page): Promise<string> {
  await page.goto(`${visitor.url}#/runs`);
  const link = page.locator('main a[href*="run="]').first();
  await expectPage(link).toBeVisible();
  return /run=([^&]+)/.exec((await link.getAttribute('href')) ?? '')?.[1] ?? '';
}
