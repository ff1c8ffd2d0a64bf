/** @file The tasks as a table of which only those rows are drawn that can be seen. One key press moves one row, as in any list. */

import { useEffect } from 'preact/hooks';
import { nameOfMode } from '../replay/explain';
import { PythonValue } from '../ui/python';
import { rowForKey, useDrawn, useScroller } from '../ui/virtual';
import type { Column, Looking } from './find';
import { type Row, type TaskList, whereInWords } from './task-list';

export const rowHeight = 34;
const headHeight = 36;

const heads: readonly { column: Column; label: string; numeric?: boolean }[] = [
  { column: 'task', label: 'Task', numeric: true },
  { column: 'mode', label: 'Mode' },
  { column: 'program', label: 'Program' },
  { column: 'input', label: 'Input' },
  { column: 'output', label: 'Output' },
  { column: 'rate', label: 'Solved', numeric: true },
  { column: 'complexity', label: 'Points', numeric: true },
  { column: 'step', label: 'Step', numeric: true },
  { column: 'origin', label: 'Origin' },
];

export interface TaskTableProps {
  list: TaskList;
  shown: Uint32Array;
  chosen: number | null;
  looking: Looking;
  onSort: (column: Column) => void;
  onChoose: (id: number) => void;
}

export function TaskTable({ list, shown, chosen, looking, onSort, onChoose }: TaskTableProps) {
  const { box, rows, onScroll, show } = useScroller(shown.length, rowHeight, headHeight);
  const selected = chosen === null ? -1 : shown.findIndex((place) => list.rows[place].task.id === chosen);
  useEffect(() => show(selected), [selected, show]);
  const drawn = useDrawn(rows, [list, shown, chosen, onChoose], (at) => {
    const row = list.rows[shown[at]];
    return <Line key={row.task.id} row={row} at={at} chosen={row.task.id === chosen} onChoose={onChoose} />;
  });
  const move = (event: KeyboardEvent) => {
    // Buttons in the head have keys of their own.
    if (event.target !== event.currentTarget) return;
    const page = Math.floor(((box.current?.clientHeight ?? 0) - headHeight) / rowHeight);
    const to = rowForKey(event.key, selected, shown.length, page);
    if (to === null) return;
    event.preventDefault();
    onChoose(list.rows[shown[to]].task.id);
  };
  return (
    <div ref={box} class="task-scroll" onScroll={onScroll}>
      <table
        class="task-table"
        // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: rows can be chosen, with the arrow keys as well
        role="grid"
        aria-label="Tasks"
        aria-rowcount={shown.length + 1}
        aria-activedescendant={selected >= rows.first && selected < rows.end ? `task-${chosen}` : undefined}
        tabIndex={0}
        onKeyDown={move}
      >
        <thead>
          <tr aria-rowindex={1}>
            {heads.map(({ column, label, numeric }) => (
              <th
                key={column}
                scope="col"
                class={`col-${column}${numeric ? ' number' : ''}`}
                aria-sort={
                  looking.sort === column ? (looking.descending ? 'descending' : 'ascending') : 'none'
                }
              >
                <button type="button" onClick={() => onSort(column)}>
                  {label}
                  <span aria-hidden="true">
                    {looking.sort === column ? (looking.descending ? ' ↓' : ' ↑') : ''}
                  </span>
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.first > 0 && <Space rows={rows.first} />}
          {drawn}
          {rows.end < shown.length && <Space rows={shown.length - rows.end} />}
        </tbody>
      </table>
    </div>
  );
}

const Space = ({ rows }: { rows: number }) => (
  // biome-ignore lint/a11y/noAriaHiddenOnFocusable: nothing in it has the focus
  <tr aria-hidden="true" class="task-space">
    <td colSpan={heads.length} style={{ height: `${rows * rowHeight}px` }} />
  </tr>
);

/** What more of a program would not be seen. */
const mostCharacters = 110;
const mostOfValue = 40;

interface LineProps {
  row: Row;
  at: number;
  chosen: boolean;
  onChoose: (id: number) => void;
}

function Line({ row, at, chosen, onChoose }: LineProps) {
  const { task, complexity, line, where } = row;
  const [input, output] = task.pairs[0];
  const more = task.pairs.length > 1 ? ` +${task.pairs.length - 1}` : '';
  return (
    <tr
      id={`task-${task.id}`}
      class={where === 'buffer' ? undefined : 'task-gone'}
      aria-rowindex={at + 2}
      aria-selected={chosen}
      onClick={() => onChoose(task.id)}
    >
      <td class="number">{task.id}</td>
      <td>{nameOfMode[task.mode]}</td>
      <td class="task-code">
        <PythonValue text={line.slice(0, mostCharacters)} />
      </td>
      <td class="task-code">
        <PythonValue text={input.slice(0, mostOfValue)} />
        {more && <span class="note">{more}</span>}
      </td>
      <td class="task-code">
        <PythonValue text={output.slice(0, mostOfValue)} />
      </td>
      <td class="number">{task.solveRate === null ? '–' : `${Math.round(task.solveRate * 100)} %`}</td>
      <td class="number">{complexity}</td>
      <td class="number">{task.step}</td>
      <td title={where === 'buffer' ? undefined : whereInWords[where]}>
        {task.origin}
        {where !== 'buffer' && <span class="note"> · {where === 'mastered' ? 'mastered' : 'left'}</span>}
      </td>
    </tr>
  );
}
