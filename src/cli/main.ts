/**
 * @file The command line: finds the command, runs it, and prints its result. With `--json` the last line of stdout is one
 * JSON object (exec writes nothing but JSON, a line for each record). Every failure is one line on stderr and an exit code: 2 for a wrong command line, 1 for the rest.
 */

import { EngineError } from '../engine/errors';
import * as modelErrors from '../model/errors';
import { type Command, CommandError } from './command';

/** Loaded only when asked for, so that no command pays for another. */
const commands: Record<string, () => Promise<Command>> = {
  doctor: () => import('./doctor'),
  exec: () => import('./exec'),
  replay: () => import('./replay'),
  bench: () => import('./bench'),
  plan: () => import('./plan'),
  artifacts: () => import('./artifacts'),
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
  process.stderr.write(`${expected === undefined ? (error.stack ?? error.message) : error.message}\n`);
  return expected ?? 1;
}

/** Errors of our own classes say what to do. */
const isNamed = (error: Error): boolean =>
  error instanceof EngineError || Object.values(modelErrors).some((type) => error instanceof type);
