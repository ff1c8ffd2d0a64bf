/**
 * @file What a user would run programs with instead: native CPython, as a process for each program, or as processes that stay and
 * make the same checks with the sandbox's own Python files.
 */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { GoldenProgram } from '../../tests/golden/programs/load';

/** sys.monitoring, which counts the steps, is new in 3.12. */
const oldest = [3, 12];

export interface NativePython {
  path: string;
  version: string;
}

/** $PYTHON, or the first on PATH that is new enough; undefined if there is none. */
export function findPython(): NativePython | undefined {
  const names = ['python3.14', 'python3.13', 'python3.12', 'python3', 'python'];
  const candidates = process.env.PYTHON ? [process.env.PYTHON] : names;
  for (const name of candidates) {
    try {
      // The program itself, not a script that looks for it each time.
      const ask = 'import sys; print(sys.executable); print(sys.version.split()[0])';
      const answer = execFileSync(name, ['-c', ask], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      const [path, version] = answer.trim().split(/\r?\n/);
      const [major, minor] = version.split('.').map(Number);
      if (major === oldest[0] && minor >= oldest[1]) return { path, version };
    } catch {
      // not there
    }
  }
  return undefined;
}

/** A Python that is told what to do line by line, and answers each with a line of JSON. */
export class PythonProcess {
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #reader: Interface;

  constructor(python: NativePython, script: string, hashSeed?: number) {
    const env = { ...process.env, ...(hashSeed !== undefined && { PYTHONHASHSEED: String(hashSeed) }) };
    this.#process = spawn(python.path, [join(import.meta.dirname, script)], {
      env,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#reader = createInterface({ input: this.#process.stdout as NodeJS.ReadableStream });
    this.#lines = this.#reader[Symbol.asyncIterator]();
  }

  async ask<T>(question: unknown): Promise<T> {
    this.#process.stdin?.write(`${JSON.stringify(question)}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw new Error('Python ended without an answer; see above.');
    return JSON.parse(value) as T;
  }

  close(): void {
    this.#process.stdin?.end();
    this.#reader.close();
  }
}

/** A piece of work of inside.py: [source, calls as JSON, passes]. */
type Job = [string, string, number];

/**
 * The passes that the sandbox makes, shared by `processes` with the two hash seeds in turn: two by one of them, and one more by its
 * neighbour if there is a value to confirm.
 */
export async function openInside(
  python: NativePython,
  processes: number,
  programs: readonly GoldenProgram[],
  callText: (input: string) => string,
): Promise<{ time(): Promise<{ ms: number; ok: number }>; close(): void }> {
  const jobs: Job[][] = Array.from({ length: processes }, () => []);
  for (const [index, { program, input, verdict }] of programs.entries()) {
    const calls = JSON.stringify([callText(input)]);
    jobs[index % processes].push([program, calls, 2]);
    const confirmed = verdict === 'ok' || verdict === 'nondeterministic';
    if (confirmed) jobs[(index + 1) % processes].push([program, calls, 1]);
  }
  const open = jobs.map((_, index) => new PythonProcess(python, 'inside.py', index % 2));
  await Promise.all(open.map((each, index) => each.ask(jobs[index])));
  return {
    time: async () => {
      const start = performance.now();
      const answers = await Promise.all(open.map((each) => each.ask<{ ok: number }>('go')));
      const ms = performance.now() - start;
      return { ms, ok: answers.reduce((sum, { ok }) => sum + ok, 0) };
    },
    close: () => {
      for (const each of open) each.close();
    },
  };
}
