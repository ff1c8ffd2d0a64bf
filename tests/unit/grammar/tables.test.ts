/**
 * The tables of docs/LEARNING.md: levels as they are in the code, and lengths as they come out, so that neither can grow old.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sampleInputs } from '../../../src/grammar/inputs';
import { type Level, most } from '../../../src/grammar/levels';
import type { Executor, Pair } from '../../../src/sandbox/executor';
import { CompactDialect } from '../../../src/selfplay/dialects/compact';
import { makeTinyTokenizer } from '../../../src/selfplay/dialects/vocabulary';
import { writeScratchpad } from '../../../src/selfplay/scratchpad';
import { openNodePython } from '../../doubles/node-python';
import { drawsOf, levels, sampled } from './sampled';

const page = readFileSync(join(import.meta.dirname, '../../../docs/LEARNING.md'), 'utf8');

/** The cells of a table between two marks, below its head. */
function table(mark: string): string[][] {
  const text = page.split(`<!-- ${mark} -->`)[1].split(`<!-- /${mark} -->`)[0];
  const rows = text.split('\n').filter((line) => line.startsWith('|'));
  return rows.slice(2).map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

const loops: Record<string, string> = { none: 'none', one: 'one', nested: 'two, or nested' };

it('levels are what the page says', () => {
  const rows = levels.map((level) => {
    const { statements, iterations, body, ifs, nesting, length, loops: kinds } = most[level];
    return [level, statements, loops[kinds[kinds.length - 1]], iterations, body, ifs, nesting, length].map(
      String,
    );
  });
  expect(table('levels').map((row) => row.slice(0, 8))).toEqual(rows);
});

describe('lengths in tokens', () => {
  const count = 150;
  const tokenizer = makeTinyTokenizer();
  const dialect = new CompactDialect({}, { tokenizer });
  const size = (text: string) => tokenizer.encode(text).length;
  let python: Executor;
  beforeAll(async () => {
    python = await openNodePython();
  });
  afterAll(() => python.dispose());

  async function measure(level: Level): Promise<string[]> {
    const tasks = sampled(level, count);
    const lengths: Record<string, number[]> = {};
    const note = (name: string, length: number) => {
      lengths[name] ??= [];
      lengths[name].push(length);
    };
    for (const [n, { program, input, structure }] of tasks.entries()) {
      const trace = await python.trace(program, input);
      if (trace.verdict !== 'ok') throw new Error(trace.reason);
      const thought = writeScratchpad(trace) ?? '';
      const inputs = sampleInputs(structure, 3, drawsOf(n, 'shown'));
      const outcomes = await python.run(program, inputs);
      const shown = outcomes.flatMap((each, i): Pair[] =>
        each.verdict === 'ok' ? [[inputs[i], each.output]] : [],
      );
      note('program', size(program));
      note('deduction', size(dialect.solve({ mode: 'deduction', program, input })));
      note('abduction', size(dialect.solve({ mode: 'abduction', program, output: trace.output })));
      note('induction', size(dialect.solve({ mode: 'induction', shown, message: '' })));
      note('output', size(trace.output));
      note('steps', thought.split('\n').length - 1);
      note('thought', size(thought));
    }
    const mean = (name: string) => String(Math.round(lengths[name].reduce((a, b) => a + b) / count));
    const thoughts = lengths.thought.sort((a, b) => a - b);
    const at = (share: number) => thoughts[Math.floor(share * (count - 1))];
    return [
      String(level),
      ...['program', 'deduction', 'abduction', 'induction', 'output', 'steps', 'thought'].map(mean),
      `${at(0.05)} to ${at(0.95)}`,
    ];
  }

  it('are what the page says', async () => {
    const rows = [];
    for (const level of levels) rows.push(await measure(level));
    expect(table('lengths')).toEqual(rows);
  });
});
