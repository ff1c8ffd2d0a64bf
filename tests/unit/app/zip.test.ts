/** Zips, checked against programs that we did not write: Python's zipfile, and fflate. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync, type Zippable, zipSync } from 'fflate';
import { loadPyodide, type PyodideAPI } from 'pyodide';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readZip, writeZip, ZipError } from '../../../src/app/ui/zip';

const text = (value: string) => new TextEncoder().encode(value);
const noise = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 2654435761) >>> 13);
const blobOf = (bytes: Uint8Array) => new Blob([bytes as Uint8Array<ArrayBuffer>]);

async function unpack(zip: Blob): Promise<Record<string, Uint8Array>> {
  const files = (await readZip(zip)).map(
    async (entry) => [entry.path, new Uint8Array(await (await entry.read()).arrayBuffer())] as const,
  );
  return Object.fromEntries(await Promise.all(files));
}

const content = {
  'model/config.json': text('{"a": 1}'.repeat(200)),
  'model/model.safetensors': noise(30_000),
  'model/empty.txt': new Uint8Array(),
  'modèle/été.txt': text('ça'),
};

describe('a zip that is written here', () => {
  const files = Object.entries(content).map(([path, bytes]) => ({ path, data: blobOf(bytes) }));

  it('is read by fflate, and here', async () => {
    const zip = await writeZip(files);
    expect(unzipSync(new Uint8Array(await zip.arrayBuffer()))).toEqual(content);
    expect(await unpack(zip)).toEqual(content);
  });

  it('stores weights as they are, and makes texts smaller', async () => {
    const config = files.filter(({ path }) => path.endsWith('config.json'));
    expect((await writeZip(config)).size).toBeLessThan(content['model/config.json'].length / 4);
    const weights = files.filter(({ path }) => path.endsWith('.safetensors'));
    expect((await writeZip(weights)).size).toBeGreaterThan(30_000);
  });

  it('says how far it is, and stops when it is told to', async () => {
    let done = 0;
    await writeZip(files, { onBytes: (bytes) => (done += bytes) });
    expect(done).toBe(files.reduce((sum, { data }) => sum + data.size, 0));
    const abort = new AbortController();
    abort.abort(new DOMException('Cancelled.', 'AbortError'));
    await expect(writeZip(files, { signal: abort.signal })).rejects.toThrow('Cancelled.');
  });
});

describe('with Python', () => {
  let folder: string;
  let pyodide: PyodideAPI;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'zeroloop-zip-'));
    pyodide = await loadPyodide();
    pyodide.mountNodeFS('/zips', folder);
    pyodide.runPython("import os; os.chdir('/zips')");
  });
  afterAll(() => rm(folder, { recursive: true }));
  /** What it prints. */
  const python = (code: string) => {
    const lines: string[] = [];
    pyodide.setStdout({ batched: (line) => lines.push(line) });
    pyodide.runPython(code);
    return lines.join('\n');
  };

  it('a zip that is written here holds what was put in, sums and dates included', async () => {
    const files = Object.entries(content).map(([path, bytes]) => ({ path, data: blobOf(bytes) }));
    const at = new Date(2026, 1, 3, 4, 5, 6);
    const zip = await writeZip(files, { at });
    await writeFile(join(folder, 'ours.zip'), Buffer.from(await zip.arrayBuffer()));
    const told = python(`
import zipfile
with zipfile.ZipFile('ours.zip') as zip:
    assert zip.testzip() is None
    for info in zip.infolist():
        print(info.filename, info.file_size, info.date_time, oct(info.external_attr >> 16))
`);
    const lines = Object.entries(content).map(
      ([path, { length }]) => `${path} ${length} (2026, 2, 3, 4, 5, 6) 0o100644`,
    );
    expect(told.trim().split('\n')).toEqual(lines);
  });

  it.each(['ZIP_STORED', 'ZIP_DEFLATED'])('what it writes is read here (%s)', async (method) => {
    python(`
import zipfile
with zipfile.ZipFile('theirs.zip', 'w', zipfile.${method}) as zip:
    zip.comment = b'PK\\x05\\x06 a comment that looks like an end'
    zip.mkdir('model') if hasattr(zip, 'mkdir') else None
    zip.writestr('model/config.json', '{"a": 1}' * 100)
`);
    const zip = blobOf(await readFile(join(folder, 'theirs.zip')));
    expect(await unpack(zip)).toEqual({ 'model/config.json': text('{"a": 1}'.repeat(100)) });
  });

  it('what it writes into a pipe, with sizes after the data, is read here', async () => {
    python(`
import zipfile, sys, io
class Pipe(io.RawIOBase):
    def __init__(self): self.out = open('piped.zip', 'wb')
    def writable(self): return True
    def write(self, data): return self.out.write(data)
    def close(self): self.out.close()
pipe = Pipe()
with zipfile.ZipFile(pipe, 'w', zipfile.ZIP_STORED) as zip:
    zip.writestr('a.txt', 'PK\\x03\\x04 looks like an entry')
pipe.close()
`);
    const zip = blobOf(await readFile(join(folder, 'piped.zip')));
    expect(await unpack(zip)).toEqual({ 'a.txt': text('PK\x03\x04 looks like an entry') });
  });

  it('a link is left alone, an unknown way of packing is named', async () => {
    python(`
import zipfile
with zipfile.ZipFile('odd.zip', 'w') as zip:
    link = zipfile.ZipInfo('link')
    link.create_system = 3
    link.external_attr = 0o120777 << 16
    zip.writestr(link, '/etc/passwd')
    zip.writestr(zipfile.ZipInfo('a.txt'), 'a' * 99, zipfile.ZIP_BZIP2)
`);
    const [entry, ...others] = await readZip(blobOf(await readFile(join(folder, 'odd.zip'))));
    expect([entry.path, others]).toEqual(['a.txt', []]);
    await expect(entry.read()).rejects.toThrow(/a\.txt is compressed in a way .*method 12/);
  });
});

describe('a zip of others', () => {
  const make = (files: Zippable) => blobOf(zipSync(files));

  it('cannot lead out of its folder', async () => {
    const zip = make({
      '../up.txt': text('no'),
      'a/../../up.txt': text('no'),
      '/root.txt': text('no'),
      'C:\\windows.txt': text('no'),
      'a/./b.txt': text('no'),
      'a\\b.txt': text('yes'),
    });
    expect(await unpack(zip)).toEqual({ 'a/b.txt': text('yes') });
  });

  it('may stand behind something else', async () => {
    const zip = new Blob(['#!/bin/sh\n', make({ 'a.txt': text('a') })]);
    expect(await unpack(zip)).toEqual({ 'a.txt': text('a') });
  });

  it('may be given in bytes that change when it is stored: the sum tells', async () => {
    const bytes = zipSync({ 'a.bin': [noise(1000), { level: 0 }] });
    bytes[500] ^= 1;
    const [entry] = await readZip(blobOf(bytes));
    await expect(entry.read()).rejects.toThrow(/damaged \(the sum of a\.bin is not what it should be\)/);
  });

  it('is refused where it cannot be unpacked, or is longer than it says', async () => {
    const packed = zipSync({ 'a.txt': text('a'.repeat(10_000)) });
    const broken = packed.slice();
    broken.fill(0xff, 36, 46);
    await expect((await readZip(blobOf(broken)))[0].read()).rejects.toThrow(ZipError);

    const lying = packed.slice();
    const directory = lying.length - 22 - 46 - 'a.txt'.length;
    new DataView(lying.buffer).setUint32(directory + 24, 9_999, true);
    await expect((await readZip(blobOf(lying)))[0].read()).rejects.toThrow('a.txt is longer than it says');
  });

  it('that is cut off, or is none, is refused', async () => {
    const whole = make({ 'a.txt': text('a'.repeat(1000)), 'b.txt': text('b') });
    const end = whole.slice(whole.size - 22);
    await expect(readZip(whole.slice(0, whole.size - 5))).rejects.toThrow('not a zip, or it was cut off');
    await expect(readZip(new Blob([end]))).rejects.toThrow('its directory is cut off');
    await expect(readZip(new Blob(['a tale of two cities']))).rejects.toThrow('not a zip');
  });

  it('for more than 4 GB is refused in a sentence', async () => {
    const bytes = zipSync({ 'a.txt': text('a') });
    new DataView(bytes.buffer).setUint32(bytes.length - 6, 0xffffffff, true);
    await expect(readZip(blobOf(bytes))).rejects.toThrow(/more than 4 GB, .* drop the folder/);
  });

  it('that is encrypted says so', async () => {
    const bytes = zipSync({ 'a.txt': text('a') });
    bytes[bytes.length - 22 - 46 - 5 + 8] |= 1;
    await expect((await readZip(blobOf(bytes)))[0].read()).rejects.toThrow('a.txt is encrypted');
  });
});
