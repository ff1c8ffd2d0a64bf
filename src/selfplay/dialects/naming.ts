/**
 * @file Which functions a program defines and which one is f, told from its text alone.
 *
 * These are the original's rules. They know nothing of strings, comments and nesting: a `def` in a docstring counts, methods count,
 * and renaming `go` renames every `x.go(` as well. The sandbox has a syntax tree; these are here to do what the original does.
 */

import { escapeRegExp } from './bytes';
import { isSpace, NO_WORD_BEFORE, SPACE, skipSpace, WORD } from './python-text';

/**
 * Which function becomes f. not_first: the first, whatever it is called; not_last: the last. any_first and any_last: the same, unless
 * one is called f already.
 */
export const renamings = ['not_first', 'any_last', 'any_first', 'not_last'] as const;
export type RenameEntry = (typeof renamings)[number];

/** The names of all functions and methods, nested ones too, in the order of their definitions. */
export function definitions(program: string): string[] {
  const definition = new RegExp(`def[${SPACE}]+([${WORD}]+)[${SPACE}]*\\(`, 'gu');
  return [...program.matchAll(definition)]
    .filter(({ index }) => startsLine(program, index))
    .map(([, name]) => name);
}

function startsLine(text: string, at: number): boolean {
  while (at > 0 && text[at - 1] !== '\n' && isSpace(text, at - 1)) at--;
  return at === 0 || text[at - 1] === '\n';
}

/** The program with that function called f. */
export function renameEntry(program: string, names: string[], rule: RenameEntry): string {
  const name = rule.startsWith('any') && names.includes('f') ? 'f' : names.at(rule.endsWith('last') ? -1 : 0);
  if (name === undefined || name === 'f') return program;
  const before = `${escapeRegExp(name)}[${SPACE}]*\\(`;
  return program
    .replace(new RegExp(`def[${SPACE}]+${before}`, 'gu'), 'def f(')
    .replace(new RegExp(`${NO_WORD_BEFORE}${before}`, 'gu'), 'f(');
}

/** Is there a `def f(` that stands at the beginning of a line, and how many functions do? */
export function topLevel(program: string): { entry: boolean; functions: number } {
  const names = [...program.matchAll(/^(?:async[ \t]+)?def[ \t]+([\p{L}\p{N}_]+)[ \t]*\(/gmu)];
  return {
    entry: names.some(([all, name]) => name === 'f' && all.startsWith('def')),
    functions: names.length,
  };
}

/** Does it look as if a test stood in the program: a call, an expected value, an assertion? Nine signs, any of them is enough. */
export function hasTestInput(program: string): boolean {
  return testSigns.some((sign) => sign(program));
}

const S = `[${SPACE}]*`;

const matches = (pattern: string, flags = '') => {
  const expression = new RegExp(pattern, `u${flags}`);
  return (program: string) => expression.test(program);
};

// Some are written out as loops: as regular expressions they could be made to take quadratic time.
const testSigns: ((program: string) => boolean)[] = [
  matches(`#${S}(test|example)`, 'i'),
  matches(`print${S}\\(${S}f\\(`),
  hasTestWord,
  hasInputLine,
  callsWithList,
  callsAtEndOfLine,
];

/**
 * Four signs in one: \bassert\b, \b(expected|output|result)\s*=, \b\w*input\w*\s*=, and \b(input|test_input|sample_input)\b\s*=,
 * which the one before says already.
 */
function hasTestWord(program: string): boolean {
  const key = /assert|input|expected|output|result/g;
  const restOfWord = new RegExp(`[${WORD}]*`, 'uy');
  const noWordBefore = new RegExp(NO_WORD_BEFORE, 'uy');
  for (let match = key.exec(program); match; match = key.exec(program)) {
    restOfWord.lastIndex = noWordBefore.lastIndex = match.index;
    const word = restOfWord.exec(program)![0];
    const end = match.index + word.length;
    const whole = word === match[0] && noWordBefore.test(program);
    if (whole && word === 'assert') return true;
    if (program[skipSpace(program, end)] === '=') {
      if (word.includes('input') || (whole && word !== 'assert')) return true;
    }
    key.lastIndex = end;
  }
  return false;
}

/** ^\s*input\s*$, of any line */
function hasInputLine(program: string): boolean {
  for (let at = program.indexOf('input'); at >= 0; at = program.indexOf('input', at + 1)) {
    const next = skipSpace(program, at + 5);
    const ends = next === program.length || program.slice(at + 5, next).includes('\n');
    if (ends && startsLine(program, at)) return true;
  }
  return false;
}

/** f\(\[.*\]\), within a line */
function callsWithList(program: string): boolean {
  let open = program.indexOf('f([');
  while (open >= 0) {
    const feed = program.indexOf('\n', open);
    const end = feed < 0 ? program.length : feed;
    if (program.slice(open + 3, end).includes('])')) return true;
    open = program.indexOf('f([', end);
  }
  return false;
}

/** f\([^)]*\)\s*(#|$), where $ is the end of any line */
function callsAtEndOfLine(program: string): boolean {
  let open = program.indexOf('f(');
  while (open >= 0) {
    const close = program.indexOf(')', open);
    if (close < 0) return false;
    const next = skipSpace(program, close + 1);
    const blanks = program.slice(close + 1, next);
    if (next === program.length || program[next] === '#' || blanks.includes('\n')) return true;
    open = program.indexOf('f(', close);
  }
  return false;
}
