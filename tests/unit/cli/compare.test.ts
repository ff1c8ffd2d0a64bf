/** `compare` as people call it: a table, the same as JSON, and a sentence for files that cannot be compared. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { called } from './called';

const folder = mkdtempSync(join(tmpdir(), 'zeroloop-compare-'));
afterAll(() => rmSync(folder, { recursive: true }));

const write = (name: string, content: object) => {
  writeFileSync(join(folder, name), JSON.stringify(content));
  return join(folder, name);
};
const evaluated = (name: string, rights: number[], change: object = {}) =>
  write(name, {
    ...{ model: name, samples: 1, temperature: 0, seed: 0 },
    details: rights.map((right, n) => ({ id: `${n}`, mode: 'induction', level: 1, right, exact: null })),
    ...change,
  });

const renamed = [1, 2, 3, 4, 5, 6].map((n) => ({
  id: `${n}`,
  mode: 'induction',
  level: 1,
  right: 0,
  exact: null,
}));
const before = evaluated('before.json', [0, 0, 0, 0, 1, 0]);
const after = evaluated('after.json', [1, 1, 1, 1, 0, 1]);

describe('compare', () => {
  it('shows what changed', async () => {
    const { code, out, err } = await called('compare', before, after);
    expect([code, err]).toEqual([0, '']);
    const [head, level, all] = out.split('\n');
    expect([level.length, all.length]).toEqual([head.length, head.length]);
    expect(level).toMatch(
      /^induction +1 +6 +16\.7 % +83\.3 % +\+66\.7 +[+-]\d+\.\d to \+\d+\.\d +5 +1 +0\.219$/,
    );
    expect(all).toMatch(/^induction +all/);
  });

  it('gives the same as JSON', async () => {
    const { out } = await called('compare', before, after, '--json');
    expect(JSON.parse(out)).toMatchObject({
      ...{ a: 'before.json', b: 'after.json' },
      comparisons: [
        { of: 'right', mode: 'induction', level: 1, n: 6, better: 5, worse: 1 },
        { of: 'right', mode: 'induction', level: null, n: 6 },
      ],
    });
  });

  it('says what was asked otherwise', async () => {
    const other = evaluated('other.json', [1, 1, 1, 1, 0, 1], { seed: 3, samples: 8 });
    const { code, err } = await called('compare', before, other);
    expect(code).toBe(0);
    expect(err).toContain('They were not asked alike: samples is 1 in');
    expect(err).toContain('seed is 0 in');
  });

  it.each<[string, string[], number, string]>([
    ['one file', [before], 2, 'compare wants two files'],
    ['a file that is not there', [before, 'nowhere.json'], 2, 'nowhere.json is not there'],
    ['no details', [before, write('plain.json', { results: [] })], 1, 'make it with eval --json --details.'],
    ['no tasks', [before, evaluated('none.json', [])], 1, 'make it with eval --json --details.'],
    [
      'tasks of other names',
      [before, evaluated('named.json', [], { details: renamed })],
      1,
      '6 and 6, 1 of the first',
    ],
    ['no evaluation', [before, write('null.json', [])], 1, 'does not say what became of each task'],
    [
      'other tasks',
      [before, evaluated('fewer.json', [1])],
      1,
      'are about different tasks (6 and 1, 5 of the first',
    ],
  ])('explains %s', async (_, files, exit, sentence) => {
    const { code, err } = await called('compare', ...files);
    expect(code).toBe(exit);
    expect(err).toContain(sentence);
    expect(err.trimEnd().split('\n')).toHaveLength(1);
  });
});
