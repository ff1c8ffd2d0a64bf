/** @file What a command is. Each lives in a file of its own, named after it, and main.ts lists them. */

import { type ParseArgsConfig, parseArgs } from 'node:util';

export interface Command {
  /** One line: the name with its options, then what it does. */
  usage: string;
  run(args: string[]): Promise<CommandResult>;
}

/** The same result twice: for programs (`--json`) and for people. Or nothing, from a command that has printed its lines as they came. */
export type CommandResult = Summary | 'printed';

export interface Summary {
  json: Record<string, unknown>;
  text: string;
  /** Set where the command itself worked, but what it looked at is not in order. */
  exitCode?: number;
}

/** A failure that one sentence explains; exit code 2 says that the command line itself was wrong. */
export class CommandError extends Error {
  override name = 'CommandError';
  constructor(
    message: string,
    readonly exitCode: 1 | 2 = 1,
  ) {
    super(message);
  }
}

/** `parseArgs` of Node, strict, with a wrong option explained in one line. */
export function parseOptions<T extends NonNullable<ParseArgsConfig['options']>>(args: string[], options: T) {
  try {
    return parseArgs({ args, options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new CommandError(error instanceof Error ? error.message : String(error), 2);
  }
}

/** Progress goes to stderr: stdout belongs to results. */
export function progress(line: string): void {
  process.stderr.write(`${line}\n`);
}
