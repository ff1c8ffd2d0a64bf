/** The cards of the Device view as a user meets them, with an engine that does what the test says. */
import { render } from 'preact';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { DeviceCard } from '../../src/app/device/device-card';
import { type DeviceReport, inspectDevice } from '../../src/app/device/inspect';
import { ReportCard } from '../../src/app/device/report-card';
import type { RunSelfTest, SelfTestProgress, SelfTestResult } from '../../src/app/device/self-test';
import { SelfTestCard } from '../../src/app/device/self-test-card';
import { StorageCard } from '../../src/app/device/storage-card';
import { DeviceSummary } from '../../src/app/device/summary';
import { keeping } from '../../src/app/offline';
import { device } from '../../src/app/state/device';
import { usage } from '../../src/app/state/library';
import { toasts } from '../../src/app/state/toasts';
import type { Usage } from '../../src/store/store';
import '../../src/app/style.css';

let root: HTMLElement;
beforeEach(() => {
  root = document.body.appendChild(document.createElement('div'));
});
afterEach(() => {
  render(null, root);
  root.remove();
});

const training = (step: number): SelfTestProgress => ({
  phase: 'training',
  step,
  steps: 200,
  loss: 5 / step,
  tokensPerSecond: 41_234,
  elapsedMs: step * 10,
});

const result: SelfTestResult = {
  backend: 'wasm',
  engine: 'WebAssembly, 2 threads',
  steps: 200,
  parameters: 12_345,
  firstLoss: 5,
  lastLoss: 0.025,
  tokensPerSecond: 41_234,
  elapsedMs: 2000,
  checks: [{ name: 'The loss fell', ok: true, detail: '5.000 to 0.025' }],
};

/** An engine that trains until it is told how to end. */
function engine() {
  let end: (result: SelfTestResult) => void = () => {};
  let fail: (error: Error) => void = () => {};
  const run: RunSelfTest = (_options, onProgress, signal) => {
    onProgress({ ...training(0), phase: 'compiling', step: 0, loss: null, tokensPerSecond: null });
    for (let step = 1; step <= 50; step++) onProgress(training(step));
    return new Promise((resolve, reject) => {
      end = resolve;
      fail = reject;
      signal.addEventListener('abort', () => reject(signal.reason));
    });
  };
  return { run, end: (value: SelfTestResult) => end(value), fail: (error: Error) => fail(error) };
}

const bar = () => page.getByRole('progressbar');

it('runs the self-test from the keyboard and shows how it goes', async () => {
  const { run, end } = engine();
  render(<SelfTestCard run={run} />, root);
  page.getByRole('button', { name: 'Start' }).element().focus();
  await userEvent.keyboard('{Enter}');
  await expect.element(bar()).toHaveAttribute('aria-valuenow', '50');
  await expect.element(page.getByText('41.2k')).toBeVisible();
  await expect.element(page.getByRole('img')).toHaveAccessibleName('Loss 0.100 after step 50 of 200');
  await expect.element(page.getByText('25 percent done.')).toBeInTheDocument();

  end(result);
  await expect.element(page.getByText('The loss fell')).toBeVisible();
  await expect.element(page.getByText('The self-test passed.', { exact: false })).toBeInTheDocument();
  await expect.element(bar()).toHaveAttribute('aria-valuenow', '200');
});

it('stops with the same key', async () => {
  const { run } = engine();
  render(<SelfTestCard run={run} />, root);
  page.getByRole('button').element().focus();
  await userEvent.keyboard('{Enter}');
  await expect.element(page.getByRole('button', { name: 'Stop' })).toHaveFocus();
  await userEvent.keyboard('{Enter}');
  await expect.element(page.getByText('Stopped after step 50.').first()).toBeVisible();
  await expect.element(page.getByRole('button', { name: 'Start again' })).toBeEnabled();
});

it('says what went wrong in the words of the error', async () => {
  const { run, fail } = engine();
  render(<SelfTestCard run={run} />, root);
  await page.getByRole('button', { name: 'Start' }).click();
  fail(new Error('The GPU was lost. Reload the page.'));
  await expect.element(page.getByRole('alert')).toHaveTextContent('The GPU was lost. Reload the page.');
});

it('does not pass when a check failed', async () => {
  const { run, end } = engine();
  render(<SelfTestCard run={run} />, root);
  await page.getByRole('button', { name: 'Start' }).click();
  end({
    ...result,
    checks: [...result.checks, { name: 'Memory stayed flat', ok: false, detail: '3 MB, then 9 MB' }],
  });
  await expect.element(page.getByText('Not passed.')).toBeVisible();
});

it('leaves the device to others when nobody looks at it any more', async () => {
  let signal: AbortSignal | undefined;
  const run: RunSelfTest = (_options, _onProgress, given) => {
    signal = given;
    return new Promise(() => {});
  };
  render(<SelfTestCard run={run} />, root);
  await page.getByRole('button', { name: 'Start' }).click();
  expect(signal?.aborted).toBe(false);
  render(null, root);
  await expect.poll(() => signal?.aborted).toBe(true);
});

describe('the device', () => {
  let found: DeviceReport;
  beforeAll(async () => {
    found = await inspectDevice();
  });

  it('is described as it is', async () => {
    render(<DeviceCard device={found} />, root);
    expect(found.isolated).toBe(true);
    await expect.element(page.getByText(found.adapter?.name ?? 'no adapter')).toBeVisible();
    await expect.element(page.getByText('This page is not isolated.')).not.toBeInTheDocument();
  });

  it('without WebGPU comes with what to do', async () => {
    const none: DeviceReport = { ...found, adapter: null, backend: 'wasm', help: 'Update the browser.' };
    render(<DeviceCard device={none} />, root);
    await expect
      .element(page.getByText('Everything works without a GPU too', { exact: false }))
      .toBeVisible();
    await expect.element(page.getByText('Update the browser.')).toBeVisible();
  });

  it('without threads comes with what to do', async () => {
    const bare: DeviceReport = { ...found, isolated: false, threads: 1, isolationHelp: 'Reload the page.' };
    render(<DeviceCard device={bare} />, root);
    await expect.element(page.getByText('This page is not isolated.')).toBeVisible();
    await expect.element(page.getByText('Reload the page.')).toBeVisible();
  });

  it('is summed up in a line that leads to the rest', async () => {
    device.value = null;
    render(<DeviceSummary />, root);
    await expect.element(page.getByText('Looking for a GPU ...')).toBeVisible();
    const { height } = root.getBoundingClientRect();
    device.value = {
      ...found,
      backend: 'webgpu',
      adapter: found.adapter && { ...found.adapter, name: 'RTX 1' },
    };
    await expect
      .element(page.getByText(/Computes with WebGPU on RTX 1, isolated, \d+ threads?\./))
      .toBeVisible();
    await expect.element(page.getByRole('link')).toHaveAttribute('href', '#/device');
    expect(root.getBoundingClientRect().height).toBe(height);
  });
});

describe('what is kept', () => {
  afterEach(() => {
    usage.value = null;
    keeping.value = { kind: 'unknown' };
    vi.restoreAllMocks();
  });

  const stored = ({ bytes, quota, persistent }: Usage) => {
    vi.spyOn(navigator.storage, 'estimate').mockResolvedValue({ usage: bytes, quota });
    vi.spyOn(navigator.storage, 'persisted').mockResolvedValue(persistent);
  };

  it('is shown with what the browser promises', async () => {
    stored({ bytes: 3 * 2 ** 20, quota: 2 ** 30, persistent: true });
    keeping.value = { kind: 'keeping', left: 12e6 };
    render(<StorageCard />, root);
    await expect.element(page.getByText(/take 3 MiB of the 1 GiB/)).toBeVisible();
    await expect.element(page.getByText(/has promised not to clear it/)).toBeVisible();
    await expect.element(page.getByText(/12 MB are still to be fetched/)).toBeVisible();
    expect(page.getByRole('button').elements()).toEqual([]);
  });

  it('can be made to stay, if the browser agrees', async () => {
    stored({ bytes: 1, quota: 2, persistent: false });
    const persist = vi.spyOn(navigator.storage, 'persist').mockResolvedValue(false);
    render(<StorageCard />, root);
    await page.getByRole('button', { name: 'Ask the browser to keep it' }).click();
    await expect.poll(() => toasts.value.at(-1)?.text).toMatch(/did not promise it/);
    persist.mockResolvedValue(true);
    await page.getByRole('button', { name: 'Ask the browser to keep it' }).click();
    await expect.poll(() => toasts.value.at(-1)?.text).toMatch(/has promised to keep/);
  });
});

describe('the report', () => {
  it('is copied as it is shown', async () => {
    const write = vi.spyOn(navigator.clipboard, 'writeText').mockResolvedValue();
    render(<ReportCard text="Zeroloop: 1" />, root);
    await expect.element(page.getByText('Zeroloop: 1')).toBeVisible();
    await page.getByRole('button', { name: 'Copy report' }).click();
    expect(write).toHaveBeenCalledWith('Zeroloop: 1');
  });

  it('is selected where the browser lets nobody copy', async () => {
    vi.spyOn(navigator.clipboard, 'writeText').mockRejectedValue(new DOMException('no', 'NotAllowedError'));
    render(<ReportCard text="Zeroloop: 1" />, root);
    await page.getByRole('button', { name: 'Copy report' }).click();
    await expect.poll(() => getSelection()?.toString()).toBe('Zeroloop: 1');
  });
});
