/**
 * From data to micro-batches: what is averaged over what, which prompts are shared, and which shapes that comes to.
 */
import { describe, expect, it } from 'vitest';
import type { Datum } from '../../../src/engine/engine';
import { InvalidRequestError } from '../../../src/engine/errors';
import {
  aggregate,
  checkBatch,
  fillBatch,
  forEachToken,
  gatherResults,
  type MicroBatch,
  planBatches,
} from '../../../src/engine/ort/batches';
import { sequenceDatum } from '../../contract/golden';

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
const floats = (...values: number[]) => Float32Array.from(values);
/** A text without prompt: everything counts. */
const text = (...tokens: number[]): Datum => ({
  tokens: Int32Array.from(tokens),
  targets: Int32Array.from(tokens, (token) => token + 1),
});

const inputsOf = (batch: Datum[], plan = planBatches(batch)) =>
  plan.map((micro) => fillBatch(micro, batch, aggregate(batch, 'sum')));
/** A row of a packed batch as "token@position/segment", without its padding. */
const show = (batch: Datum[]) =>
  planBatches(batch).flatMap((micro) => {
    const { tokens, positions, segments } = fillBatch(micro, batch, aggregate(batch, 'sum'));
    const rows: string[] = range(0, micro.layout.rows).map(() => '');
    tokens.forEach((token, place) => {
      const row = Math.floor(place / micro.layout.length);
      if (segments[place] >= 0) rows[row] += ` ${token}@${positions[place]}/${segments[place]}`;
    });
    return rows.map((row) => row.trim());
  });
const shapes = (plan: MicroBatch[]) =>
  plan.map(({ layout, rows }) => `${rows.length} rows in ${layout.rows}x${layout.length} ${layout.packing}`);

describe('aggregation', () => {
  const batch = [
    { ...text(1, 2, 3, 4), weights: floats(0, 0, 1, 1) },
    { ...text(1, 2), weights: floats(0, 4) },
    text(5, 6),
    { ...text(1, 2), weights: floats(0, 0) },
  ];
  const weights = (how: 'sum' | 'token-mean' | 'sequence-mean') =>
    aggregate(batch, how).map((row) => [...row]);

  it('sum: the weights as they are, 1 where none are given', () => {
    expect(weights('sum')).toEqual([
      [0, 0, 1, 1],
      [0, 4],
      [1, 1],
      [0, 0],
    ]);
  });

  it('token-mean: over the weights of the whole batch', () => {
    expect(weights('token-mean')).toEqual([
      [0, 0, 0.125, 0.125],
      [0, 0.5],
      [0.125, 0.125],
      [0, 0],
    ]);
  });

  it('sequence-mean: within each datum, then over those with anything to learn from', () => {
    const third = Math.fround(1 / 3);
    const sixth = Math.fround(1 / 6);
    expect(weights('sequence-mean')).toEqual([
      [0, 0, sixth, sixth],
      [0, third],
      [sixth, sixth],
      [0, 0],
    ]);
  });

  it('divides by nothing where there is nothing', () => {
    const empty = [{ ...text(1, 2), weights: floats(0, 0) }];
    for (const how of ['sum', 'token-mean', 'sequence-mean'] as const) {
      expect([...aggregate(empty, how)[0]]).toEqual([0, 0]);
    }
  });

  it('leaves the weights that it was given alone', () => {
    aggregate(batch, 'token-mean');
    expect([...(batch[0].weights as Float32Array)]).toEqual([0, 0, 1, 1]);
  });
});

describe('packing', () => {
  const prompt = [10, 11, 12];

  it('computes a shared prompt once; each answer brings its own copy of the last prompt token', () => {
    const batch = [[20, 21], [30], [40, 41, 42]].map((answer) => sequenceDatum(prompt, answer));
    expect(show(batch)).toEqual(['10@0/0 11@1/0 12@2/1 20@3/1 12@2/2 12@2/3 40@3/3 41@4/3']);
    const [{ targets, weights }] = inputsOf(batch);
    expect([...targets.slice(0, 8)]).toEqual([11, 12, 20, 21, 30, 40, 41, 42]);
    expect([...weights.slice(0, 8)]).toEqual([0, 0, 1, 1, 1, 1, 1, 1]);
  });

  it('finds a prompt wherever in the batch it comes back', () => {
    const batch = [
      sequenceDatum([1, 2, 3], [20]),
      sequenceDatum([4, 5, 6], [21]),
      sequenceDatum([1, 2, 3], [22]),
      sequenceDatum([4, 5, 6], [23]),
    ];
    expect(show(batch)).toEqual(['1@0/0 2@1/0 3@2/1 3@2/2', '4@0/0 5@1/0 6@2/1 6@2/2']);
  });

  it('never mixes prompts that differ: in length, in a token, or in the last one alone', () => {
    const batch = [
      sequenceDatum([1, 2, 3], [20]),
      sequenceDatum([1, 2], [3, 20]),
      sequenceDatum([1, 2, 4], [20]),
      sequenceDatum([1, 5, 3], [20]),
      sequenceDatum([1, 2, 3, 3], [20]),
    ];
    expect(shapes(planBatches(batch))).toEqual(['5 rows in 8x16 plain']);
  });

  it('tells 1, 23 from 12, 3', () => {
    const batch = [sequenceDatum([1, 23, 4], [5]), sequenceDatum([12, 3, 4], [5])];
    expect(shapes(planBatches(batch))).toEqual(['2 rows in 2x16 plain']);
  });

  it('shares nothing where everything counts, or nothing does', () => {
    const same = [text(1, 2, 3), text(1, 2, 3)];
    expect(shapes(planBatches(same))).toEqual(['2 rows in 2x16 plain']);
    const nothing = same.map((datum) => ({ ...datum, weights: floats(0, 0, 0) }));
    expect(shapes(planBatches(nothing))).toEqual(['2 rows in 2x16 plain']);
  });

  it('begins another row, with the prompt again, where 512 tokens would be passed', () => {
    const answers = [1, 2, 3, 4, 5].map((i) => range(0, 150).map(() => 100 + i));
    const batch = answers.map((answer) => sequenceDatum(range(0, 61), answer)); // 60 shared, 150 each
    const plan = planBatches(batch);
    expect(plan.flatMap(({ rows }) => rows.map(({ length }) => length))).toEqual([510, 360]);
    expect(shapes(plan)).toEqual(['2 rows in 2x512 packed']);
  });

  it('leaves an answer that would be alone in its row as it was', () => {
    const batch = [1, 2, 3].map((i) => sequenceDatum(range(0, 61), new Array<number>(220).fill(100 + i)));
    const [{ rows, layout }] = planBatches(batch);
    expect(rows.map(({ length, pieces }) => [length, pieces.length])).toEqual([
      [500, 3],
      [280, 1],
    ]);
    expect(layout.packing, 'and it reads right beside packed rows').toBe('packed');
    const [{ segments, positions }] = inputsOf(batch);
    expect([...new Set(segments.slice(512, 512 + 280))]).toEqual([0]);
    expect([...positions.slice(512, 512 + 280)]).toEqual(range(0, 280));
  });

  it('leaves answers longer than a packed row may be alone, and plain', () => {
    const batch = [1, 2].map((i) => sequenceDatum([1, 2, 3], new Array<number>(600).fill(100 + i)));
    expect(shapes(planBatches(batch))).toEqual(['2 rows in 2x768 plain']);
  });

  it('visits every token of every datum, those of a shared prompt once for all', () => {
    const batch = [[20, 21], [30]].map((answer) => sequenceDatum(prompt, answer));
    const [micro] = planBatches(batch);
    const seen: string[] = [];
    forEachToken(micro, (place, data, index, segment) => seen.push(`${place}: ${data} ${index}/${segment}`));
    expect(seen).toEqual(['0: 0,1 0/0', '1: 0,1 1/0', '2: 0 2/1', '3: 0 3/1', '4: 1 2/2']);
  });

  it('takes results apart again: each datum gets its own, and the shared prompt s', () => {
    const batch = [
      sequenceDatum(prompt, [20, 21]),
      text(1, 2),
      sequenceDatum(prompt, [30]),
      sequenceDatum(range(0, 30), [1]),
    ];
    const plan = planBatches(batch);
    const results = inputsOf(batch, plan).map(({ tokens, positions }) =>
      Float32Array.from(tokens, (token, place) => 100 * token + positions[place]),
    );
    expect(gatherResults(plan, results, batch).map((row) => [...row])).toEqual(
      batch.map(({ tokens }) => [...tokens].map((token, position) => 100 * token + position)),
    );
  });
});

describe('many short sequences', () => {
  const texts = (...lengths: number[]) => lengths.map((length, i) => text(...range(0, length).map(() => i)));

  it('lie side by side, each with positions and a segment of its own, the longest first', () => {
    const batch = texts(...range(0, 60).map(() => 50), ...range(0, 60).map(() => 20));
    const [row] = show(batch);
    expect(row.split(' ')).toHaveLength(50 + 50 + 20);
    expect(row).toMatch(/^0@0\/1 0@1\/1 .*0@49\/1 1@0\/2 .*1@49\/2 60@0\/3 .*60@19\/3$/);
  });

  it('fill rows of 128, or as long as the longest of them, up to 256', () => {
    const many = range(0, 100).map(() => 40);
    expect(shapes(planBatches(texts(...many)))).toEqual([
      '16 rows in 16x128 packed',
      '16 rows in 16x128 packed',
      '2 rows in 2x128 packed',
    ]);
    expect(shapes(planBatches(texts(180, ...many)))[0]).toBe('10 rows in 10x192 packed');
    expect(shapes(planBatches(texts(300, ...many)))).toEqual([
      '5 rows in 5x384 packed', // the long one, alone in its row
      '8 rows in 8x256 packed',
      '5 rows in 8x256 packed',
    ]);
  });

  it('are left alone where one micro-batch holds them, or where nothing is gained', () => {
    expect(shapes(planBatches(texts(...range(0, 40).map(() => 30))))).toEqual(['40 rows in 64x32 plain']);
    expect(shapes(planBatches(texts(...range(0, 40).map(() => 128))))[0]).toBe('16 rows in 16x128 plain');
  });
});

describe('the shapes of micro-batches', () => {
  const texts = (count: number, length: number) =>
    range(0, count).map((i) => text(...range(0, length).map((t) => i + t)));

  it.each([
    [[[3, 10]], ['3 rows in 4x16 plain']],
    [[[1, 17]], ['1 rows in 1x24 plain']],
    [[[1, 4000]], ['1 rows in 1x4096 plain']],
    [[[4, 512]], ['4 rows in 4x512 plain']],
    [[[5, 512]], ['4 rows in 4x512 plain', '1 rows in 1x512 plain']],
    [[[40, 48]], ['40 rows in 42x48 plain']], // 64 rows would be more than 2048 tokens
    [
      [
        [2, 10],
        [1, 1000],
        [3, 500],
      ],
      ['2 rows in 2x1024 plain', '4 rows in 4x512 plain'],
    ], // the longest first; what is left of its batch goes to the next longest
  ])('%j texts and lengths: %j', (counts, expected) => {
    const batch = (counts as [number, number][]).flatMap(([count, length]) => texts(count, length));
    expect(shapes(planBatches(batch))).toEqual(expected);
  });

  it('hold every datum once and no more than 2048 tokens each', () => {
    const batch = range(1, 300).map((i) => text(...range(0, 1 + ((i * 37) % 700))));
    const plan = planBatches(batch);
    const data = plan.flatMap(({ rows }) => rows.flatMap(({ pieces }) => pieces.flatMap(({ data }) => data)));
    expect(data.sort((a, b) => a - b)).toEqual(range(0, 299));
    for (const { layout, rows } of plan) {
      expect(layout.rows * layout.length).toBeLessThanOrEqual(2048);
      expect(rows.length).toBeLessThanOrEqual(layout.rows);
      for (const { length } of rows) expect(length).toBeLessThanOrEqual(layout.length);
    }
  });
});

describe('the inputs of a micro-batch', () => {
  const datum: Datum = {
    tokens: Int32Array.of(7, 8, 7),
    targets: Int32Array.of(8, 7, 9),
    weights: floats(0, 1, 1),
    advantages: floats(5, 6, 7),
    logProbs: floats(-1, -2, -3),
    referenceLogProbs: floats(-4, -5, -6),
  };
  const [inputs] = inputsOf([datum]);
  const start = (values: ArrayLike<number | bigint>) => Array.from(values).slice(0, 4).map(Number);

  it('are the datum, and beyond it padding that weighs nothing and sees nothing', () => {
    expect(start(inputs.tokens)).toEqual([7, 8, 7, 0]);
    expect(start(inputs.targets)).toEqual([8, 7, 9, 0]);
    expect(start(inputs.weights)).toEqual([0, 1, 1, 0]);
    expect(start(inputs.positions)).toEqual([0, 1, 2, 0]);
    expect(start(inputs.segments)).toEqual([0, 0, 0, -1]);
    expect(inputs.tokens).toHaveLength(16);
  });

  it('say harmless things of tokens without weight, whatever the datum says of them', () => {
    expect(start(inputs.advantages)).toEqual([0, 6, 7, 0]);
    expect(start(inputs.old_log_probs)).toEqual([0, -2, -3, 0]);
    expect(start(inputs.reference_log_probs)).toEqual([-1e4, -5, -6, -1e4]);
  });

  it('name the distinct tokens, and each token s place among them', () => {
    expect(start(inputs.distinct_tokens)).toEqual([7, 8, 0, 0]); // 0 is the padding
    expect(start(inputs.token_slot)).toEqual([0, 1, 0, 2]);
    const tokens = [...inputs.token_slot].map((slot) => Number(inputs.distinct_tokens[slot]));
    expect(tokens).toEqual([...inputs.tokens]);
  });

  it('weigh what the aggregation says', () => {
    const [micro] = planBatches([datum]);
    const mean = fillBatch(micro, [datum], aggregate([datum], 'token-mean'));
    expect(start(mean.weights)).toEqual([0, 0.5, 0.5, 0]);
  });
});

describe('what is refused, in one sentence that names the datum', () => {
  const good = text(1, 2, 3);
  const check = (...batch: Datum[]) => checkBatch(batch, 10, 4);

  it('lets through what is right, and prompts whose other numbers are missing', () => {
    expect(() => check(good, { ...good, weights: floats(0, 1, 1) }, text(0, 1, 8, 8))).not.toThrow();
  });

  it.each<[string, Datum[]]>([
    ['The batch is empty: give at least one datum.', []],
    ['Datum 1 has no tokens.', [good, text()]],
    ['Datum 0 has 5 tokens, but this model reads at most 4.', [text(1, 2, 3, 4, 5)]],
    ['Datum 1 has 3 tokens but 2 targets.', [good, { ...good, targets: Int32Array.of(1, 2) }]],
    ['Datum 0 has the token id 10, outside the vocabulary of 10.', [text(8, 10)]],
    ['Datum 0 has the token id -1, outside the vocabulary of 10.', [text(-1, 2)]],
    ['Datum 0 has the token id 10, outside the vocabulary of 10.', [text(1, 9)]], // among the targets
    ['Datum 1 has 2 weights for 3 tokens.', [good, { ...good, weights: floats(1, 1) }]],
    ['Datum 0 has 4 advantages for 3 tokens.', [{ ...good, advantages: floats(1, 1, 1, 1) }]],
    ['Datum 0 has logProbs that are not finite numbers.', [{ ...good, logProbs: floats(0, -Infinity, 0) }]],
    ['Datum 0 has weights that are not finite numbers.', [{ ...good, weights: floats(0, Number.NaN, 0) }]],
    ['Datum 0 has 1 referenceLogProbs for 3 tokens.', [{ ...good, referenceLogProbs: floats(1) }]],
  ])('%s', (message, batch) => {
    expect(() => check(...batch)).toThrow(new InvalidRequestError(message));
  });
});
