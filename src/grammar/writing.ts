/**
 * @file Draws programs for a level: which statements follow each other is a plan per level, what stands in them is drawn from
 * the scope. Nothing here promises that a program runs or is worth a task; the sampler tries it out.
 */

import type { Draws } from '../selfplay/random';
import { between, computed, constant, operand, pickOf, Scope, tested } from './expressions';
import type { Level } from './levels';
import {
  call,
  type Expression,
  infix,
  type Kind,
  literal,
  name,
  type Program,
  type Statement,
  slice,
  type Variable,
} from './tree';

export const localNames = ['a', 'b', 'c'] as const;
export const passNames = ['i', 'j', 'n'] as const;

/** What functions take. A truth alone would make for two inputs in all. */
const signatures: readonly (readonly [number, Kind[]])[] = [
  [32, ['ints']],
  [24, ['int']],
  [20, ['str']],
  [7, ['ints', 'int']],
  [5, ['int', 'int']],
  [5, ['str', 'int']],
  [3, ['ints', 'bool']],
  [2, ['int', 'bool']],
  [2, ['str', 'str']],
];

export function writeProgram(draws: Draws, level: Level): Program {
  const kinds = signatures[draws.weighted(signatures.map(([weight]) => weight))][1];
  const parameters = kinds.map((kind, i): Variable => ({ name: ['x', 'y'][i], kind }));
  return { parameters, body: new Writer(draws, new Scope(parameters)).body(level) };
}

/** Writes statements one after the other; what they define is in scope from then on. */
export class Writer {
  constructor(
    private readonly draws: Draws,
    private scope: Scope,
  ) {}

  body(level: Level): Statement[] {
    const statements = this.plan(level);
    return [...statements, this.giveBack()];
  }

  private plan(level: Level): Statement[] {
    const { draws } = this;
    switch (level) {
      case 1:
        return this.some(0, 1, () => this.assignment(0.2));
      case 2: {
        const before = this.some(0, 1, () => this.assignment(0.3));
        if (draws.chance(0.5)) return [...before, ...this.accumulator(0.5), this.branch(1, 0.4)];
        return [...before.slice(0, 1), ...this.accumulator(1), this.loop(() => [this.change()])];
      }
      case 3:
        return [
          ...this.some(0, 1, () => this.assignment(0.3)),
          ...this.accumulator(1),
          this.loop(() => [this.change()]),
          ...this.some(0, 1, () => (draws.chance(0.4) ? this.branch(1, 0) : this.assignment(0.3))),
        ];
      case 4:
        return [...this.accumulator(1), ...this.accumulator(0.4), this.loop(() => this.inside(2))];
      case 5:
        if (draws.chance(0.5)) return [...this.accumulator(1), this.nest(between(draws, 1, 2))];
        return [
          ...this.accumulator(1),
          this.loop(() => this.inside(between(draws, 1, 2))),
          ...this.accumulator(0.3),
          this.loop(() => this.inside(between(draws, 1, 2))),
        ];
      case 6:
        return [
          ...this.accumulator(1),
          ...this.accumulator(0.5),
          draws.chance(0.6) ? this.nest(2) : this.loop(() => this.inside(3)),
          ...this.some(0, 1, () => (draws.chance(0.5) ? this.branch(1, 0.5) : this.assignment(0.3))),
          ...(draws.chance(0.5) ? [this.loop(() => this.inside(2))] : []),
        ];
      default:
        return level satisfies never;
    }
  }

  private some(least: number, most: number, make: () => Statement): Statement[] {
    return Array.from({ length: between(this.draws, least, most) }, make);
  }

  // ---- Statements

  /** `deep`: how likely it has two operations. */
  assignment(deep: number): Statement {
    const { draws } = this;
    const kind = pickOf(draws, ['int', 'int', 'ints', 'str', 'bool'] as const);
    const own = this.scope.variables.map((variable) => variable.kind);
    const wanted = draws.chance(0.7) ? pickOf(draws, own) : kind;
    const value = computed(draws, this.scope, wanted, draws.chance(deep)) ?? constant(draws, wanted);
    return this.define(wanted, value, draws.chance(0.25));
  }

  /** Something to begin with, for a loop to work on; nothing if chance wants it and there is a variable already. */
  private accumulator(chance: number): Statement[] {
    const { draws } = this;
    if (!draws.chance(chance) && this.locals().length > 0) return [];
    const kind = pickOf(draws, ['int', 'int', 'int', 'ints', 'str', 'bool'] as const);
    const empty = { int: draws.chance(0.6) ? 0 : between(draws, 1, 9), ints: [], str: '', bool: false }[kind];
    const copied = draws.chance(0.15) ? this.scope.pick(draws, kind) : null;
    return [this.define(kind, copied ? name(copied.name) : literal(empty), false)];
  }

  private locals(): Variable[] {
    return this.scope.variables.filter((variable) => localNames.some((local) => local === variable.name));
  }

  private define(kind: Kind, value: Expression, again: boolean): Statement {
    const same = again ? this.scope.variables.filter((variable) => variable.kind === kind) : [];
    const free = localNames.filter((local) => this.scope.kindOf(local) === undefined);
    const target =
      same.length > 0 ? pickOf(this.draws, same).name : (free[0] ?? pickOf(this.draws, localNames));
    this.scope = this.scope.with({ name: target, kind });
    return { node: 'assign', target, value };
  }

  /** A new value for a variable that has one, made from the old one. */
  change(): Statement {
    const { draws } = this;
    const passing = (variable: Variable) => passNames.some((each) => each === variable.name);
    const own = this.scope.variables.filter((variable) => !passing(variable));
    const locals = this.locals();
    const target = pickOf(draws, locals.length > 0 && draws.chance(0.93) ? locals : own);
    const scope = this.scope.without(target.name);
    const kept = name(target.name);
    const mine = (expression: Expression): Statement => ({
      node: 'assign',
      target: target.name,
      value: expression,
    });
    switch (target.kind) {
      case 'int': {
        const way = draws.weighted([10, 3, 1, 2, 2]);
        if (way === 2) return { node: 'update', target: target.name, operator: '*', value: literal(2) };
        if (way === 3)
          return mine(call(pickOf(draws, ['max', 'min'] as const), kept, operand(draws, scope, 'int', 0.1)));
        if (way === 4)
          return mine(
            infix(
              infix(kept, '*', literal(2)),
              pickOf(draws, ['+', '-'] as const),
              operand(draws, scope, 'int'),
            ),
          );
        return {
          node: 'update',
          target: target.name,
          operator: way === 0 ? '+' : '-',
          value: this.material(scope, 'int'),
        };
      }
      case 'str':
        if (draws.chance(0.5))
          return { node: 'update', target: target.name, operator: '+', value: this.material(scope, 'str') };
        return mine(draws.chance(0.7) ? infix(this.material(scope, 'str'), '+', kept) : slice(kept, '::-1'));
      case 'ints': {
        const added: Expression = { node: 'list', items: [this.material(scope, 'int')] };
        return mine(draws.chance(0.7) ? infix(kept, '+', added) : infix(added, '+', kept));
      }
      case 'bool': {
        if (draws.chance(0.3)) return mine({ node: 'not', of: kept });
        const test = tested(draws, scope);
        return mine(draws.chance(0.5) ? infix(kept, pickOf(draws, ['or', 'and'] as const), test) : test);
      }
      default:
        return target.kind satisfies never;
    }
  }

  /** What is added to a variable: mostly another one as it is. */
  private material(scope: Scope, kind: Kind): Expression {
    const { draws } = this;
    const whole = draws.chance(0.3) ? computed(draws, scope, kind) : null;
    return whole ?? operand(draws, scope, kind, 0.15);
  }

  /** With as many statements in it, one of them perhaps for otherwise. */
  branch(statements: number, otherwise: number): Statement {
    const test = tested(this.draws, this.scope);
    const body = Array.from({ length: statements }, () => this.change());
    return { node: 'if', test, body, otherwise: this.draws.chance(otherwise) ? [this.change()] : [] };
  }

  /** Statements of a loop: changes, and from two on perhaps a test among them. */
  inside(statements: number): Statement[] {
    const { draws } = this;
    if (statements >= 2 && draws.chance(0.55)) {
      const branch = this.branch(1, statements > 2 || draws.chance(0.3) ? 0.5 : 0);
      const rest = Array.from({ length: statements - 2 }, () => this.change());
      return draws.chance(0.5) ? [branch, ...rest] : [...rest, branch];
    }
    return Array.from({ length: statements }, () => this.change());
  }

  // ---- Loops

  private loop(inside: () => Statement[]): Statement {
    return (this.draws.chance(0.12) && this.repeat(inside)) || this.through(inside);
  }

  /** for, through what a list, a text or a range has. */
  private through(inside: () => Statement[]): Statement {
    const target = passNames.find((each) => this.scope.kindOf(each) === undefined) ?? passNames[0];
    const { over, kind } = this.iterable();
    const outside = this.scope;
    this.scope = outside.with({ name: target, kind });
    const body = inside();
    this.scope = outside;
    return { node: 'for', target, over, body };
  }

  private iterable(): { over: Expression; kind: Kind } {
    const { draws, scope } = this;
    const whole = scope.pick(draws, 'ints', 'str');
    if (whole && draws.chance(0.75)) {
      const kind = whole.kind === 'ints' ? 'int' : 'str';
      const over = name(whole.name);
      if (draws.chance(0.7)) return { over, kind };
      return { over: slice(over, pickOf(draws, ['1:', ':-1', '::-1', '::-1'] as const)), kind };
    }
    if (whole && draws.chance(0.4))
      return { over: call('range', call('len', name(whole.name))), kind: 'int' };
    const count = draws.chance(0.6) ? scope.pick(draws, 'int') : null;
    const until = count ? name(count.name) : literal(between(draws, 2, 4));
    return { over: call('range', ...(draws.chance(0.2) ? [literal(1), until] : [until])), kind: 'int' };
  }

  /** while, on a number that moves towards its bound. Null without a number. */
  private repeat(inside: () => Statement[]): Statement | null {
    const { draws, scope } = this;
    const variable = scope.pick(draws, 'int');
    if (!variable) return null;
    const target = variable.name;
    const moving = name(target);
    const body = inside().slice(0, -1);
    const up = draws.chance(0.5);
    const by = literal(between(draws, 1, 5));
    const move: Statement = draws.chance(0.75)
      ? { node: 'update', target, operator: up ? '+' : '-', value: by }
      : { node: 'assign', target, value: infix(moving, up ? '*' : '//', literal(2)) };
    const bound = literal(between(draws, up ? 6 : 0, up ? 20 : 4));
    const rest = body.filter((statement) => !('target' in statement && statement.target === target));
    return { node: 'while', test: infix(moving, up ? '<' : '>', bound), body: [...rest, move] };
  }

  /** A loop in a loop; the inner one has this many statements. */
  private nest(statements: number): Statement {
    const outer = () => {
      const first = this.draws.chance(statements > 1 ? 0.5 : 0.25) ? [this.change()] : [];
      return [...first, this.through(() => this.inside(statements))];
    };
    return this.through(outer);
  }

  // ---- The end

  /** Gives back what has been worked out: rather what nothing has looked at yet, all of it if two values go together. */
  private giveBack(): Statement {
    const { draws, scope } = this;
    const idle = scope.idle().filter((variable) => this.locals().includes(variable));
    const [first, second] = idle.length > 0 ? idle.toReversed() : this.locals().slice(-1);
    if (!first) {
      const kinds = scope.variables.map((variable) => variable.kind);
      const kind = draws.chance(0.75) ? pickOf(draws, kinds) : pickOf(draws, ['int', 'bool', 'str'] as const);
      const value =
        computed(draws, scope, kind, draws.chance(0.35)) ?? computed(draws, scope, kinds[0], false);
      return { node: 'return', value: value ?? name(scope.variables[0].name) };
    }
    if (second) return { node: 'return', value: this.together(first, second) };
    if (draws.chance(0.65)) return { node: 'return', value: name(first.name) };
    const value = computed(draws, new Scope([first]), first.kind) ?? name(first.name);
    return { node: 'return', value };
  }

  private together(one: Variable, other: Variable): Expression {
    const [a, b] = [one, other].sort((left, right) => (left.kind < right.kind ? -1 : 1));
    const [first, second] = [name(a.name), name(b.name)];
    const flag = a.kind === 'bool' ? first : null;
    if (flag && b.kind === 'bool') return infix(flag, pickOf(this.draws, ['and', 'or'] as const), second);
    if (flag) return infix(flag, 'and', second);
    if (a.kind !== b.kind) {
      if (a.kind === 'int' && b.kind === 'ints') return infix(second, '+', { node: 'list', items: [first] });
      if (a.kind === 'int') return infix(second, '+', call('str', first));
      return infix(call('len', first), '-', call('len', second));
    }
    if (a.kind === 'int') return infix(first, pickOf(this.draws, ['+', '-', '*', '>'] as const), second);
    return infix(first, '+', second);
  }
}
