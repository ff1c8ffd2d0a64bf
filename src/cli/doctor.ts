/** @file `doctor`: what this machine offers, found out by trying it in the page. */

import type { About } from '../sandbox/executor';
import { type CommandResult, parseOptions, progress } from './command';
import { withPage } from './page';

export const usage = 'doctor        what this machine offers: browser, adapter, threads, isolation';

export async function run(args: string[]): Promise<CommandResult> {
  parseOptions(args, {});
  const found = await withPage(async (page, browserVersion) => {
    progress('Asking the browser ...');
    const device = await page.evaluate(() => window.zeroloop.device());
    progress('Computing on WebGPU and on WebAssembly ...');
    const webgpu = await page.evaluate(() => window.zeroloop.probe('webgpu'));
    const wasm = await page.evaluate(() => window.zeroloop.probe('wasm'));
    progress('Starting Python in its sandbox ...');
    const python = await page.evaluate(() =>
      window.zeroloop.python().catch((error: Error) => ({ error: error.message })),
    );
    return { device, probes: [webgpu, wasm], python, browserVersion };
  });
  const { device, probes, python, browserVersion } = found;
  const node = await nodeBackend();

  const backends: string[] = probes.filter(({ ok }) => ok).map(({ backend }) => backend);
  if (node.ok) backends.push('node');
  const problems = [...probes, node].flatMap(({ backend, error }) => (error ? [`${backend}: ${error}`] : []));
  if ('error' in python) problems.push(`python: ${python.error}`);
  const adapter = device.adapter?.name ?? null;

  const json = {
    backends,
    adapter,
    threads: device.threads,
    isolated: device.isolated,
    python: 'error' in python ? null : python.python,
    sandbox: 'error' in python ? null : python,
    browser: `Chromium ${browserVersion}`,
    jspi: device.jspi,
    webgpuBuild: device.webgpuBuild,
    softwareAdapter: device.adapter?.software ?? null,
    features: device.adapter?.features ?? [],
    limits: device.adapter?.limits ?? null,
    probes: probes.map(({ backend, build, ok, ms }) => ({ backend, build, ok, ms: Math.round(ms) })),
    onnxruntimeNode: node.version,
    problems,
  };
  const lines: [string, string][] = [
    ['backends', backends.join(', ') || 'none'],
    ['adapter', adapter ?? `none: ${device.help}`],
    ['threads', `${device.threads}`],
    ['isolated', device.isolated ? 'yes' : 'no'],
    ['python', describePython(python)],
    ['browser', `Chromium ${browserVersion}, ${device.jspi ? 'with' : 'without'} JSPI`],
    ['f16', device.adapter?.features.includes('shader-f16') ? 'yes' : 'no'],
    ['subgroups', device.adapter?.features.includes('subgroups') ? 'yes' : 'no'],
    ...Object.entries(device.adapter?.limits ?? {}).map(([name, value]): [string, string] => [
      name,
      `${value}`,
    ]),
    ...problems.map((problem): [string, string] => ['problem', problem]),
  ];
  const width = Math.max(...lines.map(([name]) => name.length));
  return { json, text: lines.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n') };
}

function describePython(python: About | { error: string }): string {
  if ('error' in python) return 'none';
  const { interpreters, stopping, startedIn } = python;
  const stops =
    stopping === 'interrupt' ? 'can be interrupted' : 'can only be stopped with their interpreter';
  return `${python.python}, ${interpreters} interpreters in ${(startedIn / 1000).toFixed(1)} s, programs ${stops}`;
}

/** onnxruntime-node is a native library: that it is installed does not mean that it loads. */
async function nodeBackend(): Promise<{
  backend: 'node';
  ok: boolean;
  version: string | null;
  error?: string;
}> {
  try {
    const { env } = await import('onnxruntime-node');
    return { backend: 'node', ok: true, version: env.versions.node ?? env.versions.common };
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    return { backend: 'node', ok: false, version: null, error: reason };
  }
}
