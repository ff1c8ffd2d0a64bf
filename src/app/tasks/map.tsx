/** @file The map: every task as a point, complex ones to the right, solved ones at the top, later ones in lighter or darker shades. */

import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { nameOfMode } from '../replay/explain';
import { shownTheme } from '../state/theme';
import { niceTicks } from '../ticks';
import {
  frameOf,
  lineOf,
  type Measure,
  measureLabel,
  measures,
  type Points,
  pointAt,
  pointsOf,
  ramp,
} from './scatter';
import type { TaskList } from './task-list';

export interface MapProps {
  list: TaskList;
  shown: Uint32Array;
  chosen: number | null;
  measure: Measure;
  onMeasure: (measure: Measure) => void;
  onChoose: (id: number) => void;
}

/** Pixels around a point in which it can be hit. */
const reach = 9;

export function TaskMap({ list, shown, chosen, measure, onMeasure, onChoose }: MapProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [size, setSize] = useState({ width: 0, height: 0 });
  const [over, setOver] = useState<number>(-1);
  const theme = shownTheme.value;
  useEffect(() => {
    if (!canvas.current) return;
    const watch = new ResizeObserver(([{ contentRect }]) =>
      setSize({ width: Math.round(contentRect.width), height: Math.round(contentRect.height) }),
    );
    watch.observe(canvas.current);
    return () => watch.disconnect();
  }, []);
  const points = useMemo(
    () => pointsOf(list.rows, shown, measure, frameOf(size.width, size.height), list.step),
    [list, shown, measure, size],
  );
  useEffect(() => setOver(-1), [points]);
  useEffect(() => {
    const brush = canvas.current?.getContext('2d');
    if (!canvas.current || !brush || size.width === 0) return;
    canvas.current.width = size.width * devicePixelRatio;
    canvas.current.height = size.height * devicePixelRatio;
    brush.scale(devicePixelRatio, devicePixelRatio);
    draw(brush, {
      list,
      shown,
      chosen,
      measure,
      points,
      theme,
      size,
      style: getComputedStyle(canvas.current),
    });
  }, [list, shown, chosen, measure, points, theme, size]);

  const hit = (event: PointerEvent | MouseEvent) => {
    const box = canvas.current?.getBoundingClientRect();
    return box ? pointAt(points, event.clientX - box.left, event.clientY - box.top, reach) : -1;
  };
  const row = over >= 0 && over < shown.length ? list.rows[shown[over]] : null;
  return (
    <section class="card task-map" aria-labelledby="map-title">
      <div class="card-head">
        <h2 id="map-title">Map</h2>
        <label class="timeline-choice">
          <span>Across</span>
          <select
            value={measure}
            onChange={({ currentTarget: { value } }) =>
              onMeasure(measures.find((each) => each === value) ?? measures[0])
            }
          >
            {measures.map((each) => (
              <option key={each} value={each}>
                {measureLabel[each]}
              </option>
            ))}
          </select>
        </label>
        <p class="task-ramp note" aria-hidden="true">
          Step 0
          <span style={{ background: `linear-gradient(90deg, ${ramp(theme).join(', ')})` }} />
          <span class="number">{list.step}</span>
        </p>
      </div>
      <div class="task-canvas">
        <canvas
          ref={canvas}
          role="img"
          aria-label={`${shown.length} tasks: ${measureLabel[measure].toLowerCase()} against the share of attempts that solved them. The table below has the same tasks.`}
          style={{ cursor: row ? 'pointer' : 'default' }}
          onPointerMove={(event) => setOver(hit(event))}
          onPointerLeave={() => setOver(-1)}
          onClick={(event) => {
            const at = hit(event);
            if (at >= 0) onChoose(list.rows[shown[at]].task.id);
          }}
        />
        {row && (
          <div
            class="task-tip"
            style={{
              transform: `translate(${points.x[over]}px, ${points.y[over]}px) translate(${
                points.x[over] > size.width / 2 ? 'calc(-100% - 12px)' : '12px'
              }, -50%)`,
            }}
          >
            <strong>Task {row.task.id}</strong> {nameOfMode[row.task.mode].toLowerCase()}, step{' '}
            {row.task.step}
            <br />
            {row.task.solveRate === null
              ? 'not tried'
              : `${Math.round(row.task.solveRate * 100)} % solved it`}
          </div>
        )}
      </div>
    </section>
  );
}

interface Drawing extends Pick<MapProps, 'list' | 'shown' | 'chosen' | 'measure'> {
  points: Points;
  theme: 'light' | 'dark';
  size: { width: number; height: number };
  style: CSSStyleDeclaration;
}

function draw(brush: CanvasRenderingContext2D, drawing: Drawing): void {
  const { list, shown, chosen, measure, points, theme, size, style } = drawing;
  const frame = frameOf(size.width, size.height);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const { x, y, shade, most } = points;

  brush.font = `12px ${style.fontFamily}`;
  brush.lineWidth = 1;
  brush.strokeStyle = colour('--line');
  brush.fillStyle = colour('--muted');
  const rule = (at: number) => {
    brush.beginPath();
    brush.moveTo(frame.left, Math.round(at) + 0.5);
    brush.lineTo(frame.right, Math.round(at) + 0.5);
    brush.stroke();
  };
  brush.textAlign = 'right';
  brush.textBaseline = 'middle';
  for (const share of [0, 0.25, 0.5, 0.75, 1]) {
    const at = lineOf(share, frame);
    rule(at);
    brush.fillText(`${share * 100} %`, frame.left - 8, at);
  }
  brush.fillText('untried', frame.left - 4, frame.untried);
  rule(frame.height - 34);
  brush.textAlign = 'center';
  const unit = (frame.right - frame.left) / (most + 1);
  for (const tick of niceTicks(0, most, 8)) {
    if (tick <= most && Number.isInteger(tick))
      brush.fillText(String(tick), frame.left + (tick + 0.5) * unit, frame.height - 24);
  }
  brush.textAlign = 'right';
  brush.fillText(`${measureLabel[measure]} →`, frame.right, frame.height - 8);
  brush.textAlign = 'left';
  brush.fillText('↑ Share of attempts that solved it', 4, frame.height - 8);

  const colours = ramp(theme);
  const radius = shown.length > 4000 ? 2 : 3.4;
  brush.globalAlpha = shown.length > 800 ? 0.65 : 0.85;
  // By shade, since a change of colour is what costs; later ones lie on top.
  for (let each = 0; each < colours.length; each++) {
    brush.fillStyle = colours[each];
    brush.beginPath();
    for (let at = 0; at < x.length; at++) {
      if (shade[at] !== each) continue;
      brush.moveTo(x[at] + radius, y[at]);
      brush.arc(x[at], y[at], radius, 0, 2 * Math.PI);
    }
    brush.fill();
  }
  brush.globalAlpha = 1;

  if (chosen === null) return;
  const at = shown.findIndex((place) => list.rows[place].task.id === chosen);
  if (at < 0) return;
  const { parents } = list.rows[shown[at]].task;
  const family = new Set([...parents, ...(list.children.get(chosen) ?? [])]);
  brush.strokeStyle = colour('--muted');
  shown.forEach((place, other) => {
    if (!family.has(list.rows[place].task.id)) return;
    brush.beginPath();
    brush.moveTo(x[at], y[at]);
    brush.lineTo(x[other], y[other]);
    brush.stroke();
  });
  brush.strokeStyle = colour('--text');
  brush.lineWidth = 2;
  brush.beginPath();
  brush.arc(x[at], y[at], 7, 0, 2 * Math.PI);
  brush.stroke();
}
