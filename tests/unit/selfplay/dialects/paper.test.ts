/**
 * The original's parsing is the original's: golden/golden.jsonl is what its own functions make of picked and of random texts (see
 * golden/make.py). The rules are told again below, as tables, with the quirks by name.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ThinkAnswerDialect, type ThinkAnswerOptions } from '../../../../src/selfplay/dialects';
import { definitions, hasTestInput, renameEntry } from '../../../../src/selfplay/dialects/naming';
import * as paper from '../../../../src/selfplay/dialects/paper';

interface Golden {
  text: string;
  unwrapped: [format: boolean, thought: string, answer: string];
  boxed: [format: boolean, thought: string, answer: string];
  retried: string;
  proposals: ([program: string, input: string] | null)[];
  inputs: [inputs: string[], message: string] | null;
  values: [input: string, output: string];
  program: string | null;
  test: boolean;
}

/** As in make.py. */
const settings: paper.ProposalRules[] = [
  { codeLocation: 'first', rejectMultipleFunctions: true, rejectTestInput: false, renameEntry: 'not_first' },
  { codeLocation: 'last', rejectMultipleFunctions: false, rejectTestInput: false, renameEntry: 'any_last' },
  { codeLocation: 'first', rejectMultipleFunctions: false, rejectTestInput: true, renameEntry: 'any_first' },
  { codeLocation: 'first', rejectMultipleFunctions: false, rejectTestInput: false, renameEntry: 'not_last' },
];

// Another file of the same form, if one is named, to look further than the committed one does.
const file = process.env.ZEROLOOP_PAPER_GOLDEN ?? join(import.meta.dirname, 'golden/golden.jsonl');
const golden = readFileSync(file, 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line): Golden => JSON.parse(line));

const listed = ({ format, thought, answer }: paper.Unwrapped) => [format, thought, answer];
const orNull = <T, R>(read: paper.Found<T>, show: (found: T) => R) =>
  'found' in read ? show(read.found) : null;

function ours(text: string): Golden {
  return {
    text,
    unwrapped: listed(paper.unwrap(text, 'answer', false)) as Golden['unwrapped'],
    boxed: listed(paper.unwrap(text, 'boxed', false)) as Golden['boxed'],
    retried: paper.unwrap(text, 'answer', true).answer,
    proposals: settings.map((rules) =>
      orNull(paper.readProgramAndInput(text, rules), ({ program, input }) => [program, input]),
    ),
    inputs: orNull(paper.readInputsAndMessage(text, 2), ({ inputs, message }) => [inputs, message]),
    values: [paper.readValue(text, 'input'), paper.readValue(text, 'output')],
    program: orNull(paper.readProgram(text), (program) => program),
    test: hasTestInput(text),
  };
}

describe('the original', () => {
  it('makes of each golden text what we make of it', () => {
    expect(golden.length).toBeGreaterThan(400);
    expect(golden.map(({ text }) => ours(text))).toEqual(golden);
  });

  it('is asked often enough for every kind of result', () => {
    const often = (holds: (one: Golden) => boolean) => golden.filter(holds).length;
    expect(often(({ unwrapped }) => unwrapped[0])).toBeGreaterThan(20);
    expect(often(({ boxed }) => boxed[0])).toBeGreaterThan(20);
    for (const [index] of settings.entries())
      expect(often(({ proposals }) => proposals[index] !== null)).toBeGreaterThan(15);
    expect(often(({ inputs }) => inputs !== null)).toBeGreaterThan(5);
    expect(often(({ text, values }) => values.some((value) => value !== text))).toBeGreaterThan(100);
    expect(often(({ test }) => test)).toBeGreaterThan(20);
  });
});

// ---- The same through the dialect ------------------------------------------------------------------------------------

const dialect = (options: Partial<ThinkAnswerOptions> = {}) =>
  new ThinkAnswerDialect({ parsing: 'paper', inputs: 2, ...options });
const answered = (text: string) => `so</think>\n<answer>${text}</answer>`;

const F = '```python\ndef f(a):\n    return a\n```';
const INPUT = '```input\n1\n```';

describe('format', () => {
  it.each([
    ['one block after the other', 'a</think> <answer>b</answer>', true],
    ['text between the two', 'a</think> and <answer>b</answer>', false],
    ['an unclosed answer', 'a</think><answer>b', false],
    ['no end of the thought', 'a<answer>b</answer>', false],
    ['text after the answer', 'a</think><answer>b</answer> ok?', true],
    ['a later end of the thought that fits', 'a</think> foo </think><answer>b</answer>', true],
    ['a second answer', 'a</think><answer>b</answer><answer>b</answer>', true],
    ['"Assistant:" within the thought', 'Assistant: a</think><answer>b</answer>', false],
    ['"Assistant:" after the answer', 'a</think><answer>b</answer> Assistant: and', true],
  ])('with %s', (_what, completion, format) => {
    expect(dialect().parseAnswer('deduction', completion).format).toBe(format);
  });

  it('needs text before <think> to be absent, and the prompt sees to that', () => {
    expect(dialect().solve({ mode: 'deduction', program: 'p', input: '1' })).toMatch(/Assistant: <think>$/);
  });

  it.each([
    ['closed', 'so \\boxed{1}', true],
    ['unclosed', 'so \\boxed{1', false],
    ['absent', 'so 1', false],
  ])('with a box that is %s', (_what, completion, format) => {
    expect(dialect({ wrapper: 'boxed' }).parseAnswer('deduction', completion).format).toBe(format);
  });

  it('is always kept where there is no wrapper', () => {
    expect(dialect({ wrapper: 'none' }).parseAnswer('deduction', 'the output is 4.')).toEqual({
      format: true,
      parsed: { kind: 'answer', answer: '4', thought: 'the output is 4.' },
    });
  });
});

const answerOf = (
  mode: 'deduction' | 'abduction' | 'induction' | 'error',
  completion: string,
  options = {},
) => {
  const { parsed } = dialect(options).parseAnswer(mode, completion);
  return parsed?.answer ?? null;
};

describe('an answer', () => {
  it.each([
    ['of two, is the last', 'a</think><answer>b</answer><answer>c</answer>', 'c'],
    ['that is not closed goes on to the end', 'a</think><answer>b', 'b'],
    ['without its tag is empty', 'a</think>b', ''],
    ['is cut off at "Assistant:"', 'a</think><answer>x Assistant: y</answer>', 'x'],
    ['loses quotes at the end if it is not closed', "a</think><answer>'x'", "'x"],
    ['keeps quotes if it is closed', "a</think><answer>'x'</answer>", "'x'"],
  ])('%s', (_what, completion, answer) => {
    expect(answerOf('deduction', completion)).toBe(answer);
  });

  it.each([
    ['the last block', '```output\n1\n```\n```output\n2\n```', '2'],
    ['a block in capitals', '```OUTPUT\n2\n```', '2'],
    ['# Output:', '# Output: 2\n3\n```\n4', '2\n3'],
    ['output(...)', "output ('x')", "'x'"],
    ['<output>', '<output> 2 </output>', '2 '],
    ['<output> that is not closed', '<output> 2', '2'],
    ['a sentence', 'I say the output is 2.5.', '2.5'],
    ['the whole text', ' 2 ', '2'],
    ['the block, whatever else there is', 'the output is 3\n```output\n2\n```', '2'],
  ])('of deduction is found in %s', (_what, text, answer) => {
    expect(answerOf('deduction', answered(text))).toBe(answer);
    expect(answerOf('error', answered(text))).toBe(answer);
    const turned = text
      .replaceAll('output', 'input')
      .replaceAll('Output', 'Input')
      .replaceAll('OUTPUT', 'INPUT');
    expect(answerOf('abduction', answered(turned))).toBe(answer);
  });

  it('of induction is the last fenced block of any kind', () => {
    expect(answerOf('induction', answered(`${F}\n\`\`\`\nlast\n\`\`\``))).toBe('last');
    const none = dialect().parseAnswer('induction', answered('def f(a): return a'));
    expect(none).toEqual({ format: false, parsed: null, reason: 'There is no fenced program.' });
  });

  it('without tags is the last box, or all of it, if that is asked for', () => {
    expect(answerOf('deduction', 'a \\boxed{1} \\boxed{{2}}', { boxedRetry: true })).toBe('\\boxed{{2}}');
    expect(answerOf('deduction', 'the output is 3', { boxedRetry: true })).toBe('3');
    expect(answerOf('deduction', 'the output is 3')).toBe('');
  });

  it('in a box keeps the box, unless it is fenced', () => {
    expect(answerOf('deduction', '\\boxed{1}', { wrapper: 'boxed' })).toBe('\\boxed{1}');
    expect(answerOf('deduction', '\\boxed{```output\n1\n```}', { wrapper: 'boxed' })).toBe('1');
  });

  it('leaves a thought: the last one', () => {
    const { parsed } = dialect().parseAnswer('deduction', 'a<think>b</think>c</think><answer>1</answer>');
    expect(parsed?.thought).toBe('b');
  });
});

const proposalOf = (text: string, options: Partial<ThinkAnswerOptions> = {}) => {
  const { parsed } = dialect(options).parseProposal('deduction', answered(text));
  return parsed && [parsed.program, ...parsed.inputs];
};

describe('a proposal', () => {
  it.each([
    ['a python block and an input block', `${F}\n${INPUT}`, ['def f(a):\n    return a', '1']],
    ['the input first: taken for the program', `${INPUT}\n${F}`, null],
    ['no tag', `${F.replace('python', '')}${INPUT}`, ['def f(a):\n    return a', '1']],
    [
      'py: it becomes a line of the program',
      F.replace('python', 'py') + INPUT,
      ['py\ndef f(a):\n    return a', '1'],
    ],
    ['no program', INPUT, null],
    ['no input', F, null],
    ['no function', `\`\`\`python\nx = 1\n\`\`\`${INPUT}`, null],
    ['# Input:', `${F}\n# Input: 1, 2\n\`\`\``, ['def f(a):\n    return a', '1, 2']],
    ['# Input: and nothing after it', `${F}\n# Input: 1, 2`, ['def f(a):\n    return a', '1, 2']],
    ['several inputs: the first', `${F}\n${INPUT}\n\`\`\`input\n2\n\`\`\``, ['def f(a):\n    return a', '1']],
    ['all of it in one line', '```python def f(a): return a```\n```input 1```', ['def f(a): return a', '1']],
    ['an unclosed input', `${F}\n\`\`\`input\n1`, null],
  ])('with %s', (_what, text, found) => {
    expect(proposalOf(text)).toEqual(found);
  });

  const method = '```python\nclass A:\n    def __init__(self):\n        pass\n\ndef f(a):\n    return a\n```';

  it('with methods or nested functions is refused, unless that is switched off', () => {
    expect(proposalOf(method + INPUT)).toBeNull();
    expect(proposalOf(method + INPUT, { rejectMultipleFunctions: false })).not.toBeNull();
  });

  it('can be looked for in the last block instead of the first', () => {
    const two = `${INPUT}\n${F}`;
    expect(proposalOf(two, { codeLocation: 'last' })).toEqual(['def f(a):\n    return a', '1']);
  });

  it('with a test in its program is refused if that is asked for', () => {
    const tested = `\`\`\`python\ndef f(a):\n    return a\nf(3)\n\`\`\`${INPUT}`;
    expect(proposalOf(tested)).not.toBeNull();
    expect(proposalOf(tested, { rejectTestInput: true })).toBeNull();
  });

  it('says why it was refused', () => {
    const reading = dialect().parseProposal('deduction', answered(method + INPUT));
    expect(reading).toEqual({
      format: false,
      parsed: null,
      reason: 'It defines 2 functions, and one is allowed.',
    });
  });

  it.each([
    ['not_first', 'def f(x): return g(x)\n\ndef g(y): return f(y)'],
    ['any_last', 'def h(x): return f(x)\n\ndef f(y): return h(y)'],
    ['any_first', 'def f(x): return g(x)\n\ndef g(y): return f(y)'],
    ['not_last', 'def h(x): return f(x)\n\ndef f(y): return h(y)'],
  ] as const)('without an f is renamed by the rule %s', (rule, renamed) => {
    const program = 'def h(x): return g(x)\n\ndef g(y): return h(y)';
    expect(renameEntry(program, definitions(program), rule)).toBe(renamed);
  });

  it.each([
    ['not_first', 'def f(x): return f(x)\n\ndef f(y): return f(y)'],
    ['any_last', null],
    ['any_first', null],
    ['not_last', null],
  ] as const)('with an f in the end is renamed by the rule %s', (rule, renamed) => {
    const program = 'def h(x): return f(x)\n\ndef f(y): return h(y)';
    expect(renameEntry(program, definitions(program), rule)).toBe(renamed ?? program);
  });

  it.each([
    ['calls of it', 'def go(n): return n and go (n - 1)', 'def f(n): return n and f(n - 1)'],
    ['methods of that name', 'def go(n): return x.go(n)', 'def f(n): return x.f(n)'],
    ['calls in texts', 'def go(n): return "go(1)"', 'def f(n): return "f(1)"'],
    ['no longer names', 'def go(n): return ago(n) + go2(n)', 'def f(n): return ago(n) + go2(n)'],
    ['no other use of the name', 'def go(n): return map(go, n)', 'def f(n): return map(go, n)'],
    ['names with letters of all kinds', 'def größe(n): return größe(n)', 'def f(n): return f(n)'],
  ])('renames %s', (_what, program, renamed) => {
    expect(renameEntry(program, definitions(program), 'not_first')).toBe(renamed);
  });

  it.each([
    ['a comment', '#EXAMPLE', 1],
    ['a comment that says more', '# An example', 0],
    ['a comment on a test', 'x = 1 # test it', 1],
    ['an input', 'test_input = 3', 1],
    ['any variable with input in its name', 'my_input_2 = 3', 1],
    ['a comparison with one', 'if inputs == 3:', 1],
    ['an expected value', 'expected = 3', 1],
    ['a result', 'result= 3', 1],
    ['results', 'results = 3', 0],
    ['an assertion', 'assert x', 1],
    ['a printed call', 'print(f(1)+1)', 1],
    ['a call with a list', 'y = f([1]) + 1', 1],
    ['a call at the end of a line', 'y = f(1)', 1],
    ['recursion, too', '    return f(n - 1)', 1],
    ['a call with a comment', 'y = f(1) # is 2', 1],
    ['a call within a line', 'y = f(1) + 1', 0],
    ['a line "input"', '  input ', 1],
    ['a harmless line', 'return inputs + 1', 0],
  ])('has a sign of a test or none: %s', (_what, line, signs) => {
    expect(hasTestInput(`def f(a):\n${line}\n`)).toBe(signs === 1);
  });
});

describe('inputs with a message', () => {
  const inputs = (count: number) =>
    Array.from({ length: count }, (_, i) => `\`\`\`input\n${i}\n\`\`\``).join('\n');
  const read = (text: string, options: Partial<ThinkAnswerOptions> = {}) => {
    const { parsed } = dialect(options).parseProposal('induction', answered(text));
    return parsed && [parsed.inputs, parsed.message, parsed.program];
  };

  it('are the last ten of twelve', () => {
    const text = `${inputs(12)}\n\`\`\`message\nadds\n\`\`\``;
    expect(read(text, { inputs: 10 })).toEqual([
      ['2', '3', '4', '5', '6', '7', '8', '9', '10', '11'],
      'adds',
      '',
    ]);
  });

  it.each([
    ['a block', '```message\nadds\n```', 'adds'],
    ['the first block', '```message\nadds\n```\n```message\nmore\n```', 'adds'],
    ['tags', '<message>\nadds </message>', 'adds'],
    ['# Message:', '# Message: adds\nand more\n```', 'adds\nand more'],
    ['nothing: refused', 'adds', null],
    ['an unclosed tag: refused', '<message>adds', null],
  ])('have a message in %s', (_what, text, message) => {
    expect(read(`${inputs(2)}\n${text}`)).toEqual(message === null ? null : [['0', '1'], message, '']);
  });

  it('are refused if they are too few, and "# Input:" does not count', () => {
    expect(read(`${inputs(1)}\n# Input: 2\n\`\`\`message\nadds\n\`\`\``)).toBeNull();
  });
});
