/** @file All runs of this browser: to find one, to compare some, to take them out and bring them in. */

import { signal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import { heldRuns } from '../../store/locks';
import type { RunInfo } from '../../store/records';
import { addKeys, type Shortcut } from '../keys';
import { chosenFiles, droppedFiles } from '../models/dropped';
import { Comparison } from '../runs/comparison';
import {
  inOrder,
  isWanted,
  type Order,
  orders,
  orderWords,
  type Standing,
  standingOf,
} from '../runs/describing';
import { heldOut, lookUp } from '../runs/held-out';
import { Row } from '../runs/row';
import { StorageCard } from '../runs/storage-card';
import { importFiles } from '../runs/transfer';
import { refresh, shownRuns, storeFailure } from '../state/library';
import { isPlaying, live } from '../state/live';
import { checkpoints, refreshModels } from '../state/models';
import { href, refine, route } from '../state/router';
import '../runs/runs.css';

const query = signal('');
const order = signal<Order>('newest');
/** Runs that anybody has open, in this tab or another one. */
const held = signal<ReadonlySet<string> | null>(null);

const searchId = 'runs-search';
const search: Shortcut = {
  key: '/',
  help: 'Search runs',
  run: () => document.getElementById(searchId)?.focus(),
};

/** Other tabs do not say when they begin and end. */
const lookAgain = 4000;

export default function Runs() {
  useEffect(() => void refreshModels(), []);
  useEffect(watchOthers, []);
  useEffect(() => addKeys([search]), []);
  const all = withLive(shownRuns.value);
  useEffect(() => {
    if (all) lookUp(all);
  });
  const over = useDrop();
  return (
    <>
      <div class="view-head">
        <h1>Runs</h1>
        <div class="actions">
          <Import />
          <a class="button button-primary" href={href('settings')}>
            New run
          </a>
        </div>
      </div>
      {storeFailure.value && (
        <p class="notice notice-bad" role="alert">
          {storeFailure.value}
        </p>
      )}
      {all && all.length > 0 && <List all={all} />}
      {all && all.length === 0 && !storeFailure.value && <Empty />}
      {all === null && <div class="loading" aria-busy="true" />}
      <StorageCard />
      {over && (
        <p class="runs-drop" aria-hidden="true">
          Drop logs here, with a checkpoint beside one if it is to go on.
        </p>
      )}
    </>
  );
}

/** Anywhere on the page, as long as the view is shown. Is something held over it? */
function useDrop(): boolean {
  const [over, setOver] = useState(false);
  useEffect(() => {
    const listening = new AbortController();
    const on = (name: 'dragover' | 'dragleave' | 'drop', listen: (event: DragEvent) => void) =>
      addEventListener(name, listen, { signal: listening.signal });
    on('dragover', (event) => {
      if (!event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      setOver(true);
    });
    on('dragleave', (event) => {
      if (event.relatedTarget === null) setOver(false); // it has left the page
    });
    on('drop', (event) => {
      const dropped = event.dataTransfer && droppedFiles(event.dataTransfer);
      setOver(false);
      if (!dropped) return;
      event.preventDefault();
      void importFiles(dropped.files);
    });
    return () => listening.abort();
  }, []);
  return over;
}

function List({ all }: { all: readonly RunInfo[] }) {
  const picked = (route.value.params.get('compare') ?? '').split(',').filter(Boolean);
  const accuracy = (id: string) => heldOut.value.get(id)?.now?.accuracy ?? null;
  const shown = inOrder(
    all.filter((run) => isWanted(run, query.value)),
    order.value,
    accuracy,
  );
  const pick = (id: string, wanted: boolean) => {
    const rest = picked.filter((each) => each !== id);
    refine({ compare: (wanted ? [...rest, id] : rest).join(',') });
  };
  return (
    <>
      <Comparison
        runs={picked.flatMap((id) => all.find((run) => run.id === id) ?? [])}
        onClear={() => refine({ compare: null })}
      />
      <div class="runs-tools">
        <input
          id={searchId}
          type="search"
          aria-label="Search runs"
          placeholder="Search: a name, a note, or batch=16"
          value={query.value}
          onInput={(event) => {
            query.value = event.currentTarget.value;
          }}
        />
        <select
          aria-label="Order"
          value={order.value}
          onChange={(event) => {
            order.value = event.currentTarget.value as Order;
          }}
        >
          {orders.map((each) => (
            <option key={each} value={each}>
              {orderWords[each]}
            </option>
          ))}
        </select>
        <p class="note" role="status">
          {shown.length === all.length
            ? `${all.length} ${all.length === 1 ? 'run' : 'runs'}`
            : `${shown.length} of ${all.length} runs`}
        </p>
      </div>
      {shown.length === 0 ? (
        <p class="empty">No run is like that: search for other words, or for a setting as in batch=16.</p>
      ) : (
        <table class="table runs-table">
          <caption class="visually-hidden">Runs</caption>
          <thead>
            <tr>
              <td class="run-pick">
                <span class="visually-hidden">Compare</span>
              </td>
              <th scope="col">Run</th>
              <th scope="col">Progress</th>
              <th scope="col" title="Share of held-out tasks that were solved, which no run learns from">
                Held-out tasks
              </th>
              <th scope="col">Settings</th>
              <th scope="col">Made</th>
            </tr>
          </thead>
          {shown.map((run) => (
            <Row
              key={run.id}
              run={run}
              standing={standing(run)}
              heldOut={heldOut.value.get(run.id)}
              bytes={bytesOf(run.id)}
              picked={picked.includes(run.id)}
              onPick={(wanted) => pick(run.id, wanted)}
            />
          ))}
        </table>
      )}
    </>
  );
}

/** The run that is open here tells its steps sooner than the store does. */
function withLive(all: readonly RunInfo[] | null): readonly RunInfo[] | null {
  const open = live.value;
  if (!all || !open) return all;
  const step = open.step.value;
  const status = open.status.value;
  return all.map((run) => {
    if (run.id !== open.run) return run;
    const ended = status === 'finished' || status === 'failed' ? status : run.status;
    return { ...run, step: step ?? run.step, status: ended };
  });
}

const standing = (run: RunInfo): Standing =>
  standingOf(run, { here: live.value?.run ?? null, plays: isPlaying.value, held: held.value });

const bytesOf = (id: string) =>
  checkpoints.value
    .filter(({ run }) => run.id === id)
    .flatMap((each) => each.checkpoints)
    .reduce((sum, { bytes }) => sum + bytes, 0);

/** While the view is shown: which runs others have open, and how far those are. */
function watchOthers(): () => void {
  const look = async () => {
    const before = held.peek();
    const found = await heldRuns();
    const changed = JSON.stringify([...(found ?? [])]) !== JSON.stringify([...(before ?? [])]);
    if (changed) held.value = found;
    const elsewhere = [...(found ?? [])].some((id) => id !== live.peek()?.run);
    if (document.visibilityState === 'visible' && (changed || elsewhere)) await refresh();
  };
  void look();
  const timer = setInterval(() => void look(), lookAgain);
  return () => clearInterval(timer);
}

function Import() {
  return (
    <label class="button file-button">
      Import logs
      <input
        type="file"
        multiple
        accept=".jsonl,.gz,.zip,.json,.safetensors"
        onChange={(event) => {
          const input = event.currentTarget;
          const chosen = input.files && chosenFiles(input.files);
          if (chosen) void importFiles(chosen.files);
          input.value = ''; // the same file may be chosen again
        }}
      />
    </label>
  );
}

function Empty() {
  return (
    <div class="empty">
      <p>
        There are no runs in this browser yet. Start one, or drop the log of one here: a .jsonl or .jsonl.gz
        file.
      </p>
      <div class="actions">
        <a class="button button-primary" href={href('train')}>
          Start
        </a>
        <Import />
      </div>
    </div>
  );
}
