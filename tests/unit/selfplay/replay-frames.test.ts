/** A run with a model that has a chat template of its own is checked like any other: replay finds the template out from the lessons. */
import { expect, it } from 'vitest';
import { type Config, readConfig } from '../../../src/selfplay/config';
import { checkLanguage } from '../../../src/selfplay/model-language';
import { replay } from '../../../src/selfplay/replay';
import { exportLog, openLog } from '../../../src/store/log';
import type { Lesson } from '../../../src/store/records';
import { playGame } from '../../doubles/game';
import { hubFiles } from '../../doubles/hub-model';
import { honest } from '../../doubles/scripts';

const changes: Partial<Config> = {
  dialect: 'think-answer',
  'tokens.response': 1000,
  'hindsight.tasks': 3,
  'hindsight.proposals': 2,
};

const vocabulary = await checkLanguage(readConfig(changes), { kind: 'files', files: hubFiles('qwen3') });
const { game, records } = await playGame(changes, {
  vocabulary: vocabulary!,
  script: (dialect) => honest(dialect, { skill: () => 0.5 }),
});

/** With the last answer that was taught rewritten. */
async function foundWith(rewrite: (lesson: Lesson) => Partial<Lesson>): Promise<string[]> {
  const log = await openLog(exportLog(await game.store.readRun('game'), { gzip: false }));
  async function* steps() {
    for await (const step of log.steps) {
      const lessons = [...(step.record.lessons ?? [])];
      const at = lessons.findLastIndex(({ kind, mode }) => kind === 'answer' && mode === 'deduction');
      if (step.record.step === records.at(-1)?.step)
        lessons[at] = { ...lessons[at], ...rewrite(lessons[at]) };
      yield { ...step, record: { ...step.record, lessons } };
    }
  }
  const { disagreements } = await replay({ run: log.run, steps: steps(), ending: null });
  return disagreements.map(({ what }) => what).filter((what) => what.startsWith('lessons'));
}

it('nothing is found where nothing is wrong', async () => {
  const lessons = records.flatMap((record) => record.lessons ?? []);
  expect(lessons.length).toBeGreaterThan(20);
  for (const { prompt, completion } of lessons) {
    expect(prompt).toMatch(/^<\|im_start\|>user\n.*<\|im_start\|>assistant\n<think>\n$/s);
    expect(completion).toMatch(/<\/answer><\|im_end\|>$/);
  }
  expect((await game.replayed()).disagreements).toEqual([]);
});

it.each<[what: string, rewrite: (lesson: Lesson) => Partial<Lesson>, found: string[]]>([
  ['nothing', () => ({}), []],
  [
    'another question',
    ({ prompt }) => ({ prompt: prompt.replace('# Program', '# Programme') }),
    ['lessons.prompt'],
  ],
  ['another template', ({ prompt }) => ({ prompt: prompt.replace('user', 'system') }), ['lessons.prompt']],
  [
    'another end',
    ({ completion }) => ({ completion: completion.replace('<|im_end|>', '<|endoftext|>') }),
    ['lessons.completion'],
  ],
  [
    'another answer',
    ({ completion }) => ({ completion: completion.replace('output\n', 'output\n0') }),
    ['lessons.completion'],
  ],
])('%s in one lesson is found', async (_what, rewrite, found) => {
  expect(await foundWith(rewrite)).toEqual(found);
});
