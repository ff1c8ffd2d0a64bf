/** The server behind `npm start`: threads need its headers, and it must not hand out what is not the page's. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { serve } from '../../scripts/server.mjs';

const folder = mkdtempSync(join(tmpdir(), 'zeroloop-server-'));
const page = join(folder, 'page');
let server: Awaited<ReturnType<typeof serve>>;

beforeAll(async () => {
  mkdirSync(join(page, 'assets'), { recursive: true });
  writeFileSync(join(page, 'index.html'), '<title>page</title>');
  writeFileSync(join(page, 'assets', 'a-123.wasm'), 'wasm');
  writeFileSync(join(page, '.sources'), 'hidden');
  writeFileSync(join(folder, 'secret.txt'), 'secret');
  server = await serve({ folder: page });
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

/** The path exactly as given: fetch() would tidy it up first. */
const statusOf = (path: string) =>
  new Promise<number>((resolve, reject) => {
    const { hostname, port } = new URL(server.url);
    request({ hostname, port, path }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });

it('isolates the page', async () => {
  const { headers, status } = await fetch(server.url);
  expect(status).toBe(200);
  expect(headers.get('content-type')).toMatch('text/html');
  expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
  expect(headers.get('cross-origin-embedder-policy')).toBe('require-corp');
  expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
  expect(headers.get('cache-control')).toBe('no-cache');
});

it('can be a host that does not', async () => {
  const bare = await serve({ folder: page, isolation: false });
  const { headers } = await fetch(bare.url);
  expect(headers.get('content-type')).toMatch('text/html');
  expect([...headers.keys()].filter((name) => name.startsWith('cross-origin'))).toEqual([]);
  await bare.close();
});

it('says that WebAssembly is WebAssembly, and that hashed files never change', async () => {
  const { headers } = await fetch(`${server.url}assets/a-123.wasm`);
  expect(headers.get('content-type')).toBe('application/wasm');
  expect(headers.get('cache-control')).toMatch('immutable');
});

it.each([
  '/nothing',
  '/.sources',
  '/../secret.txt',
  '/%2e%2e/secret.txt',
  '/..%2fsecret.txt',
  '/%00',
  '/%zz',
  '/assets',
])('has nothing at %s', async (path) => {
  expect(await statusOf(path)).toBe(404);
});

it('only reads', async () => {
  expect((await fetch(server.url, { method: 'POST' })).status).toBe(405);
  expect(await (await fetch(server.url, { method: 'HEAD' })).text()).toBe('');
});

it('moves on when the port is taken', async () => {
  const port = Number(new URL(server.url).port);
  const other = await serve({ folder: page, port });
  expect(Number(new URL(other.url).port)).toBeGreaterThan(port);
  await other.close();
});
