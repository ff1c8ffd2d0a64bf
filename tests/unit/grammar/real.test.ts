/**
 * What the sandbox's real Python says about the grammar's tasks: they are valid, they depend on their input, their traces are
 * whole, and the tree's own interpreter told the truth about them.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { execute } from '../../../src/grammar/execute';
import { printValue } from '../../../src/grammar/tree';
import type { Executor } from '../../../src/sandbox/executor';
import { isConstant, probesFor } from '../../../src/selfplay/probes';
import { trivial } from '../../../src/selfplay/trivial';
import { openNodePython } from '../../doubles/node-python';
import { levels, sampled } from './sampled';

let python: Executor;
beforeAll(async () => {
  python = await openNodePython();
});
afterAll(() => python.dispose());

const count = 500;
/** Numbers of up to two digits, and nothing else that is a number. */
const small = /^(?:'[^']*'|[^'\d]|\d{1,2}(?!\d))*$/;

describe.each(levels)(`${count} tasks of level %i`, (level) => {
  const tasks = sampled(level, count);

  it('are valid, give short answers, and rarely the same for all inputs', async () => {
    let constant = 0;
    for (const { program, input, structure, values } of tasks) {
      const [outcome] = await python.validate(program, [input]);
      const run = execute(structure, values);
      expect(outcome, program).toMatchObject({
        verdict: 'ok',
        output: 'output' in run && printValue(run.output),
      });
      if (outcome.verdict !== 'ok') continue;
      expect(outcome.output.length).toBeLessThanOrEqual(40);
      if (isConstant(outcome.output, await python.run(program, probesFor(input)))) constant++;
    }
    expect(constant).toBeLessThan(count * 0.03);
  });

  it('have whole traces of small numbers, as long as the tree said', async () => {
    for (const { program, input, structure, values } of tasks.slice(0, 150)) {
      const trace = await python.trace(program, input, { steps: 200 });
      const run = execute(structure, values);
      expect(trace).toMatchObject({ verdict: 'ok', complete: true });
      expect(trace.steps.length, program).toBe('steps' in run && run.steps);
      const numbers = trace.steps.flatMap((step) => ('value' in step ? [String(step.value)] : []));
      for (const value of numbers) expect(value).toMatch(small);
    }
  });

  it('are not solved by copying', async () => {
    for (const { program, input, structure, values } of tasks.slice(0, 250)) {
      const run = execute(structure, values);
      if (!('output' in run)) continue;
      const task = { program, input, output: printValue(run.output) };
      expect(['constant', null], program).toContain(await trivial(task, python));
    }
  });
});
