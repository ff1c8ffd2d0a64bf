/** Names that people can remember. */
import { expect, it } from 'vitest';
import { memorableName } from '../../../src/app/state/names';

it('is the same for the same run, two words, and never one that is taken', () => {
  expect(memorableName('abc', new Set())).toBe(memorableName('abc', new Set()));
  const taken = new Set<string>();
  for (let number = 0; number < 1024; number++) {
    const name = memorableName(`run ${number}`, taken);
    expect(taken.has(name)).toBe(false);
    expect(name).toMatch(/^[a-z]+ [a-z]+$/);
    taken.add(name);
  }
  // When all are taken there is still the id.
  expect(memorableName('0123456789', taken)).toBe('run 01234567');
});

it('differs between runs that begin alike', () => {
  const names = new Set(Array.from({ length: 100 }, (_, number) => memorableName(`run${number}`, new Set())));
  expect(names.size).toBeGreaterThan(80);
});
