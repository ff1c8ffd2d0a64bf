/**
 * A Vite plugin for the browser tests: counts every request that arrives, by name, on another origin and on the page's own.
 *
 * The other origin is a port of 127.0.0.1, open to every page, that answers everything with a script; it counts requests, WebSocket
 * upgrades, bare connections and, next to it, datagrams. The page's own counts under /__canary/hit/, and tells all at /__canary/hits.
 */
import { createSocket } from 'node:dgram';
import { createServer } from 'node:http';

const own = '/__canary/hit/';

/** @typedef {{ origin: string, hits: Record<string, number>, connections: number, datagrams: number }} Count */

/** One server for all that Vite starts. @type {Promise<Count> | undefined} */
let started;

/** @param {Count} count @param {string} name */
const add = (count, name) => {
  count.hits[name] = (count.hits[name] ?? 0) + 1;
};

/** @returns {Promise<Count>} */
async function start() {
  /** @type {Count} */
  const count = { origin: '', hits: {}, connections: 0, datagrams: 0 };
  const server = createServer((request, response) => {
    add(count, `${request.url}`.slice(1));
    response.writeHead(200, openHeaders);
    response.end('/* a canary */');
  });
  server.on('connection', () => count.connections++);
  server.on('upgrade', (request, socket) => {
    add(count, `${request.url}`.slice(1));
    socket.destroy();
  });
  const port = await new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(address && typeof address === 'object' ? address.port : 0);
    });
  });
  server.unref();
  const datagrams = createSocket('udp4', () => count.datagrams++);
  datagrams.on('error', () => {}); // the port may be taken; then they are not counted
  datagrams.bind(port, '127.0.0.1').unref();
  count.origin = `http://127.0.0.1:${port}`;
  return count;
}

const openHeaders = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Headers': '*',
  'Cross-Origin-Resource-Policy': 'cross-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Content-Type': 'text/javascript',
};

/** @returns {import('vite').Plugin} */
export function canaryServer() {
  return {
    name: 'canary-server',
    async configureServer(server) {
      started ??= start();
      const count = await started;
      server.middlewares.use((request, response, next) => {
        const path = `${request.url}`;
        if (path === '/__canary/hits') {
          response.setHeader('Content-Type', 'application/json');
          response.end(JSON.stringify(count));
        } else if (path.startsWith(own)) {
          add(count, path.slice(own.length));
          response.writeHead(200, openHeaders);
          response.end('/* a canary */');
        } else next();
      });
      server.httpServer?.on('upgrade', (request, socket) => {
        if (!request.url?.startsWith(own)) return;
        add(count, request.url.slice(own.length));
        socket.destroy();
      });
    },
  };
}
