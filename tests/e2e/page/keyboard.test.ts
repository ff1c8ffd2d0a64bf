/** The page without a pointer: everything from the first visit to a replayed game by the keyboard alone. */
import { afterEach, expect, it } from 'vitest';
import { settingsAddress } from './tiny-run';
import { expectPage, stepDone, type Visitor, visit } from './visitor';

let visitor: Visitor | undefined;
afterEach(async () => {
  await visitor?.leave();
  visitor = undefined;
});

/** Tab until the control has the focus; fails if it is never reached. */
async function tabTo({ page }: Visitor, name: RegExp): Promise<void> {
  for (let pressed = 0; pressed < 200; pressed++) {
    await page.keyboard.press('Tab');
    const reached = await page.evaluate(() => {
      const { activeElement: element } = document;
      return element?.getAttribute('aria-label') ?? element?.textContent ?? '';
    });
    if (name.test(reached.trim())) return;
  }
  throw new Error(`Tab never came to ${name}.`);
}

it('starts, pauses, steps, replays and asks for help with keys', async () => {
  visitor = await visit({ webgpu: false });
  const { page, url, errors } = visitor;
  await page.goto(url + settingsAddress({ steps: '30' }));
  await expectPage(page.getByRole('button', { name: 'Start', exact: true })).toBeEnabled();
  await tabTo(visitor, /^Start$/);
  await page.keyboard.press('Enter');
  await stepDone(page, 1);
  await page.keyboard.press('p');
  const status = page.locator('.control .status');
  await expectPage(status).toContainText('paused', { timeout: 60_000 });
  const before = Number((await status.locator('strong').textContent())?.match(/\d+/)?.[0]);
  await page.keyboard.press('s');
  await stepDone(page, before + 1);

  await page.keyboard.press('?');
  await expectPage(page.getByRole('dialog')).toBeVisible();
  await page.keyboard.press('Escape');
  await expectPage(page.getByRole('dialog')).toBeHidden();

  await page.keyboard.press('4');
  await expectPage(page.getByRole('link', { name: 'Replay', exact: true })).toHaveAttribute(
    'aria-current',
    'page',
  );
  await expectPage(page).toHaveURL(/#\/replay/);
  await expectPage(page.getByRole('heading', { name: /^Game \d/ })).toBeVisible();
  await page.keyboard.press('ArrowRight');
  await expectPage(page).toHaveURL(/game=\d+/);
  const first = page.url();
  await page.keyboard.press('ArrowRight');
  await expectPage(page).not.toHaveURL(first);
  expect(errors).toEqual([]);
});

it('skips the bar, and shows where the focus is', async () => {
  visitor = await visit({ webgpu: false });
  const { page, url } = visitor;
  await page.goto(url);
  await page.keyboard.press('Tab');
  await expectPage(page.getByRole('button', { name: 'Skip to the content' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expectPage(page.locator('main')).toBeFocused();
  await page.keyboard.press('Tab');
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement as Element).outlineStyle);
  expect(outline).not.toBe('none');
});
