/** @file The sandbox's warden, as a classic script: it says that it runs, and the first message to it brings the port to its client. */

import { serveWarden } from '../src/sandbox/inside/warden';

self.onmessage = ({ data }: MessageEvent<MessagePort>) => {
  self.onmessage = null;
  serveWarden(data);
};
self.postMessage('running');
