/**
 * What the trusted side makes of what interpreters say, lies included. A scripted port stands for the warden; the real one is
 * tested in Chromium (tests/browser/sandbox).
 */
import { afterEach, describe, expect, it } from 'vitest';
import { SandboxExecutor } from '../../../src/sandbox/client';
import { SandboxClosedError } from '../../../src/sandbox/errors';
import { defaultLimits, type Question } from '../../../src/sandbox/executor';
import type { FromWarden, Job, JobResult, Report, ToWarden } from '../../../src/sandbox/protocol';

const about = {
  python: '3.14.2',
  interpreters: 2,
  stopping: 'interrupt',
  startedIn: 1,
  limits: defaultLimits,
  modules: [],
} as const;

let open: { executor: SandboxExecutor; warden: MessagePort }[] = [];
afterEach(async () => {
  for (const { executor, warden } of open) {
    await executor.dispose();
    warden.close();
  }
  open = [];
});

/** An executor whose jobs are answered by `answer`; undefined answers nothing. */
function executorWith(answer: (job: Job) => Omit<JobResult, 'id'> | undefined, limits = defaultLimits) {
  const { port1, port2 } = new MessageChannel();
  const sent: ToWarden[] = [];
  port2.onmessage = ({ data }: MessageEvent<ToWarden>) => {
    sent.push(data);
    if (data.type !== 'work') return;
    const results = data.jobs.flatMap((job) => {
      const result = answer(job);
      return result ? [{ id: job.id, ...result }] : [];
    });
    port2.postMessage({ type: 'results', results } satisfies FromWarden);
  };
  const executor = new SandboxExecutor(port1, { ...about, limits, modules: [] });
  open.push({ executor, warden: port2 });
  return { executor, sent, warden: port2 };
}

const says = (answer: unknown): Report => ({ text: JSON.stringify(answer), settled: false, ms: 1 });
const ok = (...outputs: string[]) =>
  says({ outcomes: outputs.map((output) => ({ verdict: 'ok', output, steps: 3 })) });
const first = (report: Report) => ({ first: { ...report, seed: 0 as const } });
const both = (a: Report, b: Report) => ({ ...first(a), second: { ...b, seed: 1 as const } });

describe('inputs', () => {
  it('reach an interpreter as literals written anew, never as the text that was given', async () => {
    const { executor, sent } = executorWith(() => first(ok('1')));
    await executor.run('def f(a, key): return 1', ['  0x10 ,key = "a" \'b\'  # note']);
    expect(sent[0]).toMatchObject({
      jobs: [{ work: { calls: ['[[16],{"key":"ab"}]'] } }],
    });
  });

  it('that are no argument lists cost their own verdict, and no interpreter sees them', async () => {
    const { executor, sent } = executorWith(() => first(ok('1', '3')));
    const outcomes = await executor.run('def f(a): return a', ['1', '2) or (True', '3']);
    expect(outcomes.map(({ verdict }) => verdict)).toEqual(['ok', 'syntax', 'ok']);
    expect(JSON.stringify(sent)).not.toContain('True');
  });
});

describe('gold answers', () => {
  it('stay on this side', async () => {
    const { executor, sent } = executorWith(() => both(ok('1'), ok('1')));
    await executor.judge({ mode: 'abduction', program: 'def f(a): return a', gold: '987654', answer: '1' });
    await executor.judge({ mode: 'induction', pairs: [['1', '987654']], answer: 'def f(a): return a' });
    await executor.judge({ mode: 'deduction', gold: '987654', answer: '1' });
    expect(sent).toHaveLength(2);
    expect(JSON.stringify(sent)).not.toContain('987654');
  });

  it('that are no literals make every answer wrong, and say why', async () => {
    const { executor } = executorWith(() => both(ok('1'), ok('1')));
    const judgement = await executor.judge({ mode: 'deduction', gold: 'Fraction(1, 3)', answer: '1' });
    expect(judgement).toMatchObject({ verdict: 'unsupported-value', correct: false });
  });
});

describe('two interpreters', () => {
  const validate = async (a: Report, b: Report, inputs = ['1']) => {
    const { executor } = executorWith(() => both(a, b));
    return executor.validate('def f(a): return a', inputs);
  };

  it('that agree give the value', async () => {
    expect(await validate(ok('{1, 2}'), ok('{2, 1}'))).toMatchObject([{ verdict: 'ok', output: '{1, 2}' }]);
  });

  it.each([
    ['other values', ok('1'), ok('2')],
    ['other types', ok('1'), ok('True')],
    ['a value and an error', ok('1'), says({ outcomes: [{ verdict: 'error', reason: 'no', steps: 1 }] })],
  ])('that give %s make it nondeterministic', async (_what, a, b) => {
    expect(await validate(a, b)).toMatchObject([{ verdict: 'nondeterministic' }]);
  });

  it('answer in opposite orders', async () => {
    expect(await validate(ok('1', '2'), ok('2', '1'), ['1', '2'])).toMatchObject([
      { verdict: 'ok', output: '1' },
      { verdict: 'ok', output: '2' },
    ]);
  });

  it('are both needed', async () => {
    const stopped: Report = { stopped: 'crash', reason: 'gone', ms: 1 };
    expect(await validate(ok('1'), stopped)).toMatchObject([{ verdict: 'crash' }]);
  });

  it('are not replaced by one that claims to be settled', async () => {
    const { executor } = executorWith(() => first({ ...ok('1'), settled: true }));
    expect(await executor.validate('def f(a): return a', ['1'])).toMatchObject([{ verdict: 'crash' }]);
  });
});

describe('an interpreter that lies', () => {
  it.each([
    ['no JSON', { text: 'gotcha', settled: false, ms: 1 }],
    ['too few outcomes', ok()],
    ['too many outcomes', ok('1', '1')],
    ['a value that is no literal', ok('evil()')],
    ['a verdict that does not exist', says({ outcomes: [{ verdict: 'correct', output: '1' }] })],
    ['an output that is no text', says({ outcomes: [{ verdict: 'ok', output: { toString: 1 } }] })],
    ['null', says(null)],
    ['a list', says([])],
    ['outcomes that are none', says({ outcomes: [null] })],
  ] as [string, Report][])('and says %s has crashed', async (_what, report) => {
    const { executor } = executorWith(() => first(report));
    expect(await executor.run('def f(a): return a', ['1'])).toMatchObject([{ verdict: 'crash' }]);
  });

  it('is not believed about measures and traces either', async () => {
    const { executor } = executorWith(() => first(says({ verdict: 'ok', steps: 7 })));
    expect(await executor.trace('def f(a): return a', '1')).toMatchObject({ verdict: 'crash', steps: [] });
    const { executor: other } = executorWith(() => first({ text: '{', settled: true, ms: 1 }));
    expect(await other.measure('x')).toMatchObject({ verdict: 'crash' });
  });
});

describe('names of exceptions', () => {
  const raises = (a: Report, b: Report) =>
    executorWith(() => both(a, b)).executor.raises('def f(a): return a', ['1']);

  it('are asked for, and are what comes back', async () => {
    const { executor, sent } = executorWith(() => both(ok('ValueError'), ok('ValueError')), {
      ...defaultLimits,
      output: 5,
    });
    expect(await executor.raises('def f(a): return a', ['1'])).toMatchObject([
      { verdict: 'ok', output: 'ValueError' },
    ]);
    expect(sent[0]).toMatchObject({ jobs: [{ twoSeeds: true, work: { raises: true, passes: 2 } }] });
    await executor.validate('def f(a): return a', ['1']);
    expect(sent[1]).toMatchObject({ jobs: [{ work: { raises: false } }] });
  });

  it('must be the same in both interpreters', async () => {
    expect(await raises(ok('ValueError'), ok('NoError'))).toMatchObject([{ verdict: 'nondeterministic' }]);
    const failed = says({ verdict: 'error', reason: 'RecursionError', steps: 1 });
    expect(await raises(ok('ValueError'), failed)).toMatchObject([{ verdict: 'nondeterministic' }]);
  });

  it.each(['', '1', "'a'", 'a b', 'a.b', 'Ö', 'A'.repeat(101)])('are names: %j is none', async (output) => {
    expect(await raises(ok(output), ok(output))).toMatchObject([{ verdict: 'crash' }]);
  });
});

describe('rewriting', () => {
  const strip = { kind: 'strip', comments: true, globals: false, prints: false } as const;
  const rewrite = (report: Report, program = 'def f(): pass') =>
    executorWith(() => first(report)).executor.rewrite(program, strip);

  it('goes to one interpreter and comes back as a program', async () => {
    const { executor, sent } = executorWith(() => first(says({ verdict: 'ok', program: 'x', plain: true })));
    expect(await executor.rewrite('x # a', strip)).toEqual({ verdict: 'ok', program: 'x' });
    const work = { kind: 'rewrite', source: 'x # a', rewriting: strip };
    expect(sent).toMatchObject([{ jobs: [{ twoSeeds: false, work }] }]);
    const checked = await executor.check([{ kind: 'rewrite', program: 'x # a', rewriting: strip }]);
    expect(checked).toEqual([{ kind: 'rewrite', rewritten: { verdict: 'ok', program: 'x' } }]);
  });

  it('passes on why it cannot be', async () => {
    const refused = { verdict: 'not-composite', reason: 'f does not call g_0.' };
    expect(await rewrite(says({ ...refused, plain: true }))).toEqual(refused);
  });

  it.each([
    says({ verdict: 'ok', program: 7 }),
    says({ verdict: 'ok' }),
    says({ verdict: 'splendid', reason: 'a' }),
    says({ verdict: 'banned', reason: { toString: 1 } }),
    says(null),
    { text: '{', settled: true, ms: 1 },
  ])('does not believe %j', async (report) => {
    expect(await rewrite(report)).toMatchObject({ verdict: 'crash' });
  });

  it('gives and takes no program that is too long', async () => {
    const long = '#'.repeat(defaultLimits.source + 1);
    expect(await rewrite(says({ verdict: 'ok', program: long }))).toMatchObject({ verdict: 'too-long' });
    const { executor, sent } = executorWith(() => first(says({ verdict: 'ok', program: '' })));
    expect(await executor.rewrite(long, strip)).toMatchObject({ verdict: 'too-long' });
    const functions = [{ name: 'g_0', program: long }];
    expect(await executor.rewrite('', { kind: 'compose', functions })).toMatchObject({ verdict: 'too-long' });
    expect(sent).toEqual([]);
  });
});

describe('limits', () => {
  it('hold for what comes back as for what goes in: values may be as deep as the caller allows', async () => {
    const deep = `${'['.repeat(50)}${']'.repeat(50)}`;
    const { executor } = executorWith(() => both(ok(deep), ok(`${deep} `)), { ...defaultLimits, depth: 60 });
    const program = 'def f(a): return a';
    expect(await executor.validate(program, [deep])).toMatchObject([{ verdict: 'ok', output: deep }]);
    const questions: Question[] = [
      { mode: 'deduction', gold: deep, answer: deep },
      { mode: 'abduction', program, gold: deep, answer: deep },
      { mode: 'induction', pairs: [[deep, deep]], answer: program },
    ];
    for (const question of questions) expect(await executor.judge(question)).toMatchObject({ correct: true });
  });

  it('refuse an output that is too long to show, but not to judge', async () => {
    const long = `'${'a'.repeat(defaultLimits.output)}'`;
    const { executor } = executorWith(() => both(ok(long), ok(long)));
    expect(await executor.validate('def f(a): return a', ['1'])).toMatchObject([{ verdict: 'too-long' }]);
    const question = { mode: 'abduction', program: 'def f(a): return a', gold: long, answer: '1' } as const;
    expect(await executor.judge(question)).toMatchObject({ verdict: 'ok', correct: true });
  });

  it('refuse a program that is too long without running it', async () => {
    const { executor, sent } = executorWith(() => first(ok('1')));
    const outcomes = await executor.run('#'.repeat(defaultLimits.source + 1), ['1']);
    expect(outcomes).toMatchObject([{ verdict: 'too-long' }]);
    expect(sent).toEqual([]);
  });
});

describe('induction', () => {
  const pairs: [string, string][] = [
    ['1', '2'],
    ['2', '4'],
  ];
  const judge = (report: Report, reversed: Report) =>
    executorWith(() => both(report, reversed)).executor.judge({
      mode: 'induction',
      pairs,
      answer: 'def f(a): ...',
    });

  it('is right if every pair is', async () => {
    expect(await judge(ok('2', '4'), ok('4', '2'))).toMatchObject({
      correct: true,
      right: [true, true],
      output: '[2, 4]',
    });
  });

  it('tells which pairs are', async () => {
    expect(await judge(ok('2', '5'), ok('5', '2'))).toMatchObject({ correct: false, right: [true, false] });
  });

  it('tells what went wrong', async () => {
    const failed = says({ verdict: 'banned', reason: 'It imports os.', steps: 0 });
    expect(await judge(failed, failed)).toMatchObject({
      correct: false,
      verdict: 'banned',
      reason: 'It imports os.',
    });
  });
});

describe('a batch', () => {
  it('travels in one message, and is answered in its order', async () => {
    const { executor, sent } = executorWith((job) =>
      first(ok(job.work.kind === 'run' ? job.work.source : '0')),
    );
    const seen: number[] = [];
    const checked = await executor.check(
      ['1', '2', '3'].map((program) => ({ kind: 'run', program, inputs: [''] })),
      { onProgress: ({ done }) => seen.push(done) },
    );
    expect(checked).toMatchObject(['1', '2', '3'].map((output) => ({ outcomes: [{ output }] })));
    expect(sent).toHaveLength(1);
    expect(seen).toEqual([1, 2, 3]);
  });

  it('can be aborted', async () => {
    const { executor, sent } = executorWith(() => undefined);
    const controller = new AbortController();
    const checking = executor.check([{ kind: 'run', program: '', inputs: ['1'] }], {
      signal: controller.signal,
    });
    await new Promise((done) => setTimeout(done, 20));
    controller.abort();
    await expect(checking).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
    await new Promise((done) => setTimeout(done, 20));
    expect(sent.at(-1)).toEqual({ type: 'cancel', ids: [1] });
  });
});

describe('the end', () => {
  it('fails the calls under way and later ones', async () => {
    const { executor } = executorWith(() => undefined);
    const running = executor.run('def f(): return 1', ['']);
    await executor.dispose();
    await expect(running).rejects.toThrow(SandboxClosedError);
    await expect(executor.run('def f(): return 1', [''])).rejects.toThrow(SandboxClosedError);
  });

  it('comes with a reason if no interpreter starts any more', async () => {
    const { executor, warden } = executorWith(() => undefined);
    const running = executor.run('def f(): return 1', ['']);
    warden.postMessage({ type: 'failed', reason: 'out of memory' } satisfies FromWarden);
    await expect(running).rejects.toThrow('reload the page. (out of memory)');
  });
});
