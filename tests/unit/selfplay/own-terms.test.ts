import { describe, expect, it } from 'vitest';
import { RunError } from '../../../src/selfplay/errors';
import { readOwnTerms } from '../../../src/selfplay/own-terms';

const good = "{ value: () => 1, coefficient: 0.5, max: 2, roles: ['solve'] }";

describe('rewards from a file', () => {
  it('are its default export', async () => {
    const { brevity } = await readOwnTerms(`const half = 0.5;
      // Umlaute, % and # survive: ü
      export default { brevity: { value: ({ completion }) => completion.length * half, coefficient: 1, max: 9, roles: ['solve', 'propose'] } };`);
    expect(brevity.value({ completion: 'abcd' } as never)).toBe(2);
    expect(brevity).toMatchObject({ coefficient: 1, max: 9, roles: ['solve', 'propose'] });
  });

  it.each([
    ['is no JavaScript', 'export default {', /no module that can be loaded: SyntaxError/],
    ['throws', "throw new Error('oh')", /no module that can be loaded: Error: oh/],
    ['exports nothing', 'export const a = 1;', /name nothing/],
    ['exports no terms', 'export default {};', /name nothing/],
    [
      'has a term without a function',
      'export default { a: { coefficient: 1 } };',
      /"a".*no function called value/,
    ],
    ['has a coefficient that is none', good.replace('0.5', "'x'"), /"a".*no number called coefficient/],
    ['has no cap', good.replace('max: 2', 'most: 2'), /"a".*no number called max/],
    [
      'names a role that there is not',
      good.replace('solve', 'judge'),
      /"a".*roles with any of propose, solve/,
    ],
    ['names no role', good.replace("'solve'", ''), /"a".*roles/],
    ['has null for a term', 'null', /"a".*no function/],
  ])('are refused with a sentence where the file %s', async (_, source, message) => {
    const module = source.startsWith('{') || source === 'null' ? `export default { a: ${source} };` : source;
    await expect(readOwnTerms(module)).rejects.toThrow(RunError);
    await expect(readOwnTerms(module)).rejects.toThrow(message);
  });
});
