/** @file Firefox as it is installed, by WebDriver BiDi: https://w3c.github.io/webdriver-bidi. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { Browser, OpenBrowser } from './browser';

const places = [
  '/usr/bin/firefox',
  '/usr/bin/firefox-esr',
  '/Applications/Firefox.app/Contents/MacOS/firefox',
];

interface Answer {
  type: 'success' | 'error';
  message?: string;
  result?: unknown;
}

export const openFirefox: OpenBrowser = async () => {
  const program = [process.env.FIREFOX ?? '', ...places].find((place) => place !== '' && existsSync(place));
  if (!program) return null;
  const profile = mkdtempSync(join(tmpdir(), 'zeroloop-firefox-'));
  const firefox = spawn(
    program,
    ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port', '0'],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const ended = new Promise((resolve) => firefox.once('exit', resolve));
  const end = async () => {
    firefox.kill();
    await ended;
    rmSync(profile, { recursive: true, force: true });
  };
  try {
    return await drive(await addressIn(firefox.stderr), end);
  } catch (error) {
    await end();
    throw error;
  }
};

async function drive(address: string, end: () => Promise<void>): Promise<Browser> {
  const socket = new WebSocket(`${address}/session`);
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = () => reject(new Error('Firefox lets nobody drive it.'));
  });

  const waiting = new Map<number, (answer: Answer) => void>();
  const errors: string[] = [];
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    if (message.method === 'log.entryAdded' && message.params.level === 'error')
      errors.push(message.params.text);
    waiting.get(message.id)?.(message);
    waiting.delete(message.id);
  };
  let sent = 0;
  const ask = async <T = unknown>(method: string, params: object): Promise<T> => {
    const id = ++sent;
    const answered = new Promise<Answer>((resolve) => waiting.set(id, resolve));
    socket.send(JSON.stringify({ id, method, params }));
    const answer = await answered;
    if (answer.type === 'error') throw new Error(`${method}: ${answer.message}`);
    return answer.result as T;
  };

  type Session = { capabilities: { browserVersion: string } };
  const { capabilities } = await ask<Session>('session.new', { capabilities: {} });
  await ask('session.subscribe', { events: ['log.entryAdded'] });
  type Tree = { contexts: { context: string }[] };
  const { context } = (await ask<Tree>('browsingContext.getTree', {})).contexts[0];
  await ask('browsingContext.setViewport', { context, viewport: { width: 1280, height: 900 } });
  return {
    name: `Firefox ${capabilities.browserVersion}`,
    errors,
    open: async (url) => void (await ask('browsingContext.navigate', { context, url, wait: 'complete' })),
    async run(script) {
      const expression = `(async () => JSON.stringify((await (async () => { ${script} })()) ?? null))()`;
      const params = { expression, awaitPromise: true, target: { context } };
      type Evaluated = { result: { value: string }; exceptionDetails?: { text: string } };
      const { result, exceptionDetails } = await ask<Evaluated>('script.evaluate', params);
      if (exceptionDetails) throw new Error(exceptionDetails.text);
      return JSON.parse(result.value);
    },
    async picture(file) {
      const { data } = await ask<{ data: string }>('browsingContext.captureScreenshot', { context });
      writeFileSync(file, Buffer.from(data, 'base64'));
    },
    close: end,
  };
}

async function addressIn(stderr: Readable): Promise<string> {
  for await (const line of createInterface(stderr)) {
    const found = /WebDriver BiDi listening on (ws:\S+)/.exec(line);
    if (!found) continue;
    stderr.resume();
    return found[1];
  }
  throw new Error('Firefox ended before it could be driven.');
}
