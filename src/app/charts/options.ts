/** @file What uPlot is told of a chart: its lines, axes and colours. */

import uPlot from 'uplot';
import type { Axis } from './axis';
import { lineOf, type Place } from './frame';
import { font, type Look } from './look';
import { dashes } from './palette';
import type { Range } from './ranges';
import { clock, tick } from './readout';
import type { Mark } from './spec';

export interface PlotLook {
  places: readonly Place[];
  x: Range;
  y: Range;
  /** Where lines began, by `lineOf`. */
  starts: ReadonlyMap<string, number>;
  marks: readonly Mark[];
  unit: string;
  axis: Axis;
  log: boolean;
  sparse: boolean;
  smoothed: boolean;
  /** Colours stand for runs, and dashes for lines. */
  byRun: boolean;
  /** The step that is meant by a place between two. */
  snap: (x: number) => number;
  look: Look;
}

const axisWidth = 56;
const edge = 10;
/** How much wider a chart is than what it plots. */
export const besides = axisWidth + edge;

export function plotOptions(plot: PlotLook, size: { width: number; height: number }): uPlot.Options {
  const { look, places } = plot;
  const grid = { stroke: look.line, width: 1 };
  const text = { stroke: look.muted, font: `12px ${font}`, ticks: { show: false }, border: { show: false } };
  return {
    ...size,
    padding: [8, edge, 0, 0],
    legend: { show: false },
    scales: {
      // Asked whenever uPlot looks at its data: what the axes are is decided elsewhere.
      x: { time: false, range: () => plot.x },
      y: { distr: plot.log ? 3 : 1, range: () => plot.y },
    },
    axes: [
      { ...text, size: 26, gap: 6, space: 64, grid: { show: false }, ...xTicks[plot.axis] },
      {
        ...text,
        size: axisWidth,
        gap: 8,
        space: 34,
        grid: plot.log ? { ...grid, filter: roundOnes } : grid,
        ...(plot.log && { filter: roundOnes }),
        values: (_uplot, splits, _axis, _space, step) =>
          splits.map((value) => (value === null ? '' : tick(value, plot.log ? value : step, plot.unit))),
      },
    ],
    series: [{}, ...places.map((place) => seriesOf(place, plot))],
    bands: places.flatMap((place, index) =>
      place.part === 'high'
        ? [{ series: [index + 1, index], fill: withAlpha(colourOf(place, plot), plot.byRun ? 0.1 : 0.15) }]
        : [],
    ) as uPlot.Band[],
    cursor: {
      y: false,
      drag: { x: true, y: false, setScale: false, dist: 4 },
      // The same value that is written beside the line: that of the step, or of the last test before.
      dataIdx: (uplot, series, closest, x) => {
        const values = uplot.data[series] as ArrayLike<number | null | undefined>;
        const step = plot.snap(x);
        let at = closest;
        while (plot.sparse && at >= 0 && uplot.data[0][at] > step) at--;
        while (at >= 0 && (values[at] === undefined || (plot.sparse && values[at] === null))) at--;
        return at >= 0 && values[at] !== null ? at : null;
      },
      points: {
        show: ((_uplot: uPlot, series: number) =>
          places[series - 1]?.part === 'raw' ? document.createElement('div') : undefined) as never,
        size: 8,
        width: 1.5,
        fill: (_uplot, series) => colourOf(places[series - 1], plot),
        stroke: look.card,
      },
    },
    hooks: {
      drawAxes: [(uplot) => drawMarks(uplot, plot)],
    },
  };
}

/** Of a log scale: 1, 2, 5, 10; over many powers of ten only those. */
const roundOnes: uPlot.Axis.Filter = (uplot, splits) => {
  const { min = 1, max = 10 } = uplot.scales.y;
  const digits = max / min > 150 ? '1' : '125';
  return splits.map((value) => (digits.includes(value.toExponential()[0]) ? value : null));
};

function seriesOf(place: Place, plot: PlotLook): uPlot.Series {
  const { part } = place;
  const colour = colourOf(place, plot);
  const common = { auto: false, spanGaps: plot.sparse, alpha: alphaOf(part, plot) };
  switch (part) {
    case 'raw':
      return {
        ...common,
        stroke: colour,
        ...(plot.smoothed ? { width: 1 } : { width: 1.75, dash: dashOf(place, plot) }),
        points: {
          size: plot.smoothed ? 4 : 6,
          space: plot.sparse ? 6 : 14,
          fill: colour,
          filter: (uplot, series, show) => (show || plot.sparse ? null : lonely(uplot, series)),
        },
      };
    case 'smooth':
      return { ...common, stroke: colour, width: 2, dash: dashOf(place, plot), points: { show: false } };
    case 'low':
    case 'high':
      return { ...common, stroke: 'transparent', width: 0, points: { show: false } };
    default:
      return part satisfies never;
  }
}

/** What was measured stands behind what is smoothed. */
export const alphaOf = (part: Place['part'], { smoothed }: PlotLook) =>
  part === 'raw' && smoothed ? 0.3 : 1;

const colourOf = ({ run, line }: Place, { byRun, look }: PlotLook) =>
  look.series[(byRun ? run.colour : line.slot) % look.series.length];

/** Lines that are not smoothed are dashed only where they must be: dashes make them harder to read. */
function dashOf({ line }: Place, { smoothed, sparse, byRun }: PlotLook): number[] | undefined {
  const dash = dashes[line.slot % dashes.length];
  return dash.length && (smoothed || sparse || byRun) ? [...dash] : undefined;
}

/** Points between two gaps, which no line goes through. */
function lonely(uplot: uPlot, series: number): number[] | null {
  const values = uplot.data[series] as ArrayLike<number | null | undefined>;
  const found: number[] = [];
  let candidate = -1;
  let gap = true;
  for (let at = 0; at < values.length; at++) {
    const value = values[at];
    if (value === undefined) continue;
    if (value === null && candidate >= 0) found.push(candidate);
    candidate = value !== null && gap ? at : -1;
    gap = value === null;
  }
  if (candidate >= 0) found.push(candidate);
  return found.length ? found : null;
}

const decades = [1, 10, 100, 1000, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12];
const whole = decades.flatMap((power) => [power, 2 * power, 5 * power]);
const times = [
  1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 432000,
];
const xTicks: Record<Axis, Partial<uPlot.Axis>> = {
  steps: {
    incrs: whole,
    values: (_uplot, splits, _axis, _space, step) => splits.map((at) => tick(at, step, '')),
  },
  time: { incrs: times, values: (_uplot, splits) => splits.map(clock) },
  tokens: {
    incrs: whole,
    values: (_uplot, splits, _axis, _space, step) => splits.map((at) => tick(at, step, '')),
  },
};

/** Under the lines: what to compare them with. */
function drawMarks(uplot: uPlot, { marks, starts, places, y, look, ...plot }: PlotLook): void {
  const { ctx, bbox } = uplot;
  const unit = uPlot.pxRatio;
  const across = (at: number, colour: string, dash: number[]) => {
    const height = Math.round(uplot.valToPos(at, 'y', true)) + 0.5;
    ctx.strokeStyle = colour;
    ctx.setLineDash(dash.map((length) => length * unit));
    ctx.beginPath();
    ctx.moveTo(bbox.left, height);
    ctx.lineTo(bbox.left + bbox.width, height);
    ctx.stroke();
    return height;
  };
  ctx.save();
  ctx.lineWidth = unit;
  for (const { at, label } of marks) {
    if (at < y[0] || at > y[1]) continue;
    const height = across(at, look.muted, [4, 4]);
    ctx.font = `${11 * unit}px ${font}`;
    ctx.fillStyle = look.muted;
    ctx.textAlign = 'right';
    ctx.textBaseline = height - bbox.top < 16 * unit ? 'top' : 'bottom';
    ctx.fillText(
      label,
      bbox.left + bbox.width - 4 * unit,
      height + (ctx.textBaseline === 'top' ? 3 : -3) * unit,
    );
  }
  for (const place of places) {
    const start = place.part === 'raw' ? starts.get(lineOf(place.run, place.line)) : undefined;
    if (start === undefined || start < y[0] || start > y[1]) continue;
    ctx.globalAlpha = 0.55;
    across(start, colourOf(place, { ...plot, marks, starts, places, y, look }), [1, 4]);
  }
  ctx.restore();
}

function withAlpha(hex: string, alpha: number): string {
  const byte = Math.round(alpha * 255)
    .toString(16)
    .padStart(2, '0');
  return hex + byte;
}
