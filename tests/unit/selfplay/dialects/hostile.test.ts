/**
 * A model may write anything, by the megabyte. Nothing throws, and nothing takes more than linear time.
 */
import { describe, expect, it } from 'vitest';
import type { WritingDialect } from '../../../../src/selfplay/dialect';
import { createDialect } from '../../../../src/selfplay/dialects';
import { modes } from '../../../../src/store/records';
import { Dice } from './tasks';

const paper = { parsing: 'paper', rejectTestInput: true, rejectMultipleFunctions: false } as const;
const readers = {
  strict: createDialect('think-answer', { rejectTestInput: true }),
  'strict, boxed': createDialect('think-answer', { wrapper: 'boxed' }),
  'strict, unwrapped': createDialect('think-answer', { wrapper: 'none', rejectTestInput: true }),
  paper: createDialect('think-answer', { ...paper, boxedRetry: true }),
  'paper, boxed': createDialect('think-answer', { ...paper, wrapper: 'boxed' }),
  'paper, unwrapped': createDialect('think-answer', { ...paper, wrapper: 'none', codeLocation: 'last' }),
  compact: createDialect('compact'),
};

const pieces =
  `<think> </think> <answer> </answer> \`\`\`python \`\`\`input \`\`\`output \`\`\`message \`\`\` Assistant: \\boxed{ \\boxed } { # Input:
  def f( \u27e8ans\u27e9 \u27e8end\u27e9 \u27e8in\u27e9 \u27e8 \u27e9`.split(/\s+/);

describe('garbage', () => {
  it.each(Object.entries(readers))('of 20 kB is read, or refused with a reason: %s', (_name, reader) => {
    for (let seed = 0; seed < 12; seed++) {
      const dice = new Dice(seed);
      const letters = Array.from({ length: 40 }, () => dice.text([...pieces, '\n'], 8));
      const text = Array.from({ length: 600 }, () => dice.pick(letters)).join('');
      for (const mode of modes)
        for (const reading of [reader.parseProposal(mode, text), reader.parseAnswer(mode, text)]) {
          if (reading.parsed === null) {
            expect(reading.reason.length).toBeGreaterThan(10);
            expect(reading.reason.length).toBeLessThan(200);
          }
          expect(typeof reading.format).toBe('boolean');
        }
    }
  });
});

/** Each unit repeated up to a megabyte, alone and where the reader looks closer: in an answer, in a block, in a program. */
const units = [
  ...[
    ' ',
    '\n',
    '\t\n',
    '`',
    '```',
    '```\n',
    '\n````',
    '```input',
    '```input\n',
    '```python ',
    '```a',
    '{',
    '}',
    'a',
    'é',
  ],
  ...['<think>', '</think>', '<answer>', '</answer>', '</think><answer>', '</think> <answer>x', 'Assistant:'],
  ...[
    '\\boxed',
    '\\boxed{',
    '\\boxed ',
    '\\fbox{',
    '# Input:',
    '# Input: \n',
    '# Output:',
    '# Message:',
    '# ',
    '<message>',
  ],
  ...[
    'input(',
    'output (',
    'input ',
    '<input>',
    '<output> ',
    '</input>',
    'the input is',
    'the output is ',
    'inputinput',
    '"\'',
  ],
  ...[
    'def ',
    'def f(',
    'def g(a): ',
    'def\n',
    '\n def f(a)',
    'xdef f(',
    'f(',
    'f([',
    'f([])',
    'f(a) \n',
    'print(',
    'print( f',
    'assert',
    '_input',
  ],
  ...['⟨', '⟨⟩', '⟨in⟩', '⟨in⟩x', '⟨ans⟩', '⟨end⟩', '⟨say⟩', '⟩'],
];
const frames: ((filler: string) => string)[] = [
  (filler) => filler,
  (filler) => `</think><answer>${filler}</answer>`,
  (filler) =>
    `</think><answer>\n\`\`\`python\ndef f(a):\n${filler}\n\`\`\`\n\`\`\`input\n1\n\`\`\`\n</answer>`,
  (filler) => `</think><answer>\`\`\`input${filler}`,
  (filler) => `</think>${filler}<answer>\\boxed{${filler.slice(0, 1000)}}`,
  (filler) => `⟨ans⟩${filler}⟨end⟩`,
];

const readings = (reader: WritingDialect, text: string) => [
  () => reader.parseProposal('deduction', text),
  () => reader.parseProposal('induction', text),
  () => reader.parseAnswer('abduction', text),
  () => reader.parseAnswer('induction', text),
];

/** Milliseconds of one plain look at every character of so long a text: what "fast" means on this machine at this moment. */
function oneLook(size: number): number {
  const text = '```\n'.repeat(size / 4);
  return fastest(() => {
    let lines = 0;
    for (const character of text) if (character === '\n') lines++;
    return lines;
  }, 0);
}

/** What took longer than so many milliseconds. */
function slow(reader: WritingDialect, fillers: string[], size: number, limit: number) {
  return fillers.flatMap((unit) =>
    frames.flatMap((frame, index) => {
      const text = frame(unit.repeat(size / unit.length));
      const worst = Math.max(...readings(reader, text).map((read) => fastest(read, limit)));
      return worst > limit ? [[unit, index, worst]] : [];
    }),
  );
}

/** Of up to twelve tries: other programs share this machine, and quadratic time would take minutes. */
function fastest(read: () => unknown, limit: number): number {
  let best = Number.POSITIVE_INFINITY;
  for (let tries = 0; tries < 12 && best > limit; tries++) {
    const start = performance.now();
    read();
    best = Math.min(best, performance.now() - start);
  }
  return best;
}

describe('hostile text', () => {
  it.each(Object.entries(readers))('is read in linear time: %s', (_name, reader) => {
    expect(slow(reader, units, 2 ** 16, 20)).toEqual([]);
  });

  it.each(Object.entries(readers))(
    'of a megabyte takes less than 50 ms, or six looks: %s',
    (_name, reader) => {
      const hardest = [
        '\n',
        '```\n',
        '# Input: \n',
        'inputinput',
        'def\n',
        'f(a) \n',
        '⟨⟩',
        '⟨in⟩',
        '\\boxed{',
        '</answer>',
      ];
      expect(slow(reader, hardest, 2 ** 20, Math.max(50, 6 * oneLook(2 ** 20)))).toEqual([]);
    },
  );
});
