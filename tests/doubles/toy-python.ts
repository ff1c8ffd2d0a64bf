/**
 * @file What programs of the little Python do: the truth that an executor tells and that a test's oracle knows by itself. A call of
 * clock() gives the moment of the run, so that programs with it are different every time.
 */

import type { Arguments } from '../../src/sandbox/literal';
import { repr } from '../../src/sandbox/repr';
import { equal, type Value } from '../../src/sandbox/value';
import type { Definition, Expression, Program, Statement } from './toy-parser';

export type Result =
  | { kind: 'value'; value: Value; steps: number }
  | { kind: 'raised'; name: string; steps: number }
  | { kind: 'stopped'; verdict: 'timeout' | 'memory'; steps: number };

/** What programs throw is no error of ours, and needs no stack. */
class Raised {
  constructor(readonly exception: string) {}
}
class Stopped {
  constructor(readonly verdict: 'timeout' | 'memory') {}
}

const longest = { steps: 2_000, calls: 40, items: 10_000 };

/** What a call of f gives. */
export function callProgram(program: Program, given: Arguments, moment: number): Result {
  const run = new Run(program, moment);
  try {
    return { kind: 'value', value: run.call(given), steps: run.steps };
  } catch (error) {
    const { steps } = run;
    if (error instanceof Raised) return { kind: 'raised', name: error.exception, steps };
    if (error instanceof Stopped) return { kind: 'stopped', verdict: error.verdict, steps };
    throw error;
  }
}

const bannedNames = new Set(['eval', 'exec', 'open']);

/** Null if nothing of it is. */
export function bannedIn(program: Program): string | null {
  const known = banned.get(program);
  if (known !== undefined) return known;
  const found = lookForBanned(program);
  banned.set(program, found);
  return found;
}

const banned = new WeakMap<Program, string | null>();

function lookForBanned({ imports, statements, definitions }: Program): string | null {
  const module = imports.find((name) => name !== 'math');
  if (module) return module;
  const bodies = [statements, ...definitions.map(({ body }) => body)];
  return bodies.flatMap(namesIn).find((name) => bannedNames.has(name)) ?? null;
}

export function namesIn(statements: readonly Statement[]): string[] {
  return statements.flatMap((statement): string[] => {
    switch (statement.kind) {
      case 'pass':
      case 'raise':
        return [];
      case 'if':
      case 'while':
        return [...namesOf(statement.test), ...namesIn(statement.body)];
      default:
        return namesOf(statement.value);
    }
  });
}

export function namesOf(expression: Expression): string[] {
  switch (expression.kind) {
    case 'value':
      return [];
    case 'name':
      return [expression.name];
    case 'call':
      return [expression.name, ...expression.given.flatMap(namesOf)];
    case 'list':
      return expression.items.flatMap(namesOf);
    case 'binary':
      return [...namesOf(expression.left), ...namesOf(expression.right)];
    case 'index':
      return [...namesOf(expression.of), ...namesOf(expression.at)];
    default:
      return expression satisfies never;
  }
}

// ---- Running ---------------------------------------------------------------------------------------------------------

type Scope = Map<string, Value>;

class Run {
  steps = 0;
  private readonly globals: Scope = new Map();
  private readonly functions: Map<string, Definition>;
  private readonly statements: readonly Statement[];
  private readonly moment: number;
  private depth = 0;

  constructor({ definitions, statements }: Program, moment: number) {
    this.functions = new Map(definitions.map((each) => [each.name, each]));
    this.statements = statements;
    this.moment = moment;
  }

  call({ positional, named }: Arguments): Value {
    this.block(this.statements, this.globals);
    const f = this.functions.get('f');
    if (!f) throw new Raised('NameError');
    const scope: Scope = new Map(
      f.parameters.slice(0, positional.length).map((name, i) => [name, positional[i]]),
    );
    for (const [name, value] of named) {
      if (scope.has(name)) throw new Raised('TypeError');
      scope.set(name, value);
    }
    const fits = positional.length <= f.parameters.length && scope.size === f.parameters.length;
    if (!fits || !f.parameters.every((name) => scope.has(name))) throw new Raised('TypeError');
    return this.block(f.body, scope) ?? none;
  }

  private step(): void {
    if (++this.steps > longest.steps) throw new Stopped('timeout');
  }

  /** The value that it returns; null where it comes to its end. */
  private block(statements: readonly Statement[], scope: Scope): Value | null {
    for (const statement of statements) {
      this.step();
      const returned = this.statement(statement, scope);
      if (returned) return returned;
    }
    return null;
  }

  private statement(statement: Statement, scope: Scope): Value | null {
    switch (statement.kind) {
      case 'pass':
        return null;
      case 'raise':
        throw new Raised(statement.name);
      case 'return':
        return this.value(statement.value, scope);
      case 'assign':
        scope.set(statement.name, this.value(statement.value, scope));
        return null;
      case 'expression':
        this.value(statement.value, scope);
        return null;
      case 'if':
        return isTrue(this.value(statement.test, scope)) ? this.block(statement.body, scope) : null;
      case 'while':
        while (isTrue(this.value(statement.test, scope))) {
          const returned = this.block(statement.body, scope);
          if (returned) return returned;
          this.step();
        }
        return null;
      default:
        return statement satisfies never;
    }
  }

  private value(expression: Expression, scope: Scope): Value {
    switch (expression.kind) {
      case 'value':
        return expression.value;
      case 'name': {
        const value = scope.get(expression.name) ?? this.globals.get(expression.name);
        if (!value) throw new Raised('NameError');
        return value;
      }
      case 'list':
        return { type: 'list', items: expression.items.map((item) => this.value(item, scope)) };
      case 'binary':
        return binary(
          expression.operator,
          this.value(expression.left, scope),
          this.value(expression.right, scope),
        );
      case 'index':
        return indexed(this.value(expression.of, scope), this.value(expression.at, scope));
      case 'call':
        return this.callNamed(
          expression.name,
          expression.given.map((each) => this.value(each, scope)),
        );
      default:
        return expression satisfies never;
    }
  }

  private callNamed(name: string, given: Value[]): Value {
    this.step();
    if (name === 'clock') return int(BigInt(this.moment));
    const definition = this.functions.get(name);
    if (!definition) return builtin(name, given);
    if (given.length !== definition.parameters.length) throw new Raised('TypeError');
    if (this.depth >= longest.calls) throw new Raised('RecursionError');
    this.depth++;
    const scope: Scope = new Map(definition.parameters.map((parameter, i) => [parameter, given[i]]));
    const returned = this.block(definition.body, scope);
    this.depth--;
    return returned ?? none;
  }
}

// ---- Values ----------------------------------------------------------------------------------------------------------

const none: Value = { type: 'none' };
const int = (value: bigint): Value => ({ type: 'int', value });
const bool = (value: boolean): Value => ({ type: 'bool', value });
const str = (points: number[]): Value => ({ type: 'str', points });

function fail(): never {
  throw new Raised('TypeError');
}

const numberOf = (value: Value): bigint | null =>
  value.type === 'int' ? value.value : value.type === 'bool' ? BigInt(value.value) : null;

function isTrue(value: Value): boolean {
  const number = numberOf(value);
  if (number !== null) return number !== 0n;
  if (value.type === 'str') return value.points.length > 0;
  return 'items' in value ? value.items.length > 0 : value.type !== 'none';
}

function binary(operator: string, left: Value, right: Value): Value {
  if (operator === '==') return bool(equal(left, right));
  const [a, b] = [numberOf(left), numberOf(right)];
  if (a !== null && b !== null) return arithmetic(operator, a, b);
  if (operator === '<' || operator === '>') {
    if (left.type !== 'str' || right.type !== 'str') return fail();
    return bool(operator === '<' ? textOf(left) < textOf(right) : textOf(left) > textOf(right));
  }
  if (operator === '+') {
    if (left.type === 'str' && right.type === 'str') return bounded(str([...left.points, ...right.points]));
    if (left.type === 'list' && right.type === 'list') {
      return bounded({ type: 'list', items: [...left.items, ...right.items] });
    }
    return fail();
  }
  if (operator === '*' && a !== null) return repeated(right, a);
  if (operator === '*' && b !== null) return repeated(left, b);
  return fail();
}

function arithmetic(operator: string, a: bigint, b: bigint): Value {
  switch (operator) {
    case '+':
      return int(a + b);
    case '-':
      return int(a - b);
    case '*':
      if (`${a}`.length + `${b}`.length > 3_000) throw new Stopped('memory');
      return int(a * b);
    case '<':
      return bool(a < b);
    case '>':
      return bool(a > b);
    default: {
      if (b === 0n) throw new Raised('ZeroDivisionError');
      const rest = ((a % b) + b) % b;
      return operator === '%' ? int(rest) : int((a - rest) / b);
    }
  }
}

function repeated(value: Value, times: bigint): Value {
  const count = times < 0n ? 0 : Number(times);
  const length =
    value.type === 'str' ? value.points.length : value.type === 'list' ? value.items.length : fail();
  if (length * count > longest.items) throw new Stopped('memory');
  if (value.type === 'str') return str(Array.from({ length: count }, () => value.points).flat());
  if (value.type === 'list') {
    return { type: 'list', items: Array.from({ length: count }, () => value.items).flat() };
  }
  return fail();
}

function bounded(value: Value): Value {
  const length = value.type === 'str' ? value.points.length : 'items' in value ? value.items.length : 0;
  if (length > longest.items) throw new Stopped('memory');
  return value;
}

function indexed(value: Value, at: Value): Value {
  const number = numberOf(at);
  if (number === null) return fail();
  const length =
    value.type === 'str' ? value.points.length : value.type === 'list' ? value.items.length : fail();
  const place = Number(number < 0n ? number + BigInt(length) : number);
  if (place < 0 || place >= length) throw new Raised('IndexError');
  if (value.type === 'str') return str([value.points[place]]);
  return value.type === 'list' ? value.items[place] : fail();
}

const textOf = ({ points }: Extract<Value, { type: 'str' }>) => String.fromCodePoint(...points);

function itemsOf(value: Value): Value[] {
  if (value.type === 'list') return value.items;
  return value.type === 'str' ? value.points.map((point) => str([point])) : fail();
}

function sorted(items: readonly Value[]): Value[] {
  return [...items].sort((a, b) => (isTrue(binary('<', a, b)) ? -1 : isTrue(binary('>', a, b)) ? 1 : 0));
}

function builtin(name: string, given: Value[]): Value {
  if (name === 'print') return none;
  if (given.length !== 1) return fail();
  const [value] = given;
  switch (name) {
    case 'len':
      return int(BigInt(itemsOf(value).length));
    case 'abs': {
      const number = numberOf(value);
      return number === null ? fail() : int(number < 0n ? -number : number);
    }
    case 'str':
      return value.type === 'str' ? value : str([...repr(value)].map((each) => each.codePointAt(0)!));
    case 'sum':
      if (value.type !== 'list') return fail();
      return value.items.reduce((sum, item) => binary('+', sum, item), int(0n));
    case 'sorted':
      return { type: 'list', items: sorted(itemsOf(value)) };
    case 'max':
    case 'min': {
      const all = sorted(itemsOf(value));
      if (all.length === 0) throw new Raised('ValueError');
      return all[name === 'min' ? 0 : all.length - 1];
    }
    default:
      throw new Raised('NameError');
  }
}
