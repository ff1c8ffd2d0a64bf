/** The parts of the page that are plain functions. */
import { describe, expect, it } from 'vitest';
import { browserName, webgpuHelp } from '../../src/app/device';
import { bytes, count, duration } from '../../src/app/format';
import { niceTicks } from '../../src/app/ticks';

const agents = {
  'Chrome 156':
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36',
  'Edge 150':
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/150.0.0.0 Safari/537.36 Edg/150.0.0.0',
  'Firefox 145': 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
  'Safari 18.3':
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.3 Safari/605.1.15',
};

describe('the device card', () => {
  it.each(Object.entries(agents))('recognises %s', (name, agent) => {
    expect(browserName(agent)).toBe(name);
  });

  it('says what to do in each browser without WebGPU', () => {
    const help = (name: keyof typeof agents) => webgpuHelp(agents[name], true, false);
    expect(help('Firefox 145')).toMatch('dom.webgpu.enabled');
    expect(help('Safari 18.3')).toMatch('Safari 26');
    expect(help('Chrome 156')).toMatch('chrome://flags');
    expect(help('Edge 150')).toMatch('current Chrome, Edge');
    expect(webgpuHelp(agents['Edge 150'], true, true)).toMatch('graphics acceleration');
    expect(webgpuHelp(agents['Chrome 156'], false, false)).toMatch('https');
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
