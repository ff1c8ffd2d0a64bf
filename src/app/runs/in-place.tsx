/** @file Words that are changed where they stand: Enter or leaving keeps them, Escape does not. */

import { useEffect, useRef, useState } from 'preact/hooks';

interface Props {
  text: string;
  /** "Name of swift otter" */
  label: string;
  /** Of the button that begins it. */
  action: string;
  longest: number;
  lines?: boolean;
  onSave: (text: string) => void;
}

export function InPlace({ text, label, action, longest, lines = false, onSave }: Props) {
  const [editing, setEditing] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const back = useRef(false);
  const ended = useRef(false);
  useEffect(() => {
    if (editing || !back.current) return;
    back.current = false;
    button.current?.focus();
  }, [editing]);
  if (!editing) {
    return (
      <button
        type="button"
        ref={button}
        class={lines ? 'in-place-note' : 'icon-button in-place-button'}
        aria-label={lines ? undefined : `${action}: ${label}`}
        title={action}
        onClick={() => {
          ended.current = false;
          setEditing(true);
        }}
      >
        {lines ? (
          <>
            <span class="visually-hidden">{label}: </span>
            {text || action}
          </>
        ) : (
          <span aria-hidden="true">✎</span>
        )}
      </button>
    );
  }
  const end = (given: string | null, returns: boolean) => {
    if (ended.current) return; // a field that goes away loses the keyboard, too
    ended.current = true;
    back.current = returns;
    setEditing(false);
    const next = given?.trim();
    if (next !== undefined && next !== text && (next !== '' || lines)) onSave(next);
  };
  const shared = {
    'aria-label': label,
    maxLength: longest,
    defaultValue: text,
    ref: begin,
    onBlur: (event: FocusEvent) => end((event.currentTarget as HTMLInputElement).value, false),
    onKeyDown: (event: KeyboardEvent) => {
      if (event.key === 'Escape') end(null, true);
      else if (event.key === 'Enter' && !(lines && event.shiftKey)) {
        event.preventDefault();
        end((event.currentTarget as HTMLInputElement).value, true);
      }
    },
  };
  return lines ? (
    <textarea class="in-place-field" rows={2} {...shared} />
  ) : (
    <input type="text" class="in-place-field" autoComplete="off" {...shared} />
  );
}

/** Once, when it appears. */
function begin(field: HTMLInputElement | HTMLTextAreaElement | null): void {
  if (!field || document.activeElement === field) return;
  field.focus();
  field.select();
}
