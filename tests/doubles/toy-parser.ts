/**
 * @file The little Python that test doubles understand: functions, assignments, `if`, `while`, `raise`, and expressions over numbers,
 * texts and lists. Enough for a world of programs whose truth is known; everything else is a syntax error.
 */

import { parseValue } from '../../src/sandbox/literal';
import type { Value } from '../../src/sandbox/value';

export type Expression =
  | { kind: 'value'; value: Value }
  | { kind: 'name'; name: string }
  | { kind: 'call'; name: string; given: Expression[] }
  | { kind: 'list'; items: Expression[] }
  | { kind: 'binary'; operator: string; left: Expression; right: Expression }
  | { kind: 'index'; of: Expression; at: Expression };

export type Statement =
  | { kind: 'return'; value: Expression }
  | { kind: 'assign'; name: string; value: Expression }
  | { kind: 'expression'; value: Expression }
  | { kind: 'raise'; name: string }
  | { kind: 'if' | 'while'; test: Expression; body: Statement[] }
  | { kind: 'pass' };

export interface Definition {
  name: string;
  parameters: string[];
  body: Statement[];
}

export interface Program {
  imports: string[];
  /** Top level, apart from definitions. */
  statements: Statement[];
  definitions: Definition[];
}

class Mistake extends Error {}

const cache = new Map<string, Program | null>();

/** Null for what is not of this Python. */
export function parseProgram(source: string): Program | null {
  const known = cache.get(source);
  if (known !== undefined) return known;
  if (cache.size > 20_000) cache.clear();
  const program = attempt(() => readProgram(source));
  cache.set(source, program);
  return program;
}

function attempt<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof Mistake) return null;
    throw error;
  }
}

// ---- Lines -----------------------------------------------------------------------------------------------------------

interface Line {
  indent: number;
  text: string;
}

/** Where a comment begins; the length of the line if none does. */
export function commentStart(line: string): number {
  let quote = '';
  for (let at = 0; at < line.length; at++) {
    const character = line[at];
    if (quote !== '') {
      if (character === '\\') at++;
      else if (character === quote) quote = '';
    } else if (character === "'" || character === '"') quote = character;
    else if (character === '#') return at;
  }
  return line.length;
}

function readProgram(source: string): Program {
  const lines = source.split('\n').flatMap((line): Line[] => {
    const text = line.slice(0, commentStart(line)).trimEnd();
    return text.trim() === '' ? [] : [{ indent: text.length - text.trimStart().length, text: text.trim() }];
  });
  const program: Program = { imports: [], statements: [], definitions: [] };
  let at = 0;
  while (at < lines.length) {
    const { indent, text } = lines[at];
    if (indent > 0) throw new Mistake();
    const definition = /^def (\w+)\(([\w, ]*)\):(.*)$/.exec(text);
    if (definition) {
      const [, name, parameters, rest] = definition;
      const names = parameters.split(',').map((each) => each.trim());
      const [body, next] = readBlock(lines, at, rest.trim());
      program.definitions.push({ name, parameters: names.filter((each) => each !== ''), body });
      at = next;
      continue;
    }
    const imported = /^import (\w+)$/.exec(text);
    if (imported) {
      program.imports.push(imported[1]);
      at++;
      continue;
    }
    const [statement, next] = readStatement(lines, at);
    program.statements.push(statement);
    at = next;
  }
  return program;
}

/** What is indented below a line, or stands behind its colon. */
function readBlock(lines: Line[], header: number, rest: string): [body: Statement[], next: number] {
  if (rest !== '') return [[simple(rest)], header + 1];
  const { indent } = lines[header];
  const body: Statement[] = [];
  let at = header + 1;
  const inner = lines[at]?.indent ?? 0;
  if (inner <= indent) throw new Mistake();
  while (at < lines.length && lines[at].indent > indent) {
    if (lines[at].indent !== inner) throw new Mistake();
    const [statement, next] = readStatement(lines, at);
    body.push(statement);
    at = next;
  }
  return [body, at];
}

function readStatement(lines: Line[], at: number): [statement: Statement, next: number] {
  const { text } = lines[at];
  const block = /^(if|while) (.+?):([^:]*)$/.exec(text);
  if (!block) return [simple(text), at + 1];
  const [, kind, test, rest] = block;
  const [body, next] = readBlock(lines, at, rest.trim());
  return [{ kind: kind as 'if' | 'while', test: readExpression(test), body }, next];
}

function simple(text: string): Statement {
  if (text === 'pass') return { kind: 'pass' };
  const returned = /^return\b(.*)$/.exec(text);
  if (returned) return { kind: 'return', value: readExpression(returned[1].trim() || 'None') };
  const raised = /^raise (\w+)(\(.*\))?$/.exec(text);
  if (raised) return { kind: 'raise', name: raised[1] };
  const assigned = /^(\w+) = (.+)$/.exec(text);
  if (assigned) return { kind: 'assign', name: assigned[1], value: readExpression(assigned[2]) };
  return { kind: 'expression', value: readExpression(text) };
}

// ---- Expressions -----------------------------------------------------------------------------------------------------

const pieces = /\s*(\d+|[A-Za-z_]\w*|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|\/\/|==|[-+*%<>()[\],])/y;

function readExpression(text: string): Expression {
  const tokens: string[] = [];
  let at = 0;
  while (at < text.length) {
    pieces.lastIndex = at;
    const piece = pieces.exec(text);
    if (!piece) throw new Mistake();
    tokens.push(piece[1]);
    at = pieces.lastIndex;
  }
  const reader = new Reader(tokens);
  const expression = reader.expression(0);
  if (!reader.done) throw new Mistake();
  return expression;
}

const levels = [
  ['==', '<', '>'],
  ['+', '-'],
  ['*', '//', '%'],
];

class Reader {
  private readonly tokens: string[];
  private at = 0;

  constructor(tokens: string[]) {
    this.tokens = tokens;
  }

  get done(): boolean {
    return this.at === this.tokens.length;
  }

  expression(level: number): Expression {
    if (level === levels.length) return this.indexed();
    let left = this.expression(level + 1);
    while (levels[level].includes(this.tokens[this.at])) {
      const operator = this.tokens[this.at++];
      left = { kind: 'binary', operator, left, right: this.expression(level + 1) };
    }
    return left;
  }

  private indexed(): Expression {
    let expression = this.atom();
    while (this.take('[')) {
      const at = this.expression(0);
      this.need(']');
      expression = { kind: 'index', of: expression, at };
    }
    return expression;
  }

  private atom(): Expression {
    if (this.take('-')) {
      const right = this.indexed();
      const zero: Expression = { kind: 'value', value: { type: 'int', value: 0n } };
      return { kind: 'binary', operator: '-', left: zero, right };
    }
    if (this.take('(')) {
      const inner = this.expression(0);
      this.need(')');
      return inner;
    }
    if (this.take('[')) return { kind: 'list', items: this.list(']') };
    const token = this.tokens[this.at++] ?? '';
    if (/^[A-Za-z_]/.test(token) && !['True', 'False', 'None'].includes(token)) {
      if (reserved.has(token)) throw new Mistake();
      return this.take('(')
        ? { kind: 'call', name: token, given: this.list(')') }
        : { kind: 'name', name: token };
    }
    const parsed = parseValue(token);
    if (!parsed.ok) throw new Mistake();
    return { kind: 'value', value: parsed.value };
  }

  private list(end: string): Expression[] {
    const items: Expression[] = [];
    while (!this.take(end)) {
      items.push(this.expression(0));
      if (this.take(',')) continue;
      this.need(end);
      break;
    }
    return items;
  }

  private take(token: string): boolean {
    if (this.tokens[this.at] !== token) return false;
    this.at++;
    return true;
  }

  private need(token: string): void {
    if (!this.take(token)) throw new Mistake();
  }
}

const reserved = new Set([
  'def',
  'return',
  'raise',
  'if',
  'while',
  'import',
  'pass',
  'for',
  'in',
  'is',
  'or',
  'and',
  'not',
]);
