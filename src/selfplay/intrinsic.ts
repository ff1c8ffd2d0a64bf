/**
 * @file Six qualities of a proposal that a reward may take into account besides its solve rate: how complex its program is
 * (two measures), how far from its references, and how rare its answers, inputs and outputs are. All are off by default: the
 * original found no effect. They are worth watching all the same.
 */

import type { Measures } from '../sandbox/executor';
import type { Mode, Pair } from '../store/records';
import type { Config } from './config';
import { similarity } from './difflib';

export const intrinsics = [
  'complexity',
  'halstead',
  'edit-distance',
  'answer-diversity',
  'input-diversity',
  'output-diversity',
] as const;
export type Intrinsic = (typeof intrinsics)[number];
/** Those that make sense for a task's mode. */
export type IntrinsicValues = Partial<Record<Intrinsic, number>>;

// ---- Values --------------------------------------------------------------------------------------------------------

export interface Proposal {
  mode: Mode;
  /** Program or syntax tree as text; the references in the same form. */
  canonical: string;
  references: readonly string[];
  pairs: readonly Pair[];
  /** Null if it could not be measured. */
  measures: Measures | null;
}

/** What the buffer of the proposal's mode held before it: see buffers.ts. */
export interface Seen {
  inputs: TypeCounts;
  outputs: TypeCounts;
}

export function intrinsicValues(proposal: Proposal, seen: Seen, hierarchical: boolean): IntrinsicValues {
  const { mode, pairs, measures } = proposal;
  const rarity = (counts: TypeCounts, texts: string[]) =>
    mean(texts.map((text) => counts.rarity(text, hierarchical)));
  const inputs = pairs.map(([input]) => input);
  const outputs = pairs.map(([, output]) => output);
  if (mode === 'induction') {
    return {
      'input-diversity': rarity(seen.inputs, inputs),
      'output-diversity': rarity(seen.outputs, outputs),
    };
  }
  return {
    complexity: measures ? complexity(measures) : 0,
    halstead: measures ? halstead(measures) : 0,
    'edit-distance': editDistance(proposal.canonical, proposal.references),
    'answer-diversity': mode === 'abduction' ? rarity(seen.inputs, inputs) : rarity(seen.outputs, outputs),
  };
}

/** Cognitive complexity; 15 is where tools begin to complain. */
export function complexity(measures: Measures): number {
  return measures.cognitive / 15;
}

/** A mixture of Halstead's effort and volume and of cyclomatic complexity, 0 to 1, in thousandths. */
export function halstead({ halstead: { effort, volume }, maxCyclomatic }: Measures): number {
  const share = (value: number, most: number) => Math.min(value / most, 1);
  const mixed = 0.5 * share(effort, 10_000) + 0.3 * share(maxCyclomatic, 10) + 0.2 * share(volume, 500);
  return Number(mixed.toFixed(3));
}

/** Characters of each text that are compared, since the time grows faster than they do: see difflib.ts. */
export const comparedCharacters = 8_000;

/** Mean distance from the references; 0 if there are none. */
export function editDistance(canonical: string, references: readonly string[]): number {
  const bounded = (text: string) => text.slice(0, comparedCharacters);
  const program = bounded(canonical);
  return mean(references.map((reference) => 1 - similarity(program, bounded(reference))));
}

function mean(values: readonly number[]): number {
  return values.length ? values.reduce((sum, value) => sum + value, 0) / values.length : 0;
}

// ---- Rarity --------------------------------------------------------------------------------------------------------

/** How often each value was seen, by type. What is added can be removed. */
export class TypeCounts {
  private readonly types = new Map<string, { total: number; values: Map<string, number> }>();
  private total = 0;

  add(text: string): void {
    const type = typeName(text);
    const counts = this.types.get(type) ?? { total: 0, values: new Map<string, number>() };
    this.types.set(type, counts);
    counts.values.set(text, (counts.values.get(text) ?? 0) + 1);
    counts.total++;
    this.total++;
  }

  /** Of a text that was added. */
  remove(text: string): void {
    const type = typeName(text);
    const counts = this.types.get(type);
    const count = counts?.values.get(text) ?? 0;
    if (!counts || count === 0) return;
    if (count > 1) counts.values.set(text, count - 1);
    else counts.values.delete(text);
    counts.total--;
    this.total--;
    if (counts.total === 0) this.types.delete(type);
  }

  /** 1 for what was never seen, 0 for what is all there is. Hierarchical: half for its type, half for its value within that. */
  rarity(text: string, hierarchical: boolean): number {
    if (this.total === 0) return 1;
    const counts = this.types.get(typeName(text));
    const count = counts?.values.get(text) ?? 0;
    if (!hierarchical) return 1 - count / this.total;
    return counts ? (1 - counts.total / this.total + 1 - count / counts.total) / 2 : 1;
  }

  /** Plain data for metrics and pages, by type in alphabetical order. */
  summary(): { total: number; values: number; types: Record<string, { total: number; values: number }> } {
    const types = Object.fromEntries(
      [...this.types]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([type, { total, values }]) => [type, { total, values: values.size }]),
    );
    const values = Object.values(types).reduce((sum, type) => sum + type.values, 0);
    return { total: this.total, values, types };
  }
}

/**
 * Python's name for the type of a literal; several arguments are a tuple, and what has no other name is called str, both as
 * in the original. The text has been parsed before, so its first characters tell.
 */
export function typeName(text: string): string {
  const literal = text.trim();
  const commas = outside(literal, ',');
  if (commas) return outside(literal, '=') ? 'str' : 'tuple';
  const string = /^([a-z]*)['"]/i.exec(literal);
  if (string) return string[1].toLowerCase().includes('b') ? 'bytes' : 'str';
  if (literal.startsWith('[')) return 'list';
  if (literal.startsWith('{')) {
    const inner = literal.slice(1, -1);
    return inner.trim() === '' || outside(inner, ':') ? 'dict' : 'set';
  }
  if (literal.startsWith('(')) {
    const inner = literal.slice(1, -1);
    return inner.trim() === '' || outside(inner, ',') ? 'tuple' : typeName(inner);
  }
  if (literal === 'True' || literal === 'False') return 'bool';
  if (literal === 'None') return 'NoneType';
  if (/^[+-]?(\d[\d_]*|0[xob][\da-f_]+)$/i.test(literal)) return 'int';
  if (/^[+-]?[\d._]+(e[+-]?[\d_]+)?$/i.test(literal)) return 'float';
  if (/^[+-]?[\d._+e-]+j$/i.test(literal)) return 'complex';
  const call = /^(frozenset|set|float)\(/.exec(literal);
  return call ? call[1] : 'str';
}

/** Does the character stand outside of all brackets and strings? */
function outside(text: string, wanted: string): boolean {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (character === "'" || character === '"') {
      const mark = text.startsWith(character.repeat(3), i) ? character.repeat(3) : character;
      i += mark.length;
      while (i < text.length && !text.startsWith(mark, i)) i += text[i] === '\\' ? 2 : 1;
      i += mark.length - 1;
    } else if ('([{'.includes(character)) depth++;
    else if (')]}'.includes(character)) depth--;
    else if (depth === 0 && character === wanted) return true;
  }
  return false;
}

// ---- Combination ---------------------------------------------------------------------------------------------------

/** A term as it enters a reward: `coefficient` times the value, but no more than `max`. */
export function term(value: number, coefficient: number, max: number): number {
  return Number.isFinite(value) ? Math.min(coefficient * value, max) : 0;
}

/** No terms change nothing. */
export function combine(base: number, terms: readonly number[], how: Config['intrinsic.combine']): number {
  if (!terms.length) return base;
  const sum = terms.reduce((a, b) => a + b, 0);
  const product = terms.reduce((a, b) => a * b, 1);
  switch (how) {
    case 'sum':
      return base + sum;
    case 'multiply':
      return base * product;
    case 'sum-multiply':
      return base + product;
    case 'multiply-sum':
      return base * sum;
  }
}
