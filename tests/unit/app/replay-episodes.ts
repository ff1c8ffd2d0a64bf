/** Games for the tests of the replay: an accepted proposal and a right answer, with whatever a test wants to be different. */
import type { Episode, Judged } from '../../../src/store/records';

const shared = {
  step: 3,
  mode: 'deduction',
  group: 1,
  task: 7,
  proposal: null,
  tokens: new Int32Array(),
  logProbs: new Float32Array(),
  promptTokens: 4,
  stopReason: 'stop',
  policy: 2,
  format: true,
  reward: 0,
  terms: { base: 0 },
  advantage: 0.5,
  flags: [],
} as const;

export const proposedJudged: Extract<Judged, { kind: 'proposal' }> = {
  kind: 'proposal',
  verdict: 'ok',
  reason: null,
  outputs: ['2'],
  refused: null,
  solveRate: 0.5,
};

export const answeredJudged: Extract<Judged, { kind: 'answer' }> = {
  kind: 'answer',
  verdict: 'ok',
  reason: null,
  correct: true,
  right: null,
};

export const proposal = (change: Partial<Episode> = {}): Episode => ({
  ...shared,
  flags: [],
  id: 1,
  role: 'propose',
  prompt: '⟨new⟩⟨ded⟩⟨think⟩',
  completion: '⟨ans⟩def f(x):\n    return x⟨in⟩2⟨end⟩',
  parsed: { kind: 'proposal', program: 'def f(x):\n    return x', inputs: ['2'], message: '', thought: '' },
  judged: proposedJudged,
  ...change,
});

export const answer = (change: Partial<Episode> = {}): Episode => ({
  ...shared,
  flags: [],
  id: 2,
  role: 'solve',
  proposal: 1,
  prompt: '⟨ded⟩\n1:def f(x):\n2:    return x⟨in⟩2⟨think⟩',
  completion: '⟨ans⟩2⟨end⟩',
  parsed: { kind: 'answer', answer: '2', thought: '' },
  judged: answeredJudged,
  ...change,
});
