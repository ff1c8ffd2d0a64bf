/** @file The engine's worker, with its device in reach: what breaks by itself in the world is broken here when a test says so. */

import { onBreak } from './breaking';
import '../../../../workers/engine';

const devices: GPUDevice[] = [];
const request = GPUAdapter.prototype.requestDevice;
GPUAdapter.prototype.requestDevice = async function (...order) {
  const device = await request.apply(this, order);
  devices.push(device);
  return device;
};

onBreak('lose the device', () => {
  for (const device of devices.splice(0)) device.destroy();
});

onBreak('crash the engine', () => {
  throw new Error('The engine was crashed by a test.');
});
