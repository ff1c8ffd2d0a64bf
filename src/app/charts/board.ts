/**
 * @file All charts of a view together: one cursor, one zoom, and one place that decides when something is drawn. Charts out of sight are
 * not drawn; those in sight only if their lines have grown, a few at a time, so that no frame of the browser is late; and after steps
 * have arrived no more often than costs a small share of a core.
 */

import { signal } from '@preact/signals';
import { nearestPosition, xOf } from './axis';
import { extentOf, type ShownRun } from './frame';
import type { Plot } from './plot';
import { type Range, wholeRun, xRange, type Zoom } from './ranges';
import * as settings from './settings';

/** Of each frame, for drawing; at least one chart is drawn. */
const frameBudget = 5;
/** Steps that arrive are drawn after this long at the soonest; later for those who asked for little motion. */
const pause = 500;
const calmPause = 2000;
const calm = matchMedia('(prefers-reduced-motion: reduce)');
/** For each millisecond of drawing so many are left to others: drawing stays under 1.5 % of a core, and painting takes as much again. */
const patience = 70;

/** What drawing costs: for the pause above, and for tests. */
export const effort = { draws: 0, ms: 0 };

export class Board {
  readonly zoom = signal<Zoom>(wholeRun);
  /** For those who hear the page: what is at the cursor that a key moved. */
  readonly said = signal('');
  /** Where on the x axis; null for the newest values. */
  cursor: number | null = null;
  runs: readonly ShownRun[] = [];

  readonly #plots = new Map<Element, Plot>();
  readonly #seen: IntersectionObserver;
  readonly #sizes: ResizeObserver;
  #frame = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #restUntil = 0;
  #pointed: Plot | null = null;
  #moved = false;
  /** How far the axes go is to be found out again. */
  #ranging = false;
  /** Those that have grown are to be found. */
  #grown = false;
  /** They are being drawn. */
  #catchingUp = false;
  #range: Range = [0, 1];

  constructor() {
    this.#seen = new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting } of entries) {
          const plot = this.#plots.get(target);
          if (plot) plot.visible = isIntersecting;
          if (plot?.visible && plot.hasGrown()) plot.outdated = true;
        }
        this.#moved = true;
        this.#request();
      },
      { rootMargin: '120px 0px' },
    );
    this.#sizes = new ResizeObserver((entries) => {
      for (const { target, contentRect } of entries) {
        this.#plots.get(target)?.resize(Math.floor(contentRect.width), Math.floor(contentRect.height));
      }
      this.#request();
    });
  }

  /** Returns how to take it away again. */
  add(plot: Plot): () => void {
    this.#plots.set(plot.host, plot);
    this.#seen.observe(plot.host);
    this.#sizes.observe(plot.host);
    return () => {
      this.#plots.delete(plot.host);
      this.#seen.unobserve(plot.host);
      this.#sizes.unobserve(plot.host);
      if (this.#pointed === plot) this.#pointed = null;
      plot.destroy();
    };
  }

  close(): void {
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#timer);
    this.#seen.disconnect();
    this.#sizes.disconnect();
  }

  /** The whole of what is to be seen; each chart finds out what that means for it. */
  get range(): Range {
    return this.#range;
  }

  /** Something else is to be seen, or in another way: at once. */
  refresh(): void {
    for (const plot of this.#plots.values()) plot.outdated = true;
    this.#ranging = true;
    this.#request();
  }

  /** Steps have arrived. */
  grow(): void {
    this.#timer ??= setTimeout(
      () => {
        this.#timer = undefined;
        // What was drawn meanwhile counts too.
        if (performance.now() < this.#restUntil) {
          this.grow();
          return;
        }
        this.#ranging = true;
        this.#grown = true;
        this.#request();
      },
      Math.max(calm.matches ? calmPause : pause, this.#restUntil - performance.now()),
    );
  }

  /** A chart has changed by itself. */
  redraw(plot: Plot): void {
    plot.outdated = true;
    this.#request();
  }

  /** The steps of the run that goes furthest, along the axis: between them there is nothing to point at. */
  get places(): Float64Array {
    let furthest: Float64Array = new Float64Array();
    for (const { series } of this.runs) {
      const x = xOf(series, settings.axis.peek());
      if (x.length > 0 && !(furthest[furthest.length - 1] > x[x.length - 1])) furthest = x;
    }
    return furthest;
  }

  snap(x: number): number {
    const { places } = this;
    return places.length > 0 ? places[nearestPosition(places, x)] : x;
  }

  /** The cursor is there, in all charts. */
  point(at: number | null, by: Plot | null): void {
    const x = at === null ? null : this.snap(at);
    if (x === this.cursor) return;
    this.cursor = x;
    this.#pointed = by;
    this.#moved = true;
    this.#request();
  }

  zoomTo(range: Range): void {
    this.zoom.value = range[1] > range[0] ? { kind: 'window', range } : wholeRun;
  }

  /** Around the cursor, or the newest; as far out as the run goes. */
  zoomBy(factor: number): void {
    const extent = extentOf(this.runs, settings.axis.peek());
    if (!extent) return;
    const [from, to] = this.range;
    const [first, last] = xRange(extent, wholeRun);
    const centre = this.cursor ?? to;
    const low = Math.max(first, centre - (centre - from) * factor);
    const high = Math.min(last, centre + (to - centre) * factor);
    if (low <= first && high >= last) this.showAll();
    else this.zoomTo([low, high]);
  }

  showAll(): void {
    this.zoom.value = wholeRun;
  }

  #request(): void {
    this.#frame ||= requestAnimationFrame(() => this.#work());
  }

  #work(): void {
    this.#frame = 0;
    const begun = performance.now();
    if (this.#moved) this.#showCursor();
    if (this.#ranging) {
      const extent = extentOf(this.runs, settings.axis.peek());
      // While there are no steps: the first that come are shown whole, and not when it is their turn.
      this.#ranging = extent === null;
      this.#range = xRange(extent, this.zoom.peek());
    }
    if (this.#grown) {
      // Once: what grows while they are drawn comes next time, or the last of them would never have their turn.
      this.#grown = false;
      this.#catchingUp = true;
      for (const plot of this.#plots.values()) if (plot.visible && plot.hasGrown()) plot.outdated = true;
    }
    const drawing = performance.now();
    let drew = false;
    let left = false;
    for (const plot of this.#plots.values()) {
      if (!plot.isDue()) continue;
      if (drew && performance.now() - begun > frameBudget) {
        left = true;
        this.#request(); // the rest in the next frame
        break;
      }
      plot.draw();
      drew = true;
    }
    const now = performance.now();
    effort.ms += now - begun;
    // What people do with charts is answered at once, and puts nothing off.
    if (this.#catchingUp) this.#restUntil = Math.max(this.#restUntil, now) + (now - drawing) * patience;
    this.#catchingUp &&= left;
  }

  #showCursor(): void {
    this.#moved = false;
    for (const plot of this.#plots.values()) {
      if (!plot.visible) continue;
      if (plot !== this.#pointed) plot.showCursor();
      plot.tell();
    }
  }
}
