/** What became of a game, in a word and in sentences: whatever the records can say has words, and the words say what happened. */
import { describe, expect, it } from 'vitest';
import { askedFor, whyNotTrained, whyNotWhole, whyOf } from '../../../src/app/replay/explain';
import { labelOf, refusalSentence, toneOf, verdictOf, verdicts } from '../../../src/app/replay/verdict';
import { failures } from '../../../src/sandbox/executor';
import { presetConfig } from '../../../src/selfplay/presets';
import { modes, refusals, roles } from '../../../src/store/records';
import { answer, answeredJudged, proposal, proposedJudged } from './replay-episodes';

describe('the verdict', () => {
  it('of a proposal is what the gate said, or what came of it', () => {
    expect(verdictOf(proposal())).toBe('accepted');
    expect(verdictOf(proposal({ task: null }))).toBe('spare');
    for (const refused of refusals)
      expect(verdictOf(proposal({ task: null, judged: { ...proposedJudged, refused } }))).toBe(refused);
  });

  it('of an answer tells wrong ones from those that do not run and from those that are right in part', () => {
    const judged = { ...answeredJudged, correct: false };
    expect(verdictOf(answer())).toBe('right');
    expect(verdictOf(answer({ judged }))).toBe('wrong');
    expect(verdictOf(answer({ judged: { ...judged, right: [false, false] } }))).toBe('wrong');
    expect(verdictOf(answer({ judged: { ...judged, right: [true, false] } }))).toBe('partly');
    expect(verdictOf(answer({ judged: { ...judged, verdict: 'timeout' } }))).toBe('broken');
    expect(verdictOf(answer({ judged: { kind: 'unread', reason: 'no end' } }))).toBe('unread');
  });

  it('has a label of its own each, and is good only where it is', () => {
    expect(new Set(verdicts.map(labelOf)).size).toBe(verdicts.length);
    expect(verdicts.filter((each) => toneOf(each) === 'good')).toEqual(['right', 'accepted']);
  });
});

describe('why', () => {
  it('gives the reason of everything that is refused', () => {
    expect(new Set(refusals.map(refusalSentence)).size).toBe(refusals.length);
    const why = (refused: 'leak' | 'dead', reason: string) =>
      whyOf(proposal({ task: null, judged: { ...proposedJudged, refused, reason, solveRate: null } }));
    expect(why('leak', 'An input comes twice.')).toEqual([refusalSentence('leak'), 'An input comes twice.']);
    expect(why('dead', 'The same in other words.')).toEqual([refusalSentence('dead')]);
  });

  it('says what Python said, for every failure there is', () => {
    const sentences = failures.map((verdict) => {
      const judged = { ...proposedJudged, verdict, refused: 'invalid' } as const;
      return whyOf(proposal({ task: null, judged }))[0];
    });
    expect(new Set(sentences).size).toBe(failures.length);
    expect(sentences[failures.indexOf('timeout')]).toBe('Refused: it took too long.');
  });

  it('knows verdicts that were not there when it was written', () => {
    const judged = { ...answeredJudged, verdict: 'novel', correct: false };
    expect(whyOf(answer({ judged }))[0]).toBe('Wrong: the verdict was "novel".');
  });

  it('names the task that came of a proposal, and how hard it is', () => {
    expect(whyOf(proposal())).toEqual(['Accepted: it became task 7.', '50 % of the attempts solved it.']);
  });

  it('says what was not read', () => {
    expect(whyOf(answer({ judged: { kind: 'unread', reason: 'There is no ⟨ans⟩.' } }))[1]).toBe(
      'There is no ⟨ans⟩.',
    );
  });

  it('tells how much of the thought is true', () => {
    const withTrace = (trace: number | null) => whyOf(answer({ judged: { ...answeredJudged, trace } }))[1];
    expect(withTrace(1)).toMatch(/to the letter/);
    expect(withTrace(0.25)).toMatch(/^25 %/);
    expect(withTrace(null)).toMatch(/no whole trace/);
  });

  it('counts what an induction got right of what it had not seen', () => {
    const judged = { ...answeredJudged, correct: false, right: [true, false, false] };
    expect(whyOf(answer({ mode: 'induction', judged }))[0]).toMatch(/^Partly right: 1 of 3/);
  });
});

it('asks every role something else in every mode', () => {
  const asked = roles.flatMap((role) => modes.map((mode) => askedFor(role, mode)));
  expect(new Set(asked).size).toBe(roles.length * modes.length);
});

describe('what is not learned from', () => {
  const strict = presetConfig('strict');

  it('says nothing of what is', () => {
    expect(whyNotTrained(answer(), strict)).toBeNull();
  });

  it('names the reason: a run of lessons, a frozen proposer, an estimate, a seed', () => {
    const untrained = { advantage: null };
    expect(whyNotTrained(answer(untrained), { ...strict, 'hindsight.policy': false })).toMatch(
      /lessons alone/,
    );
    expect(whyNotTrained(proposal(untrained), { ...strict, proposer: 'frozen' })).toMatch(/not trained/);
    expect(whyNotTrained(answer(untrained), strict)).toMatch(/how hard/);
    expect(whyNotTrained(proposal({ ...untrained, step: 0 }), strict)).toMatch(/before the first step/);
    expect(whyNotTrained(answer(untrained), null)).toMatch(/how hard/);
  });

  it('explains a right answer that is worth nothing', () => {
    const half = answer({ judged: { ...answeredJudged, trace: 0.5 } });
    expect(whyNotWhole(half, { ...strict, 'reward.trace': 'exact' })).toMatch(/very trace/);
    expect(whyNotWhole(half, { ...strict, 'reward.trace': 'off' })).toBeNull();
    expect(whyNotWhole(answer(), { ...strict, 'reward.trace': 'exact' })).toBeNull();
  });
});
