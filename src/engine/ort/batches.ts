/**
 * @file From data to micro-batches of few shapes, computing a shared prompt once.
 *
 * Answers to the same prompt are packed into one row: the prompt, then answer after answer, each of which sees the
 * prompt and itself. What is shared ends before the first token that counts, because that token (the prompt's last)
 * has a different target in each answer; so every answer brings its own copy of it.
 *
 * Short sequences that share nothing lie side by side in a row, each of which sees only itself: padding them to the
 * length of the longest would cost half as much again.
 */

import type { BatchLayout } from '../../graph/artifacts';
import type { Aggregation, Datum } from '../engine';
import { InvalidRequestError } from '../errors';
import { lengthBucket, rowBucket } from './buckets';

/** Tokens of a micro-batch, padding included. */
const MICRO_BATCH_TOKENS = 2048;
/** A packed row grows no longer than this, since attention's cost grows with the square. */
const PACKED_LENGTH = 512;
/** Rows of sequences side by side are as long as the longest sequence, within these bounds. */
const SIDE_BY_SIDE = { least: 128, most: 256 };

/** A stretch of a row: tokens [from, to) of the datum `data[0]`, and the same for every other of `data`. */
interface Piece {
  data: number[];
  from: number;
  to: number;
  /** 0: seen by the whole row. Otherwise only by itself. */
  segment: number;
}

interface Row {
  length: number;
  pieces: Piece[];
}

export interface MicroBatch {
  layout: BatchLayout;
  rows: Row[];
}

/** Refuses what cannot be computed, in one sentence that names the datum. */
export function checkBatch(batch: Datum[], vocabulary: number, maxContext: number): void {
  if (batch.length === 0) throw new InvalidRequestError('The batch is empty: give at least one datum.');
  batch.forEach((datum, i) => {
    const { tokens, targets } = datum;
    const refuse = (what: string): never => {
      throw new InvalidRequestError(`Datum ${i} ${what}.`);
    };
    if (tokens.length === 0) refuse('has no tokens');
    if (tokens.length > maxContext)
      refuse(`has ${tokens.length} tokens, but this model reads at most ${maxContext}`);
    if (targets.length !== tokens.length) refuse(`has ${tokens.length} tokens but ${targets.length} targets`);
    for (const id of [...tokens, ...targets]) {
      if (!(id >= 0 && id < vocabulary))
        refuse(`has the token id ${id}, outside the vocabulary of ${vocabulary}`);
    }
    for (const key of ['weights', 'advantages', 'logProbs', 'referenceLogProbs'] as const) {
      const values = datum[key];
      if (values && values.length !== tokens.length)
        refuse(`has ${values.length} ${key} for ${tokens.length} tokens`);
      if (values && !values.every(Number.isFinite)) refuse(`has ${key} that are not finite numbers`);
    }
  });
}

/** Weights such that the loss is a plain sum. */
export function aggregate(batch: Datum[], aggregation: Aggregation): Float32Array[] {
  const weights = batch.map(({ tokens, weights: given }) => given ?? new Float32Array(tokens.length).fill(1));
  const sums = weights.map((w) => w.reduce((a, b) => a + b, 0));
  const counted = sums.filter((sum) => sum !== 0).length || 1;
  const total = sums.reduce((a, b) => a + b, 0) || 1;
  const divisor = (i: number): number => {
    switch (aggregation) {
      case 'sum':
        return 1;
      case 'token-mean':
        return total;
      case 'sequence-mean':
        return (sums[i] || 1) * counted;
      default:
        return aggregation satisfies never;
    }
  };
  return weights.map((w, i) => w.map((x) => x / divisor(i)));
}

/** Long rows first, so that rows of a batch are alike and the longest shape is met (and compiled) at once. */
export function planBatches(batch: Datum[]): MicroBatch[] {
  const rows = packRows(batch);
  const plan = planRows(rows);
  // A single micro-batch is not worth rows of another kind, which are another program to compile.
  if (plan.length === 1) return plan;
  const filled = planRows(sideBySide(rows));
  return computed(filled) < computed(plan) ? filled : plan;
}

const computed = (plan: MicroBatch[]) =>
  plan.reduce((sum, { layout }) => sum + layout.rows * layout.length, 0);

function planRows(rows: Row[]): MicroBatch[] {
  const packing = rows.some((row) => row.pieces.some(({ segment }) => segment > 0)) ? 'packed' : 'plain';
  rows.sort((a, b) => b.length - a.length);
  const plan: MicroBatch[] = [];
  for (let start = 0; start < rows.length; ) {
    const length = lengthBucket(rows[start].length);
    const most = Math.max(1, Math.floor(MICRO_BATCH_TOKENS / length));
    const some = rows.slice(start, start + most);
    plan.push({ layout: { rows: Math.min(most, rowBucket(some.length)), length, packing }, rows: some });
    start += some.length;
  }
  return plan;
}

/** Each sequence into the fullest row that still has room for it, the longest sequences first. */
function sideBySide(rows: Row[]): Row[] {
  const { least, most } = SIDE_BY_SIDE;
  const longest = Math.max(...rows.map(({ length }) => length));
  const room = Math.min(most, Math.max(least, lengthBucket(longest)));
  const fits = ({ length, pieces }: Row) => pieces.length === 1 && length < room;
  const result = rows.filter((row) => !fits(row));
  const open: Row[] = [];
  for (const { length, pieces } of rows.filter(fits).sort((a, b) => b.length - a.length)) {
    const [piece] = pieces;
    let row: Row | undefined;
    for (const each of open) if (each.length + length <= room && each.length > (row?.length ?? 0)) row = each;
    if (!row) {
      row = { length: 0, pieces: [] };
      open.push(row);
      result.push(row);
    }
    row.pieces.push({ ...piece, segment: row.pieces.length + 1 });
    row.length += length;
  }
  return result.map((row) => {
    const [piece, ...others] = row.pieces;
    return others.length === 0 ? { ...row, pieces: [{ ...piece, segment: 0 }] } : row;
  });
}

function packRows(batch: Datum[]): Row[] {
  const families = new Map<string, number[]>();
  batch.forEach(({ tokens, targets, weights }, i) => {
    const start = weights ? weights.findIndex((w) => w !== 0) : 0;
    const alone = start <= 0; // nothing to share, or nothing that counts
    const key = alone ? `alone ${i}` : `${start}:${tokens.subarray(0, start)}:${targets.subarray(0, start)}`;
    families.set(key, [...(families.get(key) ?? []), i]);
  });
  return [...families.values()].flatMap((family) => {
    const [first] = family;
    if (family.length === 1) return [wholeRow(batch, first)];
    const shared = batch[first].weights?.findIndex((w) => w !== 0) ?? 0;
    return shareRows(batch, family, shared);
  });
}

const wholeRow = (batch: Datum[], i: number): Row => ({
  length: batch[i].tokens.length,
  pieces: [{ data: [i], from: 0, to: batch[i].tokens.length, segment: 0 }],
});

function shareRows(batch: Datum[], family: number[], shared: number): Row[] {
  const result: Row[] = [];
  let row: Row | null = null;
  for (const i of family) {
    const end = batch[i].tokens.length;
    const answer = end - shared;
    if (!row || row.length + answer > PACKED_LENGTH) {
      row = { length: shared, pieces: [{ data: [], from: 0, to: shared, segment: 0 }] };
      result.push(row);
    }
    row.pieces[0].data.push(i);
    row.pieces.push({ data: [i], from: shared, to: end, segment: row.pieces.length });
    row.length += answer;
  }
  // A row with one answer shares nothing: as it would lie without packing.
  return result.map((each) => (each.pieces.length === 2 ? wholeRow(batch, each.pieces[0].data[0]) : each));
}

/** Calls back for every token of a micro-batch: its place there, and the data and index that it stands for. */
export function forEachToken(
  { rows, layout }: MicroBatch,
  visit: (place: number, data: number[], index: number, segment: number) => void,
): void {
  rows.forEach((row, r) => {
    let place = r * layout.length;
    for (const { data, from, to, segment } of row.pieces) {
      for (let index = from; index < to; index++) visit(place++, data, index, segment);
    }
  });
}

/** The batch's inputs, by the names of the artifacts. */
export interface BatchInputs {
  tokens: Int32Array;
  targets: Int32Array;
  weights: Float32Array;
  advantages: Float32Array;
  old_log_probs: Float32Array;
  reference_log_probs: Float32Array;
  positions: Int32Array;
  segments: Int32Array;
  token_slot: Int32Array;
  distinct_tokens: BigInt64Array;
}

/** Where a weight is 0 the loss is 0 whatever the other numbers are, as long as no exponential of them overflows. */
const HARMLESS_REFERENCE = -1e4;

export function fillBatch(micro: MicroBatch, batch: Datum[], weights: Float32Array[]): BatchInputs {
  const count = micro.layout.rows * micro.layout.length;
  const inputs: BatchInputs = {
    tokens: new Int32Array(count),
    targets: new Int32Array(count),
    weights: new Float32Array(count),
    advantages: new Float32Array(count),
    old_log_probs: new Float32Array(count),
    reference_log_probs: new Float32Array(count).fill(HARMLESS_REFERENCE),
    positions: new Int32Array(count),
    segments: new Int32Array(count).fill(-1),
    token_slot: new Int32Array(count),
    distinct_tokens: new BigInt64Array(count),
  };
  forEachToken(micro, (place, [first], index, segment) => {
    const datum = batch[first];
    inputs.tokens[place] = datum.tokens[index];
    inputs.targets[place] = datum.targets[index];
    inputs.positions[place] = index;
    inputs.segments[place] = segment;
    const weight = weights[first][index];
    if (weight === 0) return;
    inputs.weights[place] = weight;
    inputs.advantages[place] = datum.advantages?.[index] ?? 0;
    inputs.old_log_probs[place] = datum.logProbs?.[index] ?? 0;
    inputs.reference_log_probs[place] = datum.referenceLogProbs?.[index] ?? 0;
  });
  const slots = new Map<number, number>();
  inputs.tokens.forEach((token, place) => {
    let slot = slots.get(token);
    if (slot === undefined) {
      slot = slots.size;
      slots.set(token, slot);
      inputs.distinct_tokens[slot] = BigInt(token);
    }
    inputs.token_slot[place] = slot;
  });
  return inputs;
}

/** Takes per-token results apart again, one array per datum. */
export function gatherResults(plan: MicroBatch[], results: Float32Array[], batch: Datum[]): Float32Array[] {
  const perDatum = batch.map(({ tokens }) => new Float32Array(tokens.length));
  plan.forEach((micro, m) => {
    forEachToken(micro, (place, data, index) => {
      for (const i of data) perDatum[i][index] = results[m][place];
    });
  });
  return perDatum;
}
