/**
 * @file `warmup`: makes the base model from nothing: materials from the grammar and the sandbox, then the course on our own engine. It
 * can be stopped at any time and goes on where it was.
 */

import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LocalEngine } from '../engine/local';
import { openNodeDevice } from '../engine/ort/node';
import { levels } from '../grammar/levels';
import { CompactDialect } from '../selfplay/dialects/compact';
import { makeTinyTokenizer } from '../selfplay/dialects/vocabulary';
import { newborn } from '../warmup/birth';
import { Course } from '../warmup/course';
import { without } from '../warmup/material';
import { drawPart, type Part, planPool, readPool } from '../warmup/pool';
import { architecture, type Recipe, recipe } from '../warmup/recipe';
import { isThere, readFolder, recoverFolder } from './checkpoint-folder';
import { CommandError, type CommandResult, parseOptions, progress } from './command';
import { wholeNumber } from './config-file';
import { withPage } from './page';
import { PageExecutor } from './page-executor';
import { threadsFor } from './threads';
import { readCourse, reservedPrograms, saveCourse, ship } from './warmup-files';

/** Steps between checkpoints, and between lines of the log. */
const [saving, telling] = [250, 50];

export const usage = `warmup        [--folder DIR] [--out DIR] [--steps N] [--threads N] [--programs SHARE] [--from DIR] [--materials DIR]
                [--seed N] [--batch N] [--rate R] [--draw]:
                make the base model from nothing, or go on with the model --from; interrupted, it goes on where it was; --draw only draws the materials`;

export async function run(args: string[]): Promise<CommandResult> {
  const given = parseOptions(args, {
    folder: { type: 'string', default: 'warmup' },
    out: { type: 'string' },
    steps: { type: 'string' },
    threads: { type: 'string' },
    programs: { type: 'string' },
    from: { type: 'string' },
    materials: { type: 'string' },
    seed: { type: 'string' },
    batch: { type: 'string' },
    rate: { type: 'string' },
    draw: { type: 'boolean' },
  });
  const { folder, out, materials: drawn = join(folder, 'materials') } = given;
  const chosen = recipeOf(given);
  const { steps } = chosen;
  if (given.from !== undefined && !(await isThere(join(given.from, 'config.json'))))
    throw new CommandError(`${given.from} has no config.json: --from is the folder of a model.`, 2);
  await mkdir(folder, { recursive: true });
  const parts = await drawPool(drawn, chosen);
  if (given.draw)
    return { json: { parts: parts.length, folder: drawn }, text: `All materials are in ${drawn}.` };
  const materials = without(await reservedPrograms(), await readPool(parts));

  const engine = new LocalEngine(await openNodeDevice(threadsFor('node', given.threads)));
  const tokenizer = makeTinyTokenizer();
  const dialect = new CompactDialect({ inputs: chosen.inputs }, { tokenizer });
  const course = new Course(chosen, dialect, materials);
  const checkpoint = join(folder, 'checkpoint');
  await recoverFolder(checkpoint);
  const last = await readCourse(checkpoint);
  const model = last
    ? await engine.load({ name: 'warmup', files: last.files }, { optimizer: true })
    : await engine.createModel({
        kind: 'files',
        files: given.from
          ? await readFolder(given.from)
          : await newborn(architecture(tokenizer.size, dialect.stop[0]), chosen.seed),
      });
  const since = performance.now();
  let tokens = 0;
  for (let step = (last?.step ?? 0) + 1; step <= steps; step++) {
    const report = await course.teach(engine, model, step);
    tokens += report.tokens;
    if (step % telling === 0 || step === steps) {
      const speed = Math.round(tokens / ((performance.now() - since) / 1000));
      progress(`step ${step} of ${steps}: loss ${report.loss.toFixed(4)}, ${speed} tokens a second`);
      await appendFile(join(folder, 'log.jsonl'), `${JSON.stringify({ ...report, speed })}\n`);
    }
    if (step % saving === 0 || step === steps) {
      await saveCourse(checkpoint, (await engine.save(model, 'warmup')).files, step);
    }
  }
  if (out !== undefined) await ship(out, (await engine.save(model, 'warmup')).files, tokenizer);
  await engine.close();
  const where = out ?? checkpoint;
  return { json: { steps, folder: where }, text: `After ${steps} steps the model is in ${where}.` };
}

/** What differs from the recipe of the base model is for going on with one: from a trained model the rate falls all the way. */
function recipeOf(
  given: Partial<Record<'steps' | 'seed' | 'batch' | 'rate' | 'from' | 'programs', string>>,
): Recipe {
  const whole = (name: 'steps' | 'seed' | 'batch') =>
    given[name] === undefined ? recipe[name] : wholeNumber(name, given[name]);
  const highest = given.rate === undefined ? recipe.rate.highest : Number(given.rate);
  if (!(highest > 0)) throw new CommandError(`--rate must be a number above 0, not "${given.rate}".`, 2);
  const share = Number(given.programs ?? 1);
  if (!(share > 0 && share <= 1))
    throw new CommandError(
      `--programs is a share of those of the recipe, such as 0.01, not "${given.programs}".`,
      2,
    );
  const rate = given.from ? { highest, rise: 10, fall: 1 } : { ...recipe.rate, highest };
  const programs = { ...recipe.programs };
  for (const level of levels) programs[level] = Math.ceil(share * programs[level]);
  const numbers = { steps: whole('steps'), seed: whole('seed'), batch: whole('batch') };
  return { ...recipe, ...numbers, programs, rate };
}

/** All parts, once they are there. */
async function drawPool(folder: string, recipe: Recipe): Promise<Part[]> {
  const { parts, missing } = await planPool(folder, recipe);
  if (missing.length === 0) return parts;
  await withPage(async (page) => {
    const executor = new PageExecutor(page);
    for (const [index, part] of missing.entries()) {
      await drawPart(part, recipe, executor);
      progress(`materials: ${index + 1} of ${missing.length} parts`);
    }
  });
  return parts;
}
