/**
 * Memory images of interpreters that have just started, one for each hash seed. To load one takes a tenth of what it takes to
 * start Python, so they are made once, here, and shipped with the page: `import imageUrls from 'virtual:python-images'`.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { promises as fs } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { cache, Failure, root, say } from './lib.mjs';
import { startOptions } from './python-start.mjs';

const pageSize = 4096;
const folder = '/zeroloop';

/** Loads our modules and everything that they need, and warms all of it up. The files are not needed again. */
const settle = `
import sys
sys.path.insert(0, '${folder}')
sys.dont_write_bytecode = True
import runner
runner.settle()
`;

const virtual = 'virtual:python-images';
const seeds = [0, 1];
const sources = join(root, 'src/sandbox/python');

/** @returns {import('vite').Plugin} */
export function pythonImages() {
  return {
    name: 'python-images',
    resolveId: (id) => (id === virtual ? `\0${virtual}` : undefined),
    async load(id) {
      if (id !== `\0${virtual}`) return undefined;
      const files = await ensureImages();
      const imports = files.map((file, seed) => `import image${seed} from ${JSON.stringify(`${file}?url`)};`);
      return `${imports.join('\n')}\nexport default [${files.map((_, seed) => `image${seed}`).join(', ')}];`;
    },
  };
}

/** Our own modules of Python, by file name. */
async function readModules() {
  const names = (await fs.readdir(sources)).filter((name) => name.endsWith('.py')).sort();
  const texts = await Promise.all(names.map((name) => fs.readFile(join(sources, name), 'utf8')));
  return Object.fromEntries(names.map((name, index) => [name, texts[index]]));
}

/** The image files of the present sources, by seed. */
export async function ensureImages() {
  const { version } = createRequire(import.meta.url)('pyodide/package.json');
  const own = await Promise.all(
    ['python-start.mjs', 'python-images.mjs'].map((name) =>
      fs.readFile(new URL(name, import.meta.url), 'utf8'),
    ),
  );
  const key = createHash('sha256')
    .update(JSON.stringify([version, own, await readModules()]))
    .digest('hex')
    .slice(0, 16);
  const files = seeds.map((seed) => join(cache, `python-${key}-${seed}.bin`));
  const missing = await Promise.all(
    files.map((file) =>
      fs.access(file).then(
        () => false,
        () => true,
      ),
    ),
  );
  if (!missing.includes(true)) return files;
  say('Making memory images of Python ...');
  await fs.mkdir(cache, { recursive: true });
  await Promise.all(files.map((file, seed) => missing[seed] && makeInProcess(seed, file)));
  return files;
}

/** In a process of its own, so that both are made at the same time. @param {number} seed @param {string} file */
function makeInProcess(seed, file) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [fileURLToPath(import.meta.url), String(seed), file], {
      stdio: ['ignore', 2, 2],
    });
    child.on('error', reject);
    child.on('exit', (code) =>
      code === 0 ? resolve(file) : reject(new Failure('Python did not start in Node (see above).')),
    );
  });
}

/** @param {number} seed @param {string} file */
async function makeImage(seed, file) {
  const { loadPyodide } = await import('pyodide');
  const options = { ...startOptions({ seed }), _makeSnapshot: true };
  const pyodide = /** @type {any} */ (await loadPyodide(/** @type {any} */ (options)));
  pyodide.FS.mkdir(folder);
  for (const [name, text] of Object.entries(await readModules()))
    pyodide.FS.writeFile(`${folder}/${name}`, text);
  pyodide.runPython(settle);
  const packed = await promisify(gzip)(withoutZeros(pyodide.makeMemorySnapshot()));
  await fs.writeFile(`${file}.${process.pid}`, packed);
  await fs.rename(`${file}.${process.pid}`, file);
}

/**
 * Half of the memory is zero. What remains: the length, how many pages, their numbers, and the pages (src/sandbox/inside/image.ts
 * reads it).
 * @param {Uint8Array} image
 */
function withoutZeros(image) {
  const pages = Math.ceil(image.length / pageSize);
  const page = (/** @type {number} */ number) => image.subarray(number * pageSize, (number + 1) * pageSize);
  const numbers = Array.from({ length: pages }, (_, number) => number).filter((number) =>
    page(number).some(Boolean),
  );
  const header = new Uint8Array(Uint32Array.from([image.length, numbers.length, ...numbers]).buffer);
  return Buffer.concat([header, ...numbers.map(page)]);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await makeImage(Number(process.argv[2]), process.argv[3]);
}
