/**
 * @file The lines of `exec`: a record of a JSONL file becomes a check, and what came of it a verdict line. The format is part of
 * the command line's contract (docs/SANDBOX.md).
 */

import type { Check, Checked, Judgement, Outcome, Pair } from './executor';

export interface VerdictLine {
  id: unknown;
  verdict: Outcome['verdict'];
  /** Python's repr of the value, or null where there is none. */
  output: string | null;
  /** Judged answers only. */
  correct?: boolean;
  /** Why, if it is not ok; else null. */
  reason: string | null;
  ms: number;
}

/** A record that says what is asked, or the sentence that says what is wrong with it. */
export type ReadRecord = { ok: true; id: unknown; check: Check } | { ok: false; reason: string };

export function readRecord(line: string): ReadRecord {
  try {
    const record: unknown = JSON.parse(line);
    if (typeof record !== 'object' || record === null || Array.isArray(record)) {
      return { ok: false, reason: 'A record is a JSON object.' };
    }
    const { id = null, ...fields } = record as Record<string, unknown>;
    return { ok: true, id, check: toCheck(fields) };
  } catch (error) {
    if (error instanceof FieldError) return { ok: false, reason: error.message };
    return { ok: false, reason: `This is no JSON: ${(error as Error).message}.` };
  }
}

export function verdictLine(id: unknown, checked: Checked): VerdictLine {
  switch (checked.kind) {
    case 'run':
    case 'validate':
      return toLine(id, checked.outcomes[0]);
    case 'judge':
      return toLine(id, checked.judgement, checked.judgement);
    case 'raises':
    case 'measure':
    case 'rewrite':
      throw new TypeError(`exec does not ask to ${checked.kind}.`);
    default:
      return checked satisfies never;
  }
}

function toLine(id: unknown, outcome: Outcome, judged?: Judgement): VerdictLine {
  return {
    id,
    verdict: outcome.verdict,
    output: outcome.verdict === 'ok' ? outcome.output : null,
    ...(judged && { correct: judged.correct }),
    reason: outcome.verdict === 'ok' ? null : outcome.reason,
    ms: Math.round(outcome.ms * 100) / 100,
  };
}

// ---- Fields ----------------------------------------------------------------------------------------------------------

class FieldError extends Error {}

function toCheck(record: Record<string, unknown>): Check {
  const { mode } = record;
  const text = (name: string) => textField(record, name);
  switch (mode) {
    case undefined:
      return { kind: 'validate', program: text('program'), inputs: [text('input')] };
    case 'deduction':
      return { kind: 'judge', question: { mode, gold: text('gold'), answer: text('answer') } };
    case 'abduction': {
      const question = {
        mode,
        program: text('program'),
        gold: text('gold'),
        answer: text('answer'),
      } as const;
      return { kind: 'judge', question };
    }
    case 'induction': {
      // The shown pairs were in the prompt; as in the original, the hidden ones decide.
      const hidden = pairsField(record, 'hidden');
      const pairs = hidden.length > 0 ? hidden : pairsField(record, 'shown');
      if (pairs.length === 0) throw new FieldError('An induction record needs at least one pair.');
      return { kind: 'judge', question: { mode, pairs, answer: text('answer') } };
    }
    default:
      throw new FieldError(
        `The mode ${JSON.stringify(mode)} is none of deduction, abduction, induction; leave it out to run a program.`,
      );
  }
}

function textField(record: Record<string, unknown>, name: string): string {
  const value = record[name];
  if (typeof value === 'string') return value;
  throw new FieldError(
    value === undefined
      ? `It has no "${name}".`
      : `Its "${name}" must be text, in the form of a JSON string.`,
  );
}

function pairsField(record: Record<string, unknown>, name: string): Pair[] {
  const value = record[name] ?? [];
  const isPair = (pair: unknown): pair is Pair =>
    Array.isArray(pair) && pair.length === 2 && pair.every((part) => typeof part === 'string');
  if (Array.isArray(value) && value.every(isPair)) return value;
  throw new FieldError(`Its "${name}" must be a list of pairs [input, output], both as text.`);
}
