/**
 * @file WebKitGTK as Debian has it (webkit2gtk-driver and xvfb), by WebDriver: https://www.w3.org/TR/webdriver. It is the nearest to
 * Safari that runs on Linux: the same engine for HTML, JavaScript and WebAssembly, without WebGPU.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, OpenBrowser } from './browser';

const driverProgram = '/usr/bin/WebKitWebDriver';
const libraries = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/libexec'];
const [screen, port] = [':97', 4497];

export const openWebKit: OpenBrowser = async () => {
  const binary = libraries
    .flatMap((folder) => ['4.1', '4.0'].map((version) => `${folder}/webkit2gtk-${version}/MiniBrowser`))
    .find(existsSync);
  if (!binary || !existsSync(driverProgram) || !existsSync('/usr/bin/Xvfb')) return null;
  const home = mkdtempSync(join(tmpdir(), 'zeroloop-webkit-'));
  const display = spawn('/usr/bin/Xvfb', [screen, '-screen', '0', '1400x1000x24'], { stdio: 'ignore' });
  const driver = spawn(driverProgram, [`--port=${port}`], {
    stdio: 'ignore',
    env: {
      ...process.env,
      DISPLAY: screen,
      HOME: home,
      XDG_RUNTIME_DIR: home,
      // Without one it calls the user's language "C", which no browser of a person does.
      LC_ALL: 'en_US.UTF-8',
      LANGUAGE: 'en_US',
      LIBGL_ALWAYS_SOFTWARE: '1',
      WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1', // its own one around the whole browser, which needs rights that containers lack
    },
  });

  const end = () => {
    driver.kill();
    display.kill();
    rmSync(home, { recursive: true, force: true });
  };
  try {
    return await drive(binary, end);
  } catch (error) {
    end();
    throw error;
  }
};

async function ask<T = unknown>(
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body: object = {},
): Promise<T> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    body: method === 'POST' ? JSON.stringify(body) : undefined,
  });
  const { value } = (await response.json()) as { value: T };
  const failed = value as { error?: string; message?: string } | null;
  if (!response.ok) throw new Error(`${path}: ${failed?.message || failed?.error}`);
  return value;
}

async function drive(binary: string, end: () => void): Promise<Browser> {
  const options = { binary, args: ['--automation'] };
  const wanted = { capabilities: { alwaysMatch: { 'webkitgtk:browserOptions': options } } };
  type Session = { sessionId: string; capabilities: { browserVersion: string } };
  const { sessionId, capabilities } = await patiently(() => ask<Session>('POST', '/session', wanted));
  const session = `/session/${sessionId}`;
  await ask('POST', `${session}/window/rect`, { width: 1280, height: 900 });
  await ask('POST', `${session}/timeouts`, { script: 600_000 });
  const errors: string[] = [];
  return {
    name: `WebKitGTK ${capabilities.browserVersion}`,
    errors,
    open: (url) => ask('POST', `${session}/url`, { url }),
    async run<T>(script: string) {
      const wrapped = `const done = arguments[0];
        (async () => { ${script} })().then((value) => done({ value: value ?? null }), (error) => done({ error: String(error) }));`;
      type Done = { value?: T; error?: string };
      const done = await ask<Done>('POST', `${session}/execute/async`, { script: wrapped, args: [] });
      if (done.error !== undefined) throw new Error(done.error);
      return done.value as T;
    },
    async picture(file) {
      writeFileSync(file, Buffer.from(await ask<string>('GET', `${session}/screenshot`), 'base64'));
    },
    async close() {
      await ask('DELETE', session).finally(end);
    },
  };
}

/** Display and driver need a moment. */
async function patiently<T>(job: () => Promise<T>): Promise<T> {
  for (let left = 20; ; left--) {
    try {
      return await job();
    } catch (error) {
      if (left === 0) throw error;
      await sleep(500);
    }
  }
}
