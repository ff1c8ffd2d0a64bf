/**
 * Finds Chromium, and says how to start it so that it has WebGPU and threads. Shared by the browser tests, the command line
 * and the benchmarks, which all drive a real browser through Playwright.
 */
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Failure, run, say } from './lib.mjs';

const names = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'chrome',
  'microsoft-edge',
];

const wellKnown = {
  darwin: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
  ],
  win32: [
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
    'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
  ],
};

/** @param {string} path */
function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * The browser to use: CHROMIUM_PATH if set, else one on PATH, else where installers put it, else Playwright's own download.
 * @returns {Promise<string | undefined>}
 */
export async function findChromium() {
  const named = process.env.CHROMIUM_PATH;
  if (named) return named;
  const onPath = (process.env.PATH ?? '')
    .split(delimiter)
    .flatMap((folder) =>
      names.map((name) => join(folder, process.platform === 'win32' ? `${name}.exe` : name)),
    );
  const installed = /** @type {Record<string, string[]>} */ (wellKnown)[process.platform] ?? [];
  const found = [...onPath, ...installed].find(isProgram);
  if (found) return found;
  try {
    const { chromium } = await import('playwright');
    const own = chromium.executablePath();
    return existsSync(own) ? own : undefined;
  } catch {
    return undefined; // Playwright is not installed
  }
}

/**
 * Flags for headless Chromium. The new headless mode is the one with WebGPU; the unsafe flag is what lets a machine without a
 * GPU have an adapter too (SwiftShader, which runs on the CPU: correct, and very slow). ZEROLOOP_CHROMIUM_ARGS adds more.
 */
export function chromiumArgs() {
  return [
    '--headless=new',
    '--enable-unsafe-webgpu',
    ...(process.platform === 'linux' ? ['--enable-features=Vulkan'] : []),
    // Chromium refuses to run its own sandbox as root, as in most containers.
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    ...(process.env.ZEROLOOP_CHROMIUM_ARGS?.split(/\s+/).filter(Boolean) ?? []),
  ];
}

/** Like `findChromium`, but installs Debian's package where that is possible, and else says what to do. */
export async function ensureChromium() {
  const found = await findChromium();
  if (found) return found;
  const isRoot = process.getuid?.() === 0;
  if (process.platform === 'linux' && isRoot && existsSync('/usr/bin/apt-get')) {
    say('Installing Chromium with apt-get ...');
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    await run('apt-get', ['-qq', 'update'], { env });
    await run('apt-get', ['-qq', 'install', '--yes', '--no-install-recommends', 'chromium'], { env });
    const installed = await findChromium();
    if (installed) return installed;
  }
  throw new Failure(
    'No Chromium was found: install Chromium or Chrome (on Debian: apt-get install chromium), or set CHROMIUM_PATH to one.',
  );
}
