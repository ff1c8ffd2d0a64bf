/**
 * The compact dialect: a few tokens around the parts, and no program that could be taken for a marker.
 */
import { describe, expect, it } from 'vitest';
import type { SolverQuestion } from '../../../../src/selfplay/dialect';
import { ByteTokenizer, CompactDialect, markers } from '../../../../src/selfplay/dialects';
import { modes } from '../../../../src/store/records';
import { answer, Dice, proposal, task } from './tasks';

const dialect = new CompactDialect({ inputs: 2 });
const reasonOf = (reading: { parsed: unknown; reason?: string; format: boolean }) => {
  expect([reading.parsed, reading.format]).toEqual([null, false]);
  return reading.reason;
};

describe('a prompt', () => {
  it.each<[SolverQuestion, string]>([
    [{ mode: 'deduction', program: 'P\n    Q', input: '1' }, '⟨ded⟩\n1:P\n2:    Q⟨in⟩1⟨think⟩'],
    [{ mode: 'error', program: 'P', input: '1' }, '⟨err⟩\n1:P⟨in⟩1⟨think⟩'],
    [{ mode: 'abduction', program: 'P', output: '2' }, '⟨abd⟩\n1:P⟨out⟩2⟨think⟩'],
    [
      {
        mode: 'induction',
        shown: [
          ['1', '2'],
          ['3', '4'],
        ],
        message: 'adds',
      },
      '⟨ind⟩⟨in⟩1⟨out⟩2⟨in⟩3⟨out⟩4⟨say⟩adds⟨think⟩',
    ],
  ])('to solve %j', (question, prompt) => {
    expect(dialect.solve(question)).toBe(prompt);
  });

  it('to propose shows references and composite functions', () => {
    const references = [task({ program: 'P', pairs: [['1', '2']] }), task({ program: 'Q' })];
    expect(dialect.propose({ mode: 'abduction', references, composite: [] })).toBe(
      '⟨new⟩⟨abd⟩⟨ref⟩P⟨in⟩1⟨ref⟩Q⟨in⟩1⟨think⟩',
    );
    const composite = [{ name: 'g_0', program: 'G' }];
    expect(dialect.propose({ mode: 'error', references: [], composite })).toBe('⟨new⟩⟨err⟩⟨use⟩G⟨think⟩');
  });

  it('to propose inputs shows the program', () => {
    expect(dialect.propose({ mode: 'induction', program: 'P', inputs: 2 })).toBe('⟨new⟩⟨ind⟩P⟨think⟩');
    expect(() => dialect.propose({ mode: 'induction', program: 'P', inputs: 3 })).toThrow(
      'This dialect reads 2 inputs, so 3 cannot be asked for.',
    );
  });

  it('costs a token for each marker', () => {
    const prompt = dialect.solve({ mode: 'deduction', program: 'P', input: '1' });
    expect(dialect.tokenizer.encode(prompt)).toHaveLength(8);
  });

  it('cannot be led astray by markers in a program', () => {
    const program = 'def f(a): return "⟨in⟩⟨"';
    const prompt = dialect.solve({ mode: 'deduction', program, input: '1' });
    expect(prompt).toBe('⟨ded⟩\n1:def f(a): return "⟨⟩in⟩⟨⟩"⟨in⟩1⟨think⟩');
    const special = dialect.tokenizer.encode(prompt).filter((token) => token >= 256);
    expect([...special].map((token) => dialect.tokenizer.decode(Int32Array.of(token)))).toEqual([
      '⟨ded⟩',
      '⟨in⟩',
      '⟨think⟩',
    ]);
  });
});

describe('a completion', () => {
  it('has a scratchpad, which may be empty, and a part after it', () => {
    expect(dialect.parseAnswer('deduction', '⟨ans⟩7⟨end⟩')).toEqual({ format: true, parsed: answer('7') });
    expect(dialect.parseAnswer('deduction', 'a 7\n⟨L1⟩⟨in⟩ <T>⟨ans⟩7⟨end⟩')).toEqual({
      format: true,
      parsed: answer('7', 'a 7\n⟨L1⟩⟨in⟩ <T>'),
    });
  });

  it('of a proposal has two', () => {
    expect(dialect.parseProposal('deduction', '⟨ans⟩P⟨in⟩1, 2⟨end⟩')).toEqual({
      format: true,
      parsed: proposal({ program: 'P', inputs: ['1, 2'] }),
    });
  });

  it('of induction has inputs and a message', () => {
    expect(dialect.parseProposal('induction', 'hm⟨ans⟩⟨in⟩1⟨in⟩2⟨say⟩adds⟨end⟩')).toEqual({
      format: true,
      parsed: proposal({ program: '', inputs: ['1', '2'], message: 'adds', thought: 'hm' }),
    });
  });

  it.each([
    ['', 'There is no ⟨ans⟩.'],
    ['7⟨end⟩', 'There is no ⟨ans⟩.'],
    ['⟨end⟩⟨ans⟩7⟨end⟩', 'It ends before ⟨ans⟩.'],
    ['⟨ans⟩7', 'It does not end with ⟨end⟩.'],
    ['⟨ans⟩7⟨end⟩⟨end⟩', 'It goes on after ⟨end⟩.'],
    ['⟨ans⟩7⟨ans⟩8⟨end⟩', '⟨ans⟩ has no place in an answer.'],
    ['⟨ans⟩7⟨out⟩8⟨end⟩', '⟨out⟩ has no place in an answer.'],
    ['⟨ans⟩7⟨what⟩8⟨end⟩', '⟨what⟩ has no place in an answer.'],
    ['⟨ans⟩7⟨⟨⟩8⟨end⟩', '⟨⟨⟩ has no place in an answer.'],
    ['⟨ans⟩7⟨8⟨end⟩', '⟨8⟨end⟩ has no place in an answer.'],
    ['⟨ans⟩7⟨in⟩8⟨end⟩', 'An answer has one part, but ⟨in⟩ begins a second one.'],
  ])('%s is refused as an answer', (completion, reason) => {
    expect(reasonOf(dialect.parseAnswer('deduction', completion))).toBe(reason);
  });

  it.each(['⟨ans⟩P⟨end⟩', '⟨ans⟩P⟨in⟩1⟨in⟩2⟨end⟩', '⟨ans⟩P⟨say⟩1⟨end⟩'])(
    '%s is refused as a proposal',
    (completion) => {
      expect(reasonOf(dialect.parseProposal('abduction', completion))).toBe(
        'A proposal is a program, ⟨in⟩ and an input.',
      );
    },
  );

  it.each([
    '⟨ans⟩⟨end⟩',
    '⟨ans⟩⟨in⟩1⟨in⟩2⟨end⟩',
    '⟨ans⟩⟨in⟩1⟨say⟩adds⟨end⟩',
    '⟨ans⟩⟨in⟩1⟨in⟩2⟨in⟩3⟨say⟩adds⟨end⟩',
    '⟨ans⟩P⟨in⟩1⟨in⟩2⟨say⟩adds⟨end⟩',
    '⟨ans⟩⟨in⟩1⟨say⟩adds⟨in⟩2⟨end⟩',
    '⟨ans⟩⟨in⟩1⟨in⟩2⟨say⟩adds⟨say⟩more⟨end⟩',
  ])('%s is refused as inputs', (completion) => {
    expect(reasonOf(dialect.parseProposal('induction', completion))).toBe(
      'A proposal is 2 times ⟨in⟩ and an input, then ⟨say⟩ and a message.',
    );
  });
});

const pieces = [
  ...Object.values(markers),
  ...[
    '⟨',
    '⟩',
    '⟨⟩',
    '⟨⟨',
    'in⟩',
    '```',
    '```python\n',
    '"""',
    "'",
    '"',
    '\\',
    '\n    ',
    'def f(a):',
    '<answer>',
    'x < y > z',
  ],
];

describe('what is written', () => {
  it('reads the same, whatever the parts are', () => {
    for (let seed = 0; seed < 2000; seed++) {
      const dice = new Dice(seed);
      const thought = dice.text(pieces).replaceAll(markers.answer, '').replaceAll(markers.end, '');
      if (thought.includes(markers.answer) || thought.includes(markers.end)) continue;
      const part = () => dice.text(pieces);
      for (const mode of modes) {
        const induction = mode === 'induction';
        const proposed = proposal({
          program: induction ? '' : part(),
          inputs: induction ? [part(), part()] : [part()],
          message: induction ? part() : '',
          thought,
        });
        const answered = answer(part(), thought);
        // Through tokens, as a model's completion comes.
        const spoken = (text: string) => dialect.tokenizer.decode(dialect.tokenizer.encode(text));
        const read = dialect.parseProposal(mode, spoken(dialect.writeProposal(mode, proposed)));
        expect(read).toEqual({ format: true, parsed: proposed });
        expect(dialect.parseAnswer(mode, spoken(dialect.writeAnswer(mode, answered)))).toEqual({
          format: true,
          parsed: answered,
        });
      }
    }
  });

  it('ends with the token that stops', () => {
    const tokens = dialect.tokenizer.encode(dialect.writeAnswer('deduction', answer('7')));
    expect([tokens.at(-1)]).toEqual(dialect.stop);
  });

  it('cannot have a scratchpad that ends itself', () => {
    expect(() => dialect.writeAnswer('deduction', answer('7', 'a⟨ans⟩'))).toThrow(
      'A scratchpad cannot hold ⟨ans⟩, which ends it.',
    );
  });
});

describe('a vocabulary', () => {
  it('must have every marker as a token of its own', () => {
    expect(() => new CompactDialect({}, { tokenizer: new ByteTokenizer(['⟨end⟩']) })).toThrow(
      'The dialect compact needs a vocabulary in which ⟨ded⟩ is a token of its own.',
    );
  });
});
