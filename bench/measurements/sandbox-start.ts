/**
 * @file How long one waits, from the navigation to the page on, for the first validated verdict: in a fresh browser profile, and in
 * one that has been there before (files in the browser's cache), the browser started anew.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright';
import { ensureBuilt } from '../../scripts/build.mjs';
import { chromiumArgs, ensureChromium } from '../../scripts/chromium.mjs';
import { serve } from '../../scripts/server.mjs';
import type { Automation } from '../../src/app/automation'; // declares window.zeroloop
import type { Measurement, Row } from '../lib/report';
import { figure, median } from '../lib/statistics';

const REPEATS = 5;

interface Start {
  /** Milliseconds from the navigation to the first verdict, and those of it in which Python started. */
  verdict: number;
  python: number;
}

declare global {
  interface Window {
    firstVerdict?: number;
  }
}

export async function run(progress: (line: string) => void): Promise<Measurement> {
  const executablePath = await ensureChromium();
  const server = await serve({ folder: await ensureBuilt() });
  const cold: Start[] = [];
  const warm: Start[] = [];
  try {
    for (let i = 1; i <= REPEATS; i++) {
      progress(`visit ${i} of ${REPEATS}`);
      const profile = mkdtempSync(join(tmpdir(), 'zeroloop-bench-'));
      try {
        cold.push(await visit(profile, server.url, executablePath));
        warm.push(await visit(profile, server.url, executablePath));
      } finally {
        rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
      }
    }
  } finally {
    await server.close();
  }
  const row = (visitor: string, starts: Start[], aim: number): Row => {
    const verdicts = starts.map(({ verdict }) => verdict);
    return {
      visit: visitor,
      'first verdict ms': figure(median(verdicts)),
      'from / to': `${figure(Math.min(...verdicts))} / ${figure(Math.max(...verdicts))}`,
      'of it Python ms': figure(median(starts.map(({ python }) => python))),
      aim: `${aim} ms`,
    };
  };
  return {
    name: 'start',
    title: 'From the navigation to the first validated verdict',
    rows: [row('first, fresh profile', cold, 3000), row('second, same profile', warm, 1000)],
    remarks: [],
  };
}

async function visit(profile: string, url: string, executablePath: string): Promise<Start> {
  const context = await chromium.launchPersistentContext(profile, { executablePath, args: chromiumArgs() });
  try {
    const page = context.pages()[0] ?? (await context.newPage());
    // Asked for at the moment the page can be asked.
    await page.addInitScript(() => {
      let automation: Automation;
      Object.defineProperty(window, 'zeroloop', {
        configurable: true,
        get: () => automation,
        set: (value: Automation) => {
          automation = value;
          const program = 'def f(x):\n    return x + 1\n';
          void automation.check([{ kind: 'validate', program, inputs: ['3'] }]).then(([checked]) => {
            const right = checked.kind === 'validate' && checked.outcomes[0].verdict === 'ok';
            window.firstVerdict = right ? performance.now() : Number.NaN;
          });
        },
      });
    });
    await page.goto(url);
    await page.waitForFunction(() => window.firstVerdict !== undefined);
    const start = await page.evaluate(async () => {
      const { startedIn } = await window.zeroloop.python();
      return { verdict: window.firstVerdict as number, python: startedIn };
    });
    if (!(start.verdict > 0)) throw new Error('The first program was not validated.');
    return start;
  } finally {
    await context.close();
  }
}
