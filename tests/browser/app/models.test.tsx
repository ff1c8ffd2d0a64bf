/** The view of models as a person meets it: models come in, are named, looked at, taken out, deleted and brought back. */
import { signal } from '@preact/signals';
import axe from 'axe-core';
import { unzipSync, zipSync } from 'fflate';
import { render } from 'preact';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { artifactPurposes } from '../../../src/app/artifacts';
import { refresh } from '../../../src/app/state/library';
import { type LiveRun, live } from '../../../src/app/state/live';
import { refreshModels } from '../../../src/app/state/models';
import { toasts } from '../../../src/app/state/toasts';
import Models from '../../../src/app/views/models';
import type { SessionStatus } from '../../../src/selfplay/session';
import { openStore } from '../../../src/store/indexed';
import { ModelShelf } from '../../../src/store/models';
import { tinyModel } from '../../doubles/tiny-model';
import { until } from '../../doubles/until';
import { makeInfo, makeSteps } from '../store/records';
import '../../../src/app/style.css';

let root: HTMLElement;
const shelf = new ModelShelf();

async function forgetAll(): Promise<void> {
  for (const { id } of await shelf.models()) await shelf.delete(id);
  const store = await openStore();
  for (const { id } of await store.runs()) await store.deleteRun(id);
  store.close();
}

beforeEach(async () => {
  await forgetAll();
  location.hash = '#/models';
  dispatchEvent(new HashChangeEvent('hashchange'));
  toasts.value = [];
  root = document.body.appendChild(document.createElement('div'));
  root.id = 'app';
  await refresh();
  await refreshModels();
  render(
    <main>
      <Models />
    </main>,
    root,
  );
});
afterEach(async () => {
  live.value = null;
  render(null, root);
  root.remove();
  await forgetAll();
});

async function zipFile(name = 'my model.zip', folder = 'tiny'): Promise<File> {
  const files = Object.entries(await tinyModel()).map(([file, bytes]) => [`${folder}/${file}`, bytes]);
  return new File([zipSync(Object.fromEntries(files)) as Uint8Array<ArrayBuffer>], name);
}

const input = (label: string) =>
  [...root.querySelectorAll('label')]
    .find((each) => each.textContent === label)
    ?.querySelector('input') as HTMLInputElement;
const choose = async (file: File | File[]) => userEvent.upload(input('Choose a zip …'), file);
const names = () => [...root.querySelectorAll('.model strong')].map(({ textContent }) => textContent);
const said = () => toasts.value.map(({ text }) => text).join('\n');

async function expectNoViolation() {
  const { violations } = await axe.run(root, { rules: { region: { enabled: false } } });
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
}

/** What the browser is told to download. */
function downloads(): { name: string; blob: Promise<Blob> }[] {
  const found: { name: string; blob: Promise<Blob> }[] = [];
  const spy = vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (
    this: HTMLAnchorElement,
  ) {
    found.push({ name: this.download, blob: fetch(this.href).then((response) => response.blob()) });
  });
  onTestFinished(() => spy.mockRestore());
  return found;
}

describe('a model that is imported', () => {
  it('is kept under the name of its folder, with what it is', async () => {
    await choose(await zipFile());
    await until(() => expect(names()).toContain('tiny'));
    expect(root.querySelector('.models')?.textContent).toMatch(/tiny[\d.]+k parameters in float32, .* KiB/);
    expect(said()).toMatch(/^tiny is imported: [\d.]+k parameters in float32\.$/);
    const link = page.getByRole('link', { name: 'Start a run from tiny' });
    const [{ id }] = await shelf.models();
    expect(link.element().getAttribute('href')).toBe(`#/settings?model=kept%3A${id}`);
    await expectNoViolation();
  });

  it('may be dropped onto the view, file by file', async () => {
    const dataTransfer = new DataTransfer();
    for (const [name, bytes] of Object.entries(await tinyModel()))
      dataTransfer.items.add(new File([bytes], name));
    const over = new DragEvent('dragover', { bubbles: true, cancelable: true, dataTransfer });
    root.dispatchEvent(over);
    expect(over.defaultPrevented).toBe(true);
    root.dispatchEvent(new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer }));
    await until(() => expect(names()).toContain('model'));
  });

  it('gets a number where its name is taken', async () => {
    await choose(await zipFile());
    await until(() => expect(names()).toContain('tiny'));
    await choose(await zipFile());
    await until(() => expect(names()).toContain('tiny (2)'));
  });

  it('is refused in words where it is none, and nothing is kept', async () => {
    await choose(new File(['once upon a time'], 'tale.txt'));
    await until(() => expect(said()).toMatch(/^tale\.txt was not imported\. There is no config\.json/));
    expect(await shelf.models()).toEqual([]);
  });

  it('is renamed with the keyboard, deleted, and brought back', async () => {
    await choose(await zipFile());
    await page.getByRole('button', { name: 'Rename tiny' }).click();
    await userEvent.keyboard('{Control>}a{/Control}Clever otter{Enter}');
    await until(() => expect(names()).toContain('Clever otter'));
    await page.getByRole('button', { name: 'Delete Clever otter' }).click();
    await until(() => expect(names()).not.toContain('Clever otter'));
    toasts.value.find(({ action }) => action?.label === 'Undo')?.action?.run();
    await until(() => expect(names()).toContain('Clever otter'));
    expect((await shelf.models()).map(({ name }) => name)).toEqual(['Clever otter']);
  });
});

describe('a checkpoint of a run', () => {
  beforeEach(async () => {
    const info = makeInfo('one', { name: 'swift otter' });
    const store = await openStore();
    await store.createRun(info);
    const writer = await store.openRun('one', { newest: 5, every: 1 });
    const files = { ...(await tinyModel()), 'trainer_state.safetensors': new Uint8Array(1000) };
    const bytes = Object.values(files).reduce((sum, { length }) => sum + length, 0);
    for (const { record, snapshot } of makeSteps(info, 3)) {
      const { step } = record;
      await writer.append(record, snapshot, { step, at: step, bytes, files });
    }
    await writer.release();
    store.close();
    await refresh();
  });

  it('is offered with the older ones behind it', async () => {
    const last = (await newest()).step;
    await until(() => expect(names()).toContain(`swift otter, step ${last}`));
    expect(names()).not.toContain(`swift otter, step ${last - 1}`);
    await page.getByRole('button', { name: /Show 2 older checkpoints/ }).click();
    await until(() => expect(names()).toContain(`swift otter, step ${last - 2}`));
    await expectNoViolation();
  });

  it('is exported as a folder in a zip, in the form that is chosen', async () => {
    const found = downloads();
    const { step } = await newest();
    await page.getByRole('button', { name: `Export swift otter, step ${step}` }).click();
    await page.getByRole('button', { name: 'Export the zip' }).click();
    await until(() => expect(found).toHaveLength(1));
    await page.getByRole('radio', { name: /optimizer/ }).click();
    await page.getByRole('button', { name: 'Export the zip' }).click();
    await until(() => expect(found).toHaveLength(2));
    await expectNoViolation();
    const folder = `zeroloop-swift-otter-step-${step}`;
    expect(found.map(({ name }) => name)).toEqual([`${folder}.zip`, `${folder}-with-optimizer.zip`]);
    const [model, all] = await Promise.all(
      found.map(async ({ blob }) => unzipSync(await (await blob).bytes())),
    );
    expect(Object.keys(model)).toContain(`${folder}/tokenizer.json`);
    expect(Object.keys(model).filter((path) => path.includes('trainer_state'))).toEqual([]);
    expect(all[`${folder}-with-optimizer/trainer_state.safetensors`]).toHaveLength(1000);
  });

  it('is kept in the browser, whatever becomes of the run', async () => {
    const { step } = await newest();
    await page.getByRole('button', { name: `Export swift otter, step ${step}` }).click();
    await page.getByRole('button', { name: 'Keep in this browser' }).click();
    await until(async () =>
      expect((await shelf.models()).map(({ name }) => name)).toEqual([`swift otter, step ${step}`]),
    );
    const [{ id }] = await shelf.models();
    expect(Object.keys(await shelf.files(id))).not.toContain('trainer_state.safetensors');
  });

  it('is open already for somebody who comes from the run', async () => {
    location.hash = '#/models?run=one';
    await expect.element(page.getByRole('button', { name: 'Export the zip' })).toBeVisible();
  });

  async function newest() {
    const store = await openStore();
    const found = await (await store.readRun('one')).checkpoints();
    store.close();
    return found.toSorted((a, b) => b.step - a.step)[0];
  }
});

describe('the run that is open', () => {
  /** It trains, and tells what was asked of it. */
  async function openRun(status: SessionStatus, weights: () => Promise<Record<string, Uint8Array>>) {
    const asked: string[] = [];
    const run = {
      run: 'open',
      name: 'calm badger',
      status: signal<SessionStatus>(status),
      step: signal<number | null>(7),
      progress: signal(null),
      message: signal<string | null>(null),
      async pause() {
        asked.push('pause');
        run.status.value = 'paused';
      },
      play() {
        asked.push('play');
        run.status.value = 'running';
      },
      async weights() {
        asked.push('weights');
        return weights();
      },
      async close() {},
    };
    live.value = run as unknown as LiveRun;
    return asked;
  }

  it('waits while its model is taken, and goes on', async () => {
    const asked = await openRun('running', tinyModel);
    await page.getByRole('button', { name: 'Save now' }).click();
    await expect.element(page.getByRole('button', { name: 'Export the zip' })).toBeVisible();
    expect(asked).toEqual(['pause', 'weights', 'play']);
    const found = downloads();
    await page.getByRole('button', { name: 'Export the zip' }).click();
    await until(() => expect(found.map(({ name }) => name)).toEqual(['zeroloop-calm-badger-step-7.zip']));
  });

  it('stays paused if it was, and goes on if its model cannot be taken', async () => {
    const paused = await openRun('paused', tinyModel);
    await page.getByRole('button', { name: 'Save now' }).click();
    await expect.element(page.getByRole('button', { name: 'Export the zip' })).toBeVisible();
    expect(paused).toEqual(['weights']);

    const failing = await openRun('running', async () => {
      throw new Error('The device is gone.');
    });
    await page.getByRole('button', { name: 'Save now' }).click();
    await until(() => expect(said()).toContain('The device is gone.'));
    expect(failing).toEqual(['pause', 'weights', 'play']);
  });
});

describe('ONNX files', () => {
  const models = () =>
    page.getByRole('region', { name: 'ONNX files' }).getByRole('combobox', { name: 'Model' });

  it('are made for a model, and saved one by one or all together', async () => {
    const found = downloads();
    await models().selectOptions('tiny');
    await page.getByRole('button', { name: 'Make the files' }).click();
    await page.getByRole('button', { name: 'Save training_model.onnx' }).click();
    await page.getByRole('button', { name: 'Save all as a zip' }).click();
    await until(() =>
      expect(found.map(({ name }) => name)).toEqual(['training_model.onnx', 'zeroloop-onnx-tiny.zip']),
    );
    const files = unzipSync(await (await found[1].blob).bytes());
    expect(Object.keys(files).sort()).toEqual([...Object.keys(artifactPurposes), 'config.json'].sort());
    expect(files['training_model.onnx']).toEqual(await (await found[0].blob).bytes());
  });

  it('are refused for a config.json that cannot be trained', async () => {
    const file = new File([JSON.stringify({ model_type: 'mamba' })], 'config.json');
    await userEvent.upload(input('Use a config.json …'), file);
    await expect.element(page.getByText(/mamba/)).toBeVisible();
    await expect.element(page.getByRole('button', { name: 'Make the files' })).toBeDisabled();
  });
});
