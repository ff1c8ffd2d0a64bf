/**
 * @file The metrics of a run as columns of numbers, which charts can draw without making them first. They grow at the end, as a run
 * does; a step that is played again takes the place of what was there.
 */

export class RunSeries {
  /** How many steps there are. */
  length = 0;
  /** How often steps were taken back; what was drawn before is out of date then. */
  rewinds = 0;
  #steps = new Float64Array(256);
  readonly #columns = new Map<string, Float64Array<ArrayBuffer>>();

  /** The names of all metrics there ever were, in the order in which they came. */
  get names(): string[] {
    return [...this.#columns.keys()];
  }

  /** How many metrics there are. Only grows. */
  get width(): number {
    return this.#columns.size;
  }

  get steps(): Float64Array {
    return this.#steps.subarray(0, this.length);
  }

  has(name: string): boolean {
    return this.#columns.has(name);
  }

  /** NaN where a step has no such metric. */
  column(name: string): Float64Array {
    const column = this.#columns.get(name);
    return column ? column.subarray(0, this.length) : new Float64Array(this.length).fill(Number.NaN);
  }

  /** The newest value that is one; undefined if there is none. */
  latest(name: string): number | undefined {
    const column = this.#columns.get(name);
    if (!column) return undefined;
    for (let at = this.length - 1; at >= 0; at--) if (!Number.isNaN(column[at])) return column[at];
    return undefined;
  }

  /** Has any of these a value in the steps from the given one on, counted from 0? */
  grewSince(from: number, names: readonly string[]): boolean {
    for (const name of names) {
      const column = this.#columns.get(name);
      if (!column) continue;
      for (let at = from; at < this.length; at++) if (!Number.isNaN(column[at])) return true;
    }
    return false;
  }

  add(step: number, metrics: Record<string, number>): void {
    if (this.length > 0 && this.#steps[this.length - 1] >= step) this.rewinds++;
    while (this.length > 0 && this.#steps[this.length - 1] >= step) this.length--;
    if (this.length === this.#steps.length) this.#grow();
    const at = this.length++;
    this.#steps[at] = step;
    for (const column of this.#columns.values()) column[at] = Number.NaN;
    for (const name in metrics) {
      let column = this.#columns.get(name);
      if (!column) {
        column = new Float64Array(this.#steps.length).fill(Number.NaN);
        this.#columns.set(name, column);
      }
      column[at] = metrics[name];
    }
  }

  #grow(): void {
    const longer = (before: Float64Array) => {
      const after = new Float64Array(before.length * 2).fill(Number.NaN);
      after.set(before);
      return after;
    };
    this.#steps = longer(this.#steps);
    for (const [name, column] of this.#columns) this.#columns.set(name, longer(column));
  }
}
