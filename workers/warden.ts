/** @file The sandbox's warden, as a classic script: it says that it runs, and the first message to it brings the ports to its client and nursery. */

import { serveWarden, type WardenPorts } from '../src/sandbox/inside/warden';

self.onmessage = ({ data }: MessageEvent<WardenPorts>) => {
  self.onmessage = null;
  serveWarden(data);
};
self.postMessage('running');
