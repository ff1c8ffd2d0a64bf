/**
 * @file Is a tree worth a task? It must run on most inputs, give different things for different ones, and each of its
 * statements must matter: a program with dead parts looks harder than it is, and a model that proposes learns to pad.
 */

import { Draws } from '../selfplay/random';
import { endless, execute, type Run, wide } from './execute';
import { drawArguments } from './inputs';
import {
  blocksOf,
  expressionsOf,
  namesIn,
  type Plain,
  type Program,
  printProgram,
  printValue,
  type Statement,
  withBlocks,
  within,
} from './tree';

const samples = 12;
/** Of them, how many have to run. */
const running = 8;

/** Does this program, on this input, make a task? Depends on nothing else: the same program is tried on the same samples. */
export function isWorthwhile(program: Program, values: readonly Plain[]): boolean {
  const own = execute(program, values);
  if (!readsAll(program) || 'failed' in own || isCopy(program, values, own.output)) return false;
  if (printValue(own.output).length > longestOutput) return false;
  const draws = new Draws(0, 0, `samples of ${printProgram(program)}`);
  const inputs = Array.from({ length: samples }, () => drawArguments(program, draws, { least: 1, most: 6 }));
  const runs = inputs.map((input) => execute(program, input));
  if (runs.some((run) => 'failed' in run && run.failed === endless)) return false;
  const outputs = runs.map(outputOf);
  if (outputs.filter((output) => output !== null).length < running || isDull(outputs)) return false;
  const given = [printValue(own.output), ...outputs];
  return [...without(program.body)].every((body) => {
    const changed = [values, ...inputs].map((input) => outputOf(execute({ ...program, body }, input)));
    return changed.some((output, i) => output !== given[i]);
  });
}

function readsAll({ parameters, body }: Program): boolean {
  const read = new Set(body.flatMap(within).flatMap(expressionsOf).flatMap(namesIn));
  return parameters.every(({ name }) => read.has(name));
}

/** Characters of an output that a task may have. */
const longestOutput = 40;

/** Does the input come back, or what it gave once more? Then copying solves the task. */
export function isCopy(program: Program, values: readonly Plain[], output: Plain): boolean {
  if (values.length !== 1) return false;
  const same = (a: Plain) => printValue(asNumber(a)) === printValue(asNumber(output));
  if (same(values[0])) return true;
  const again = execute(program, [output], wide);
  return !('failed' in again) && same(again.output);
}

/** To Python True is 1. */
const asNumber = (value: Plain): Plain => (typeof value === 'boolean' ? Number(value) : value);

type Outputs = (string | null)[];

const outputOf = (run: Run) => ('failed' in run ? null : printValue(run.output));

/** The same nearly always: whoever guesses that is right. */
function isDull(outputs: Outputs): boolean {
  const given = outputs.filter((output) => output !== null);
  const times = new Map<string, number>();
  for (const output of given) times.set(output, (times.get(output) ?? 0) + 1);
  return Math.max(...times.values()) > given.length * 0.8;
}

/** The body less one statement, for each but the return; a block that would be left empty is not. */
function* without(body: readonly Statement[]): Generator<Statement[]> {
  for (const [i, statement] of body.entries()) {
    const others = (...instead: Statement[]) => [...body.slice(0, i), ...instead, ...body.slice(i + 1)];
    if (statement.node !== 'return') yield others();
    const blocks = blocksOf(statement);
    for (const [n, block] of blocks.entries())
      for (const rest of without(block))
        if (rest.length > 0 || statement.node === 'if')
          yield others(
            withBlocks(
              statement,
              blocks.map((each, at) => (at === n ? rest : each)),
            ),
          );
  }
}
