/** @file Dates as people here write them. */

const format = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

/** Milliseconds since 1970 -> '3 Feb 2026, 04:05', as the browser's language has it. */
export const when = (at: number) => format.format(at);
