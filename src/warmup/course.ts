/**
 * @file The course: update after update on lessons that are drawn from the materials. What a step teaches follows from the recipe and
 * its number, so a course that was interrupted goes on from its last checkpoint as if nothing had happened.
 */

import type { Datum, Engine, ModelId } from '../engine/engine';
import { type Level, levels } from '../grammar/levels';
import type { WritingDialect } from '../selfplay/dialect';
import { Draws } from '../selfplay/random';
import { datumOf, type LessonKind, lessonKinds, writeLesson } from './lessons';
import type { Material } from './material';
import { type Recipe, rateOf } from './recipe';

export interface CourseStep {
  step: number;
  loss: number;
  /** Of the batch, and those of them that were to be written. */
  tokens: number;
  written: number;
  rate: number;
  gradNorm: number;
}

export class Course {
  private readonly byLevel: Map<Level, Material[]>;

  constructor(
    private readonly recipe: Recipe,
    private readonly dialect: WritingDialect,
    materials: readonly Material[],
  ) {
    this.byLevel = new Map(levels.map((level) => [level, materials.filter((each) => each.level === level)]));
  }

  /** The data of a step. */
  batch(step: number): Datum[] {
    const { dialect, recipe } = this;
    const draws = new Draws(recipe.seed, step, 'lessons');
    const batch: Datum[] = [];
    for (let tokens = 0; tokens < recipe.batch; ) {
      const kind = lessonKinds[draws.weighted(lessonKinds.map((each) => recipe.lessons[each].weight))];
      const another = () => this.draw(kind, draws);
      const lesson = writeLesson(kind, another(), { dialect, draws, inputs: recipe.inputs, another });
      const datum = lesson && datumOf(lesson, dialect);
      if (!datum || datum.tokens.length > recipe.longest) continue;
      batch.push(datum);
      tokens += datum.tokens.length;
    }
    return batch;
  }

  async teach(engine: Engine, model: ModelId, step: number): Promise<CourseStep> {
    const { recipe } = this;
    const batch = this.batch(step);
    const rate = rateOf(recipe, step);
    const { loss, metrics } = await engine.forwardBackward(model, batch, {
      kind: 'cross-entropy',
      aggregation: 'token-mean',
    });
    const { gradNorm } = await engine.optimStep(model, { ...recipe.adam, learningRate: rate });
    const tokens = batch.reduce((sum, datum) => sum + datum.tokens.length, 0);
    return { step, loss, tokens, written: metrics.tokens, rate, gradNorm };
  }

  private draw(kind: LessonKind, draws: Draws): Material {
    const shares = this.recipe.lessons[kind].levels;
    const weights = levels.map((each) => (this.of(each).length > 0 ? shares[each] : 0));
    const materials = this.of(levels[draws.weighted(weights)]);
    // What is common is drawn early. Programs are found from pairs by those who have seen the simple ones often.
    const place = kind === 'induction' ? draws.unit() ** 3 : draws.unit();
    return materials[Math.floor(place * materials.length)];
  }

  private of(level: Level): Material[] {
    return this.byLevel.get(level) ?? [];
  }
}
