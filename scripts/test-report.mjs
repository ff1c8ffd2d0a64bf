/**
 * What a run of Vitest comes to, for the summary of `npm test`: how many tests passed and, each in a line, what failed. Vitest's own
 * report in JSON says nothing of errors outside any test (an unhandled rejection, say), which fail a run as well.
 */
import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { root } from './lib.mjs';

/** @typedef {{ passed: number, failures: string[] }} Report */

/** @typedef {import('vitest/node').Reporter} Reporter */

/** @implements {Reporter} */
export default class TestReport {
  /**
   * Writes where TEST_REPORT says: a reporter named on the command line is given no options.
   * @param {readonly import('vitest/node').TestModule[]} modules
   * @param {readonly import('vitest').SerializedError[]} outside
   */
  onTestRunEnd(modules, outside) {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    /** @type {Report} */
    const report = {
      passed: tests.filter((test) => test.result().state === 'passed').length,
      failures: [...modules.flatMap(failuresOf), ...outside.map(inOneLine)],
    };
    writeFileSync(/** @type {string} */ (process.env.TEST_REPORT), JSON.stringify(report));
  }
}

/** @param {import('vitest/node').TestModule} module */
function failuresOf(module) {
  const path = relative(root, module.moduleId);
  const failed = [...module.children.allTests('failed')].map((test) => `${path} > ${test.fullName}`);
  // Errors of a file, or of the hooks around its tests, which then did not come to run.
  const around = [module, ...module.children.allSuites()].flatMap((suite) => suite.errors());
  return [...failed, ...around.map((error) => `${path}: ${inOneLine(error)}`)];
}

/** @param {{ name?: string, message: string, stack?: string }} error */
function inOneLine({ name, message, stack }) {
  const where =
    stack
      ?.split('\n')
      .find((line) => line.includes(root))
      ?.trim() ?? '';
  return `${name ?? 'Error'}: ${message.split('\n')[0]} ${where}`.trim();
}
