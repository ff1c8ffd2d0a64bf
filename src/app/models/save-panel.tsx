/** @file What a model is, and how it is to be taken out: as a file, or put among the models that this browser keeps. */

import { useEffect, useState } from 'preact/hooks';
import type { Bytes } from '../../engine/engine';
import { hasAdapter, withoutAdapter } from '../../model/adapter-base';
import * as format from '../format';
import { keepModel } from '../state/models';
import { toast } from '../state/toasts';
import { wait } from '../state/waiting';
import { save } from '../ui/save';
import { adapterOnly, type Form, forms, modelOnly, pack, zipOf } from './exporting';
import { type Fact, FactList } from './fact-list';
import { factsOf, type ModelFacts, memoryInWords, numbersInWords, totalBytes } from './facts';

type Files = Readonly<Record<string, Bytes>>;

/** `keeps`: it may be put among the models that are kept. */
export function SavePanel({ title, files, keeps = false }: { title: string; files: Files; keeps?: boolean }) {
  const facts = useFacts(files);
  const [chosen, setChosen] = useState<Form>('model');
  if (facts === null) return <p class="note">Reading …</p>;
  if (facts instanceof Error) return <p class="notice notice-bad">{facts.message}</p>;
  const isHalf = facts.numbers.every((each) => each === 'F16');
  const isAdapted = hasAdapter(files);
  const isOffered: Record<Form, boolean> = {
    model: true,
    half: !isHalf,
    adapter: isAdapted,
    resume: facts.hasOptimizer,
  };
  const offered = forms.filter((form) => isOffered[form]);
  const form = offered.includes(chosen) ? chosen : 'model';

  const saveFile = () =>
    wait(`Exporting ${title}`, async (waiting) => {
      const parcel = await pack(title, files, form);
      waiting.signal.throwIfAborted();
      const zip = await zipOf(parcel, waiting);
      save(`${parcel.name}.zip`, zip);
      toast(`${parcel.name}.zip is saved (${format.bytes(zip.size)}).`);
    });
  const keep = () =>
    wait(`Keeping ${title}`, async ({ tell }) => {
      tell(null, 'storing');
      const { files: kept } = await pack(title, files, form === 'half' ? 'half' : 'model');
      const model = await keepModel({ name: title, files: kept, about: await factsOf(kept) });
      toast(`${model.name} is kept in this browser, whatever becomes of its run.`);
    });

  return (
    <div class="save-panel">
      <FactList model={facts} more={moreOf(facts, files)} warnings={facts.warnings} />
      <div>
        <fieldset class="forms">
          <legend>Export as a Hugging Face folder in a zip</legend>
          {offered.map((each) => (
            <label key={each}>
              <input
                type="radio"
                name={`form of ${title}`}
                checked={each === form}
                onChange={() => setChosen(each)}
              />
              <span>
                {labelOf(each, facts, isAdapted)}{' '}
                <span class="note number">{format.bytes(sizeOf(each, facts, files))}</span>
              </span>
            </label>
          ))}
        </fieldset>
        <div class="actions">
          <button type="button" class="button button-primary" onClick={saveFile}>
            Export the zip
          </button>
          {keeps && (
            <button type="button" class="button button-quiet" onClick={keep}>
              Keep in this browser
            </button>
          )}
        </div>
      </div>
    </div>
  );
}

function useFacts(files: Files): ModelFacts | Error | null {
  const [facts, setFacts] = useState<ModelFacts | Error | null>(null);
  useEffect(() => {
    let isWanted = true;
    setFacts(null);
    factsOf(files).then(
      (found) => isWanted && setFacts(found),
      (error: Error) => isWanted && setFacts(error),
    );
    return () => {
      isWanted = false;
    };
  }, [files]);
  return facts;
}

function moreOf({ vocabulary, tokens, ...facts }: ModelFacts, files: Files): Fact[] {
  const spelling = tokens === 'bytes' ? '; texts are spelt in bytes' : '';
  return [
    ['Vocabulary', `${format.count(vocabulary)} tokens${spelling}`],
    ['Memory', memoryInWords(facts)],
    ['Files', format.bytes(totalBytes(files))],
  ];
}

function labelOf(form: Form, { numbers }: ModelFacts, isAdapted: boolean): string {
  switch (form) {
    case 'model':
      return isAdapted
        ? 'The model with the adapter merged into it, in float32'
        : `The model in ${numbersInWords(numbers)}, as it is`;
    case 'half':
      return isAdapted ? 'The same in float16, half the size' : 'The model in float16, half the size';
    case 'adapter':
      return 'The adapter alone, as PEFT has it';
    case 'resume':
      return 'With the optimizer’s state, to go on training';
    default:
      return form satisfies never;
  }
}

function sizeOf(form: Form, { bytes }: ModelFacts, files: Files): number {
  const model = totalBytes(withoutAdapter(modelOnly(files)));
  switch (form) {
    case 'model':
      return model;
    case 'half':
      return model - bytes / 2;
    case 'adapter':
      return totalBytes(adapterOnly(files));
    case 'resume':
      return totalBytes(files);
    default:
      return form satisfies never;
  }
}
