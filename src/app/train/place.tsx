/** @file Where a run computes: what is done there and what here while it plays, and the choice of another place while it does not. */

import type { RunInfo } from '../../store/records';
import { placeInWords, placesInWords, trafficInWords } from '../node/words';
import { type BackendChoice, backends } from '../state/draft';
import { isBusy, type LiveRun } from '../state/live';
import { choosePlace, placeOf } from '../state/place';
import { href } from '../state/router';

export function PlaceOfRun({ info, open, moves }: { info: RunInfo; open: LiveRun | null; moves: boolean }) {
  return (
    <div class="place">
      {moves && <Choice info={info} />}
      {info.places && <p class="note">{placesInWords(info.places)}</p>}
      {!moves && !info.places && <p class="note">Computed on {placeInWords(info)}.</p>}
      {open?.backend === 'remote' && isBusy(open.status.value) && <OnNode open={open} />}
    </div>
  );
}

const places: Record<BackendChoice, string> = {
  auto: 'this device, at its best',
  webgpu: 'this device, with WebGPU',
  wasm: 'this device, with WebAssembly',
  remote: 'the node',
};

function Choice({ info }: { info: RunInfo }) {
  const place = placeOf(info);
  return (
    <>
      <label class="field-inline">
        Goes on with{' '}
        <select
          value={place}
          onChange={(event) => choosePlace(info.id, event.currentTarget.value as BackendChoice)}
        >
          {backends.map((each) => (
            <option key={each} value={each}>
              {places[each]}
            </option>
          ))}
        </select>
      </label>
      {place === 'remote' && (
        <p class="note">
          <a href={href('device')}>About the node</a>
        </p>
      )}
    </>
  );
}

function OnNode({ open }: { open: LiveRun }) {
  const line = open.line.value;
  return (
    <>
      <p class="note">
        The node writes and learns; Python and the loop are here.{' '}
        {line && <span class="number">{trafficInWords(line)}.</span>}
      </p>
      {line && line.silentSince !== null && (
        <p class="notice notice-bad" role="alert">
          The node has not answered since {new Date(line.silentSince).toLocaleTimeString()}: the run waits,
          and goes on by itself when it is back. If it is not to come back, press Stop, and choose where else
          the run goes on.
        </p>
      )}
    </>
  );
}
