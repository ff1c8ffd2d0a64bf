/**
 * @file Runs a tree, so that a sampler can throw away thousands of programs before Python sees one: those whose numbers grow,
 * that run too long, that fail. It counts steps as the sandbox's trace does. What counts in the end is the sandbox's answer,
 * and a test compares the two.
 */

import { type Expression, type Infix, type Plain, type Program, printValue, type Statement } from './tree';

/** What every value of a run has to keep to, so that a small model can follow it. */
export const limits = { number: 99, items: 7, characters: 12, steps: 200 };
/** Bounds that hardly bound, for runs that only have to be known. */
export const wide: typeof limits = { number: 1e9, items: 1000, characters: 1000, steps: 20_000 };

export type Run =
  /** `passes` of all loops together. */
  { output: Plain; steps: number; passes: number } | { failed: string };

/** Why a run failed that may never have ended. */
export const endless = 'it takes too many steps';
/** Why one failed that may have grown without end. */
export const tooLarge = 'a value grows too large';

export function execute(program: Program, values: readonly Plain[], bounds = limits): Run {
  try {
    return new Interpreter(program, values, bounds).run();
  } catch (error) {
    if (error instanceof Stop) return { failed: error.message };
    throw error;
  }
}

/** A run that is not one the grammar wants. */
class Stop extends Error {}

class Interpreter {
  private steps = 1; // the call
  private passes = 0;
  private output: Plain | null = null;
  private readonly variables: Map<string, Plain>;

  constructor(
    private readonly program: Program,
    values: readonly Plain[],
    private readonly bounds: typeof limits,
  ) {
    this.variables = new Map(program.parameters.map(({ name }, i) => [name, values[i]]));
  }

  run(): Run {
    this.block(this.program.body);
    if (this.output === null) throw new Stop('it returns nothing');
    return { output: this.output, steps: this.steps, passes: this.passes };
  }

  private step() {
    if (++this.steps > this.bounds.steps) throw new Stop(endless);
  }

  private block(statements: readonly Statement[]) {
    for (const statement of statements) this.statement(statement);
  }

  private assign(target: string, value: Plain) {
    this.step();
    this.variables.set(target, value);
  }

  private statement(statement: Statement) {
    switch (statement.node) {
      case 'assign':
        return this.assign(statement.target, this.value(statement.value));
      case 'update': {
        const before = this.read(statement.target);
        const value = this.value(statement.value);
        this.step();
        return this.assign(statement.target, this.within(operate(statement.operator, before, value)));
      }
      case 'return':
        this.output = this.value(statement.value);
        return this.step();
      case 'if':
        return this.block(this.test(statement.test) ? statement.body : statement.otherwise);
      case 'while':
        while (this.test(statement.test)) {
          this.passes++;
          this.block(statement.body);
        }
        return;
      case 'for':
        for (const each of members(this.value(statement.over))) {
          this.passes++;
          this.assign(statement.target, each); // a step of its own: 'iterate'
          this.block(statement.body);
        }
        return this.step();
      default:
        return statement satisfies never;
    }
  }

  private test(expression: Expression): boolean {
    const value = this.value(expression);
    this.step();
    return truth(value);
  }

  private read(name: string): Plain {
    const value = this.variables.get(name);
    if (value === undefined) throw new Stop(`${name} has no value`);
    return value;
  }

  private value(expression: Expression): Plain {
    if (expression.node === 'literal') return expression.value;
    if (expression.node === 'name') return this.read(expression.name);
    if (expression.node === 'list')
      return this.within(expression.items.map((each) => whole(this.value(each))));
    if (expression.node === 'infix' && (expression.operator === 'and' || expression.operator === 'or')) {
      const left = this.value(expression.left);
      return truth(left) === (expression.operator === 'or') ? left : this.value(expression.right);
    }
    const value = this.operation(expression);
    this.step();
    return this.within(value);
  }

  private within(value: Plain): Plain {
    const { number, items, characters } = this.bounds;
    const fits =
      typeof value === 'boolean' ||
      (typeof value === 'number' && Math.abs(value) <= number) ||
      (typeof value === 'string' && value.length <= characters) ||
      (typeof value === 'object' && value.length <= items && value.every((each) => Math.abs(each) <= number));
    if (!fits) throw new Stop(tooLarge);
    return value;
  }

  private operation(expression: Exclude<Expression, { node: 'literal' | 'name' | 'list' }>): Plain {
    switch (expression.node) {
      case 'infix': {
        const left = this.value(expression.left);
        return operate(expression.operator, left, this.value(expression.right));
      }
      case 'not':
        return !truth(this.value(expression.of));
      case 'call':
        return builtin(
          expression.builtin,
          expression.parts.map((part) => this.value(part)),
        );
      case 'method': {
        const of = this.value(expression.of);
        return method(
          expression.method,
          of,
          expression.parts.map((part) => this.value(part)),
        );
      }
      case 'item': {
        const items = members(this.value(expression.of));
        const index = whole(this.value(expression.index));
        const found = items.at(index);
        if (found === undefined) throw new Stop('an index is out of range');
        return found;
      }
      case 'slice':
        return sliced(expression.bounds, this.value(expression.of));
      default:
        return expression satisfies never;
    }
  }
}

// ---- Values --------------------------------------------------------------------------------------------------------------

/** What the grammar never asks of these kinds of values: Python would raise, or give something the grammar does not have. */
const unsupported = () => new Stop('an operation does not suit its operands');

function whole(value: Plain): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return Number(value);
  throw unsupported();
}

function members(value: Plain): readonly number[] | string[] {
  if (typeof value === 'string') return [...value];
  if (typeof value === 'object') return value;
  throw unsupported();
}

const truth = (value: Plain) => (typeof value === 'object' ? value.length > 0 : Boolean(value));

const isNumber = (value: Plain) => typeof value === 'number' || typeof value === 'boolean';

function same(a: Plain, b: Plain): boolean {
  if (typeof a === 'object' && typeof b === 'object')
    return a.length === b.length && a.every((each, i) => each === b[i]);
  return isNumber(a) && isNumber(b) ? Number(a) === Number(b) : a === b;
}

function operate(operator: Infix, left: Plain, right: Plain): Plain {
  switch (operator) {
    case '+':
      if (typeof left === 'string' && typeof right === 'string') return left + right;
      if (typeof left === 'object' && typeof right === 'object') return [...left, ...right];
      return whole(left) + whole(right);
    case '-':
      return whole(left) - whole(right);
    case '*':
      if (typeof left === 'string') return left.repeat(times(right));
      if (typeof left === 'object') return Array.from({ length: times(right) }, () => left).flat();
      return whole(left) * whole(right) + 0; // no -0
    case '//':
      return Math.floor(whole(left) / divisor(right)) + 0;
    case '%': {
      const by = divisor(right);
      return whole(left) - Math.floor(whole(left) / by) * by;
    }
    case '<':
      return whole(left) < whole(right);
    case '>':
      return whole(left) > whole(right);
    case '==':
      return same(left, right);
    case '!=':
      return !same(left, right);
    case 'in':
      if (typeof right === 'string') return typeof left === 'string' && right.includes(left);
      return members(right).some((each) => same(each, left));
    case 'and':
    case 'or':
      throw unsupported(); // they do not compute all of their operands
    default:
      return operator satisfies never;
  }
}

const times = (value: Plain) => Math.min(Math.max(whole(value), 0), wide.items);

function divisor(value: Plain): number {
  if (whole(value) === 0) throw new Stop('it divides by zero');
  return whole(value);
}

function builtin(name: Extract<Expression, { node: 'call' }>['builtin'], values: Plain[]): Plain {
  const [first, second] = values;
  const numbers = () => (values.length > 1 ? values : members(first)).map(whole);
  // Nobody writes that, but an output may come in as an input. Its letters in order stand for the list of them.
  const letters = values.length === 1 && typeof first === 'string' && first !== '' ? [...first].sort() : null;
  if (letters && name === 'sorted') return letters.join('');
  if (letters && name === 'max') return letters[letters.length - 1];
  if (letters && name === 'min') return letters[0];
  switch (name) {
    case 'len':
      return members(first).length;
    case 'abs':
      return Math.abs(whole(first));
    case 'str':
      return typeof first === 'string' ? first : printValue(first);
    case 'sum':
      return numbers().reduce((sum, each) => sum + each, 0);
    case 'max':
    case 'min': {
      const all = numbers();
      if (all.length === 0) throw new Stop(`${name} of nothing`);
      return Math[name](...all);
    }
    case 'sorted':
      return numbers().sort((a, b) => a - b);
    case 'range': {
      const [from, to] = second === undefined ? [0, whole(first)] : [whole(first), whole(second)];
      if (to - from > wide.items) throw new Stop('a range is too long');
      return Array.from({ length: Math.max(to - from, 0) }, (_, i) => from + i);
    }
    default:
      return name satisfies never;
  }
}

function method(
  called: Extract<Expression, { node: 'method' }>['method'],
  of: Plain,
  values: Plain[],
): Plain {
  const [first, second] = values;
  switch (called) {
    case 'upper':
      if (typeof of !== 'string') throw unsupported();
      return of.toUpperCase();
    case 'count':
      if (typeof of === 'string' && typeof first === 'string' && first !== '')
        return of.split(first).length - 1;
      if (typeof of === 'object') return of.filter((each) => same(each, first)).length;
      throw unsupported();
    case 'replace':
      if (typeof of !== 'string' || typeof first !== 'string' || typeof second !== 'string' || first === '')
        throw unsupported();
      return of.replaceAll(first, second);
    default:
      return called satisfies never;
  }
}

function sliced(bounds: Extract<Expression, { node: 'slice' }>['bounds'], of: Plain): Plain {
  if (typeof of !== 'string' && typeof of !== 'object') throw unsupported();
  switch (bounds) {
    case '1:':
      return of.slice(1);
    case ':-1':
      return of.slice(0, -1);
    case ':2':
      return of.slice(0, 2);
    case '::-1':
      return typeof of === 'string' ? [...of].reverse().join('') : of.toReversed();
    default:
      return bounds satisfies never;
  }
}
