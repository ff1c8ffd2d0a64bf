/**
 * Dialects by name; what they cannot take is refused with a sentence.
 */
import { describe, expect, it } from 'vitest';
import { ByteTokenizer, createDialect, DialectError, dialectNames } from '../../../../src/selfplay/dialects';

describe('a dialect', () => {
  it.each(dialectNames)('%s is made by its name, and stops with one token', (name) => {
    const dialect = createDialect(name);
    expect(dialect.name).toBe(name);
    expect(dialect.stop).toHaveLength(1);
    expect(dialect.tokenizer.decode(Int32Array.from(dialect.stop))).toBe('⟨end⟩');
  });

  it('takes options and a vocabulary', () => {
    const tokenizer = new ByteTokenizer(['<eos>', '<stop>']);
    const vocabulary = { tokenizer, stop: [tokenizer.id('<eos>'), tokenizer.id('<stop>')] };
    const dialect = createDialect('think-answer', { wrapper: 'none' }, vocabulary);
    expect(dialect.stop).toEqual([256, 257]);
    for (const end of ['<eos>', '<stop>', ''])
      expect(dialect.parseAnswer('error', `\`\`\`output\nNoError\n\`\`\`${end}`).parsed?.answer).toBe(
        'NoError',
      );
  });

  it.each<[string, object, string]>([
    ['chat', {}, 'There is no dialect "chat"; there are think-answer and compact.'],
    ['compact', { wrapper: 'none' }, 'The dialect compact has no option "wrapper"; it has inputs.'],
    ['compact', { toString: 1 }, 'The dialect compact has no option "toString"; it has inputs.'],
    [
      'compact',
      { inputs: 1 },
      'The option "inputs" of the dialect compact must be a whole number from 2 on.',
    ],
    [
      'think-answer',
      { parsing: 'loose' },
      'The option "parsing" of the dialect think-answer must be one of "strict", "paper".',
    ],
    [
      'think-answer',
      { modules: 'math' },
      'The option "modules" of the dialect think-answer must be a list of texts, or null.',
    ],
    [
      'think-answer',
      { boxedRetry: true },
      'The option "boxedRetry" of the dialect think-answer has an effect only with "parsing": "paper".',
    ],
  ])('%s with %j is refused', (name, options, message) => {
    expect(() => createDialect(name, options)).toThrow(new DialectError(message));
  });

  it('takes an option that is undefined for one that is not given', () => {
    const vague = createDialect('think-answer', { inputs: undefined, renameEntry: undefined });
    expect(vague.propose({ mode: 'induction', program: '', inputs: 10 })).toContain('10 inputs');
  });

  it('rejects functions beside f by default only where the original does', () => {
    const two =
      '</think><answer>\n```python\ndef f(a): return a\ndef g(a): return a\n```\n```input\n1\n```\n</answer>';
    expect(createDialect('think-answer').parseProposal('deduction', two).parsed).not.toBeNull();
    expect(
      createDialect('think-answer', { parsing: 'paper' }).parseProposal('deduction', two).parsed,
    ).toBeNull();
  });
});
