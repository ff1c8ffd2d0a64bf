/** A statement at a time is left out, with all that stands under it, and what is left is still a program where Python can have it. */
import { describe, expect, it } from 'vitest';
import { saysTheSame, withoutOne } from '../../../src/selfplay/dead';

const f = (...lines: string[]) => ['def f(x):', ...lines.map((line) => `    ${line}`)].join('\n');

describe('a program without one of its statements', () => {
  it('is left as it is but for that one, which is never the return', () => {
    expect(withoutOne(f('a = 1', 'a += x', 'return a'))).toEqual([
      f('a += x', 'return a'),
      f('a = 1', 'return a'),
    ]);
    expect(withoutOne(f('return x'))).toEqual([]);
  });

  it('loses what stands under it, and its other branches', () => {
    const program = f(
      'if x > 1:',
      '    x += 1',
      'elif x > 0:',
      '    x = 5',
      'else:',
      '    x = 7',
      'return x',
    );
    expect(withoutOne(program)[0]).toBe(f('return x'));
  });

  it('passes where a block would be empty', () => {
    expect(withoutOne(f('for i in x:', '    a = i', 'return a'))).toEqual([
      f('return a'),
      f('for i in x:', '    pass', 'return a'),
    ]);
    const branches = f('if x:', '    a = 1', 'else:', '    a = 2', 'return a');
    expect(withoutOne(branches).slice(1)).toEqual([
      f('if x:', '    pass', 'else:', '    a = 2', 'return a'),
      f('if x:', '    a = 1', 'else:', '    pass', 'return a'),
    ]);
  });

  it('does not pass where another statement is left in the block', () => {
    expect(withoutOne(f('for i in x:', '    a = i', '    b = a', 'return b'))).toEqual([
      f('return b'),
      f('for i in x:', '    b = a', 'return b'),
      f('for i in x:', '    a = i', 'return b'),
    ]);
  });
});

it('what it does is the same if every value is, and if it fails in the same way', () => {
  const ok = (output: string) => ({ verdict: 'ok', output, ms: 0, steps: 1 }) as const;
  const failed = (verdict: 'error' | 'timeout') => ({ verdict, reason: '', ms: 0, steps: 1 }) as const;
  expect(saysTheSame([ok('1'), failed('error')], [ok('1'), failed('error')])).toBe(true);
  expect(saysTheSame([ok('1'), ok('2')], [ok('1'), ok('3')])).toBe(false);
  expect(saysTheSame([failed('error')], [failed('timeout')])).toBe(false);
  expect(saysTheSame([ok('1')], [failed('error')])).toBe(false);
});
