/**
 * @file Where the time of a program goes, told apart by programs that end early: a mistake in the last line ends after parsing, an
 * f that only returns after the program's own statements.
 */

import { withPage } from '../../src/cli/page';
import type { Check } from '../../src/sandbox/executor';
import { goldenPrograms } from '../../tests/golden/programs/load';
import type { Measurement } from '../lib/report';
import { figure, median } from '../lib/statistics';

const ROUNDS = 5;

const variants: Record<string, (program: string) => { program: string; kind: 'run' | 'validate' }> = {
  parsed: (program) => ({ program: `${program}\n)`, kind: 'run' }),
  defined: (program) => ({ program: `${program}\ndef f(*values, **named):\n    return 0\n`, kind: 'run' }),
  run: (program) => ({ program, kind: 'run' }),
  validated: (program) => ({ program, kind: 'validate' }),
};

interface Times {
  /** Microseconds a program: in interpreters, and by the clock. */
  inside: number;
  wall: number;
}

export async function run(progress: (line: string) => void): Promise<Measurement> {
  const good = goldenPrograms.filter(({ verdict }) => verdict === 'ok');
  const times: Record<string, Times[]> = Object.fromEntries(Object.keys(variants).map((name) => [name, []]));
  let interpreters = 0;
  await withPage(async (page) => {
    ({ interpreters } = await page.evaluate(() => window.zeroloop.python()));
    for (let round = 0; round <= ROUNDS; round++) {
      progress(round === 0 ? 'warm-up' : `round ${round} of ${ROUNDS}`);
      for (const [name, variant] of Object.entries(variants)) {
        const checks = good.map(({ program, input }): Check => ({ ...variant(program), inputs: [input] }));
        const { wall, inside } = await page.evaluate(async (sent) => {
          const start = performance.now();
          const checked = await window.zeroloop.check(sent);
          const took = performance.now() - start;
          const ms = checked.map((each) => ('outcomes' in each ? each.outcomes[0].ms : 0));
          return { wall: took, inside: ms.reduce((sum, each) => sum + each, 0) };
        }, checks);
        const micro = 1000 / checks.length;
        if (round > 0) times[name].push({ wall: wall * micro, inside: inside * micro });
      }
    }
  });
  const of = (name: string, part: keyof Times) => median(times[name].map((each) => each[part]));
  const stages: [string, string, string?][] = [
    ['taking it, parsing', 'parsed'],
    ['compiling, gate, definitions', 'defined', 'parsed'],
    ['one call of f, its value as text', 'run', 'defined'],
    ['second opinion: one pass more here, the whole again there', 'validated', 'run'],
  ];
  return {
    name: 'cost',
    title: `Microseconds a program, by stage (${good.length} programs, ${interpreters} interpreters)`,
    rows: [
      ...stages.map(([stage, upTo, from]) => ({
        stage,
        'in an interpreter': figure(of(upTo, 'inside') - (from ? of(from, 'inside') : 0)),
        'by the clock': figure(of(upTo, 'wall') - (from ? of(from, 'wall') : 0)),
      })),
      {
        stage: 'validated, all of it',
        'in an interpreter': figure(of('validated', 'inside')),
        'by the clock': figure(of('validated', 'wall')),
      },
    ],
    remarks: [
      `Interpreters work side by side: what ${interpreters} of them and the way to them cost a program by the clock is ` +
        `${figure(of('validated', 'wall') - of('validated', 'inside') / interpreters)} µs more than their own time divided by ${interpreters}.`,
    ],
  };
}
