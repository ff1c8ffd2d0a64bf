/**
 * @file The only code that runs in the document of the sandbox's iframe: it starts the warden there, and
 * the interpreters for it, so that all of them share the iframe's missing origin and its policy, and says so if the browser will not.
 */

import { serveNursery } from '../src/sandbox/inside/nursery';
import type { WardenPorts } from '../src/sandbox/inside/warden';
import { type Scheme, schemes, workerAddress } from '../src/sandbox/inside/worker-address';

export interface FrameOrder {
  wardenScript: string;
  /** For the warden. */
  work: MessagePort;
  /** For this document: gets one message, if the warden's worker fails. */
  trouble: MessagePort;
}

addEventListener('message', function begin({ source, data }: MessageEvent<FrameOrder>) {
  if (source !== parent) return;
  removeEventListener('message', begin);
  start(data, schemes);
});

function start(order: FrameOrder, [scheme, ...others]: readonly Scheme[]): void {
  const { wardenScript, work, trouble } = order;
  let runs = false;
  const fail = (reason: string) => {
    if (!runs && others.length > 0) start(order, others);
    else trouble.postMessage(reason);
  };
  try {
    const warden = new Worker(workerAddress(wardenScript, scheme));
    warden.onerror = ({ message }) => fail(message || 'the worker did not start');
    warden.onmessage = () => {
      runs = true;
      const { port1, port2: nursery } = new MessageChannel();
      serveNursery(port1, scheme);
      warden.postMessage({ work, nursery } satisfies WardenPorts, [work, nursery]);
    };
  } catch (error) {
    fail(String(error));
  }
}
