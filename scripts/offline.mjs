/**
 * The list of files that the page keeps in order to work offline, with a hash of each one's contents, and the service worker that
 * keeps them (workers/offline.ts). Both are made from what a build has written: it alone knows what everything is called.
 */
import { createHash } from 'node:crypto';
import { promises as fs } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { root } from './lib.mjs';

/**
 * When the page wants a file, see Group there; null for those that it never asks for.
 * @param {string} path from the page's folder on
 * @returns {import('../workers/offline-files').Group | null}
 */
export function groupOf(path) {
  if (path.endsWith('.map') || path.startsWith('.') || path === 'offline.js') return null;
  if (path === 'held-out/sealed.jsonl') return null; // whoever works on Zeroloop does not see it, and the page neither
  if (/jspi/.test(path)) return 'jspi';
  if (/asyncify|\/ort\.webgpu\./.test(path)) return 'asyncify';
  if (/\/ort(-wasm|\.wasm\.)/.test(path)) return 'wasm';
  return /\.(html|js|css|svg|webmanifest)$/.test(path) ? 'page' : 'run';
}

/**
 * @param {string} folder of a build that is done
 * @returns {Promise<import('../workers/offline-files').Build>}
 */
export async function listBuild(folder) {
  const entries = await fs.readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
  const files = paths.map(async (path) => {
    const group = groupOf(path);
    if (!group) return [];
    const content = await fs.readFile(join(folder, path));
    const hash = createHash('sha256').update(content).digest('hex').slice(0, 24);
    return [{ path: path === 'index.html' ? '' : path, hash, bytes: content.length, group }];
  });
  const html = await fs.readFile(join(folder, 'index.html'), 'utf8');
  const entry = /<script type="module"[^>]* src="\.\/([^"]+)"/.exec(html)?.[1];
  if (!entry) throw new Error('index.html of the build has no script to begin with.');
  return { entry, files: (await Promise.all(files)).flat() };
}

/** @returns {import('vite').Plugin} */
export function offlineWorker() {
  let folder = '';
  return {
    name: 'offline-worker',
    apply: 'build',
    configResolved({ root, build }) {
      folder = resolve(root, build.outDir);
    },
    // By now everything is written, and what lies in public/ is copied.
    writeBundle: { order: 'post', handler: () => writeWorker(folder) },
  };
}

/** Puts the service worker beside the files that it keeps: one classic script, since not every browser takes modules here. @param {string} folder */
export async function writeWorker(folder) {
  const { rolldown } = await import('rolldown');
  const bundled = await rolldown({
    input: join(root, 'workers/offline.ts'),
    platform: 'browser',
    transform: { define: { theBuild: JSON.stringify(await listBuild(folder)) } },
  });
  const { output } = await bundled.generate({ format: 'iife', strict: true, minify: true });
  await bundled.close();
  await fs.writeFile(join(folder, 'offline.js'), output[0].code);
}
