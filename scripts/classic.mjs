/**
 * `import code from './entry?classic'` gives the text of one classic script: the entry and all that it imports, bundled; and
 * `?classic-url` its address.
 *
 * The Python sandbox lives in an iframe without an origin. It may fetch nothing, and browsers start no module workers there
 * from a blob, so whatever runs inside is handed in as text.
 */
import { createHash } from 'node:crypto';
import { promises as fs } from 'node:fs';
import { join } from 'node:path';
import { cache } from './lib.mjs';

const suffix = '?classic';
/** The same as a file of its own, for a script so long that to parse it as a string would take a tenth of a second. */
const asFile = '?classic-url';

/** `import.meta` does not exist in a classic script; Pyodide only asks it where it lies, and that it need not know. */
const withoutImportMeta = {
  name: 'without-import-meta',
  /** @param {string} code @param {string} id */
  transform(code, id) {
    if (!code.includes('import.meta.url')) return undefined;
    if (!id.includes('pyodide'))
      throw new Error(`${id} asks for import.meta.url, which a classic script has not.`);
    return { code: code.replaceAll('import.meta.url', 'self.location.href'), map: null };
  },
};

/** @returns {import('vite').Plugin} */
export function classicScripts() {
  return {
    name: 'classic-scripts',
    enforce: 'pre',
    async resolveId(source, importer) {
      const kind = [suffix, asFile].find((ending) => source.endsWith(ending));
      if (!kind) return undefined;
      const entry = await this.resolve(source.slice(0, -kind.length), importer);
      if (!entry) throw new Error(`${importer} asks for ${source}, which is not there.`);
      return entry.id + kind;
    },
    async load(id) {
      const kind = [suffix, asFile].find((ending) => id.endsWith(ending));
      if (!kind) return undefined;
      const { code, files } = await bundle(id.slice(0, -kind.length));
      for (const file of files) this.addWatchFile(file);
      const module =
        kind === suffix
          ? `export default ${JSON.stringify(code)};`
          : `export { default } from ${JSON.stringify(`${await keep(code)}?url`)};`;
      return { code: module, map: null, moduleSideEffects: false };
    },
  };
}

/** Not as a .js file: Vite's own server would make a module of it. @param {string} code */
async function keep(code) {
  const file = join(cache, `classic-${createHash('sha256').update(code).digest('hex').slice(0, 16)}.txt`);
  await fs.mkdir(cache, { recursive: true });
  await fs.writeFile(file, code);
  return file;
}

/** @param {string} entry @returns {Promise<{ code: string, files: string[] }>} */
async function bundle(entry) {
  // Rolldown itself, as vite.build() would add helpers for the dynamic imports that Pyodide makes in Node only.
  const { rolldown } = await import('rolldown');
  const bundled = await rolldown({
    input: entry,
    platform: 'browser',
    external: /^node:|^ws$/,
    plugins: [withoutImportMeta],
    checks: { eval: false, commonJsVariableInEsm: false }, // Pyodide's, and nothing comes of them here
  });
  const { output } = await bundled.generate({ format: 'iife', strict: true });
  await bundled.close();
  const [chunk, ...others] = output;
  if (others.length > 0) throw new Error(`${entry} became ${output.length} files instead of one script.`);
  return { code: chunk.code, files: chunk.moduleIds.filter((file) => file.startsWith('/')) };
}
