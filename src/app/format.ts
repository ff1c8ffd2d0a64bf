/** @file Numbers as people read them, everywhere the same. */

/** 1234 -> '1,234'; 41200 -> '41.2k'; 3400000 -> '3.4M'. */
export function count(value: number): string {
  if (value >= 999_950) return `${trim(value / 1e6)}M`;
  if (value >= 10_000) return `${trim(value / 1e3)}k`;
  return Math.round(value).toLocaleString('en-US');
}

/** 16384 -> '16 KiB'. */
export function bytes(value: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let power = 0;
  while (value >= 1024 && power < units.length - 1) {
    value /= 1024;
    power++;
  }
  return `${trim(value)} ${units[power]}`;
}

/** 850 -> '0.9 s'; 75000 -> '1 min 15 s'. */
export function duration(ms: number): string {
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

const trim = (value: number): string =>
  value < 100 ? value.toFixed(1).replace(/\.0$/, '') : Math.round(value).toString();
