/** @file The command line as people call it, in a process of its own. */

import { type ChildProcess, spawn } from 'node:child_process';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

export function start(...args: string[]) {
  const child = spawn(process.execPath, [join(root, 'scripts/cli.mjs'), ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  }
  return { child, output };
}

export const ended = (child: ChildProcess) =>
  new Promise<number | null>((done) => child.on('close', (code) => done(code)));

export async function cli(...args: string[]) {
  const { child, output } = start(...args);
  return { code: await ended(child), ...output };
}

/** The object that --json prints. */
export const lastLine = (text: string) => JSON.parse(text.trimEnd().split('\n').at(-1) ?? '');
