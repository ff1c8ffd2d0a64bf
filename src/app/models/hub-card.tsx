/** @file Models from the Hub: looked at first, then fetched, and until they are here in a list where they can be paused and go on. */

import { useEffect, useState } from 'preact/hooks';
import { publicHub, readAddress } from '../../model/hub/address';
import { HubClient } from '../../model/hub/client';
import { type HubModel, lookAt } from '../../model/hub/look';
import { memoryNeeds, type Need } from '../../model/needs';
import { parameterCount } from '../../model/parameters';
import { storageUsage } from '../../store/storage';
import * as format from '../format';
import { backendOf, roomOf } from '../settings/choice';
import { device } from '../state/device';
import { wait } from '../state/waiting';
import { begin, type Download, downloads, drop, goOn, pause } from './downloads';
import { type Fact, FactList } from './fact-list';
import { changeForm, form, seen } from './hub-form';

async function look(): Promise<void> {
  const { id, revision, token, endpoint } = form.value;
  seen.value = null;
  const found = await wait(`Looking at ${id.trim()}`, async ({ signal }) => {
    const address = readAddress(id, { endpoint, revision });
    return lookAt(new HubClient(address.endpoint, { token }), address, signal);
  });
  if (found) seen.value = found;
}

export function HubCard() {
  const { id, revision, token, endpoint, remembers } = form.value;
  return (
    <section class="card hub" aria-labelledby="hub-title">
      <h2 id="hub-title">From the Hub</h2>
      <p class="lead">
        A model of the Llama, Qwen2 or Qwen3 family from huggingface.co, in safetensors. A look fetches a few
        kilobytes, and says what the model is and what it needs.
      </p>
      <form
        class="fields"
        onSubmit={(event) => {
          event.preventDefault();
          void look();
        }}
      >
        <label class="field field-wide">
          <span>Model</span>
          <input
            type="text"
            required
            spellcheck={false}
            autocapitalize="off"
            placeholder="HuggingFaceTB/SmolLM2-135M-Instruct"
            value={id}
            onInput={({ currentTarget: { value } }) => changeForm({ id: value })}
          />
        </label>
        <button type="submit" class="button">
          Look
        </button>
        <details class="hub-more" open={token !== '' || endpoint !== publicHub || revision !== ''}>
          <summary>Revision, token, endpoint</summary>
          <label class="field">
            <span>Revision</span>
            <input
              type="text"
              spellcheck={false}
              placeholder="main"
              value={revision}
              onInput={({ currentTarget: { value } }) => changeForm({ revision: value })}
            />
          </label>
          <label class="field">
            <span>Token, for gated and private models</span>
            <input
              type="password"
              autocomplete="off"
              placeholder="hf_…"
              value={token}
              onInput={({ currentTarget: { value } }) => changeForm({ token: value })}
            />
          </label>
          <label class="field">
            <span>Endpoint</span>
            <input
              type="url"
              required
              value={endpoint}
              onInput={({ currentTarget: { value } }) => changeForm({ endpoint: value })}
            />
          </label>
          <label class="hub-remember">
            <input
              type="checkbox"
              checked={remembers}
              onChange={({ currentTarget: { checked } }) => changeForm({ remembers: checked })}
            />
            <span>Remember token and endpoint in this browser</span>
          </label>
          <p class="note">The token is sent to the endpoint, and nowhere else.</p>
        </details>
      </form>
      {seen.value && <Seen model={seen.value} />}
      {downloads.value && downloads.value.length > 0 && (
        <ul class="downloads" aria-label="Models on their way">
          {downloads.value.map((each) => (
            <OnItsWay key={each.folder} download={each} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Seen({ model }: { model: HubModel }) {
  const { id, commit, config, numbers, bytes, warnings } = model;
  const free = useFreeSpace();
  const { source, layers, hiddenSize, heads, maxPositions, family } = config;
  const [architecture] = (source.architectures as string[] | undefined) ?? [family];
  const { largest, total } = roomOf(backendOf('auto', device.value), device.value);
  const limits = { maxBufferSize: largest, maxBindingSize: largest, budgetBytes: total };
  const more: Fact[] = [
    ['Commit', commit.slice(0, 12)],
    ['Download', format.bytes(bytes)],
    ...memoryNeeds(config, limits).map(
      (need) => [`Memory ${need.what}`, <Memory key={need.what} {...need} />] as const,
    ),
  ];
  const begun = downloads.value?.some((each) => each.model.id === id && each.model.commit === commit);
  return (
    <section class="hub-seen" aria-label={`What ${id} is`}>
      <FactList
        model={{
          architecture,
          layers,
          heads,
          numbers,
          width: hiddenSize,
          context: maxPositions,
          parameters: parameterCount(config),
        }}
        more={more}
        warnings={warnings}
      />
      {free !== null && free < bytes && (
        <p class="notice notice-bad">
          This browser gives the page {format.bytes(free)} more, and the model has {format.bytes(bytes)}:
          delete models or runs that you no longer need, or free space on the disk.
        </p>
      )}
      <div class="actions">
        <button
          type="button"
          class="button button-primary"
          disabled={begun}
          onClick={() => begin(model, form.value.token)}
        >
          {begun ? 'On its way' : `Download ${format.bytes(bytes)}`}
        </button>
      </div>
    </section>
  );
}

/** Where it does not fit, with how it would, or why it never will. */
function Memory({ plan, least }: Need) {
  if (plan.verdict.fits) return <>{format.bytes(plan.total)}</>;
  const { verdict, total } = least;
  return (
    <>
      {format.bytes(total)}{' '}
      <span class="note">{verdict.fits ? 'computing layers again, which takes longer' : verdict.reason}</span>
    </>
  );
}

/** Bytes; null where the browser does not tell. */
function useFreeSpace(): number | null {
  const [free, setFree] = useState<number | null>(null);
  useEffect(() => {
    void storageUsage().then(({ bytes, quota }) => setFree(quota > 0 ? quota - bytes : null));
  }, []);
  return free;
}

function OnItsWay({ download }: { download: Download }) {
  const { model, done, state } = download;
  const { id, bytes } = model;
  const moves = state.kind !== 'paused' && state.kind !== 'failed';
  return (
    <li>
      <strong>{id}</strong>
      <progress aria-label={`Download of ${id}`} value={bytes > 0 ? done / bytes : 0} max={1} />
      <p class="note number" role="status">
        {stateInWords(state)}, {format.bytes(done)} of {format.bytes(bytes)}
      </p>
      {state.kind === 'failed' && (
        <p class="notice notice-bad" role="alert">
          {state.why}
        </p>
      )}
      <div class="actions">
        {moves ? (
          <button
            type="button"
            class="button button-small"
            aria-label={`Pause the download of ${id}`}
            onClick={() => pause(download)}
          >
            Pause
          </button>
        ) : (
          <button
            type="button"
            class="button button-small"
            aria-label={`Go on with the download of ${id}`}
            onClick={() => goOn(download, form.value.token)}
          >
            Go on
          </button>
        )}
        <button
          type="button"
          class="button button-small button-quiet"
          aria-label={`Give up the download of ${id}`}
          onClick={() => drop(download)}
        >
          Give up
        </button>
      </div>
    </li>
  );
}

function stateInWords(state: Download['state']): string {
  switch (state.kind) {
    case 'fetching':
      return 'On its way';
    case 'checking':
      return 'Checking what is here';
    case 'waiting':
      return 'The line was cut, trying again';
    case 'paused':
      return 'Paused';
    case 'failed':
      return 'Stopped';
    default:
      return state satisfies never;
  }
}
