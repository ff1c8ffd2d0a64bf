/** The cards of the page as a user meets them, with an engine that does what the test says. */
import { render } from 'preact';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { artifactPurposes } from '../../src/app/artifacts';
import { ArtifactsCard } from '../../src/app/artifacts-card';
import { inspectDevice } from '../../src/app/device';
import { DeviceCard } from '../../src/app/device-card';
import type { RunSelfTest, SelfTestProgress, SelfTestResult } from '../../src/app/self-test';
import { SelfTestCard } from '../../src/app/self-test-card';
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

it('describes this device', async () => {
  const device = await inspectDevice();
  render(<DeviceCard device={device} />, root);
  expect(device.isolated).toBe(true);
  await expect.element(page.getByText(device.adapter?.name ?? 'no adapter')).toBeVisible();
});

it('helps where there is no WebGPU', async () => {
  const device = await inspectDevice();
  render(
    <DeviceCard device={{ ...device, adapter: null, backend: 'wasm', help: 'Update the browser.' }} />,
    root,
  );
  await expect.element(page.getByText('Everything works without a GPU too', { exact: false })).toBeVisible();
  await expect.element(page.getByText('Update the browser.')).toBeVisible();
});

it('makes the artifacts of a model and offers them for download', async () => {
  render(<ArtifactsCard />, root);
  await page.getByRole('combobox', { name: 'Model' }).selectOptions('tiny');
  await page.getByRole('button', { name: 'Make the files' }).click();
  const download = page.getByRole('link', { name: 'Download training_model.onnx' });
  await expect.element(download, { timeout: 20_000 }).toBeVisible();
  expect(page.getByRole('link').elements()).toHaveLength(Object.keys(artifactPurposes).length);
  const { href } = download.element() as HTMLAnchorElement;
  const bytes = await (await fetch(href)).bytes();
  expect(bytes.length).toBeGreaterThan(1000);
});

it('refuses a config.json that it cannot train', async () => {
  render(<ArtifactsCard />, root);
  const file = new File([JSON.stringify({ model_type: 'mamba' })], 'config.json', {
    type: 'application/json',
  });
  await userEvent.upload(root.querySelector('input[type=file]') as HTMLInputElement, file);
  await expect.element(page.getByText(/mamba/)).toBeVisible();
  await expect.element(page.getByRole('button', { name: 'Make the files' })).toBeDisabled();
});
