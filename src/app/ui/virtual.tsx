/**
 * @file Long lists of rows of one height, of which only those are drawn that can be seen: a hundred thousand scroll like a hundred. The
 * rows to draw change a few at a time and not with every pixel, so that most scroll events cost next to nothing.
 */

import type { ComponentChildren, RefObject, VNode } from 'preact';
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import './virtual.css';

/** Rows from `first` up to, but without, `end`. */
export interface Rows {
  first: number;
  end: number;
}

/** Rows come and go by so many. */
const batch = 8;

/** What to draw, with a batch more on either side. */
export function rowsToDraw(scrolled: number, height: number, rowHeight: number, count: number): Rows {
  const first = Math.floor(scrolled / rowHeight / batch) - 1;
  const end = Math.ceil((scrolled + height) / rowHeight / batch) + 1;
  const within = (row: number) => Math.min(count, Math.max(0, row * batch));
  return { first: within(first), end: within(end) };
}

export interface Scroller {
  box: RefObject<HTMLDivElement | null>;
  rows: Rows;
  onScroll: () => void;
  /** Scrolls as little as needed. */
  show: (row: number) => void;
}

/** `above` is the height of what stands above the rows and stays there, such as the head of a table. */
export function useScroller(count: number, rowHeight: number, above = 0): Scroller {
  const box = useRef<HTMLDivElement>(null);
  const [rows, setRows] = useState<Rows>({ first: 0, end: Math.min(count, 6 * batch) });
  const shape = useRef({ count, rowHeight });
  shape.current = { count, rowHeight };
  const onScroll = useCallback(() => {
    const { current } = box;
    if (!current) return;
    const { scrollTop, clientHeight } = current;
    const seen = rowsToDraw(scrollTop, clientHeight, shape.current.rowHeight, shape.current.count);
    setRows((before) => (before.first === seen.first && before.end === seen.end ? before : seen));
  }, []);
  // A list that became shorter may have been scrolled by the browser, which tells nobody in time.
  useLayoutEffect(onScroll, [count, rowHeight, onScroll]);
  useEffect(() => {
    if (!box.current) return;
    const watch = new ResizeObserver(onScroll);
    watch.observe(box.current);
    return () => watch.disconnect();
  }, [onScroll]);
  const show = useCallback(
    (row: number) => {
      const { current } = box;
      if (!current || row < 0) return;
      const top = row * shape.current.rowHeight;
      const visible = current.clientHeight - above;
      if (top < current.scrollTop) current.scrollTop = top;
      else if (top + shape.current.rowHeight > current.scrollTop + visible)
        current.scrollTop = top + shape.current.rowHeight - visible;
      onScroll();
    },
    [above, onScroll],
  );
  return {
    box,
    rows: { first: Math.min(rows.first, count), end: Math.min(rows.end, count) },
    onScroll,
    show,
  };
}

/**
 * The rows that are there, each made once: what is the same as before is skipped when it is drawn again. `of` are the things that rows
 * depend on; when one of them is another, all are made anew.
 */
export function useDrawn(rows: Rows, of: readonly unknown[], draw: (row: number) => VNode): VNode[] {
  const kept = useRef({ of, made: new Map<number, VNode>() });
  const same = of.every((each, at) => each === kept.current.of[at]);
  const made = new Map<number, VNode>();
  for (let row = rows.first; row < rows.end; row++) {
    made.set(row, (same ? kept.current.made.get(row) : undefined) ?? draw(row));
  }
  kept.current = { of, made };
  return [...made.values()];
}

/** The key as a change of row: arrows, pages, Home and End; null for any other key. */
export function rowForKey(key: string, row: number, count: number, page: number): number | null {
  const to = {
    ArrowDown: row + 1,
    ArrowUp: row < 0 ? count - 1 : row - 1,
    PageDown: row + page,
    PageUp: row - page,
    Home: 0,
    End: count - 1,
  }[key];
  return to === undefined || count === 0 ? null : Math.min(count - 1, Math.max(0, to));
}

export interface VirtualListProps {
  label: string;
  count: number;
  rowHeight: number;
  /** -1 for none. */
  selected: number;
  onSelect: (row: number) => void;
  /** Different for each row, and the same however the list is filtered. */
  idOf: (row: number) => string;
  row: (row: number) => ComponentChildren;
}

/** A list to choose from, with the arrow keys as well. */
export function VirtualList({ label, count, rowHeight, selected, onSelect, idOf, row }: VirtualListProps) {
  const { box, rows, onScroll, show } = useScroller(count, rowHeight);
  const chosen = selected >= 0 && selected < count ? idOf(selected) : undefined;
  useEffect(() => show(selected), [chosen, selected, show]);
  const drawn = useDrawn(rows, [count, rowHeight, selected, onSelect, idOf, row], (index) => (
    // biome-ignore lint/a11y/useKeyWithClickEvents lint/a11y/useFocusableInteractive: the list has the focus, and takes the keys
    <div
      key={idOf(index)}
      id={idOf(index)}
      class="virtual-row"
      role="option"
      aria-selected={index === selected}
      aria-setsize={count}
      aria-posinset={index + 1}
      style={{ transform: `translateY(${index * rowHeight}px)`, height: `${rowHeight}px` }}
      onClick={() => onSelect(index)}
    >
      {row(index)}
    </div>
  ));
  return (
    <div
      ref={box}
      class="virtual"
      role="listbox"
      aria-label={label}
      tabIndex={0}
      aria-activedescendant={selected >= rows.first && selected < rows.end ? chosen : undefined}
      onScroll={onScroll}
      onKeyDown={(event) => {
        const page = Math.floor((box.current?.clientHeight ?? 0) / rowHeight);
        const to = rowForKey(event.key, selected, count, page);
        if (to === null) return;
        event.preventDefault();
        onSelect(to);
      }}
    >
      <div class="virtual-all" role="presentation" style={{ height: `${count * rowHeight}px` }}>
        {drawn}
      </div>
    </div>
  );
}
