/**
 * @file Draws expressions of a wanted kind from what is in scope. Which ways there are to make a value of a kind is a table of
 * weighted rules; a rule that finds no operand in scope is left out.
 */

import type { Draws } from '../selfplay/random';
import {
  type Arithmetic,
  type Comparison,
  call,
  type Expression,
  infix,
  item,
  type Kind,
  literal,
  method,
  name,
  slice,
  type Variable,
} from './tree';

/** What texts are made of. None is a variable's name, so that a small model need not tell the two apart. */
export const letters = ['d', 'e', 'k', 'm', 'p', 's'] as const;

/** Scopes that come from one another share what has not been looked at yet. */
export class Scope {
  constructor(
    readonly variables: readonly Variable[],
    private readonly unused: Set<string> = new Set(variables.map((variable) => variable.name)),
  ) {}

  with(variable: Variable): Scope {
    this.unused.add(variable.name);
    const others = this.variables.filter((each) => each.name !== variable.name);
    return new Scope([...others, variable], this.unused);
  }

  /** The same, but for one variable: nobody learns from a - a. */
  without(name: string): Scope {
    return new Scope(
      this.variables.filter((variable) => variable.name !== name),
      this.unused,
    );
  }

  kindOf(wanted: string): Kind | undefined {
    return this.variables.find((variable) => variable.name === wanted)?.kind;
  }

  idle(): Variable[] {
    return this.variables.filter((variable) => this.unused.has(variable.name));
  }

  /** A variable of this kind, rather one that nothing has looked at yet; null if there is none. */
  pick(draws: Draws, ...kinds: Kind[]): Variable | null {
    const fitting = this.variables.filter(({ kind }) => kinds.includes(kind));
    const index = draws.weighted(fitting.map((variable) => (this.unused.has(variable.name) ? 5 : 1)));
    if (index < 0) return null;
    this.unused.delete(fitting[index].name);
    return fitting[index];
  }
}

export const pickOf = <T>(draws: Draws, items: readonly T[]): T => items[draws.below(items.length)];
export const between = (draws: Draws, low: number, high: number) => low + draws.below(high - low + 1);

/** A value as it stands: a variable, or a literal where there is none or chance wants it. */
export function operand(draws: Draws, scope: Scope, kind: Kind, literals = 0.2): Expression {
  const variable = draws.chance(literals) ? null : scope.pick(draws, kind);
  return variable ? name(variable.name) : constant(draws, kind);
}

export function constant(draws: Draws, kind: Kind): Expression {
  switch (kind) {
    case 'int':
      return literal(between(draws, 1, 9));
    case 'ints':
      return literal([between(draws, 0, 9)]);
    case 'str':
      return literal(pickOf(draws, letters));
    case 'bool':
      return literal(draws.chance(0.5));
    default:
      return kind satisfies never;
  }
}

type Rule = (draws: Draws, scope: Scope) => Expression | null;

/** With one operation at least; with two if `deep`. Null if nothing in scope leads there. */
export function computed(draws: Draws, scope: Scope, kind: Kind, deep = false): Expression | null {
  const rules = ways[kind];
  const first = pickRule(draws, scope, rules);
  if (!first || !deep) return first;
  return deeper(draws, scope, kind, first);
}

/** One operation on top of a value of this kind. */
function deeper(draws: Draws, scope: Scope, kind: Kind, of: Expression): Expression {
  switch (kind) {
    case 'int':
      return draws.chance(0.6)
        ? infix(of, pickOf(draws, ['+', '-', '*'] as const), operand(draws, scope, 'int', 0.4))
        : infix(operand(draws, scope, 'int', 0.4), pickOf(draws, ['+', '-'] as const), of);
    case 'ints':
      return draws.chance(0.5) ? infix(of, '+', oneItem(draws, scope)) : slice(of, pickOf(draws, cuts));
    case 'str':
      return draws.chance(0.5)
        ? infix(of, '+', operand(draws, scope, 'str', 0.5))
        : slice(of, pickOf(draws, cuts));
    case 'bool':
      return draws.chance(0.5)
        ? { node: 'not', of }
        : infix(of, pickOf(draws, ['and', 'or'] as const), tested(draws, scope));
    default:
      return kind satisfies never;
  }
}

function pickRule(
  draws: Draws,
  scope: Scope,
  rules: readonly (readonly [number, Rule])[],
): Expression | null {
  const order = draws.weightedDistinct(
    rules.map(([weight]) => weight),
    rules.length,
  );
  for (const index of order) {
    const made = rules[index][1](draws, scope);
    if (made) return made;
  }
  return null;
}

export const cuts = ['1:', ':-1', '::-1', ':2'] as const;

/** Makes a rule of what is done with a variable of one of these kinds. */
const on =
  (kinds: Kind[], make: (of: Expression, draws: Draws, others: Scope) => Expression): Rule =>
  (draws, scope) => {
    const variable = scope.pick(draws, ...kinds);
    return variable && make(name(variable.name), draws, scope.without(variable.name));
  };

const oneItem = (draws: Draws, scope: Scope): Expression => {
  const only = operand(draws, scope, 'int');
  return only.node === 'literal' ? literal([Number(only.value)]) : { node: 'list', items: [only] };
};

/** A comparison, or a truth that is in scope. */
export function tested(draws: Draws, scope: Scope): Expression {
  return pickRule(draws, scope, tests) ?? literal(true);
}

const compare = (operator: Comparison, literals: number) =>
  on(['int'], (of, draws, scope) => infix(of, operator, operand(draws, scope, 'int', literals)));
const calculate = (operator: Arithmetic, literals: number) =>
  on(['int'], (of, draws, scope) => infix(of, operator, operand(draws, scope, 'int', literals)));

const tests: readonly (readonly [number, Rule])[] = [
  [4, compare('>', 0.7)],
  [4, compare('<', 0.7)],
  [1, compare('==', 0.8)],
  [
    3,
    on(['int'], (of, draws) =>
      infix(infix(of, '%', literal(between(draws, 2, 3))), '==', literal(draws.below(2))),
    ),
  ],
  [2, on(['str'], (of, draws, scope) => infix(operand(draws, scope, 'str', 0.8), 'in', of))],
  [2, on(['str'], (of, draws) => infix(of, pickOf(draws, ['==', '!='] as const), constant(draws, 'str')))],
  [2, on(['ints'], (of, draws, scope) => infix(operand(draws, scope, 'int', 0.5), 'in', of))],
  [2, on(['ints', 'str'], (of, draws) => infix(call('len', of), '>', literal(between(draws, 1, 4))))],
  [1, on(['ints'], (of, draws) => infix(item(of, literal(0)), '>', literal(between(draws, 1, 8))))],
  [3, on(['bool'], (of) => of)],
];

const ways: Record<Kind, readonly (readonly [number, Rule])[]> = {
  int: [
    [6, calculate('+', 0.5)],
    [5, calculate('-', 0.5)],
    [3, on(['int'], (of, draws) => infix(of, '*', literal(between(draws, 2, 4))))],
    [1, calculate('*', 0)],
    [2, on(['int'], (of, draws) => infix(of, '%', literal(between(draws, 2, 6))))],
    [1, on(['int'], (of, draws) => infix(of, '//', literal(between(draws, 2, 3))))],
    [1, on(['int'], (of) => call('abs', of))],
    [
      2,
      on(['int'], (of, draws, scope) =>
        call(pickOf(draws, ['max', 'min'] as const), of, operand(draws, scope, 'int', 0.6)),
      ),
    ],
    [4, on(['ints', 'str'], (of) => call('len', of))],
    [5, on(['ints'], (of, draws) => item(of, literal(pickOf(draws, [0, 0, -1, -1, 1]))))],
    [2, on(['ints'], (of) => call('sum', of))],
    [2, on(['ints'], (of, draws) => call(pickOf(draws, ['max', 'min'] as const), of))],
    [1, on(['ints'], (of, draws, scope) => method(of, 'count', operand(draws, scope, 'int', 0.7)))],
    [2, on(['str'], (of, draws) => method(of, 'count', constant(draws, 'str')))],
  ],
  ints: [
    [4, on(['ints'], (of, draws, scope) => infix(of, '+', oneItem(draws, scope)))],
    [2, on(['ints'], (of, draws, scope) => infix(oneItem(draws, scope), '+', of))],
    [4, on(['ints'], (of, draws) => slice(of, pickOf(draws, cuts)))],
    [2, on(['ints'], (of) => call('sorted', of))],
    [1, on(['ints'], (of) => infix(of, '*', literal(2)))],
    [
      1,
      on(['int'], (of, draws, scope) => ({ node: 'list', items: [of, operand(draws, scope, 'int', 0.3)] })),
    ],
  ],
  str: [
    [4, on(['str'], (of, draws, scope) => infix(of, '+', operand(draws, scope, 'str', 0.5)))],
    [3, on(['str'], (of, draws) => infix(constant(draws, 'str'), '+', of))],
    [4, on(['str'], (of, draws) => slice(of, pickOf(draws, cuts)))],
    [3, on(['str'], (of, draws) => item(of, literal(pickOf(draws, [0, -1]))))],
    [2, on(['str'], (of) => method(of, 'upper'))],
    [
      2,
      on(['str'], (of, draws) => {
        const [before, after] = draws.distinct(letters.length, 2).map((index) => literal(letters[index]));
        return method(of, 'replace', before, after);
      }),
    ],
    [2, on(['str'], (of, draws) => infix(of, '*', literal(between(draws, 2, 3))))],
    [1, on(['int'], (of) => call('str', of))],
    [1, on(['int'], (of, draws) => infix(constant(draws, 'str'), '*', of))],
  ],
  bool: [
    ...tests.slice(0, -1),
    [2, on(['bool'], (of) => ({ node: 'not', of }))],
    [
      2,
      on(['bool'], (of, draws, scope) =>
        infix(of, pickOf(draws, ['and', 'or'] as const), tested(draws, scope)),
      ),
    ],
  ],
};
