/**
 * @file Where a statement stands in a program, what has a value there, and a program with other statements in its stead.
 */

import { Scope } from './expressions';
import {
  blocksOf,
  type Expression,
  isLoop,
  type Kind,
  type Plain,
  type Program,
  type Statement,
  type Variable,
  withBlocks,
} from './tree';

/** Through which statements, and which of their blocks, a statement is reached, and where it stands in the last one. */
export interface Place {
  path: { at: number; block: number }[];
  at: number;
}

export function placesIn(body: readonly Statement[], path: Place['path'] = []): Place[] {
  return body.flatMap((statement, at) => [
    { path, at },
    ...blocksOf(statement).flatMap((block, n) => placesIn(block, [...path, { at, block: n }])),
  ]);
}

export function statementAt(body: readonly Statement[], { path, at }: Place): Statement {
  return path.reduce((block, step) => blocksOf(block[step.at])[step.block], [...body])[at];
}

export const isInLoop = (body: readonly Statement[], { path }: Place) =>
  path.some(({ at }, n) => isLoop(statementAt(body, { path: path.slice(0, n), at })));

/** Statements instead of the one that stands there. */
export function edit(
  body: readonly Statement[],
  { path, at }: Place,
  instead: (statement: Statement) => Statement[],
): Statement[] {
  const [step, ...rest] = path;
  if (!step) return [...body.slice(0, at), ...instead(body[at]), ...body.slice(at + 1)];
  const outer = body[step.at];
  const blocks = blocksOf(outer).map((block, n) =>
    n === step.block ? edit(block, { path: rest, at }, instead) : block,
  );
  return [...body.slice(0, step.at), withBlocks(outer, blocks), ...body.slice(step.at + 1)];
}

/** What surely has a value just before this place. */
export function scopeAt({ parameters, body }: Program, { path, at }: Place): Scope {
  const kinds = new Map(parameters.map(({ name, kind }) => [name, kind]));
  const learn = (statements: readonly Statement[]) => {
    for (const statement of statements) {
      const kind = statement.node === 'assign' ? kindOf(statement.value, kinds) : null;
      if (statement.node === 'assign' && kind) kinds.set(statement.target, kind);
    }
  };
  let block: readonly Statement[] = body;
  for (const step of path) {
    learn(block.slice(0, step.at));
    const around = block[step.at];
    if (around.node === 'for') kinds.set(around.target, kindOf(around.over, kinds) === 'str' ? 'str' : 'int');
    block = blocksOf(around)[step.block];
  }
  learn(block.slice(0, at));
  return new Scope([...kinds].map(([name, kind]): Variable => ({ name, kind })));
}

/** Null where it may be this or that. */
function kindOf(expression: Expression, kinds: ReadonlyMap<string, Kind>): Kind | null {
  const of = (inner: Expression) => kindOf(inner, kinds);
  switch (expression.node) {
    case 'literal':
      return kindOfValue(expression.value);
    case 'name':
      return kinds.get(expression.name) ?? null;
    case 'list':
      return 'ints';
    case 'not':
      return 'bool';
    case 'slice':
      return of(expression.of);
    case 'item':
      return of(expression.of) === 'str' ? 'str' : 'int';
    case 'method':
      return expression.method === 'count' ? 'int' : 'str';
    case 'call':
      if (expression.builtin === 'str') return 'str';
      return expression.builtin === 'sorted' || expression.builtin === 'range' ? 'ints' : 'int';
    case 'infix': {
      if (['<', '>', '==', '!=', 'in'].includes(expression.operator)) return 'bool';
      const [left, right] = [of(expression.left), of(expression.right)];
      if (expression.operator === 'and' || expression.operator === 'or') return left === right ? left : null;
      return left === 'bool' ? 'int' : left;
    }
    default:
      return expression satisfies never;
  }
}

function kindOfValue(value: Plain): Kind {
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'object') return 'ints';
  return typeof value === 'number' ? 'int' : 'str';
}
