/**
 * Keeps the arrows of docs/ARCHITECTURE.md: reads the table there, reads every import under src/, workers/ and node/, and names each
 * one that the table does not allow.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');

interface Room {
  /** Rooms ('graph'), files ('engine/engine'), either of them for types only ('app (types)'). */
  imports: string[];
  packages: string[];
}

interface Import {
  from: string;
  to: string;
  typesOnly: boolean;
}

function readRules(): Map<string, Room> {
  const text = readFileSync(join(root, 'docs/ARCHITECTURE.md'), 'utf8');
  const table = text.split('<!-- architecture-rules -->')[1].split('<!-- /architecture-rules -->')[0];
  const names = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1]);
  const rows = table.split('\n').map((line) => line.split('|').slice(1, -1));
  return new Map(
    rows
      .filter((cells) => cells.length === 3 && cells[0].includes('`'))
      .map(([room, imports, packages]) => [
        names(room)[0],
        { imports: names(imports), packages: names(packages) },
      ]),
  );
}

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Static, dynamic and type imports, re-exports, and the URLs that workers are started from. */
function importsOf(file: string, code: string): Import[] {
  const plain = code.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  const found: Import[] = [];
  // The text of a script is no code here either: it runs elsewhere.
  const add = (to: string, typesOnly: boolean) =>
    found.push({ from: file, to, typesOnly: typesOnly || /\?classic(-url)?$/.test(to) });
  for (const [, what, to] of plain.matchAll(/\b(?:import|export)\s+([^'";]*?)\s*from\s*'([^']+)'/g)) {
    const names = /^\{([^}]*)\}$/
      .exec(what)?.[1]
      .split(',')
      .filter((name) => name.trim() !== '');
    add(to, what.startsWith('type ') || Boolean(names?.every((name) => name.trim().startsWith('type '))));
  }
  for (const [, to] of plain.matchAll(/^import\s*'([^']+)'/gm)) add(to, false);
  for (const [, typeOf, to] of plain.matchAll(/(typeof\s+)?\bimport\(\s*'([^']+)'\s*\)/g))
    add(to, Boolean(typeOf));
  // A worker's address: its code runs elsewhere.
  for (const [, to] of plain.matchAll(/new URL\(\s*'(\.[^']+)',\s*import\.meta\.url/g)) add(to, true);
  return found;
}

/** 'src/engine/ort/web.ts' -> room 'engine', file 'engine/ort/web'. */
function place(path: string): { room: string; file: string } | null {
  const parts = relative(root, path)
    .replace(/\.tsx?$/, '')
    .split(sep);
  if (parts[0] === 'src') return { room: parts[1], file: parts.slice(1).join('/') };
  if (parts[0] === 'workers' || parts[0] === 'node') return { room: parts[0], file: parts.join('/') };
  return null;
}

/** Null if the import is allowed, else a sentence. */
function violation({ from, to, typesOnly }: Import, rules: Map<string, Room>): string | null {
  const here = place(from);
  const rule = here && rules.get(here.room);
  if (!here || !rule) return `${relative(root, from)} is in a room that docs/ARCHITECTURE.md does not list`;
  const complaint = `${here.room} may not import ${typesOnly ? 'types of ' : ''}'${to}' (${relative(root, from)})`;
  if (!to.startsWith('.')) {
    const allowed = rule.packages.some((name) =>
      name.endsWith(':') ? to.startsWith(name) : to === name || to.startsWith(`${name}/`),
    );
    return allowed ? null : complaint;
  }
  const there = place(resolve(dirname(from), to));
  if (!there) return null; // package.json, scripts/: outside the rooms
  if (there.room === here.room) return null;
  const allowed = rule.imports.some((entry) => {
    const [name, types] = entry.split(' ');
    return (name === there.room || name === there.file) && (typesOnly || types === undefined);
  });
  return allowed ? null : complaint;
}

describe('the architecture', () => {
  const rules = readRules();
  const check = (file: string, code: string) =>
    importsOf(join(root, file), code).flatMap((found) => violation(found, rules) ?? []);

  it('is kept by every import', () => {
    const files = ['src', 'workers', 'node'].flatMap((folder) => sourceFiles(join(root, folder)));
    expect(files.length).toBeGreaterThan(10);
    expect(files.flatMap((file) => check(relative(root, file), readFileSync(file, 'utf8')))).toEqual([]);
  });

  it.each([
    ['src/graph/ops.ts', "import { App } from '../app/main';"],
    ['src/graph/ops.ts', "import type { Engine } from '../engine/engine';"],
    ['src/model/config.ts', "import { add } from '../graph/ops';"],
    ['src/model/config.ts', "import { readFileSync } from 'node:fs';"],
    ['src/selfplay/loop.ts', "import { LocalEngine } from '../engine/local';"],
    ['src/app/main.tsx', "import { runProbe } from '../../workers/probe-run';"],
    ['src/app/main.tsx', "const { LocalEngine } = await import('../engine/local');"],
    ['src/engine/local.ts', "export { progress } from '../cli/command';"],
    ['src/engine/remote/remote-engine.ts', "import { Host } from '../../../node/host';"],
    ['node/host.ts', "import { Loop } from '../src/selfplay/loop';"],
    ['src/garage/car.ts', "import { wheel } from './wheel';"],
  ])('would not let %s say %s', (file, code) => {
    expect(check(file, code)).toHaveLength(1);
  });

  it.each([
    ['src/selfplay/loop.ts', "import type { Engine } from '../engine/engine';"],
    ['src/app/main.tsx', "import type { Probe } from '../../workers/probe';"],
    [
      'src/app/main.tsx',
      "new Worker(new URL('../../workers/probe.ts', import.meta.url), { type: 'module' });",
    ],
    ['src/sandbox/sandbox.ts', "import script from '../../workers/warden.ts?classic';"],
    ['src/cli/page.ts', "import { chromium, type Page } from 'playwright';"],
    ['src/graph/ops.ts', "// import { App } from '../app/main';"],
  ])('lets %s say %s', (file, code) => {
    expect(check(file, code)).toEqual([]);
  });
});
