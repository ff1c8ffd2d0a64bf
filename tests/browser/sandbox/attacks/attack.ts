/**
 * @file What an attack is: a hostile program or a hostile answer, and the verdicts that refuse it.
 *
 * Programs are written as model output would be, so that each can be pasted into an issue. Two words in them are replaced before
 * a run: {{canary}} by a URL on another origin and {{own}} by one on the page's own, both counted by name (canary.ts).
 */
import type { Pair, Question, Verdict } from '../../../../src/sandbox/executor';

export interface Attack {
  name: string;
  family: string;
  /** What a guarded sandbox may answer. 'ok' stands here only for what is harmless, and then `output` says what it returns. */
  accept: Verdict[];
  output?: string;
  program?: string;
  inputs: string[];
  question?: Question;
  /** A good program that shows the damage, run right afterwards. */
  probe: Good;
  /** A worker without any protection never comes back from this one: there is nothing to learn by waiting for it. */
  hangs: boolean;
}

export interface Good {
  program: string;
  input: string;
  output: string;
}

type Extra = Partial<Pick<Attack, 'inputs' | 'output' | 'probe' | 'hangs'>>;
type Draft = Omit<Attack, 'family'>;

// ---- Verdicts that refuse ------------------------------------------------------------------------------------------

/** Named before it runs. */
export const banned: Verdict[] = ['banned'];
/** Named before it runs, or not there when it runs. */
export const blocked: Verdict[] = ['banned', 'error'];
/** It may run, since what it returns is looked at. */
export const notData: Verdict[] = ['unsupported-value', 'banned', 'error'];
/** Too much of something, and which limit it meets first does not matter. */
export const stopped: Verdict[] = ['timeout', 'memory', 'banned', 'error', 'too-long', 'crash'];
/** Different from run to run, or from interpreter to interpreter. */
export const wavering: Verdict[] = ['nondeterministic', 'banned', 'error'];
/** It may pass if what it tried had no effect: the probe tells. */
export const orHarmless = (refusals: Verdict[]): Verdict[] => [...refusals, 'ok'];

// ---- Writing attacks -----------------------------------------------------------------------------------------------

/** Takes away the indentation that a program has only because it stands in a TypeScript file. */
export function python(text: string): string {
  const lines = text.replace(/^\n/, '').trimEnd().split('\n');
  const margin = /^ */.exec(lines[0])![0].length;
  return `${lines.map((line) => line.slice(Math.min(margin, /^ */.exec(line)![0].length))).join('\n')}\n`;
}

/** A program that is validated, on the input 1 unless `inputs` says otherwise. */
export const program = (name: string, accept: Verdict[], source: string, extra: Extra = {}): Draft => ({
  name,
  accept,
  program: python(source),
  inputs: ['1'],
  probe: everyday,
  hangs: false,
  ...extra,
});

/** The same around statements that f runs before it returns its argument. */
export const body = (name: string, accept: Verdict[], statements: string, extra: Extra = {}): Draft =>
  program(name, accept, `def f(x):\n${python(statements).replace(/^(?=.)/gm, '    ')}    return x`, extra);

/** JavaScript that a program runs through the bridge that Pyodide has by default. */
export const script = (name: string, accept: Verdict[], code: string, extra: Extra = {}): Draft =>
  body(name, accept, `import js\njs.eval(${JSON.stringify(code)})`, extra);

/** Questions whose answers are wrong, however convincing. */
const question = (name: string, accept: Verdict[], asked: Question, extra: Extra = {}): Draft => ({
  name,
  accept,
  question: asked,
  inputs: [],
  probe: everyday,
  hangs: false,
  ...extra,
});

export const deduction = (name: string, accept: Verdict[], gold: string, answer: string, extra: Extra = {}) =>
  question(name, accept, { mode: 'deduction', gold, answer }, extra);

export const abduction = (
  name: string,
  accept: Verdict[],
  [source, gold]: [program: string, gold: string],
  answer: string,
  extra: Extra = {},
) => question(name, accept, { mode: 'abduction', program: python(source), gold, answer }, extra);

export const induction = (
  name: string,
  accept: Verdict[],
  pairs: Pair[],
  answer: string,
  extra: Extra = {},
) => question(name, accept, { mode: 'induction', pairs, answer: python(answer) }, extra);

export const family = (name: string, drafts: Draft[]): Attack[] =>
  drafts.map((draft) => ({ ...draft, family: name }));

// ---- Good programs -------------------------------------------------------------------------------------------------

/** Uses a little of everything that hostile programs like to change. */
export const everyday: Good = {
  program: python(`
    from collections import Counter
    import math

    def depth(n):
        return 0 if n == 0 else 1 + depth(n - 1)

    def f(x):
        words = sorted((str(n) for n in range(x)), key=lambda word: word[::-1])
        most = Counter('hello').most_common(1)
        kinds = [isinstance(x, int), isinstance(x, str), 7 == 7.0, not [], 'ell' in 'hello']
        numbers = [len(words), sum(map(int, words)), max(words), math.isqrt(x), abs(-x), round(x / 7, 3), depth(200)]
        return (most, kinds, numbers, repr({1: 'a'}), f'{x:05d}', 'a,b'.split(','), list(zip('ab', range(2))))
  `),
  input: '12',
  output:
    "([('l', 2)], [True, False, True, True, True], [12, 66, '9', 3, 12, 1.714, 200], \"{1: 'a'}\", '00012', " +
    "['a', 'b'], [('a', 0), ('b', 1)])",
};

/** Programs with outputs known by other means: `count` of them, all different. */
export function goodPrograms(count: number): Good[] {
  const kinds: ((n: number) => Good)[] = [
    (n) => ({ program: `def f(x):\n    return x * ${n} + 1\n`, input: '6', output: `${6 * n + 1}` }),
    (n) => ({ program: `def f(s):\n    return s[::-1] + '${n}'\n`, input: "'abc'", output: `'cba${n}'` }),
    (n) => ({
      program: `def f(xs, k):\n    return [x % k for x in xs if x != ${n}]\n`,
      input: `[${n}, 1000, 2000, 3300], k=7`,
      output: '[6, 5, 3]',
    }),
    (n) => ({
      program: `def f(x):\n    total = 0\n    for i in range(x):\n        total += i\n    return total\n`,
      input: `${n}`,
      output: `${(n * (n - 1)) / 2}`,
    }),
    (n) => ({
      program: `def f(d):\n    d['n'] = ${n}\n    return sorted(d.items())\n`,
      input: "{'z': 1, 'a': 2}",
      output: `[('a', 2), ('n', ${n}), ('z', 1)]`,
    }),
    (n) => ({
      program: `from collections import Counter\n\ndef f(s):\n    return Counter(s * ${n}).most_common(1)[0]\n`,
      input: "'banana'",
      output: `('a', ${3 * n})`,
    }),
    (n) => ({
      program: `import math\n\ndef f(x):\n    return math.gcd(x, ${12 * n}), x > ${n}\n`,
      input: `${18 * n}`,
      output: `(${6 * n}, True)`,
    }),
    (n) => ({
      program: `def fact(k):\n    return 1 if k < 2 else k * fact(k - 1)\n\ndef f(x):\n    return fact(x) % ${1000 + n}\n`,
      input: '9',
      output: `${362880 % (1000 + n)}`,
    }),
  ];
  return Array.from({ length: count }, (_, i) => kinds[i % kinds.length](1 + Math.floor(i / kinds.length)));
}
