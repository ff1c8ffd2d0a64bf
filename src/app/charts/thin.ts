/**
 * @file Which of many points to draw: about as many as there are pixels, and the highest and the lowest of those that share one, so that
 * no peak is lost.
 */

/**
 * Ascending positions from `from` up to but not including `to`. Where a column has no value in a whole bucket, a position without one
 * stays, so that the line breaks there. Positions at which no column has a value are left out if `gaps` is false.
 */
export function thin(
  x: Float64Array,
  columns: readonly Float64Array[],
  from: number,
  to: number,
  buckets: number,
  gaps = true,
): number[] {
  if (to <= from) return [];
  const kept = new Uint8Array(to - from);
  if (to - from <= 2 * buckets) {
    if (gaps) kept.fill(1);
    else for (const column of columns) keepValues(kept, column, from);
  } else {
    const starts = startsOf(x, from, to, buckets);
    for (const column of columns) keepExtremes(kept, column, from, starts, gaps);
  }
  const positions: number[] = [];
  for (let at = 0; at < kept.length; at++) if (kept[at]) positions.push(from + at);
  return positions;
}

function keepValues(kept: Uint8Array, column: Float64Array, from: number): void {
  for (let at = 0; at < kept.length; at++) if (!Number.isNaN(column[from + at])) kept[at] = 1;
}

/** Where each bucket that holds something begins; and at last the end. */
function startsOf(x: Float64Array, from: number, to: number, buckets: number): number[] {
  const width = (x[to - 1] - x[from]) / buckets;
  const starts = [from];
  let end = x[from] + width;
  for (let at = from + 1; at < to; at++) {
    if (x[at] < end || width === 0) continue;
    starts.push(at);
    end = x[from] + width * (Math.floor((x[at] - x[from]) / width) + 1);
  }
  starts.push(to);
  return starts;
}

function keepExtremes(
  kept: Uint8Array,
  column: Float64Array,
  from: number,
  starts: readonly number[],
  gaps: boolean,
): void {
  let [first, last] = [-1, -1];
  for (let bucket = 0; bucket + 1 < starts.length; bucket++) {
    const end = starts[bucket + 1];
    let [low, high] = [-1, -1];
    let [lowest, highest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let at = starts[bucket]; at < end; at++) {
      const value = column[at];
      if (value < lowest) {
        lowest = value;
        low = at;
      }
      if (value > highest) {
        highest = value;
        high = at;
      }
    }
    if (low >= 0) {
      kept[low - from] = 1;
      kept[high - from] = 1;
      if (first < 0) first = starts[bucket];
      last = end - 1;
    } else if (gaps) kept[starts[bucket] - from] = 1;
  }
  if (first < 0) return;
  // A line goes from its first value to its last, whatever else their buckets hold.
  while (Number.isNaN(column[first])) first++;
  while (Number.isNaN(column[last])) last--;
  kept[first - from] = 1;
  kept[last - from] = 1;
}
