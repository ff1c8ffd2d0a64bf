/** The settings of the next run: what is chosen, what is wrong with it, and the address that holds all of it. */
import { beforeEach, describe, expect, it } from 'vitest';
import './page-globals';
import { first, sections, speaksOf, wordsOf } from '../../../src/app/settings/sections';
import {
  change,
  changesFrom,
  choosePreset,
  chosenValue,
  config,
  configOf,
  draft,
  draftFrom,
  firstDraft,
  like,
  linkTo,
  nearestPreset,
  problems,
  readAddress,
  rememberInAddress,
  reset,
  set,
  settingsOf,
  strangers,
} from '../../../src/app/state/draft';
import type { Route } from '../../../src/app/state/router';
import { keys, readConfig } from '../../../src/selfplay/config';
import { presetConfig, presetNames } from '../../../src/selfplay/presets';
import { visit } from './page-globals';

/** Opens a link to the settings. */
function open(address: string): string | null {
  visit(address);
  return readAddress(routeOf(address));
}

function routeOf(address: string): Route {
  return { view: 'settings', params: new URLSearchParams(address.split('?')[1] ?? '') };
}

beforeEach(() => {
  draft.value = firstDraft;
  like.value = null;
  strangers.value = [];
  visit('#/elsewhere');
});

describe('what is chosen', () => {
  it('is a preset until something is changed', () => {
    expect(config.value).toEqual(presetConfig('taste'));
    set('batch', 16);
    expect(config.value?.batch).toBe(16);
    expect(draft.value.changes).toEqual({ batch: 16 });
  });

  it('takes a change back that leads to where the preset is', () => {
    set('batch', 16);
    set('batch', 8);
    expect(draft.value.changes).toEqual({});
    set('modes', ['deduction']);
    reset('modes');
    expect(draft.value.changes).toEqual({});
  });

  it('keeps what is wrong as it was typed, and says what is wrong', () => {
    set('batch', 'many');
    set('optimizer.rate', 7);
    expect(chosenValue('batch')).toBe('many');
    expect(config.value).toBeNull();
    expect(problems.value).toEqual([
      { key: 'batch', message: 'batch must be a whole number from 1 to 4096, not "many".' },
      { key: 'optimizer.rate', message: 'optimizer.rate must be a number from 0 to 1, not 7.' },
    ]);
  });

  it('leaves the seed and the note when another preset is chosen, and says what went', () => {
    set('seed', 7);
    set('note', 'mine');
    set('batch', 16);
    set('references', 3);
    expect(choosePreset('laptop')).toEqual(['batch', 'references']);
    expect(draft.value).toEqual({ ...firstDraft, preset: 'laptop', changes: { seed: 7, note: 'mine' } });
  });
});

describe('the address of the settings', () => {
  it('holds the whole configuration: what is read from it is what was written', () => {
    for (const preset of presetNames) {
      const chosen = {
        preset,
        changes: { seed: 7, modes: ['deduction'], 'watch.stop': [], 'gate.dead': 'perhaps', batch: '' },
        model: 'run:abc@20',
        backend: 'wasm' as const,
      };
      open(linkTo(chosen));
      const settings = { ...settingsOf(draft.value), seed: 7 };
      expect(settings, preset).toEqual(settingsOf(chosen));
      expect(draft.value.model).toBe('run:abc@20');
      expect(draft.value.backend).toBe('wasm');
    }
  });

  it('names the seed even where nobody changed it', () => {
    expect(linkTo(firstDraft)).toBe('#/settings?preset=taste&seed=1');
  });

  it('keeps an empty list, which is not the list of the preset', () => {
    set('watch.stop', []);
    open(linkTo(draft.value));
    expect(config.value?.['watch.stop']).toEqual([]);
  });

  it('keeps wrong values, for the form to explain', () => {
    open('#/settings?preset=laptop&batch=9999999&optimizer.rate=abc');
    expect(problems.value.map(({ key }) => key)).toEqual(['batch', 'optimizer.rate']);
    expect(strangers.value).toEqual([]);
  });

  it('says what there is not, and takes the rest', () => {
    open('#/settings?preset=nonsense&backend=abacus&bacth=9&steps=7');
    expect(strangers.value).toEqual([
      'There is no preset "nonsense".',
      'There is no backend "abacus".',
      'There is no key "bacth": the nearest one is batch.',
    ]);
    expect(chosenValue('steps')).toBe(7);
  });

  it('says nothing without parameters: what was chosen stays', () => {
    set('batch', 16);
    expect(open('#/settings')).toBeNull();
    expect(draft.value.changes).toEqual({ batch: 16 });
  });

  it('does not undo what was chosen since it was written', () => {
    set('batch', 16);
    rememberInAddress();
    expect(location.hash).toBe('#/settings?preset=taste&seed=1&batch=16');
    set('batch', 32); // and the view is left before that is written
    expect(readAddress(routeOf(location.hash))).toBeNull();
    expect(draft.value.changes).toEqual({ batch: 32 });
  });

  it('is to be filled from a run if it names nothing else', () => {
    expect(open('#/settings?like=abc')).toBe('abc');
    expect(like.value).toBe('abc');
    expect(open('#/settings?like=abc&preset=laptop')).toBeNull();
    expect(like.value).toBe('abc');
    expect(draft.value.preset).toBe('laptop');
  });

  it('does not tell others what it is compared with', () => {
    open('#/settings?like=abc&preset=laptop');
    expect(linkTo(draft.value)).not.toContain('abc');
  });
});

describe('a run as a beginning', () => {
  it('is told by the preset that it is nearest to, seeds and notes aside', () => {
    for (const preset of presetNames) {
      const config = presetConfig(preset, { seed: 99, note: 'mine', 'checkpoint.every': 3 });
      const nearest = nearestPreset(config);
      expect(changesFrom(nearest, config).length, preset).toBeLessThanOrEqual(1);
    }
    expect(nearestPreset(presetConfig('taste', { seed: 5 }))).toBe('taste');
  });

  it('gives the same configuration again', () => {
    const config = presetConfig('laptop', { seed: 3, batch: 12, 'watch.stop': [] });
    change(draftFrom(config, 'builtin'));
    expect(readConfig(settingsOf(draft.value))).toEqual(config);
    expect(draft.value.preset).toBe('laptop');
  });

  it('is null where its settings cannot be read', () => {
    expect(configOf({ config: null })).toBeNull();
    expect(configOf({ config: { batch: 'many' } })).toBeNull();
    expect(configOf({ config: { ...presetConfig('taste') } })).toEqual(presetConfig('taste'));
  });
});

describe('the sections of options', () => {
  it('have every key once', () => {
    const shown = [...first, ...sections.flatMap(({ options }) => options)].map(({ key }) => key);
    expect([...shown].sort()).toEqual([...keys].sort());
  });

  it('are searched by words of keys, help and titles', () => {
    const found = (query: string) =>
      sections.flatMap((section) =>
        section.options.filter((each) => speaksOf(each, section, wordsOf(query))).map(({ key }) => key),
      );
    expect(found('learning rate')).toEqual(['optimizer.rate']);
    expect(found('Frontier hindsight')).toEqual(['hindsight.sampling']);
    expect(found('zebra')).toEqual([]);
  });
});
