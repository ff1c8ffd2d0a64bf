/**
 * @file The true thought about a program and an input: what the sandbox's trace tells, as text that a tiny model can follow with
 * its eyes. Each step copies its operands before it says what comes of them, so that no step needs more than one look.
 *
 *     def f(x):              1: x=[2, 7]            the input, by name
 *         a = 0              2: a=0
 *         for i in x:        3: i=2, 7              what is left to go through, this item first
 *             a += i * 2     4:2*2=4 0+4 a=4        an operation, then one whose value goes into a
 *         return a           3: i=7
 *                            4:7*2=14 4+14 a=18
 *                            3: i=                  nothing is left
 *                            5: =18                 the answer
 *
 * Of an abduction the same lines stand in the opposite order, since there the answer is known and the input is wanted.
 *
 * A list or text that is read as a whole (measured, cut, indexed, sorted) is not copied: it stands above in one piece.
 */

import type { Trace, TraceStep } from '../sandbox/executor';

/** Null where there is no whole truth to tell: the trace, or a value in it, was cut. Each line begins with a line break. */
export function writeScratchpad(trace: Trace): string | null {
  if (!trace.complete || trace.steps.some((step) => textsOf(step).some((text) => text.endsWith('…'))))
    return null;
  let text = '';
  let written = ''; // on the line under way
  for (const [i, step] of trace.steps.entries()) {
    if (i === 0 || !goesOn(trace.steps[i - 1], step)) {
      text += `\n${step.line}:`;
      written = '';
    }
    const words = writeStep(step, written, trace.steps[i + 1]);
    text += words;
    written += words;
  }
  return text.replaceAll('⟨', '⟨⟩'); // so that no marker of a dialect can come of it
}

/** Is the model's thought the true one? */
export const sameTrace = (thought: string, expected: string) => thought === expected;

/**
 * From the end: what gives this value, and what gives that, up to the input. An input that was asked for is found so a step at a time;
 * forwards it would have to be guessed whole before the first step.
 */
export const backwards = (thought: string) => stepsOf(thought).reverse().join('');

/** Of the steps there are or should be, the share that is right before the first mistake. */
export function rightShare(thought: string, expected: string): number {
  const [own, truth] = [stepsOf(thought), stepsOf(expected)];
  const longest = Math.max(own.length, truth.length);
  const mistake = truth.findIndex((step, i) => step !== own[i]);
  return (mistake < 0 ? truth.length : mistake) / longest;
}

/** With the line breaks that begin them. Texts hold none of their own: they are reprs. */
const stepsOf = (thought: string) => thought.split(/(?=\n)/);

/** What f gave, read off the last line; null if that does not say. */
export function answerIn(thought: string): string | null {
  const last = stepsOf(thought).at(-1) ?? '';
  const parts = /^\n\d+:(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^'"])*? =(.+)$/.exec(last);
  return parts?.[1] ?? null;
}

// ---- Steps ---------------------------------------------------------------------------------------------------------------

/** Operations lead to what is done with their values; variables that get theirs at once stand together. */
function goesOn(before: TraceStep, step: TraceStep): boolean {
  if (before.line !== step.line || before.depth !== step.depth) return false;
  if (step.kind === 'exhausted' || (step.kind === 'iterate' && step.pass > 1)) return false;
  return before.kind === 'operation' || (before.kind === 'assign' && step.kind === 'assign');
}

/** What the next step says anyway is not said twice. */
function writeStep(step: TraceStep, written: string, next: TraceStep | undefined): string {
  const apart = (text: string) => (written === '' || text === '' ? text : ` ${text}`);
  switch (step.kind) {
    case 'call':
      return step.arguments.map(([name, value]) => ` ${name}=${value}`).join('');
    case 'operation':
      return apart(writeOperation(step, next && goesOn(step, next) ? next : undefined));
    case 'assign':
      return ` ${step.target}=${step.value}`;
    case 'test': {
      const truth = step.value ? 'True' : 'False';
      return written.endsWith(`=${truth}`) ? '' : apart(truth);
    }
    case 'iterate':
      return ` ${step.target}=${step.remaining ? joined(step.remaining) : `${step.value}, ...`}`;
    case 'exhausted':
      return ` ${step.target}=`;
    case 'return':
      return ` =${step.value}`;
    case 'raise':
      return ` !${step.value.split(':', 1)[0]}`;
    default:
      return step satisfies never;
  }
}

/** Items one after the other; single letters as one text, since that is what mostly is gone through. */
function joined(items: readonly string[]): string {
  const letters = items.map((item) => /^'([^\\'])'$/.exec(item)?.[1]);
  return letters.includes(undefined) ? items.join(', ') : `'${letters.join('')}'`;
}

// ---- Operations ----------------------------------------------------------------------------------------------------------

type Operation = Extract<TraceStep, { kind: 'operation' }>;

const words = new Set(['in', 'not in', 'is', 'is not']);
/** They only make what a loop goes through, and the loop says what that is. */
export const iterators = new Set(['range', 'enumerate', 'zip', 'reversed']);
/** What they are about is read as a whole, and stands above. */
const readers = new Set(['len', 'sorted', 'sum']);

function writeOperation(step: Operation, next: TraceStep | undefined): string {
  const { operator, operands, value } = step;
  if (iterators.has(operator)) return '';
  const steps = operator === 'sum' ? additions(operands) : null;
  const how = steps?.map(([a, b, sum], i) => (i < steps.length - 1 ? `${a}+${b}=${sum} ` : `${a}+${b}`));
  return (how?.join('') ?? expression(operator, operands)) + (says(next, value) ? '' : `=${value}`);
}

function expression(operator: string, operands: readonly string[]): string {
  const [first, ...rest] = operands;
  if (operator === '[]') return `[${rest[0]}]`;
  if (operator === '[:]') return `[${rest.map((bound) => (bound === 'None' ? '' : bound)).join(':')}]`;
  if (operator === 'not') return `not ${first}`;
  if (words.has(operator)) return operands.join(` ${operator} `);
  if (!/\w$/.test(operator)) return rest.length > 0 ? operands.join(operator) : operator + first;
  if (readers.has(operator)) return operator + (rest.length > 0 ? `(${rest.join(', ')})` : '');
  if (operator.startsWith('.')) return `${operator}(${rest.join(', ')})`;
  const many =
    (operator === 'max' || operator === 'min') && rest.length === 0 && /^\[.+\]$/.test(first ?? '');
  return `${operator}(${many ? first.slice(1, -1) : operands.join(', ')})`;
}

/** A sum of whole numbers, an addition at a time; null where there is none to do. */
function additions(operands: readonly string[]): [a: number, b: number, sum: number][] | null {
  const numbers = /^\[(-?\d{1,9}(?:, -?\d{1,9})+)\]$/
    .exec(operands[0] ?? '')?.[1]
    .split(', ')
    .map(Number);
  if (!numbers || operands.length > 1) return null;
  let sum = numbers[0];
  return numbers.slice(1).map((number) => {
    const before = sum;
    sum += number;
    return [before, number, sum];
  });
}

/** Does the step that follows an operation show its value? */
function says(next: TraceStep | undefined, value: string): boolean {
  switch (next?.kind) {
    case 'assign':
    case 'return':
      return next.value === value;
    case 'iterate':
      return (
        next.remaining !== null &&
        (value === `[${joined(next.remaining)}]` || value === joined(next.remaining))
      );
    default:
      return false;
  }
}

/** Every value in a step. */
function textsOf(step: TraceStep): string[] {
  switch (step.kind) {
    case 'call':
      return step.arguments.map(([, value]) => value);
    case 'operation':
      return [...step.operands, step.value];
    case 'iterate':
      return [step.value, ...(step.remaining ?? [])];
    case 'assign':
    case 'return':
    case 'raise':
      return [step.value];
    case 'test':
    case 'exhausted':
      return [];
    default:
      return step satisfies never;
  }
}
