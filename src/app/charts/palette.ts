/**
 * @file The colours of lines: Okabe and Ito's hues, moved until each stands out from the page and from the seven others, for people who
 * see all colours and for those who do not (the test simulates it). palette.css has the same as custom properties.
 */

export const palette = {
  light: ['#0046e2', '#d37701', '#00a666', '#a25c97', '#834000', '#6d8aff', '#4b2e83', '#3c5b4f'],
  dark: ['#6376ff', '#ff7023', '#21d086', '#ca6baf', '#f0e442', '#96c2ff', '#9554ba', '#c4c9cf'],
} as const;

export const colours = palette.light.length;

/** So that lines are told apart without their colours too: the first is solid. */
export const dashes: readonly (readonly number[])[] = [
  [],
  [7, 4],
  [2, 3],
  [9, 3, 2, 3],
  [4, 3],
  [12, 4],
  [1, 2],
  [6, 2, 2, 2],
];

/** Each run has the colour that was chosen for it, or else the first that is free: no two the same, as far as there are colours. */
export function assignColours(chosen: readonly (number | undefined)[]): number[] {
  const taken = new Set<number>();
  const given = chosen.map((colour) => {
    if (colour === undefined || taken.has(colour % colours)) return null;
    taken.add(colour % colours);
    return colour % colours;
  });
  return given.map((colour, index) => {
    if (colour !== null) return colour;
    const free = Array.from({ length: colours }, (_, each) => each).find((each) => !taken.has(each));
    const found = free ?? index % colours;
    taken.add(found);
    return found;
  });
}
