/** The parts of the page that are plain functions. */
import { describe, expect, it } from 'vitest';
import { browserName, isolationHelp, type Surroundings, webgpuHelp } from '../../src/app/device/help';
import type { Adapter, DeviceReport } from '../../src/app/device/inspect';
import type { SelfTestResult } from '../../src/app/device/self-test';
import { reportText, selfTestInWords, summaryOf } from '../../src/app/device/words';
import { bytes, count, duration } from '../../src/app/format';
import { niceTicks } from '../../src/app/ticks';

const agents = {
  'Chrome 156':
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36',
  'Edge 150':
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/150.0.0.0 Safari/537.36 Edg/150.0.0.0',
  'Firefox 145': 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
  'Firefox 140': 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0',
  'Firefox 146': 'Mozilla/5.0 (Android 15; Mobile; rv:146.0) Gecko/146.0 Firefox/146.0',
  'Safari 18.3':
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.3 Safari/605.1.15',
  'Safari 18.5':
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Mobile/15E148 Safari/604.1',
  'Chrome 140':
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 CriOS/140.0 Mobile/15E148 Safari/604.1',
  'Chrome 119': 'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/119.0.0.0 Mobile Safari/537.36',
};

const around = (name: keyof typeof agents, changes: Partial<Surroundings> = {}): Surroundings => ({
  userAgent: agents[name],
  touch: false,
  secure: true,
  webgpu: false,
  serviceWorker: true,
  framed: false,
  switchedOff: false,
  ...changes,
});

describe('help', () => {
  it.each(Object.entries(agents))('knows %s', (name, agent) => {
    expect(browserName(agent)).toBe(name);
  });

  it.each<[keyof typeof agents, Partial<Surroundings>, RegExp]>([
    ['Firefox 145', {}, /dom\.webgpu\.enabled/],
    ['Firefox 140', {}, /from version 141/],
    ['Firefox 146', {}, /Android has no WebGPU yet/],
    ['Safari 18.3', {}, /Safari 26: update macOS/],
    ['Safari 18.5', {}, /iOS 26/],
    ['Safari 18.3', { touch: true }, /iOS 26/], // an iPad
    ['Chrome 140', {}, /iOS 26/],
    ['Chrome 119', {}, /Android 12/],
    ['Chrome 156', {}, /chrome:\/\/flags/],
    ['Edge 150', {}, /current Chrome, Edge/],
    ['Edge 150', { webgpu: true }, /graphics acceleration/],
    ['Chrome 156', { secure: false }, /https/],
  ])('says what to do for WebGPU in %s with %o', (name, changes, told) => {
    expect(webgpuHelp(around(name, changes))).toMatch(told);
  });

  it('says what to do where the browser imitates a GPU', () => {
    expect(webgpuHelp(around('Edge 150'), true)).toMatch(/graphics acceleration/);
  });

  it.each<[Partial<Surroundings>, RegExp]>([
    [{ secure: false }, /https/],
    [{ framed: true }, /a tab of its own/],
    [{ switchedOff: true }, /without \?no-offline/],
    [{ serviceWorker: false }, /private window/],
    [{}, /reload it/],
  ])('says what to do for threads with %o', (changes, told) => {
    expect(isolationHelp(around('Chrome 156', changes))).toMatch(told);
  });
});

describe('the words for a device', () => {
  const adapter: Adapter = {
    name: 'NVIDIA RTX 4090',
    vendor: 'nvidia',
    architecture: 'lovelace',
    device: '',
    description: '',
    software: false,
    features: ['shader-f16'],
    limits: {
      maxBufferSize: 1,
      maxStorageBufferBindingSize: 2,
      maxStorageBuffersPerShaderStage: 3,
      maxComputeWorkgroupStorageSize: 4,
      maxComputeInvocationsPerWorkgroup: 5,
    },
  };
  const device: DeviceReport = {
    browser: 'Chrome 156',
    adapter,
    help: null,
    jspi: true,
    webgpuBuild: 'jspi',
    isolated: true,
    isolationHelp: null,
    cores: 8,
    threads: 8,
    backend: 'webgpu',
  };

  it('are one line where nothing is missing', () => {
    expect(summaryOf(device)).toEqual({
      line: 'Computes with WebGPU on NVIDIA RTX 4090, isolated, 8 threads.',
      missing: null,
    });
  });

  it('say what is missing', () => {
    const none: DeviceReport = { ...device, adapter: null, backend: 'wasm', help: 'Update.' };
    expect(summaryOf(none)).toMatchObject({
      line: expect.stringMatching(/WebAssembly on the processor, isolated, 8 threads/),
      missing: expect.stringMatching(/no WebGPU/),
    });
    const imitated: DeviceReport = { ...none, adapter: { ...adapter, software: true } };
    expect(summaryOf(imitated).missing).toMatch(/no GPU that it may use/);
    const bare: DeviceReport = { ...device, isolated: false, threads: 1, isolationHelp: 'Reload.' };
    expect(summaryOf(bare)).toMatchObject({
      line: expect.stringMatching(/not isolated, 1 thread\./),
      missing: expect.stringMatching(/Python/),
    });
  });

  it('are a report that says what decides, and nothing else', () => {
    const text = reportText({
      version: '1.2.3',
      userAgent: agents['Chrome 156'],
      device,
      usage: { bytes: 2 ** 20, quota: 2 ** 30, persistent: false },
      offline: 'Yes.',
      selfTest: null,
    });
    expect(text.split('\n').map((line) => line.split(':')[0])).toEqual([
      ...['Zeroloop', 'Browser', 'Computes with', 'GPU', 'Adapter', 'Features', 'Limits', 'JSPI', 'Isolated'],
      ...['Threads', 'Storage', 'Offline', 'Self-test', ''],
    ]);
    expect(text).toMatch('Storage: 1 MiB of 1 GiB, may be cleared by the browser');
    expect(text).toMatch('Limits: maxBufferSize 1, ');
  });

  it('name the checks of a self-test that failed', () => {
    const result: SelfTestResult = {
      backend: 'wasm',
      engine: 'WebAssembly, 2 threads',
      steps: 200,
      parameters: 1,
      firstLoss: 2,
      lastLoss: 1.9,
      tokensPerSecond: 41_234,
      elapsedMs: 2000,
      checks: [
        { name: 'It learns', ok: false, detail: 'loss 2.00 to 1.900' },
        { name: 'It counts on', ok: true, detail: '' },
      ],
    };
    expect(selfTestInWords(result)).toBe(
      'not passed: It learns (loss 2.00 to 1.900); WebAssembly, 2 threads, 41.2k tokens/s, 2.0 s',
    );
    expect(selfTestInWords({ ...result, checks: [] })).toMatch(/^passed;/);
  });
});

describe('numbers', () => {
  it('are short', () => {
    expect([0, 999, 1234, 41_234, 999_999, 3_400_000].map(count)).toEqual([
      '0',
      '999',
      '1,234',
      '41.2k',
      '1M',
      '3.4M',
    ]);
    expect([12, 16_384, 1_073_741_824].map(bytes)).toEqual(['12 B', '16 KiB', '1 GiB']);
    expect([850, 59_990, 75_000].map(duration)).toEqual(['0.8 s', '1 min 0 s', '1 min 15 s']);
  });

  it('of an axis are round and cover the data', () => {
    expect(niceTicks(0, 200, 5)).toEqual([0, 50, 100, 150, 200]);
    expect(niceTicks(0, 4.71, 5)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(niceTicks(0, 0.07, 4)).toEqual([0, 0.02, 0.04, 0.06, 0.08]);
    expect(niceTicks(3, 3, 4).length).toBeGreaterThan(1);
  });
});
