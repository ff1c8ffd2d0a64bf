/**
 * What the prompts say and in which order, and that they ask for what is read. Their wording is free; the structure is not.
 */
import { describe, expect, it } from 'vitest';
import type { ProposalRequest, SolverQuestion } from '../../../../src/selfplay/dialect';
import { ThinkAnswerDialect, type ThinkAnswerOptions } from '../../../../src/selfplay/dialects';
import { block } from '../../../../src/selfplay/dialects/prompts';
import { type Mode, modes } from '../../../../src/store/records';
import { task } from './tasks';

const dialect = (options: Partial<ThinkAnswerOptions> = {}) => new ThinkAnswerDialect(options);
const propose = (
  mode: Exclude<Mode, 'induction'>,
  options: Partial<ThinkAnswerOptions> = {},
  request: Partial<Extract<ProposalRequest, { references: unknown }>> = {},
) => dialect(options).propose({ references: [], composite: [], ...request, mode });

function expectInOrder(prompt: string, parts: (string | RegExp)[]) {
  let at = 0;
  for (const part of parts) {
    const rest = prompt.slice(at);
    const found = typeof part === 'string' ? rest.indexOf(part) : rest.search(part);
    expect([part, found >= 0, prompt.length]).toEqual([part, true, prompt.length]);
    at += found + 1;
  }
}

const three = ['deduction', 'abduction', 'error'] as const;

describe('to propose a program', () => {
  it.each(three)('of %s', (mode) => {
    const references = [
      task({ mode, program: 'def f(x): return x', pairs: [["'in'", "'out'"]] }),
      task({ mode }),
    ];
    const prompt = propose(mode, { bannedWords: ['random', 'os'] }, { references });
    expectInOrder(prompt, [
      /^[^\n]*User: ## Task: Create a Python Program/,
      'new program',
      'deep algorithmic reasoning',
      'intelligence test',
      '### Requirements for the Program',
      'called `f`',
      'returns a value',
      'at least one argument',
      'deterministic',
      'state',
      'AVOIDS',
      'random',
      'date and time',
      'input and output (files, network)',
      'printing and logging',
      'state outside of itself',
      'within 10 seconds',
      'Imports and classes stand at the very top',
      'ends with the return of `f`',
      '### Requirements for the Input',
      'exactly one input',
      'commas',
      'quotes around text',
      '### Form',
      '```python\ndef f(...)',
      '```input\n',
      '### Example',
      '```python\ndef f(',
      '```input\n',
      '### Criteria',
      'can be run',
      'How hard it is',
      'Originality',
      'must not occur in any form, not even in comments: random, os.',
      'First make a plan',
      '### Reference Programs',
      `<snippet_0>\n\`\`\`python\ndef f(x): return x\n\`\`\`\n\`\`\`input\n'in'\n\`\`\`\n\`\`\`${mode === 'error' ? 'error' : 'output'}\n'out'\n\`\`\`\n</snippet_0>\n<snippet_1>\n`,
      '</snippet_1>',
      /\nAssistant: <think>$/,
    ]);
  });

  it('says what is to be hard: each mode its own', () => {
    expect(propose('deduction')).toContain('How hard it is to predict the output');
    expect(propose('abduction')).toContain('How hard it is to find a fitting input');
    expect(propose('error')).toContain('which exception is raised, or that none is');
  });

  it('does without references', () => {
    const prompt = propose('deduction');
    expect(prompt).not.toMatch(/<snippet_|reference programs|the references/);
    expect(prompt).toContain('### Reference Programs\n\nThere are none.');
  });

  it('demands calls of composite functions, and more than that', () => {
    const composite = [
      { name: 'g_0', program: 'def g_0(a): return a' },
      { name: 'g_1', program: 'def g_1(a): return 1' },
    ];
    const prompt = propose('abduction', {}, { composite, references: [task({})] });
    expectInOrder(prompt, [
      '</snippet_0>',
      'MUST call every one of these functions: `g_0`, `g_1`',
      'DO NOT define them',
      'not merely wrap them',
      '```python\ndef g_0(a): return a\n\ndef g_1(a): return 1\n```',
    ]);
    expect(propose('abduction')).not.toContain('g_0');
  });

  it.each<[Partial<ThinkAnswerOptions>, string]>([
    [{ removeInputFromSnippet: true }, 'Your input does not occur anywhere in the program'],
    [{ removeAfterReturn: true }, 'set outside of functions will be removed'],
    [{ removeAfterReturn: true }, 'what comes after it will be removed'],
    [{ modules: ['math', 're'] }, 'Nothing but these modules may be imported: math, re.'],
    [{ modules: [] }, 'Nothing may be imported.'],
    [{ seconds: 1 }, 'It ends within 1 second.'],
    [{ outputCharacters: 400 }, 'at most 400 characters'],
    [{ bannedWords: ['random'] }, 'These words must not occur'],
    [{ rejectMultipleFunctions: true }, 'It is the only function there; others may be defined within it.'],
    [{ wrapper: 'boxed' }, 'put your final answer into \\boxed{}.'],
  ])('with %j says so, and not without', (options, line) => {
    expect(propose('deduction', options)).toContain(line);
    expect(propose('deduction')).not.toContain(line);
  });

  it('bans words for exceptions where exceptions are the matter', () => {
    const options = { bannedErrorWords: ['raise', 'assert'] };
    expect(propose('error', options)).toContain('must not be used to handle exceptions: raise, assert.');
    expect(propose('deduction', options)).not.toContain('raise, assert');
  });
});

describe('to propose inputs', () => {
  it('shows a program and asks for inputs and a message', () => {
    const prompt = dialect({ inputs: 7 }).propose({
      mode: 'induction',
      program: 'def f(a): return a',
      inputs: 7,
    });
    expectInOrder(prompt, [
      '## Task: Give 7 Inputs with Diverse Outputs',
      'message',
      'intelligence test',
      '### Requirements for the Inputs',
      '7 valid inputs',
      'commas',
      'quotes around text',
      '```input block of its own',
      '### Requirements for the Message',
      '```message block',
      'programming exercise',
      'MUST NOT contain the program',
      '### Form',
      '### Criteria',
      'can be run',
      'Coverage',
      'Originality',
      'not an impossible one',
      'First make a plan',
      '```python\ndef f(a): return a\nf(<|YOUR INPUT GOES HERE|>)\n```',
      /\nAssistant: <think>$/,
    ]);
  });

  it('asks for no other number than it reads', () => {
    expect(() => dialect().propose({ mode: 'induction', program: '', inputs: 7 })).toThrow(
      'This dialect reads 10 inputs, so 7 cannot be asked for.',
    );
  });
});

describe('to solve', () => {
  const program = 'def f(a): return a';
  it('shows what the solver may know, and asks for the rest', () => {
    expectInOrder(dialect().solve({ mode: 'deduction', program, input: "'x'" }), [
      'step by step',
      '```output block',
      'quotes around text',
      'tuple',
      `\`\`\`python\n${program}\n\`\`\``,
      "```input\n'x'\n```",
    ]);
    expectInOrder(dialect().solve({ mode: 'abduction', program, output: "'y'" }), [
      'one possible input',
      '```input block',
      'quotes around text',
      'commas',
      `\`\`\`python\n${program}\n\`\`\``,
      "```output\n'y'\n```",
    ]);
    expectInOrder(dialect().solve({ mode: 'error', program, input: '1' }), [
      '```output block',
      'NoError',
      `\`\`\`python\n${program}\n\`\`\``,
      '```input\n1\n```',
    ]);
  });

  it('shows pairs and the message, and the requirements for programs but not for hard ones', () => {
    const prompt = dialect({ modules: ['math'] }).solve({
      mode: 'induction',
      shown: [
        ['1', '2'],
        ['3', '4'],
      ],
      message: 'adds one',
    });
    expectInOrder(prompt, [
      'Deduce the Function',
      'hidden',
      '```python block',
      'called `f`',
      'AVOIDS',
      'these modules may be imported: math',
      '```input_0\n1\n```\n```output_0\n2\n```\n```input_1\n3\n```\n```output_1\n4\n```',
      '```message\nadds one\n```',
      '```python\ndef f(a):\n    return a\n```',
      'the entry function is called `f`',
    ]);
    expect(prompt).not.toContain('keep track');
  });

  it('is not wrapped where that is not wanted', () => {
    const prompt = dialect({ wrapper: 'none' }).solve({ mode: 'error', program, input: '1' });
    expect(prompt).toMatch(/^# Task: Deduce the Exception/);
    expect(prompt).not.toContain('<think>');
  });
});

describe('a block', () => {
  it('has a longer fence than any in its content', () => {
    expect(block('python', 'a')).toBe('```python\na\n```');
    expect(block('python', 'a = "```"')).toBe('```python\na = "```"\n```');
    expect(block('python', 'a\n```\nb')).toBe('````python\na\n```\nb\n````');
  });
});

describe('an example in a prompt', () => {
  it.each(modes)('would be read as an answer in %s', (mode) => {
    const questions: Record<Mode, SolverQuestion> = {
      deduction: { mode: 'deduction', program: '', input: '' },
      abduction: { mode: 'abduction', program: '', output: '' },
      error: { mode: 'error', program: '', input: '' },
      induction: { mode: 'induction', shown: [], message: '' },
    };
    const prompt = dialect().solve(questions[mode]);
    const last = prompt.match(/```\w+\n[^`]*\n```/g)!.at(-1);
    expect(dialect().parseAnswer(mode, `</think><answer>\n${last}\n</answer>`).format).toBe(true);
  });
});
