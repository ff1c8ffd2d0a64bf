/**
 * @file Opens the backend of Node: onnxruntime's native CPU provider, the fastest way to compute without a GPU.
 */

import { availableParallelism, totalmem } from 'node:os';
import { UnsupportedDeviceError } from '../errors';
import type { Device } from './device';
import { HostDevice } from './host-device';

export async function openNodeDevice(threads = availableParallelism()): Promise<Device> {
  let ort: typeof import('onnxruntime-node');
  try {
    ort = await import('onnxruntime-node');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UnsupportedDeviceError(`onnxruntime-node could not be loaded: run "npm ci" (${reason}).`);
  }
  const description = `onnxruntime-node on ${threads} thread${threads > 1 ? 's' : ''}`;
  const info = {
    backend: 'node',
    description,
    threads,
    memory: totalmem() / 2,
    largestTensor: 2 ** 32,
    float16: true,
  } as const;
  return new HostDevice(ort, info, {
    executionProviders: ['cpu'],
    intraOpNumThreads: threads,
    graphOptimizationLevel: 'basic',
    enableMemPattern: false,
  });
}
