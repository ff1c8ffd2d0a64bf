/** The strip over the timeline, and what a game is about. */
import { describe, expect, it } from 'vitest';
import { matterOf, proposedMatter, shownCalls } from '../../../src/app/replay/matter';
import { columnsOf, measuresOf, stripMeasures, stripOf } from '../../../src/app/replay/strip';
import { RunSeries } from '../../../src/app/state/series';
import type { Parsed, Task } from '../../../src/store/records';
import { answer, proposal, proposedJudged } from './replay-episodes';

const measure = (name: string) => stripMeasures.find((each) => each.name === name)!;

describe('the strip', () => {
  it('shows the mean over modes, of attempts that were trained on or else of estimates', () => {
    const series = new RunSeries();
    series.add(0, {});
    series.add(1, {
      'pred_code_o/accuracy': 1,
      'pred_code_o/estimate_accuracy': 0,
      'pred_code_i/estimate_accuracy': 0.5,
    });
    series.add(2, { 'pred_code_f/accuracy': 0.25 });
    expect([...stripOf(series, measure('right'))]).toEqual([Number.NaN, 0.75, 0.25]);
  });

  it('offers what the run has', () => {
    const series = new RunSeries();
    series.add(1, { 'gate/pass_rate': 0.5 });
    expect(measuresOf(series).map(({ name }) => name)).toEqual(['accepted']);
  });

  it('keeps the least and the most of steps that share a pixel', () => {
    const steps = [0, 1, 2, 3];
    expect(columnsOf(steps, [1, 5, 3, Number.NaN], 2)).toEqual([
      { low: 1, high: 5 },
      { low: 3, high: 3 },
    ]);
    expect(columnsOf([4], [7], 3)).toEqual([{ low: 7, high: 7 }, null, null]);
  });
});

describe('the matter of a game', () => {
  const task = { program: 'def f(y):\n    return y', pairs: [['1', '1']], message: 'm' } as Task;

  it('is what was proposed, with outputs as far as it ran', () => {
    expect(proposedMatter(proposal())).toEqual({
      program: 'def f(x):\n    return x',
      calls: [{ input: '2', output: '2' }],
      message: '',
    });
    const failed = proposal({ judged: { ...proposedJudged, outputs: [] } });
    expect(proposedMatter(failed)?.calls).toEqual([{ input: '2', output: null }]);
    expect(proposedMatter(proposal({ parsed: null }))).toBeNull();
  });

  it('of induction takes the program from the prompt, in both dialects', () => {
    const parsed: Parsed = { kind: 'proposal', program: '', inputs: ['1'], message: '', thought: '' };
    const program = 'def f(x):\n    return "⟨"';
    const ofPrompt = (prompt: string) =>
      proposedMatter(proposal({ mode: 'induction', prompt, parsed }))?.program;
    expect(ofPrompt('⟨new⟩⟨ind⟩def f(x):\n    return "⟨⟩"⟨think⟩')).toBe(program);
    const block = `### Program\n\n\`\`\`python\n${program}\nf(<|YOUR INPUT GOES HERE|>)\n\`\`\``;
    expect(ofPrompt(`Do it.\n\n${block}`)).toBe(program);
    expect(ofPrompt('something else')).toBeNull();
  });

  it('of an answer is the task, or else the proposal that it tries', () => {
    expect(matterOf(answer(), task, null)?.program).toBe(task.program);
    expect(matterOf(answer({ task: null }), null, proposal())?.calls).toEqual([{ input: '2', output: '2' }]);
    expect(matterOf(answer(), null, null)).toBeNull();
  });

  it('shows a solver of an induction the first half', () => {
    expect([shownCalls('induction', 8), shownCalls('induction', 5), shownCalls('deduction', 1)]).toEqual([
      4, 2, 1,
    ]);
  });
});
