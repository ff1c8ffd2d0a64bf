/**
 * @file What a program does, as a short text: its outputs on fixed probes of its signature. Two programs that are written differently
 * and do the same have the same one, so a task that is kept for tests can be told from what is trained on.
 */

import { Draws } from '../selfplay/random';
import { execute } from './execute';
import { drawArguments } from './inputs';
import { type Kind, type Plain, type Program, printValue } from './tree';

const count = 24;
const bySignature = new Map<string, Plain[][]>();

export function fingerprint(program: Program): string {
  const kinds = program.parameters.map(({ kind }) => kind);
  const outputs = probesOf(kinds, program).map((values) => {
    const run = execute(program, values);
    return 'failed' in run ? run.failed : printValue(run.output);
  });
  return `${kinds.join(' ')} ${hash(outputs.join('\n'))}`;
}

function probesOf(kinds: readonly Kind[], program: Program): Plain[][] {
  const signature = kinds.join(' ');
  let probes = bySignature.get(signature);
  if (!probes) {
    const draws = new Draws(0, 0, `fingerprint of ${signature}`);
    probes = Array.from({ length: count }, () => drawArguments(program, draws, { least: 1, most: 6 }));
    bySignature.set(signature, probes);
  }
  return probes;
}

/** 64 bits, as two independent passes of FNV-1a. */
function hash(text: string): string {
  const pass = (basis: number) => {
    let state = basis;
    for (let i = 0; i < text.length; i++) state = Math.imul(state ^ text.charCodeAt(i), 0x01000193);
    return (state >>> 0).toString(16).padStart(8, '0');
  };
  return pass(0x811c9dc5) + pass(0x050c5d1f);
}
