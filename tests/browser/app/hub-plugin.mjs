/**
 * A Vite plugin for the browser tests: a small Hub on another origin, and the files that it redirects to on a third one. A test says under
 * /__hub what is there and what goes wrong, and is told what was asked for.
 */
import { TestHub } from '../../doubles/hub-server.mjs';

/** One for all that Vite starts. @type {Promise<TestHub> | undefined} */
let started;

/** @returns {import('vite').Plugin} */
export function hubServer() {
  return {
    name: 'hub-server',
    configureServer(server) {
      server.middlewares.use('/__hub', async (request, response) => {
        started ??= new TestHub().open({ unref: true });
        const hub = await started;
        const chunks = [];
        for await (const chunk of request) chunks.push(chunk);
        const order = JSON.parse(Buffer.concat(chunks).toString() || '{}');
        if (order.forget) hub.forget();
        for (const { id, files, ...more } of order.add ?? []) {
          const bytes = Object.entries(files).map(([name, text]) => [
            name,
            new Uint8Array(Buffer.from(text, 'base64')),
          ]);
          hub.add(id, Object.fromEntries(bytes), more);
        }
        if (order.faults) hub.faults = order.faults;
        response.setHeader('Content-Type', 'application/json');
        response.end(JSON.stringify({ url: hub.url, seen: hub.seen }));
      });
    },
  };
}
