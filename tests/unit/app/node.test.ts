/** The page and its node: which address it may call, what it asks, what it says when it is refused, and where the token stays. */
import './page-globals';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { readNodeAddress } from '../../../src/app/node/address';
import { aboutNode, roundTrip, servedByNode } from '../../../src/app/node/asking';
import { factsOf, placesInWords } from '../../../src/app/node/words';
import {
  changeNodeForm,
  connect,
  connection,
  disconnect,
  lookAgain,
  nodeForm,
} from '../../../src/app/state/node';
import { NodeLine } from '../../../workers/node-line';
import { openNode, type TestNode } from '../../doubles/node';

describe('an address', () => {
  const plain = 'http://127.0.0.1:8000/';
  const secure = 'https://zeroloop.example/app/';

  it.each([
    ['http://127.0.0.1:7300/', secure, 'http://127.0.0.1:7300'],
    ['  127.0.0.1:7300 ', secure, 'http://127.0.0.1:7300'],
    ['localhost:7300', secure, 'http://localhost:7300'],
    ['node.example.org', secure, 'https://node.example.org'],
    ['https://node.example.org/behind/a/proxy/api/v1/', secure, 'https://node.example.org/behind/a/proxy'],
    ['http://192.168.1.7:7300', plain, 'http://192.168.1.7:7300'],
  ])('%s, for the page %s, is %s', (text, page, url) => {
    expect(readNodeAddress(text, page)).toBe(url);
  });

  it.each([
    ['', plain, /Write the address that the node printed/],
    ['http://', plain, /is no address of a node/],
    ['ftp://node.example', plain, /is no address of a node/],
    ['http://127.0.0.1:7300/?token=0123', plain, /never belongs into an address/],
    ['http://me:0123@127.0.0.1:7300/', plain, /never belongs into an address/],
    ['http://192.168.1.7:7300', secure, /came by HTTPS may not call 192.168.1.7:7300 by plain HTTP/],
  ])('%j, for the page %s, is refused in a sentence', (text, page, sentence) => {
    expect(() => readNodeAddress(text, page)).toThrow(sentence);
  });
});

const asked = (url: string) => aboutNode({ url, token: 't' });

/** What the browser was told about calls to what is near. */
const permit = (stateOf: (name: string) => string) => {
  const query = async ({ name }: { name: string }) => ({ state: stateOf(name) });
  vi.stubGlobal('navigator', { permissions: { query } });
};

describe('a node', () => {
  let node: TestNode;
  let url: string;
  beforeAll(async () => {
    node = await openNode({ log: () => {}, models: { builtin: async () => ({}) } });
    url = node.url.replace(/\/$/, '');
    Object.assign(location, { origin: 'http://127.0.0.1:8000', href: 'http://127.0.0.1:8000/' });
  });
  beforeEach(() => permit(() => 'prompt'));
  afterAll(async () => {
    vi.unstubAllGlobals();
    await node.close();
  });

  it('answers what it is, and how quickly', async () => {
    expect(await roundTrip(url)).toBeGreaterThan(0);
    const about = await aboutNode({ url, token: node.token });
    expect(about.models).toEqual(['builtin']);
    expect(Object.fromEntries(factsOf(about))).toMatchObject({
      Models: 'builtin',
      Trains: 'whole models and adapters',
      'Frozen weights in': expect.stringMatching(/^float32, .*8 bits, 4 bits$/),
      Takes: 'requests up to 32 MiB, files up to 16 GiB',
      'At work for': 'nobody',
    });
  });

  it('is known by the page that comes from it, and by no other', async () => {
    expect(await servedByNode(`${node.url}#/device`)).toBe(url);
    expect(await servedByNode('http://127.0.0.1:1/')).toBeNull();
    expect(await servedByNode('file:///zeroloop/index.html')).toBeNull();
  });

  it('that does not know the token says so', async () => {
    await expect(aboutNode({ url, token: 'wrong' })).rejects.toThrow(/This is not the token of http/);
  });

  it('that does not answer is told from one that is out of the reach of this page as far as browsers tell', async () => {
    await expect(roundTrip('http://127.0.0.1:1')).rejects.toThrow(
      /does not answer this page: .* started with --origin http:\/\/127.0.0.1:8000/,
    );
    permit((name) => (name === 'loopback-network' ? 'denied' : 'prompt'));
    await expect(roundTrip('http://localhost:1')).rejects.toThrow(/was told not to let the page call/);
    Object.assign(location, { origin: 'http://127.0.0.1:1' });
    await expect(roundTrip('http://127.0.0.1:1')).rejects.toThrow(/does not answer: see that the node runs/);
  });

  const tinker = '{"supported_models": []}';
  const strange = '{"zeroloop": {"engine": {}}, "supported_models": []}';
  it.each([
    ['a web server', roundTrip, 200, '<!doctype html>', /is no node of Zeroloop/],
    ['a server with nothing there', roundTrip, 404, '', /is no node of Zeroloop \(status 404\)/],
    ['another Tinker server', asked, 200, tinker, /is a Tinker server, but no node of Zeroloop/],
    ['a node of a kind unknown', asked, 200, strange, /but no node of Zeroloop/],
    ['a gateway without one', asked, 502, '{"error": "Nobody is behind."}', /^Nobody is behind\.$/],
    ['a node that has enough', asked, 429, '{}', /was asked too often: wait a minute/],
  ])('%s is told from one', async (_, asking, status, body, sentence) => {
    const server = createServer((_, response) => response.writeHead(status).end(body)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await expect(asking(`http://127.0.0.1:${port}`)).rejects.toThrow(sentence);
    server.close();
  });

  describe('once connected', () => {
    class Kept {
      readonly items = new Map<string, string>();
      getItem = (key: string) => this.items.get(key) ?? null;
      setItem = (key: string, value: string) => void this.items.set(key, value);
      removeItem = (key: string) => void this.items.delete(key);
      has = (text: string) => [...this.items.values()].some((value) => value.includes(text));
    }
    let tab: Kept;
    let browser: Kept;
    beforeEach(() => {
      [tab, browser] = [new Kept(), new Kept()];
      Object.assign(globalThis, { sessionStorage: tab, localStorage: browser });
    });
    afterEach(disconnect);

    it.each([
      [false, { tab: true, browser: false }],
      [true, { tab: false, browser: true }],
    ])('has its token kept (in the browser: %s), and forgotten when it is left', async (remembers, where) => {
      changeNodeForm({ url: node.url, token: ` ${node.token}\n`, remembers });
      await connect();
      expect(connection.value).toMatchObject({ kind: 'connected', node: { url, token: node.token } });
      expect({ tab: tab.has(node.token), browser: browser.has(node.token) }).toEqual(where);
      disconnect();
      expect([tab.items.size, browser.items.size, nodeForm.value.token]).toEqual([0, 0, '']);
    });

    it('is looked at again: it may be away, or have another token since', async () => {
      const token = 'another'.repeat(9);
      let other = await openNode({ log: () => {}, token });
      const { port } = new URL(other.url);
      changeNodeForm({ url: other.url, token });
      await connect();
      await lookAgain();
      expect(connection.value).toMatchObject({ kind: 'connected', silent: null });
      await other.close();
      await lookAgain();
      expect(connection.value).toMatchObject({ silent: expect.stringMatching(/does not answer/) });
      other = await openNode({ log: () => {}, port: Number(port) });
      await lookAgain();
      expect(connection.value).toMatchObject({
        kind: 'refused',
        why: expect.stringMatching(/not the token/),
      });
      await other.close();
    });

    it('keeps nothing of an attempt that failed', async () => {
      changeNodeForm({ url: node.url, token: 'wrong' });
      await connect();
      expect(connection.value).toMatchObject({
        kind: 'refused',
        why: expect.stringMatching(/not the token/),
      });
      expect([tab.items.size, browser.items.size]).toEqual([0, 0]);
    });
  });
});

describe('the line to a node', () => {
  const line = (answers: (() => Response | Error)[]) =>
    new NodeLine(async () => {
      const answer = answers.shift()?.() ?? new Response('');
      if (answer instanceof Error) throw answer;
      return answer;
    });
  const attempt = (watched: NodeLine) => watched.fetch('http://node/').catch(() => null);

  it('is silent from the first request without an answer to the next that has one', async () => {
    const cut = () => new TypeError('Failed to fetch');
    const watched = line([() => new Response(''), cut, cut, () => new Response('', { status: 502 })]);
    const told: boolean[] = [];
    for (let asked = 0; asked < 5; asked++) {
      await attempt(watched);
      told.push(watched.answers);
    }
    expect(told).toEqual([true, false, false, false, true]);
  });

  it('is not silent because of a client that let go, or a node that refuses', async () => {
    const watched = line([
      () => new DOMException('stopped', 'AbortError'),
      () => new Response('', { status: 429 }),
    ]);
    await attempt(watched);
    await attempt(watched);
    expect(watched.answers).toBe(true);
  });
});

it('says where a run was computed', () => {
  const here = { backend: 'wasm', device: 'WebAssembly on 2 threads' };
  const there = { backend: 'remote', device: 'a GPU, on node.example' };
  const moves = [
    { from: 0, ...here },
    { from: 4, ...there },
  ];
  expect(placesInWords(moves)).toBe(
    'Computed on this device (WebAssembly on 2 threads), from step 4 on a node (a GPU, on node.example).',
  );
});
