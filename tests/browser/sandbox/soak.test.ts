/**
 * Many programs through one sandbox, one in fifty hostile: every verdict is right, memory stays where it was, and no program takes
 * longer because of those before it.
 *
 *     npm run browser -- soak     1,500 programs
 *     npm run soak                20,000, by way of VITE_SOAK
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commands } from 'vitest/browser';
import type { Check, Checked, Executor, Outcome } from '../../../src/sandbox/executor';
import { openSandbox } from '../../../src/sandbox/sandbox';
import { goldenPrograms } from '../../golden/programs/load';
import { difference } from '../../programs/expect';
import { hostilePrograms } from '../../programs/hostile';

declare module 'vitest/browser' {
  interface BrowserCommands {
    browserMemory(): Promise<number | null>;
  }
}

const total = Number(import.meta.env.VITE_SOAK ?? 1_500);
const minutes = 60_000;

/** What one program is, and whether what came of it is right: a sentence if not. */
interface Item {
  check: Check;
  hostile: boolean;
  fault(checked: Checked): string | undefined;
}

const validate = (program: string, input: string): Check => ({ kind: 'validate', program, inputs: [input] });

function item(index: number): Item {
  if (index % 50 !== 25) {
    const golden = goldenPrograms[index % goldenPrograms.length];
    return {
      check: validate(golden.program, golden.input),
      hostile: false,
      fault: (checked) => difference(golden, checked),
    };
  }
  // Strides of 23 reach every kind, and neighbours in the list are not neighbours here.
  const { name, program, input, accept } =
    hostilePrograms[(23 * Math.floor(index / 50)) % hostilePrograms.length];
  const fault = (checked: Checked) => {
    const { verdict } = outcomeOf(checked);
    return accept.includes(verdict) ? undefined : `${name}: ${verdict} is none of ${accept.join(', ')}`;
  };
  return { check: validate(program, input), hostile: true, fault };
}

const outcomeOf = (checked: Checked): Outcome => {
  if (checked.kind !== 'validate') throw new TypeError('All of these are validated.');
  return checked.outcomes[0];
};

interface Quarter {
  seconds: number;
  /** Bytes, after everything is done and replaced interpreters are there again. */
  memory: number | null;
  /** Median milliseconds that a good program took in interpreters. */
  ms: number;
}

describe(`${total} programs, one in fifty hostile`, () => {
  let executor: Executor;
  const faults: string[] = [];
  const quarters: Quarter[] = [];
  const verdicts = new Map<string, number>();

  beforeAll(async () => {
    executor = await openSandbox({ limits: { softTime: 500, hardTime: 1_500 } });
    for (let quarter = 0; quarter < 4; quarter++) {
      quarters.push(await run((quarter * total) / 4, ((quarter + 1) * total) / 4));
    }
    const seconds = quarters.reduce((sum, each) => sum + each.seconds, 0);
    const memory = quarters.map((each) => (each.memory === null ? '?' : Math.round(each.memory / 2 ** 20)));
    console.log(
      `soak: ${total} programs in ${seconds.toFixed(1)} s (${Math.round(total / seconds)} a second); ` +
        `${[...verdicts].map(([verdict, count]) => `${verdict} ${count}`).join(', ')}; ` +
        `MB at 25, 50, 75 and 100 %: ${memory.join(', ')}; ` +
        `ms a good program: ${quarters.map(({ ms }) => ms.toFixed(2)).join(', ')}`,
    );
  }, 60 * minutes);
  afterAll(() => executor.dispose());

  async function run(from: number, to: number): Promise<Quarter> {
    const good: number[] = [];
    const start = performance.now();
    for (let at = Math.round(from); at < Math.round(to); at += 250) {
      const items = Array.from({ length: Math.min(250, Math.round(to) - at) }, (_, i) => item(at + i));
      const checked = await executor.check(items.map(({ check }) => check));
      for (const [i, { hostile, fault }] of items.entries()) {
        const { verdict, ms } = outcomeOf(checked[i]);
        verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
        if (!hostile) good.push(ms);
        const wrong = fault(checked[i]);
        if (wrong) faults.push(wrong);
      }
    }
    const seconds = (performance.now() - start) / 1000;
    await new Promise((resolve) => setTimeout(resolve, 3_000)); // spares start, the system takes memory back
    const ms = good.sort((a, b) => a - b)[good.length >> 1];
    return { seconds, memory: await commands.browserMemory(), ms };
  }

  it('has every verdict right', () => {
    expect(faults).toEqual([]);
  });

  it('ends with the memory it had after a quarter', ({ skip }) => {
    const [first, last] = [quarters[0].memory, quarters[3].memory];
    if (first === null || last === null) return skip('This system does not tell the memory of a process.');
    // Interpreters keep what they have grown by, up to 64 MB each, and when the collector runs is the browser's affair.
    expect(last).toBeLessThan(1.25 * first + 64 * 2 ** 20);
  });

  it('takes no longer for a program than in its second quarter', () => {
    expect(quarters[3].ms).toBeLessThan(1.5 * quarters[1].ms);
  });
});
