/**
 * The charts of a run as a user meets them: what they show, what keys and pointers do, and what drawing costs. Runs are made of nothing
 * but metrics here; what the store keeps of them is one of tests/browser/store.
 */
import { type Signal, signal } from '@preact/signals';
import axe from 'axe-core';
import { render } from 'preact';
import { afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { effort } from '../../../src/app/charts/board';
import { Charts } from '../../../src/app/charts/charts';
import * as settings from '../../../src/app/charts/settings';
import { drawsMetric } from '../../../src/app/charts/spec';
import { specs } from '../../../src/app/charts/specs';
import { refresh } from '../../../src/app/state/library';
import { type LiveRun, live } from '../../../src/app/state/live';
import { go, route } from '../../../src/app/state/router';
import { type RunData, runData } from '../../../src/app/state/run-data';
import { chooseTheme } from '../../../src/app/state/theme';
import { openStore } from '../../../src/store/indexed';
import { until } from '../../doubles/until';
import { everyMetric } from '../../unit/app/every-metric';
import { makeInfo } from '../store/records';
import '../../../src/app/style.css';

let root: HTMLElement;
beforeEach(async () => {
  // A pointer that rests on a chart has a say in where the cursor is, so it rests elsewhere.
  const corner = document.body.appendChild(document.createElement('div'));
  corner.style.cssText = 'position: fixed; right: 0; top: 0; width: 9px; height: 9px; z-index: 9';
  onTestFinished(() => corner.remove());
  await userEvent.hover(corner);
  root = document.body.appendChild(document.createElement('div'));
  root.id = 'app';
  settings.closed.value = new Set();
  settings.span.value = 5;
  settings.log.value = false;
  settings.axis.value = 'steps';
  go('train');
});
afterEach(() => {
  render(null, root);
  root.remove();
});

const named = ['short', 'other', 'long', 'empty', 'growing', 'late'];
beforeAll(async () => {
  await page.viewport(1200, 1100);
  const store = await openStore();
  const there = new Set((await store.runs()).map(({ id }) => id));
  for (const id of named) if (!there.has(id)) await store.createRun(makeInfo(id));
  store.close();
  await refresh();
});

/** A run of the store that has no steps there; steps come as if it played. */
async function open(id: string): Promise<RunData & { version: Signal<number> }> {
  const data = runData(id) as RunData & { version: Signal<number> };
  await until(() => expect(data.ready.value).toBe(true));
  return data;
}

/** Noise that is the same each time, with a peak that must not get lost. */
function metricsOf(step: number, names: readonly string[], peak = -1): Record<string, number> {
  const metrics: Record<string, number> = {};
  for (let at = 0; at < names.length; at++) {
    metrics[names[at]] = step === peak ? 1 : (((step * 7919 + at * 104_729) % 1000) / 1000) * 0.8;
  }
  return metrics;
}

const drawn = everyMetric
  .flatMap(({ names }) => names)
  .filter((name) => specs.some((spec) => drawsMetric(spec, name)));

const tests = (value: number) => ({
  'heldout/deduction': value,
  'heldout/deduction/low': value - 0.05,
  'heldout/deduction/high': value + 0.05,
});

async function playShort(id = 'short'): Promise<RunData & { version: Signal<number> }> {
  const data = await open(id);
  for (let step = data.series.length; step <= 20; step++) {
    data.series.add(step, {
      'actor/entropy': step === 0 ? 2 : 1 / step,
      'actor/grad_norm': 0.5,
      'gen_code_o/critic/rewards/mean': -0.1,
      'gen_code_i/critic/rewards/mean': 0.2,
      ...(step % 10 === 0 && tests(0.4 + step / 100)),
    });
  }
  data.version.value++;
  return data;
}

const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
const frames = async (count: number) => {
  for (let each = 0; each < count; each++) await frame();
};
/** What is out of sight is not drawn. */
async function bring(name: string): Promise<HTMLElement> {
  root.querySelector(`#chart-${name}`)?.scrollIntoView();
  await settle();
  return root.querySelector(`#chart-${name}`)?.closest('figure') as HTMLElement;
}

/** Until nothing has been drawn for a while. */
async function settle(): Promise<void> {
  for (let still = 0, before = -1; still < 3; ) {
    still = effort.draws === before ? still + 1 : 0;
    before = effort.draws;
    await new Promise((resolve) => setTimeout(resolve, 150));
    await frames(2);
  }
}

const chart = (name: string | RegExp) => page.getByRole('figure', { name });
const plot = (name: RegExp) => page.getByRole('img', { name });

describe('the charts of a run', () => {
  it('show what there is, the held-out curve first, and say what is missing', async () => {
    await playShort();
    render(<Charts run="short" />, root);
    await expect
      .element(plot(/^Held-out accuracy\. Newest: deduction 60\.0% \(55\.0% to 65\.0%\)/))
      .toBeVisible();
    const titles = [...root.querySelectorAll('h4')].map((title) => title.textContent);
    expect(titles[0]).toMatch(/^Held-out accuracy/);
    expect(titles).toHaveLength(4);
    await expect.element(page.getByText(/^\d+ charts have nothing to show yet$/)).toBeInTheDocument();
    const row = page.getByRole('row', { name: /deduction/ }).first();
    await expect.element(row).toHaveTextContent('40.0%');
    await expect.element(row).toHaveTextContent('+20.0');
    await page.getByText('All tests as a table').click();
    await expect
      .element(page.getByRole('region', { name: 'All tests' }))
      .toHaveTextContent('50.0% (45.0% to 55.0%)');
  });

  it('say so when there is nothing yet', async () => {
    await open('empty');
    render(<Charts run="empty" />, root);
    await expect.element(page.getByText('There is nothing to draw yet', { exact: false })).toBeVisible();
  });

  it('follow the run, each line in the place that it has', async () => {
    const data = await playShort('late');
    render(<Charts run="late" />, root);
    await bring('entropy');
    await expect.element(plot(/^Entropy in nats\. Newest: entropy 0\.050/)).toBeVisible();
    await settle();
    const before = [...root.querySelectorAll('figure')].map((each) => each.getBoundingClientRect().top);
    const shifts: number[] = [];
    const watch = new PerformanceObserver((list) => {
      for (const entry of list.getEntries())
        shifts.push((entry as PerformanceEntry & { value: number }).value);
    });
    watch.observe({ type: 'layout-shift' });
    for (let step = 21; step < 31; step++) {
      data.series.add(step, { 'actor/entropy': step * 1234.5, 'actor/grad_norm': -1 / step, ...tests(0.9) });
      data.version.value++;
      await new Promise((resolve) => setTimeout(resolve, 60));
    }
    await expect.element(plot(/^Entropy in nats\. Newest: entropy 37k/)).toBeVisible();
    expect([...root.querySelectorAll('figure')].map((each) => each.getBoundingClientRect().top)).toEqual(
      before,
    );
    watch.disconnect();
    expect(shifts).toEqual([]);
  });

  it('are one canvas each for as long as they live', async () => {
    const data = await playShort('growing');
    render(<Charts run="growing" />, root);
    for (const name of ['heldout', 'reward-propose', 'grad-norm', 'entropy']) await bring(name);
    const canvases = [...root.querySelectorAll('canvas')];
    expect(canvases).toHaveLength(4);
    for (let step = data.series.length; step < 60; step++) {
      data.series.add(step, {
        'actor/entropy': step,
        'actor/grad_norm': 1,
        'gen_code_o/critic/rewards/mean': 1,
      });
      data.version.value++;
    }
    await settle();
    expect([...root.querySelectorAll('canvas')]).toEqual(canvases);
  });

  it('wait to be asked if they come late, while somebody reads', async () => {
    const data = await playShort('late');
    live.value = { run: 'late', status: signal('running') } as unknown as LiveRun;
    try {
      render(<Charts run="late" />, root);
      await settle();
      const before = root.querySelectorAll('figure').length;
      data.series.add(data.series.length, { complexity_gap: 1 });
      data.version.value++;
      const show = page.getByRole('button', { name: '1 chart has something to show now' });
      await expect.element(show).toBeInTheDocument();
      expect(root.querySelectorAll('figure')).toHaveLength(before);
      await show.click();
      await expect.element(chart(/^Complexity gap/)).toBeInTheDocument();
      await expect.element(show).not.toBeInTheDocument();
    } finally {
      live.value = null;
    }
  });

  it('share a cursor, which keys move and Escape takes away', async () => {
    await playShort('other');
    render(<Charts run="other" />, root);
    await settle();
    const entropy = root.querySelector<HTMLElement>('[role="img"][aria-label^="Entropy"]');
    entropy?.focus();
    // Charts that come into sight only now have it too.
    await userEvent.keyboard('{Home}{ArrowRight}{ArrowRight}');
    await frames(3);
    const at = () => [...root.querySelectorAll('.plot-at')].map((each) => each.textContent);
    expect(new Set(at())).toEqual(new Set(['step 2']));
    await expect.element(chart(/^Entropy/)).toHaveTextContent('0.500');
    await expect.element(chart(/^Held-out accuracy/)).toHaveTextContent('40.0% (35.0% to 45.0%)');
    expect(root.querySelector('[aria-live]')?.textContent).toBe('Entropy in nats. step 2: entropy 0.500.');
    await userEvent.keyboard('{Escape}');
    await frames(3);
    expect(new Set(at())).toEqual(new Set(['']));
    await expect.element(chart(/^Entropy/)).toHaveTextContent('0.050');
  });

  it('share a cursor that follows the pointer', async () => {
    await playShort('other');
    render(<Charts run="other" />, root);
    await bring('grad-norm');
    await userEvent.hover(root.querySelector('[aria-label^="Entropy"] .u-over') as Element);
    await frames(3);
    const at = [...root.querySelectorAll('.plot-at')].map((each) => each.textContent);
    expect(new Set(at)).toEqual(new Set(['step 10']));
    await expect.element(chart(/^Entropy/)).toHaveTextContent('0.100');
    await expect.element(chart(/^Held-out accuracy/)).toHaveTextContent('50.0%');
    const cursors = [...root.querySelectorAll<HTMLElement>('.u-cursor-x')].map(
      ({ style }) => style.transform,
    );
    expect(cursors.filter((each) => each.includes('-10px'))).toEqual([]);
  });

  it('share a zoom, which keys and a button take back', async () => {
    await playShort('other');
    render(<Charts run="other" />, root);
    await bring('grad-norm');
    const reset = page.getByRole('button', { name: 'Reset zoom' });
    await expect.element(reset).toBeDisabled();
    const over = root.querySelector('[aria-label^="Gradient"] .u-over') as HTMLElement;
    const box = over.getBoundingClientRect();
    const move = (type: string, share: number) => {
      const where = {
        clientX: box.left + share * box.width,
        clientY: box.top + 20,
        movementX: 9,
        buttons: 1,
      };
      const target = type === 'mouseup' ? document : over;
      target.dispatchEvent(new MouseEvent(type, { ...where, bubbles: true }));
    };
    move('mousemove', 0.25);
    move('mousedown', 0.25);
    move('mousemove', 0.4);
    move('mousemove', 0.5);
    move('mouseup', 0.5);
    await expect.element(reset).toBeEnabled();
    await expect.element(page.getByLabelText('Show')).toHaveValue('window');
    await settle();
    await reset.click();
    await expect.element(reset).toBeDisabled();
    root.querySelector<HTMLElement>('[role="img"]')?.focus();
    await userEvent.keyboard('+');
    await expect.element(reset).toBeEnabled();
    await userEvent.keyboard('0');
    await expect.element(reset).toBeDisabled();
  });

  it('hide a line, and show it again', async () => {
    await playShort();
    render(<Charts run="short" />, root);
    const line = chart(/^Reward of proposers/).getByRole('button', { name: /^abduction/ });
    await expect.element(line).toHaveAttribute('aria-pressed', 'true');
    await line.click();
    await expect.element(line).toHaveAttribute('aria-pressed', 'false');
    await line.click();
    await expect.element(line).toHaveAttribute('aria-pressed', 'true');
  });

  it('lay another run beside it, in the address', async () => {
    await playShort();
    await playShort('other');
    render(<Charts run="short" />, root);
    await page.getByText('Compare', { exact: true }).click();
    await page.getByRole('checkbox', { name: /the run other/ }).click();
    expect(route.value.params.get('with')).toBe('other');
    await bring('entropy');
    await expect
      .element(
        plot(/^Entropy in nats\. Newest: the run short, entropy [\d.]+k?; the run other, entropy 0\.050/),
      )
      .toBeVisible();
    await expect.element(page.getByText('Each colour is a run', { exact: false })).toBeVisible();
    await page.getByRole('checkbox', { name: /the run other/ }).click();
    expect(route.value.params.get('with')).toBeNull();
    await expect.element(page.getByText('Each colour is a run', { exact: false })).not.toBeInTheDocument();
  });

  it('can be taken away as a picture and as numbers', async () => {
    await playShort('other');
    render(<Charts run="other" />, root);
    await settle();
    const saved: { name: string; blob: Blob }[] = [];
    const blobs = new Map<string, Blob>();
    const url = vi.spyOn(URL, 'createObjectURL').mockImplementation((blob) => {
      blobs.set(`blob:${blobs.size}`, blob as Blob);
      return `blob:${blobs.size - 1}`;
    });
    const click = vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (
      this: HTMLAnchorElement,
    ) {
      saved.push({ name: this.download, blob: blobs.get(this.href) as Blob });
    });
    try {
      await userEvent.hover(root.querySelector('[aria-label^="Entropy"]') as Element);
      await page.getByRole('button', { name: 'CSV of Entropy' }).click();
      await until(() => expect(saved).toHaveLength(1));
      expect(saved[0].name).toBe('the-run-other-entropy.csv');
      expect(await saved[0].blob.text()).toMatch(
        /^run,step,actor\/entropy\r\nthe run other,0,2\r\nthe run other,1,1\r\n/,
      );

      await page.getByRole('button', { name: 'PNG of Entropy' }).click();
      await until(() => expect(saved).toHaveLength(2));
      expect(saved[1].name).toBe('the-run-other-entropy.png');
      const picture = await createImageBitmap(saved[1].blob);
      expect(picture.width).toBe(1000 * devicePixelRatio);
      expect(coloursOf(picture)).toContain('#0046e2');

      await page.getByRole('button', { name: 'All as CSV' }).click();
      await until(() => expect(saved).toHaveLength(3));
      const rows = (await saved[2].blob.text()).trim().split('\r\n');
      expect(rows).toHaveLength(22);
      expect(rows[0].split(',')).toContain('heldout/deduction/low');
    } finally {
      url.mockRestore();
      click.mockRestore();
    }
  });

  it('are drawn in the colours of the theme', async () => {
    await playShort('other');
    render(<Charts run="other" />, root);
    await bring('entropy');
    const canvas = () => root.querySelector('[aria-label^="Entropy"] canvas') as HTMLCanvasElement;
    expect(coloursOf(canvas())).toContain('#0046e2');
    chooseTheme('dark');
    await settle();
    expect(coloursOf(canvas())).toContain('#6376ff');
    chooseTheme('light');
  });

  it('remember which groups are closed', async () => {
    await playShort();
    render(<Charts run="short" />, root);
    const toggle = page.getByRole('button', { name: 'Learning' });
    await expect.element(toggle).toHaveAttribute('aria-expanded', 'true');
    await toggle.click();
    await expect.element(toggle).toHaveAttribute('aria-expanded', 'false');
    await expect.element(chart(/^Entropy/)).not.toBeInTheDocument();
    expect(JSON.parse(localStorage.getItem('zeroloop-charts') ?? '{}').closed).toContain('learning');
  });

  it.each(['light', 'dark'] as const)('have no accessibility violation (%s)', async (theme) => {
    chooseTheme(theme);
    await playShort();
    await playShort('other');
    go('train', { with: 'other' });
    render(<Charts run="short" />, root);
    await settle();
    await page.getByText('All tests as a table').click();
    await page.getByText(/nothing to show yet$/).click();
    const { violations } = await axe.run(root, { rules: { region: { enabled: false } } });
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
    chooseTheme('light');
  });
});

/** The most frequent ones of a canvas, without those that are mixed with others at the edges of lines. */
function coloursOf(source: HTMLCanvasElement | ImageBitmap): string[] {
  const copy = new OffscreenCanvas(source.width, source.height);
  const pen = copy.getContext('2d') as OffscreenCanvasRenderingContext2D;
  pen.drawImage(source, 0, 0);
  const { data } = pen.getImageData(0, 0, copy.width, copy.height);
  const counts = new Map<string, number>();
  for (let at = 0; at < data.length; at += 4) {
    if (data[at + 3] !== 255) continue;
    const colour = `#${[0, 1, 2].map((each) => data[at + each].toString(16).padStart(2, '0')).join('')}`;
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  return [...counts].filter(([, count]) => count > 20).map(([colour]) => colour);
}

describe('ten thousand points in every chart', () => {
  const steps = 10_000;
  const peak = 6_543;

  async function fill(): Promise<RunData & { version: Signal<number> }> {
    const data = await open('long');
    for (let step = data.series.length; step < steps; step++)
      data.series.add(step, metricsOf(step, drawn, peak));
    data.version.value++;
    return data;
  }

  /** From top to bottom, as a person scrolls; what each frame cost us. */
  async function scroll(): Promise<{ frames: number; own: number; worst: number; draws: number }> {
    const before = { ...effort };
    let worst = 0;
    let count = 0;
    scrollTo(0, 0);
    await frames(2);
    while (scrollY + innerHeight < document.documentElement.scrollHeight - 2) {
      const start = effort.ms;
      scrollBy(0, 60);
      await frame();
      worst = Math.max(worst, effort.ms - start);
      count++;
    }
    return { frames: count, own: effort.ms - before.ms, worst, draws: effort.draws - before.draws };
  }

  it('scroll without being drawn again', async () => {
    await fill();
    render(<Charts run="long" />, root);
    await settle();
    expect(root.querySelectorAll('figure').length).toBe(specs.length);
    // Out of sight nothing is drawn.
    expect(root.querySelectorAll('canvas').length).toBeLessThan(specs.length / 2);

    const first = await scroll();
    await settle();
    expect(root.querySelectorAll('canvas').length).toBe(specs.length);
    const again = await scroll();
    console.log(
      `scrolling, ${steps} points in ${specs.length} charts: the first time ${(first.own / first.frames).toFixed(2)} ms a frame ` +
        `(${(first.own / specs.length).toFixed(1)} ms a chart, the worst frame ${first.worst.toFixed(1)} ms), ` +
        `then ${(again.own / again.frames).toFixed(3)} ms`,
    );
    expect(again.draws).toBe(0);
    expect(again.own / again.frames).toBeLessThan(0.5);
    // Charts that come into sight for the first time are drawn then, one after the other: about 3 ms each on a machine that is not
    // busy with other things, and a frame has 16.
    expect(first.own / first.frames).toBeLessThan(12);
  });

  it('keep their peaks', async () => {
    await fill();
    render(<Charts run="long" />, root);
    settings.span.value = 1;
    settings.closed.value = new Set(['heldout', 'rewards', 'solving']);
    await settle();
    await bring('entropy');
    const canvas = root.querySelector('[aria-label^="Entropy"] canvas') as HTMLCanvasElement;
    const pen = canvas.getContext('2d') as CanvasRenderingContext2D;
    // Everything else is at most 0.8 of it: the top of the chart has one thin line in it.
    const share = canvas.height / canvas.clientHeight;
    const { data } = pen.getImageData(60 * share, 12 * share, canvas.width - 70 * share, 12 * share);
    let blue = 0;
    for (let at = 0; at < data.length; at += 4) if (data[at + 2] > 150 && data[at] < 120) blue++;
    expect(blue).toBeGreaterThan(5);
    expect(blue).toBeLessThan(200);
  });

  it('take steps that arrive for a small share of a core', async () => {
    const data = await fill();
    render(<Charts run="long" />, root);
    await settle();
    const before = { ...effort };
    const begun = performance.now();
    const arriving = 100;
    for (let each = 0; each < arriving; each++) {
      const step = data.series.length;
      data.series.add(step, metricsOf(step, drawn));
      data.version.value++;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const lasted = performance.now() - begun;
    const own = effort.ms - before.ms;
    console.log(
      `${arriving} steps in ${(lasted / 1000).toFixed(1)} s: ${own.toFixed(0)} ms of drawing, ` +
        `${((100 * own) / lasted).toFixed(2)}% of a core, ${effort.draws - before.draws} charts drawn`,
    );
    expect(effort.draws).toBeGreaterThan(before.draws);
    expect(own / lasted).toBeLessThan(0.05);
  });

  it('are not drawn for steps that bring them nothing', async () => {
    const data = await fill();
    render(<Charts run="long" />, root);
    await settle();
    const before = effort.draws;
    for (let each = 0; each < 5; each++) {
      // Not a metric of the charts in sight, and not so many steps that the axis has to grow.
      data.series.add(data.series.length, { 'timing_s/step': 1 });
      data.version.value++;
      await new Promise((resolve) => setTimeout(resolve, 350));
    }
    expect(effort.draws - before).toBe(0);
  });
});
