/**
 * Builds the page into dist/, unless what is there was built from exactly these sources. Freshness is judged by content, not
 * by time: a checkout, a branch switch or a copied folder all change times.
 */
import { createHash } from 'node:crypto';
import { promises as fs } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensurePackages, Failure, root, runMain, say } from './lib.mjs';

export const dist = join(root, 'dist');
const stampFile = join(dist, '.sources');

/** Everything the build reads. The lock file stands for the packages. */
const sources = [
  'index.html',
  'package.json',
  'package-lock.json',
  'vite.config.ts',
  'scripts/headers.mjs',
  'scripts/classic.mjs',
  'scripts/first-view.mjs',
  'scripts/offline.mjs',
  'scripts/python-images.mjs',
  'scripts/python-start.mjs',
  'src',
  'workers',
  'public',
];

/** @param {string} path @returns {Promise<string[]>} */
async function filesUnder(path) {
  const stat = await fs.stat(path).catch(() => undefined);
  if (!stat) return [];
  if (stat.isFile()) return [path];
  const names = (await fs.readdir(path)).sort();
  return (await Promise.all(names.map((name) => filesUnder(join(path, name))))).flat();
}

async function fingerprint() {
  const hash = createHash('sha256');
  for (const source of sources) {
    for (const file of await filesUnder(join(root, source))) {
      hash.update(`${relative(root, file)}\0`).update(await fs.readFile(file));
    }
  }
  return hash.digest('hex');
}

/**
 * The engine's worker is bundled for the page and for the trainer: the same code both times, with its source map in another order.
 *
 * @param {string} message
 */
const isNews = (message) => !/engine-[\w-]+\.js\.map" overwrites a previously emitted file/.test(message);

/**
 * Builds the page of the present sources into a folder, which is emptied first.
 *
 * @param {string} folder @param {import('vite').Plugin[]} plugins besides those of vite.config.ts
 */
export async function buildInto(folder, plugins = []) {
  const { build, createLogger } = await import('vite');
  const logger = createLogger('warn');
  const before = process.env.NODE_ENV;
  // Within a test it is another one, and the page would be one that is being worked on.
  process.env.NODE_ENV = 'production';
  try {
    await build({
      root,
      plugins,
      logLevel: 'warn',
      customLogger: {
        ...logger,
        warn: (message, options) => isNews(message) && logger.warn(message, options),
      },
      build: { outDir: folder, emptyOutDir: true },
    });
  } finally {
    if (before === undefined) delete process.env.NODE_ENV;
    else process.env.NODE_ENV = before;
  }
}

/** Makes sure that dist/ holds the page of the present sources, and returns its folder. */
export async function ensureBuilt() {
  const wanted = await fingerprint();
  const built = await fs.readFile(stampFile, 'utf8').catch(() => '');
  if (built === wanted) return dist;
  await ensurePackages('page');
  say('Building the page ...');
  const start = performance.now();
  // Build beside and then swap: somebody may be looking at the old page, and an interrupted build must not look finished.
  const next = `${dist}.${process.pid}`;
  try {
    await buildInto(next);
    await fs.writeFile(join(next, '.sources'), wanted);
    await fs.rm(dist, { recursive: true, force: true });
    await fs.rename(next, dist);
  } catch (error) {
    await fs.rm(next, { recursive: true, force: true });
    // Another command may have built the same sources at the same time, and have been first.
    if ((await fs.readFile(stampFile, 'utf8').catch(() => '')) === wanted) return dist;
    throw new Failure(
      `The page could not be built: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  say(`Built in ${((performance.now() - start) / 1000).toFixed(1)} s.`);
  return dist;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await runMain(async () => {
    await ensureBuilt();
  });
}
