/** @file Which tasks are looked for, and in which order they stand. Both are in the address. */

import { type Mode, modes, type Task } from '../../store/records';
import type { Row, TaskList } from './task-list';

export const origins = [
  'identity',
  'file',
  'seeding',
  'proposed',
] as const satisfies readonly Task['origin'][];
export const places = ['buffer', 'left'] as const;

export const columns = [
  'task',
  'mode',
  'program',
  'input',
  'output',
  'rate',
  'complexity',
  'step',
  'origin',
] as const;
export type Column = (typeof columns)[number];

export interface Looking {
  text: string;
  mode: Mode | null;
  origin: Task['origin'] | null;
  /** In a buffer, or gone from it. */
  where: (typeof places)[number] | null;
  sort: Column;
  descending: boolean;
}

/** Newest first. */
export const anything: Looking = {
  text: '',
  mode: null,
  origin: null,
  where: null,
  sort: 'task',
  descending: true,
};

export function lookingFrom(params: URLSearchParams): Looking {
  const one = <T extends string>(all: readonly T[], name: string) =>
    all.find((each) => each === params.get(name)) ?? null;
  const written = params.get('sort') ?? '-task';
  const sort = columns.find((each) => each === written.replace(/^-/, ''));
  return {
    text: params.get('q')?.trim() ?? '',
    mode: one(modes, 'mode'),
    origin: one(origins, 'origin'),
    where: one(places, 'where'),
    sort: sort ?? anything.sort,
    descending: sort ? written.startsWith('-') : anything.descending,
  };
}

/** For an address: null where it says nothing. */
export function lookingParams({ text, sort, descending, ...rest }: Looking) {
  const order = `${descending ? '-' : ''}${sort}`;
  return { ...rest, q: text || null, sort: order === '-task' ? null : order };
}

export const isLooking = ({ text, mode, origin, where }: Looking) =>
  text !== '' || mode !== null || origin !== null || where !== null;

/** Places of the rows that are looked for, in their order. */
export function findTasks({ rows }: TaskList, looking: Looking): Uint32Array {
  const { text, mode, origin, where } = looking;
  const words = text.toLowerCase();
  const found: number[] = [];
  rows.forEach((row, place) => {
    const { task } = row;
    if (mode !== null && task.mode !== mode) return;
    if (origin !== null && task.origin !== origin) return;
    if (where !== null && (row.where === 'buffer') !== (where === 'buffer')) return;
    if (words !== '' && !wordsOf(task).includes(words)) return;
    found.push(place);
  });
  const compare = comparing(looking.sort);
  const turn = looking.descending ? -1 : 1;
  found.sort((a, b) => {
    const [one, other] = [rows[a], rows[b]];
    return nowhere(one, looking.sort) - nowhere(other, looking.sort) || turn * compare(one, other) || a - b;
  });
  return Uint32Array.from(found);
}

/** A task nobody tried has no rate: it stands at the end, whichever way the others stand. */
const nowhere = ({ task }: Row, column: Column) => (column === 'rate' && task.solveRate === null ? 1 : 0);

const texts = new WeakMap<Task, string>();
/** All that can be searched, in lower case. */
function wordsOf(task: Task): string {
  let words = texts.get(task);
  if (words === undefined) {
    const { id, program, pairs, message } = task;
    words = [`task ${id}`, program, ...pairs.flat(), message].join('\n').toLowerCase();
    texts.set(task, words);
  }
  return words;
}

const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

function comparing(column: Column): (a: Row, b: Row) => number {
  switch (column) {
    case 'task':
      return (a, b) => a.task.id - b.task.id;
    case 'mode':
      return (a, b) => modes.indexOf(a.task.mode) - modes.indexOf(b.task.mode);
    case 'program':
      return (a, b) => byText(a.task.program, b.task.program);
    case 'input':
      return (a, b) => byText(a.task.pairs[0][0], b.task.pairs[0][0]);
    case 'output':
      return (a, b) => byText(a.task.pairs[0][1], b.task.pairs[0][1]);
    case 'rate':
      return (a, b) => (a.task.solveRate ?? 0) - (b.task.solveRate ?? 0);
    case 'complexity':
      return (a, b) => a.complexity - b.complexity;
    case 'step':
      return (a, b) => a.task.step - b.task.step;
    case 'origin':
      return (a, b) => origins.indexOf(a.task.origin) - origins.indexOf(b.task.origin);
    default:
      return column satisfies never;
  }
}
