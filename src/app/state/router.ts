/**
 * @file Where the page is: a view and what it shows, in the address behind #, so that every view can be linked to and the browser's
 * Back works. `#/replay?run=abc&step=12&game=345` for instance.
 */

import { effect, signal } from '@preact/signals';
import { titleOf, type View, views } from './views';

export { titleOf, type View, views } from './views';

export interface Route {
  view: View;
  params: URLSearchParams;
}

type Params = Record<string, string | number | null | undefined>;

export const route = signal<Route>(read());

/** An address for a link. What is null or undefined is left out. */
export function href(view: View, params: Params = {}): string {
  const given = Object.entries(params).filter(
    ([, value]) => value !== null && value !== undefined && value !== '',
  );
  const query = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return `#/${view}${query ? `?${query}` : ''}`;
}

/** Opens a view; with `replace` Back does not lead to where one was. */
export function go(view: View, params: Params = {}, { replace = false } = {}): void {
  const address = href(view, params);
  if (address === location.hash) return;
  if (replace) history.replaceState(null, '', address);
  else history.pushState(null, '', address);
  route.value = read();
}

/** Changes some of what the view shows, and stays where it is. Null takes a parameter away. */
export function refine(params: Params): void {
  const { view, params: before } = route.value;
  go(view, { ...Object.fromEntries(before), ...params }, { replace: true });
}

/** The value of a parameter, a whole number from 0; null if it is not one. */
export function wholeParam(name: string): number | null {
  const written = route.value.params.get(name);
  return written !== null && /^\d{1,15}$/.test(written) ? Number(written) : null;
}

function read(): Route {
  const [path, query = ''] = location.hash.replace(/^#\/?/, '').split('?', 2);
  const view = views.find((each) => each === path) ?? 'train';
  return { view, params: new URLSearchParams(query) };
}

const readAgain = () => {
  route.value = read();
};
addEventListener('hashchange', readAgain);
addEventListener('popstate', readAgain);

effect(() => {
  document.title = `${titleOf(route.value.view)} · Zeroloop`;
});
