/** @file The page: finds out about the device, and puts the cards in their places. */

import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { ArtifactsCard } from './artifacts-card';
import { automation } from './automation';
import { type DeviceReport, inspectDevice } from './device';
import { DeviceCard } from './device-card';
import { runSelfTest } from './self-test';
import { SelfTestCard } from './self-test-card';
import './style.css';

function App() {
  const [device, setDevice] = useState<DeviceReport | null>(null);
  useEffect(() => {
    inspectDevice().then(setDevice);
  }, []);
  return (
    <>
      <header class="page-head">
        <Logo />
        <div>
          <h1>Zeroloop</h1>
          <p>
            A small language model that will teach itself Python in your browser, on your own GPU. Here so
            far: the engine that trains it.
          </p>
        </div>
      </header>
      <main>
        <SelfTestCard run={runSelfTest} />
        <DeviceCard device={device} />
        <ArtifactsCard />
      </main>
      <footer class="page-foot">
        <p>Zeroloop {automation.version}. Nothing you do here leaves this machine.</p>
      </footer>
    </>
  );
}

function Logo() {
  return (
    <svg class="logo" viewBox="0 0 32 32" fill="none" stroke-linecap="round" aria-hidden="true">
      <path d="M22.6 7.2A10.6 12.2 0 1 0 26.4 14" stroke="currentColor" stroke-width="3.6" />
      <circle cx="24.6" cy="9.2" r="2.9" fill="currentColor" />
    </svg>
  );
}

window.zeroloop = automation;

const root = document.getElementById('app');
if (root) render(<App />, root);
