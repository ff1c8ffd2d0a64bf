/** The places of a run: each from its first step on, and none that left no step. */
import { describe, expect, it } from 'vitest';
import { placesOf } from '../../../src/selfplay/places';

const here = { backend: 'wasm', device: '2 threads' };
const node = { backend: 'remote', device: 'a GPU, on node.example' };

describe('places', () => {
  it.each([
    ['nobody has played it', { step: 0, backend: 'auto', device: '' }, here, undefined],
    ['it stays where it is', { step: 3, ...here }, here, undefined],
    [
      'it moves',
      { step: 3, ...here },
      node,
      [
        { from: 0, ...here },
        { from: 4, ...node },
      ],
    ],
    [
      'it moves back',
      {
        step: 5,
        ...node,
        places: [
          { from: 0, ...here },
          { from: 4, ...node },
        ],
      },
      here,
      [
        { from: 0, ...here },
        { from: 4, ...node },
        { from: 6, ...here },
      ],
    ],
    [
      'it was moved for no step at all',
      {
        step: 3,
        ...node,
        places: [
          { from: 0, ...here },
          { from: 4, ...node },
        ],
      },
      here,
      [{ from: 0, ...here }],
    ],
  ])('when %s', (_, info, there, places) => {
    expect(placesOf(info, there)).toEqual(places);
  });
});
