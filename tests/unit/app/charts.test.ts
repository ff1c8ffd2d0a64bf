/** What the charts draw, decided without a page. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { nearestPosition, positionOf, xOf } from '../../../src/app/charts/axis';
import { comparedIds } from '../../../src/app/charts/compared';
import { allColumns, columnsOf, csvOf } from '../../../src/app/charts/csv';
import { extentOf, type FrameOrder, frameOf, layoutOf, type ShownRun } from '../../../src/app/charts/frame';
import { assignColours, colours, dashes, palette } from '../../../src/app/charts/palette';
import { wholeRun, xRange, yRange } from '../../../src/app/charts/ranges';
import { clock, figure, place, tick, valueAt, withInterval } from '../../../src/app/charts/readout';
import { smooth } from '../../../src/app/charts/smooth';
import { drawsMetric, type Line, linesOf } from '../../../src/app/charts/spec';
import { headline, helpOf, notDrawn, otherSpecs, specs } from '../../../src/app/charts/specs';
import { thin } from '../../../src/app/charts/thin';
import { RunSeries } from '../../../src/app/state/series';
import { everyMetric } from './every-metric';

const { NaN: none } = Number;

function run(id: string, steps: Record<string, number>[], more: Partial<ShownRun> = {}): ShownRun {
  const series = new RunSeries();
  for (const [step, metrics] of steps.entries()) series.add(step, metrics);
  return { id, name: id, colour: 0, series, ...more };
}

function lines(id: string, ...runs: ShownRun[]): Line[] {
  const spec = specs.find((each) => each.id === id);
  if (!spec) throw new Error(`There is no chart ${id}.`);
  return linesOf(
    spec,
    runs.map(({ series }) => series),
  );
}

describe('the charts', () => {
  it('draw every metric, or say why they do not', () => {
    for (const { entry, names } of everyMetric) {
      const drawn = names.some((name) => specs.some((spec) => drawsMetric(spec, name)));
      const left = names.every((name) => notDrawn.some(({ metrics }) => metrics.test(name)));
      expect(drawn !== left, `${entry}: ${drawn ? 'drawn and left out' : 'neither drawn nor left out'}`).toBe(
        true,
      );
    }
  });

  it('leave nothing out that is drawn', () => {
    for (const name of everyMetric.flatMap(({ names }) => names)) {
      if (!notDrawn.some(({ metrics }) => metrics.test(name))) continue;
      expect(
        specs.filter((spec) => drawsMetric(spec, name)).map(({ id }) => id),
        name,
      ).toEqual([]);
    }
  });

  it('draw metrics that there are', () => {
    const known = new Set(everyMetric.flatMap(({ names }) => names));
    for (const { id, sources } of specs) {
      const named = sources.flatMap((source) =>
        source.kind === 'metric'
          ? [source.name]
          : source.kind === 'derived'
            ? source.from
            : [...known].filter((name) => source.pattern.test(name)).slice(0, 1),
      );
      expect(named.length, id).toBeGreaterThan(0);
      for (const name of named) expect(known, id).toContain(name);
    }
  });

  it('have names of their own, and say what they show', () => {
    expect(new Set(specs.map(({ id }) => id)).size).toBe(specs.length);
    expect(new Set(specs.map(({ title }) => title)).size).toBe(specs.length);
    for (const spec of specs) expect(helpOf(spec), spec.id).toMatch(/\.$/);
  });

  it('show a metric that they do not know by itself', () => {
    expect(
      otherSpecs(['loss', 'actor/entropy', 'gen_code_o/critic/returns/max', 'novel/thing']),
    ).toMatchObject([{ title: 'novel/thing', group: 'others' }]);
  });

  it('begin with the one that counts, and its intervals', () => {
    expect(specs[0]).toBe(headline);
    const here = run('a', [
      { 'heldout/abduction': 0.3, 'heldout/abduction/low': 0.2, 'heldout/abduction/high': 0.4 },
    ]);
    const [line, ...others] = lines('heldout', here);
    expect(others).toEqual([]);
    // Its place among all modes: it has the same colour in every chart.
    expect(line).toMatchObject({ label: 'abduction', slot: 1, low: 'heldout/abduction/low' });
  });

  it('have a line for each level there is, in order', () => {
    const here = run('a', [
      {
        'heldout/deduction/level_10': 1,
        'heldout/deduction/level_2': 1,
        'heldout/deduction/level_2/exact': 1,
      },
    ]);
    expect(lines('heldout-levels-deduction', here).map(({ label }) => label)).toEqual([
      'level 2',
      'level 10',
    ]);
    expect(lines('heldout-exact-deduction', here).map(({ label }) => label)).toEqual(['level 2']);
  });

  it('have the lines of all runs that are shown', () => {
    const [one, two] = [run('a', [{ 'actor/tokens': 1 }]), run('b', [{ 'hindsight/tokens': 1 }])];
    expect(lines('learned-tokens', one).map(({ label }) => label)).toEqual(['by rewards']);
    expect(lines('learned-tokens', one, two).map(({ label }) => label)).toEqual(['by rewards', 'taught']);
  });

  it('derive learnability from solve rates', () => {
    // Of proposals that were solved in 1 of 2, 0 of 2, 2 of 2 and 1 of 2 attempts.
    const here = run('a', [
      { 'solve_rate/deduction/mean': 0.5, 'solve_rate/deduction/std': Math.sqrt(0.125) },
      { 'solve_rate/deduction/mean': 1, 'solve_rate/deduction/std': 0 },
      {},
    ]);
    const [own] = lines('learnability-own', here);
    expect(own.values(here.series)[0]).toBeCloseTo((0.25 + 0 + 0 + 0.25) / 4);
    expect([...own.values(here.series).slice(1)]).toEqual([0, none]);
    const [ofMean] = lines('learnability', here);
    expect([...ofMean.values(here.series)]).toEqual([0.25, 0, none]);
  });

  it('add up what belongs together, of what there is', () => {
    const here = run('a', [{ 'gate/refused/invalid': 0.25, 'gate/refused/unread': 0.5 }, {}]);
    const [line] = lines('refused', here);
    expect(line.label).toBe('does not run');
    expect([...line.values(here.series)]).toEqual([0.75, none]);
  });

  it('derive anew what has grown, and what was played again', () => {
    const here = run('a', [{ 'solve_rate/deduction/mean': 0.5 }]);
    const [line] = lines('learnability', here);
    expect([...line.values(here.series)]).toEqual([0.25]);
    here.series.add(1, { 'solve_rate/deduction/mean': 0 });
    expect([...line.values(here.series)]).toEqual([0.25, 0]);
    here.series.add(1, { 'solve_rate/deduction/mean': 1 / 2 });
    expect([...line.values(here.series)]).toEqual([0.25, 0.25]);
  });
});

describe('of too many points', () => {
  const x = Float64Array.from({ length: 10_000 }, (_, index) => index);

  it('about as many as pixels are drawn, with every peak', () => {
    const flat = new Float64Array(10_000).fill(1);
    flat[4321] = 9;
    flat[7777] = -9;
    const kept = thin(x, [flat], 0, 10_000, 300);
    expect(kept.length).toBeLessThanOrEqual(602);
    expect(kept).toContain(4321);
    expect(kept).toContain(7777);
    expect([kept[0], kept.at(-1)]).toEqual([0, 9999]);
    expect(kept).toEqual([...new Set(kept)].sort((a, b) => a - b));
  });

  it('the peaks of each line stay', () => {
    const [one, two] = [new Float64Array(10_000), new Float64Array(10_000)];
    one[50] = 1;
    two[60] = -1;
    expect(thin(x, [one, two], 0, 10_000, 100)).toEqual(expect.arrayContaining([50, 60]));
  });

  it('a wide gap stays a gap', () => {
    const column = new Float64Array(10_000).fill(1).fill(none, 3000, 7000);
    const kept = thin(x, [column], 0, 10_000, 100);
    const within = (from: number, to: number) => kept.filter((at) => at >= from && at < to);
    expect(within(3000, 7000).length).toBeGreaterThan(0);
    // To within a pixel, it is where it was.
    expect(within(2900, 3000).length).toBeGreaterThan(0);
    expect(within(7000, 7100).length).toBeGreaterThan(0);
  });

  it('only those with a value are drawn where few have one', () => {
    const column = new Float64Array(10_000).fill(none);
    for (let at = 0; at < 10_000; at += 1000) column[at] = at;
    expect(thin(x, [column], 0, 10_000, 300, false)).toEqual([...Array(10).keys()].map((at) => at * 1000));
    expect(thin(x, [column], 0, 500, 300, false)).toEqual([0]);
  });

  it('few are drawn as they are', () => {
    const column = Float64Array.from([1, none, 3]);
    expect(thin(x, [column], 0, 3, 300)).toEqual([0, 1, 2]);
    expect(thin(x, [column], 1, 1, 300)).toEqual([]);
  });

  it('points at the same place are no trouble', () => {
    const still = new Float64Array(10_000).fill(7);
    const column = Float64Array.from({ length: 10_000 }, (_, at) => at % 10);
    expect(thin(still, [column], 0, 10_000, 100).length).toBeLessThan(10);
  });
});

describe('smoothing', () => {
  it('is off at one step', () => {
    const values = Float64Array.from([1, 5, 2]);
    expect(smooth(values, 1)).toBe(values);
  });

  it('begins at the first value, and is a mean', () => {
    const smoothed = smooth(Float64Array.from([4, 4, 0, 4]), 3);
    expect(smoothed[0]).toBe(4);
    expect(smoothed[1]).toBe(4);
    // Weights 1, 1/2, 1/4 from the newest on.
    expect(smoothed[2]).toBeCloseTo((0 + 4 / 2 + 4 / 4) / (1 + 1 / 2 + 1 / 4));
    for (const value of smooth(new Float64Array(1000).fill(0.7), 50)) expect(value).toBeCloseTo(0.7, 12);
  });

  it('keeps gaps, and goes on behind them', () => {
    const smoothed = smooth(Float64Array.from([2, none, 4]), 3);
    expect(smoothed[1]).toBeNaN();
    expect(smoothed[2]).toBeCloseTo((4 + 2 / 2) / (1 + 1 / 2));
  });

  it('scatters less, the longer it is', () => {
    const noise = Float64Array.from(
      { length: 2000 },
      (_, at) => Math.sin(at * 12.9898) * 43758.5453 - Math.floor(Math.sin(at * 12.9898) * 43758.5453),
    );
    const spread = (values: Float64Array) => Math.max(...values.slice(500)) - Math.min(...values.slice(500));
    expect(spread(smooth(noise, 10))).toBeLessThan(spread(noise));
    expect(spread(smooth(noise, 100))).toBeLessThan(spread(smooth(noise, 10)));
  });
});

describe('the axes', () => {
  it('show the whole run, with an end that seldom moves', () => {
    expect(xRange([0, 24], wholeRun)).toEqual([0, 24]);
    expect(xRange([0, 9_800], wholeRun)).toEqual([0, 10_000]);
    const ends = new Set(Array.from({ length: 1000 }, (_, step) => xRange([0, 9_000 + step], wholeRun)[1]));
    expect(ends.size).toBeLessThanOrEqual(4);
    expect(xRange([3, 3], wholeRun)).toEqual([3, 4]);
    expect(xRange(null, wholeRun)).toEqual([0, 1]);
  });

  it('show its newest part, or the part that was chosen', () => {
    expect(xRange([0, 1000], { kind: 'last', share: 0.1 })).toEqual([900, 1000]);
    expect(xRange([0, 1000], { kind: 'window', range: [12.5, 30] })).toEqual([12.5, 30]);
  });

  const linear = { share: false, log: false };
  it('end at round numbers around the values', () => {
    expect(yRange({ low: 0.31, high: 0.58 }, linear)).toEqual([0, 0.6]);
    expect(yRange({ low: 97, high: 103 }, linear)).toEqual([96, 104]);
    expect(yRange({ low: -0.27, high: -0.04 }, linear)).toEqual([-0.3, 0]);
    expect(yRange({ low: 0, high: 0 }, linear)).toEqual([0, 1]);
    const [low, high] = yRange({ low: 5, high: 5 }, linear);
    expect(low).toBeLessThan(5);
    expect(high).toBeGreaterThan(5);
    // What is left of a mean of the same value, over and over.
    expect(yRange({ low: -0.1 - 3e-17, high: -0.1 + 3e-17 }, linear)).toEqual([-0.15, -0.05]);
    expect(yRange({ low: Number.POSITIVE_INFINITY, high: Number.NEGATIVE_INFINITY }, linear)).toEqual([0, 1]);
  });

  it('begin at 0 for shares, and end at 100%', () => {
    expect(yRange({ low: 0.9, high: 0.99 }, { share: true, log: false })).toEqual([0, 1]);
    expect(yRange({ low: 0.02, high: 0.04 }, { share: true, log: false })).toEqual([0, 0.04]);
  });

  it('are round on a log scale too', () => {
    const log = { share: false, log: true };
    expect(yRange({ low: 0.03, high: 400 }, log)).toEqual([0.02, 500]);
    const [low, high] = yRange({ low: 1, high: 1 }, log);
    expect(high / low).toBeGreaterThanOrEqual(2);
    for (let power = -12; power < 12; power++) {
      const value = 3.7 * 10 ** power;
      const [bottom, top] = yRange({ low: value, high: value * 9 }, log);
      expect(bottom).toBeGreaterThan(0);
      expect(bottom).toBeLessThanOrEqual(value);
      expect(top).toBeGreaterThanOrEqual(value * 9);
    }
  });

  it('go along time and tokens, which never fall', () => {
    const { series } = run('a', [
      { 'timing_s/step': 2, num_tokens: 100 },
      { 'timing_s/step': 3, 'timing_s/store': 0.5 },
      { num_tokens: 250 },
    ]);
    expect([...xOf(series, 'time')]).toEqual([2, 5.5, 5.5]);
    expect([...xOf(series, 'tokens')]).toEqual([100, 100, 250]);
    expect(xOf(series, 'tokens')).toBe(xOf(series, 'tokens'));
    series.add(3, { 'timing_s/step': 1 });
    expect([...xOf(series, 'time')]).toEqual([2, 5.5, 5.5, 6.5]);
  });

  it('find the step at a place', () => {
    const x = Float64Array.from([0, 1, 2, 10]);
    expect([-1, 0, 1.9, 2, 9, 99].map((at) => positionOf(x, at))).toEqual([0, 0, 1, 2, 2, 3]);
    expect([-1, 0.4, 0.6, 9, 99].map((at) => nearestPosition(x, at))).toEqual([0, 0, 1, 3, 3]);
  });
});

describe('what is drawn', () => {
  const order = (runs: ShownRun[], id: string, more: Partial<FrameOrder> = {}): FrameOrder => ({
    runs,
    lines: lines(id, ...runs),
    axis: 'steps',
    range: [0, 100],
    pixels: 400,
    span: 1,
    log: false,
    sparse: false,
    hidden: new Set(),
    ...more,
  });

  it('is x and a column for each line, null where there is nothing', () => {
    const here = run('a', [{ 'actor/updates': 1 }, {}, { 'actor/updates': 3, 'actor/skipped_updates': 2 }]);
    const frame = frameOf(order([here], 'updates'));
    expect(frame.columns).toEqual([
      [0, 1, 2],
      [1, null, 3],
      [null, null, 2],
    ]);
    expect(frame).toMatchObject({ low: 1, high: 3, leftOut: 0 });
  });

  it('is smoothed beside what was measured', () => {
    const here = run('a', [{ 'actor/entropy': 1 }, { 'actor/entropy': 0 }]);
    const asked = order([here], 'entropy', { span: 3 });
    expect(layoutOf(asked).map(({ part }) => part)).toEqual(['raw', 'smooth']);
    const [, raw, smoothed] = frameOf(asked).columns;
    expect(raw).toEqual([1, 0]);
    expect(smoothed?.[1]).toBeCloseTo(1 / 3);
  });

  it('is only the steps with a test, with the ends of their intervals', () => {
    const test = (value: number) => ({
      'heldout/deduction': value,
      'heldout/deduction/low': value - 0.1,
      'heldout/deduction/high': value + 0.1,
    });
    const here = run('a', [test(0.25), {}, {}, test(0.5), {}]);
    const frame = frameOf(order([here], 'heldout', { sparse: true, span: 5 }));
    expect(frame.columns[0]).toEqual([0, 3]);
    expect(frame.columns[1]).toEqual([0.25, 0.5]);
    expect(frame.low).toBeCloseTo(0.15);
    expect(frame.high).toBeCloseTo(0.6);
  });

  it('leaves out what a log scale has no place for, and counts it', () => {
    const here = run('a', [{ 'actor/pg_loss': -1 }, { 'actor/pg_loss': 0 }, { 'actor/pg_loss': 2 }]);
    const frame = frameOf(order([here], 'loss', { log: true }));
    expect(frame.columns[1]).toEqual([null, null, 2]);
    expect(frame).toMatchObject({ low: 2, high: 2, leftOut: 2 });
  });

  it('is as high as what is in sight, and goes on to the edges', () => {
    const here = run(
      'a',
      Array.from({ length: 50 }, (_, step) => ({ 'actor/entropy': step })),
    );
    const frame = frameOf(order([here], 'entropy', { range: [10.5, 20.5] }));
    expect(frame.columns[0]).toEqual([10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21]);
    expect(frame).toMatchObject({ low: 11, high: 20 });
  });

  it('has the x of all runs, and says nothing where a run has none', () => {
    const one = run('a', [
      { num_tokens: 1, 'actor/entropy': 1 },
      { num_tokens: 5, 'actor/entropy': 2 },
    ]);
    const two = run('b', [{ num_tokens: 3, 'actor/entropy': 3 }, { num_tokens: 5 }]);
    const frame = frameOf(order([one, two], 'entropy', { axis: 'tokens' }));
    expect(frame.columns).toEqual([
      [1, 3, 5],
      [1, undefined, 2],
      [undefined, 3, null],
    ]);
    expect(extentOf([one, two], 'tokens')).toEqual([1, 5]);
    expect(extentOf([run('c', [])], 'steps')).toBeNull();
  });

  it('is not what somebody has hidden', () => {
    const here = run('a', [{ 'actor/updates': 1, 'actor/skipped_updates': 2 }]);
    const asked = order([here], 'updates', { hidden: new Set(['a actor/updates']) });
    expect(frameOf(asked).columns).toEqual([[0], [2]]);
  });

  it('stays small for long runs', () => {
    const long = run(
      'a',
      Array.from({ length: 10_000 }, (_, step) => ({
        'gate/pass_rate': (step * 7919) % 101,
        'gate/valid_rate': (step * 104729) % 97,
      })),
    );
    const frame = frameOf(order([long], 'gate', { range: [0, 10_000], pixels: 300 }));
    expect(frame.columns[0].length).toBeLessThan(4 * 300 + 10);
    expect(frame).toMatchObject({ low: 0, high: 100 });
  });
});

describe('values', () => {
  it('are short, and as wide as each other', () => {
    expect(figure(0.5134, 'share')).toBe('51.3%');
    expect(figure(1, 'share')).toBe('100%');
    expect(figure(undefined, 'share')).toBe('–');
    expect([0, 3, 0.0123, 1.234, 38.25, 1234.5, 41_234, -0.5, 2.7e-5].map((value) => figure(value, ''))).toEqual([
      '0', '3', '0.012', '1.23', '38.3', '1,235', '41.2k', '−0.500', '2.7e-5',
    ]); // biome-ignore format: one below the other
  });

  it('have as many decimals at an axis as they need to differ', () => {
    expect([0.025, 0.05, 0.075].map((value) => tick(value, 0.025, ''))).toEqual(['0.025', '0.050', '0.075']);
    expect([0, 0.25, 1].map((value) => tick(value, 0.25, 'share'))).toEqual(['0%', '25%', '100%']);
    expect([0.005, 0.01].map((value) => tick(value, 0.005, 'share'))).toEqual(['0.5%', '1.0%']);
    expect([1e-4, 1.5e-4].map((value) => tick(value, 5e-5, ''))).toEqual(['1e-4', '1.5e-4']);
    expect(tick(20_000, 5000, '')).toBe('20k');
  });

  it('are of a place', () => {
    expect(place(1240, 'steps')).toBe('step 1,240');
    expect(place(41_200, 'tokens')).toBe('41.2k tokens');
    expect([45, 600, 5400, 9000].map(clock)).toEqual(['45 s', '10 min', '90 min', '2.5 h']);
  });

  const here = run('a', [
    {
      'actor/entropy': 1,
      'heldout/deduction': 0.5,
      'heldout/deduction/low': 0.4,
      'heldout/deduction/high': 0.6,
    },
    {},
    { 'actor/entropy': 3 },
    {},
  ]);
  const [entropy] = lines('entropy', here);
  const [tested] = lines('heldout', here);

  it('are the newest without a cursor', () => {
    expect(valueAt(here, entropy, { axis: 'steps', x: null, sparse: false }).value).toBe(3);
    expect(valueAt(here, tested, { axis: 'steps', x: null, sparse: true }).value).toBe(0.5);
  });

  it('are those of the step, or of the last test', () => {
    expect(valueAt(here, entropy, { axis: 'steps', x: 1, sparse: false }).value).toBeUndefined();
    expect(valueAt(here, entropy, { axis: 'steps', x: 99, sparse: false }).value).toBeUndefined();
    const test = valueAt(here, tested, { axis: 'steps', x: 2, sparse: true });
    expect(withInterval(test, 'share')).toBe('50.0% (40.0% to 60.0%)');
    expect(withInterval(valueAt(here, entropy, { axis: 'steps', x: 2, sparse: false }), '')).toBe('3');
  });
});

describe('the CSV', () => {
  it('has every value as it was recorded', () => {
    const here = run('a', [{ 'actor/lr': 0.1 + 0.2 }, { flags: 2 }]);
    expect([...csvOf([here], allColumns([here]))].join('')).toBe(
      'run,step,actor/lr,flags\r\na,0,0.30000000000000004,\r\na,1,,2\r\n',
    );
  });

  it('of a chart has its lines, intervals and runs', () => {
    const one = run('a', [
      { 'heldout/deduction': 0.5, 'heldout/deduction/low': 0.4, 'heldout/deduction/high': 0.6 },
    ]);
    const two = run('b', [{ 'heldout/deduction': 0.25 }]);
    expect([...csvOf([one, two], columnsOf(lines('heldout', one, two)))].join('')).toBe(
      'run,step,heldout/deduction,heldout/deduction/low,heldout/deduction/high\r\na,0,0.5,0.4,0.6\r\nb,0,0.25,,\r\n',
    );
    const solved = run('c', [{ 'solve_rate/deduction/mean': 0.5 }]);
    expect([...csvOf([solved], columnsOf(lines('learnability', solved)))].join('')).toContain(
      'run,step,deduction\r\n',
    );
  });

  it('quotes names, and makes none a formula', () => {
    const named = (name: string) => [...csvOf([run('a', [{}], { name })], [])].join('').split('\r\n')[1];
    expect(named('a, "b"')).toBe('"a, ""b""",0');
    expect(named('=HYPERLINK("x")')).toBe(`"'=HYPERLINK(""x"")",0`);
  });

  it('comes in pieces', () => {
    const long = run(
      'a',
      Array.from({ length: 1200 }, () => ({ flags: 0 })),
    );
    const pieces = [...csvOf([long], allColumns([long]))];
    expect(pieces.length).toBe(4);
    expect(pieces.join('').trim().split('\r\n').length).toBe(1201);
  });
});

describe('the colours', () => {
  it('are those of the style sheet', () => {
    const css = readFileSync('src/app/charts/palette.css', 'utf8');
    const blocks = { light: /:root \{([^}]*)\}/, dark: /:root\[data-theme="dark"\] \{([^}]*)\}/ };
    for (const [theme, block] of Object.entries(blocks)) {
      const [, text] = block.exec(css) ?? [];
      const found = [...(text ?? '').matchAll(/--series-(\d): (#\w{6});/g)].map(([, , colour]) => colour);
      expect(found).toEqual(palette[theme as keyof typeof palette]);
    }
  });

  const linear = (hex: string) =>
    [1, 3, 5].map((at) => {
      const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
  const luminance = (hex: string) => {
    const [red, green, blue] = linear(hex);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };

  it('stand out from the card, as WCAG asks of graphics', () => {
    const cards = { light: '#ffffff', dark: '#191c1f' };
    for (const theme of ['light', 'dark'] as const) {
      for (const colour of palette[theme]) {
        const [high, low] = [luminance(colour), luminance(cards[theme])].sort((a, b) => b - a);
        expect((high + 0.05) / (low + 0.05), colour).toBeGreaterThanOrEqual(3);
      }
    }
  });

  // Machado, Oliveira and Fernandes (2009), of linear RGB, for the whole loss of one kind of cone.
  const eyes: Record<string, number[][]> = {
    all: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    protan: [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    deutan: [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    tritan: [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
  }; // biome-ignore format: matrices
  /** CIE Lab, of what these eyes see. */
  const seen = (hex: string, eye: number[][]) => {
    const [red, green, blue] = eye.map((row) =>
      Math.min(
        1,
        Math.max(
          0,
          row.reduce((total, weight, at) => total + weight * linear(hex)[at], 0),
        ),
      ),
    );
    const [x, y, z] = [
      (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505,
      0.2126 * red + 0.7152 * green + 0.0722 * blue,
      (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089,
    ].map((value) => (value > 0.008856 ? Math.cbrt(value) : 7.787 * value + 16 / 116));
    return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
  };

  it.each(Object.keys(eyes))('differ for %s eyes', (kind) => {
    for (const theme of ['light', 'dark'] as const) {
      const labs = palette[theme].map((colour) => seen(colour, eyes[kind]));
      for (let one = 0; one < colours; one++) {
        for (let two = 0; two < one; two++) {
          const distance = Math.hypot(...labs[one].map((value, at) => value - labs[two][at]));
          expect(distance, `${palette[theme][one]} and ${palette[theme][two]}`).toBeGreaterThan(20);
        }
      }
    }
  });

  it('come with dashes of their own', () => {
    expect(new Set(dashes.map(String)).size).toBe(colours);
  });

  it('are those that runs have, and never two the same', () => {
    expect(assignColours([undefined])).toEqual([0]);
    expect(assignColours([2, undefined, 0])).toEqual([2, 1, 0]);
    expect(assignColours([3, 3, undefined])).toEqual([3, 0, 1]);
    expect(assignColours([11])).toEqual([3]);
    const many = assignColours(Array.from({ length: colours }, () => undefined));
    expect(new Set(many).size).toBe(colours);
  });
});

describe('an address that asks for other runs', () => {
  const known = [{ id: 'a' }, { id: 'b' }, { id: 'c' }];
  it('means those that there are, each once', () => {
    expect(comparedIds('a', 'c,b,c,a,gone,', known)).toEqual(['c', 'b']);
    expect(comparedIds('a', null, known)).toEqual([]);
    expect(comparedIds('a', 'b', null)).toEqual([]);
  });
});
