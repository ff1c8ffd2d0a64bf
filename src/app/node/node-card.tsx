/** @file Connects the page to a node, and shows what that is and does for as long as somebody looks. */

import { useEffect, useState } from 'preact/hooks';
import { change } from '../state/draft';
import { live } from '../state/live';
import {
  type Connection,
  changeNodeForm,
  connect,
  connection,
  disconnect,
  lookAgain,
  nodeForm,
  reconnect,
} from '../state/node';
import { go } from '../state/router';
import { factsOf, milliseconds, trafficInWords } from './words';
import './node.css';

export function NodeCard() {
  useEffect(() => void reconnect(), []);
  const now = connection.value;
  return (
    <section class="card node" aria-labelledby="node-title" aria-busy={now.kind === 'connecting'}>
      <h2 id="node-title">A node</h2>
      <p class="lead">
        A bigger machine that computes for this page: it writes and learns, while Python, the loop and what is
        stored stay here.
      </p>
      {now.kind === 'connected' ? <Connected now={now} /> : <Connect now={now} />}
    </section>
  );
}

// ---- Before ------------------------------------------------------------------------------------------------------------

function Connect({ now }: { now: Connection }) {
  const { url, token, remembers } = nodeForm.value;
  const here = useServedByNode();
  const refused = now.kind === 'refused';
  return (
    <form
      class="fields"
      onSubmit={(event) => {
        event.preventDefault();
        void connect();
      }}
    >
      <label class="field field-wide">
        <span>Address</span>
        <input
          type="text"
          inputMode="url"
          spellcheck={false}
          autocapitalize="off"
          autocomplete="off"
          placeholder="http://127.0.0.1:7300"
          aria-invalid={refused}
          aria-describedby={refused ? 'node-refused' : undefined}
          value={url}
          onInput={({ currentTarget: { value } }) => changeNodeForm({ url: value })}
        />
      </label>
      <label class="field field-wide">
        <span>Token</span>
        <input
          type="password"
          autocomplete="off"
          aria-invalid={refused}
          aria-describedby="node-token-note"
          value={token}
          onInput={({ currentTarget: { value } }) => changeNodeForm({ token: value })}
        />
      </label>
      <label class="node-remember">
        <input
          type="checkbox"
          checked={remembers}
          onChange={({ currentTarget: { checked } }) => changeNodeForm({ remembers: checked })}
        />
        <span>Remember both in this browser</span>
      </label>
      <button type="submit" class="button" disabled={now.kind === 'connecting'}>
        {now.kind === 'connecting' ? 'Connecting …' : 'Connect'}
      </button>
      {refused && (
        <p class="notice notice-bad" id="node-refused" role="alert">
          {now.why}
        </p>
      )}
      <p class="note" id="node-token-note">
        {here && url === here ? 'This page comes from that node: only its token is missing. ' : ''}
        The token goes to this address and nowhere else, and is forgotten with this tab. A node is started
        with <code>npm run node -- --model builtin</code>, which prints both.
      </p>
    </form>
  );
}

let asked: Promise<string | null> | null = null;

/** Its address, which is then in the form, unless another one is. */
function useServedByNode(): string | null {
  const [here, setHere] = useState<string | null>(null);
  useEffect(() => {
    asked ??= import('./asking').then(({ servedByNode }) => servedByNode(location.href));
    void asked.then((url) => {
      if (url && nodeForm.value.url === '') changeNodeForm({ url });
      setHere(url);
    });
  }, []);
  return here;
}

// ---- Then --------------------------------------------------------------------------------------------------------------

/** Milliseconds between two looks. */
const glance = 3000;

function Connected({ now }: { now: Extract<Connection, { kind: 'connected' }> }) {
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let gone = false;
    const look = async () => {
      if (document.visibilityState === 'visible') await lookAgain();
      if (!gone) timer = setTimeout(look, glance);
    };
    timer = setTimeout(look, glance);
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, []);
  const { node, about, roundTrip, silent } = now;
  const run = live.value?.backend === 'remote' ? live.value : null;
  const line = run?.line.value;
  return (
    <>
      <dl class="facts">
        <dt>Address</dt>
        <dd>{node.url}</dd>
        <dt>Answers</dt>
        <dd>{silent === null ? <>in {milliseconds(roundTrip)}</> : 'not now'}</dd>
        {factsOf(about).map(([name, text]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{text}</dd>
          </div>
        ))}
        {run && line && (
          <>
            <dt>{run.name}</dt>
            <dd>{trafficInWords(line)}</dd>
          </>
        )}
      </dl>
      {silent !== null && (
        <p class="notice notice-bad" role="alert">
          {silent}
        </p>
      )}
      <div class="actions node-actions">
        <button type="button" class="button button-primary" onClick={setUpRun}>
          Set up a run on it
        </button>
        <button type="button" class="button" onClick={disconnect}>
          Disconnect
        </button>
      </div>
    </>
  );
}

function setUpRun(): void {
  change({ backend: 'remote' });
  go('settings');
}
