/** What prompts say of limits and bans is what the sandbox does. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { About, Executor } from '../../../src/sandbox/executor';
import type { ProposalRequest } from '../../../src/selfplay/dialect';
import { presetConfig } from '../../../src/selfplay/presets';
import { bannedWords, dialectOf } from '../../../src/selfplay/speaking';
import { openNodePython } from '../../doubles/node-python';

let executor: Executor;
let about: About;
beforeAll(async () => {
  executor = await openNodePython();
  about = await executor.about();
});
afterAll(() => executor.dispose());

const request: ProposalRequest = { mode: 'deduction', references: [], composite: [] };

describe('words that the original bans', () => {
  it.each(bannedWords)('%s cannot be imported or used', async (word) => {
    const [module] = word.split('.');
    const program = `import ${module}\ndef f(a):\n    return str(${word})`;
    const [outcome] = await executor.validate(program, ['1']);
    expect(outcome.verdict).toBe('banned');
  });

  it.each(bannedWords)('%s is named in the prompt of the preset paper', (word) => {
    expect(dialectOf(presetConfig('paper'), about).propose(request)).toContain(word);
  });

  it('need no list under strict: the prompt says what may be imported instead', async () => {
    const prompt = dialectOf(presetConfig('strict'), about).propose(request);
    expect(prompt).toContain(about.modules.join(', '));
    expect(prompt).not.toContain('pebble');
  });
});

it('the longest output that the sandbox lets through is told to proposers', async () => {
  const { output } = about.limits;
  expect(dialectOf(presetConfig('strict'), about).propose(request)).toContain(`at most ${output} characters`);
  const outcomes = await executor.run('def f(n):\n    return "x" * n', [`${output - 2}`, `${output - 1}`]);
  expect(outcomes.map(({ verdict }) => verdict)).toEqual(['ok', 'too-long']);
});
