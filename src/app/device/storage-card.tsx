/** @file What is stored on this device, whether the browser will keep it, and whether the page works without a network. */

import { useEffect } from 'preact/hooks';
import { askToPersist } from '../../store/storage';
import * as format from '../format';
import { keeping, keepingInWords, newBuild } from '../offline';
import { refresh, storeFailure, usage, usageTold } from '../state/library';
import { toast } from '../state/toasts';

export function StorageCard() {
  const { kind } = keeping.value;
  // When the page has been kept, more is stored than before.
  useEffect(() => void refresh(), [kind]);
  return (
    <section class="card" aria-labelledby="storage-title">
      <h2 id="storage-title">What is kept here</h2>
      <Used />
      <Persistence />
      <Offline />
    </section>
  );
}

function Used() {
  if (storeFailure.value !== null) return <p class="notice notice-bad">{storeFailure.value}</p>;
  const found = usage.value;
  if (!found) return <p class="note">Looking ...</p>;
  const { bytes, quota } = found;
  if (!usageTold.value)
    return (
      <p class="device-line">This browser does not say how much runs, models and the page itself take.</p>
    );
  return (
    <>
      <p class="device-line" id="storage-used">
        Runs, models and the page itself take <span class="number">{format.bytes(bytes)}</span>
        {quota > 0 && (
          <>
            {' '}
            of the <span class="number">{format.bytes(quota)}</span> that this site may have
          </>
        )}
        .
      </p>
      {quota > 0 && <progress value={bytes} max={quota} aria-labelledby="storage-used" />}
    </>
  );
}

function Persistence() {
  const found = usage.value;
  if (!found) return null;
  if (found.persistent)
    return <p class="device-line">The browser has promised not to clear it when space runs short.</p>;
  return (
    <div class="device-line">
      <p>The browser may clear all of it when space runs short, runs included. Export what you would miss.</p>
      <button type="button" class="button button-small" onClick={ask}>
        Ask the browser to keep it
      </button>
    </div>
  );
}

async function ask(): Promise<void> {
  const promised = await askToPersist();
  await refresh();
  if (promised) toast('The browser has promised to keep what is stored here.');
  else
    toast(
      'The browser did not promise it: some do so once the page is bookmarked, installed or often used. Export what you would miss.',
      { kind: 'failed' },
    );
}

function Offline() {
  const now = keeping.value;
  return (
    <div class="device-line">
      <h3>Does it work without a network?</h3>
      <p>{keepingInWords(now)}</p>
      {newBuild.value && (
        <p class="notice notice-good">
          A new version of Zeroloop is here.{' '}
          <button type="button" class="button button-small" onClick={() => location.reload()}>
            Reload
          </button>
        </p>
      )}
    </div>
  );
}
