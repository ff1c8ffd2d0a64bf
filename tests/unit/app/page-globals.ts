/**
 * What the page's state takes from a browser, as far as it reads and writes addresses: imported before it, so that decisions can be
 * tested in Node. Nothing is drawn.
 */

const address = { hash: '' };

const nothing = () => undefined;
const node = { dataset: {}, title: '', visibilityState: 'hidden', addEventListener: nothing };

Object.assign(globalThis, {
  location: address,
  history: {
    pushState: (_: unknown, __: string, to: string) => Object.assign(address, { hash: to }),
    replaceState: (_: unknown, __: string, to: string) => Object.assign(address, { hash: to }),
  },
  document: { ...node, documentElement: node },
  addEventListener: nothing,
  matchMedia: () => ({ matches: false, addEventListener: nothing }),
});

/** As if somebody had opened a link. */
export function visit(hash: string): void {
  address.hash = hash;
}
