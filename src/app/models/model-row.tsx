/** @file A model among others: what can be done with it. */

import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Bytes } from '../../engine/engine';
import * as format from '../format';
import { openModel } from '../state/models';
import { href } from '../state/router';
import { wait } from '../state/waiting';
import { SavePanel } from './save-panel';
import { chosenForTest } from './test-card';

interface Props {
  model: string;
  /** Of its files. */
  title: string;
  name: string;
  detail: string;
  bytes: number;
  keeps?: boolean;
  /** Its export is open from the beginning. */
  opens?: boolean;
  onToggle?: (isOpen: boolean) => void;
  /** More buttons. */
  children?: ComponentChildren;
}

export function ModelRow({
  model,
  title,
  name,
  detail,
  bytes,
  keeps,
  opens = false,
  onToggle,
  children,
}: Props) {
  const [files, setFiles] = useState<Record<string, Bytes> | null>(null);
  const [loads, setLoads] = useState(opens);
  const open = async () => {
    setLoads(true);
    const opened = await wait(`Loading ${title}`, () => openModel(model));
    setLoads(false);
    if (opened?.source.kind !== 'files') return;
    setFiles(opened.source.files);
    onToggle?.(true);
  };
  const close = () => {
    setFiles(null);
    onToggle?.(false);
  };
  useEffect(() => {
    if (opens) void open();
  }, []);
  return (
    <li class="model">
      <div class="model-line">
        <div class="model-words">
          <strong>{name}</strong>
          <span class="note number">
            {detail}
            {bytes > 0 && `, ${format.bytes(bytes)}`}
          </span>
        </div>
        <div class="actions">
          <a class="button button-small" href={href('playground', { model })} aria-label={`Try it: ${title}`}>
            Try it
          </a>
          <a
            class="button button-small"
            href={href('settings', { model })}
            aria-label={`Start a run from ${title}`}
          >
            Start a run
          </a>
          <button
            type="button"
            class="button button-small button-quiet"
            onClick={() => chosenForTest(model)}
            aria-label={`Test ${title} on held-out tasks`}
          >
            Test
          </button>
          <button
            type="button"
            class="button button-small button-quiet"
            aria-expanded={files !== null}
            disabled={loads}
            onClick={files ? close : open}
            aria-label={files ? `Close the export of ${title}` : `Export ${title}, and see what it is`}
          >
            {files ? 'Close' : 'Export …'}
          </button>
          {children}
        </div>
      </div>
      {files && <SavePanel title={title} files={files} keeps={keeps} />}
    </li>
  );
}
