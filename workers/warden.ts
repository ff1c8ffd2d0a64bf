/** @file The sandbox's warden, as a classic script: its first message brings the port to its client. */

import { serveWarden } from '../src/sandbox/inside/warden';

self.onmessage = ({ data }: MessageEvent<MessagePort>) => {
  self.onmessage = null;
  serveWarden(data);
};
