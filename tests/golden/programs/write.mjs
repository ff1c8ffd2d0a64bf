/**
 * @file Writes the programs that make.py runs, as JSON, to stdout: the generator is TypeScript.
 *
 *     node tests/golden/programs/write.mjs [COUNT]
 */
import { join } from 'node:path';
import { runnerImport } from 'vite';

const { module } = await runnerImport(join(import.meta.dirname, '../../programs/generate.ts'));
process.stdout.write(JSON.stringify(module.generatePrograms(Number(process.argv[2] ?? 1000))));
