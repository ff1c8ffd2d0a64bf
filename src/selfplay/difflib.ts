/**
 * @file How alike two sequences are, as Python's difflib counts it (`SequenceMatcher(None, a, b).ratio()`, autojunk included):
 * twice the matching elements over all elements, where the longest common run is matched first and then what lies to both
 * sides of it. It is not symmetric, and in long sequences frequent elements do not count as anchors; both as in Python.
 *
 * Cost: each search for a longest run visits, for every element of a, the places of that element in b. Autojunk keeps those
 * to about 1 % of b once b has 200 elements, so a search is |a| |b| / 100 at worst, and there is one per matching run:
 * callers bound the lengths.
 */

export function similarity(a: string | readonly string[], b: string | readonly string[]): number {
  const left = typeof a === 'string' ? [...a] : a; // Python's characters are code points
  const right = typeof b === 'string' ? [...b] : b;
  const total = left.length + right.length;
  return total === 0 ? 1 : (2 * matching(left, right)) / total;
}

/** How many elements the matching runs hold. */
function matching(a: readonly string[], b: readonly string[]): number {
  const places = anchors(b);
  let matched = 0;
  const open: [aLow: number, aHigh: number, bLow: number, bHigh: number][] = [[0, a.length, 0, b.length]];
  while (open.length) {
    const [aLow, aHigh, bLow, bHigh] = open.pop()!;
    const [i, j, size] = longestRun(a, b, places, aLow, aHigh, bLow, bHigh);
    if (!size) continue;
    matched += size;
    if (aLow < i && bLow < j) open.push([aLow, i, bLow, j]);
    if (i + size < aHigh && j + size < bHigh) open.push([i + size, aHigh, j + size, bHigh]);
  }
  return matched;
}

/** Where each element of b stands; popular ones are left out of long sequences. */
function anchors(b: readonly string[]): Map<string, number[]> {
  const places = new Map<string, number[]>();
  for (let j = 0; j < b.length; j++) {
    const list = places.get(b[j]);
    if (list) list.push(j);
    else places.set(b[j], [j]);
  }
  if (b.length >= 200) {
    const most = Math.floor(b.length / 100) + 1;
    for (const [element, list] of places) if (list.length > most) places.delete(element);
  }
  return places;
}

/** The longest common run of a[aLow..aHigh) and b[bLow..bHigh); of several the one that begins first in a, then in b. */
function longestRun(
  a: readonly string[],
  b: readonly string[],
  places: Map<string, number[]>,
  aLow: number,
  aHigh: number,
  bLow: number,
  bHigh: number,
): [i: number, j: number, size: number] {
  let [bestI, bestJ, size] = [aLow, bLow, 0];
  /** lengths.get(j): how long the run that ends with a[i - 1] and b[j] is. */
  let lengths = new Map<number, number>();
  for (let i = aLow; i < aHigh; i++) {
    const next = new Map<number, number>();
    for (const j of places.get(a[i]) ?? []) {
      if (j < bLow) continue;
      if (j >= bHigh) break;
      const length = (lengths.get(j - 1) ?? 0) + 1;
      next.set(j, length);
      if (length > size) [bestI, bestJ, size] = [i - length + 1, j - length + 1, length];
    }
    lengths = next;
  }
  // Popular elements start no run, but a run may go on over them.
  while (bestI > aLow && bestJ > bLow && a[bestI - 1] === b[bestJ - 1]) {
    bestI--;
    bestJ--;
    size++;
  }
  while (bestI + size < aHigh && bestJ + size < bHigh && a[bestI + size] === b[bestJ + size]) size++;
  return [bestI, bestJ, size];
}
