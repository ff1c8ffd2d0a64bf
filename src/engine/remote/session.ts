/** @file A session on a server: models belong to it, and it lasts as long as the server hears of its client. */

import type { Transport } from './transport';

const heartbeatEvery = 10_000;

export async function createSession(transport: Transport): Promise<string> {
  const answer = await transport.json('api/v1/create_session', {
    tags: [],
    user_metadata: null,
    sdk_version: 'zeroloop',
    type: 'create_session',
  });
  return answer.text('session_id');
}

/** Returns what ends it. */
export function keepAlive(transport: Transport, session: string): () => void {
  const heartbeat = setInterval(() => {
    transport.json('api/v1/session_heartbeat', { session_id: session }).catch(() => {});
  }, heartbeatEvery);
  if (typeof heartbeat === 'object') heartbeat.unref(); // of Node: it keeps no process alive
  const end = () => clearInterval(heartbeat);
  transport.signal?.addEventListener('abort', end, { once: true });
  return end;
}
