/**
 * @file The node that this page is connected to, and what is written into the form for it. The token goes to that address and nowhere else:
 * it stays with the tab, so that a reload finds it, and with the browser only if it is asked to remember it.
 */

import { computed, signal } from '@preact/signals';
import { type NodeAddress, readNodeAddress } from '../node/address';
import type { NodeAbout } from '../node/asking';

export interface NodeForm {
  url: string;
  token: string;
  remembers: boolean;
}

export type Connection =
  | { kind: 'none' }
  | { kind: 'connecting' }
  | { kind: 'refused'; why: string }
  | {
      kind: 'connected';
      node: NodeAddress;
      about: NodeAbout;
      /** Milliseconds there and back. */
      roundTrip: number;
      /** Why it does not answer now; null while it does. */
      silent: string | null;
    };

const place = 'zeroloop-node';

export const nodeForm = signal<NodeForm>(remembered());
export const connection = signal<Connection>({ kind: 'none' });

/** What the node is that the page is connected to. */
export const connectedNode = computed(() =>
  connection.value.kind === 'connected' ? connection.value.about : null,
);

export function changeNodeForm(news: Partial<NodeForm>): void {
  nodeForm.value = { ...nodeForm.value, ...news };
  if (connection.value.kind === 'refused') connection.value = { kind: 'none' };
}

/** With what is in the form. What is wrong is told where the form is. */
export async function connect(): Promise<void> {
  if (connection.value.kind === 'connecting') return;
  connection.value = { kind: 'connecting' };
  try {
    const { aboutNode, roundTrip } = await import('../node/asking');
    const { url, token } = nodeForm.value;
    const node = { url: readNodeAddress(url, location.href), token: token.trim() };
    if (node.token === '') throw new Error('Write the token that the node printed when it started.');
    await roundTrip(node.url); // the first may take as long as a connection does
    const about = await aboutNode(node);
    connection.value = { kind: 'connected', node, about, roundTrip: await roundTrip(node.url), silent: null };
    nodeForm.value = { ...nodeForm.value, ...node };
    remember();
  } catch (error) {
    connection.value = { kind: 'refused', why: (error as Error).message };
  }
}

/** Forgets the token, too. */
export function disconnect(): void {
  connection.value = { kind: 'none' };
  changeNodeForm({ token: '', remembers: false });
  forget();
}

/** Is it still there, and what does it do? For as long as somebody looks. */
export async function lookAgain(): Promise<void> {
  const before = connection.value;
  if (before.kind !== 'connected') return;
  const { aboutNode, roundTrip, WrongTokenError } = await import('../node/asking');
  let now: Partial<typeof before>;
  try {
    now = { roundTrip: await roundTrip(before.node.url), silent: null };
    if (connection.value.kind === 'connected') connection.value = { ...connection.value, ...now };
    now = { ...now, about: await aboutNode(before.node) };
  } catch (error) {
    const why = (error as Error).message;
    // It was started anew, with another token.
    if (error instanceof WrongTokenError) connection.value = { kind: 'refused', why };
    now = { silent: why };
  }
  const { value } = connection;
  if (value.kind === 'connected' && value.node === before.node) connection.value = { ...value, ...now };
}

/** A connection that this tab had before, and has the token of. */
export async function reconnect(): Promise<void> {
  const { url, token } = nodeForm.value;
  if (connection.value.kind === 'none' && url !== '' && token !== '') await connect();
}

/** For a run that is to be played there. */
export async function nodeToPlayOn(): Promise<NodeAddress> {
  await reconnect();
  const { value } = connection;
  if (value.kind === 'connected') return value.node;
  throw new Error(
    value.kind === 'refused'
      ? value.why
      : 'This run is to be played on a node: connect to one under Device, or choose where else it goes on.',
  );
}

// ---- What is kept ------------------------------------------------------------------------------------------------------

function remembered(): NodeForm {
  for (const [storage, remembers] of [
    [() => sessionStorage, false],
    [() => localStorage, true],
  ] as const) {
    try {
      const { url, token } = JSON.parse(storage().getItem(place) ?? '') as Record<string, unknown>;
      if (typeof url === 'string' && typeof token === 'string') return { url, token, remembers };
    } catch {
      // Nothing is kept there, or nothing can be.
    }
  }
  return { url: '', token: '', remembers: false };
}

function remember(): void {
  forget();
  const { url, token, remembers } = nodeForm.value;
  const storage = () => (remembers ? localStorage : sessionStorage);
  attempt(() => storage().setItem(place, JSON.stringify({ url, token })));
}

function forget(): void {
  attempt(() => sessionStorage.removeItem(place));
  attempt(() => localStorage.removeItem(place));
}

/** Browsers may be told to keep nothing for a page. */
function attempt(work: () => void): void {
  try {
    work();
  } catch {
    // The connection holds until the page is closed.
  }
}
