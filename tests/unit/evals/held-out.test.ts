/** What Python has to say about a program before it is kept for tests. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { drawLevel } from '../../../src/cli/held-out-sets';
import { examineHeldOut, marksOf } from '../../../src/evals/held-out';
import { readHeldOut } from '../../../src/evals/tasks';
import type { Executor } from '../../../src/sandbox/executor';
import { openNodePython } from '../../doubles/node-python';

let python: Executor;
beforeAll(async () => {
  python = await openNodePython();
}, 60_000);
afterAll(() => python.dispose());

const draft = (body: string, change: { input?: string; inputs?: string[] } = {}) => ({
  level: 1,
  program: `def f(x):\n    return ${body}`,
  input: '3',
  inputs: ['0', '1', '2', '3', '4', '5', '6', '7'],
  fingerprint: 'int 00',
  ...change,
});

describe('a program', () => {
  it('is kept with what comes of it', async () => {
    const kept = await examineHeldOut(draft('x * 7'), python);
    expect(kept).toMatchObject({ level: 1, input: '3', output: '21', fingerprint: 'int 00' });
    expect(kept?.pairs).toHaveLength(8);
    expect(kept?.pairs[7]).toEqual(['7', '49']);
    expect(kept && marksOf(kept).slice(2)).toEqual([
      expect.stringMatching(/^[0-9a-f]{16}$/),
      expect.stringMatching(/^[0-9a-f]{16}$/),
    ]);
  });

  it.each<[string, ReturnType<typeof draft>]>([
    ['it fails', draft('60 // (x - 8)', { input: '8' })],
    ['it fails on one of the inputs', draft('9 // (x - 7)')],
    ['it is never the same', draft('id([])')],
    ['its input comes back', draft('abs(x)')],
    ['its output gives itself', draft('max(x, 5)')],
    ['it is constant beyond the pairs', draft("(x in [0, 4]) and 'd' or 'e'", { input: '8' })],
    ['the shown pairs are all alike', draft('max(x, 4) * 2', { input: '9' })],
    ['the hidden pairs are all alike', draft('min(x, 3) + 1', { input: '1' })],
  ])('is not kept if %s', async (_, wrong) => {
    expect(await examineHeldOut(wrong, python)).toBeNull();
  });
});

describe('a level', () => {
  it('has none that is taken, by any of its marks', async () => {
    const first = { set: 'open', level: 1, count: 4 } as const;
    const drawn = await drawLevel(first, new Set(), python);
    expect(new Set(drawn.flatMap(marksOf)).size).toBe(16);
    for (const mark of [0, 1, 2, 3]) {
      const taken = new Set([marksOf(drawn[1])[mark]]);
      const [one, two, three] = await drawLevel(first, taken, python);
      expect([one, two, three]).toEqual([drawn[0], drawn[2], drawn[3]]);
      expect(taken).toContain(drawn[0].program);
    }
  });

  it('is written as it is read', async () => {
    const [program] = await drawLevel({ set: 'open', level: 2, count: 1 }, new Set(), python);
    const [deduction, , induction] = readHeldOut(JSON.stringify({ id: 'a', ...program }));
    expect(deduction).toMatchObject({ level: 2, pairs: [[program.input, program.output]] });
    expect(induction).toMatchObject({ pairs: program.pairs });
  });
});
