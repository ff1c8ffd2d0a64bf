/**
 * @file WebGPU in Node: Dawn, from the npm package `webgpu`, under the same onnxruntime-web that the page has. The package is used where
 * somebody has installed it, and missed with a sentence elsewhere, since its native code is for machines with a GPU.
 */

import { UnsupportedDeviceError } from '../src/engine/errors';
import type { Device } from '../src/engine/ort/device';

interface Dawn {
  create(options: string[]): GPU;
  globals: Record<string, unknown>;
}

const packageName = 'webgpu';

export async function openDawnDevice(): Promise<Device> {
  const dawn: Dawn = await import(/* @vite-ignore */ packageName).catch(() => {
    throw new UnsupportedDeviceError(
      'The package webgpu is not installed: run "npm install --no-save webgpu@0.6.2", or start the node with --backend node.',
    );
  });
  Object.assign(globalThis, dawn.globals);
  Object.defineProperty(navigator, 'gpu', { value: dawn.create([]), configurable: true });
  acceptSharedMemory();
  const { openGpu } = await import('../src/engine/ort/web');
  return openGpu({ load: () => import('onnxruntime-web/webgpu') });
}

/** Dawn refuses views of shared memory, which is what onnxruntime's heap is, so those are copied. */
function acceptSharedMemory(): void {
  const { prototype } = globalThis.GPUQueue;
  const { writeBuffer } = prototype;
  prototype.writeBuffer = function (this: GPUQueue, buffer, offset, data, from = 0, size) {
    if (!ArrayBuffer.isView(data) || !(data.buffer instanceof SharedArrayBuffer))
      return writeBuffer.call(this, buffer, offset, data as GPUAllowSharedBufferSource, from, size);
    const unit = 'BYTES_PER_ELEMENT' in data ? (data.BYTES_PER_ELEMENT as number) : 1;
    const start = data.byteOffset + from * unit;
    const length = size === undefined ? data.byteLength - from * unit : size * unit;
    return writeBuffer.call(this, buffer, offset, new Uint8Array(data.buffer, start, length).slice());
  } as GPUQueue['writeBuffer'];
}
