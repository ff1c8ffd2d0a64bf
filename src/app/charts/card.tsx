/** @file One chart with its title, its key and its buttons. The place of each stays the same, whatever the values are. */

import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Board } from './board';
import { saveChart, savePicture } from './downloads';
import type { ShownRun } from './frame';
import { Key } from './key';
import { Plot } from './plot';
import type { ChartSpec, Line } from './spec';
import { helpOf } from './specs';

interface Props {
  spec: ChartSpec;
  lines: readonly Line[];
  board: Board;
  runs: readonly ShownRun[];
  /** Beside the others it is the one that counts. */
  large?: boolean;
}

export function ChartCard({ spec, lines, board, runs, large = false }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot | null>(null);
  const figures = useRef(new Map<string, HTMLElement>()).current;
  const at = useRef<HTMLElement>(null);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [enlarged, setEnlarged] = useState(false);
  const [leftOut, setLeftOut] = useState(false);

  useLayoutEffect(() => {
    if (!host.current) return;
    const made = new Plot(host.current, spec, board, figures);
    made.onLeftOut = (values) => setLeftOut(values > 0);
    plot.current = made;
    const remove = board.add(made);
    return () => {
      remove();
      plot.current = null;
    };
  }, [board, spec.id]);

  useLayoutEffect(() => {
    if (!plot.current) return;
    plot.current.lines = lines;
    plot.current.hidden = hidden;
    plot.current.at = at.current;
    board.redraw(plot.current);
  }, [board, spec.id, lines, runs, hidden]);

  const title = `chart-${spec.id}`;
  const help = helpOf(spec);
  return (
    <figure
      class={`plot${enlarged ? ' plot-enlarged' : ''}${large ? ' plot-large' : ''}`}
      aria-labelledby={title}
    >
      <figcaption class="plot-head">
        <h4 id={title} title={help}>
          <span>{spec.title}</span>
          {unitBeside(spec) && <span class="note">{spec.unit}</span>}
          {leftOut && (
            <span class="note" title="A log scale has no place for values of 0 and below">
              above 0 only
            </span>
          )}
        </h4>
        <div class="plot-tools">
          <button
            type="button"
            class="plot-tool"
            aria-label={`PNG of ${spec.title}`}
            title="Download as a picture"
            onClick={() => plot.current && void savePicture(plot.current)}
          >
            PNG
          </button>
          <button
            type="button"
            class="plot-tool"
            aria-label={`CSV of ${spec.title}`}
            title="Download the numbers"
            onClick={() => plot.current && void saveChart(plot.current)}
          >
            CSV
          </button>
          {!large && (
            <button
              type="button"
              class="plot-tool"
              aria-label={`Enlarge ${spec.title}`}
              aria-pressed={enlarged}
              title={enlarged ? 'Smaller' : 'Larger'}
              onClick={() => setEnlarged(!enlarged)}
            >
              <svg viewBox="0 0 16 16" width="13" height="13" aria-hidden="true">
                <path
                  d={enlarged ? 'M7 2v5H2M9 14V9h5M7 7 2 2M9 9l5 5' : 'M9 2h5v5M7 14H2V9M14 2 9 7M2 14l5-5'}
                  fill="none"
                  stroke="currentColor"
                  stroke-width="1.6"
                />
              </svg>
            </button>
          )}
        </div>
      </figcaption>
      <p class={enlarged || large ? 'plot-help note' : 'visually-hidden'} id={`${title}-help`}>
        {help}
      </p>
      <div class="plot-place">
        <span class="plot-at number" ref={at} aria-hidden="true" />

        <div
          ref={host}
          class="plot-host"
          role="img"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: keys move the cursor of the chart
          tabIndex={0}
          aria-label={spec.title}
          aria-describedby={`${title}-help chart-keys`}
          onKeyDown={(event) => plot.current && handleKey(event, plot.current)}
        />
      </div>
      <Key
        spec={spec}
        lines={lines}
        runs={runs}
        hidden={hidden}
        figures={figures}
        toggle={(line) => {
          const next = new Set(hidden);
          if (!next.delete(line)) next.add(line);
          setHidden(next);
        }}
        emphasise={(line) => plot.current?.emphasise(line)}
      />
    </figure>
  );
}

/** Where it is not clear from the title or the axis. */
const unitBeside = ({ unit, title }: ChartSpec) =>
  unit !== '' && unit !== 'share' && unit !== '0 to 1' && !title.toLowerCase().includes(unit);

function handleKey(event: KeyboardEvent, plot: Plot): void {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const { board } = plot;
  const stride = event.shiftKey ? 10 : 1;
  switch (event.key) {
    case 'ArrowLeft':
      plot.moveCursor(-stride);
      break;
    case 'ArrowRight':
      plot.moveCursor(stride);
      break;
    case 'Home':
      plot.moveCursor(Number.NEGATIVE_INFINITY);
      break;
    case 'End':
      plot.moveCursor(Number.POSITIVE_INFINITY);
      break;
    case '+':
    case '=':
      board.zoomBy(0.5);
      break;
    case '-':
      board.zoomBy(2);
      break;
    case '0':
      board.showAll();
      break;
    case 'Escape':
      board.point(null, null);
      break;
    default:
      return;
  }
  event.preventDefault();
  event.stopPropagation();
}
