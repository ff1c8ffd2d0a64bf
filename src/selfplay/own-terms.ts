/**
 * @file Rewards of the user's own, from a file: a JavaScript module whose default export names them. It runs with the loop's rights
 * and not in the sandbox, so it is for people to write, never for models. It travels with the weights, as a run cannot go on without it.
 *
 *     export default {
 *       brevity: { value: ({ completion }) => 1 / (1 + completion.length), coefficient: 0.1, max: 0.1, roles: ['solve'] },
 *     };
 */

import { roles } from '../store/records';
import { RunError } from './errors';
import type { OwnTerm } from './rewards';

/** Its name among the files of a checkpoint. */
export const ownTermsFile = 'rewards.mjs';

export type OwnTerms = Readonly<Record<string, OwnTerm>>;

export async function readOwnTerms(source: string): Promise<OwnTerms> {
  const url = `data:text/javascript;charset=utf-8,${encodeURIComponent(source)}`;
  let terms: unknown;
  try {
    terms = (await import(/* @vite-ignore */ url)).default;
  } catch (error) {
    throw new RunError(`The rewards of this run are no module that can be loaded: ${String(error)}.`);
  }
  if (typeof terms !== 'object' || terms === null || Object.keys(terms).length === 0) {
    throw new RunError('The rewards of this run name nothing: export an object of terms as default.');
  }
  for (const [name, term] of Object.entries(terms)) {
    const fault = faultOf(term);
    if (fault) throw new RunError(`The reward "${name}" of this run ${fault}.`);
  }
  return terms as OwnTerms;
}

function faultOf(term: Partial<OwnTerm> | null): string | null {
  if (typeof term?.value !== 'function') return 'has no function called value';
  if (!Number.isFinite(term.coefficient)) return 'has no number called coefficient';
  if (typeof term.max !== 'number' || Number.isNaN(term.max)) return 'has no number called max';
  const known = (role: unknown) => (roles as readonly unknown[]).includes(role);
  if (!Array.isArray(term.roles) || term.roles.length === 0 || !term.roles.every(known)) {
    return `has no list called roles with any of ${roles.join(', ')}`;
  }
  return null;
}
