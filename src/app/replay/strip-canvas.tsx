/** @file The strip over the timeline, drawn: one number a step, and signs where something was flagged or told. */

import { useEffect, useRef, useState } from 'preact/hooks';
import type { RunData } from '../state/run-data';
import { shownTheme } from '../state/theme';
import { columnsOf, type StripMeasure, stripOf } from './strip';

/** As wide as the thumb, half of which stands over on either side. */
const inset = 8;

interface StripProps {
  data: RunData;
  /** Counts up when there is more to draw. */
  version: number;
  measure: StripMeasure | undefined;
}

export function Strip({ data, version, measure }: StripProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const theme = shownTheme.value;
  const alerts = data.alerts.value;
  const [width, setWidth] = useState(0);
  useEffect(() => {
    if (!canvas.current) return;
    const watch = new ResizeObserver(([entry]) => setWidth(Math.round(entry.contentRect.width)));
    watch.observe(canvas.current);
    return () => watch.disconnect();
  }, []);
  useEffect(() => {
    if (canvas.current && width > 0) draw(canvas.current, width, data, measure);
  }, [width, version, theme, measure, alerts, data]);
  const label = measure ? `${measure.label}, step by step` : 'No metrics yet';
  return <canvas ref={canvas} class="timeline-strip" role="img" aria-label={label} />;
}

function draw(
  canvas: HTMLCanvasElement,
  width: number,
  { series, alerts }: RunData,
  measure: StripMeasure | undefined,
): void {
  const height = canvas.clientHeight;
  const dense = devicePixelRatio;
  canvas.width = width * dense;
  canvas.height = height * dense;
  const brush = canvas.getContext('2d');
  if (!brush || series.length === 0) return;
  brush.scale(dense, dense);
  const style = getComputedStyle(canvas);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const { steps } = series;
  const [first, last] = [steps[0], steps[steps.length - 1]];
  const room = width - 2 * inset;
  const placeOf = (step: number) =>
    inset + (last > first ? ((step - first) / (last - first)) * (room - 1) : 0);

  if (measure) {
    const values = stripOf(series, measure);
    const numbers = values.filter((value) => !Number.isNaN(value));
    const low = Math.min(0, ...extremes(numbers));
    const high = Math.max(...extremes(numbers), low + 1e-9);
    const y = (value: number) => height - 3 - ((value - low) / (high - low)) * (height - 14);
    const columns = columnsOf(steps, values, Math.max(1, room));
    const there = columns.flatMap((column, x) => (column ? [{ x: x + inset + 0.5, ...column }] : []));
    brush.fillStyle = colour('--accent-soft');
    brush.beginPath();
    for (const { x, high: top } of there) brush.lineTo(x, y(top));
    if (there.length > 0) {
      brush.lineTo(there[there.length - 1].x, height);
      brush.lineTo(there[0].x, height);
      brush.fill();
    }
    brush.strokeStyle = colour('--accent');
    brush.lineWidth = 1.5;
    brush.lineJoin = 'round';
    brush.beginPath();
    there.forEach(({ x, low: bottom, high: top }, index) => {
      if (index) brush.lineTo(x, y(top));
      else brush.moveTo(x, y(top));
      if (bottom !== top) brush.lineTo(x, y(bottom));
    });
    brush.stroke();
  }

  const flags = series.column('flags');
  brush.fillStyle = colour('--bad');
  for (let at = 0; at < series.length; at++) {
    if (!(flags[at] > 0)) continue;
    brush.beginPath();
    brush.arc(placeOf(steps[at]), 5, 2.5, 0, 2 * Math.PI);
    brush.fill();
  }
  for (const { step } of alerts.peek()) {
    const x = placeOf(step);
    brush.beginPath();
    brush.moveTo(x - 4, 1);
    brush.lineTo(x + 4, 1);
    brush.lineTo(x, 8);
    brush.fill();
  }
}

function extremes(values: Float64Array): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return values.length > 0 ? [low, high] : [0, 1];
}
