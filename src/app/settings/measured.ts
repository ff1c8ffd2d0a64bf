/** @file How fast runs went on this device, from the metrics that they left behind. */

import type { ModelShape } from '../../model/config';
import { parameterCount } from '../../model/parameters';
import type { Config } from '../../selfplay/config';
import { needsFirst } from '../../selfplay/first-weights';
import type { RunInfo } from '../../store/records';
import { changesFrom, configOf, nearestPreset } from '../state/draft';
import { reader, runs } from '../state/library';
import { type ChosenBackend, type Measured, workOf } from './estimate';

/** Steps that are looked at, the newest ones: the first compile programs. */
const latest = 30;
const fewest = 3;

type Sheet = { step: number; metrics: Record<string, number> };

/** The run that tells most about such a one: of a model of this size on this backend, the most alike, and of those the newest. */
export async function measuredHere(
  config: Config,
  shape: ModelShape,
  backend: ChosenBackend,
): Promise<Measured | null> {
  const alike = (runs.value ?? [])
    .flatMap((run) => {
      const theirs = configOf(run);
      if (!theirs || run.backend !== backend || run.step < fewest) return [];
      return theirs.dialect === config.dialect && isComparable(config, theirs)
        ? [{ run, theirs, unlike: unlikeness(config, theirs) }]
        : [];
    })
    .sort((a, b) => a.unlike - b.unlike)
    .slice(0, 5);
  for (const { run, theirs } of alike) {
    const found = await measure(run, theirs, parameterCount(shape));
    if (found) return found;
  }
  return null;
}

/** What a token takes depends on how many are computed side by side. */
function isComparable(config: Config, theirs: Config): boolean {
  const ratio = workOf(config, 'low').step.sampled / workOf(theirs, 'low').step.sampled;
  return ratio > 1 / 6 && ratio < 6;
}

/** Steps that differ in how they learn differ more than in anything else. */
function unlikeness(config: Config, theirs: Config): number {
  const policy = config['hindsight.policy'] === theirs['hindsight.policy'] ? 0 : 100;
  return policy + changesFrom(nearestPreset(config), theirs).length;
}

const known = new Map<string, Promise<Measured | null>>();

function measure(run: RunInfo, config: Config, parameters: number): Promise<Measured | null> {
  // It may go on while this page is open.
  const name = `${run.id} ${run.step} ${parameters}`;
  let found = known.get(name);
  if (!found) {
    found = read(run, config, parameters).catch(() => null); // it is gone, or damaged: others tell as much
    known.set(name, found);
  }
  return found;
}

async function read(run: RunInfo, config: Config, parameters: number): Promise<Measured | null> {
  const from = await reader(run.id);
  const [checkpoint] = await from.checkpoints();
  if (!checkpoint || !isOfSize(checkpoint.bytes, parameters, config)) return null;
  const sheets = await from.metrics(Math.max(1, run.step - latest + 1));
  return measuredOf(run, config, sheets);
}

/** Weights and two moments are four bytes each; the first weights are there as well where they are needed. */
function isOfSize(bytes: number, parameters: number, config: Config): boolean {
  const counted = bytes / (needsFirst(config, config['model.train'] === 'adapter') ? 16 : 12);
  return Math.abs(counted / parameters - 1) < 0.05;
}

/** Null if there is too little to tell. */
export function measuredOf(
  run: Pick<RunInfo, 'id' | 'name'>,
  config: Config,
  sheets: readonly Sheet[],
): Measured | null {
  const plain = sheets.filter(({ metrics }) => !metrics['timing_s/testing']);
  if (plain.length < fewest) return null;
  const middle = (name: string) => median(plain.map(({ metrics }) => metrics[name] ?? 0));
  const tests = sheets.flatMap(({ metrics }) => metrics['timing_s/testing'] || []);
  return {
    run: run.id,
    name: run.name,
    config,
    step: middle('timing_s/step'),
    sampling: middle('timing_s/gen'),
    training: middle('timing_s/update_actor'),
    test: tests.length > 0 ? tests.reduce((sum, each) => sum + each, 0) / tests.length : null,
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}
