/** @file Asks again until a check holds: a busy machine may take its time, which proves nothing against what is tested. */
import { vi } from 'vitest';

export const until = <T>(
  check: () => T | Promise<T>,
  options: { timeout?: number; interval?: number } = {},
) => vi.waitFor(check, { timeout: 15_000, ...options });
