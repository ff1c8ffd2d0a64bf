/**
 * @file Opens the sandbox from the page: an iframe that has no origin (so no storage, no cookies, no page) and a policy that lets
 * it fetch nothing, with Python in workers inside. All that it needs is handed in as bytes; results come out over one port.
 *
 * Only a document can hold an iframe. The port may go to a worker, which makes a SandboxExecutor of its own over it.
 */

import imageUrls from 'virtual:python-images';
import wasmUrl from 'pyodide/pyodide.asm.wasm?url';
import libraryUrl from 'pyodide/python_stdlib.zip?url';
import pythonScriptUrl from '../../workers/python.ts?classic-url';
import type { FrameOrder } from '../../workers/sandbox-frame';
import frameScript from '../../workers/sandbox-frame.ts?classic';
import wardenScript from '../../workers/warden.ts?classic';
import { SandboxExecutor } from './client';
import { SandboxUnavailableError } from './errors';
import { type About, defaultLimits, type Executor, type Limits } from './executor';
import { type Assets, type FromWarden, type Settings, seeds, type ToWarden } from './protocol';
import { withMemoryLimit } from './wasm-memory';

export interface SandboxOptions {
  limits?: Partial<Limits>;
  /** Interpreters that answer at the same time: two at least, as two hash seeds decide. Default: two, or four on four cores. */
  interpreters?: number;
  /** Programs after which an interpreter is replaced. */
  lifetime?: number;
  /** Share memory with interpreters, so that they can be interrupted; where the browser has none to share, they are ended. Default: true. */
  interrupts?: boolean;
  /** Milliseconds to wait for the first interpreter. */
  patience?: number;
  /** For tests of the outer walls alone: no gate, real builtins, and a way to JavaScript. */
  unguarded?: boolean;
}

/** Resolves when the first interpreter answers. */
export async function openSandbox(options: SandboxOptions = {}): Promise<Executor> {
  const { port, about, close } = await connectSandbox(options);
  return new SandboxExecutor(port, about, close);
}

/** The same for somebody else: port and description may be handed to a worker, the iframe stays until `close` is called. */
export async function connectSandbox(
  options: SandboxOptions = {},
): Promise<{ port: MessagePort; about: About; close: () => void }> {
  const start = performance.now();
  const limits = { ...defaultLimits, ...options.limits };
  const settings: Settings = {
    interpreters: Math.max(2, options.interpreters ?? (navigator.hardwareConcurrency >= 4 ? 4 : 2)),
    limits,
    lifetime: options.lifetime ?? 20_000,
    unguarded: options.unguarded ?? false,
  };
  const { port1: port, port2: work } = new MessageChannel();
  const send = (message: ToWarden, transfer: Transferable[] = []) => port.postMessage(message, transfer);
  const frame = openFrame(options.interrupts ?? true);
  const close = () => {
    port.close();
    frame.remove();
  };
  try {
    // Workers start while the larger files are on their way. Those are asked for later: all pass through this thread.
    const script = fetchFile(pythonScriptUrl).then((response) => response.text());
    const images = seeds.map((seed) => script.then(() => fetchBytes(imageUrls[seed])));
    const assets = script.then(() => gatherAssets(limits));
    for (const file of [...images, assets]) file.catch(() => undefined); // reported when its turn to be sent comes
    const opened = new Promise<FromWarden & { type: 'opened' }>((resolve, reject) => {
      const refuse = (reason: string) => reject(unavailable(reason));
      const { port1: trouble, port2: alarm } = new MessageChannel();
      trouble.onmessage = ({ data }: MessageEvent<string>) => refuse(data);
      const patience = options.patience ?? 60_000;
      setTimeout(refuse, patience, `no answer after ${patience / 1000} seconds`);
      port.onmessage = ({ data }: MessageEvent<FromWarden>) => {
        if (data.type === 'opened') resolve(data);
        else if (data.type === 'failed') refuse(data.reason);
      };
      frame.onload = () => {
        const order: FrameOrder = { wardenScript, work, trouble: alarm };
        frame.contentWindow?.postMessage(order, '*', [work, alarm]);
      };
      document.body.append(frame);
      // The port keeps what is sent until the warden listens.
      const sendAll = async () => {
        send({ type: 'open', pythonScript: await script, settings });
        for (const seed of seeds) {
          const image = await images[seed];
          send({ type: 'image', seed, image }, [image]);
        }
        const ready = await assets;
        send({ type: 'assets', assets: ready }, [ready.wasm, ready.library]);
      };
      sendAll().catch(reject);
    });
    const { python, modules, interrupts } = await opened;
    const about: About = {
      python,
      modules,
      limits,
      interpreters: settings.interpreters,
      stopping: interrupts ? 'interrupt' : 'terminate',
      startedIn: performance.now() - start,
    };
    return { port, about, close };
  } catch (error) {
    close();
    throw error;
  }
}

const unavailable = (reason: string) =>
  new SandboxUnavailableError(
    'This browser starts no isolated Python, and programs written by a model run nowhere else: ' +
      `use a current Chrome, Edge, Firefox or Safari. (${reason})`,
  );

function openFrame(interrupts: boolean): HTMLIFrameElement {
  const frame = document.createElement('iframe');
  frame.title = 'Python sandbox';
  frame.hidden = true;
  frame.setAttribute('sandbox', 'allow-scripts');
  // Passes on the page's cross-origin isolation, and with it shared memory, where the page has it. A frame without an origin is
  // none of those that the form without a star means.
  if (interrupts) frame.allow = 'cross-origin-isolated *';
  const nonce = crypto.randomUUID();
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' 'wasm-unsafe-eval'`,
    'worker-src blob: data:',
    "connect-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  frame.srcdoc = `<!doctype html><meta http-equiv="Content-Security-Policy" content="${policy}">
<script nonce="${nonce}">${frameScript}</script>`;
  return frame;
}

/** Python's files are fetched by the page, which may. */
async function gatherAssets({ memory }: Limits): Promise<Assets> {
  const [wasm, library] = await Promise.all([wasmUrl, libraryUrl].map(fetchBytes));
  return { wasm: withMemoryLimit(new Uint8Array(wasm), memory).buffer, library };
}

const fetchBytes = async (url: string) => (await fetchFile(url)).arrayBuffer();

async function fetchFile(url: string): Promise<Response> {
  const response = await fetch(url);
  if (response.ok) return response;
  throw new SandboxUnavailableError(
    `Python could not be loaded from ${url} (status ${response.status}): check the connection and reload the page.`,
  );
}
