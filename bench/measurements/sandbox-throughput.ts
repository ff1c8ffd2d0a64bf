/**
 * @file Validated programs a second on the built page (gate, step limit, two interpreters with different hash seeds, three passes),
 * against native CPython: a process for each program, and processes that stay and make the same checks.
 */

import { availableParallelism } from 'node:os';
import { withPage } from '../../src/cli/page';
import type { Check } from '../../src/sandbox/executor';
import { parseArguments } from '../../src/sandbox/literal';
import { callText } from '../../src/sandbox/repr';
import { goldenPrograms } from '../../tests/golden/programs/load';
import type { Measurement, Row } from '../lib/report';
import { figure, median, ratioOf, spread } from '../lib/statistics';
import { findPython, openInside, PythonProcess } from '../sandbox/native';

/** The browser compiles WebAssembly anew, and better, as it learns what is used: that takes some thousands of programs. */
const WARM_UP = 3;
const ROUNDS = 7;
/** A process for each program is slow: fewer of them a round. */
const FEW = 60;

const checks = goldenPrograms.map(
  ({ program, input }): Check => ({ kind: 'validate', program, inputs: [input] }),
);

export async function run(progress: (line: string) => void): Promise<Measurement> {
  const python = findPython();
  const ours: number[] = [];
  const inside: number[] = [];
  const oneByOne: number[] = [];
  const perCore: number[] = [];
  let interpreters = 0;
  let right = 0;
  await withPage(async (page) => {
    ({ interpreters } = await page.evaluate(() => window.zeroloop.python()));
    const peer = python && (await openInside(python, interpreters, goldenPrograms, textOf));
    const alone = python && new PythonProcess(python, 'alone.py');
    try {
      for (let round = 1 - WARM_UP; round <= ROUNDS; round++) {
        progress(round <= 0 ? 'warm-up' : `round ${round} of ${ROUNDS}`);
        const { ms, verdicts } = await page.evaluate(async (sent) => {
          const start = performance.now();
          const checked = await window.zeroloop.check(sent);
          const took = performance.now() - start;
          return {
            ms: took,
            verdicts: checked.map((each) => (each.kind === 'validate' ? each.outcomes[0].verdict : '')),
          };
        }, checks);
        right = verdicts.filter((verdict, i) => verdict === goldenPrograms[i].verdict).length;
        const few = Array.from(
          { length: FEW },
          (_, i) => goldenPrograms[((round + WARM_UP) * FEW + i) % goldenPrograms.length],
        );
        const scripts = few.map(({ program, input }) => `${program}\nprint(repr(f(${input})))`);
        const insideMs = await peer?.time();
        const oneMs = await alone?.ask<{ ms: number }>([1, scripts]);
        const coreMs = await alone?.ask<{ ms: number }>([availableParallelism(), scripts]);
        if (round <= 0) continue;
        ours.push(ms / checks.length);
        if (insideMs) inside.push(insideMs.ms / checks.length);
        if (oneMs) oneByOne.push(oneMs.ms / FEW);
        if (coreMs) perCore.push(coreMs.ms / FEW);
      }
    } finally {
      peer?.close();
      alone?.close();
    }
  });
  const row = (what: string, times: number[]): Row => ({
    what,
    'programs/s': times.length > 0 ? figure(1000 / median(times)) : 'no Python of 3.12 or later',
    'ours / this': times.length > 0 ? spread(ratioOf(times, ours)) : null,
  });
  const faster = median(oneByOne) < median(perCore) ? oneByOne : perCore;
  return {
    name: 'throughput',
    title: `Validated programs a second (${checks.length} programs, ${interpreters} interpreters)`,
    rows: [
      { what: 'ours, validated', 'programs/s': figure(1000 / median(ours)), 'ours / this': null },
      ...(python
        ? [
            row(`native ${python.version}, same checks, ${interpreters} processes that stay`, inside),
            row('native, a process for each program, one after another', oneByOne),
            row('native, a process for each program, one on each core', perCore),
          ]
        : []),
    ],
    remarks: [
      `${right} of ${checks.length} verdicts are CPython's.`,
      ...(python
        ? [
            `Against the faster way of a process for each program: ${spread(ratioOf(faster, ours))} (aim: 20 or more); ` +
              `against the same checks in native processes: ${spread(ratioOf(inside, ours))} (aim: 0.3 or more).`,
          ]
        : ['No native Python of 3.12 or later is here to compare with: $PYTHON may name one.']),
    ],
  };
}

/** An argument list as the sandbox hands it to an interpreter. */
function textOf(input: string): string {
  const parsed = parseArguments(input);
  if (!parsed.ok) throw new Error(`The golden input ${input} is no argument list: ${parsed.reason}`);
  return callText(parsed);
}
