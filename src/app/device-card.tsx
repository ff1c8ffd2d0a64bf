/** @file Says what was found on this device, what Zeroloop makes of it, and what would make it better. */

import { type DeviceReport, type LimitName, limitNames } from './device';
import * as format from './format';

/** Features that make a difference to us; the rest is of no interest here. */
const features: [name: string, label: string][] = [
  ['shader-f16', 'f16'],
  ['subgroups', 'subgroups'],
  ['timestamp-query', 'timestamps'],
];

const limitLabels: Record<LimitName, [label: string, show: (value: number) => string]> = {
  maxBufferSize: ['Largest buffer', format.bytes],
  maxStorageBufferBindingSize: ['Largest binding', format.bytes],
  maxStorageBuffersPerShaderStage: ['Buffers per shader', String],
  maxComputeWorkgroupStorageSize: ['Workgroup memory', format.bytes],
  maxComputeInvocationsPerWorkgroup: ['Workgroup size', String],
};

export function engineName({ backend, webgpuBuild, threads }: DeviceReport): string {
  if (backend === 'webgpu') return `WebGPU (${webgpuBuild === 'jspi' ? 'JSPI' : 'Asyncify'})`;
  return `WebAssembly, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
}

export function DeviceCard({ device }: { device: DeviceReport | null }) {
  return (
    <section class="card" aria-labelledby="device-title" aria-busy={device === null}>
      <h2 id="device-title">Your device</h2>
      {device ? <Found device={device} /> : <p class="note">Looking ...</p>}
    </section>
  );
}

function Found({ device }: { device: DeviceReport }) {
  const { adapter } = device;
  return (
    <>
      <dl class="facts">
        <dt>GPU</dt>
        <dd>{adapter ? adapter.name : 'none that the browser offers'}</dd>
        <dt>Computes with</dt>
        <dd>{engineName(device)}</dd>
        <dt>Threads</dt>
        <dd>
          {device.threads}{' '}
          <span class="note">{device.isolated ? 'isolated page' : 'page is not isolated'}</span>
        </dd>
        <dt>Browser</dt>
        <dd>
          {device.browser} <span class="note">{device.jspi ? 'with JSPI' : 'without JSPI'}</span>
        </dd>
      </dl>

      {adapter && (
        <ul class="chips" aria-label="GPU features">
          {features.map(([name, label]) => {
            const present = adapter.features.includes(name);
            return (
              <li key={name} class={present ? 'chip chip-on' : 'chip'}>
                {label}
                <span class="visually-hidden">{present ? ' available' : ' not available'}</span>
              </li>
            );
          })}
        </ul>
      )}

      {!adapter && (
        <div class="notice">
          <p>
            <strong>No WebGPU here.</strong> Everything works without a GPU too: Zeroloop then computes with
            WebAssembly on your processor, only slower.
          </p>
          <p>{device.help}</p>
        </div>
      )}
      {adapter?.software && (
        <p class="notice">
          The browser found no GPU and imitates one on the processor. That is slow, so WebAssembly is used
          instead.
        </p>
      )}
      {!device.isolated && (
        <p class="notice">
          WebAssembly has one thread only, because this host does not send the headers
          Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp.
        </p>
      )}

      {adapter && (
        <details>
          <summary>Limits</summary>
          <dl class="facts">
            {limitNames.map((name) => {
              const [label, show] = limitLabels[name];
              return (
                <div key={name}>
                  <dt>{label}</dt>
                  <dd class="number">{show(adapter.limits[name])}</dd>
                </div>
              );
            })}
          </dl>
        </details>
      )}
    </>
  );
}
