/** The list of runs: what each one was, how it stands, how it is found, and in what two of them differ. */
import { describe, expect, it } from 'vitest';
import './page-globals';
import {
  differingKeys,
  inOrder,
  isWanted,
  kindOf,
  standingOf,
  type Whereabouts,
} from '../../../src/app/runs/describing';
import { lastTest } from '../../../src/app/runs/held-out';
import { modelsOf } from '../../../src/app/settings/comparing';
import type { Config } from '../../../src/selfplay/config';
import { type PresetName, presetConfig } from '../../../src/selfplay/presets';
import type { RunInfo } from '../../../src/store/records';
import { makeInfo } from '../../browser/store/records';

const run = (preset: PresetName, changes: Partial<Config> = {}, more: Partial<RunInfo> = {}): RunInfo =>
  makeInfo('a', { name: 'swift otter', config: presetConfig(preset, changes), ...more });

describe('a run is described', () => {
  it('by the preset it is nearest to, and by what it learns from', () => {
    expect(kindOf(run('laptop', { seed: 7, batch: 16 }))).toEqual({
      preset: 'laptop',
      changes: ['batch'],
      learns: 'hindsight',
    });
    expect(kindOf(run('pure'))?.learns).toBe('rewards alone');
    expect(kindOf(run('laptop', { 'hindsight.policy': true }))?.learns).toBe('rewards and hindsight');
    expect(kindOf(makeInfo('a'))).toBeNull(); // what another program wrote
  });

  it('by where it plays', () => {
    const at = (status: RunInfo['status'], where: Partial<Whereabouts> = {}) =>
      standingOf({ id: 'a', status }, { here: null, plays: false, held: new Set(), ...where });
    expect(at('running', { here: 'a', plays: true, held: new Set(['a']) })).toBe('playing');
    expect(at('running', { here: 'a', held: new Set(['a']) })).toBe('open');
    expect(at('running', { held: new Set(['a']) })).toBe('elsewhere');
    expect(at('paused', { held: new Set(['a']) })).toBe('held');
    // Nobody holds it: the tab that played it was killed.
    expect(at('running')).toBe('interrupted');
    // Browsers that do not tell who holds what: the status has to do.
    expect(at('running', { held: null })).toBe('elsewhere');
    expect(at('paused', { held: null })).toBe('paused');
    expect(at('finished', { here: 'a', held: new Set(['a']) })).toBe('finished');
  });

  it('by its tests: before the first step, every so many, and after the last', () => {
    expect(lastTest(24, 25, 5)).toBe(20);
    expect(lastTest(25, 25, 10)).toBe(25);
    expect(lastTest(3, 25, 10)).toBe(0);
    expect(lastTest(3, 25, 0)).toBeNull();
  });
});

describe('a run is found', () => {
  const wanted = (query: string) =>
    isWanted(run('laptop', { batch: 16 }, { note: 'Colder proposals', backend: 'wasm' }), query);

  it('by words of its name, note, preset and backend, all of them', () => {
    for (const query of ['', 'OTTER', 'colder', 'laptop wasm', 'hindsight swift'])
      expect(wanted(query), query).toBe(true);
    for (const query of ['badger', 'otter badger']) expect(wanted(query), query).toBe(false);
  });

  it('by its settings', () => {
    for (const query of ['batch=16', 'otter batch=16', 'modes=deduction,abduction,induction', 'batch='])
      expect(wanted(query), query).toBe(true);
    for (const query of ['batch=1', 'batch=160', 'gate.dead=false']) expect(wanted(query), query).toBe(false);
    expect(isWanted(makeInfo('a'), 'batch=16')).toBe(false);
  });

  it('in the order that was asked for', () => {
    const runs = [
      makeInfo('a', { name: 'c', createdAt: 1, step: 5 }),
      makeInfo('b', { name: 'a', createdAt: 3, step: 9 }),
      makeInfo('c', { name: 'b', createdAt: 2, step: 1 }),
    ];
    const accuracy = (id: string) => ({ a: 0.5, c: 0.7 })[id] ?? null;
    const ids = (order: Parameters<typeof inOrder>[1]) =>
      inOrder(runs, order, accuracy)
        .map(({ id }) => id)
        .join('');
    expect(ids('newest')).toBe('bca');
    expect(ids('oldest')).toBe('acb');
    expect(ids('name')).toBe('bca');
    expect(ids('steps')).toBe('bac');
    expect(ids('held-out')).toBe('cab');
  });
});

describe('runs side by side', () => {
  it('differ in the keys in which not all agree', () => {
    const runs = [run('laptop'), run('laptop', { batch: 16 }), run('laptop', { seed: 2 })];
    expect(differingKeys(runs)).toEqual(['seed', 'batch']);
    expect(differingKeys([run('laptop'), run('laptop')])).toEqual([]);
    expect(differingKeys([makeInfo('a'), run('laptop')])).toEqual([]);
  });
});

describe('another run like one', () => {
  it('may begin with the model of that one, as it began or as it is', () => {
    const base = run('laptop', {}, { model: 'the base model that ships with Zeroloop' });
    expect(modelsOf(base, [90, 100])).toEqual([
      { ref: 'builtin', when: 'as it began' },
      { ref: 'run:a@100', when: 'after step 100' },
    ]);
    const later = run('laptop', {}, { model: 'calm fox, step 20' });
    expect(modelsOf(later, [0, 100])[0]).toEqual({ ref: 'run:a@0', when: 'as it began' });
    // The weights that it began with are gone.
    expect(modelsOf(later, [90, 100])).toEqual([{ ref: 'run:a@100', when: 'after step 100' }]);
    expect(modelsOf(later, [])).toEqual([]);
  });
});
