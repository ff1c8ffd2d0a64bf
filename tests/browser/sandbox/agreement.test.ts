/**
 * The sandbox's Python is CPython: 1,000 programs as a language model would write them answer what native CPython answered, text
 * for text, or fail as they failed there.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Check, Executor } from '../../../src/sandbox/executor';
import { openSandbox } from '../../../src/sandbox/sandbox';
import { goldenPrograms } from '../../golden/programs/load';
import { difference } from '../../programs/expect';
import { generatePrograms } from '../../programs/generate';

describe('1,000 programs', () => {
  let executor: Executor;

  beforeAll(async () => {
    executor = await openSandbox();
  });
  afterAll(() => executor.dispose());

  it('are what the generator makes today', () => {
    const generated = generatePrograms(goldenPrograms.length);
    expect(generated).toEqual(goldenPrograms.map(({ program, input }) => ({ program, input })));
  });

  it('answer what CPython answers', async () => {
    const checks = goldenPrograms.map(
      ({ program, input }): Check => ({ kind: 'validate', program, inputs: [input] }),
    );
    const checked = await executor.check(checks);
    const differences = goldenPrograms.flatMap((golden, i) => difference(golden, checked[i]) ?? []);
    expect(differences).toEqual([]);
  });
});
