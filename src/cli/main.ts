/**
 * @file The command line: finds the command, runs it, and prints its result. With `--json` the last line of stdout is one
 * JSON object (exec writes nothing but JSON, a line for each record). Every failure is one line on stderr and an exit code: 2 for a wrong command line, 1 for the rest.
 */

import { EngineError } from '../engine/errors';
import { HeldOutError } from '../evals/tasks';
import * as modelErrors from '../model/errors';
import { HubError } from '../model/hub/errors';
import { SandboxError } from '../sandbox/errors';
import { ConfigError } from '../selfplay/config';
import { RunError, SeedingError } from '../selfplay/errors';
import { SeedError } from '../selfplay/seeds';
import { StoreError } from '../store/errors';
import { type Command, CommandError } from './command';

/** Loaded only when asked for, so that no command pays for another. */
const commands: Record<string, () => Promise<Command>> = {
  doctor: () => import('./doctor'),
  exec: () => import('./exec'),
  train: () => import('./train'),
  eval: () => import('./eval'),
  compare: () => import('./compare'),
  export: () => import('./export'),
  replay: () => import('./replay'),
  bench: () => import('./bench'),
  look: () => import('./look'),
  plan: () => import('./plan'),
  artifacts: () => import('./artifacts'),
  'held-out': () => import('./held-out'),
  warmup: () => import('./warmup'),
  study: () => import('./study'),
};

export async function main(args: string[]): Promise<number> {
  const json = args.includes('--json');
  const [name, ...rest] = args.filter((arg) => arg !== '--json');
  try {
    if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
      console.log(await help());
      return 0;
    }
    const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (!load) {
      throw new CommandError(
        `There is no command "${name}". There is: ${Object.keys(commands).join(', ')}.`,
        2,
      );
    }
    const command = await load();
    if (rest.includes('--help') || rest.includes('-h')) {
      console.log(command.usage);
      return 0;
    }
    const result = await command.run(rest);
    if (result === 'printed') return 0;
    const { json: object, text, exitCode } = result;
    console.log(json ? JSON.stringify(object) : text);
    return exitCode ?? 0;
  } catch (error) {
    return explain(error);
  }
}

async function help(): Promise<string> {
  const usages = await Promise.all(Object.values(commands).map(async (load) => (await load()).usage));
  return ['npm run -s cli -- COMMAND [--json]', '', ...usages.map((usage) => `  ${usage}`)].join('\n');
}

/** One line for what somebody can do something about; a stack for what is our own mistake. */
function explain(error: unknown): number {
  if (!(error instanceof Error)) {
    process.stderr.write(`${String(error)}\n`);
    return 1;
  }
  const expected = error instanceof CommandError ? error.exitCode : isNamed(error) ? 1 : undefined;
  const message =
    expected === undefined ? (error.stack ?? error.message) : error.message.replaceAll('\n', ' ');
  process.stderr.write(`${message}\n`);
  return expected ?? 1;
}

const named = [
  EngineError,
  RunError,
  SeedingError,
  SeedError,
  HeldOutError,
  ConfigError,
  StoreError,
  SandboxError,
  HubError,
  ...Object.values(modelErrors),
];

/** Errors of our own classes say what to do, and so does the system: a file that cannot be written, a disk that is full. */
const isNamed = (error: Error): boolean => 'syscall' in error || named.some((type) => error instanceof type);
