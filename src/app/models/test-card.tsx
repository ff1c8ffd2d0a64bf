/** @file Held-out tests: how good is a model on tasks that no run learns from, and is it better than the base model? */

import { signal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import type { Mode } from '../../store/records';
import { isPlaying } from '../state/live';
import { baseModel, knownModels, nameOfModel } from '../state/models';
import { waits } from '../state/waiting';
import { inOrder, isCertain, percent, points, type Row, range, rowsOf } from './results';
import { testModel, tests } from './testing';

const sizes = [5, 10, 25, 50, 100] as const;
const chosen = signal<string>(baseModel);
const each = signal<number>(10);

/** Opens the card with this model. */
export function chosenForTest(model: string): void {
  chosen.value = model;
  const card = document.getElementById('test-title');
  card?.scrollIntoView({ block: 'start' });
  card?.closest('section')?.querySelector('select')?.focus({ preventScroll: true });
}

export function TestCard() {
  const table = useRef<HTMLElement>(null);
  const known = knownModels.value;
  const others = known.some(({ ref }) => ref === chosen.value) ? [] : [chosen.value];
  const done = inOrder(tests.value, baseModel);
  const isAlike = new Set(done.map((test) => test.each)).size === 1;
  const isBusy = waits.value.some(({ what }) => what.startsWith('Testing '));
  return (
    <section class="card" aria-labelledby="test-title">
      <h2 id="test-title">Test on held-out tasks</h2>
      <p class="lead">
        Tasks that no run learns from: the model answers each once, with its likeliest words, and Python says
        what is right. Test the base model too, and the others are compared with it, task by task.
      </p>
      <form
        class="fields"
        onSubmit={(event) => {
          event.preventDefault();
          void testModel(chosen.value, each.value).then(() => table.current?.focus());
        }}
      >
        <label class="field field-wide">
          <span>Model</span>
          <select value={chosen.value} onChange={({ currentTarget }) => (chosen.value = currentTarget.value)}>
            {known.map(({ ref, name }) => (
              <option key={ref} value={ref}>
                {name}
              </option>
            ))}
            {others.map((ref) => (
              <option key={ref} value={ref}>
                {nameOfModel(ref)}
              </option>
            ))}
          </select>
        </label>
        <label class="field">
          <span>Of each mode and level</span>
          <select
            value={each.value}
            onChange={({ currentTarget }) => (each.value = Number(currentTarget.value))}
          >
            {sizes.map((size) => (
              <option key={size} value={size}>
                {size} tasks
              </option>
            ))}
          </select>
        </label>
        <button type="submit" class="button" disabled={isBusy}>
          Test
        </button>
      </form>
      {isPlaying.value && (
        <p class="note">A run plays on this device: the test and the run slow each other down.</p>
      )}
      {done.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached with the keyboard
        <section class="scroll" ref={table} aria-label="Results of held-out tests" tabIndex={0}>
          <table class="table tests">
            <caption class="note">Share of tasks solved, with the 95 % interval in brackets.</caption>
            <thead>
              <tr>
                <th scope="col">Tasks</th>
                <th scope="col" class="number">
                  Count
                </th>
                {done.map(({ ref, name, each: size }, index) => (
                  <th scope="col" key={ref} colSpan={index === 0 ? 1 : 2}>
                    {name}
                    {!isAlike && <span class="note"> ({size} each)</span>}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rowsOf(done).map((row) => (
                <ResultRow key={`${row.mode} ${row.level}`} row={row} />
              ))}
            </tbody>
          </table>
        </section>
      )}
      {done.length > 1 && (
        <p class="note">
          Next to each model stands its difference to {done[0].name} in points, where both were asked the same
          tasks; bold where chance alone would hardly make it.
        </p>
      )}
    </section>
  );
}

function ResultRow({ row: { mode, level, tasks, cells } }: { row: Row }) {
  const name = mode === null ? 'All' : level === null ? titleOf(mode) : `level ${level}`;
  return (
    <tr class={level === null ? 'all-levels' : undefined}>
      <th scope="row">
        {level !== null && <span class="visually-hidden">{mode}, </span>}
        {name}
      </th>
      <td class="number">{tasks}</td>
      {cells.flatMap((cell, index) => [
        <td class="number" key={`${index} share`}>
          {cell ? (
            <>
              {percent(cell.figure.share)} <span class="note">({range(cell.figure)})</span>
            </>
          ) : (
            '–'
          )}
        </td>,
        ...(index === 0
          ? []
          : [
              <td class="number" key={`${index} difference`}>
                {cell?.difference && (
                  <>
                    {isCertain(cell.difference) ? (
                      <strong>{points(cell.difference.share)}</strong>
                    ) : (
                      points(cell.difference.share)
                    )}{' '}
                    <span class="note">
                      ({points(cell.difference.low)} to {points(cell.difference.high)})
                    </span>
                  </>
                )}
              </td>,
            ]),
      ])}
    </tr>
  );
}

const titleOf = (mode: Mode) => mode[0].toUpperCase() + mode.slice(1);
