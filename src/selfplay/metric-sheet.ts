/**
 * @file Where metrics are written down: only finite numbers, under one name each. What is not known in a step is left out, since a
 * chart shows a gap for that, and neither a chart nor JSON knows what to do with NaN.
 */

export class MetricSheet {
  readonly metrics: Record<string, number> = {};

  put(name: string, value: number | null | undefined): void {
    if (value === null || value === undefined || !Number.isFinite(value)) return;
    if (Object.hasOwn(this.metrics, name)) throw new Error(`The metric ${name} is written twice.`);
    this.metrics[name] = value;
  }

  mean(name: string, values: readonly number[]): void {
    this.put(name, mean(values));
  }

  /** The share of `items` that pass; nothing if there are none. */
  share<Item>(name: string, items: readonly Item[], passes: (item: Item) => boolean): void {
    this.put(name, items.length > 0 ? count(items, passes) / items.length : null);
  }

  /** Mean, largest and smallest, each under its own name. */
  spread(name: string, values: readonly number[]): void {
    if (values.length === 0) return;
    this.put(`${name}/mean`, mean(values));
    this.put(`${name}/max`, largest(values));
    this.put(`${name}/min`, smallest(values));
  }
}

export function count<Item>(items: readonly Item[], passes: (item: Item) => boolean): number {
  return items.reduce((total, item) => total + (passes(item) ? 1 : 0), 0);
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Null of nothing. */
export function mean(values: readonly number[]): number | null {
  return values.length > 0 ? sum(values) / values.length : null;
}

/** Of these values, not of a population that they stand for: one value deviates by 0. */
export function deviation(values: readonly number[]): number | null {
  const centre = mean(values);
  return centre === null
    ? null
    : Math.sqrt(sum(values.map((value) => (value - centre) ** 2)) / values.length);
}

export function largest(values: readonly number[]): number | null {
  return values.length > 0 ? values.reduce((a, b) => Math.max(a, b)) : null;
}

export function smallest(values: readonly number[]): number | null {
  return values.length > 0 ? values.reduce((a, b) => Math.min(a, b)) : null;
}
