/** @file `replay`: checks the log of a run. Everything that follows from what was recorded is derived again, without page or GPU. */

import { stat } from 'node:fs/promises';
import { ConfigError } from '../selfplay/config';
import { type Replayed, replay, type Summary } from '../selfplay/replay';
import { StoreError } from '../store/errors';
import { openLog } from '../store/log';
import { CommandError, type CommandResult, progress } from './command';
import { readStream } from './file-stream';

export const usage =
  'replay LOG                       check the log of a run, zipped or not: recompute, summarise, fail if it does not add up';

/** Disagreements that are told; more of the same help nobody. */
const told = 20;

export async function run(args: string[]): Promise<CommandResult> {
  const [file, ...rest] = args;
  if (file === undefined || rest.length > 0 || file.startsWith('-')) {
    throw new CommandError(`replay wants one log: ${usage}`, 2);
  }
  const replayed = await replayFile(file);
  const { disagreements, counted, steps, episodes, tasks, summary, ending } = replayed;
  const { complete, message } = ending;
  for (const { message } of disagreements.slice(0, told)) progress(message);
  if (counted > told) progress(`... and ${counted - told} more.`);
  const ok = counted === 0 && complete;
  return {
    json: { ok, steps, episodes, tasks, disagreements, counted, complete, message, summary },
    text: textOf(replayed, ok),
    exitCode: ok ? 0 : 1,
  };
}

async function replayFile(file: string): Promise<Replayed> {
  const found = await stat(file).catch(() => null);
  if (!found?.isFile()) {
    throw new CommandError(
      `${file} ${found ? 'is no file' : 'is not there'}: name the log of a run, as export writes it.`,
    );
  }
  try {
    return await replay(await openLog(readStream(file)));
  } catch (error) {
    if (error instanceof StoreError) throw new CommandError(error.message);
    if (error instanceof ConfigError) {
      const [first, ...others] = error.message.split('\n');
      const more = others.length > 0 ? ` (and ${others.length} more such faults)` : '';
      throw new CommandError(`The configuration in this log cannot be used: ${first}${more}`);
    }
    if (error instanceof Error && 'syscall' in error) {
      throw new CommandError(`${file} could not be read: ${error.message}`);
    }
    throw error;
  }
}

function textOf({ steps, episodes, tasks, counted, summary, ending }: Replayed, ok: boolean): string {
  const verdict = ok
    ? 'It adds up.'
    : [
        ...(counted > 0 ? [`It does not add up: ${counted} figures disagree.`] : []),
        ...(ending.message === null ? [] : [ending.message]),
      ].join(' ');
  return [`${steps} steps, ${episodes} episodes, ${tasks} tasks`, ...tableOf(summary), verdict].join('\n');
}

function tableOf(summary: readonly Summary[]): string[] {
  if (summary.length === 0) return [];
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const rows = summary.map(({ mode, role, completions, reward, share, format, tokens }) => [
    mode,
    role === 'propose' ? 'proposals' : 'attempts',
    String(completions),
    reward.toFixed(3),
    percent(share),
    percent(format),
    tokens.toFixed(1),
  ]);
  const table = [['mode', '', 'number', 'reward', 'good', 'format', 'tokens'], ...rows];
  const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)));
  return table.map((row) =>
    row
      .map((cell, column) => (column < 2 ? cell.padEnd(widths[column]) : cell.padStart(widths[column])))
      .join('  '),
  );
}
