/** The model needs the processor: the page itself takes less than a twentieth of a core while a run plays and its charts grow. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTiny, stepDone, type Visitor, visit } from './visitor';

let visitor: Visitor;
beforeAll(async () => {
  visitor = await visit({ webgpu: false });
});
afterAll(() => visitor.leave());

const seconds = 14;
/** What costs the page too much costs it in each of them; a machine that has much else to do disturbs some. */
const tries = 3;
const most = 0.05;

it('takes less than 5 % of a core while it shows a run that plays', async () => {
  const { page, context } = visitor;
  await startTiny(visitor, { steps: '500', 'checkpoint.every': '50' });
  await stepDone(page, 3);
  const session = await context.newCDPSession(page);
  // Time in which the page's own thread computed: what the machine does besides does not count.
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const busy = async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN;
  };
  const status = page.locator('.control .status strong');
  const first = await status.textContent();
  let share = Number.POSITIVE_INFINITY;
  for (let each = 0; each < tries && share >= most; each++) {
    const before = await busy();
    await page.waitForTimeout(seconds * 1000);
    share = Math.min(share, ((await busy()) - before) / seconds);
  }
  console.log(`The page took ${(100 * share).toFixed(1)} % of a core.`);
  expect(await status.textContent()).not.toBe(first); // else it would be a page at rest that is measured
  expect(share).toBeGreaterThan(0);
  expect(share).toBeLessThan(most);
});
