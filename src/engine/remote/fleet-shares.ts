/**
 * @file How the prompts of a request are dealt among nodes, so that all of them end at about the same time. The same prompt asked several
 * times goes to one node as a whole: its answers differ by how often it came before.
 */

/** Places in the request that hold the same prompt. */
export type Group = readonly number[];

export function groupsOf(prompts: readonly Int32Array[]): Group[] {
  const groups = new Map<string, number[]>();
  prompts.forEach((prompt, place) => {
    const text = prompt.join();
    const same = groups.get(text);
    if (same) same.push(place);
    else groups.set(text, [place]);
  });
  return [...groups.values()];
}

/** How soon a node would be done with what it is given. */
export interface Prospect {
  /** Completions a second; null where nobody knows yet. */
  speed: number | null;
  /** Seconds before it can begin. */
  delay: number;
}

/** What each of them is given: the largest groups first, each to the node that would be done with it soonest. */
export function deal(groups: readonly Group[], samples: number, nodes: readonly Prospect[]): Group[][] {
  const known = nodes.flatMap(({ speed }) => speed ?? []);
  const usual = known.length > 0 ? known.reduce((a, b) => a + b) / known.length : 1;
  const shares: Group[][] = nodes.map(() => []);
  const until = nodes.map(({ delay }) => delay);
  for (const group of [...groups].sort((a, b) => b.length - a.length)) {
    const ends = nodes.map(
      ({ speed }, node) => until[node] + secondsFor(group.length * samples, speed ?? usual),
    );
    const soonest = ends.indexOf(Math.min(...ends));
    shares[soonest].push(group);
    until[soonest] = ends[soonest];
  }
  return shares;
}

export const secondsFor = (completions: number, speed: number): number => completions / Math.max(speed, 1e-6);

/** How fast a node was, lately. */
export class Pace {
  /** Completions a second; null before it was measured. */
  speed: number | null = null;
  /** Others have done its share, and it is at it still: before it is done or has failed, it is given no more. */
  overdue = false;
  private isWarm = false;

  measured(completions: number, seconds: number): void {
    if (this.isWarm && seconds > 0) {
      const now = completions / seconds;
      this.speed = this.speed === null ? now : (this.speed + now) / 2;
    }
    this.isWarm = true; // the first time, a node compiles
  }

  /** It was interrupted, and would have needed longer. */
  slowerThan(completions: number, seconds: number): void {
    if (this.speed === null || completions < this.speed * seconds) this.measured(completions, seconds);
  }

  /** It was given nothing: believed to be faster each time, it is tried again before long. */
  passedOver(): void {
    if (this.speed !== null) this.speed *= 1.5;
  }
}
