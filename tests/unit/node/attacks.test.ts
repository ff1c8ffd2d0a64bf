/** What a stranger may try on a node: all of it is refused or bounded, and a good client is answered throughout. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openNode, type TestNode } from '../../doubles/node';

let node: TestNode;
let page: string;
let port: number;
const sockets: Socket[] = [];
const origin = 'https://zeroloop.example';

beforeAll(async () => {
  page = mkdtempSync(join(tmpdir(), 'zeroloop-page-'));
  mkdirSync(join(page, 'dist'));
  writeFileSync(join(page, 'dist', 'index.html'), '<title>page</title>');
  writeFileSync(join(page, 'secret.txt'), 'secret');
  node = await openNode({
    page: join(page, 'dist'),
    origins: [origin],
    hosts: ['node.example'],
    log: () => {},
    limits: { body: 10_000, headTime: 700, requestTime: 1500, wrongTokens: 40, pollTime: 200 },
  });
  port = Number(new URL(node.url).port);
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});
afterAll(async () => {
  await node.close();
  rmSync(page, { recursive: true });
});

interface Told {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}

/** Headers and path exactly as given: fetch() would not let a page's names be forged. */
function tell(
  path: string,
  { method = 'GET', body = '', headers = {} as Record<string, string> } = {},
): Promise<Told> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
      );
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

const api = '/api/v1/create_session';
const good = () => ({ 'X-API-Key': node.token, 'Content-Type': 'application/json' });
const post = (headers: Record<string, string>, body = '{}', path = api) =>
  tell(path, { method: 'POST', headers, body });
const answersAGoodClient = async () => expect((await post(good())).status).toBe(200);

describe('the token', () => {
  it.each([
    ['none', {}],
    ['a wrong one', { 'X-API-Key': 'x'.repeat(64) }],
    ['an empty one', { 'X-API-Key': '' }],
    ['the right one in another place', { Authorization: 'Basic TOKEN' }],
    ['half of it', { 'X-API-Key': 'HALF' }],
  ])('is needed: %s does not do', async (_, headers) => {
    const forged = Object.entries<string>(headers).map(([name, value]) => [
      name,
      value.replace('TOKEN', node.token).replace('HALF', node.token.slice(0, 32)),
    ]);
    const told = await post({ 'Content-Type': 'application/json', ...Object.fromEntries(forged) });
    expect([told.status, JSON.parse(told.text).category]).toEqual([401, 'WrongTokenError']);
    expect(told.text).not.toContain(node.token);
  });

  it('is 256 bits, and does as X-API-Key or as Bearer, but not in the address', async () => {
    expect(node.token).toMatch(/^[0-9a-f]{64}$/);
    await answersAGoodClient();
    const bearer = { Authorization: `Bearer ${node.token}`, 'Content-Type': 'application/json' };
    expect((await post(bearer)).status).toBe(200);
    expect((await tell(`/api/v1/get_server_capabilities?token=${node.token}`)).status).toBe(401);
  });

  it('cannot be tried as often as one likes', async () => {
    const tries = await Promise.all(
      Array.from({ length: 80 }, (_, i) =>
        post({ 'X-API-Key': String(i), 'Content-Type': 'application/json' }),
      ),
    );
    expect(new Set(tries.map(({ status }) => status))).toEqual(new Set([401, 429]));
    await answersAGoodClient();
  });
});

describe('a web page', () => {
  it.each([
    'https://evil.example',
    'null',
    'http://127.0.0.1:1',
    'http://localhost.evil.example',
    `${origin}.evil.example`,
  ])('of the origin %s may not call the node, whatever it knows', async (stranger) => {
    const told = await post({ ...good(), Origin: stranger });
    expect([told.status, JSON.parse(told.text).category]).toEqual([403, 'WrongOriginError']);
    expect(told.headers['access-control-allow-origin']).toBeUndefined();
  });

  it('of an origin that was allowed may, after asking', async () => {
    const asked = await tell(api, {
      method: 'OPTIONS',
      headers: { Origin: origin, 'Access-Control-Request-Method': 'POST' },
    });
    expect([asked.status, asked.headers['access-control-allow-origin'], asked.headers.vary]).toEqual([
      204,
      origin,
      'Origin',
    ]);
    expect(asked.headers['access-control-allow-headers']).toMatch('x-api-key');
    const told = await post({ ...good(), Origin: origin });
    expect([told.status, told.headers['access-control-allow-origin']]).toEqual([200, origin]);
  });

  it('of the node itself may', async () => {
    expect((await post({ ...good(), Origin: `http://127.0.0.1:${port}` })).status).toBe(200);
  });

  it('that links or posts from elsewhere without an Origin may not', async () => {
    expect((await post({ ...good(), 'Sec-Fetch-Site': 'cross-site' })).status).toBe(403);
  });

  it.each([
    'evil.example',
    'evil.example:1',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '[::1',
    'a b',
  ])('that calls it %j, as after DNS rebinding, gets nothing, not even the page', async (host) => {
    const told = await Promise.all([post({ ...good(), Host: host }), tell('/', { headers: { Host: host } })]);
    for (const { status, text } of told) {
      expect([400, 421]).toContain(status);
      expect(text).not.toContain('<title>');
    }
  });

  it.each(['localhost', '127.0.0.1:80', '[::1]:7300', 'node.example'])('may call it %s', async (host) => {
    expect((await post({ ...good(), Host: host })).status).toBe(200);
    expect((await tell('/', { headers: { Host: host } })).text).toBe('<title>page</title>');
  });
});

describe('a body', () => {
  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', ''])(
    'of the type %j is refused',
    async (type) => {
      for (const path of [
        api,
        '/api/v1/forward_backward',
        '/api/v1/optim_step',
        `/api/v1/zeroloop/files/${'0'.repeat(64)}`,
      ]) {
        expect((await post({ ...good(), 'Content-Type': type }, '{}', path)).status).toBe(415);
      }
    },
  );

  it('that is compressed is refused', async () => {
    expect((await post({ ...good(), 'Content-Encoding': 'gzip' })).status).toBe(415);
  });

  it('that is too large is refused, announced or not', async () => {
    const large = JSON.stringify({ tags: ['x'.repeat(20_000)] });
    expect((await post(good(), large)).status).toBe(413);
    const told = await tell(api, {
      method: 'POST',
      headers: { ...good(), 'Transfer-Encoding': 'chunked' },
      body: large,
    }).catch(() => null);
    expect([413, undefined]).toContain(told?.status);
    await answersAGoodClient();
  });

  it('that asks for too much is refused', async () => {
    const sampling = (zeroloop: object, params: object = {}, more: object = {}) =>
      post(
        good(),
        JSON.stringify({
          zeroloop: { model_id: 'model-0', after_seq: 0, ...zeroloop },
          sampling_params: { max_tokens: 10, ...params },
          ...more,
        }),
        '/api/v1/asample',
      );
    expect((await sampling({ prompts: [[1]] }, {}, { num_samples: 1e6 })).status).toBe(413);
    expect((await sampling({ prompts: [[1]] }, { max_tokens: 1e9 })).status).toBe(413);
    expect((await sampling({ prompts: [[1]] }, { max_tokens: -1 })).status).toBe(400);
    expect((await sampling({ prompts: 'x' })).status).toBe(400);
  });

  it.each(['{', '[]', 'null', '"x"', '{"a":1', '\u0000', '{"__proto__": {"x": 1}}'])(
    'of %j harms nothing',
    async (body) => {
      const told = await post(good(), body, '/api/v1/create_model');
      expect(told.status).toBe(400);
      expect(JSON.parse(told.text).error).toMatch(/^[A-Z].*\.$/);
    },
  );
});

describe('a path', () => {
  it.each([
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/%00',
    '/api/v1/../../secret.txt',
    '/api/v1/zeroloop/files/../../lock',
    `/api/v1/zeroloop/files/${'0'.repeat(63)}/`,
    '/api/v1/zeroloop/files/%2e%2e%2flock',
    '/api/v1/training_runs/model-0/checkpoints/weights/..%2f..%2fx/archive',
    '/api/v1/__proto__',
    '/api/v1/constructor',
    '//evil.example/api/v1/healthz',
  ])('%s leads nowhere', async (path) => {
    const told = await tell(path, { headers: good() });
    expect([400, 404, 421]).toContain(told.status);
    expect(told.text).not.toContain('secret');
  });

  it('of a file is never what the client called it', async () => {
    const source = { kind: 'files', files: { '../../../evil.json': { sha256: '0'.repeat(64), bytes: 1 } } };
    const body = {
      session_id: 'session-0123456789abcdef',
      base_model: 'x',
      lora_config: { rank: 0 },
      zeroloop: { source },
    };
    const told = await post(good(), JSON.stringify(body), '/api/v1/create_model');
    expect([told.status, JSON.parse(told.text).category]).toEqual([409, 'MissingUploadError']);
  });

  it('of an upload is what its bytes say it is', async () => {
    const path = `/api/v1/zeroloop/files/${'0'.repeat(64)}?offset=0&total=4`;
    const told = await post({ ...good(), 'Content-Type': 'application/octet-stream' }, 'evil', path);
    expect([told.status, JSON.parse(told.text).error]).toEqual([
      409,
      expect.stringMatching(/not the file that was announced/),
    ]);
    expect((await tell(path, { headers: good() })).status).toBe(404);
    const huge = `/api/v1/zeroloop/files/${'0'.repeat(64)}?offset=0&total=99999999999999`;
    expect((await post({ ...good(), 'Content-Type': 'application/octet-stream' }, 'evil', huge)).status).toBe(
      413,
    );
  });
});

describe('a connection', () => {
  const open = (text: string): Promise<Socket> =>
    new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.write(text);
        resolve(socket);
      });
      socket.on('error', reject);
      sockets.push(socket);
    });
  const closed = (socket: Socket) =>
    new Promise<void>((resolve) => {
      socket.removeAllListeners('error');
      socket.on('error', () => {});
      if (socket.closed) resolve();
      socket.on('close', () => resolve());
      socket.resume();
    });

  it('that sends its head or its body a byte at a time is cut, and 200 of them keep nobody out', async () => {
    const head = `POST ${api} HTTP/1.1\r\nHost: localhost\r\nX-API-Key: ${node.token}\r\n`;
    const body = `${head}Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{`;
    const slow = await Promise.all(Array.from({ length: 200 }, (_, i) => open(i % 2 ? head : body)));
    const drip = setInterval(() => {
      for (const socket of slow) if (socket.writable) socket.write(' ');
    }, 100);
    for (const socket of slow) socket.on('error', () => {});
    for (let i = 0; i < 5; i++) await answersAGoodClient();
    await Promise.all(slow.map(closed));
    clearInterval(drip);
    await answersAGoodClient();
  });

  it.each([
    'nonsense\r\n\r\n',
    'GET / HTTP/9.9\r\n\r\n',
    `GET /${'x'.repeat(20_000)} HTTP/1.1\r\n\r\n`,
    '\u0016\u0003\u0001 TLS',
  ])('that speaks no HTTP is closed: %#', async (text) => {
    await closed(await open(text));
    await answersAGoodClient();
  });

  it('of a client that leaves in the middle of its body does nothing', async () => {
    const socket = await open(
      `POST ${api} HTTP/1.1\r\nHost: localhost\r\nX-API-Key: ${node.token}\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{"tags"`,
    );
    socket.on('error', () => {});
    socket.destroy();
    await answersAGoodClient();
  });
});

it('a client that is too fast is slowed down', async () => {
  const busy = await openNode({ limits: { requestsPerSecond: 10, burst: 20 } });
  const headers = { 'X-API-Key': busy.token };
  const told = await Promise.all(
    Array.from({ length: 60 }, () => fetch(`${busy.url}api/v1/get_server_capabilities`, { headers })),
  );
  const statuses = told.map(({ status }) => status);
  expect(statuses.filter((status) => status === 200).length).toBeLessThan(40);
  expect(told.find(({ status }) => status === 429)?.headers.get('retry-after')).toBe('1');
  await busy.close();
});
