/** The list of runs as a person meets it: found, renamed, compared, deleted and brought back, dropped onto the page. */
import axe from 'axe-core';
import { render } from 'preact';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { refresh, remove, runs, usage } from '../../../src/app/state/library';
import { type LiveRun, live } from '../../../src/app/state/live';
import { toasts } from '../../../src/app/state/toasts';
import { waits } from '../../../src/app/state/waiting';
import Runs from '../../../src/app/views/runs';
import { presetConfig } from '../../../src/selfplay/presets';
import { openStore } from '../../../src/store/indexed';
import { exportLog } from '../../../src/store/log';
import type { RunInfo } from '../../../src/store/records';
import { makeInfo, makeSteps } from '../store/records';
import '../../../src/app/style.css';

let root: HTMLElement;

async function add(id: string, change: Partial<RunInfo>, steps = 3): Promise<void> {
  const store = await openStore();
  const info = makeInfo(id, { status: 'paused', ...change });
  await store.createRun(info);
  const writer = await store.openRun(id);
  for (const { record, snapshot } of makeSteps(info, steps)) await writer.append(record, snapshot);
  await writer.release();
  store.close();
  await refresh();
}

async function forgetAll(): Promise<void> {
  const store = await openStore();
  for (const { id } of await store.runs()) await store.deleteRun(id);
  store.close();
  await refresh();
}

const config = (changes: Parameters<typeof presetConfig>[1]) =>
  presetConfig('laptop', { ...changes, 'evaluate.every': 0 });

beforeAll(forgetAll);
afterAll(forgetAll);
beforeEach(async () => {
  root = document.body.appendChild(document.createElement('div'));
  root.id = 'app';
  location.hash = '#/runs';
  dispatchEvent(new HashChangeEvent('hashchange'));
  toasts.value = [];
  await add('one', { name: 'swift otter', config: config({ batch: 16 }), createdAt: 2 });
  await add('two', { name: 'calm badger', config: config({ seed: 2 }), createdAt: 1, note: 'colder' });
  render(
    <main>
      <Runs />
    </main>,
    root,
  );
});
afterEach(async () => {
  render(null, root);
  root.remove();
  await forgetAll();
});

const names = () => [...root.querySelectorAll('.run-name > a')].map((link) => link.textContent);

async function expectNoViolation() {
  const { violations } = await axe.run(root, { rules: { region: { enabled: false } } });
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
}

/** As if somebody had dropped it onto the page, once it is there. */
async function drop(file: File): Promise<void> {
  await expect.poll(names).not.toEqual([]);
  await new Promise((resolve) => setTimeout(resolve, 100));
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(file);
  root.dispatchEvent(new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer }));
}

async function logOf(id: string): Promise<Blob> {
  const store = await openStore();
  const log = await new Response(exportLog(await store.readRun(id))).blob();
  store.close();
  return log;
}

describe('the runs', () => {
  it('are found by their names, their notes and their settings', async () => {
    await expect.poll(names).toEqual(['swift otter', 'calm badger']);
    await expectNoViolation();
    const search = page.getByLabelText('Search runs');
    await userEvent.fill(search, 'colder');
    await expect.poll(names).toEqual(['calm badger']);
    await userEvent.fill(search, 'batch=16');
    await expect.poll(names).toEqual(['swift otter']);
    await userEvent.fill(search, 'batch=17');
    await expect.element(page.getByText('No run is like that', { exact: false })).toBeVisible();
    await userEvent.fill(search, '');
  });

  it('get other names, notes and colours where they stand; Escape changes nothing', async () => {
    await userEvent.click(page.getByRole('button', { name: 'Rename: Name of swift otter' }));
    await userEvent.keyboard('slow otter{Enter}');
    await expect.poll(names).toContain('slow otter');
    await userEvent.click(page.getByRole('button', { name: 'Rename: Name of slow otter' }));
    await userEvent.keyboard('nothing{Escape}');
    await userEvent.click(page.getByText('Add a note'));
    await userEvent.keyboard('worth a look{Enter}');
    await expect.poll(() => runs.value?.find(({ id }) => id === 'one')?.note).toBe('worth a look');
    await userEvent.click(page.getByRole('button', { name: 'Colour of slow otter', exact: false }));
    await userEvent.click(page.getByRole('radio', { name: 'number 3' }));
    await expect.poll(() => runs.value?.find(({ id }) => id === 'one')?.colour).toBe(2);
    expect(runs.value?.find(({ id }) => id === 'one')?.name).toBe('slow otter');
    await expectNoViolation();
  });

  it('are compared: in which settings they differ, and the way to their charts', async () => {
    await userEvent.click(page.getByRole('checkbox', { name: 'Compare swift otter' }));
    await userEvent.click(page.getByRole('checkbox', { name: 'Compare calm badger' }));
    const rows = () =>
      [...root.querySelectorAll('.comparison-scroll tbody tr')].map((row) =>
        [...row.children].map((cell) => cell.textContent).join(' '),
      );
    await expect.poll(rows).toEqual(expect.arrayContaining(['seed 1 2', 'batch 16 8']));
    expect(rows().filter((row) => row.startsWith('steps '))).toEqual(['steps done 2 2']);
    const charts = page.getByRole('link', { name: 'Compare charts' });
    await expect.element(charts).toHaveAttribute('href', '#/train?run=one&with=two');
    await expectNoViolation();
  });

  it('come with how much is stored, or with the word that the browser does not say', async () => {
    const words = () => root.querySelector('.storage-words')?.textContent;
    await expect.poll(words).toMatch(/^[\d.]+ .?i?B of [\d.]+ .?i?B in use/);
    const untold = () => {
      usage.value = { bytes: 0, quota: 0, persistent: false };
      return words();
    };
    await expect.poll(untold).toMatch(/^This browser does not say how much is in use\./);
  });

  it('go when they are deleted, unless somebody undoes it', async () => {
    await userEvent.click(page.getByRole('button', { name: 'Delete swift otter' }));
    await expect.poll(names).toEqual(['calm badger']);
    toasts.value.at(-1)?.action?.run();
    await expect.poll(names).toEqual(['swift otter', 'calm badger']);
    await userEvent.click(page.getByRole('button', { name: 'Delete calm badger' }));
    await expect.poll(() => runs.value?.map(({ id }) => id), { timeout: 12_000 }).toEqual(['one']);
    expect(names()).toEqual(['swift otter']);
  });

  it('are closed before they are deleted, if they are open here', async () => {
    const events: string[] = [];
    live.value = {
      run: 'one',
      step: { value: 1 },
      status: { value: 'paused' },
      close: async () => {
        events.push('closed');
        live.value = null;
      },
    } as unknown as LiveRun;
    const run = runs.value?.find(({ id }) => id === 'one');
    await remove(run!);
    expect(events).toEqual(['closed']);
    toasts.value.at(-1)?.action?.run(); // undone: it is there again, closed
    await expect.poll(names).toEqual(['swift otter', 'calm badger']);
  });

  it('are not deleted while another tab has them open', async () => {
    const store = await openStore();
    const elsewhere = await store.openRun('one');
    const run = runs.value?.find(({ id }) => id === 'one');
    await expect(remove(run!)).rejects.toThrow('is open in another tab or worker');
    expect(names()).toEqual(['swift otter', 'calm badger']);
    await elsewhere.release();
    store.close();
  });

  it('come in when their logs are dropped, under names of their own', async () => {
    await drop(new File([await logOf('one')], 'otter.jsonl.gz'));
    await expect.poll(names).toContain('swift otter (2)');
    await expect.poll(() => toasts.value.map(({ text }) => text)).toEqual(['swift otter (2) is imported.']);
  });

  it('leave nothing behind if somebody cancels while they come in', async () => {
    await add('long', { name: 'long run', config: config({}), createdAt: 0 }, 400);
    const log = await logOf('long');
    await drop(new File([log], 'long.jsonl.gz'));
    await expect.poll(() => waits.value.some(({ detail }) => detail.startsWith('step'))).toBe(true);
    for (const { cancel } of waits.value) cancel();
    await expect.poll(() => waits.value.length).toBe(0);
    const stored = async () => {
      const store = await openStore();
      const all = await store.runs();
      store.close();
      return all.map(({ id }) => id).sort();
    };
    await expect.poll(stored).toEqual(['long', 'one', 'two']);
  });

  it('say why a file is no run', async () => {
    await drop(new File(['{"a": 1}'], 'a.jsonl'));
    const told = () => toasts.value.map(({ text }) => text).join();
    await expect.poll(told).toContain('no log of a Zeroloop run');
  });
});
