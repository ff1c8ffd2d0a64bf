/** @file What this device offers, what is stored on it, a node that computes for it, and a test that it really computes. */

import { useState } from 'preact/hooks';
import { version } from '../../../package.json';
import { DeviceCard } from '../device/device-card';
import { ReportCard } from '../device/report-card';
import { runSelfTest, type SelfTestResult } from '../device/self-test';
import { SelfTestCard } from '../device/self-test-card';
import { StorageCard } from '../device/storage-card';
import { reportText, selfTestInWords } from '../device/words';
import { NodeCard } from '../node/node-card';
import { keeping, keepingInWords } from '../offline';
import { device } from '../state/device';
import { usage } from '../state/library';
import '../device/device.css';

export default function Device() {
  const [tested, setTested] = useState<SelfTestResult | null>(null);
  const found = device.value;
  const report =
    found &&
    reportText({
      version,
      userAgent: navigator.userAgent,
      device: found,
      usage: usage.value,
      offline: keepingInWords(keeping.value),
      selfTest: tested && selfTestInWords(tested),
    });
  return (
    <>
      <div class="view-head">
        <h1>Device</h1>
      </div>
      <div class="device-columns">
        <DeviceCard device={found} />
        <div class="device-stack">
          <StorageCard />
          <NodeCard />
        </div>
      </div>
      <SelfTestCard run={runSelfTest} onDone={setTested} />
      {report && <ReportCard text={report} />}
    </>
  );
}
