/** @file Where the chosen run would compute, and why that cannot be, if it cannot. */

import type { ModelShape } from '../../model/config';
import type { DeviceReport } from '../device/inspect';
import type { NodeAbout } from '../node/asking';
import type { BackendChoice } from '../state/draft';
import { type ChosenBackend, type Room, type Speed, typicalSpeed } from './estimate';

/** What `auto` comes to; WebAssembly until the device is known. */
export function backendOf(choice: BackendChoice, device: DeviceReport | null): ChosenBackend {
  return choice === 'auto' ? (device?.backend ?? 'wasm') : choice;
}

/** Null if it can be. `node` is the one that the page is connected to. */
export function backendProblem(
  choice: BackendChoice,
  device: DeviceReport | null,
  node: NodeAbout | null,
): string | null {
  if (choice === 'remote' && !node) return 'This page is connected to no node: connect to one under Device.';
  if (choice !== 'webgpu' || !device || device.adapter) return null;
  return `This browser offers no WebGPU: choose auto or wasm. ${device.help ?? ''}`.trim();
}

export function backendWords(
  choice: BackendChoice,
  device: DeviceReport | null,
  node: NodeAbout | null,
): string {
  const wasm = (threads: number) => `WebAssembly, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
  if (choice === 'remote') return node ? `A node with ${node.engine.device}` : 'not connected';
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
export function roomOf(
  backend: ChosenBackend,
  device: DeviceReport | null,
  node: NodeAbout | null = null,
): Room {
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
        halves: device?.adapter?.features.includes('shader-f16') ?? false,
      };
    case 'remote': // it says how much it has, and refuses what is too large for it
      return { largest: Number.POSITIVE_INFINITY, total: node?.engine.memory ?? Number.POSITIVE_INFINITY };
    default:
      return backend satisfies never;
  }
}

/** As long as nothing was measured; a node's is that of a page on the same kind of device. */
export function speedThere(
  backend: ChosenBackend,
  shape: ModelShape,
  device: DeviceReport | null,
  node: NodeAbout | null,
): Speed {
  if (backend !== 'remote') return typicalSpeed(backend, shape, device?.threads ?? 1);
  const alike = node?.engine.backend === 'webgpu' ? 'webgpu' : 'wasm';
  const speed = typicalSpeed(alike, shape, node?.engine.threads ?? 1);
  return { ...speed, source: { kind: 'elsewhere', backend } };
}
