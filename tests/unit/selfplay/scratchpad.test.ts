/**
 * True thoughts, from what the sandbox's real Python traces: how they are written, that they say all there is to say, and how a
 * model's own are held against them.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mutate } from '../../../src/grammar/mutate';
import type { Executor, Trace } from '../../../src/sandbox/executor';
import { markers } from '../../../src/selfplay/dialects/compact';
import {
  answerIn,
  backwards,
  rightShare,
  sameTrace,
  writeScratchpad,
} from '../../../src/selfplay/scratchpad';
import { openNodePython } from '../../doubles/node-python';
import { drawsOf, levels, sampled } from '../grammar/sampled';

let python: Executor;
beforeAll(async () => {
  python = await openNodePython();
});
afterAll(() => python.dispose());

const lines = (...each: string[]) => each.map((line) => `\n${line}`).join('');
const scratchpad = async (program: string, input: string) =>
  writeScratchpad(await python.trace(program, input));

it('backwards it goes from the output to the input, and backwards again it is what it was', async () => {
  const forwards = await scratchpad('def f(x):\n    a = x * 2\n    return a - 1', '4');
  expect(backwards(forwards ?? '')).toBe(lines('3:8-1 =7', '2:4*2 a=8', '1: x=4'));
  expect(backwards(backwards(forwards ?? ''))).toBe(forwards);
});

describe('a scratchpad', () => {
  it.each<[string, string, string, string[]]>([
    [
      'copies operands before it computes, and says what is left of a loop',
      'a = 0\n    for i in x:\n        a += i * 2\n    return a',
      '[2, 7]',
      [
        '1: x=[2, 7]',
        '2: a=0',
        '3: i=2, 7',
        '4:2*2=4 0+4 a=4',
        '3: i=7',
        '4:7*2=14 4+14 a=18',
        '3: i=',
        '5: =18',
      ],
    ],
    [
      'writes the letters of a text as a text',
      "a = ''\n    for i in x[::-1]:\n        a += i\n    return a",
      "'de'",
      [
        "1: x='de'",
        "2: a=''",
        "3:[::-1] i='ed'",
        "4:''+'e' a='e'",
        "3: i='d'",
        "4:'e'+'d' a='ed'",
        '3: i=',
        "5: ='ed'",
      ],
    ],
    [
      'says what a test came to, once',
      'if x > 2 and x % 2 == 0:\n        x -= 1\n    if x:\n        x = not x\n    return x',
      '4',
      ['1: x=4', '2:4>2=True 4%2=0 0==0=True', '3:4-1 x=3', '4:True', '5:not 3 x=False', '6: =False'],
    ],
    [
      'adds up one by one, and does not copy what is read as a whole',
      'return sum(x) + len(x[1:]) + max(x) + x[-1]',
      '[4, 1, 3]',
      ['1: x=[4, 1, 3]', '2:4+1=5 5+3=8 [1:]=[1, 3] len=2 8+2=10 max(4, 1, 3)=4 10+4=14 [-1]=3 14+3 =17'],
    ],
    [
      'writes the other arguments of what is',
      'return [x.count(y) for y in sorted(x, reverse=True)] + sorted(x)',
      '[4, 1]',
      [
        '1: x=[4, 1]',
        '2:sorted(reverse=True) y=4, 1',
        '2:.count(4)=1',
        '2: y=1',
        '2:.count(1)=1',
        '2: y=',
        '2:sorted=[1, 4] [1, 1]+[1, 4] =[1, 1, 1, 4]',
      ],
    ],
    [
      'leaves the making of ranges to the loop',
      'for i in range(len(x)):\n        x = x.upper()\n    return x',
      "'e'",
      ["1: x='e'", '2:len=1 i=0', "3:.upper() x='E'", '2: i=', "4: ='E'"],
    ],
    [
      'follows a loop that does not know its end',
      'while x < 3:\n        x = x * 2\n    return -x',
      '2',
      ['1: x=2', '2:2<3=True', '3:2*2 x=4', '2:4<3=False', '4:-4 =-4'],
    ],
    [
      'names two values that are given at once',
      'a, b = x, 1\n    return a',
      '5',
      ['1: x=5', '2: a=5 b=1', '3: =5'],
    ],
    ['tells which exception there was', 'return x // 0', '5', ['1: x=5', '2: !ZeroDivisionError']],
  ])('%s', async (_, body, input, expected) => {
    expect(await scratchpad(`def f(x):\n    ${body}`, input)).toBe(lines(...expected));
  });

  it('follows calls', async () => {
    const program = 'def g(n):\n    return n + 1\ndef f(x, y):\n    return g(x) * y';
    const expected = lines('3: x=2 y=5', '1: n=2', '2:2+1 =3', '4:3*5 =15');
    expect(await scratchpad(program, '2, 5')).toBe(expected);
  });

  it('cannot end where it should not: markers in texts are broken', async () => {
    const written = await scratchpad(`def f(x):\n    return x + '${markers.answer}'`, `'${markers.end}'`);
    for (const marker of Object.values(markers)) expect(written).not.toContain(marker);
    expect(written).toContain('⟨⟩ans⟩');
  });

  it('is not there where the truth is cut short', async () => {
    const program = 'def f(x):\n    while x > 0:\n        x -= 1\n    return x';
    expect(writeScratchpad(await python.trace(program, '9', { steps: 20 }))).toBeNull();
    expect(writeScratchpad(await python.trace(program, '9', { steps: 200 }))).not.toBeNull();
    expect(
      writeScratchpad(await python.trace('def f(x):\n    return x * 9', "'abc'", { characters: 20 })),
    ).toBeNull();
  });
});

describe('of tasks of the grammar', () => {
  const tasks = levels.flatMap((level) => sampled(level, 60));
  const traced = async () => {
    const found: {
      program: string;
      input: string;
      trace: Extract<Trace, { verdict: 'ok' }>;
      text: string;
    }[] = [];
    for (const [n, task] of tasks.entries())
      for (const { program, input } of [task, mutate(task, drawsOf(n, 'scratchpads'))?.task ?? task]) {
        const trace = await python.trace(program, input);
        const text = writeScratchpad(trace);
        // A mutation may run longer than what is traced.
        if (trace.verdict === 'ok' && text !== null) found.push({ program, input, trace, text });
      }
    return found;
  };

  it('the answer is on the last line', async () => {
    const all = await traced();
    expect(all.length).toBeGreaterThan(tasks.length * 1.9);
    for (const { trace, text } of all) expect(answerIn(text)).toBe(trace.output);
  });

  it('no two that behave differently have the same one', async () => {
    const seen = new Map<string, string>();
    for (const { input, trace, text } of await traced()) {
      const told = trace.steps.map((step) => [step.line, step.kind, 'value' in step && step.value]);
      const behaviour = JSON.stringify([input, told]);
      expect(seen.get(text) ?? behaviour).toBe(behaviour);
      seen.set(text, behaviour);
    }
  });
});

describe('an answer', () => {
  it.each([
    ['\n1: x=1\n2: =7', '7'],
    ['\n2:3+4 =7', '7'],
    ["\n2: =' ='", "' ='"],
    ["\n2:' =5'+'a' =' =5a'", "' =5a'"],
    ['\n2:"it\'s" =3', '3'],
    ['\n2: a=7', null],
    ['\n2: =', null],
    ['\n2: !ValueError', null],
    ['', null],
    ['7', null],
  ])('is read off %j: %s', (text, answer) => {
    expect(answerIn(text)).toBe(answer);
  });
});

describe("a model's scratchpad", () => {
  const truth = '\n1: x=1\n2: a=2\n3: =2';
  it.each([
    [truth, 1],
    ['\n1: x=1\n2: a=2\n3: =3', 2 / 3],
    ['\n1: x=1\n2: a=2', 2 / 3],
    ['\n1: x=1\n2: a=3\n3: =2', 1 / 3],
    [`${truth}\n3: =2`, 0.75],
    ['\n2: a=2\n3: =2', 0],
    ['', 0],
    ['1: x=1\n2: a=2\n3: =2', 0],
  ])('%j is right to a share of %f', (thought, share) => {
    expect(rightShare(thought, truth)).toBeCloseTo(share);
    expect(sameTrace(thought, truth)).toBe(share === 1);
  });
});
