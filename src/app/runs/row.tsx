/** @file A run in the list: what it is, how far it is, how it does, and what can be done with it. */

import type { RunInfo } from '../../store/records';
import * as format from '../format';
import { label, remove } from '../state/library';
import { href } from '../state/router';
import { tellFailure } from '../state/toasts';
import { when } from '../ui/when';
import { Colour } from './colour';
import { kindOf, noteOf, plannedSteps, type Standing, standingWords } from './describing';
import type { HeldOut } from './held-out';
import { InPlace } from './in-place';
import { exportToFile } from './transfer';

interface Props {
  run: RunInfo;
  standing: Standing;
  heldOut: HeldOut | undefined;
  /** Of its weights; 0 while nobody knows. */
  bytes: number;
  picked: boolean;
  onPick: (picked: boolean) => void;
}

const change = (run: RunInfo, next: Parameters<typeof label>[1]) => {
  label(run.id, next).catch(tellFailure);
};

export function Row({ run, standing, heldOut, bytes, picked, onPick }: Props) {
  const { id, name, createdAt, model, backend } = run;
  const note = noteOf(run);
  return (
    <tbody class={picked ? 'run run-picked' : 'run'}>
      <tr>
        <td class="run-pick">
          <input
            type="checkbox"
            aria-label={`Compare ${name}`}
            title="Compare"
            checked={picked}
            onChange={(event) => onPick(event.currentTarget.checked)}
          />
        </td>
        <th scope="row" class="run-name">
          <Colour name={name} colour={run.colour} onChoose={(colour) => change(run, { colour })} />
          <a href={href('train', { run: id })}>{name}</a>
          <InPlace
            text={name}
            label={`Name of ${name}`}
            action="Rename"
            longest={60}
            onSave={(next) => change(run, { name: next })}
          />
        </th>
        <td class="run-progress" data-label="Progress">
          <Progress run={run} standing={standing} />
        </td>
        <td class="run-held-out" data-label="Held-out">
          <HeldOutShare heldOut={heldOut} />
        </td>
        <td class="run-kind" data-label="Settings">
          <KindOf run={run} />
        </td>
        <td class="run-made" data-label="Made">
          <span>{createdAt > 0 ? when(createdAt) : 'nobody knows when'}</span>
          <span class="note">
            {[backend, bytes > 0 ? `${format.bytes(bytes)} of weights` : ''].filter(Boolean).join(', ')}
          </span>
          <span class="note">{model}</span>
        </td>
      </tr>
      <tr class="run-second">
        <td />
        <td colSpan={5}>
          <div class="run-more">
            <InPlace
              text={note}
              label={`Note on ${name}`}
              action={note ? 'Change the note' : 'Add a note'}
              longest={1000}
              lines
              onSave={(next) => change(run, { note: next })}
            />
            <Actions run={run} />
          </div>
        </td>
      </tr>
    </tbody>
  );
}

function Progress({ run, standing }: { run: RunInfo; standing: Standing }) {
  const planned = plannedSteps(run);
  const active = standing === 'playing' || standing === 'elsewhere';
  return (
    <>
      <span class={`standing standing-${standing}`}>
        {active && <span class="pulse" aria-hidden="true" />}
        {standingWords[standing]}
      </span>
      <span class="number run-steps">
        {format.count(run.step)} of {planned === null ? '?' : format.count(planned)} steps
      </span>
      {planned !== null && planned > 0 && (
        <progress aria-label={`Steps of ${run.name}`} value={Math.min(run.step, planned)} max={planned} />
      )}
    </>
  );
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

function HeldOutShare({ heldOut }: { heldOut: HeldOut | undefined }) {
  if (!heldOut) return <span class="note">…</span>;
  const { start, now } = heldOut;
  if (!now) return <span class="note">not tested</span>;
  const gain = start === null ? null : 100 * (now.accuracy - start);
  return (
    <>
      <span class="number run-accuracy">{percent(now.accuracy)}</span>
      {gain !== null && start !== null && (
        <span class="note number">
          {gain > 0 ? '+' : gain < 0 ? '−' : '±'}
          {Math.abs(gain).toFixed(1)} points from {percent(start)}
        </span>
      )}
      <span class="note number">after step {format.count(now.step)}</span>
    </>
  );
}

function KindOf({ run }: { run: RunInfo }) {
  const kind = kindOf(run);
  if (!kind) return <span class="note">cannot be read by this Zeroloop</span>;
  const { preset, changes, learns } = kind;
  return (
    <>
      <code>{preset}</code>
      <span class="note">{learns}</span>
      {changes.length > 0 && (
        <span class="note" title={changes.join(', ')}>
          {changes.length <= 2 ? changes.join(', ') : `${changes.length} changes`}
        </span>
      )}
    </>
  );
}

function Actions({ run }: { run: RunInfo }) {
  const { id, name } = run;
  return (
    <div class="run-actions">
      <a href={href('train', { run: id })}>Open</a>
      <a href={href('replay', { run: id })}>Replay</a>
      <a href={href('tasks', { run: id })}>Tasks</a>
      <a href={href('settings', { like: id })}>Duplicate with changes</a>
      <button type="button" class="button button-small" onClick={() => void exportToFile(run)}>
        Export log
      </button>
      <button
        type="button"
        class="button button-small button-danger"
        aria-label={`Delete ${name}`}
        onClick={() => void remove(run).catch(tellFailure)}
      >
        Delete
      </button>
    </div>
  );
}
