/**
 * @file One Python interpreter of the sandbox, as a classic script (see scripts/classic.mjs): its first message brings the port
 * to its warden.
 */

import '../src/sandbox/inside/module-worker';
import { serveInterpreter } from '../src/sandbox/inside/interpreter';

self.onmessage = ({ data }: MessageEvent<MessagePort>) => {
  self.onmessage = null;
  serveInterpreter(data);
};
