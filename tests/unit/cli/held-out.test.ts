/**
 * The sets of held-out tasks that ship with the project: frozen, drawn as the code says, and without what would make a figure lie.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readHeldOutForRun, readHeldOutMarks, readHeldOutSet } from '../../../src/cli/held-out-files';
import { drawLevel, linesOf, programsOfLevel } from '../../../src/cli/held-out-sets';
import { type HeldOutProgram, marksOf } from '../../../src/evals/held-out';
import { askedBy, atMost } from '../../../src/evals/tasks';
import { heldOutInputs, heldOutSets, isSetAside } from '../../../src/grammar/held-out';
import type { Executor } from '../../../src/sandbox/executor';
import { readConfig } from '../../../src/selfplay/config';
import * as gate from '../../../src/selfplay/held-out';
import { trivial } from '../../../src/selfplay/trivial';
import { openNodePython } from '../../doubles/node-python';
import { levels } from '../grammar/sampled';

const file = (name: string) =>
  readFileSync(join(import.meta.dirname, '../../../public/held-out', name), 'utf8');
const texts = { open: file('open.jsonl'), sealed: file('sealed.jsonl') };
type Line = HeldOutProgram & { id: string };
const read = (text: string): Line[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
const sets = { open: read(texts.open), sealed: read(texts.sealed) };
const all = heldOutSets.flatMap((set) => sets[set]);
const different = (values: readonly string[]) => new Set(values).size;

describe('the sets', () => {
  it.each([
    ['open.jsonl', '345b0d699502e4dce9908177fb6767c444ef42a948995caf3544e7f0cd596486'],
    ['sealed.jsonl', '8fbd53966a5c1d888e5fb2b92a71f0ff79bd9ca1a900962bf521ad4b313cad7d'],
    ['hashes.json', '81c0eadba264fc7d009d5321206dcd1cc69fe8362cbb37fc1791709daf749e57'],
  ])('are frozen: %s', (name, expected) => {
    expect(createHash('sha256').update(file(name)).digest('hex')).toBe(expected);
  });

  it.each(heldOutSets)('%s has as many programs of each level, under stable names', (set) => {
    const ids = levels.flatMap((level) =>
      Array.from({ length: programsOfLevel }, (_, n) => `${set}-${level}-${String(n).padStart(3, '0')}`),
    );
    expect(sets[set].map(({ id }) => id)).toEqual(ids);
    expect(sets[set].map(({ level }) => level)).toEqual(ids.map((id) => Number(id.split('-')[1])));
  });

  it('hold no program twice, by its text, by what it does, or by what the gate makes of it', () => {
    for (const name of ['program', 'fingerprint', 'ast', 'behaviour'] as const)
      expect(different(all.map((line) => line[name]))).toBe(all.length);
  });

  it('have pairs that tell something, in the half that is shown and in the hidden one', () => {
    for (const { pairs } of all) {
      expect(different(pairs.map(([input]) => input))).toBe(heldOutInputs);
      for (const half of [pairs.slice(0, 4), pairs.slice(4)])
        expect(different(half.map(([, output]) => output))).toBeGreaterThan(1);
    }
  });

  it('come from the quarter that is set aside', () => {
    expect(all.every(({ fingerprint }) => isSetAside(fingerprint))).toBe(true);
  });
});

describe('drawn again', () => {
  let python: Executor;
  beforeAll(async () => {
    python = await openNodePython();
  }, 60_000);
  afterAll(() => python.dispose());

  it.each(levels.flatMap((level) => heldOutSets.map((set) => ({ set, level }))))(
    'the first of level $level of $set are the same',
    async ({ set, level }) => {
      const at = all.findIndex(({ id }) => id === `${set}-${level}-000`);
      const taken = new Set(all.slice(0, at).flatMap(marksOf));
      const drawn = await drawLevel({ set, level, count: 3 }, taken, python);
      expect(linesOf(set, drawn)).toBe(
        all
          .slice(at, at + 3)
          .map((line) => `${JSON.stringify(line)}\n`)
          .join(''),
      );
    },
  );

  it('none of a sample is trivial, and the gate knows them all', async () => {
    const marks = new Set(await readHeldOutMarks());
    for (const { program, input, output, ast, behaviour } of all.filter((_, n) => n % 100 === 7)) {
      expect(await trivial({ program, input, output }, python)).toBeNull();
      for (const mark of await gate.marksOf(program, input, python)) expect(marks).toContain(mark);
      expect([ast, behaviour].every((mark) => marks.has(mark))).toBe(true);
    }
  });
});

describe('by name', () => {
  it('each program is three tasks', async () => {
    const tasks = await readHeldOutSet('sealed');
    expect(tasks).toHaveLength(3 * sets.sealed.length);
    expect(tasks.slice(0, 3).map(({ id }) => id)).toEqual(
      ['deduction', 'abduction', 'induction'].map((mode) => `sealed-1-000-${mode}`),
    );
  });

  it('builtin is the open set, of which a run asks the first of each level', async () => {
    expect(await readHeldOutSet('builtin')).toHaveLength(3 * sets.open.length);
    const { tasks, limit } = await readHeldOutForRun('builtin');
    const asked = atMost(limit, askedBy(readConfig({}), tasks));
    expect(asked).toHaveLength(3 * levels.length * 40);
    expect(asked.at(-1)?.id).toBe('open-6-039-induction');
  });

  it('the sealed one is not for runs', async () => {
    await expect(readHeldOutForRun('sealed')).rejects.toThrow('The sealed set is for final figures');
  });
});
