/**
 * Strict reading: each part in a block of its own name, in any order, in one answer after one thought. Where the original does
 * otherwise, paper.test.ts has the row of the same name.
 */
import { describe, expect, it } from 'vitest';
import { ThinkAnswerDialect, type ThinkAnswerOptions } from '../../../../src/selfplay/dialects';
import { modes } from '../../../../src/store/records';
import { answer, Dice, proposal } from './tasks';

const dialect = (options: Partial<ThinkAnswerOptions> = {}) =>
  new ThinkAnswerDialect({ inputs: 2, ...options });
const answered = (text: string) => `so</think>\n<answer>\n${text}\n</answer>`;

const FUNCTION = 'def f(a):\n    return a';
const F = `\`\`\`python\n${FUNCTION}\n\`\`\``;
const INPUT = '```input\n1\n```';

/** [format, answer], or the reason. */
const answerOf = (completion: string, options: Partial<ThinkAnswerOptions> = {}) => {
  const reading = dialect(options).parseAnswer('deduction', completion);
  return reading.parsed ? [reading.format, reading.parsed.answer] : reading.reason;
};

describe('the wrapper', () => {
  const b = '<answer>\n```output\nb\n```\n</answer>';
  it.each([
    ['one block after the other', `a</think> ${b}`, [true, 'b']],
    ['text between the two', `a</think> and ${b}`, [false, 'b']],
    ['an unclosed answer', 'a</think><answer>\n```output\nb\n```', [false, 'b']],
    ['text after the answer', `a</think>${b} ok?`, [true, 'b']],
    ['a second end of the thought', `a</think> foo </think>${b}`, [false, 'b']],
    ['a second answer: it is not read', `a</think>${b}${b.replace('b', 'c')}`, [true, 'b']],
    ['another turn: it is not read', `a</think>${b}\nUser: x\nAssistant: <think>c</think>x`, [true, 'b']],
    ['"Assistant:" in the thought', `Assistant: a</think>${b}`, [true, 'b']],
    [
      '"Assistant:" in the answer',
      `a</think>${b.replace('b\n', "'Assistant: x'\n")}`,
      [true, "'Assistant: x'"],
    ],
    ['an answer within the thought', `${b.replace('b', 'c')}a</think>${b}`, [true, 'b']],
    ['an answer within the thought alone', `${b}a</think>`, 'There is no <answer> after the thought.'],
    ['an unfinished thought', 'a', 'The thought does not end.'],
    ['an unfinished thought with an answer', `a ${b}`, [false, 'b']],
    ['no answer', 'a</think>b', 'There is no <answer> after the thought.'],
  ])('with %s', (_what, completion, found) => {
    expect(answerOf(completion)).toEqual(found);
  });

  it('ends with a stop token or not', () => {
    expect(answerOf(`a</think>${b}⟨end⟩`)).toEqual([true, 'b']);
    expect(answerOf('```output\nb\n```⟨end⟩', { wrapper: 'none' })).toEqual([true, 'b']);
  });

  it.each([
    ['a box', 'so \\boxed{\n```output\n{1: {}}\n```\n}', [true, '{1: {}}']],
    ['two boxes', '\\boxed{1}\\boxed{\n```output\n2\n```\n}', [true, '2']],
    ['no box', '```output\n1\n```', 'There is no \\boxed{}.'],
    ['an open box', '\\boxed{\n```output\n1\n```', 'The \\boxed{ is not closed.'],
  ])('can be %s', (_what, completion, found) => {
    expect(answerOf(completion, { wrapper: 'boxed' })).toEqual(found);
  });

  it('can be none, for models that think in their own way', () => {
    const { parsed } = dialect({ wrapper: 'none' }).parseAnswer(
      'deduction',
      '<think>a ```output```</think>\n```output\n1\n```',
    );
    expect(parsed).toEqual(answer('1', 'a ```output```'));
  });

  it('keeps the thought', () => {
    expect(dialect().parseAnswer('deduction', ` a\nb </think>${b}`).parsed?.thought).toBe(' a\nb ');
  });
});

describe('an answer', () => {
  it.each([
    ['a block', '```output\n 2 \n```', [true, '2']],
    ['a block among others', '```python\nx\n```\n```output\n2\n```', [true, '2']],
    ['a block in capitals', '``` OUTPUT\n2\n```', [true, '2']],
    ['an indented block', '  ```output\n  2\n  ```', [true, '2']],
    ['lines that end in CR LF', '```output\r\n2\r\n```\r', [true, '2']],
    ['two blocks: the last, and the form is broken', '```output\n1\n```\n```output\n2\n```', [false, '2']],
    ['a longer fence', '````output\n```\n2\n```\n````', [true, '```\n2\n```']],
    ['backticks in a line', "```output\n'```'\n```", [true, "'```'"]],
  ])('is found in %s', (_what, text, found) => {
    expect(answerOf(answered(text))).toEqual(found);
  });

  it.each([
    ['no block', '2'],
    ['the fallbacks of the original', '# Output: 2\noutput(2) <output>2</output> the output is 2'],
    ['an unnamed block', '```\n2\n```'],
    ['a block of another name', '```outputs\n2\n```'],
    ['a block that is not closed', '```output\n2'],
    ['a block within a line', '```output 2```'],
    ['a block within another', '```text\n```output\n2\n'],
  ])('is not found in %s', (_what, text) => {
    expect(answerOf(answered(text))).toBe('There is no complete ```output block.');
  });

  it.each([
    ['deduction', 'output'],
    ['error', 'output'],
    ['abduction', 'input'],
    ['induction', 'python'],
  ] as const)('of %s stands in an %s block', (mode, name) => {
    const reading = dialect().parseAnswer(mode, answered(`\`\`\`${name}\n2\n\`\`\``));
    expect(reading).toEqual({ format: true, parsed: answer('2', 'so') });
  });
});

/** [format, program, input], or the reason. */
const proposalOf = (text: string, options: Partial<ThinkAnswerOptions> = {}) => {
  const reading = dialect(options).parseProposal('abduction', answered(text));
  return reading.parsed ? [reading.format, reading.parsed.program, ...reading.parsed.inputs] : reading.reason;
};

describe('a proposal', () => {
  const twice = `${F.replace('return a', 'return 1')}\n${F}\n${INPUT}`;
  it.each([
    ['a python block and an input block', `${F}\n${INPUT}`, [true, FUNCTION, '1']],
    ['the input first', `${INPUT}\n${F}`, [true, FUNCTION, '1']],
    ['the tag py', `${F.replace('python', 'py')}\n${INPUT}`, [true, FUNCTION, '1']],
    ['no tag', `${F.replace('python', '')}\n${INPUT}`, 'There is no complete ```python block.'],
    ['no program', INPUT, 'There is no complete ```python block.'],
    ['no input', F, 'There is no complete ```input block.'],
    ['"# Input:"', `${F}\n# Input: 1`, 'There is no complete ```input block.'],
    ['an input that is not closed', `${F}\n\`\`\`input\n1`, 'There is no complete ```input block.'],
    ['two programs', twice, [false, FUNCTION.replace('return a', 'return 1'), '1']],
    ['two inputs', `${F}\n${INPUT}\n${INPUT}`, [false, FUNCTION, '1']],
    ['words around it', `Here:\n\n${F}\n\nwith\n\n${INPUT}\n.`, [true, FUNCTION, '1']],
    ['blank lines in its blocks', `${F.replace('def', '\n \ndef')}\n${INPUT}`, [true, FUNCTION, '1']],
  ])('with %s', (_what, text, found) => {
    expect(proposalOf(text)).toEqual(found);
  });

  it('takes the last of several programs if that is asked for', () => {
    expect(proposalOf(twice, { codeLocation: 'last' })).toEqual([false, FUNCTION, '1']);
  });

  it.each([
    ['f', FUNCTION, true],
    ['f after a class with methods', `class A:\n    def g(self):\n        pass\n\n${FUNCTION}`, true],
    ['f and functions within it', 'def f(a):\n    def g(b): return b\n    return g(a)', true],
    ['f with blanks before its arguments', 'def  f (a): return a', true],
    ['g', 'def g(a): return a', false],
    ['f within g', 'def g(a):\n    def f(b): return b', false],
    ['f within a class', 'class A:\n    def f(self): pass', false],
    ['ff', 'def ff(a): return a', false],
    ['an asynchronous f', 'async def f(a): return a', false],
    ['f in a comment', '# def f(a): return a', false],
    ['nothing', '', false],
  ])('may define %s: it needs f at top level', (_what, program, taken) => {
    const found = proposalOf(`\`\`\`python\n${program}\n\`\`\`\n${INPUT}`);
    expect(found).toEqual(taken ? [true, program, '1'] : 'The program defines no function f at top level.');
  });

  it('is never renamed', () => {
    expect(() => dialect({ renameEntry: 'any_last' })).toThrow(
      'The option "renameEntry" of the dialect think-answer has an effect only with "parsing": "paper".',
    );
  });

  it('may hold other functions; where it may not, those at top level alone count', () => {
    const beside = F.replace('def', 'def g(a):\n    return a\n\ndef');
    const within = F.replace('return', 'def g(a): return a\n    return');
    const strictly = { rejectMultipleFunctions: true };
    expect(proposalOf(`${beside}\n${INPUT}`)).toContain(true);
    expect(proposalOf(`${within}\n${INPUT}`, strictly)).toContain(true);
    expect(proposalOf(`${beside}\n${INPUT}`, strictly)).toBe(
      'The program defines 2 functions at top level, and only f may stand there.',
    );
  });

  it('may be refused for holding a test', () => {
    const tested = F.replace('return a', 'return a\nassert f(1) == 1');
    expect(proposalOf(`${tested}\n${INPUT}`)).toContain(true);
    expect(proposalOf(`${tested}\n${INPUT}`, { rejectTestInput: true })).toBe(
      'The program seems to hold a test.',
    );
  });
});

describe('inputs with a message', () => {
  const inputs = (count: number) =>
    Array.from({ length: count }, (_, i) => `\`\`\`input\n${i}\n\`\`\``).join('\n');
  const message = '```message\nadds\n```';
  const read = (text: string, options: Partial<ThinkAnswerOptions> = {}) => {
    const reading = dialect(options).parseProposal('induction', answered(text));
    return reading.parsed ? [reading.format, reading.parsed.inputs, reading.parsed.message] : reading.reason;
  };

  it.each([
    ['as asked for', `${inputs(2)}\n${message}`, [true, ['0', '1'], 'adds']],
    ['in any order', `${message}\n${inputs(2)}`, [true, ['0', '1'], 'adds']],
    ['with an input too many', `${inputs(3)}\n${message}`, [false, ['1', '2'], 'adds']],
    ['with two messages', `${inputs(2)}\n${message}\n${message}`, [false, ['0', '1'], 'adds']],
    ['with an input too few', `${inputs(1)}\n${message}`, 'There are 1 ```input blocks, and 2 are needed.'],
    ['without a message', `${inputs(2)}\nadds`, 'There is no complete ```message block.'],
  ])('%s', (_what, text, found) => {
    expect(read(text)).toEqual(found);
  });

  it('are the last ten of twelve', () => {
    expect(read(`${inputs(12)}\n${message}`, { inputs: 10 })).toEqual([
      false,
      ['2', '3', '4', '5', '6', '7', '8', '9', '10', '11'],
      'adds',
    ]);
  });
});

describe('what is written', () => {
  const pieces = [
    "'",
    '"',
    '`',
    '```',
    '\n```\n',
    '\n````',
    '```input\n1\n```',
    '\n',
    '    ',
    '# Input: 3',
    '"""',
    'Assistant:',
  ];

  it.each(['answer', 'none'] as const)('reads the same with the wrapper %s', (wrapper) => {
    const writer = dialect({ wrapper });
    for (let seed = 0; seed < 1000; seed++) {
      const dice = new Dice(seed);
      // Tags are what this dialect cannot quote, and blanks around a part are not kept.
      const part = () =>
        dice
          .text(pieces)
          .replace(/[<>\r\u2028\u2029]/g, '')
          .trim();
      for (const mode of modes) {
        const induction = mode === 'induction';
        const proposed = proposal({
          program: induction ? '' : `def f(a):\n    return ${part()}`.trim(),
          inputs: induction ? [part(), part()] : [part()],
          message: induction ? part() : '',
          thought: part(),
        });
        expect(writer.parseProposal(mode, writer.writeProposal(mode, proposed))).toEqual({
          format: true,
          parsed: proposed,
        });
        const answers = answer(part(), part());
        expect(writer.parseAnswer(mode, writer.writeAnswer(mode, answers))).toEqual({
          format: true,
          parsed: answers,
        });
      }
    }
  });

  it('reads the same in a box and by the rules of the original', () => {
    for (const options of [{ wrapper: 'boxed' }, { parsing: 'paper' }] as const) {
      const writer = dialect(options);
      const proposed = proposal({ thought: 'so ' });
      const { parsed } = writer.parseProposal('deduction', writer.writeProposal('deduction', proposed));
      expect({ ...parsed, thought: 'so ' }).toEqual(proposed);
      const answers = writer.parseAnswer('error', writer.writeAnswer('error', answer('NoError', 'so ')));
      expect([answers.format, answers.parsed?.answer]).toEqual([true, 'NoError']);
    }
  });

  it('ends with the token that stops', () => {
    const written = dialect().writeAnswer('deduction', answer('1'));
    expect([dialect().tokenizer.encode(written).at(-1)]).toEqual(dialect().stop);
  });
});
