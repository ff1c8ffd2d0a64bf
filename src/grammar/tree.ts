/**
 * @file Small Python functions as trees, and their text. Only what the grammar writes has a node here; a program that a model
 * wrote stays text. Trees are never changed in place, so a mutation can share what it keeps.
 */

/** What a value is: whole numbers, lists of them, texts and truths. */
export type Kind = 'int' | 'ints' | 'str' | 'bool';
export type Plain = number | boolean | string | readonly number[];

export interface Variable {
  name: string;
  kind: Kind;
}

export type Infix = Arithmetic | Comparison | 'and' | 'or';
export type Arithmetic = '+' | '-' | '*' | '//' | '%';
export type Comparison = '<' | '>' | '==' | '!=' | 'in';
export type Builtin = 'len' | 'sum' | 'max' | 'min' | 'sorted' | 'abs' | 'str' | 'range';
export type Method = 'upper' | 'count' | 'replace';
export type Bounds = '1:' | ':-1' | ':2' | '::-1';

export type Expression =
  | { node: 'literal'; value: Plain }
  | { node: 'name'; name: string }
  /** Of computed items. */
  | { node: 'list'; items: Expression[] }
  | { node: 'infix'; operator: Infix; left: Expression; right: Expression }
  | { node: 'not'; of: Expression }
  | { node: 'call'; builtin: Builtin; parts: Expression[] }
  | { node: 'method'; of: Expression; method: Method; parts: Expression[] }
  | { node: 'item'; of: Expression; index: Expression }
  | { node: 'slice'; of: Expression; bounds: Bounds };

export type Statement =
  | { node: 'assign'; target: string; value: Expression }
  | { node: 'update'; target: string; operator: '+' | '-' | '*'; value: Expression }
  /** `otherwise` may be empty. */
  | { node: 'if'; test: Expression; body: Statement[]; otherwise: Statement[] }
  | { node: 'for'; target: string; over: Expression; body: Statement[] }
  | { node: 'while'; test: Expression; body: Statement[] }
  | { node: 'return'; value: Expression };

/** Its last statement is its only return. */
export interface Program {
  parameters: Variable[];
  body: Statement[];
}

// ---- Making ------------------------------------------------------------------------------------------------------------

export const literal = (value: Plain): Expression => ({ node: 'literal', value });
export const name = (text: string): Expression => ({ node: 'name', name: text });
export const infix = (left: Expression, operator: Infix, right: Expression): Expression => ({
  node: 'infix',
  operator,
  left,
  right,
});
export const call = (builtin: Builtin, ...parts: Expression[]): Expression => ({
  node: 'call',
  builtin,
  parts,
});
export const method = (of: Expression, called: Method, ...parts: Expression[]): Expression => ({
  node: 'method',
  of,
  method: called,
  parts,
});
export const item = (of: Expression, index: Expression): Expression => ({ node: 'item', of, index });
export const slice = (of: Expression, bounds: Bounds): Expression => ({ node: 'slice', of, bounds });

// ---- Blocks ------------------------------------------------------------------------------------------------------------

/** The statements that stand one level further in, by block. */
export function blocksOf(statement: Statement): Statement[][] {
  switch (statement.node) {
    case 'assign':
    case 'update':
    case 'return':
      return [];
    case 'if':
      return statement.otherwise.length > 0 ? [statement.body, statement.otherwise] : [statement.body];
    case 'for':
    case 'while':
      return [statement.body];
    default:
      return statement satisfies never;
  }
}

/** The same statement with other blocks, in the order of `blocksOf`. */
export function withBlocks(statement: Statement, blocks: Statement[][]): Statement {
  switch (statement.node) {
    case 'assign':
    case 'update':
    case 'return':
      return statement;
    case 'if':
      return { ...statement, body: blocks[0], otherwise: blocks[1] ?? [] };
    case 'for':
    case 'while':
      return { ...statement, body: blocks[0] };
    default:
      return statement satisfies never;
  }
}

/** A statement and all that are inside it. */
export function within(statement: Statement): Statement[] {
  return [statement, ...blocksOf(statement).flat().flatMap(within)];
}

/** Those that a statement computes itself; an update reads its target too. */
export function expressionsOf(statement: Statement): Expression[] {
  switch (statement.node) {
    case 'assign':
    case 'return':
      return [statement.value];
    case 'update':
      return [name(statement.target), statement.value];
    case 'if':
    case 'while':
      return [statement.test];
    case 'for':
      return [statement.over];
    default:
      return statement satisfies never;
  }
}

/** The variables that an expression reads. */
export function namesIn(expression: Expression): string[] {
  switch (expression.node) {
    case 'literal':
      return [];
    case 'name':
      return [expression.name];
    case 'list':
      return expression.items.flatMap(namesIn);
    case 'infix':
      return [expression.left, expression.right].flatMap(namesIn);
    case 'not':
    case 'slice':
      return namesIn(expression.of);
    case 'call':
      return expression.parts.flatMap(namesIn);
    case 'method':
      return [expression.of, ...expression.parts].flatMap(namesIn);
    case 'item':
      return [expression.of, expression.index].flatMap(namesIn);
    default:
      return expression satisfies never;
  }
}

export const isLoop = ({ node }: Statement) => node === 'for' || node === 'while';

// ---- Text --------------------------------------------------------------------------------------------------------------

export function printProgram({ parameters, body }: Program): string {
  const head = `def f(${parameters.map((parameter) => parameter.name).join(', ')}):`;
  return [head, ...body.flatMap((statement) => lines(statement, 1))].join('\n');
}

/** The text of an argument list. */
export const printArguments = (values: readonly Plain[]) => values.map(printValue).join(', ');

/** Python's repr; texts of the grammar hold neither quotes nor anything that would be escaped. */
export function printValue(value: Plain): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string') return `'${value}'`;
  return typeof value === 'number' ? String(value) : `[${value.join(', ')}]`;
}

function lines(statement: Statement, depth: number): string[] {
  const indent = '    '.repeat(depth);
  const block = (statements: Statement[]) => statements.flatMap((each) => lines(each, depth + 1));
  switch (statement.node) {
    case 'assign':
      return [`${indent}${statement.target} = ${printExpression(statement.value)}`];
    case 'update':
      return [`${indent}${statement.target} ${statement.operator}= ${printExpression(statement.value)}`];
    case 'return':
      return [`${indent}return ${printExpression(statement.value)}`];
    case 'if': {
      const otherwise = statement.otherwise.length > 0 ? [`${indent}else:`] : [];
      const test = `${indent}if ${printExpression(statement.test)}:`;
      return [test, ...block(statement.body), ...otherwise, ...block(statement.otherwise)];
    }
    case 'for':
      return [
        `${indent}for ${statement.target} in ${printExpression(statement.over)}:`,
        ...block(statement.body),
      ];
    case 'while':
      return [`${indent}while ${printExpression(statement.test)}:`, ...block(statement.body)];
    default:
      return statement satisfies never;
  }
}

/** How tightly an operator binds; what binds less than its surroundings needs brackets. */
const strength: Record<Infix, number> = {
  or: 1,
  and: 2,
  '<': 4,
  '>': 4,
  '==': 4,
  '!=': 4,
  in: 4,
  '+': 5,
  '-': 5,
  '*': 6,
  '//': 6,
  '%': 6,
};
const strengthOfNot = 3;
const strongest = 7;

export function printExpression(expression: Expression, around = 0): string {
  const list = (parts: Expression[]) => parts.map((part) => printExpression(part)).join(', ');
  const bracketed = (text: string, own: number) => (own < around ? `(${text})` : text);
  switch (expression.node) {
    case 'literal':
      return bracketed(
        printValue(expression.value),
        Number(expression.value) < 0 ? strongest - 1 : strongest,
      );
    case 'name':
      return expression.name;
    case 'list':
      return `[${list(expression.items)}]`;
    case 'infix': {
      const { operator, left, right } = expression;
      const own = strength[operator];
      // Comparisons in a row would be a chain, so on their left too, what is no stronger gets brackets.
      const leftmost = own === strength['<'] ? own + 1 : own;
      const text = `${printExpression(left, leftmost)} ${operator} ${printExpression(right, own + 1)}`;
      return bracketed(text, own);
    }
    case 'not':
      return bracketed(`not ${printExpression(expression.of, strengthOfNot)}`, strengthOfNot);
    case 'call':
      return `${expression.builtin}(${list(expression.parts)})`;
    case 'method':
      return `${printExpression(expression.of, strongest)}.${expression.method}(${list(expression.parts)})`;
    case 'item':
      return `${printExpression(expression.of, strongest)}[${printExpression(expression.index)}]`;
    case 'slice':
      return `${printExpression(expression.of, strongest)}[${expression.bounds}]`;
    default:
      return expression satisfies never;
  }
}
