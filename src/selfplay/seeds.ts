/**
 * @file Seeds: the tasks that a run begins with, as JSONL that people can write, keep and pass on. The files of the original are
 * read as they are. Without any file there is the identity function: no data at all.
 */

import { parseValue } from '../sandbox/literal';
import type { Task } from '../store/records';

export type Seed =
  /** For deduction and abduction. Outputs are computed again, so a file need not have them. */
  | { kind: 'program'; program: string; input: string; output: string | null }
  /** The output is the name of an exception, or NoError. */
  | { kind: 'error'; program: string; input: string; output: string | null }
  | { kind: 'induction'; program: string; inputs: string[]; outputs: string[] | null; message: string };

type Induction = Extract<Seed, { kind: 'induction' }>;

/** A file that is no list of seeds; says in which line. */
export class SeedError extends Error {
  override name = 'SeedError';
}

export function seedOf({ mode, program, pairs, message }: Task): Seed {
  const [[input, output]] = pairs;
  switch (mode) {
    case 'deduction':
    case 'abduction':
      return { kind: 'program', program, input, output };
    case 'error':
      return { kind: 'error', program, input, output };
    case 'induction': {
      const [inputs, outputs] = [pairs.map(([each]) => each), pairs.map(([, each]) => each)];
      return { kind: 'induction', program, inputs, outputs, message };
    }
    default:
      return mode satisfies never;
  }
}

// ---- The identity --------------------------------------------------------------------------------------------------

const program = 'def f(a):\n    return a';
/** Those of the original; one that is no literal, dict(a=1, b=2), as the literal that it means. */
const values = [
  "'Hello world'",
  '1',
  "{'a': 1, 'b': 2}",
  '(1.1, 1.2, 1.3)',
  "'[[1, 0, 0], [0, 0, 0], [0, 0, 0]]'",
  '1001101100010001',
];

/** As many different inputs as asked for, each of them its own output. */
export function inductionIdentity(inputs: number): Induction {
  const texts = Array.from({ length: inputs }, (_, i) => values[i] ?? further(i));
  const message = 'Write a function that returns whatever you input';
  return { kind: 'induction', program, inputs: texts, outputs: [...texts], message };
}

/** Of every kind by turns, so that a longer list is as colourful as a short one. */
function further(i: number): string {
  const shapes = [`[${i}, ${i + 1}]`, `'item ${i}'`, `${-i}`, `(${i}, 'x')`, `{${i}: ${i * i}}`, `${i}.5`];
  return shapes[i % shapes.length];
}

/** All that the original starts with: one program that does nothing. */
export const identity: readonly Seed[] = [
  { kind: 'program', program, input: values[0], output: values[0] },
  { kind: 'error', program, input: values[0], output: 'NoError' },
  inductionIdentity(values.length),
];

// ---- Files ---------------------------------------------------------------------------------------------------------

export function writeSeeds(seeds: readonly Seed[]): string {
  return seeds.map((seed) => `${JSON.stringify(seed)}\n`).join('');
}

/** One JSON object a line, in our own form or in the original's. */
export function readSeeds(text: string): Seed[] {
  const seeds = text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .flatMap((line, index) => {
      if (line.trim() === '') return [];
      const record = new SeedRecord(line, index + 1);
      return [record.has('snippet') ? originals(record) : ours(record)];
    });
  if (!seeds.length) {
    throw new SeedError('This file has no seeds: write one JSON object a line, with "program" and "input".');
  }
  return seeds;
}

function ours(record: SeedRecord): Seed {
  const kind = record.kind();
  const program = record.program('program');
  if (kind === 'induction') {
    return { kind, program, ...record.calls(), message: record.text('message') };
  }
  return { kind, program, input: record.text('input'), output: record.optionalText('output') };
}

/** Of our fields the original has no kind, and it has empty outputs where its check of a program failed without a word. */
function originals(record: SeedRecord): Seed {
  const program = withImports(record.program('snippet'), record.texts('imports') ?? []);
  if (record.has('inputs')) {
    const { inputs, outputs } = record.calls();
    const known = outputs?.includes('') ? null : outputs;
    return { kind: 'induction', program, inputs, outputs: known, message: record.text('message') };
  }
  const output = record.optionalText('output') || null;
  const kind = output !== null && isName(output) ? 'error' : 'program';
  return { kind, program, input: record.text('input'), output };
}

/** A name that is no value, as True or nan would be: that of an exception. */
const isName = (text: string) => /^[A-Za-z_][\w.]*$/.test(text) && !parseValue(text).ok;

/** The original keeps imports beside a program, mostly again: it put them in front of whatever it ran. */
function withImports(program: string, imports: readonly string[]): string {
  const held = new Set(
    [...program.matchAll(/^(?:import|from)\b[^\n(#]*(?:\([^)]*\))?/gm)].map(([s]) => plain(s)),
  );
  const missing = [...new Set(imports)].filter((line) => !held.has(plain(line)));
  return [...missing, program].join('\n');
}

/** Without brackets, blanks that mean nothing, and a last comma. */
const plain = (statement: string) =>
  statement
    .replace(/[()\s]+/g, ' ')
    .replace(/ ?, ?/g, ',')
    .replace(/[ ,]+$/, '');

/** One line, and the sentences that say what is wrong with it. */
class SeedRecord {
  private readonly fields: Record<string, unknown>;

  constructor(
    json: string,
    private readonly line: number,
  ) {
    let record: unknown;
    try {
      record = JSON.parse(json);
    } catch {
      this.refuse('this is no JSON: each line must be one complete JSON object.');
    }
    if (typeof record !== 'object' || record === null || Array.isArray(record)) {
      this.refuse('a seed is a JSON object with "program" and "input".');
    }
    this.fields = record as Record<string, unknown>;
  }

  has(name: string): boolean {
    return this.value(name) !== null;
  }

  kind(): Seed['kind'] {
    const kind = this.value('kind') ?? (this.has('inputs') ? 'induction' : 'program');
    if (kind !== 'program' && kind !== 'error' && kind !== 'induction') {
      this.refuse(`"kind" must be program, error or induction, not ${JSON.stringify(kind)}.`);
    }
    return kind;
  }

  program(name: string): string {
    const text = this.text(name);
    if (text.trim() === '') this.refuse(`"${name}" is empty: it must define a function f.`);
    return text;
  }

  text(name: string): string {
    const value = this.value(name);
    if (value === null) this.refuse(`"${name}" is missing.`);
    if (typeof value !== 'string') this.refuse(`"${name}" must be a text.`);
    return value;
  }

  optionalText(name: string): string | null {
    return this.has(name) ? this.text(name) : null;
  }

  texts(name: string): string[] | null {
    const value = this.value(name);
    if (value === null) return null;
    if (!Array.isArray(value) || !value.every((each): each is string => typeof each === 'string')) {
      this.refuse(`"${name}" must be a list of texts.`);
    }
    return value;
  }

  /** Of an induction seed. */
  calls(): { inputs: string[]; outputs: string[] | null } {
    const [inputs, outputs] = [this.texts('inputs'), this.texts('outputs')];
    if (!inputs?.length) this.refuse('"inputs" is missing or empty: an induction seed needs some.');
    if (outputs && outputs.length !== inputs.length) {
      this.refuse(
        `there are ${inputs.length} inputs but ${outputs.length} outputs: give as many, or no outputs.`,
      );
    }
    return { inputs, outputs };
  }

  /** Of what is not there, null. */
  private value(name: string): unknown {
    return Object.hasOwn(this.fields, name) ? (this.fields[name] ?? null) : null;
  }

  private refuse(why: string): never {
    throw new SeedError(`Line ${this.line}: ${why}`);
  }
}
