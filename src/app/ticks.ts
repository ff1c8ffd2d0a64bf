/** @file Round numbers for an axis: steps of 1, 2 or 5 times a power of ten that cover [low, high]. */

export function niceTicks(low: number, high: number, about: number): number[] {
  if (high <= low) return niceTicks(low, low + 1, about);
  const rough = (high - low) / about;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step =
    [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough * 0.999) ?? 10 * power;
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const ticks: number[] = [];
  for (let i = Math.floor(low / step + 1e-9); ; i++) {
    ticks.push(Number((i * step).toFixed(decimals)));
    if (i * step >= high - step * 1e-9) return ticks;
  }
}
