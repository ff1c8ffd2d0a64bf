/**
 * The sandbox as its callers see it, in a real browser with real Python. Whether it holds against those who mean harm is
 * attacks.test.ts; whether it computes what CPython computes, agreement.test.ts.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SandboxUnavailableError } from '../../../src/sandbox/errors';
import {
  type Check,
  defaultLimits,
  type Executor,
  type Outcome,
  type Rewriting,
} from '../../../src/sandbox/executor';
import { openSandbox } from '../../../src/sandbox/sandbox';

const identity = 'def f(a):\n    return a';

/** No loop of its own and no way to be interrupted: C, with a list too long to be sorted in time. */
const hang = 'def f(n):\n    return len(str(7 ** n) if n < 0 else bin((1 << n) ** 9))';

describe('an executor', () => {
  let executor: Executor;
  beforeAll(async () => {
    executor = await openSandbox();
  });
  afterAll(() => executor.dispose());

  const verdictOf = async (program: string, input: string): Promise<string> => {
    const [outcome] = await executor.validate(program, [input]);
    return outcome.verdict;
  };

  it('tells what it is', async () => {
    const about = await executor.about();
    expect(about).toMatchObject({ python: '3.14.2', stopping: 'interrupt', limits: defaultLimits });
    expect(about.interpreters).toBeGreaterThanOrEqual(2);
    expect(about.modules).toEqual(expect.arrayContaining(['math', 'collections', 're', 'itertools']));
    expect(about.modules).not.toContain('os');
  });

  it('runs a program on many inputs', async () => {
    const outcomes = await executor.run('def f(a, b=2):\n    return a * b', [
      '3',
      "'ab', 3",
      'b=[1], a=2',
      '{}',
    ]);
    expect(outcomes).toMatchObject([
      { verdict: 'ok', output: '6' },
      { verdict: 'ok', output: "'ababab'" },
      { verdict: 'ok', output: '[1, 1]' },
      { verdict: 'error', reason: expect.stringContaining('TypeError') },
    ]);
  });

  it('gives what a call changes in its arguments to no other call', async () => {
    const outcomes = await executor.validate('def f(a):\n    a.append(1)\n    return a', ['[]', '[]']);
    expect(outcomes).toMatchObject([{ output: '[1]' }, { output: '[1]' }]);
  });

  it.each([
    ['syntax', 'def f(a) return a', '1'],
    ['syntax', identity, '1, import'],
    ['banned', 'import os\ndef f(a):\n    return os.getcwd()', '1'],
    ['error', 'def f(a):\n    return 1 / a', '0'],
    ['error', 'def g(a):\n    return a', '0'],
    [
      'timeout',
      'def f(a):\n    while True:\n        try:\n            a += 1\n        except:\n            pass',
      '0',
    ],
    ['memory', 'def f(a):\n    while True:\n        a += a', "'ab'"],
    ['nondeterministic', 'def f(a):\n    return hash(a)', "'a'"],
    ['nondeterministic', 'def f(a):\n    return list(set(a))', "['a', 'b', 'c', 'd', 'e', 'f']"],
    ['nondeterministic', 'seen = []\ndef f(a):\n    seen.append(a)\n    return len(seen)', '1'],
    ['nondeterministic', 'def f(a):\n    return str(object())', '1'],
    ['unsupported-value', 'def f(a):\n    return lambda: a', '1'],
    ['unsupported-value', "def f(a):\n    return [float('nan')]", '1'],
    ['too-long', "def f(a):\n    return 'a' * a", '1000'],
    ['ok', "def f(n):\n    for i in range(n):\n        print('x' * 10 ** 5)\n    return n", '1000'],
    ['ok', identity, "{'a': [1, (2.5, None)], b'x': {3}}"],
  ])('says %s of %j', async (verdict, program, input) => {
    expect(await verdictOf(program, input)).toBe(verdict);
  });

  it('judges the three modes', async () => {
    const add = 'def f(a, b):\n    return a + b';
    const judge = async (question: Parameters<Executor['judge']>[0]) =>
      (await executor.judge(question)).correct;
    expect(await judge({ mode: 'deduction', gold: "['a']", answer: '[ "a" ]' })).toBe(true);
    expect(await judge({ mode: 'deduction', gold: "['a']", answer: "['b']" })).toBe(false);
    expect(await judge({ mode: 'abduction', program: add, gold: '5', answer: 'b=1,a=4' })).toBe(true);
    expect(await judge({ mode: 'abduction', program: add, gold: '5', answer: '5) or (True' })).toBe(false);
    const pairs: [string, string][] = [
      ['1, 2', '3'],
      ["'a', 'b'", "'ab'"],
    ];
    expect(await judge({ mode: 'induction', pairs, answer: add })).toBe(true);
    expect(await judge({ mode: 'induction', pairs, answer: 'def f(a, b):\n    return 3' })).toBe(false);
  });

  it('traces a run', async () => {
    const trace = await executor.trace(
      'def f(xs):\n    t = 0\n    for x in xs:\n        t += x\n    return t',
      '[4, 5]',
    );
    expect(trace).toMatchObject({ verdict: 'ok', output: '9', complete: true });
    expect(trace.steps).toContainEqual(
      expect.objectContaining({
        kind: 'operation',
        line: 4,
        operator: '+',
        operands: ['4', '5'],
        value: '9',
      }),
    );
  });

  it('measures a program without running it', async () => {
    const measured = await executor.measure('def f(a):\n    while a:\n        pass');
    expect(measured).toMatchObject({ verdict: 'ok', measures: { cyclomatic: 2, cognitive: 1, lines: 3 } });
    expect(await executor.measure('def f(')).toMatchObject({ verdict: 'syntax' });
  });

  it('tells which exception a call raises', async () => {
    const program = 'def f(a):\n    return [1, 2][a] if a >= 0 else {}[a]';
    const outcomes = await executor.raises(program, ['0', '5', '-1', 'import', "'a'"]);
    expect(outcomes.map((outcome) => (outcome.verdict === 'ok' ? outcome.output : outcome.verdict))).toEqual([
      'NoError',
      'IndexError',
      'KeyError',
      'syntax',
      'TypeError',
    ]);
    const verdict = async (source: string, input: string) =>
      (await executor.raises(source, [input]))[0].verdict;
    const byOrder =
      'def f(a):\n    kinds = dict(zip(a, [KeyError, OSError, ValueError, TypeError, NameError, IndexError]))\n' +
      '    raise kinds[list(set(a))[0]]';
    expect(await verdict(byOrder, "['a', 'b', 'c', 'd', 'e', 'f']")).toBe('nondeterministic');
    expect(await verdict('def f(a):\n    return f(a)', '1')).toBe('error');
    expect(await verdict('def f(a):\n    while True: pass', '1')).toBe('timeout');
    expect(await verdict(hang, '1000000000')).toMatch(/timeout|memory/);
  });

  it('rewrites programs without running them', async () => {
    const program = 'def f(a):\n    # why\n    print(a)\n    return a * 2\n\nwhile True:\n    pass\n';
    const rewritten = async (source: string, rewriting: Rewriting) => {
      const [checked] = await executor.check([{ kind: 'rewrite', program: source, rewriting }]);
      if (checked.kind !== 'rewrite' || checked.rewritten.verdict !== 'ok')
        throw new Error(JSON.stringify(checked));
      return checked.rewritten.program;
    };
    const stripped = await rewritten(program, { kind: 'strip', comments: true, globals: true, prints: true });
    expect(stripped).toBe('def f(a):\n    return a * 2\n\n');
    const named = await rewritten(stripped, { kind: 'rename', to: 'g_0' });
    expect(named).toBe('def g_0(a):\n    return a * 2\n');
    const functions = [{ name: 'g_0', program: named }];
    const whole = await rewritten('def f(a):\n    return g_0(a) + 1', { kind: 'compose', functions });
    expect(await executor.validate(whole, ['4'])).toMatchObject([{ verdict: 'ok', output: '9' }]);
    expect(await executor.rewrite('def f(a):\n    return g_0(a)', { kind: 'compose', functions })).toEqual({
      verdict: 'not-composite',
      reason: 'f only passes on what g_0 gives.',
    });
    const deep = `x = ${'-'.repeat(19_000)}1`;
    expect((await executor.rewrite(deep, { kind: 'rename', to: 'g_0' })).verdict).toMatch(/crash|syntax/);
  });

  it('makes nobody else pay for programs that hang, flood or break their interpreter', async () => {
    const bad = [
      ['def f(n):\n    while True:\n        pass', '1'],
      [hang, '1000000000'],
      ["def f(n):\n    return ['x' * 10 ** 7] * 10 ** 7", '1'],
      ['def f(n):\n    a = []\n    for i in range(n):\n        a = [a]\n    return a', '90000'],
      [
        'def f(s):\n    class A:\n        def __repr__(self):\n            return repr(self)\n    return repr(A())',
        "'x'",
      ],
    ];
    const checks: Check[] = Array.from({ length: 200 }, (_, index) => {
      const [program, input] = index % 40 === 17 ? bad[Math.floor(index / 40)] : [identity, String(index)];
      return { kind: 'validate', program, inputs: [input] };
    });
    const outcomes = (await executor.check(checks)).map((checked) =>
      checked.kind === 'validate' ? checked.outcomes[0] : undefined,
    ) as Outcome[];
    for (const [index, outcome] of outcomes.entries()) {
      if (index % 40 === 17) expect(outcome.verdict, bad[Math.floor(index / 40)][0]).not.toBe('ok');
      else expect(outcome).toMatchObject({ verdict: 'ok', output: String(index) });
    }
  });

  it('says the same however busy it is: steps are counted', async () => {
    const loop = (passes: number) =>
      `def f(n):\n    for i in range(${passes}):\n        n += i\n    return n`;
    const steps = async (program: string) => (await executor.run(program, ['0']))[0].steps;
    const [alone] = [await steps(loop(5_000))];
    const crowd = await Promise.all(Array.from({ length: 50 }, () => steps(loop(5_000))));
    expect(new Set(crowd)).toEqual(new Set([alone]));
    expect(await verdictOf(loop(defaultLimits.steps + 1), '0')).toBe('timeout');
  });
});

describe('without shared memory', () => {
  it('a program that hangs costs its interpreter, which is replaced', async () => {
    const executor = await openSandbox({ interrupts: false, limits: { hardTime: 700 } });
    expect(await executor.about()).toMatchObject({ stopping: 'terminate' });
    const [outcome] = await executor.run(hang, ['1000000000']);
    expect(outcome.verdict).toMatch(/timeout|memory/);
    expect(await executor.validate(identity, ['1'])).toMatchObject([{ verdict: 'ok', output: '1' }]);
    await executor.dispose();
  });
});

describe('limits', () => {
  it("are the caller's to set", async () => {
    const limits = { steps: 100, output: 5, depth: 2, source: 60, memory: 48 * 2 ** 20 };
    const executor = await openSandbox({ limits });
    const verdict = async (program: string, input: string) =>
      (await executor.run(program, [input]))[0].verdict;
    expect(await verdict('def f(n):\n    return sum([i for i in range(n)])', '200')).toBe('timeout');
    expect(await verdict(identity, '123456')).toBe('too-long');
    expect(await verdict('def f(n):\n    return [[[n]]]', '1')).toBe('too-long');
    expect(await verdict(`${identity}${' '.repeat(60)}`, '1')).toBe('too-long');
    expect(await verdict("def f(n):\n    return len('a' * n)", String(30 * 2 ** 20))).toBe('memory');
    expect(await verdict(identity, '1')).toBe('ok');
    await executor.dispose();
  });
});

describe('where no isolated Python can be had', () => {
  it('the sandbox refuses with a sentence, and leaves nothing behind', async () => {
    const createElement = document.createElement.bind(document);
    document.createElement = ((name: string) => {
      const element = createElement(name);
      const setAttribute = element.setAttribute.bind(element);
      element.setAttribute = (attribute, value) =>
        setAttribute(attribute, attribute === 'sandbox' ? '' : value);
      return element;
    }) as typeof document.createElement;
    try {
      await expect(openSandbox({ patience: 1_500 })).rejects.toThrow(SandboxUnavailableError);
    } finally {
      document.createElement = createElement;
    }
    expect(document.querySelector('iframe[title="Python sandbox"]')).toBeNull();
  });

  it.each([
    ['is damaged', () => new Response(new Uint8Array(100))],
    ['is missing', () => new Response(null, { status: 404 })],
  ])('it refuses soon if a file of Python %s', async (_what, answer) => {
    const { fetch } = window;
    window.fetch = async (url, init) => (/python-[^/]*-1\./.test(String(url)) ? answer() : fetch(url, init));
    try {
      await expect(openSandbox()).rejects.toThrow(SandboxUnavailableError);
    } finally {
      window.fetch = fetch;
    }
  });
});
