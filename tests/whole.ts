/**
 * @file How much of the long proofs is run. CI repeats them as often as it takes to see that something is broken; `npm run proofs` runs
 * all of them whole, by way of VITE_WHOLE.
 */

export const isWhole = import.meta.env.VITE_WHOLE === '1';

/** The long form in `npm run proofs`, the short one else. */
export const inProofs = <T>(long: T, { else: short }: { else: T }): T => (isWhole ? long : short);
