/**
 * @file What this browser on this machine offers, found out without downloading anything. What it really computes is a
 * different question, which workers/probe answers.
 */

import { bestBackend, defaultThreads, webgpuBuild } from '../../engine/ort/platform';
import { browserName, isolationHelp, type Surroundings, webgpuHelp } from './help';

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
  /** Why there is no GPU to compute with, and what to do about it; null when there is one. */
  help: string | null;
  /** JSPI: WebAssembly can wait for the GPU without the detour through Asyncify. */
  jspi: boolean;
  webgpuBuild: 'jspi' | 'asyncify';
  isolated: boolean;
  /** Why the page is not isolated, and what to do about it; null when it is. */
  isolationHelp: string | null;
  /** Logical cores, as the browser tells. */
  cores: number;
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
  const around = surroundings();
  return {
    browser: browserName(around.userAgent),
    adapter,
    help: adapter && !adapter.software ? null : webgpuHelp(around, adapter !== null),
    jspi: 'Suspending' in WebAssembly,
    webgpuBuild: webgpuBuild(),
    isolated: crossOriginIsolated,
    isolationHelp: crossOriginIsolated ? null : isolationHelp(around),
    cores: navigator.hardwareConcurrency || 1,
    threads: defaultThreads(),
    backend: await bestBackend(),
  };
}

function surroundings(): Surroundings {
  return {
    userAgent: navigator.userAgent,
    touch: navigator.maxTouchPoints > 1,
    secure: isSecureContext,
    webgpu: 'gpu' in navigator,
    serviceWorker: 'serviceWorker' in navigator,
    framed: window.parent !== window,
    switchedOff: new URLSearchParams(location.search).has('no-offline'),
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
