/** @file The help sheet: what Zeroloop is, in a few sentences, and its keys. */

import { useEffect, useRef } from 'preact/hooks';
import { keyName, pageShortcuts, showsHelp, viewShortcuts } from './keys';

export function Help() {
  const dialog = useRef<HTMLDialogElement>(null);
  const open = showsHelp.value;
  useEffect(() => {
    if (open && !dialog.current?.open) dialog.current?.showModal();
    if (!open) dialog.current?.close();
  }, [open]);
  const close = () => {
    showsHelp.value = false;
  };
  return (
    <dialog ref={dialog} class="help" aria-labelledby="help-title" onClose={close}>
      <div class="card-head">
        <h2 id="help-title">How this works</h2>
        <button type="button" class="icon-button" aria-label="Close" onClick={close}>
          ×
        </button>
      </div>
      <p>
        A small language model makes up Python tasks, tries to solve them, and a Python in a sandbox says what
        is true. <strong>Deduction</strong>: what does this program return? <strong>Abduction</strong>: which
        input gives that? <strong>Induction</strong>: which program does this? The model learns from the
        answers, on this machine, and nothing leaves it.
      </p>
      <p>
        <strong>Hindsight</strong> runs learn the true traces of the tasks that the model itself proposed;{' '}
        <strong>pure</strong> runs learn from rewards alone. Both are tested on tasks that no run is trained
        on: that curve, held out, is the one that counts.
      </p>
      <h3>Keys</h3>
      <dl class="keys">
        {[...viewShortcuts.value, ...pageShortcuts].map(({ key, help }) => (
          <div key={key + help}>
            <dt>
              <kbd>{keyName(key)}</kbd>
            </dt>
            <dd>{help}</dd>
          </div>
        ))}
      </dl>
    </dialog>
  );
}
