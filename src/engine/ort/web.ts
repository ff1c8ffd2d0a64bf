/**
 * @file Opens the backends of a browser: WebGPU through our own device, or WebAssembly on the processor's threads.
 */

import type { Backend } from '../engine';
import { UnsupportedDeviceError } from '../errors';
import { defaultThreads, loadOrt, type Ort, webgpuBuild } from './assets';
import type { Device } from './device';
import { GpuDevice } from './gpu-device';
import { HostDevice } from './host-device';

/** WebAssembly's memory has 4 GiB; onnxruntime needs some of it for itself. */
const WASM_MEMORY = 3 * 2 ** 30;
/** Browsers do not tell how much memory a GPU has. This much is there on nearly every machine with WebGPU. */
const ASSUMED_GPU_MEMORY = 4 * 2 ** 30;

export interface GpuOptions {
  /**
   * Whether the GPU's commands may be replayed from recordings. Default: on a real GPU. A software adapter is busy with the
   * commands themselves, so nothing would be gained there.
   */
  records?: boolean;
  /** Loads onnxruntime where it is not a page that does. */
  load?: () => Promise<Ort>;
}

export async function openWebDevice(
  backend: Exclude<Backend, 'node'>,
  options: GpuOptions = {},
): Promise<Device> {
  switch (backend) {
    case 'webgpu':
      return openGpu(options);
    case 'wasm':
      return openWasm();
    default:
      return backend satisfies never;
  }
}

async function openWasm(): Promise<Device> {
  const threads = defaultThreads();
  const ort = await loadOrt('wasm', threads);
  const description = threads > 1 ? `WebAssembly on ${threads} threads` : 'WebAssembly on one thread';
  const info = {
    backend: 'wasm',
    description,
    threads,
    memory: WASM_MEMORY,
    largestTensor: 2 ** 31 - 1,
    float16: true,
  } as const;
  return new HostDevice(ort, info, {
    executionProviders: ['wasm'],
    graphOptimizationLevel: 'basic',
    enableMemPattern: false,
  });
}

export async function openGpu({ records, load }: GpuOptions = {}): Promise<GpuDevice> {
  if (!navigator.gpu) {
    throw new UnsupportedDeviceError(
      'This browser has no WebGPU. Use a current Chrome, Edge, Firefox or Safari, or train on WebAssembly instead.',
    );
  }
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) {
    throw new UnsupportedDeviceError(
      'WebGPU found no graphics adapter: update the graphics driver, enable hardware acceleration in the browser, ' +
        'or train on WebAssembly instead.',
    );
  }
  const device = await requestDevice(adapter);
  const build = webgpuBuild();
  const ort = await (load ? load() : loadOrt(build, 1));
  const { vendor, architecture, description } = adapter.info;
  const name = description || [vendor, architecture].filter(Boolean).join(' ') || 'unnamed adapter';
  const info = {
    backend: 'webgpu',
    description: `${name}, WebGPU (${build})`,
    threads: 1,
    memory: ASSUMED_GPU_MEMORY,
    float16: device.features.has('shader-f16'),
    largestTensor: Math.min(device.limits.maxBufferSize, device.limits.maxStorageBufferBindingSize),
  } as const;
  const sessionOptions = {
    executionProviders: [
      { name: 'webgpu', device, validationMode: 'disabled', storageBufferCacheMode: 'bucket' } as {
        name: 'webgpu';
      },
    ],
    graphOptimizationLevel: 'disabled',
    preferredOutputLocation: 'gpu-buffer',
    // A node without a GPU kernel would quietly move its tensors to the processor and back: better to fail. And no sums
    // in whatever order the hardware finishes them, which some products would be split into.
    extra: { session: { disable_cpu_ep_fallback: '1', use_deterministic_compute: '1' } },
  } as const;
  return new GpuDevice(ort, device, info, sessionOptions, records ?? !adapter.info.isFallbackAdapter);
}

/** Without asking, a device has the lowest limits that the standard allows, not those of the adapter. */
export async function requestDevice(adapter: GPUAdapter): Promise<GPUDevice> {
  const limits = [
    'maxBufferSize',
    'maxStorageBufferBindingSize',
    'maxStorageBuffersPerShaderStage',
    'maxComputeWorkgroupStorageSize',
    'maxComputeInvocationsPerWorkgroup',
    'maxComputeWorkgroupSizeX',
    'maxComputeWorkgroupSizeY',
    'maxComputeWorkgroupSizeZ',
    'maxComputeWorkgroupsPerDimension',
  ] as const;
  const wanted: GPUFeatureName[] = ['shader-f16', 'subgroups', 'timestamp-query'];
  return adapter.requestDevice({
    requiredFeatures: wanted.filter((feature) => adapter.features.has(feature)),
    requiredLimits: Object.fromEntries(limits.map((limit) => [limit, adapter.limits[limit]])),
  });
}
