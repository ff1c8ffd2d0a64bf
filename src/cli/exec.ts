/** @file `exec`: runs and judges the programs of a JSONL file in the page's sandbox, one verdict line per record, in order. */

import { readFile } from 'node:fs/promises';
import { text as readAll } from 'node:stream/consumers';
import { type ReadRecord, readRecord, verdictLine } from '../sandbox/records';
import { CommandError, type CommandResult, progress } from './command';
import { withPage } from './page';

export const usage =
  'exec FILE.jsonl                  run programs in the sandbox, one verdict line per record; - reads stdin';

/** Records that cross to the page at a time. Two such portions are under way at once, so that no interpreter waits. */
const portion = 256;

export async function run(args: string[]): Promise<CommandResult> {
  const records = parse(await readInput(args));
  const counts = new Map<string, number>();
  const start = performance.now();
  await withPage(async (page) => {
    progress('Starting Python ...');
    const { python, interpreters } = await page.evaluate(() => window.zeroloop.python());
    progress(`Python ${python} in ${interpreters} interpreters.`);
    const ask = (from: number) => {
      const checks = records.slice(from, from + portion).map(({ check }) => check);
      const answer = page.evaluate((sent) => window.zeroloop.check(sent), checks);
      answer.catch(() => undefined); // reported when its turn comes
      return answer;
    };
    let next = ask(0);
    for (let from = 0; from < records.length; from += portion) {
      const current = next;
      if (from + portion < records.length) next = ask(from + portion);
      for (const [index, checked] of (await current).entries()) {
        const line = verdictLine(records[from + index].id, checked);
        counts.set(line.verdict, (counts.get(line.verdict) ?? 0) + 1);
        process.stdout.write(`${JSON.stringify(line)}\n`);
      }
      const done = Math.min(from + portion, records.length);
      progress(`${done} of ${records.length} (${rate(done, start)} a second)`);
    }
  });
  progress([...counts].map(([verdict, count]) => `${verdict} ${count}`).join(', '));
  return 'printed';
}

const rate = (done: number, start: number) => Math.round((1000 * done) / (performance.now() - start));

async function readInput(args: string[]): Promise<string> {
  const [file, ...rest] = args;
  if (file === undefined || rest.length > 0 || (file.startsWith('-') && file !== '-')) {
    throw new CommandError(`exec wants one file of records: ${usage}`, 2);
  }
  if (file === '-') return readAll(process.stdin);
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new CommandError(`${file} could not be read: ${(error as Error).message}`, 2);
  }
}

/** All lines are read before any is run: a mistake in the last one should not cost the work on the others. */
function parse(text: string): (ReadRecord & { ok: true })[] {
  const lines = text.replace(/^\uFEFF/, '').split('\n');
  return lines.flatMap((line, index) => {
    if (line.trim() === '') return [];
    const record = readRecord(line);
    if (!record.ok) throw new CommandError(`Line ${index + 1}: ${record.reason}`, 2);
    return [record];
  });
}
