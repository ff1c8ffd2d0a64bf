/** @file One chart: keeps a uPlot for as long as its lines are the same ones, and gives it what is new. */

import uPlot from 'uplot';
import { nearestPosition } from './axis';
import { type Board, effort } from './board';
import { type Frame, frameOf, layoutOf, lineOf, type Place, type ShownRun } from './frame';
import { look } from './look';
import { alphaOf, besides, type PlotLook, plotOptions } from './options';
import { type Range, yRange } from './ranges';
import { figure, nothing, place, valueAt, withInterval } from './readout';
import * as settings from './settings';
import type { ChartSpec, Line } from './spec';

/** What a chart was like when it was drawn. */
interface Drawn {
  range: Range;
  grown: { run: ShownRun; length: number; rewinds: number }[];
}

export class Plot {
  visible = false;
  /** It is to be drawn when it is seen. */
  outdated = true;
  lines: readonly Line[] = [];
  hidden: ReadonlySet<string> = new Set();
  /** Where it is told what the values are of, if they are not the newest. */
  at: HTMLElement | null = null;
  /** Is told how many values a log scale has left out. */
  onLeftOut: (values: number) => void = () => {};

  #uplot: uPlot | null = null;
  #key = '';
  #drawn: Drawn | null = null;
  #width = 0;
  #height = 0;
  #resized = false;
  /** What uPlot tells is our own doing. */
  #ours = false;
  #emphasised: string | null = null;
  #intent: ReturnType<typeof setTimeout> | undefined;
  #look: PlotLook | null = null;

  constructor(
    readonly host: HTMLElement,
    readonly spec: ChartSpec,
    readonly board: Board,
    /** Where values are told, by `lineOf`. */
    readonly figures: ReadonlyMap<string, HTMLElement>,
  ) {}

  destroy(): void {
    clearTimeout(this.#intent);
    this.#uplot?.destroy();
    this.#uplot = null;
  }

  resize(width: number, height: number): void {
    this.#resized ||= width !== this.#width || height !== this.#height;
    this.#width = width;
    this.#height = height;
  }

  isDue(): boolean {
    return this.visible && this.#width > 0 && this.#height > 0 && (this.outdated || this.#resized);
  }

  /** Is there more to draw than was drawn? */
  hasGrown(): boolean {
    const drawn = this.#drawn;
    if (!drawn) return true;
    const { range } = this.board;
    if (drawn.range[0] !== range[0] || drawn.range[1] !== range[1]) return true;
    const names = this.lines.flatMap(({ from }) => from);
    for (const grown of drawn.grown) {
      const { series } = grown.run;
      if (series.rewinds !== grown.rewinds || series.grewSince(grown.length, names)) return true;
      grown.length = series.length;
    }
    return false;
  }

  draw(): void {
    const { runs, range } = this.board;
    const frame = this.#frameOf(range, this.#width - besides);
    const key = this.#keyOf(frame.places);
    const y = this.#heightOf(frame);
    this.#ours = true;
    if (this.#uplot && key === this.#key && this.#look) {
      const uplot = this.#uplot;
      Object.assign(this.#look, { x: range, y, starts: this.#starts() });
      uplot.batch(() => {
        if (this.#resized) uplot.setSize({ width: this.#width, height: this.#height });
        uplot.setData(frame.columns as uPlot.AlignedData);
      });
    } else {
      this.destroy();
      this.#emphasised = null;
      this.#key = key;
      this.#look = this.#lookOf(frame, range, y);
      const options = plotOptions(this.#look, { width: this.#width, height: this.#height });
      this.#uplot = new uPlot(this.#live(options), frame.columns as uPlot.AlignedData, this.host);
    }
    this.#ours = false;
    this.outdated = false;
    this.#resized = false;
    this.#drawn = {
      range,
      grown: runs.map((run) => ({ run, length: run.series.length, rewinds: run.series.rewinds })),
    };
    this.showCursor();
    this.onLeftOut(frame.leftOut);
    this.tell();
    this.host.setAttribute('aria-label', this.inWords());
  }

  #frameOf(range: Range, pixels: number): Frame & { places: Place[] } {
    const order = {
      runs: this.board.runs,
      lines: this.lines,
      axis: settings.axis.peek(),
      range,
      pixels,
      span: this.spec.exact ? 1 : settings.span.peek(),
      log: settings.log.peek(),
      sparse: this.spec.sparse === true,
      hidden: this.hidden,
    };
    return { ...frameOf(order), places: layoutOf(order) };
  }

  /** Marks are always to be seen, or nobody could compare with them. */
  #heightOf({ low, high }: Frame): Range {
    const isLog = settings.log.peek();
    const marks = (this.spec.marks ?? []).map(({ at }) => at).filter((at) => !isLog || at > 0);
    const heights = { low: Math.min(low, ...marks), high: Math.max(high, ...marks) };
    return yRange(heights, { share: this.spec.unit === 'share', log: isLog });
  }

  /** Where this changes, uPlot is made anew: never because steps arrive. */
  #keyOf(places: readonly Place[]): string {
    const shown = places.map(({ run, line, part }) =>
      [run.id, run.colour, line.key, line.slot, part].join(' '),
    );
    return [look().theme, settings.log.peek(), settings.axis.peek(), this.board.runs.length, ...shown].join(
      '|',
    );
  }

  #lookOf({ places }: { places: Place[] }, x: Range, y: Range): PlotLook {
    return {
      places,
      x,
      y,
      starts: this.#starts(),
      marks: this.spec.marks ?? [],
      unit: this.spec.unit,
      axis: settings.axis.peek(),
      log: settings.log.peek(),
      sparse: this.spec.sparse === true,
      smoothed: places.some(({ part }) => part === 'smooth'),
      byRun: this.board.runs.length > 1,
      snap: (at) => this.board.snap(at),
      look: look(),
    };
  }

  /** The first value of each line. */
  #starts(): Map<string, number> {
    const starts = new Map<string, number>();
    if (!this.spec.fromStart || this.board.runs.length !== 1) return starts;
    const [run] = this.board.runs;
    for (const line of this.lines) {
      const first = line.values(run.series).find((value) => !Number.isNaN(value));
      if (first !== undefined) starts.set(lineOf(run, line), first);
    }
    return starts;
  }

  /** What only the chart on the page does, and no picture of it. */
  #live(options: uPlot.Options): uPlot.Options {
    let begun = 0;
    return {
      ...options,
      hooks: {
        ...options.hooks,
        drawClear: [
          () => {
            begun = performance.now();
          },
        ],
        draw: [
          ...(options.hooks?.draw ?? []),
          (uplot) => {
            effort.draws++;
            // The first time uPlot draws by itself, a moment later.
            if (uplot.status === 0) effort.ms += performance.now() - begun;
          },
        ],
        setCursor: [
          (uplot) => {
            if (this.#ours || uplot.status === 0) return;
            const left = uplot.cursor.left ?? -1;
            this.board.point(left < 0 ? null : uplot.posToVal(left, 'x'), this);
          },
        ],
        // Only now it knows where its x are.
        ready: [() => this.showCursor()],
        setSelect: [
          (uplot) => {
            const { left, width } = uplot.select;
            if (width <= 0) return;
            uplot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
            this.board.zoomTo([uplot.posToVal(left, 'x'), uplot.posToVal(left + width, 'x')]);
          },
        ],
      },
      cursor: {
        ...options.cursor,
        bind: {
          dblclick: () => () => {
            this.board.showAll();
            return null;
          },
        },
      },
    };
  }

  /** Puts the cursor where that of the board is. */
  showCursor(): void {
    const uplot = this.#uplot;
    const { cursor } = this.board;
    if (!uplot || uplot.status === 0 || (cursor === null && (uplot.cursor.left ?? -1) < 0)) return;
    const left = cursor === null ? -10 : uplot.valToPos(cursor, 'x');
    const inside = left >= 0 && left <= uplot.bbox.width / uPlot.pxRatio;
    this.#ours = true;
    uplot.setCursor(inside ? { left, top: 0 } : { left: -10, top: -10 }, false);
    this.#ours = false;
  }

  /** Writes the values at the cursor, or the newest, beside the lines. */
  tell(): void {
    const x = this.board.cursor;
    const axis = settings.axis.peek();
    write(this.at, x === null ? '' : place(x, axis));
    for (const run of this.board.runs) {
      for (const line of this.lines) {
        const element = this.figures.get(lineOf(run, line));
        if (element) write(element, this.written(run, line, x));
      }
    }
  }

  /** The value at x, or the newest. */
  written(run: ShownRun, line: Line, x: number | null): string {
    const value = valueAt(run, line, {
      axis: settings.axis.peek(),
      x,
      sparse: this.spec.sparse === true,
    });
    return line.low ? withInterval(value, this.spec.unit) : figure(value.value, this.spec.unit);
  }

  /** 'Entropy in nats. Newest: entropy 0.51.' */
  inWords(): string {
    const { title, unit } = this.spec;
    const x = this.board.cursor;
    const { runs } = this.board;
    const told = runs.flatMap((run) =>
      this.lines
        .map((line) => ({ line, written: this.written(run, line, x) }))
        .filter(({ written }) => written !== nothing)
        .map(({ line, written }) => `${runs.length > 1 ? `${run.name}, ` : ''}${line.label} ${written}`),
    );
    const where = x === null ? 'Newest' : place(x, settings.axis.peek());
    const values = told.length ? told.join('; ') : 'nothing';
    return `${title}${unit && unit !== 'share' ? ` in ${unit}` : ''}. ${where}: ${values}.`;
  }

  /** By keys: so many steps further, or to an end of what is to be seen. */
  moveCursor(by: number): void {
    const { places, range, cursor } = this.board;
    if (places.length === 0) return;
    const [first, last] = range.map((end) => nearestPosition(places, end));
    const now = cursor === null ? last + (by < 0 ? 1 : 0) : nearestPosition(places, cursor);
    this.board.point(places[Math.min(last, Math.max(first, now + by))], null);
    this.board.said.value = this.inWords();
  }

  /** That line stands out; null for all alike. Not at once: a pointer also crosses lines on its way, or while the page scrolls. */
  emphasise(line: string | null): void {
    clearTimeout(this.#intent);
    this.#intent = setTimeout(() => {
      const uplot = this.#uplot;
      if (!uplot || !this.#look || line === this.#emphasised) return;
      this.#emphasised = line;
      for (const [index, { run, line: each, part }] of this.#look.places.entries()) {
        const dimmed = line !== null && line !== lineOf(run, each);
        uplot.series[index + 1].alpha = alphaOf(part, this.#look) * (dimmed ? 0.15 : 1);
      }
      uplot.redraw(false);
    }, 120);
  }

  /** The same chart, drawn once in another size. */
  async picture(width: number, height: number): Promise<HTMLCanvasElement> {
    const { range } = this.board;
    const frame = this.#frameOf(range, width - besides);
    const y = this.#heightOf(frame);
    const options = plotOptions(this.#lookOf(frame, range, y), { width, height });
    const uplot = await new Promise<uPlot>((resolve) => {
      const hooks = { ...options.hooks, ready: [resolve] };
      new uPlot({ ...options, hooks }, frame.columns as uPlot.AlignedData, document.createElement('div'));
    });
    const canvas = uplot.ctx.canvas;
    uplot.destroy();
    return canvas;
  }
}

function write(element: HTMLElement | null, text: string): void {
  if (element && element.textContent !== text) element.textContent = text;
}
