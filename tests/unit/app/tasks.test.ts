/** Tasks: how complex they look, how they are found and ordered, where they lie on the map, and whose they are. */
import { describe, expect, it } from 'vitest';
import { countOfFamily, relativesOf } from '../../../src/app/tasks/family';
import {
  anything,
  findTasks,
  isLooking,
  type Looking,
  lookingFrom,
  lookingParams,
} from '../../../src/app/tasks/find';
import { complexityOf } from '../../../src/app/tasks/measure';
import { ratesByStep } from '../../../src/app/tasks/rates';
import { frameOf, pointAt, pointsOf, ramp, scattered, shades } from '../../../src/app/tasks/scatter';
import { taskList, taskListWith } from '../../../src/app/tasks/task-list';
import type { Snapshot, Task } from '../../../src/store/records';
import { answer, answeredJudged } from './replay-episodes';

const task = (id: number, change: Partial<Task> = {}): Task => ({
  id,
  mode: 'deduction',
  program: 'def f(x):\n    return x',
  pairs: [[String(id), String(id)]],
  effort: [id],
  message: '',
  thought: '',
  step: id,
  origin: 'proposed',
  parents: [],
  astHash: '',
  behaviour: '',
  solveRate: null,
  composite: [],
  ...change,
});

const snapshot = (change: Partial<Snapshot> = {}): Snapshot => ({
  step: 4,
  nextTask: 5,
  nextEpisode: 1,
  buffers: { deduction: [1, 2], abduction: [3], induction: [], error: [] },
  state: { buffers: { streaks: [], mastered: [4] } },
  ...change,
});

const tasks = [
  task(1, { origin: 'identity', step: 0 }),
  task(2, {
    parents: [1, 1],
    solveRate: 0.5,
    program: 'def f(x):\n    for i in x:\n        x += 1\n    return x',
  }),
  task(3, { mode: 'abduction', parents: [1, 2], solveRate: 1, message: 'Count the LETTERS' }),
  task(4, { parents: [3], solveRate: 0, pairs: [['"q"', "'r'"]] }),
];
const list = taskList('run', tasks, snapshot());

describe('complexity', () => {
  it('is the lines of a program that does nothing', () => {
    expect(complexityOf('def f(x):\n    # why\n\n    return x')).toEqual({ lines: 2, turns: 0, points: 2 });
  });

  it('counts every turn, and what is deeper for more', () => {
    const flat = 'def f(x):\n    if x:\n        x = 1\n    if x:\n        x = 2\n    return x';
    const deep = 'def f(x):\n    if x:\n        x = 1\n        if x:\n            x = 2\n    return x';
    expect(complexityOf(flat)).toMatchObject({ lines: 6, turns: 2, points: 8 });
    expect(complexityOf(deep)).toMatchObject({ lines: 6, turns: 2, points: 9 });
    expect(complexityOf('def f(x):\n    return [i for i in x if i and x]').turns).toBe(3);
  });

  it('takes no word in a text or a comment for a turn', () => {
    expect(complexityOf("def f(x):\n    return 'for if' # while").turns).toBe(0);
  });
});

describe('finding', () => {
  const find = (change: Partial<Looking>) =>
    [...findTasks(list, { ...anything, ...change })].map((place) => list.rows[place].task.id);

  it('shows the newest first where nothing is asked for', () => {
    expect(find({})).toEqual([4, 3, 2, 1]);
  });

  it('searches programs, inputs, outputs and messages in any case, and ids', () => {
    expect(find({ text: 'FOR I' })).toEqual([2]);
    expect(find({ text: '"q"' })).toEqual([4]);
    expect(find({ text: "'r'" })).toEqual([4]);
    expect(find({ text: 'letters' })).toEqual([3]);
    expect(find({ text: 'task 3' })).toEqual([3]);
  });

  it('filters by mode, by origin and by where a task is', () => {
    expect(find({ mode: 'abduction' })).toEqual([3]);
    expect(find({ origin: 'identity' })).toEqual([1]);
    expect(find({ where: 'buffer' })).toEqual([3, 2, 1]);
    expect(find({ where: 'left' })).toEqual([4]);
  });

  it('orders by every column both ways, and puts tasks that nobody tried last in both', () => {
    expect(find({ sort: 'rate', descending: false })).toEqual([4, 2, 3, 1]);
    expect(find({ sort: 'rate', descending: true })).toEqual([3, 2, 4, 1]);
    expect(find({ sort: 'complexity', descending: true })[0]).toBe(2);
    expect(find({ sort: 'mode', descending: false })).toEqual([1, 2, 4, 3]);
    expect(find({ sort: 'step', descending: false })).toEqual([1, 2, 3, 4]);
  });

  it('is the same after a way through an address', () => {
    const looking: Looking = { ...anything, text: 'a b', mode: 'induction', sort: 'rate', descending: false };
    const written = Object.entries(lookingParams(looking)).filter(([, value]) => value !== null);
    expect(lookingFrom(new URLSearchParams(written.map(([name, value]) => [name, String(value)])))).toEqual(
      looking,
    );
    expect(lookingFrom(new URLSearchParams('sort=nothing&mode=x'))).toEqual(anything);
    expect(isLooking(anything)).toBe(false);
    expect(isLooking(looking)).toBe(true);
  });
});

describe('the list', () => {
  it('knows where each task is', () => {
    expect(list.rows.map(({ where }) => where)).toEqual(['buffer', 'buffer', 'buffer', 'mastered']);
    const full = taskList('run', tasks, snapshot({ state: {} }));
    expect(full.rows[3].where).toBe('left');
  });

  it('grows with a run: new tasks, new rates, and tasks that leave', () => {
    const later = snapshot({
      step: 5,
      buffers: { deduction: [2, 5], abduction: [3], induction: [], error: [] },
    });
    const grown = taskListWith(
      list,
      [task(5, { parents: [2] })],
      new Map([
        [2, 0.75],
        [5, 1],
      ]),
      later,
    );
    expect(grown.rows.map(({ task: { id, solveRate }, where }) => [id, solveRate, where])).toEqual([
      [1, null, 'left'],
      [2, 0.75, 'buffer'],
      [3, 1, 'buffer'],
      [4, 0, 'mastered'],
      [5, 1, 'buffer'],
    ]);
    expect(grown.children.get(2)).toEqual([3, 5]);
    expect(grown.rows[2]).toBe(list.rows[2]);
    expect(taskListWith(grown, [task(5)], new Map(), later).rows.length).toBe(5);
  });

  it('shows a program on one line, without a first line that says nothing', () => {
    expect(list.rows[1].line).toBe('for i in x: ↵ x += 1 ↵ return x');
    const odd = taskList('run', [task(1, { program: 'import math\ndef f(x): return x' })], snapshot());
    expect(odd.rows[0].line).toBe('import math ↵ def f(x): return x');
  });
});

describe('the family', () => {
  it('goes up to parents and down to children, each once', () => {
    expect(relativesOf(list, 2, 'parents')).toEqual([1]);
    expect(relativesOf(list, 1, 'children')).toEqual([2, 3]);
    expect(relativesOf(list, 99, 'parents')).toEqual([]);
    expect(countOfFamily(list, 4, 'parents')).toBe(3);
    expect(countOfFamily(list, 1, 'children')).toBe(3);
  });
});

describe('the map', () => {
  const frame = frameOf(600, 300);
  const shown = Uint32Array.of(0, 1, 2, 3);
  const points = pointsOf(list.rows, shown, 'complexity', frame, list.step);

  it('puts complex tasks to the right, solved ones to the top, and untried ones below all others', () => {
    expect(points.x[1]).toBeGreaterThan(points.x[2]);
    expect(points.y[2]).toBeLessThan(points.y[1]);
    expect(points.y[1]).toBeLessThan(points.y[3]);
    expect(points.y[3]).toBeLessThan(points.y[0]);
    for (const x of points.x) expect(x > frame.left && x < frame.right).toBe(true);
    for (const y of points.y) expect(y > 0 && y < frame.height - 34).toBe(true);
  });

  it('colours by step, from the first shade to the last', () => {
    expect([points.shade[0], points.shade[3]]).toEqual([0, shades - 1]);
    for (const theme of ['light', 'dark'] as const) expect(new Set(ramp(theme)).size).toBe(shades);
  });

  it('finds the point that is next to the pointer, and none far away', () => {
    expect(pointAt(points, points.x[2] + 2, points.y[2] - 2, 9)).toBe(2);
    expect(pointAt(points, frame.right, frame.top, 9)).toBe(-1);
  });

  it('scatters evenly, and the same task to the same place', () => {
    const all = Array.from({ length: 2000 }, (_, id) => scattered(id, 1));
    expect(Math.abs(all.reduce((sum, each) => sum + each, 0) / all.length - 0.5)).toBeLessThan(0.03);
    expect(Math.min(...all)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...all)).toBeLessThan(1);
    expect(scattered(7, 1)).not.toBe(scattered(7, 2));
  });
});

it('tells how attempts went step by step', () => {
  const wrong = { ...answeredJudged, correct: false };
  const attempts = [
    answer({ step: 5 }),
    answer({ step: 5, judged: wrong }),
    answer({ step: 2, judged: wrong }),
  ];
  expect(ratesByStep(attempts)).toEqual([
    { step: 2, right: 0, attempts: 1 },
    { step: 5, right: 1, attempts: 2 },
  ]);
});
