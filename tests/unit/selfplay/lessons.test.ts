/** What real Python traces passes for the truth: no lesson about a program that people or the grammar write is taken for a false one. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { defaultLimits, type Executor } from '../../../src/sandbox/executor';
import { readConfig } from '../../../src/selfplay/config';
import { goldAnswer, questionOf } from '../../../src/selfplay/questions';
import { Ledger } from '../../../src/selfplay/replay/ledger';
import { LessonCheck } from '../../../src/selfplay/replay/lessons';
import { dialectOf } from '../../../src/selfplay/speaking';
import { Truths, truthOf } from '../../../src/selfplay/truths';
import type { Lesson, Mode, StepRecord, Task } from '../../../src/store/records';
import { openNodePython } from '../../doubles/node-python';
import { levels, sampled } from '../grammar/sampled';

let python: Executor;
beforeAll(async () => {
  python = await openNodePython();
}, 60_000);
afterAll(() => python.dispose());

const config = readConfig({ dialect: 'compact', 'hindsight.tasks': 100_000 });

const odd: [program: string, input: string][] = [
  ['def f(x): return x', '3'],
  ['def f(x):\n    return set(x)', "'hello world'"],
  ['def f(x):\n    return {i % 3 for i in x}', '[5, 7, 2, 1]'],
  ['def f(x):\n    return {"b": x, "a": {2: x}}', "'it''s'"],
  ['def f(x):\n    return x / 3', '1'],
  ['def f(x):\n    return (x,)', '(1, 2.5, None)'],
  ['def f(x):\n    return x + " =7"', '"1: x= \'"'],
  ['def f(x):\n    return "⟨ans⟩" + x', "'⟨'"],
  ['def g(a):\n    return a * 2\ndef f(x):\n    return g(x) + g(1)', '4'],
  ['def f(x):\n    def h(n):\n        return n if n < 2 else h(n - 1) + n\n    return h(x)', '4'],
  ['def f(x):\n    return [a * a for a in x if a > 1]', '[1, 2, 3]'],
  ['def f(x):\n    return sorted(x, key=lambda a: -a)', '[1, 3, 2]'],
  ['def f(x):\n    try:\n        return 1 // x\n    except ZeroDivisionError:\n        return -1', '0'],
  [
    'def f(x):\n    for i in range(9):\n        if i * i > x:\n            break\n    else:\n        return 0\n    return i',
    '10',
  ],
  ['def f(x):\n    if not x:\n        return None\n    while x:\n        x = x[1:]\n    return x', "'abc'"],
  ['def f(x, y=2):\n    return x ** y', '3, y=3'],
  ['def f(*a):\n    return frozenset(a)', '1, 1'],
  ['def f(x):\n    a, *b = x\n    return b[::-1] + [a]', '[1, 2, 3]'],
  ['def f(x):\n    pass', '1'],
  [
    'class A:\n    def __init__(self, n):\n        self.n = n\n    def m(self):\n        return self.n + 1\ndef f(x):\n    return A(x).m()',
    '1',
  ],
  ['def f(x):\n    return "".join(reversed(x)) + "\\n\\\\"', "'a\\tb'"],
];

const recordOf = (lessons: Lesson[]): StepRecord => ({
  step: 1,
  at: 0,
  episodes: [],
  tasks: [],
  updates: [],
  metrics: {},
  alerts: [],
  lessons,
});

it('lessons about any program add up', async () => {
  const programs = [
    ...odd,
    ...levels.flatMap((level) =>
      sampled(level, 40).map(({ program, input }): [string, string] => [program, input]),
    ),
  ];
  const dialect = dialectOf(config, await python.about());
  const truths = new Truths(python);
  const tasks = new Map<number, Task>();
  const lessons: Lesson[] = [];
  let cut = 0;
  for (const [program, input] of programs) {
    const [outcome] = await python.validate(program, [input]);
    if (outcome.verdict !== 'ok') throw new Error(`${program} on ${input}: ${outcome.reason}`);
    for (const mode of ['deduction', 'abduction'] satisfies Mode[]) {
      const id = tasks.size + 1;
      const solvable = { mode, program, pairs: [[input, outcome.output]] as [[string, string]], message: '' };
      tasks.set(id, { ...solvable, id } as unknown as Task);
      const answer = goldAnswer(solvable);
      const thought = await truthOf(truths, solvable, answer);
      if (thought === null) cut++;
      else {
        const prompt = dialect.solve(questionOf(solvable));
        const completion = dialect.writeAnswer(mode, { answer, thought });
        lessons.push({ task: id, mode, kind: 'answer', prompt, completion });
      }
    }
  }
  const ledger = new Ledger();
  const recorded = { record: recordOf(lessons), seeding: false, inherits: false };
  new LessonCheck(config, ledger).check(recorded, (id) => tasks.get(id));
  expect(ledger.disagreements.map(({ message }) => message)).toEqual([]);
  expect(lessons.length).toBeGreaterThan(400);
  expect(cut).toBeLessThan(lessons.length / 10);
});

it('a set may be written in another order, and nothing else otherwise', () => {
  const dialect = dialectOf(config, { modules: [], limits: defaultLimits });
  const task = {
    id: 1,
    mode: 'deduction',
    program: 'def f(x):\n    return set(x)',
    pairs: [["'ab'", "{'a', 'b'}"]],
  };
  const found = (value: string) => {
    const ledger = new Ledger();
    const completion = dialect.writeAnswer('deduction', {
      answer: "{'a', 'b'}",
      thought: `\n2:set =${value}`,
    });
    const prompt = dialect.solve(questionOf(task as unknown as Task));
    const record = recordOf([{ task: 1, mode: 'deduction', kind: 'answer', prompt, completion }]);
    new LessonCheck(config, ledger).check(
      { record, seeding: false, inherits: false },
      () => task as unknown as Task,
    );
    return ledger.disagreements.map(({ what }) => what);
  };
  expect(found("{'b', 'a'}")).toEqual([]);
  expect(found("{'b', 'c'}")).toEqual(['lessons.thought']);
});
