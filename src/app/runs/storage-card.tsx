/** @file How much of the browser's storage is in use, and whether the browser has promised to keep it. */

import * as format from '../format';
import { refresh, usage, usageTold } from '../state/library';
import { checkpoints } from '../state/models';
import { toast } from '../state/toasts';

/** Of the quota: less than that is left for a long run. */
const scarce = 0.1;

export function StorageCard() {
  const use = usage.value;
  if (!use) return null;
  const { bytes, quota, persistent } = use;
  const weights = checkpoints.value
    .flatMap((run) => run.checkpoints)
    .reduce((sum, checkpoint) => sum + checkpoint.bytes, 0);
  const words = `${format.bytes(bytes)}${quota > 0 ? ` of ${format.bytes(quota)}` : ''}`;
  return (
    <section class="card storage" aria-labelledby="storage-title">
      <h2 id="storage-title">Storage</h2>
      <p class="storage-words">
        {usageTold.value ? (
          <>
            <span class="number">{words}</span> in use
          </>
        ) : (
          'This browser does not say how much is in use'
        )}
        {weights > 0 && (
          <>
            , <span class="number">{format.bytes(weights)}</span> of it weights of runs
          </>
        )}
        .{' '}
        {persistent
          ? 'The browser keeps it until you delete it.'
          : 'The browser may clear it when space runs out.'}
      </p>
      {quota > 0 && (
        <progress aria-label={`Storage in use: ${words}`} value={Math.min(bytes, quota)} max={quota} />
      )}
      {!persistent && (
        <button type="button" class="button button-small" onClick={() => void keep()}>
          Ask the browser to keep it
        </button>
      )}
      {quota > 0 && bytes > quota * (1 - scarce) && (
        <p class="notice">
          Less than a tenth of the storage is left: export runs that you want to keep, and delete those that
          you do not need, before a run has to stop for it.
        </p>
      )}
    </section>
  );
}

async function keep(): Promise<void> {
  const { askToPersist } = await import('../../store/storage');
  const kept = await askToPersist();
  await refresh();
  toast(
    kept
      ? 'The browser keeps your runs until you delete them.'
      : 'The browser did not promise it: export what you want to be sure of. It may agree once you use this page more often, or install it.',
    { kind: kept ? 'done' : 'failed' },
  );
}
