/** @file Where models come in: by a drop anywhere on the view, or by a button. */

import { useEffect, useState } from 'preact/hooks';
import { keepModel } from '../state/models';
import { toast } from '../state/toasts';
import { wait } from '../state/waiting';
import { chosenFiles, type Dropped, droppedFiles } from './dropped';
import { inShort } from './facts';

async function importModel({ name, files }: Dropped): Promise<void> {
  await wait(`Importing ${name}`, async (waiting) => {
    const { readModel } = await import('./importing');
    const model = await readModel(await files, name, waiting);
    waiting.tell(null, 'storing');
    const kept = await keepModel({ name: model.name, files: model.files, about: model.facts });
    toast(`${kept.name} is imported: ${inShort(model.facts)}.`);
    for (const warning of model.facts.warnings) toast(warning);
  });
}

/** Takes files that are dropped anywhere on the view; true while some are held over it. */
function useDrop(): boolean {
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
    const over = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(true);
    };
    const leave = (event: DragEvent) => {
      // Out of the window, and not merely onto another element.
      if (!event.relatedTarget) setOver(false);
    };
    const drop = (event: DragEvent) => {
      if (!hasFiles(event) || !event.dataTransfer) return;
      event.preventDefault();
      setOver(false);
      const dropped = droppedFiles(event.dataTransfer);
      if (dropped) void importModel(dropped);
    };
    addEventListener('dragover', over);
    addEventListener('dragleave', leave);
    addEventListener('drop', drop);
    return () => {
      removeEventListener('dragover', over);
      removeEventListener('dragleave', leave);
      removeEventListener('drop', drop);
    };
  }, []);
  return isOver;
}

export function ImportCard() {
  const isOver = useDrop();
  return (
    <section class={isOver ? 'card import import-over' : 'card import'} aria-labelledby="import-title">
      <h2 id="import-title">Bring a model</h2>
      <p class="lead">
        Drop a zip or a folder anywhere here: a checkpoint that was saved on this page, or a Hugging Face
        folder with config.json, model.safetensors and its tokenizer. It is checked, kept in this browser, and
        sent nowhere.
      </p>
      <div class="actions">
        <FileButton label="Choose a zip …" accept=".zip,application/zip" />
        <FileButton label="Choose a folder …" folder />
        <FileButton label="Choose files …" multiple />
      </div>
    </section>
  );
}

function FileButton({
  label,
  folder = false,
  ...input
}: {
  label: string;
  folder?: boolean;
  accept?: string;
  multiple?: boolean;
}) {
  return (
    <label class="button button-quiet file-button">
      {label}
      <input
        type="file"
        {...input}
        {...(folder && { webkitdirectory: true })}
        onChange={({ currentTarget }) => {
          const dropped = currentTarget.files && chosenFiles(currentTarget.files);
          if (dropped) void importModel(dropped);
          currentTarget.value = ''; // so that the same one can be chosen again
        }}
      />
    </label>
  );
}
