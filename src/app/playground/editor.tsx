/** @file A place to write a program: a plain text field that knows indentation. Escape gives Tab back to those who move with it. */

import { useId, useState } from 'preact/hooks';
import { backspace, type Edit, indent, newLine, outdent } from './editing';

interface Props {
  label: string;
  value: string;
  onChange: (text: string) => void;
  invalid?: boolean;
}

export function Editor({ label, value, onChange, invalid = false }: Props) {
  const [leaves, setLeaves] = useState(false);
  const help = useId();
  const editOf = (event: KeyboardEvent, field: HTMLTextAreaElement): Edit | null => {
    const selection = { text: field.value, start: field.selectionStart, end: field.selectionEnd };
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return null;
    if (event.key === 'Tab' && !leaves) return event.shiftKey ? outdent(selection) : indent(selection);
    if (event.key === 'Enter' && !event.shiftKey) return newLine(selection);
    if (event.key === 'Backspace') return backspace(selection);
    return null;
  };
  const onKeyDown = (event: KeyboardEvent & { currentTarget: HTMLTextAreaElement }) => {
    const field = event.currentTarget;
    if (event.key === 'Escape') return setLeaves(true);
    const edit = editOf(event, field);
    if (event.key !== 'Tab' && event.key !== 'Shift') setLeaves(false);
    if (!edit) return;
    event.preventDefault();
    apply(field, edit);
    onChange(field.value);
  };
  return (
    <div class="editor">
      <textarea
        aria-label={label}
        aria-describedby={help}
        aria-invalid={invalid}
        rows={Math.min(16, Math.max(6, value.split('\n').length + 1))}
        value={value}
        spellcheck={false}
        autocapitalize="off"
        autocomplete="off"
        wrap="off"
        onKeyDown={onKeyDown}
        onInput={({ currentTarget }) => onChange(currentTarget.value)}
        onBlur={() => setLeaves(false)}
      />
      <p class="note" id={help}>
        {leaves
          ? 'Tab leaves the editor now.'
          : 'Tab indents; Escape, then Tab leaves the editor. Ctrl+Enter solves.'}
      </p>
    </div>
  );
}

/** As if it had been typed, so that the browser's Undo knows it. */
function apply(field: HTMLTextAreaElement, { from, to, insert, start, end }: Edit): void {
  field.setSelectionRange(from, to);
  const typed =
    insert === ''
      ? from === to || document.execCommand('delete')
      : document.execCommand('insertText', false, insert);
  if (!typed) field.setRangeText(insert, from, to);
  field.setSelectionRange(start, end);
}
