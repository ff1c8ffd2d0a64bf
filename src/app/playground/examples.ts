/** @file Questions to begin with, in the small words that the base model was raised with: a few letters, numbers of two digits. */

import type { PlayMode, Question } from './question';

export interface Example {
  name: string;
  question: Partial<Question>;
}

const sums = 'def f(x):\n    a = 0\n    for i in x:\n        a += i * 2\n    return a';
const choice =
  'def f(x):\n    a = x + 3\n    if a > 9:\n        a = a - 5\n    else:\n        a += x\n    return a';
const letters = "def f(x):\n    a = x * 2\n    return a + 'k'";
const last = 'def f(x):\n    a = x[-1]\n    return x + [a]';

export const examples: Record<PlayMode, readonly Example[]> = {
  deduction: [
    { name: 'A loop', question: { program: sums, input: '[2, 7]' } },
    { name: 'A choice', question: { program: choice, input: '8' } },
    { name: 'Letters', question: { program: letters, input: "'de'" } },
    { name: 'A list', question: { program: last, input: '[4, 8, 1]' } },
  ],
  abduction: [
    { name: 'A loop', question: { program: sums, output: '18' } },
    { name: 'A choice', question: { program: choice, output: '6' } },
    { name: 'Letters', question: { program: letters, output: "'dedek'" } },
    { name: 'A list', question: { program: last, output: '[4, 8, 1, 1]' } },
  ],
  induction: [
    {
      name: 'A number',
      question: { pairs: calls((x) => String(x + 5), [3, 8, 0, 12, 7, -4, 20, 1]), hint: '' },
    },
    {
      name: 'Without the last',
      question: {
        pairs: [
          ['[8, 7, 3]', '[8, 7]'],
          ['[1]', '[]'],
          ['[1, 6, 3]', '[1, 6]'],
          ['[9, 2, 0, 9]', '[9, 2, 0]'],
          ['[4, 0, -8]', '[4, 0]'],
          ['[1, 0, 4, 5]', '[1, 0, 4]'],
          ['[5, 5]', '[5]'],
          ['[2, 3, 4]', '[2, 3]'],
        ],
        hint: '',
      },
    },
    {
      name: 'Twice a text',
      question: {
        pairs: [
          ["'de'", "'dede'"],
          ["'k'", "'kk'"],
          ["'spm'", "'spmspm'"],
          ["''", "''"],
          ["'mp'", "'mpmp'"],
          ["'dek'", "'dekdek'"],
          ["'s'", "'ss'"],
          ["'pe'", "'pepe'"],
        ],
        hint: '',
      },
    },
  ],
};

export const firstQuestion: Question = {
  mode: 'deduction',
  program: sums,
  input: '[2, 7]',
  output: '18',
  pairs: examples.induction[0].question.pairs ?? [],
  hint: '',
};

function calls(f: (x: number) => string, inputs: readonly number[]): [string, string][] {
  return inputs.map((input) => [String(input), f(input)]);
}
