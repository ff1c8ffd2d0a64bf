/**
 * @file `warmup`: makes the base model from nothing: materials from the grammar and the sandbox, then the course on our own engine. It
 * can be stopped at any time and goes on where it was.
 */

import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LocalEngine } from '../engine/local';
import { openNodeDevice } from '../engine/ort/node';
import { CompactDialect } from '../selfplay/dialects/compact';
import { makeTinyTokenizer } from '../selfplay/dialects/vocabulary';
import { newborn } from '../warmup/birth';
import { Course } from '../warmup/course';
import { without } from '../warmup/material';
import { drawPart, missingParts, readPool } from '../warmup/pool';
import { architecture, type Recipe, recipe } from '../warmup/recipe';
import { recoverFolder } from './checkpoint-folder';
import { type CommandResult, parseOptions, progress } from './command';
import { wholeNumber } from './config-file';
import { withPage } from './page';
import { PageExecutor } from './page-executor';
import { readCourse, reservedPrograms, saveCourse, ship } from './warmup-files';

/** Steps between checkpoints, and between lines of the log. */
const [saving, telling] = [250, 50];

export const usage =
  'warmup [--folder DIR] [--steps N] [--threads N] [--out DIR]    make the base model from nothing; goes on where it was';

export async function run(args: string[]): Promise<CommandResult> {
  const given = parseOptions(args, {
    folder: { type: 'string', default: 'warmup' },
    steps: { type: 'string' },
    threads: { type: 'string' },
    out: { type: 'string' },
  });
  const { folder, out } = given;
  const steps = given.steps === undefined ? recipe.steps : wholeNumber('steps', given.steps);
  const chosen: Recipe = { ...recipe, steps };
  await mkdir(folder, { recursive: true });
  await draw(join(folder, 'materials'), chosen);
  const materials = without(await reservedPrograms(), await readPool(join(folder, 'materials'), chosen));

  const threads = given.threads === undefined ? undefined : wholeNumber('threads', given.threads);
  const engine = new LocalEngine(await openNodeDevice(threads));
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
        files: await newborn(architecture(tokenizer.size, dialect.stop[0]), chosen.seed),
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

async function draw(folder: string, recipe: Recipe): Promise<void> {
  const parts = await missingParts(folder, recipe);
  if (parts.length === 0) return;
  await withPage(async (page) => {
    const executor = new PageExecutor(page);
    for (const [index, part] of parts.entries()) {
      await drawPart(part, recipe, executor);
      progress(`materials: ${index + 1} of ${parts.length} parts`);
    }
  });
}
