/** @file Says what was found on this device, what Zeroloop makes of it, and what would make it better. */

import * as format from '../format';
import { type Adapter, type DeviceReport, type LimitName, limitNames } from './inspect';
import { engineName } from './words';

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
          {device.threads} <span class="note">of {device.cores} that the processor runs at once</span>
        </dd>
        <dt>Isolation</dt>
        <dd>
          {device.isolated ? 'yes' : 'no'}{' '}
          <span class="note">
            {device.isolated ? 'threads may share memory' : 'no memory for threads to share'}
          </span>
        </dd>
        <dt>Browser</dt>
        <dd>
          {device.browser} <span class="note">{device.jspi ? 'with JSPI' : 'without JSPI'}</span>
        </dd>
      </dl>
      {adapter && <Features adapter={adapter} />}
      {device.help !== null && (
        <div class="notice">
          <p>
            <strong>{adapter ? 'No real GPU here.' : 'No WebGPU here.'}</strong>{' '}
            {adapter && 'The browser imitates one on the processor, which is slow. '}
            Everything works without a GPU too: Zeroloop then computes with WebAssembly on your processor,
            only slower.
          </p>
          <p>{device.help}</p>
        </div>
      )}
      {device.isolationHelp !== null && (
        <div class="notice">
          <p>
            <strong>This page is not isolated.</strong> WebAssembly has one thread only, and Python that runs
            for too long is stopped slowly.
          </p>
          <p>{device.isolationHelp}</p>
        </div>
      )}
      {adapter && <Limits adapter={adapter} />}
    </>
  );
}

function Features({ adapter }: { adapter: Adapter }) {
  return (
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
  );
}

function Limits({ adapter }: { adapter: Adapter }) {
  return (
    <details>
      <summary>All limits and features</summary>
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
        <div>
          <dt>Features</dt>
          <dd>{adapter.features.join(', ') || 'none'}</dd>
        </div>
      </dl>
    </details>
  );
}
