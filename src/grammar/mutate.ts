/**
 * @file One step from a task to another: one thing is changed and the rest stays. Pairs (reference, mutated) show a proposer how
 * to make the next task out of one that it is shown, and how much harder it may be.
 */

import type { Draws } from '../selfplay/random';
import { cuts, letters, pickOf, type Scope, tested } from './expressions';
import { drawArguments } from './inputs';
import { featuresOf } from './levels';
import { edit, isInLoop, type Place, placesIn, scopeAt, statementAt } from './places';
import { type SampledTask, written } from './sample';
import {
  call,
  type Expression,
  type Infix,
  literal,
  name,
  namesIn,
  type Plain,
  type Program,
  type Statement,
} from './tree';
import { isWorthwhile } from './worth';
import { localNames, passNames, Writer } from './writing';

/** By how often each is tried; what was measured to climb without breaking is in docs/LEARNING.md. */
export const mutations = {
  longer: 26, //    one more item or one more pass
  statement: 26, // one more change of a variable, rather inside a loop
  condition: 14, // a change happens only if
  operator: 12, //  one operator, or one number, is another
  repeated: 8, //   a change happens twice
  input: 8, //      the same program on something else
  loop: 6, //       a small loop before the end
} as const;
export type Mutation = keyof typeof mutations;

const names = Object.keys(mutations) as Mutation[];
/** Kinds of mutation, and tries with each. */
const [kinds, tries] = [8, 6];

/** Null if no try gave a task that is worth it. */
export function mutate(task: SampledTask, draws: Draws): { task: SampledTask; mutation: Mutation } | null {
  for (let tried = 0; tried < kinds; tried++) {
    const mutation = names[draws.weighted(Object.values(mutations))];
    for (let again = 0; again < tries; again++) {
      const changed = change(task, mutation, draws);
      const mutated = changed && worthwhile(changed);
      if (mutated && isAnother(mutated, task, mutation)) return { task: mutated, mutation };
    }
  }
  return null;
}

function worthwhile({ structure, values }: Changed): SampledTask | null {
  const features = featuresOf(structure, values);
  return features && isWorthwhile(structure, values) ? written(structure, values, features) : null;
}

function isAnother(mutated: SampledTask, { program, input, features }: SampledTask, mutation: Mutation) {
  if (mutation === 'longer') return mutated.features.iterations > features.iterations;
  return mutated.program !== program || mutated.input !== input;
}

type Changed = Pick<SampledTask, 'structure' | 'values'>;

function change(task: SampledTask, mutation: Mutation, draws: Draws): Changed | null {
  const { structure, values } = task;
  const withBody = (body: Statement[] | null) => body && { structure: { ...structure, body }, values };
  switch (mutation) {
    case 'longer':
      return draws.chance(0.5) ? withBody(longerRange(structure.body, draws)) : longerInput(task, draws);
    case 'input':
      return { structure, values: drawArguments(structure, draws, { least: 1, most: 6 }) };
    case 'statement':
      return withBody(insert(structure, draws));
    case 'operator':
      return withBody(exchange(structure.body, draws));
    case 'condition':
      return withBody(
        wrap(structure, draws, (statement, scope) => ({
          node: 'if',
          test: tested(draws, scope),
          body: [statement],
          otherwise: [],
        })),
      );
    case 'repeated':
      return withBody(
        wrap(structure, draws, (statement, scope) => ({
          node: 'for',
          target: freshPass(scope),
          over: call('range', literal(2)),
          body: [statement],
        })),
      );
    case 'loop': {
      const end: Place = { path: [], at: structure.body.length - 1 };
      const scope = scopeAt(structure, end);
      const sequence = scope.pick(draws, 'ints', 'str');
      const over = sequence ? name(sequence.name) : call('range', literal(2));
      const target = freshPass(scope);
      const inside = scope.with({ name: target, kind: sequence?.kind === 'str' ? 'str' : 'int' });
      const loop: Statement = { node: 'for', target, over, body: [new Writer(draws, inside).change()] };
      return withBody(edit(structure.body, end, (statement) => [loop, statement]));
    }
    default:
      return mutation satisfies never;
  }
}

// ---- Changes -----------------------------------------------------------------------------------------------------------

/** Of places that pass, one, those inside loops `often` times as likely. */
function pickPlace(
  body: readonly Statement[],
  draws: Draws,
  passes: (statement: Statement) => boolean,
  often = 1,
): Place | null {
  const places = placesIn(body).filter((place) => passes(statementAt(body, place)));
  const index = draws.weighted(places.map((place) => (isInLoop(body, place) ? often : 1)));
  return places[index] ?? null;
}

function insert(structure: Program, draws: Draws): Statement[] {
  const place = pickPlace(structure.body, draws, () => true, 3)!;
  const scope = scopeAt(structure, place);
  const local = scope.variables.some((variable) => localNames.some((each) => each === variable.name));
  const writer = new Writer(draws, scope);
  const added = local && draws.chance(0.85) ? writer.change() : writer.assignment(0);
  const after = draws.chance(0.5) && statementAt(structure.body, place).node !== 'return';
  return edit(structure.body, place, (statement) => (after ? [statement, added] : [added, statement]));
}

function wrap(
  structure: Program,
  draws: Draws,
  around: (statement: Statement, scope: Scope) => Statement,
): Statement[] | null {
  const isChange = (statement: Statement) =>
    statement.node === 'update' ||
    (statement.node === 'assign' && namesIn(statement.value).includes(statement.target));
  const place = pickPlace(structure.body, draws, isChange);
  if (!place) return null;
  const scope = scopeAt(structure, place);
  return edit(structure.body, place, (statement) => [around(statement, scope)]);
}

const freshPass = (scope: Scope) =>
  passNames.find((each) => scope.kindOf(each) === undefined) ?? passNames[0];

// ---- Longer ------------------------------------------------------------------------------------------------------------

function longerRange(body: readonly Statement[], draws: Draws): Statement[] | null {
  const place = pickPlace(body, draws, (statement) => longer(statement) !== null);
  return place && edit(body, place, (statement) => [longer(statement) ?? statement]);
}

/** A loop through a range of so many, once more. */
function longer(statement: Statement): Statement | null {
  if (statement.node !== 'for' || statement.over.node !== 'call') return null;
  const last = statement.over.parts.at(-1);
  if (statement.over.builtin !== 'range' || last?.node !== 'literal') return null;
  const parts = [...statement.over.parts.slice(0, -1), literal(Number(last.value) + 1)];
  return { ...statement, over: call('range', ...parts) };
}

function longerInput({ structure, values }: SampledTask, draws: Draws): Changed {
  const at = draws.below(values.length);
  return { structure, values: values.map((value, i) => (i === at ? oneMore(value, draws) : value)) };
}

function oneMore(value: Plain, draws: Draws): Plain {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return value + 1;
  return typeof value === 'string' ? value + pickOf(draws, letters) : [...value, draws.below(10)];
}

// ---- Exchanges ---------------------------------------------------------------------------------------------------------

/** One operator or one constant is another. */
function exchange(body: readonly Statement[], draws: Draws): Statement[] | null {
  const place = pickPlace(body, draws, (statement) => exchanged(statement).length > 0);
  return place && edit(body, place, (statement) => [pickOf(draws, exchanged(statement))]);
}

function exchanged(statement: Statement): Statement[] {
  switch (statement.node) {
    case 'assign':
    case 'return':
      return others(statement.value).map((value) => ({ ...statement, value }));
    case 'update': {
      const operators = (['+', '-', '*'] as const).filter((operator) => operator !== statement.operator);
      return [
        ...operators.map((operator) => ({ ...statement, operator })),
        ...others(statement.value).map((value) => ({ ...statement, value })),
      ];
    }
    case 'if':
    case 'while':
      return others(statement.test).map((test) => ({ ...statement, test }));
    case 'for':
      return others(statement.over).map((over) => ({ ...statement, over }));
    default:
      return statement satisfies never;
  }
}

const families: readonly (readonly Infix[])[] = [
  ['+', '-', '*'],
  ['//', '%'],
  ['<', '>', '=='],
  ['and', 'or'],
];

/** Every expression that differs from this one in one operator or one constant. */
function others(expression: Expression): Expression[] {
  switch (expression.node) {
    case 'name':
      return [];
    case 'literal': {
      const { value } = expression;
      if (typeof value === 'number') return [value + 1, value - 1].filter((each) => each >= 0).map(literal);
      if (typeof value !== 'string' || value === '') return [];
      return letters.filter((letter) => letter !== value).map(literal);
    }
    case 'list':
      return eachPart(expression.items).map((items) => ({ ...expression, items }));
    case 'infix': {
      const family = families.find((each) => each.includes(expression.operator)) ?? [];
      const { left, right } = expression;
      return [
        ...family
          .filter((operator) => operator !== expression.operator)
          .map((operator) => ({ ...expression, operator })),
        ...others(left).map((other) => ({ ...expression, left: other })),
        ...others(right).map((other) => ({ ...expression, right: other })),
      ];
    }
    case 'not':
      return [expression.of, ...others(expression.of).map((of) => ({ ...expression, of }))];
    case 'call': {
      const swapped = ({ max: 'min', min: 'max' } as const)[String(expression.builtin)];
      return [
        ...(swapped ? [{ ...expression, builtin: swapped }] : []),
        ...eachPart(expression.parts).map((parts) => ({ ...expression, parts })),
      ];
    }
    case 'method':
      return eachPart(expression.parts).map((parts) => ({ ...expression, parts }));
    case 'item':
      return others(expression.index).map((index) => ({ ...expression, index }));
    case 'slice':
      return cuts
        .filter((bounds) => bounds !== expression.bounds)
        .map((bounds) => ({ ...expression, bounds }));
    default:
      return expression satisfies never;
  }
}

const eachPart = (parts: readonly Expression[]): Expression[][] =>
  parts.flatMap((part, n) => others(part).map((other) => parts.map((each, i) => (i === n ? other : each))));
