/**
 * Three kinds of tests: `unit` in Node, `browser` in a real headless Chromium with a real WebGPU adapter, and `e2e`, which
 * drives the built page through the command line as a user would.
 */
import { playwright } from '@vitest/browser-playwright';
import { defineConfig, mergeConfig } from 'vitest/config';
import { chromiumArgs, findChromium } from './scripts/chromium.mjs';
import { hubServer } from './tests/browser/app/hub-plugin.mjs';
import { canaryServer } from './tests/browser/sandbox/canary-server.mjs';
import { browserMemory } from './tests/programs/browser-memory.mjs';
import viteConfig from './vite.config.ts';

const minutes = 60_000;

export default mergeConfig(
  viteConfig,
  defineConfig({
    test: {
      projects: [
        {
          extends: true,
          test: {
            name: 'unit',
            include: ['tests/unit/**/*.test.ts'],
            environment: 'node',
            maxWorkers: '100%', // by default one core is left idle, of two
            testTimeout: minutes,
            hookTimeout: minutes, // Python takes ten seconds to start on a busy machine
          },
        },
        {
          extends: true,
          plugins: [canaryServer(), hubServer()],
          test: {
            name: 'browser',
            include: ['tests/browser/**/*.test.{ts,tsx}'],
            // On a machine without a GPU the first run of a graph spends 4-8 s compiling shaders.
            testTimeout: 5 * minutes,
            hookTimeout: 5 * minutes,
            // One GPU process, few cores: files in parallel would only slow each other down.
            fileParallelism: false,
            browser: {
              enabled: true,
              headless: true,
              screenshotFailures: false,
              commands: { browserMemory },
              provider: playwright({
                launchOptions: { executablePath: await findChromium(), args: chromiumArgs() },
              }),
              instances: [{ browser: 'chromium' }],
            },
          },
        },
        {
          extends: true,
          test: {
            name: 'e2e',
            include: ['tests/e2e/**/*.test.ts'],
            environment: 'node',
            testTimeout: 5 * minutes,
            hookTimeout: 5 * minutes,
            fileParallelism: false,
          },
        },
      ],
    },
  }),
);
