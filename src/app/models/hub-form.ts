/**
 * @file What somebody has written into the form for the Hub: it stays while other views are open. The token goes to the endpoint and nowhere
 * else, and is forgotten with the page, unless this browser is asked to remember it.
 */

import { signal } from '@preact/signals';
import { publicHub } from '../../model/hub/address';
import type { HubModel } from '../../model/hub/look';

export interface HubForm {
  id: string;
  revision: string;
  token: string;
  endpoint: string;
  remembers: boolean;
}

const place = 'zeroloop-hub';

export const form = signal<HubForm>(remembered());
/** What was looked at last. */
export const seen = signal<HubModel | null>(null);

export function changeForm(news: Partial<HubForm>): void {
  form.value = { ...form.value, ...news };
  const { remembers, token, endpoint } = form.value;
  if (remembers) localStorage.setItem(place, JSON.stringify({ token, endpoint }));
  else localStorage.removeItem(place);
}

function remembered(): HubForm {
  const fresh = { id: '', revision: '', token: '', endpoint: publicHub, remembers: false };
  try {
    const { token, endpoint } = JSON.parse(localStorage.getItem(place) ?? '') as Record<string, unknown>;
    if (typeof token !== 'string' || typeof endpoint !== 'string') return fresh;
    return { ...fresh, token, endpoint, remembers: true };
  } catch {
    return fresh; // nothing is remembered, or nothing can be
  }
}
