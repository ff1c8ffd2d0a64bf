/**
 * @file What this browser on this machine offers, found out without downloading anything. What it really computes is a
 * different question, which workers/probe answers.
 */

import { bestBackend, defaultThreads, webgpuBuild } from '../engine/ort/platform';

export interface Adapter {
  /** One line for people. */
  name: string;
  vendor: string;
  architecture: string;
  device: string;
  description: string;
  /** Not a GPU: a CPU pretending to be one. Correct, and much slower than WebAssembly. */
  software: boolean;
  features: string[];
  limits: Record<LimitName, number>;
}

export interface DeviceReport {
  browser: string;
  adapter: Adapter | null;
  /** Why there is no adapter, and what to do about it; null when there is one. */
  help: string | null;
  /** JSPI: WebAssembly can wait for the GPU without the detour through Asyncify. */
  jspi: boolean;
  webgpuBuild: 'jspi' | 'asyncify';
  isolated: boolean;
  threads: number;
  /** What `auto` means here. */
  backend: 'webgpu' | 'wasm';
}

/** The limits that decide how large a model, a batch or a kernel may be. */
export const limitNames = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
] as const;
export type LimitName = (typeof limitNames)[number];

export async function inspectDevice(): Promise<DeviceReport> {
  const found = await findAdapter();
  const adapter = found && describe(found);
  return {
    browser: browserName(navigator.userAgent),
    adapter,
    help: adapter ? null : webgpuHelp(navigator.userAgent, isSecureContext, 'gpu' in navigator),
    jspi: 'Suspending' in WebAssembly,
    webgpuBuild: webgpuBuild(),
    isolated: crossOriginIsolated,
    threads: defaultThreads(),
    backend: await bestBackend(),
  };
}

async function findAdapter(): Promise<GPUAdapter | null> {
  // Asking throws in some browsers where WebGPU is switched off halfway; that is the same as not having it.
  const asked = navigator.gpu?.requestAdapter({ powerPreference: 'high-performance' });
  return (await asked?.catch(() => null)) ?? null;
}

function describe(adapter: GPUAdapter): Adapter {
  const { vendor, architecture, device, description, isFallbackAdapter } = adapter.info;
  return {
    name: adapterName(adapter.info),
    vendor,
    architecture,
    device,
    description,
    software: isFallbackAdapter,
    features: [...adapter.features].sort(),
    limits: Object.fromEntries(limitNames.map((name) => [name, adapter.limits[name]])) as Record<
      LimitName,
      number
    >,
  };
}

/** Browsers blank out most of these fields against fingerprinting, so take what there is. */
function adapterName({
  vendor,
  architecture,
  device,
  description,
  isFallbackAdapter,
}: GPUAdapterInfo): string {
  const name = description || device || [vendor, architecture].filter(Boolean).join(' ') || 'unnamed GPU';
  return isFallbackAdapter ? `${name} (software, on the CPU)` : name;
}

/** 'Chrome 156' from a user agent string; order matters, since each of them claims to be the ones before it. */
export function browserName(userAgent: string): string {
  const patterns: [string, RegExp][] = [
    ['Edge', /Edg\/(\d+)/],
    ['Opera', /OPR\/(\d+)/],
    ['Firefox', /Firefox\/(\d+)/],
    ['Chrome', /(?:Headless)?Chrome\/(\d+)/],
    ['Safari', /Version\/([\d.]+).* Safari\//],
  ];
  for (const [name, pattern] of patterns) {
    const match = pattern.exec(userAgent);
    if (match) return `${name} ${match[1]}`;
  }
  return 'unknown browser';
}

/** One paragraph that says what to do to get WebGPU in the browser that has none. */
export function webgpuHelp(userAgent: string, secure: boolean, supported: boolean): string {
  if (!secure) {
    return 'Browsers offer WebGPU to secure pages only: open this page through https, or on this machine as localhost.';
  }
  const browser = browserName(userAgent);
  const linux = /Linux|X11/.test(userAgent) && !/Android/.test(userAgent);
  if (browser.startsWith('Firefox')) {
    return linux
      ? 'In Firefox on Linux, set dom.webgpu.enabled to true in about:config and restart, or use Chrome or Chromium.'
      : 'Update Firefox to its newest version; where it still has no WebGPU, use Chrome or Edge.';
  }
  if (browser.startsWith('Safari')) {
    return 'WebGPU came with Safari 26: update the system, or use Chrome or Edge.';
  }
  if (linux) {
    return (
      'On Linux, Chrome has WebGPU when Vulkan drivers are installed: open chrome://flags, enable "Unsafe WebGPU Support" ' +
      'and "Vulkan", and restart. chrome://gpu tells what was found.'
    );
  }
  return supported
    ? 'The browser found no usable GPU: turn on "Use graphics acceleration when available" in its system settings, update ' +
        'the graphics driver and restart. chrome://gpu tells what was found.'
    : 'This browser has no WebGPU: use a current Chrome, Edge, Firefox or Safari.';
}
