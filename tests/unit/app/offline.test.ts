/** What the service worker keeps and answers, and the list of files that it is given. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { groupOf, listBuild } from '../../../scripts/offline.mjs';
import { type Build, cacheOf, isolated, isTrue, keyOf, purposeOf } from '../../../workers/offline-files';

const folder = new URL('https://host.example/some/where/');
const build: Build = {
  entry: 'assets/index-1.js',
  files: [
    { path: '', hash: 'a1', bytes: 10, group: 'page' },
    { path: 'assets/index-1.js', hash: 'b2', bytes: 20, group: 'page' },
    { path: 'model/config.json', hash: 'c3', bytes: 30, group: 'run' },
  ],
};

describe('a request', () => {
  interface Wish {
    method?: string;
    mode?: RequestMode;
    headers?: Record<string, string>;
  }
  const purpose = (path: string, { method = 'GET', mode = 'cors', headers = {} }: Wish = {}) => {
    const found = purposeOf(
      { method, mode, headers: new Headers(headers), url: new URL(path, folder).href },
      folder,
      build,
    );
    return found.kind === 'file' ? found.file.path : found.kind;
  };

  it.each([
    ['assets/index-1.js', 'assets/index-1.js'],
    ['model/config.json', 'model/config.json'],
    ['assets/index-0.js', 'other build'],
    ['assets/index-1.js.map', 'none'],
    ['held-out/sealed.jsonl', 'none'],
    ['api/v1/models', 'none'],
    ['../elsewhere/', 'none'],
    ['../', 'none'],
    ['https://other.example/some/where/model/config.json', 'none'],
    ['model/config.json?fresh', 'none'],
  ])('for %s is for %s', (path, file) => {
    expect(purpose(path)).toBe(file);
  });

  it.each(['./', './index.html', './?store=mine', './index.html?store=mine#/runs'])(
    'to open %s is for the page',
    (path) => {
      expect(purpose(path, { mode: 'navigate' })).toBe('');
    },
  );

  it('to open the page without all this goes to the host', () => {
    expect(purpose('./?no-offline', { mode: 'navigate' })).toBe('none');
  });

  it('that only a server can answer goes there', () => {
    expect(purpose('model/config.json', { method: 'POST' })).toBe('none');
    expect(purpose('model/config.json', { headers: { Range: 'bytes=0-1' } })).toBe('none');
  });
});

it('keeps a file by what is in it, apart from copies of the page in other folders', () => {
  const [, , config] = build.files;
  const changed = { ...config, hash: 'd4' };
  expect(keyOf(config, folder)).toBe('https://host.example/some/where/model/config.json?c3');
  expect(keyOf(changed, folder)).not.toBe(keyOf(config, folder));
  expect(cacheOf(folder)).not.toBe(cacheOf(new URL('../', folder)));
});

describe('an answer', () => {
  it('isolates the page, and is otherwise what the host sent', async () => {
    const sent = new Response('hello', {
      status: 203,
      headers: { 'Content-Type': 'text/plain', 'Content-Encoding': 'gzip', 'Content-Length': '3' },
    });
    const { status, headers } = isolated(sent);
    expect(status).toBe(203);
    expect(Object.fromEntries(headers)).toEqual({
      'content-type': 'text/plain',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
      'cross-origin-resource-policy': 'same-origin',
    });
    expect(await isolated(new Response('hello')).text()).toBe('hello');
  });

  it('that is none is passed on', () => {
    const failed = Response.error();
    expect(isolated(failed)).toBe(failed);
  });

  const bytes = (text: string) => new TextEncoder().encode(text).buffer as ArrayBuffer;

  it('is kept only if it is what was built', async () => {
    // sha256sum of "hello"
    const file = { path: 'a.txt', hash: '2cf24dba5fb0a30e26e83b2a', bytes: 5, group: 'run' } as const;
    expect(await isTrue(file, bytes('hello'), build)).toBe(true);
    expect(await isTrue(file, bytes('Please log in'), build)).toBe(false);
  });

  it('may be a page that the host has written into, as long as it is of this build', async () => {
    const html = (entry: string) => bytes(`<script src="./${entry}"></script><script>count()</script>`);
    expect(await isTrue(build.files[0], html(build.entry), build)).toBe(true);
    expect(await isTrue(build.files[0], html('assets/index-2.js'), build)).toBe(false);
  });
});

describe('the list of a build', () => {
  it.each([
    ['index.html', 'page'],
    ['icon.svg', 'page'],
    ['assets/index-BSzRbeHQ.js', 'page'],
    ['assets/index-BL0U5iJC.css', 'page'],
    ['assets/trainer-DxgcP_KK.js', 'page'],
    ['assets/ort.jspi.min-02tY3ojd.js', 'jspi'],
    ['assets/ort-wasm-simd-threaded.jspi-CZzFqCHi.wasm', 'jspi'],
    ['assets/ort.webgpu.min-Dnsm9JJe.js', 'asyncify'],
    ['assets/ort-wasm-simd-threaded.asyncify-CGX8rfbW.mjs', 'asyncify'],
    ['assets/ort.wasm.min-C-8u33Sh.js', 'wasm'],
    ['assets/ort-wasm-simd-threaded-DcHrbrbl.wasm', 'wasm'],
    ['assets/ort-wasm-simd-threaded-qyIweqWS.mjs', 'wasm'],
    ['assets/pyodide.asm-DoBEEsqh.wasm', 'run'],
    ['assets/python-d160aba9ed7b8e3a-0-BTWg8nk5.bin', 'run'],
    ['assets/python_stdlib-Dms11Th8.zip', 'run'],
    ['assets/classic-2699432cc2d42928-DUM8e3oR.txt', 'run'],
    ['model/model.safetensors', 'run'],
    ['held-out/open.jsonl', 'run'],
    ['held-out/hashes.json', 'run'],
    ['held-out/sealed.jsonl', null],
    ['assets/index-BSzRbeHQ.js.map', null],
    ['.sources', null],
    ['offline.js', null],
  ])('has %s for %s', (path, group) => {
    expect(groupOf(path)).toBe(group);
  });

  it('is of contents, and knows what the page begins with', async () => {
    const built = mkdtempSync(join(tmpdir(), 'zeroloop-built-'));
    try {
      const put = (path: string, text: string) => {
        mkdirSync(dirname(join(built, path)), { recursive: true });
        writeFileSync(join(built, path), text);
      };
      put('index.html', '<script type="module" crossorigin src="./assets/index-1.js"></script>');
      put('assets/index-1.js', 'hello');
      put('assets/index-1.js.map', '{}');
      put('model/config.json', '{}');
      const { entry, files } = await listBuild(built);
      expect(entry).toBe('assets/index-1.js');
      expect(files.map(({ path, bytes, group }) => [path, bytes, group])).toEqual([
        ['assets/index-1.js', 5, 'page'],
        ['', 69, 'page'],
        ['model/config.json', 2, 'run'],
      ]);
      expect(files[0].hash).toBe('2cf24dba5fb0a30e26e83b2a');
    } finally {
      rmSync(built, { recursive: true });
    }
  });
});
