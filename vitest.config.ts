/**
 * Three kinds of tests: `unit` in Node, `browser` in a real headless Chromium with a real WebGPU adapter, and `e2e`, which
 * drives the built page through the command line as a user would. Files that measure time, or whose verdicts hang on a clock, are
 * projects of their own, `browser-alone` and `e2e-alone`, in which one comes after the other; of the rest two run at a time, since most
 * of them keep one core busy at best.
 */
import { playwright } from '@vitest/browser-playwright';
import { defineConfig, mergeConfig } from 'vitest/config';
import { chromiumArgs, findChromium } from './scripts/chromium.mjs';
import { hubServer } from './tests/browser/app/hub-plugin.mjs';
import { canaryServer } from './tests/browser/sandbox/canary-server.mjs';
import { LongestFirst } from './tests/longest-first.ts';
import { browserMemory } from './tests/programs/browser-memory.mjs';
import viteConfig from './vite.config.ts';

const minutes = 60_000;

const aloneInBrowser = [
  'tests/browser/sandbox/**/*.test.ts',
  'tests/browser/store/speed.test.ts',
  'tests/browser/app/{charts,replay}.test.tsx',
];
const aloneInPage = ['tests/e2e/{speed,terminal}.test.ts', 'tests/e2e/page/light.test.ts'];

const sideBySide = { fileParallelism: true, maxWorkers: 2 };
const alone = { fileParallelism: false };

const executablePath = await findChromium();
/** Made anew for each project: Vitest writes names into it. */
const inBrowser = () => ({
  // On a machine without a GPU the first run of a graph spends 4-8 s compiling shaders.
  testTimeout: 5 * minutes,
  hookTimeout: 5 * minutes,
  expect: { poll: { timeout: minutes / 4 } }, // a second by default, which a busy machine lets pass
  browser: {
    enabled: true,
    headless: true,
    screenshotFailures: false,
    commands: { browserMemory },
    provider: playwright({ launchOptions: { executablePath, args: chromiumArgs() } }),
    instances: [{ browser: 'chromium' as const }],
  },
});

const onPage = {
  environment: 'node',
  globalSetup: 'tests/e2e/built.ts',
  testTimeout: 5 * minutes,
  hookTimeout: 5 * minutes,
};

export default mergeConfig(
  viteConfig,
  defineConfig({
    test: {
      sequence: { sequencer: LongestFirst },
      projects: [
        {
          extends: true,
          test: {
            name: 'unit',
            include: ['tests/unit/**/*.test.ts'],
            environment: 'node',
            maxWorkers: '100%', // by default one core is left idle, of two
            // None takes a tenth of it where the machine has nothing else to do.
            testTimeout: 3 * minutes,
            hookTimeout: 3 * minutes,
          },
        },
        {
          extends: true,
          plugins: [canaryServer(), hubServer()],
          test: {
            ...inBrowser(),
            ...sideBySide,
            name: 'browser',
            include: ['tests/browser/**/*.test.{ts,tsx}'],
            exclude: aloneInBrowser,
            sequence: { groupOrder: 1 },
          },
        },
        {
          extends: true,
          plugins: [canaryServer(), hubServer()],
          test: {
            ...inBrowser(),
            ...alone,
            name: 'browser-alone',
            include: aloneInBrowser,
            sequence: { groupOrder: 2 },
          },
        },
        {
          extends: true,
          test: {
            ...onPage,
            ...sideBySide,
            name: 'e2e',
            include: ['tests/e2e/**/*.test.ts'],
            exclude: aloneInPage,
            sequence: { groupOrder: 3 },
          },
        },
        {
          extends: true,
          test: {
            ...onPage,
            ...alone,
            name: 'e2e-alone',
            include: aloneInPage,
            sequence: { groupOrder: 4 },
          },
        },
      ],
    },
  }),
);
