/** Asking and counting, with a model and a Python that do as they are told. */
import { describe, expect, it } from 'vitest';
import type { Engine, Rollout, SampleRequest } from '../../../src/engine/engine';
import { heldOutMetrics } from '../../../src/evals/during';
import {
  type Answered,
  type AnswerOptions,
  type Attempt,
  answer,
  detailsOf,
  summarise,
} from '../../../src/evals/evaluate';
import { interval, wilson } from '../../../src/evals/pass';
import type { HeldOutTask } from '../../../src/evals/tasks';
import type { Executor, Judgement, Question, Trace } from '../../../src/sandbox/executor';
import type { Dialect } from '../../../src/selfplay/dialect';
import { backwards } from '../../../src/selfplay/scratchpad';
import { Truths } from '../../../src/selfplay/truths';
import type { Mode } from '../../../src/store/records';

const task = (id: string, change: Partial<HeldOutTask> = {}): HeldOutTask => ({
  id,
  mode: 'deduction',
  level: null,
  program: `program ${id}`,
  pairs: [['1', id]],
  message: '',
  ...change,
});

const encode = (text: string) => Int32Array.from(text, (character) => character.charCodeAt(0));
const decode = (tokens: Int32Array) => String.fromCharCode(...tokens);

/** A prompt is the question as JSON; "=x" answers x, "=x#t" thinks t before, "~x" has the wrong format, all else is nothing. */
const dialect = {
  name: 'test',
  tokenizer: { encode, decode },
  stop: [7],
  solve: (question) => JSON.stringify(question),
  parseAnswer: (_mode, completion) =>
    '=~'.includes(completion[0])
      ? {
          format: completion[0] === '=',
          parsed: {
            kind: 'answer',
            answer: completion.slice(1).split('#')[0],
            thought: completion.split('#')[1] ?? '',
          },
        }
      : { format: false, parsed: null, reason: 'nothing' },
} as Dialect;

interface Script {
  /** What the model answers to a prompt: one after the other. */
  says?: (prompt: string, sample: number) => string;
  judge?: (question: Question) => Promise<boolean>;
  trace?: (input: string) => Trace;
}

/** The whole trace of a program that gives its input back. */
const traceOf = (input: string): Trace => ({
  verdict: 'ok',
  complete: true,
  output: input,
  steps: [
    { line: 1, depth: 0, kind: 'call', name: 'f', arguments: [['x', input]] },
    { line: 2, depth: 0, kind: 'return', value: input },
  ],
});
const truth = (input: string) => `\n1: x=${input}\n2: =${input}`;

function scripted({ says = () => '=1', judge = async () => true, trace = traceOf }: Script = {}) {
  const requests: SampleRequest[] = [];
  const questions: Question[] = [];
  const traced: string[] = [];
  const events: string[] = [];
  const engine = {
    async *sample(request: SampleRequest, control?: { signal?: AbortSignal }): AsyncGenerator<Rollout> {
      requests.push(request);
      try {
        // The last first: completions come as they are ready.
        for (let sample = request.samples - 1; sample >= 0; sample--) {
          for (let prompt = request.prompts.length - 1; prompt >= 0; prompt--) {
            control?.signal?.throwIfAborted();
            const tokens = encode(says(decode(request.prompts[prompt]), sample));
            events.push('written');
            yield {
              prompt,
              sample,
              tokens,
              logProbs: new Float32Array(tokens.length),
              stopReason: 'stop',
              policy: 1,
            };
            await new Promise((resolve) => setTimeout(resolve));
          }
        }
      } finally {
        events.push('closed');
      }
    },
  } as unknown as Engine;
  const executor = {
    async judge(question: Question): Promise<Judgement> {
      questions.push(question);
      events.push('judged');
      return { verdict: 'ok', output: '', ms: 0, steps: 0, correct: await judge(question) };
    },
    async trace(program: string, input: string): Promise<Trace> {
      traced.push(`${program}(${input})`);
      return trace(input);
    },
  } as unknown as Executor;
  const options: AnswerOptions = {
    engine,
    model: 'model',
    dialect,
    executor,
    samples: 1,
    sampling: { maxTokens: 5, temperature: 0 },
    seed: 9,
  };
  return { requests, questions, traced, events, options };
}

describe('answers', () => {
  it('are asked for in the words of the dialect, all at once', async () => {
    const { requests, options } = scripted();
    const induction = task('c', {
      mode: 'induction',
      message: 'm',
      pairs: [
        ['1', '2'],
        ['3', '4'],
        ['5', '6'],
      ],
    });
    await answer([task('a'), task('b', { mode: 'abduction' }), induction], { ...options, samples: 2 });
    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatchObject({
      model: 'model',
      samples: 2,
      maxTokens: 5,
      temperature: 0,
      stop: [7],
      seed: 9,
    });
    expect(requests[0].prompts.map((prompt) => JSON.parse(decode(prompt)))).toEqual([
      { mode: 'deduction', program: 'program a', input: '1' },
      { mode: 'abduction', program: 'program b', output: 'b' },
      { mode: 'induction', shown: [['1', '2']], message: 'm' },
    ]);
  });

  it('come in the order of the tasks, whatever the order in which they were written', async () => {
    const { options } = scripted({
      says: (prompt, sample) => `=${JSON.parse(prompt).program} ${sample}`,
      judge: async (question) => question.answer === 'program b 1',
    });
    const answered = await answer([task('a'), task('b')], { ...options, samples: 2 });
    expect(
      answered.map(({ task, attempts }) => [task.id, attempts.map(({ completion }) => completion)]),
    ).toEqual([
      ['a', ['=program a 0', '=program a 1']],
      ['b', ['=program b 0', '=program b 1']],
    ]);
    expect(answered[1].attempts[1]).toEqual({
      completion: '=program b 1',
      tokens: 12,
      format: true,
      correct: true,
      exact: false,
      stopReason: 'stop',
    });
    expect(answered.flatMap(({ attempts }) => attempts.map(({ correct }) => correct))).toEqual([
      false,
      false,
      false,
      true,
    ]);
  });

  it.each([
    ['=1', { format: true, correct: true }],
    ['~1', { format: false, correct: true }],
    ['1', { format: false, correct: false }],
  ])('%j: %o', async (completion, expected) => {
    const { options } = scripted({ says: () => completion });
    expect((await answer([task('a')], options))[0].attempts[0]).toMatchObject(expected);
  });

  it('to error are compared with the name', async () => {
    const { options, questions } = scripted({ says: (_, sample) => ['= ValueError', '=KeyError'][sample] });
    const error = task('a', { mode: 'error', pairs: [['1', 'ValueError']] });
    const [{ attempts }] = await answer([error], { ...options, samples: 2 });
    expect(attempts.map(({ correct }) => correct)).toEqual([true, false]);
    expect(questions).toEqual([]);
  });

  it('to induction are judged by the hidden pairs', async () => {
    const { options, questions } = scripted({ says: () => '=def f' });
    const pairs: HeldOutTask['pairs'] = [1, 2, 3, 4].map((n) => [`${n}`, `${n}`]);
    await answer([task('a', { mode: 'induction', pairs })], options);
    expect(questions).toEqual([{ mode: 'induction', pairs: pairs.slice(2), answer: 'def f' }]);
  });

  it('that are equal are judged once for each task', async () => {
    const { options, questions } = scripted({ says: (_, sample) => (sample === 0 ? '=2' : '=1') });
    const answered = await answer([task('a'), task('b')], { ...options, samples: 4 });
    expect(questions.map((question) => question.answer).sort()).toEqual(['1', '1', '2', '2']);
    expect(answered.flatMap(({ attempts }) => attempts).every(({ correct }) => correct)).toBe(true);
  });

  it('are judged while others are being written', async () => {
    const { options, events } = scripted();
    await answer([task('a'), task('b')], options);
    expect(events).toEqual(['written', 'judged', 'written', 'judged', 'closed']);
  });

  it('are not asked for where the prompt is too long, and count as wrong', async () => {
    const { options, requests } = scripted();
    const long = task('long', { program: 'x'.repeat(1000) });
    const answered = await answer([long, task('a')], { ...options, samples: 2, maxPrompt: 200 });
    expect(requests[0].prompts).toHaveLength(1);
    const nothing = {
      completion: '',
      tokens: 0,
      format: false,
      correct: false,
      exact: false,
      stopReason: 'unasked',
    };
    expect(answered[0].attempts).toEqual([nothing, nothing]);
    expect(answered[1].attempts.every(({ correct }) => correct)).toBe(true);
    expect(summarise(answered)).toMatchObject([{ n: 2, pass1: 0.5, unasked: 1, format: 1, tokens: 2 }]);
    const none = scripted();
    expect(await answer([long], { ...none.options, maxPrompt: 200 })).toMatchObject([
      { attempts: [nothing] },
    ]);
    expect(none.requests).toEqual([]);
  });

  it('tell how far they are', async () => {
    const { options } = scripted();
    const told: string[] = [];
    await answer([task('a'), task('b')], {
      ...options,
      samples: 2,
      onProgress: ({ done, total }) => told.push(`${done}/${total}`),
    });
    expect(told).toEqual(['1/4', '2/4', '3/4', '4/4']);
  });

  it('end with the failure of the sandbox, and the model stops', async () => {
    const { options, events } = scripted({ judge: () => Promise.reject(new Error('no Python')) });
    const tasks = Array.from({ length: 20 }, (_, index) => task(String(index)));
    await expect(answer(tasks, options)).rejects.toThrow('no Python');
    expect(events.filter((event) => event === 'written').length).toBeLessThan(4);
    expect(events.at(-1)).toBe('closed');
  });

  it('can be given up', async () => {
    const { options } = scripted();
    const stop = new AbortController();
    const tasks = Array.from({ length: 20 }, (_, index) => task(String(index)));
    const onProgress = () => stop.abort(new Error('stopped'));
    await expect(answer(tasks, { ...options, onProgress, signal: stop.signal })).rejects.toThrow('stopped');
  });

  it('that the engine does not give are missed', async () => {
    const { options } = scripted();
    const engine = { async *sample() {} } as unknown as Engine;
    await expect(answer([task('a')], { ...options, engine })).rejects.toThrow(
      'The engine was asked for 1 answers and gave 0',
    );
  });
});

describe('an answer is exact', () => {
  const deduction = task('a');
  const abduction = task('a', { mode: 'abduction' });
  const induction = task('a', {
    mode: 'induction',
    pairs: [
      ['1', '1'],
      ['2', '2'],
    ],
  });
  const exactly = async (asked: HeldOutTask, says: string, script: Script = {}) => {
    const { options, traced } = scripted({ says: () => says, ...script });
    const [{ attempts }] = await answer([asked], options);
    return { exact: attempts[0].exact, traced };
  };

  it.each<[string, HeldOutTask, string, boolean | null]>([
    ['whose thought is the true trace of the input', deduction, `=a#${truth('1')}`, true],
    [
      'of an abduction from the end, of the input that it gives',
      abduction,
      `=5#${backwards(truth('5'))}`,
      true,
    ],
    ['but not if that is told from the beginning', abduction, `=5#${truth('5')}`, false],
    ['nor if it is the trace of another input', abduction, `=5#${backwards(truth('1'))}`, false],
    ['nor if a word is wrong', deduction, `=a#${truth('1')} `, false],
    ['nor in the wrong format', deduction, `~a#${truth('1')}`, false],
    ['nor without a thought', deduction, '=a', false],
    ['nor without an answer', deduction, truth('1'), false],
    ['and there is no such thing in induction', induction, `=a#${truth('1')}`, null],
  ])('%s', async (_, asked, says, expected) => {
    expect((await exactly(asked, says)).exact).toBe(expected);
  });

  it('only if it is right, and nothing is traced for others', async () => {
    const wrong = await exactly(deduction, `=a#${truth('1')}`, { judge: async () => false });
    expect(wrong).toEqual({ exact: false, traced: [] });
    expect(await exactly(deduction, '=a')).toEqual({ exact: false, traced: [] });
  });

  it('not where the trace was cut', async () => {
    const trace = (input: string): Trace => ({ ...traceOf(input), complete: false });
    expect(await exactly(deduction, `=a#${truth('1')}`, { trace })).toMatchObject({ exact: false });
  });

  it('by one trace for each input, however often that is asked', async () => {
    const { options, traced } = scripted({ says: () => `=a#${truth('1')}` });
    const truths = new Truths(options.executor);
    for (let again = 0; again < 2; again++) await answer([deduction], { ...options, samples: 3, truths });
    expect(traced).toEqual(['program a(1)']);
  });
});

// ---- Counting --------------------------------------------------------------------------------------------------------

/** "+" counts, "*" is exact, too, "-" is wrong, "~" is right in the wrong format. */
const answered = (
  id: string,
  outcomes: string,
  mode: Mode = 'deduction',
  level: number | null = null,
): Answered => ({
  task: task(id, { mode, level }),
  attempts: [...outcomes].map(
    (outcome, index): Attempt => ({
      completion: '',
      tokens: 10 * (index + 1),
      format: outcome !== '~',
      correct: outcome !== '-',
      exact: mode === 'induction' ? null : outcome === '*',
      stopReason: 'stop',
    }),
  ),
});

describe('a summary', () => {
  it('is by mode and level, then by mode', () => {
    const results = summarise([
      answered('a', '+', 'induction', 10),
      answered('b', '-', 'deduction', 2),
      answered('c', '+', 'deduction', 1),
      answered('d', '+', 'deduction', 2),
      answered('e', '-', 'induction'),
    ]);
    expect(results.map(({ mode, level, n, pass1 }) => [mode, level, n, pass1])).toEqual([
      ['deduction', 1, 1, 1],
      ['deduction', 2, 2, 0.5],
      ['induction', 10, 1, 1],
      ['deduction', null, 3, 2 / 3],
      ['induction', null, 2, 0.5],
    ]);
  });

  it('counts what is right and kept the format', () => {
    const [result] = summarise([
      answered('a', '+'),
      answered('b', '~'),
      answered('c', '-'),
      answered('d', '+'),
    ]);
    const [low, high] = wilson(2, 4);
    expect(result).toEqual({
      mode: 'deduction',
      level: null,
      n: 4,
      pass1: 0.5,
      low,
      high,
      exact: 0,
      exactLow: 0,
      exactHigh: wilson(0, 4)[1],
      passK: { 1: 0.5 },
      format: 0.75,
      tokens: 10,
      unasked: 0,
    });
  });

  it('of several answers to a task tells pass@k, and how sure it is over tasks', () => {
    const [result] = summarise([answered('a', '+---+'), answered('b', '-----'), answered('c', '+++++')], {
      seed: 3,
    });
    expect(result).toMatchObject({ n: 3, tokens: 30, format: 1 });
    expect(result.pass1).toBeCloseTo((0.4 + 0 + 1) / 3, 12);
    // Of 5 answers with 2 right: 1 - 3/10 for two, 1 - 0 for four.
    expect(Object.keys(result.passK)).toEqual(['1', '2', '4', '5']);
    expect(result.passK[2]).toBeCloseTo((0.7 + 0 + 1) / 3, 12);
    expect(result.passK[4]).toBeCloseTo(2 / 3, 12);
    expect([result.low, result.high]).toEqual(interval([0.4, 0, 1], 3));
  });

  it('tells how much of it is exact', () => {
    const made = [answered('a', '*'), answered('b', '+'), answered('c', '-'), answered('d', '*')];
    const [low, high] = wilson(2, 4);
    expect(summarise(made)[0]).toMatchObject({ pass1: 0.75, exact: 0.5, exactLow: low, exactHigh: high });
    const [several] = summarise([answered('a', '*+--'), answered('b', '****')], { seed: 3 });
    expect(several.exact).toBe(0.625);
    expect([several.exactLow, several.exactHigh]).toEqual(interval([0.25, 1], 3));
    const [none] = summarise([answered('a', '+', 'induction')]);
    expect(none).toMatchObject({ pass1: 1, exact: null, exactLow: null, exactHigh: null });
  });

  it('goes into metrics, by mode and by level', () => {
    const metrics = heldOutMetrics(
      summarise([
        answered('a', '*', 'deduction', 1),
        answered('b', '+', 'deduction', 2),
        answered('c', '+', 'induction', 1),
      ]),
    );
    expect(metrics).toMatchObject({
      'heldout/deduction': 1,
      'heldout/deduction/exact': 0.5,
      'heldout/deduction/level_1/exact': 1,
      'heldout/deduction/level_2': 1,
      'heldout/deduction/level_2/exact': 0,
    });
    expect(Object.keys(metrics).filter((name) => name.startsWith('heldout/induction'))).not.toContain(
      'heldout/induction/exact',
    );
  });

  it('can be had task by task', () => {
    expect(detailsOf([answered('a', '*+-~'), answered('b', '++', 'induction', 3)])).toEqual([
      { id: 'a', mode: 'deduction', level: null, right: 0.5, exact: 0.25 },
      { id: 'b', mode: 'induction', level: 3, right: 1, exact: null },
    ]);
  });

  it('tells what it is asked for, as far as there are answers', () => {
    const [result] = summarise([answered('a', '+-+'), answered('b', '-+')], { ks: [1, 2, 3] });
    expect(Object.keys(result.passK)).toEqual(['1', '2']);
  });

  it.each([
    ['none', '----', [0, 0.4899]],
    ['all', '++++', [0.5101, 1]],
  ])('is not certain where %s are right', (_name, outcomes, [low, high]) => {
    const [result] = summarise(['a', 'b', 'c', 'd'].map((id) => answered(id, outcomes)));
    expect(result.low).toBeCloseTo(low, 4); // 1.96^2 / (4 + 1.96^2) = 0.4899
    expect(result.high).toBeCloseTo(high, 4);
  });

  it('of nothing is nothing', () => {
    expect(summarise([])).toEqual([]);
  });
});
