/**
 * What every command of the project shares: where the root is, how to speak, and how to get what is missing.
 *
 * Nothing here may import a package: this code runs before the packages are there.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url)).replace(/[\\/]$/, '');

/** What is made once and used until its sources change. */
export const cache = join(root, 'node_modules/.cache/zeroloop');

/** A failure that is explained to the user in one sentence; its stack would only be noise. */
export class Failure extends Error {
  /** @param {string} message @param {number} [exitCode] */
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Progress and explanations go to stderr: stdout belongs to results. @param {string} line */
export function say(line) {
  process.stderr.write(`${line}\n`);
}

/**
 * Runs `main`, turns a Failure into one line, and anything unexpected into a stack trace; both exit non-zero.
 * @param {() => Promise<void>} main
 */
export async function runMain(main) {
  try {
    await main();
  } catch (error) {
    const failure = /** @type {Partial<Failure>} */ (error);
    // Judged by its shape: the command line loads this module a second time, and then there are two classes Failure.
    const explained = typeof failure?.exitCode === 'number';
    say(explained ? String(failure.message) : String(failure?.stack ?? error));
    process.exitCode = failure?.exitCode ?? 1;
  }
}

/**
 * Runs a program in the project's root and resolves with its exit code. Its stdout joins our stderr unless `stdio` says otherwise.
 * @param {string} program @param {string[]} args @param {import('node:child_process').SpawnOptions} [options]
 * @returns {Promise<number>}
 */
export function run(program, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, stdio: ['ignore', 2, 2], ...options });
    child.on('error', reject);
    child.on('exit', (code, signal) => resolve(code ?? (signal ? 1 : 0)));
  });
}

/** @param {string} file @returns {Record<string, any>} */
const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));

/** Which of these packages are not installed in the version that package.json names? @param {Record<string, string>} wanted */
function missing(wanted) {
  return Object.entries(wanted).filter(([name, version]) => {
    const manifest = join(root, 'node_modules', name, 'package.json');
    return !existsSync(manifest) || readJson(manifest).version !== version;
  });
}

/**
 * Installs what is missing. `page` is what building and serving the page needs; `all` adds the compilers' and testers' tools,
 * which are several times as large and which somebody who only wants the page should not wait for.
 * @param {'page' | 'all'} what
 */
export async function ensurePackages(what) {
  const { dependencies, devDependencies } = readJson(join(root, 'package.json'));
  const lacking = missing(what === 'all' ? { ...dependencies, ...devDependencies } : dependencies);
  if (lacking.length === 0) return;
  // `npm ci --omit=dev` would throw away tools that are already there.
  const hasTools = missing(devDependencies).length < Object.keys(devDependencies).length;
  const everything = what === 'all' || hasTools;
  say(`Installing ${everything ? 'packages and test tools' : 'packages'} ...`);
  // npm is a script on Windows, and only a shell can run that there.
  const code = await run('npm', ['ci', ...(everything ? [] : ['--omit=dev'])], {
    shell: process.platform === 'win32',
  });
  if (code !== 0) {
    throw new Failure(
      `npm ci failed (see above), so ${lacking.map(([name]) => name).join(', ')} cannot be used: ` +
        'check the network or the npm registry setting and run the command again.',
    );
  }
}
