/** @file `artifacts`: writes a model's training artifacts to a folder, with a list of what goes in and comes out. */

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { artifactSet, type LossKind, type Target } from '../graph/artifacts';
import { formatBytes } from '../model/bytes';
import { CommandError, type CommandResult, parseOptions } from './command';
import { readConfigFile, wholeNumber } from './config-file';

export const usage =
  'artifacts     --model CONFIG.json --out DIR [--rows N] [--length N] [--context N] [--steps N] [--loss cross-entropy|policy] [--target gpu|cpu] [--packed]: write the ONNX files';

export async function run(args: string[]): Promise<CommandResult> {
  const options = parseOptions(args, {
    model: { type: 'string' },
    out: { type: 'string' },
    rows: { type: 'string', default: '16' },
    length: { type: 'string', default: '128' },
    context: { type: 'string' },
    steps: { type: 'string', default: '8' },
    loss: { type: 'string', default: 'policy' },
    target: { type: 'string', default: 'gpu' },
    packed: { type: 'boolean', default: false },
  });
  const { out } = options;
  if (!out) throw new CommandError('Say where to: --out DIR.', 2);
  const config = await readConfigFile(options.model);
  const length = wholeNumber('length', options.length);
  const artifacts = artifactSet(config, {
    rows: wholeNumber('rows', options.rows),
    length,
    context: options.context ? wholeNumber('context', options.context) : length,
    steps: wholeNumber('steps', options.steps),
    loss: lossOf(options.loss),
    packing: options.packed ? 'packed' : 'plain',
    target: targetOf(options.target),
  });

  await mkdir(out, { recursive: true });
  const files = await Promise.all(
    Object.entries(artifacts).map(async ([file, { bytes, inputs, outputs, nodeCount }]) => {
      await writeFile(join(out, file), bytes);
      return { file, bytes: bytes.length, nodes: nodeCount, inputs, outputs };
    }),
  );
  await writeFile(join(out, 'artifacts.json'), `${JSON.stringify({ files }, null, 2)}\n`);
  const lines = files.map(
    ({ file, bytes, nodes }) => `${file.padEnd(22)}${formatBytes(bytes).padStart(10)}  ${nodes} nodes`,
  );
  return { json: { out, files }, text: [...lines, `written to ${out}`].join('\n') };
}

function lossOf(name: string): LossKind {
  if (name === 'cross-entropy') return { kind: name };
  if (name === 'policy') return { kind: name, entropy: true, reference: true };
  throw new CommandError(`--loss is cross-entropy or policy, not "${name}".`, 2);
}

function targetOf(name: string): Target {
  if (name === 'gpu' || name === 'cpu') return name;
  throw new CommandError(`--target is gpu or cpu, not "${name}".`, 2);
}
