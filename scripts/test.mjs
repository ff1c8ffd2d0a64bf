/**
 * `npm test`: installs what is missing, then types, lint, unit tests in Node, browser tests in headless Chromium, and the
 * built page driven from the command line. Every stage runs even if an earlier one failed, so that one run tells everything; at the
 * end it names the tests that failed, and the last line sums them up. `--whole` runs the long proofs whole (tests/whole.ts).
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureChromium } from './chromium.mjs';
import { ensurePackages, root, run, runMain, say } from './lib.mjs';
import { ensureImages } from './python-images.mjs';

const reports = mkdtempSync(join(tmpdir(), 'zeroloop-test-'));

const reporters = ['--reporter', 'default', '--reporter', join(root, 'scripts/test-report.mjs')];

/** @param {string} name @param {string[]} args @param {Record<string, string>} [env] */
const tool = (name, args, env) =>
  run(process.execPath, [join(root, 'node_modules', name), ...args], {
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });

/** @typedef {{ code: number } & import('./test-report.mjs').Report} Outcome */

/** Runs projects of vitest.config.ts and counts their tests. @param {string[]} projects @returns {Promise<Outcome>} */
async function vitest(...projects) {
  const report = join(reports, `${projects[0]}.json`);
  const code = await tool(
    'vitest/vitest.mjs',
    ['run', ...projects.flatMap((project) => ['--project', project]), ...reporters],
    { TEST_REPORT: report },
  );
  try {
    return { code, ...JSON.parse(readFileSync(report, 'utf8')) };
  } catch {
    return { code: code || 1, passed: 0, failures: ['It did not get as far as a report.'] };
  }
}

/** @type {Promise<unknown>} */
let chromium;
/** @param {string[]} projects */
const withChromium = async (...projects) => {
  await chromium;
  return vitest(...projects);
};

/** @type {[what: string, hint: string, () => Promise<number | Outcome>][]} */
const stages = [
  ['Types', 'npm run types', () => tool('typescript/bin/tsc', ['--noEmit'])],
  [
    'Lint',
    'npm run lint; npm run format repairs most of it',
    () => tool('@biomejs/biome/bin/biome', ['check', '--error-on-warnings', '.']),
  ],
  ['Unit tests', 'npm run unit', () => ensureImages().then(() => vitest('unit'))],
  ['Browser tests', 'npm run browser', () => withChromium('browser', 'browser-alone')],
  ['End-to-end tests', 'npm run e2e', () => withChromium('e2e', 'e2e-alone')],
];

if (process.argv.includes('--whole')) process.env.VITE_WHOLE = '1';

await runMain(async () => {
  await ensurePackages('all');
  // It comes over the network, while the first stages need the processor.
  chromium = ensureChromium();
  chromium.catch(() => {}); // told where it is needed
  let passed = 0;
  let failed = 0;
  const told = [];
  for (const [what, hint, stage] of stages) {
    say(`\n== ${what}`);
    const start = performance.now();
    const result = await stage().catch((error) => {
      say(error.message);
      return 1;
    });
    const outcome = typeof result === 'number' ? { code: result, passed: 0, failures: [] } : result;
    passed += outcome.passed;
    failed += Math.max(outcome.failures.length, outcome.code === 0 ? 0 : 1);
    if (outcome.code !== 0) told.push(`${what} failed (see above; alone: ${hint}).`, ...outcome.failures);
    say(
      `${what}: ${outcome.code === 0 ? 'ok' : 'failed'} in ${((performance.now() - start) / 1000).toFixed(1)} s`,
    );
  }
  rmSync(reports, { recursive: true, force: true });
  say('');
  for (const line of told) say(line);
  if (told.length > 0) process.exitCode = 1;
  // Alone on its line, for machines and people.
  console.log(`${passed} passed, ${failed} failed`);
});
