/** @file What the page found out about this device; null until it has. */

import { signal } from '@preact/signals';
import { type DeviceReport, inspectDevice } from '../device/inspect';

export const device = signal<DeviceReport | null>(null);

export async function findDevice(): Promise<void> {
  device.value = await inspectDevice();
}
