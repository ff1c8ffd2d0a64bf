/** @file Where the chosen run would compute, and why that cannot be, if it cannot. */

import type { DeviceReport } from '../device/inspect';
import type { BackendChoice } from '../state/draft';
import type { ChosenBackend, Room } from './estimate';

/** What `auto` comes to; WebAssembly until the device is known. */
export function backendOf(choice: BackendChoice, device: DeviceReport | null): ChosenBackend {
  return choice === 'auto' ? (device?.backend ?? 'wasm') : choice;
}

/** Null if it can be. */
export function backendProblem(choice: BackendChoice, device: DeviceReport | null): string | null {
  if (choice !== 'webgpu' || !device || device.adapter) return null;
  return `This browser offers no WebGPU: choose auto or wasm. ${device.help ?? ''}`.trim();
}

export function backendWords(choice: BackendChoice, device: DeviceReport | null): string {
  const wasm = (threads: number) => `WebAssembly, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
  if (!device) return 'Looking for a GPU ...';
  const gpu = device.adapter;
  switch (choice) {
    case 'auto':
      return device.backend === 'webgpu' && gpu ? `WebGPU on ${gpu.name}` : wasm(device.threads);
    case 'webgpu':
      if (!gpu) return 'not offered here';
      return gpu.software ? `${gpu.name}: slower than WebAssembly` : gpu.name;
    case 'wasm':
      return wasm(device.threads);
    default:
      return choice satisfies never;
  }
}

const gibibyte = 2 ** 30;

/** As the engine counts, see src/engine/ort/web.ts: browsers do not tell how much memory a GPU has. */
export function roomOf(backend: ChosenBackend, device: DeviceReport | null): Room {
  const limits = device?.adapter?.limits;
  switch (backend) {
    case 'wasm':
      return { largest: 2 ** 31 - 1, total: 3 * gibibyte, longCalls: true };
    case 'webgpu':
      return {
        largest: limits
          ? Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize)
          : Number.POSITIVE_INFINITY,
        total: 4 * gibibyte,
      };
    default:
      return backend satisfies never;
  }
}
