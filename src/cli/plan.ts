/** @file `plan`: the memory that a model will need, from its config.json alone; before anything is downloaded. */

import { formatBytes } from '../model/bytes';
import { planMemory } from '../model/memory';
import { type CommandResult, parseOptions } from './command';
import { readConfigFile, wholeNumber } from './config-file';

export const usage =
  'plan          --model CONFIG.json [--batch N] [--context N] [--samples N] [--budget GIB] [--frozen]: the memory it will need';

export async function run(args: string[]): Promise<CommandResult> {
  const options = parseOptions(args, {
    model: { type: 'string' },
    batch: { type: 'string', default: '4' },
    context: { type: 'string', default: '512' },
    samples: { type: 'string', default: '4' },
    budget: { type: 'string', default: '4' },
    frozen: { type: 'boolean', default: false },
  });
  const config = await readConfigFile(options.model);
  const context = wholeNumber('context', options.context);
  const plan = planMemory(
    config,
    {
      training: options.frozen ? 'none' : 'full',
      batch: wholeNumber('batch', options.batch),
      context,
      sampleBatch: wholeNumber('samples', options.samples),
      sampleContext: context,
    },
    {
      maxBufferSize: Infinity,
      maxBindingSize: Infinity,
      budgetBytes: wholeNumber('budget', options.budget) * 2 ** 30,
    },
  );
  const { items, total, largestTensor, verdict } = plan;
  const lines = [
    ...items.map(({ name, bytes, how }) => `${name.padEnd(12)}${formatBytes(bytes).padStart(10)}  ${how}`),
    `${'total'.padEnd(12)}${formatBytes(total).padStart(10)}`,
    `largest tensor: ${largestTensor.name}, ${formatBytes(largestTensor.bytes)}`,
    verdict.fits ? `Fits into ${options.budget} GiB.` : verdict.reason,
  ];
  return { json: { ...plan }, text: lines.join('\n'), exitCode: verdict.fits ? 0 : 1 };
}
