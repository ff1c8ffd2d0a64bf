/** @file What was found on this device, in words: a line for the first view, and a text for bug reports. */

import type { Usage } from '../../store/store';
import * as format from '../format';
import type { DeviceReport } from './inspect';
import type { SelfTestResult } from './self-test';

export function engineName({ backend, webgpuBuild, threads }: DeviceReport): string {
  if (backend === 'webgpu') return `WebGPU (${webgpuBuild === 'jspi' ? 'JSPI' : 'Asyncify'})`;
  return `WebAssembly, ${threadsOf(threads)}`;
}

const threadsOf = (threads: number) => `${threads} ${threads === 1 ? 'thread' : 'threads'}`;

export interface Summary {
  /** What it computes with. */
  line: string;
  /** What would make it faster; null if nothing is missing. */
  missing: string | null;
}

/** The reasons behind it are in the Device view. */
export function summaryOf({ backend, adapter, isolated, threads }: DeviceReport): Summary {
  const isolation = isolated ? 'isolated' : 'not isolated';
  const gpu = backend === 'webgpu' && adapter;
  const line = gpu
    ? `Computes with WebGPU on ${adapter.name}, ${isolation}, ${threadsOf(threads)}.`
    : `Computes with WebAssembly on the processor, ${isolation}, ${threadsOf(threads)}.`;
  if (!gpu)
    return {
      line,
      missing: adapter?.software
        ? 'The browser found no GPU that it may use, so training is slower than it could be.'
        : 'This browser offers no WebGPU, so training is slower than it could be.',
    };
  // With a GPU threads do not matter; but only shared memory interrupts a Python that does not come to an end.
  return { line, missing: isolated ? null : 'Python that runs for too long is stopped slowly here.' };
}

export interface ReportParts {
  version: string;
  userAgent: string;
  device: DeviceReport;
  usage: Usage | null;
  /** In a sentence. */
  offline: string;
  /** Of the last self-test, if there was one. */
  selfTest: string | null;
}

/** For bug reports: what decides how Zeroloop behaves here, and nothing of the person or the runs. */
export function reportText({ version, userAgent, device, usage, offline, selfTest }: ReportParts): string {
  const { adapter } = device;
  const lines: [string, string][] = [
    ['Zeroloop', version],
    ['Browser', `${device.browser} (${userAgent})`],
    ['Computes with', engineName(device)],
    ['GPU', adapter ? adapter.name : 'none'],
    ...(adapter ? aboutAdapter(adapter) : []),
    ['JSPI', device.jspi ? 'yes' : 'no'],
    ['Isolated', device.isolated ? 'yes' : 'no'],
    ['Threads', `${device.threads} of ${device.cores}`],
    ['Storage', usage ? usageInWords(usage) : 'unknown'],
    ['Offline', offline],
    ['Self-test', selfTest ?? 'not run'],
  ];
  return `${lines.map(([name, value]) => `${name}: ${value}`).join('\n')}\n`;
}

function aboutAdapter(adapter: NonNullable<DeviceReport['adapter']>): [string, string][] {
  const named = [adapter.vendor, adapter.architecture, adapter.device, adapter.description].filter(Boolean);
  const limits = Object.entries(adapter.limits).map(([name, value]) => `${name} ${value}`);
  return [
    ['Adapter', named.join(', ') || 'unnamed'],
    ['Features', adapter.features.join(', ') || 'none'],
    ['Limits', limits.join(', ')],
  ];
}

export function usageInWords({ bytes, quota, persistent }: Usage): string {
  const share = quota > 0 ? ` of ${format.bytes(quota)}` : '';
  return `${format.bytes(bytes)}${share}, ${persistent ? 'persistent' : 'may be cleared by the browser'}`;
}

export function selfTestInWords({ checks, engine, tokensPerSecond, elapsedMs }: SelfTestResult): string {
  const failed = checks.filter(({ ok }) => !ok).map(({ name, detail }) => `${name} (${detail})`);
  const verdict = failed.length ? `not passed: ${failed.join(', ')}` : 'passed';
  return `${verdict}; ${engine}, ${format.count(tokensPerSecond)} tokens/s, ${format.duration(elapsedMs)}`;
}
