/** The settings as a person meets them: every option, what is wrong said where it is wrong, and the address that holds it all. */
import axe from 'axe-core';
import { render } from 'preact';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { sections } from '../../../src/app/settings/sections';
import { findDevice } from '../../../src/app/state/device';
import { draft, firstDraft, like, strangers } from '../../../src/app/state/draft';
import { refresh } from '../../../src/app/state/library';
import { keepModel } from '../../../src/app/state/models';
import { toasts } from '../../../src/app/state/toasts';
import Settings from '../../../src/app/views/settings';
import { keys } from '../../../src/selfplay/config';
import { presetConfig } from '../../../src/selfplay/presets';
import { openStore } from '../../../src/store/indexed';
import { ModelShelf } from '../../../src/store/models';
import tokenizer from '../../golden/hub-tokenizers/smollm2/tokenizer.json?raw';
import tokenizerConfig from '../../golden/hub-tokenizers/smollm2/tokenizer_config.json?raw';
import configs from '../../golden/public-models/configs.json';
import { makeInfo } from '../store/records';
import '../../../src/app/style.css';

const run = 'settings-test';
let root: HTMLElement;

beforeAll(async () => {
  // The page under test lies in a folder of its own, and the model does not.
  const fetchThere = fetch;
  vi.stubGlobal('fetch', (what: string | URL, how?: RequestInit) =>
    fetchThere(String(what).replace(/^.*\/model\//, '/model/'), how),
  );
  const store = await openStore();
  if (!(await store.runs()).some(({ id }) => id === run)) {
    const config = presetConfig('laptop', { batch: 16, 'gate.dead': false, seed: 3 });
    await store.createRun(
      makeInfo(run, { name: 'swift otter', config, model: 'the base model that ships with Zeroloop' }),
    );
  }
  store.close();
  await refresh();
  await findDevice();
});
afterAll(async () => {
  vi.unstubAllGlobals();
  const store = await openStore();
  await store.deleteRun(run);
  store.close();
});

beforeEach(() => {
  root = document.body.appendChild(document.createElement('div'));
  root.id = 'app';
  draft.value = firstDraft;
  like.value = null;
  strangers.value = [];
});
afterEach(() => {
  render(null, root);
  root.remove();
  location.hash = '';
});

function open(address: string): void {
  location.hash = address;
  dispatchEvent(new HashChangeEvent('hashchange'));
  render(
    <main>
      <Settings />
    </main>,
    root,
  );
}

/** SmolLM2-360M's form and words, without its weights, which nobody needs before a start. */
async function keepSmol(): Promise<string> {
  const files = {
    'config.json': JSON.stringify(configs['HuggingFaceTB/SmolLM2-360M-Instruct']),
    'tokenizer.json': tokenizer,
    'tokenizer_config.json': tokenizerConfig,
  };
  const blobs = Object.entries(files).map(([name, text]) => [name, new Blob([text])] as const);
  const { id } = await keepModel({ name: 'smol', files: Object.fromEntries(blobs), about: null });
  onTestFinished(() => new ModelShelf().delete(id));
  return id;
}

const control = (key: string) => root.querySelector<HTMLInputElement>(`[id="option-${key}"]`);
const start = () => page.getByRole('button', { name: 'Start' });

async function openSections(): Promise<void> {
  for (const summary of root.querySelectorAll<HTMLElement>('.options > details:not([open]) > summary')) {
    summary.click();
  }
  await expect.poll(() => root.querySelectorAll('.option').length).toBe(keys.length);
}

async function expectNoViolation() {
  // Where the page stands is the affair of the shell.
  const { violations } = await axe.run(root, { rules: { region: { enabled: false } } });
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
}

describe('the settings', () => {
  it('have every option, with a label, a sentence and a control that the keyboard reaches', async () => {
    open('#/settings?preset=laptop');
    await openSections();
    for (const key of keys) {
      const found = control(key);
      expect(found, key).not.toBeNull();
      const name = root.querySelector(`label[for="option-${key}"], [id="option-${key}-label"]`);
      expect(name?.textContent, key).toBe(key);
      const help = root.querySelector(`[id="${found?.getAttribute('aria-describedby')?.split(' ')[0]}"]`);
      expect(help?.textContent?.length, key).toBeGreaterThan(10);
    }
    await expectNoViolation();
    for (const summary of root.querySelectorAll<HTMLElement>('.options > details > summary')) summary.click();
  });

  it('keep what is typed, say below it what is wrong, and do not start before it is right', async () => {
    open('#/settings?preset=laptop');
    await expect.element(start()).toBeEnabled();
    await userEvent.fill(page.getByLabelText('steps', { exact: true }), '5o');
    await expect.element(start()).toBeDisabled();
    const field = control('steps');
    expect(field?.value).toBe('5o');
    expect(field?.getAttribute('aria-invalid')).toBe('true');
    expect(field?.getAttribute('aria-describedby')).toContain('option-steps-problem');
    expect(root.querySelector('[id="option-steps-problem"]')?.textContent).toBe(
      'steps must be a whole number from 0 to 1000000000, not "5o".',
    );
    await expectNoViolation();
    await expect.poll(() => location.hash).toContain('steps=5o');
    await userEvent.fill(page.getByLabelText('steps', { exact: true }), '50');
    await expect.element(start()).toBeEnabled();
    await userEvent.click(page.getByRole('button', { name: 'Reset steps to 500' }));
    expect(control('steps')?.value).toBe('500');
    await expect.poll(() => location.hash).toBe('#/settings?preset=laptop&seed=1');
  });

  it('come from an address, whole, and lead from a problem to its option', async () => {
    open('#/settings?preset=laptop&batch=9999999&optimizer.rate=abc&frob=1');
    await expect.element(page.getByText('There is no key "frob"', { exact: false })).toBeVisible();
    await userEvent.click(page.getByRole('button', { name: 'optimizer.rate must be', exact: false }));
    await expect.poll(() => document.activeElement?.id).toBe('option-optimizer.rate');
    expect(control('optimizer.rate')?.value).toBe('abc');
  });

  it('say what a run takes, and why it cannot be', async () => {
    open('#/settings?preset=laptop');
    await expect.element(page.getByText(/^about .* (minutes|hours)$/)).toBeVisible();
    await expect.element(page.getByText(/^up to \d+ MiB$/)).toBeVisible();
    await userEvent.click(page.getByText('For other models: the original and its ablations'));
    await userEvent.click(page.getByRole('radio', { name: 'strict', exact: false }));
    await expect.element(start()).toBeDisabled();
    await expect.element(page.getByText('set dialect=compact', { exact: false })).toBeVisible();
    await expectNoViolation();
  });

  it('offer a preset that the model can speak, where the chosen one is in another language', async () => {
    open('#/settings?preset=chat');
    const instead = page.getByRole('button', { name: 'Use the preset taste' });
    await expect.element(instead).toBeVisible();
    const box = instead.element().getBoundingClientRect();
    const card = instead.element().closest('.card')?.getBoundingClientRect();
    expect(box.right).toBeLessThan(card?.right ?? 0);
    await userEvent.click(instead);
    await expect.element(start()).toBeEnabled();
    expect(draft.value.preset).toBe('taste');
  });

  it('follow a chat model that is chosen: a preset for it, and what fits it and this device', async () => {
    const id = await keepSmol();
    open(`#/settings?model=kept:${id}&seed=7`);
    const filled = {
      'model.base': 'int4',
      'tokens.prompt': 1536,
      'tokens.content': 1184,
      'tokens.response': 768,
    };
    const settled = { preset: 'chat', changes: { ...filled, seed: 7 } };
    await expect.poll(() => draft.value).toMatchObject(settled);
    await expect.element(start()).toBeEnabled();
    await expect.element(page.getByText('Filled in for this model and this device')).toBeVisible();

    draft.value = { ...draft.value, changes: { ...draft.value.changes, 'tokens.response': 8000 } };
    await expect.element(start()).toBeDisabled();
    await expect.element(page.getByText('reads at most 8192 at once', { exact: false })).toBeVisible();
    draft.value = { ...draft.value, changes: { ...draft.value.changes, 'tokens.response': 4000 } };
    await expect.element(page.getByText('3.00 GiB are available', { exact: false })).toBeVisible();
    await expect.element(start()).toBeDisabled();
    await userEvent.click(page.getByRole('button', { name: 'Fill in what fits' }));
    await expect.element(start()).toBeEnabled();
    expect(draft.value.changes['tokens.response']).toBeLessThan(4000);
    await expectNoViolation();

    await userEvent.selectOptions(page.getByLabelText('Model', { exact: true }), 'The base model');
    await expect.poll(() => draft.value).toMatchObject({ preset: 'taste', changes: { seed: 7 } });
    await userEvent.selectOptions(page.getByLabelText('Model', { exact: true }), 'smol');
    await expect.poll(() => draft.value).toMatchObject(settled);
    toasts.value.at(-1)?.action?.run();
    await expect.poll(() => draft.value).toMatchObject({ preset: 'taste', model: 'builtin' });
  });

  it('find options by words, and show only what is changed', async () => {
    open('#/settings?preset=laptop&batch=16&gate.dead=false');
    const shown = () => [...root.querySelectorAll('.options .option-key')].map((key) => key.textContent);
    await userEvent.fill(page.getByLabelText('Search options'), 'learning rate');
    await expect.poll(shown).toEqual(['optimizer.rate']);
    await userEvent.fill(page.getByLabelText('Search options'), 'zebra');
    await expect.element(page.getByText('No option speaks of that', { exact: false })).toBeVisible();
    await userEvent.fill(page.getByLabelText('Search options'), '');
    await userEvent.selectOptions(page.getByLabelText('Which options to show'), 'Only changed ones');
    await expect.poll(shown).toEqual(['batch', 'gate.dead']);
    await userEvent.selectOptions(page.getByLabelText('Which options to show'), 'All options');
  });

  it('fill themselves from a run, mark what differs from it, and take its values over', async () => {
    open(`#/settings?like=${run}`);
    await expect
      .poll(() => draft.value)
      .toMatchObject({
        preset: 'laptop',
        changes: { seed: 3, batch: 16, 'gate.dead': false },
        model: 'builtin',
      });
    await expect.poll(() => location.hash).toContain('preset=laptop&seed=3&batch=16');
    await userEvent.fill(page.getByLabelText('seed', { exact: true }), '4');
    await expect.element(page.getByText('swift otter has 3.', { exact: false })).toBeVisible();
    await expectNoViolation();
    await userEvent.click(page.getByRole('button', { name: 'Take it: 3 for seed' }));
    expect(control('seed')?.value).toBe('3');
    await expect.element(page.getByText('swift otter has 3.', { exact: false })).not.toBeInTheDocument();
  });

  it('do not lose what was changed when another preset is chosen', async () => {
    open('#/settings?preset=laptop&batch=16&seed=9');
    await userEvent.click(page.getByRole('radio', { name: 'patient', exact: false }));
    await expect.poll(() => draft.value).toMatchObject({ preset: 'patient', changes: { seed: 9 } });
    toasts.value.at(-1)?.action?.run();
    await expect.poll(() => draft.value).toMatchObject({ preset: 'laptop', changes: { batch: 16, seed: 9 } });
  });

  it('open section by section', () => {
    open('#/settings?preset=laptop');
    expect(root.querySelectorAll('.options > details').length).toBe(sections.length);
  });
});
