/** @file What the nodes of a fleet did since somebody last looked, as metrics: see metric-list.ts. */

export class FleetMeasures {
  private by = new Map<number, number>();
  private staleness = { sum: 0, max: 0 };
  private again = 0;

  /** `node` counts from 1, the one that trains. */
  answered(node: number, staleness: number): void {
    this.by.set(node, (this.by.get(node) ?? 0) + 1);
    this.staleness = {
      sum: this.staleness.sum + staleness,
      max: Math.max(this.staleness.max, staleness),
    };
  }

  askedAgain(completions: number): void {
    this.again += completions;
  }

  /** And begins anew. */
  take({ nodes, there }: { nodes: number; there: number }): Record<string, number> {
    const { by, staleness, again } = this;
    const total = [...by.values()].reduce((a, b) => a + b, 0);
    this.by = new Map();
    this.staleness = { sum: 0, max: 0 };
    this.again = 0;
    const metrics: Record<string, number> = { 'fleet/nodes': there, 'fleet/asked_again': again };
    if (total === 0) return metrics;
    for (let node = 1; node <= nodes; node++) metrics[`fleet/share/${node}`] = (by.get(node) ?? 0) / total;
    return {
      ...metrics,
      'fleet/staleness/mean': staleness.sum / total,
      'fleet/staleness/max': staleness.max,
    };
  }
}
