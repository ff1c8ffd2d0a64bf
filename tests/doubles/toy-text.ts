/**
 * @file Programs of the little Python as text: under canonical names, stripped, renamed, and put behind functions to build on.
 */

import type { Measures, Rewriting, Rewritten } from '../../src/sandbox/executor';
import { repr } from '../../src/sandbox/repr';
import {
  commentStart,
  type Definition,
  type Expression,
  type Program,
  parseProgram,
  type Statement,
} from './toy-parser';
import { namesIn } from './toy-python';

// ---- Canonical -------------------------------------------------------------------------------------------------------

/** Equal for programs that differ in layout, comments, docstrings and names of variables alone. */
export function canonical({ imports, statements, definitions }: Program): string {
  const names = new Map<string, string>();
  const top = linesOf(statements, names, 0);
  const functions = definitions.map((definition) => written(definition, names));
  return [...imports.map((name) => `import ${name}`), ...top, ...functions].join('\n');
}

function written({ name, parameters, body }: Definition, globals: ReadonlyMap<string, string>): string {
  const names = new Map(globals);
  for (const parameter of parameters) names.set(parameter, `v${names.size}`);
  const given = parameters.map((parameter) => names.get(parameter)).join(', ');
  return [`def ${name}(${given}):`, ...linesOf(body, names, 1)].join('\n');
}

function linesOf(statements: readonly Statement[], names: Map<string, string>, depth: number): string[] {
  const indent = '    '.repeat(depth);
  return statements.flatMap((statement): string[] => {
    switch (statement.kind) {
      case 'pass':
        return [`${indent}pass`];
      case 'raise':
        return [`${indent}raise ${statement.name}`];
      case 'return':
        return [`${indent}return ${textOf(statement.value, names)}`];
      case 'assign': {
        const value = textOf(statement.value, names);
        if (!names.has(statement.name)) names.set(statement.name, `v${names.size}`);
        return [`${indent}${names.get(statement.name)} = ${value}`];
      }
      case 'expression':
        return isDocstring(statement) ? [] : [`${indent}${textOf(statement.value, names)}`];
      case 'if':
      case 'while':
        return [
          `${indent}${statement.kind} ${textOf(statement.test, names)}:`,
          ...linesOf(statement.body, names, depth + 1),
        ];
      default:
        return statement satisfies never;
    }
  });
}

const isDocstring = (statement: Statement) =>
  statement.kind === 'expression' && statement.value.kind === 'value' && statement.value.value.type === 'str';

function textOf(expression: Expression, names: ReadonlyMap<string, string>): string {
  const text = (each: Expression) => textOf(each, names);
  switch (expression.kind) {
    case 'value':
      return repr(expression.value);
    case 'name':
      return names.get(expression.name) ?? expression.name;
    case 'call':
      return `${expression.name}(${expression.given.map(text).join(', ')})`;
    case 'list':
      return `[${expression.items.map(text).join(', ')}]`;
    case 'binary':
      return `(${text(expression.left)} ${expression.operator} ${text(expression.right)})`;
    case 'index':
      return `${text(expression.of)}[${text(expression.at)}]`;
    default:
      return expression satisfies never;
  }
}

/** Made up, but the same for equal programs, larger for larger ones, and finite. */
export function measuresOf(program: Program): Measures {
  const text = canonical(program);
  const branches = (text.match(/\b(if|while)\b/g) ?? []).length;
  const operators = (text.match(/[-+*/%<>=]+/g) ?? []).length + 1;
  const operands = (text.match(/\w+/g) ?? []).length;
  const length = operators + operands;
  return {
    astHash: text,
    cyclomatic: branches + 1,
    maxCyclomatic: branches + 1,
    cognitive: branches,
    halstead: {
      distinctOperators: Math.min(operators, 6),
      distinctOperands: Math.min(operands, 12),
      operators,
      operands,
      vocabulary: 18,
      length,
      volume: length * 4,
      difficulty: operators,
      effort: length * operators,
    },
    lines: text.split('\n').length,
    nodes: length,
  };
}

// ---- Rewritten -------------------------------------------------------------------------------------------------------

export function rewriteProgram(source: string, rewriting: Rewriting): Rewritten {
  const program = parseProgram(source);
  if (!program) return { verdict: 'syntax', reason: 'It is no Python.' };
  switch (rewriting.kind) {
    case 'strip':
      return { verdict: 'ok', program: stripped(source, rewriting) };
    case 'rename':
      return renamed(source, program, rewriting.to);
    case 'compose':
      return composed(source, program, rewriting.functions);
    default:
      return rewriting satisfies never;
  }
}

function stripped(
  source: string,
  { comments, globals, prints }: Extract<Rewriting, { kind: 'strip' }>,
): string {
  const docstring = /^\s*('[^']*'|"[^"]*")\s*$/;
  return source
    .split('\n')
    .flatMap((line) => {
      const code = line.slice(0, commentStart(line));
      const empty = code.trim() === '';
      if (comments && (docstring.test(code) || (empty && line.trim() !== ''))) return [];
      if (prints && /^\s*print\(.*\)\s*$/.test(code)) return [];
      if (globals && !empty && !/^(\s|def |import )/.test(line)) return [];
      return [comments ? code.trimEnd() : line];
    })
    .join('\n');
}

function renamed(source: string, { statements, definitions }: Program, to: string): Rewritten {
  if (!definitions.some(({ name }) => name === 'f')) {
    return { verdict: 'error', reason: 'The program defines no function f.' };
  }
  let program = source;
  for (const name of new Set(definitions.map((each) => each.name))) {
    program = program.replace(new RegExp(`\\b${name}\\(`, 'g'), `${name === 'f' ? to : `${to}_${name}`}(`);
  }
  for (const statement of statements) {
    if (statement.kind !== 'assign') continue;
    program = program.replace(new RegExp(`\\b${statement.name}\\b`, 'g'), `${to}_${statement.name}`);
  }
  return { verdict: 'ok', program };
}

function composed(
  source: string,
  program: Program,
  functions: { name: string; program: string }[],
): Rewritten {
  const refuse = (reason: string): Rewritten => ({ verdict: 'not-composite', reason });
  const f = program.definitions.find(({ name }) => name === 'f');
  if (!f) return { verdict: 'error', reason: 'The program defines no function f.' };
  for (const { name } of functions) {
    if (program.definitions.some((each) => each.name === name)) return refuse(`${name} is defined again.`);
    if (!namesIn(f.body).includes(name)) return refuse(`f does not call ${name}.`);
  }
  const [first] = f.body;
  const only =
    f.body.length === 1 && first.kind === 'return' && first.value.kind === 'call' ? first.value : null;
  if (
    only &&
    functions.some(({ name }) => name === only.name) &&
    only.given.every(({ kind }) => kind === 'name')
  ) {
    return refuse(`f only passes on what ${only.name} gives.`);
  }
  return { verdict: 'ok', program: [...functions.map((each) => each.program), source].join('\n\n') };
}
