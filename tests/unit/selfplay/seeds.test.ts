/** Seeds as files: what is written is read back, the original's files are read, and what is wrong is said in one sentence. */
import { describe, expect, it } from 'vitest';
import { parseArguments, parseValue } from '../../../src/sandbox/literal';
import { repr } from '../../../src/sandbox/repr';
import { identical } from '../../../src/sandbox/value';
import {
  identity,
  inductionIdentity,
  readSeeds,
  type Seed,
  SeedError,
  seedOf,
  writeSeeds,
} from '../../../src/selfplay/seeds';
import type { Mode, Task } from '../../../src/store/records';

const program = 'def f(a, b):\n    return f"{a}\\n" * b';
const line = (...records: unknown[]) => records.map((record) => JSON.stringify(record)).join('\n');
const original = (rest: object) =>
  line({ snippet: program, input: '1, 2', output: '2', imports: [], original_snippet: '', ...rest });
const read = (text: string) => readSeeds(text)[0];

describe('our own files', () => {
  const seeds: Seed[] = [
    ...identity,
    { kind: 'program', program, input: "'ä\u2028\\ud83d', {}", output: null },
    { kind: 'error', program, input: '0', output: 'ZeroDivisionError' },
    { kind: 'induction', program, inputs: ['1, 2', '3, 4'], outputs: null, message: 'Line one\nline two' },
    { kind: 'program', program, input: '', output: '\ud83d\ude00 \ud83d' },
  ];

  it('are read as they were written, a line for each seed', () => {
    expect(readSeeds(writeSeeds(seeds))).toEqual(seeds);
    expect(writeSeeds(seeds).split('\n').length).toBe(seeds.length + 1);
  });

  it('may be written by hand', () => {
    expect(readSeeds('\uFEFF\r\n{"program": "def f(a): ...", "input": "1"}\r\n\n  \n')).toEqual([
      { kind: 'program', program: 'def f(a): ...', input: '1', output: null },
    ]);
    const induction = { program, inputs: ['1', '2'], message: '' };
    expect(read(line(induction))).toEqual({ kind: 'induction', ...induction, outputs: null });
  });

  it.each<[Mode, Seed['kind']]>([
    ['deduction', 'program'],
    ['abduction', 'program'],
    ['induction', 'induction'],
    ['error', 'error'],
  ])('can hold any task: of %s', (mode, kind) => {
    const pairs: Task['pairs'] = [
      ['1', "'a'"],
      ['2', "'b'"],
    ];
    const seed = seedOf({ mode, program, pairs, message: 'letters' } as Task);
    expect(seed).toEqual(
      kind === 'induction'
        ? { kind, program, inputs: ['1', '2'], outputs: ["'a'", "'b'"], message: 'letters' }
        : { kind, program, input: '1', output: "'a'" },
    );
  });
});

describe("the original's files", () => {
  it('are read', () => {
    expect(read(original({}))).toEqual({ kind: 'program', program, input: '1, 2', output: '2' });
    const calls = { inputs: ['1', '2'], outputs: ['3', '4'], message: 'm' };
    expect(read(line({ snippet: program, imports: [], ...calls }))).toEqual({
      kind: 'induction',
      program,
      ...calls,
    });
  });

  it.each([
    ['NoError', 'error'],
    ['ValueError', 'error'],
    ['json.JSONDecodeError', 'error'],
    ['True', 'program'],
    ['None', 'program'],
    ['nan', 'program'],
    ["'ValueError'", 'program'],
  ])('have no kinds, but an output %s is that of: %s', (output, kind) => {
    expect(read(original({ output })).kind).toBe(kind);
  });

  it('have empty outputs, which are none', () => {
    expect(read(original({ output: '' }))).toMatchObject({ output: null });
    const calls = { inputs: ['1', '2'], outputs: ['3', ''], message: '' };
    expect(read(line({ snippet: program, ...calls }))).toMatchObject({ outputs: null });
  });

  it.each<[string, string, string[], string[]]>([
    ['kept beside the program', 'def f(): 1', ['import math', 'import re'], ['import math', 'import re']],
    ['named twice', 'def f(): 1', ['import math', 'import math'], ['import math']],
    ['there already', 'import math\ndef f(): 1', ['import math'], []],
    ['there with a comment', 'import math  # for pi\ndef f(): 1', ['import math'], []],
    ['there in brackets', 'from a import (\n  b,\n  c,\n)\ndef f(): 1', ['from a import b, c'], []],
    ['there, blanks apart', 'from a import b,c\ndef f(): 1', ['from a import b, c'], []],
    ['there in part', 'from a import b\ndef f(): 1', ['from a import b, c'], ['from a import b, c']],
    ['inside a function', 'def f():\n    import math', ['import math'], ['import math']],
  ])('have imports that are %s', (_where, snippet, imports, added) => {
    expect(read(original({ snippet, imports })).program).toBe([...added, snippet].join('\n'));
  });
});

describe('the identity', () => {
  it('is one seed of each kind', () => {
    expect(identity.map(({ kind }) => kind)).toEqual(['program', 'error', 'induction']);
    expect(new Set(identity.map((seed) => seed.program))).toEqual(new Set(['def f(a):\n    return a']));
    expect(identity[0]).toMatchObject({ input: "'Hello world'", output: "'Hello world'" });
    expect(identity[1]).toMatchObject({ output: 'NoError' });
    expect(identity[2]).toEqual(inductionIdentity(6));
  });

  it.each([2, 5, 6, 10, 64])('has %i different inputs for induction, and each is its own output', (count) => {
    const { inputs, outputs } = inductionIdentity(count);
    expect([inputs.length, outputs]).toEqual([count, inputs]);
    expect(inputs.slice(0, 6)).toEqual(inductionIdentity(6).inputs.slice(0, count));
    const called = inputs.map((input) => {
      const parsed = parseArguments(input);
      const value = parseValue(input);
      if (!parsed.ok || !value.ok) throw new Error(input);
      expect([parsed.positional.length, parsed.named.length]).toEqual([1, 0]);
      expect(repr(value.value)).toBe(input);
      return value.value;
    });
    called.forEach((a, i) => {
      for (const b of called.slice(0, i)) expect(identical(a, b)).toBe(false);
    });
  });
});

describe('a file that is none', () => {
  const good = line({ program, input: '1' });
  it.each([
    ['', 'This file has no seeds: write one JSON object a line, with "program" and "input".'],
    ['\uFEFF \n\n', 'This file has no seeds: write one JSON object a line, with "program" and "input".'],
    [`${good}\n\n{"program": `, 'Line 3: this is no JSON: each line must be one complete JSON object.'],
    [`${good}\n[1]`, 'Line 2: a seed is a JSON object with "program" and "input".'],
    ['null', 'Line 1: a seed is a JSON object with "program" and "input".'],
    [line({ input: '1' }), 'Line 1: "program" is missing.'],
    [line({ program: ' \n', input: '1' }), 'Line 1: "program" is empty: it must define a function f.'],
    [line({ program }), 'Line 1: "input" is missing.'],
    [line({ program, input: 1 }), 'Line 1: "input" must be a text.'],
    [line({ program, input: '1', output: 1 }), 'Line 1: "output" must be a text.'],
    [
      line({ program, input: '1', kind: 'deduction' }),
      'Line 1: "kind" must be program, error or induction, not "deduction".',
    ],
    [line({ program, inputs: ['1', 2], message: '' }), 'Line 1: "inputs" must be a list of texts.'],
    [
      line({ program, inputs: [], message: '' }),
      'Line 1: "inputs" is missing or empty: an induction seed needs some.',
    ],
    [line({ program, inputs: ['1'] }), 'Line 1: "message" is missing.'],
    [
      line({ program, inputs: ['1', '2'], outputs: ['1'], message: '' }),
      'Line 1: there are 2 inputs but 1 outputs: give as many, or no outputs.',
    ],
    [original({ imports: 'import re' }), 'Line 1: "imports" must be a list of texts.'],
    [line({ snippet: program }), 'Line 1: "input" is missing.'],
    [line({ __proto__: { program, input: '1' } }), 'Line 1: "program" is missing.'],
  ])('is refused: %j', (text, message) => {
    expect(() => readSeeds(text)).toThrow(new SeedError(message));
  });
});
