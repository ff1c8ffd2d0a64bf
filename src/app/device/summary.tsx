/** @file What this device computes with, in a line or two, for whoever is about to start a run. */

import { device } from '../state/device';
import { href } from '../state/router';
import { summaryOf } from './words';
import './summary.css';

export function DeviceSummary() {
  const found = device.value;
  if (!found) return <p class="device-summary note">Looking for a GPU ...</p>;
  const { line, missing } = summaryOf(found);
  return (
    <p class="device-summary note">
      {line} {missing && <span>{missing} </span>}
      <a href={href('device')}>{missing ? 'What to do about it' : 'About this device'}</a>
    </p>
  );
}
