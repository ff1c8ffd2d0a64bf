/** @file A model on its way out: a Hugging Face folder in a zip, which transformers opens as it is. */

import type { Bytes } from '../../engine/engine';
import { trainerStateFile } from '../../model/folder';
import { halved } from '../../model/halve';
import { merged } from '../../model/merged';
import { withoutRun } from '../../selfplay/model-files';
import type { Waiting } from '../state/waiting';
import { slug } from '../ui/save';
import { writeZip } from '../ui/zip';

/**
 * `model`: whole, an adapter merged into it. `half`: the same in float16. `adapter`: that alone, as PEFT has it. `resume`: with all that a
 * run needs to go on, the optimizer's state first of all.
 */
export const forms = ['model', 'half', 'adapter', 'resume'] as const;
export type Form = (typeof forms)[number];

type Files = Readonly<Record<string, Bytes>>;

export interface Parcel {
  /** Of the zip, without its ending, and of the folder in it. */
  name: string;
  files: Record<string, Blob>;
}

export async function pack(title: string, files: Files, form: Form): Promise<Parcel> {
  const name = `zeroloop-${slug(title)}${ending[form]}`;
  const about = new Blob([readme(title, name, form)]);
  return { name, files: { 'README.md': about, ...blobs(await filesFor(files, form)) } };
}

export async function zipOf({ name, files }: Parcel, { signal, tell }: Waiting): Promise<Blob> {
  const inputs = Object.entries(files).map(([path, data]) => ({ path: `${name}/${path}`, data }));
  const total = inputs.reduce((sum, { data }) => sum + data.size, 0);
  let done = 0;
  const onBytes = (bytes: number) => {
    done += bytes;
    tell(done / total);
  };
  return writeZip(inputs, { signal, onBytes });
}

const ending: Record<Form, string> = {
  model: '',
  half: '-float16',
  adapter: '-adapter',
  resume: '-with-optimizer',
};

async function filesFor(files: Files, form: Form): Promise<Files> {
  switch (form) {
    case 'model':
      return merged(modelOnly(files));
    case 'half':
      return halved(await merged(modelOnly(files)));
    case 'adapter':
      return adapterOnly(files);
    case 'resume':
      return files;
    default:
      return form satisfies never;
  }
}

/** Without what belongs to the run that it comes from. */
export function modelOnly(files: Files): Files {
  const source = withoutRun({ kind: 'files', files: { ...files } });
  const kept = source.kind === 'files' ? source.files : {};
  return Object.fromEntries(Object.entries(kept).filter(([name]) => name !== trainerStateFile));
}

export const adapterOnly = (files: Files): Files =>
  Object.fromEntries(Object.entries(files).filter(([name]) => name.startsWith('adapter_')));

const blobs = (files: Files): Record<string, Blob> =>
  Object.fromEntries(
    Object.entries(files).map(([name, data]) => [
      name,
      data instanceof Blob ? data : new Blob([data as Uint8Array<ArrayBuffer>]),
    ]),
  );

const howToOpen = (
  folder: string,
) => `    from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast

    model = AutoModelForCausalLM.from_pretrained("${folder}")
    tokenizer = PreTrainedTokenizerFast.from_pretrained("${folder}")
`;

const howToOpenAdapter = (
  folder: string,
) => `This is a low-rank adapter alone. It needs the very model that it was trained on:

    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("that model"), "${folder}")
`;

const readme = (title: string, folder: string, form: Form) => `# ${title}

A small language model that was trained in a browser tab by Zeroloop: it makes up Python tasks, solves them,
and learns from what a sandboxed Python says is true.

${form === 'adapter' ? howToOpenAdapter(folder) : howToOpen(folder)}
Drop the zip onto the page's Models view to try the model there, or to start a run from it.
${form === 'resume' ? '\n`trainer_state.safetensors` holds the moments of AdamW, and how many steps it has taken.\n' : ''}`;
