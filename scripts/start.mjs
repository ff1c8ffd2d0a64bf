/**
 * `npm start`: installs what is missing, builds if something changed, serves the page and opens it.
 *
 *     npm start -- --port 8000 --host 0.0.0.0 --no-open
 */
import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';
import { dist, ensureBuilt } from './build.mjs';
import { Failure, runMain, say } from './lib.mjs';
import { serve } from './server.mjs';

/** Opens the address in the user's browser, if there is a screen to show it on. @param {string} url */
function open(url) {
  const { CI, DISPLAY, WAYLAND_DISPLAY } = process.env;
  const [program, ...args] =
    process.platform === 'darwin'
      ? ['open']
      : process.platform === 'win32'
        ? ['cmd', '/c', 'start', '""']
        : ['xdg-open'];
  const hasScreen = process.platform !== 'linux' || DISPLAY || WAYLAND_DISPLAY;
  if (CI || !hasScreen) return;
  // Opening is a courtesy: the address is on the terminal, so a machine that cannot do it is not worth a word.
  spawn(program, [...args, url], { stdio: 'ignore', detached: true })
    .on('error', () => {})
    .unref();
}

function options() {
  try {
    return parseArgs({
      options: {
        port: { type: 'string', default: '7100' },
        host: { type: 'string', default: 'localhost' },
        'no-open': { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new Failure(/** @type {Error} */ (error).message, 2);
  }
}

await runMain(async () => {
  const { port, host, 'no-open': quiet } = options();
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65535) {
    throw new Failure(`--port wants a number between 0 and 65535, not "${port}".`, 2);
  }
  await ensureBuilt();
  const server = await serve({ folder: dist, port: Number(port), host });
  console.log(`Zeroloop is at ${server.url}`);
  say('Press Ctrl-C to stop.');
  if (!quiet) open(server.url);

  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
    process.once(signal, async () => {
      await server.close();
      process.exit(0);
    });
  }
});
