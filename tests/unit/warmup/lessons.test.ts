/**
 * What the base model is taught: nothing that Python did not say, nothing that a test is made of, and in the words of the loop.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Executor } from '../../../src/sandbox/executor';
import { CompactDialect } from '../../../src/selfplay/dialects';
import { makeTinyTokenizer } from '../../../src/selfplay/dialects/vocabulary';
import { judgeAnswer } from '../../../src/selfplay/questions';
import { Draws } from '../../../src/selfplay/random';
import { writeScratchpad } from '../../../src/selfplay/scratchpad';
import { Course } from '../../../src/warmup/course';
import { datumOf, type Lesson, type LessonKind, lessonKinds, writeLesson } from '../../../src/warmup/lessons';
import { drawMaterial, type Material, without } from '../../../src/warmup/material';
import { rateOf, recipe } from '../../../src/warmup/recipe';
import { openNodePython } from '../../doubles/node-python';

const inputs = 8;
const dialect = new CompactDialect({ inputs }, { tokenizer: makeTinyTokenizer() });
let python: Executor;
const materials: Material[] = [];
beforeAll(async () => {
  python = await openNodePython();
  for (const level of [1, 2, 3, 4] as const) {
    for (let n = 0; n < 25; n++) {
      const material = await drawMaterial({ seed: 5, level, n, inputs }, python);
      if (material) materials.push(material);
    }
  }
}, 60_000);
afterAll(() => python.dispose());

const draws = (name: string) => new Draws(1, 1, name);
/** Of every material that is enough for it. */
function lessonsOf(kind: LessonKind): [Lesson, Material][] {
  const chance = draws(kind);
  const another = () => materials[chance.below(materials.length)];
  return materials.flatMap((material): [Lesson, Material][] => {
    const lesson = writeLesson(kind, material, { dialect, draws: chance, inputs, another });
    return lesson ? [[lesson, material]] : [];
  });
}

describe('a material', () => {
  it('is the same for everyone', async () => {
    const again = await drawMaterial({ seed: 5, level: 1, n: 0, inputs }, python);
    expect(again).toEqual(materials[0]);
    expect(await drawMaterial({ seed: 6, level: 1, n: 0, inputs }, python)).not.toEqual(again);
  });

  it('holds what Python says', async () => {
    for (const { program, pairs, thoughts } of materials) {
      const outcomes = await python.validate(
        program,
        pairs.map(([input]) => input),
      );
      expect(outcomes.map((outcome) => outcome.verdict === 'ok' && outcome.output)).toEqual(
        pairs.map(([, output]) => output),
      );
      for (const [i, thought] of thoughts.entries()) {
        const trace = await python.trace(program, pairs[i][0]);
        if (trace.verdict !== 'ok') throw new Error(trace.reason);
        expect(thought).toBe(writeScratchpad(trace));
      }
    }
  });

  it('mostly leads to another task', () => {
    const led = materials.filter(({ next }) => next !== null);
    expect(led.length / materials.length).toBeGreaterThan(0.9);
    for (const { program, pairs, next } of led) {
      expect([next?.program, next?.input]).not.toEqual([program, pairs[0][0]]);
    }
  });

  it('is left out if a test is made of it, by text or by what it does; a way to one is closed', () => {
    const [first, second, third] = materials;
    const reserved = new Set([first.program, second.fingerprint, third.next?.fingerprint ?? '']);
    const rest = without(reserved, materials.slice(0, 4));
    expect(rest).toEqual([{ ...third, next: null }, materials[3]]);
  });
});

describe('a lesson', () => {
  it.each(['deduction', 'abduction', 'induction'] as const)('of %s is right', async (mode) => {
    const lessons = lessonsOf(mode);
    expect(lessons.length).toBeGreaterThan(80);
    for (const [{ prompt, completion }, { program, pairs }] of lessons) {
      const { parsed, format } = dialect.parseAnswer(mode, completion);
      if (!parsed) throw new Error(completion);
      expect(format).toBe(true);
      const asked = mode === 'deduction' ? parsed.thought.match(/^\n1: (?:x=)(.*)$/m)?.[1] : parsed.answer;
      const pair = pairs.find(([input]) => input === asked) ?? pairs[0];
      const task = { mode, program, pairs: mode === 'induction' ? pairs : [pair] };
      // Two arguments are not one text in a thought; there any of the outputs must be it.
      const candidates = mode === 'deduction' ? pairs.map((each) => ({ ...task, pairs: [each] })) : [task];
      const judged = await Promise.all(
        candidates.map((each) => judgeAnswer(python, each as never, parsed.answer)),
      );
      expect(judged.some(({ correct }) => correct)).toBe(true);
      expect(prompt.endsWith('⟨think⟩')).toBe(true);
    }
  });

  it('of a proposer is a task, or inputs, that can be read', async () => {
    for (const [{ prompt, completion }] of lessonsOf('task')) {
      const { parsed } = dialect.parseProposal('deduction', completion);
      if (!parsed) throw new Error(completion);
      expect(prompt).not.toContain(`⟨ref⟩${parsed.program}⟨in⟩${parsed.inputs[0]}⟨`);
      const [outcome] = await python.validate(parsed.program, parsed.inputs);
      expect(outcome.verdict).toBe('ok');
    }
    const lessons = lessonsOf('inputs');
    expect(lessons.length).toBeGreaterThan(70);
    for (const [{ completion }] of lessons) {
      const { parsed } = dialect.parseProposal('induction', completion);
      expect(new Set(parsed?.inputs).size).toBe(inputs);
    }
  });

  it('counts from the first token that is to be written', () => {
    const { tokens, targets, weights } = datumOf(
      { prompt: '⟨ded⟩12⟨think⟩', completion: '⟨ans⟩3⟨end⟩' },
      dialect,
    );
    const { tokenizer } = dialect;
    expect(tokenizer.decode(tokens)).toBe('⟨ded⟩12⟨think⟩⟨ans⟩3');
    expect(tokenizer.decode(targets)).toBe('12⟨think⟩⟨ans⟩3⟨end⟩');
    expect([...(weights as Float32Array)]).toEqual([0, 0, 0, 1, 1, 1]);
  });
});

describe('a step of the course', () => {
  const course = () => new Course(recipe, dialect, materials);

  it('follows from its number', () => {
    expect(course().batch(7)).toEqual(course().batch(7));
    expect(course().batch(8)).not.toEqual(course().batch(7));
  });

  it('has as many tokens as the recipe says, and no lesson that is too long', () => {
    const lengths = course()
      .batch(3)
      .map(({ tokens }) => tokens.length);
    const sum = lengths.reduce((a, b) => a + b);
    expect(sum).toBeGreaterThanOrEqual(recipe.batch);
    expect(sum - lengths[lengths.length - 1]).toBeLessThan(recipe.batch);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(recipe.longest);
  });

  it('has lessons of every kind, and mostly of the easy levels', () => {
    const marks = ['⟨ded⟩', '⟨abd⟩', '⟨ind⟩', '⟨new⟩'];
    const batches = Array.from({ length: 10 }, (_, step) => course().batch(step)).flat();
    const count = (mark: string) =>
      batches.filter(({ tokens }) => dialect.tokenizer.decode(tokens).startsWith(mark)).length;
    const counts = marks.map(count);
    expect(counts.reduce((a, b) => a + b)).toBe(batches.length);
    for (const each of counts) expect(each).toBeGreaterThan(30);
    expect(lessonKinds).toEqual(Object.keys(recipe.lessons));
  });

  it('asks for common programs more often where they are to be found from pairs', () => {
    const firsts = materials.filter(({ level }) => level === 1).map(({ program }) => program);
    const inductions = Array.from({ length: 40 }, (_, step) => course().batch(step))
      .flat()
      .map(({ tokens, targets }) =>
        dialect.tokenizer.decode(Int32Array.of(...tokens, targets[targets.length - 1])),
      )
      .filter((text) => text.startsWith('⟨ind⟩'))
      .map((text) => firsts.indexOf(text.split('⟨ans⟩')[1].replace('⟨end⟩', '')))
      .filter((place) => place >= 0);
    const early = inductions.filter((place) => place < firsts.length / 8);
    expect(early.length / inductions.length).toBeGreaterThan(0.35);
  });

  it('is taken at a rate that rises, stays and falls to nothing', () => {
    const course = { steps: 1000, rate: { highest: 2, rise: 100, fall: 0.4 } };
    expect([1, 50, 100, 600, 800, 1000].map((step) => rateOf(course, step))).toEqual([
      0.02, 1, 2, 2, 1.005, 0.005,
    ]);
  });
});
