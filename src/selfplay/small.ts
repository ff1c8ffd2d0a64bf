/**
 * @file Values of the world that the base model grew up in: numbers of two digits, short texts, short lists of one kind of value. What
 * a proposed program makes of others is true as well, but nothing that a tiny model could say, and a few such answers weigh more in what
 * it learns than all the others together.
 */

import type { Trace, TraceStep } from '../sandbox/executor';
import { parseValue } from '../sandbox/literal';
import type { Value } from '../sandbox/value';
import { iterators } from './scratchpad';

/** The grammar's own programs are run within the same limits, and a test holds the two together. */
export const largest = { number: 99, items: 7, characters: 12 };

/** Is every value small that comes up on the way from the input to the output? Where nobody saw the whole way, no. */
export const isSmallRun = (trace: Trace) => trace.complete && trace.steps.every(isSmallStep);

function isSmallStep(step: TraceStep): boolean {
  switch (step.kind) {
    case 'call':
      return step.arguments.every(([, value]) => isSmallText(value));
    case 'operation':
      return iterators.has(step.operator) || isSmallText(step.value);
    case 'assign':
    case 'return':
      return isSmallText(step.value);
    case 'iterate':
      return isSmallText(step.value) && (step.remaining?.length ?? 0) <= largest.characters;
    case 'test':
    case 'exhausted':
      return true;
    case 'raise':
      return false;
    default:
      return step satisfies never;
  }
}

function isSmallText(text: string): boolean {
  const read = parseValue(text);
  return read.ok && isSmall(read.value);
}

function isSmall(value: Value): boolean {
  switch (value.type) {
    case 'bool':
      return true;
    case 'int':
      return value.value <= largest.number && value.value >= -largest.number;
    case 'str':
      return value.points.length <= largest.characters;
    case 'list':
      return (
        value.items.length <= largest.items &&
        value.items.every(
          (item) => item.type === value.items[0].type && item.type !== 'list' && isSmall(item),
        )
      );
    default:
      return false;
  }
}
