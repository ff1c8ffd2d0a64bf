/** A node in front of another server refuses what that server should not be asked, and passes on all the rest. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningNode, serveNode } from '../../../node/node';
import { serveUpstream } from '../../../node/upstream';
import { openNode, type TestNode } from '../../doubles/node';
import { tinyModel } from '../../doubles/tiny-model';

let behind: TestNode;
let front: RunningNode;
const limits = { data: 2, batchTokens: 8, sequences: 4, sampledTokens: 40 };
beforeAll(async () => {
  behind = await openNode({
    models: { tiny: () => tinyModel(), secret: () => tinyModel() },
    extensions: false,
  });
  front = await gate(['tiny']);
});
afterAll(async () => {
  await front.close();
  await behind.close();
});

const gate = (models: string[] | null) =>
  serveNode({}, serveUpstream({ url: behind.url, key: behind.token, models }, { limits }));

async function post(path: string, body: object, { url, token } = front) {
  const headers = { 'X-API-Key': token, 'Content-Type': 'application/json' };
  const answer = await fetch(`${url}api/v1/${path}`, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
  });
  return { status: answer.status, text: await answer.text() };
}

describe('a model', () => {
  it('that is not allowed can be neither trained nor asked, though the server has it', async () => {
    for (const path of ['create_model', 'create_sampling_session']) {
      const { status, text } = await post(path, { base_model: 'secret', session_id: 'session-1' });
      expect([path, status]).toEqual([path, 400]);
      expect(text).toContain('There is no model \\"secret\\" here: there is tiny.');
    }
    expect((await post('create_sampling_session', { base_model: 'tiny' })).status).toBe(200);
  });

  it('may be any that the server announces, where none are named', async () => {
    const open = await gate(null);
    expect((await post('create_sampling_session', { base_model: 'secret' }, open)).status).toBe(200);
    const { status, text } = await post('create_sampling_session', { base_model: '/etc/passwd' }, open);
    expect([status, text]).toEqual([400, expect.stringContaining('there is tiny, secret.')]);
    await open.close();
  });
});

it('a node that closes does not wait for a server behind it that never answers', async () => {
  let asked = () => {};
  const arrived = new Promise<void>((resolve) => {
    asked = resolve;
  });
  const mute = createServer(() => asked()).listen(0, '127.0.0.1');
  await once(mute, 'listening');
  const url = `http://127.0.0.1:${(mute.address() as AddressInfo).port}`;
  const open = await serveNode({}, serveUpstream({ url, key: null }));
  const answered = post('create_session', {}, open).catch(() => null);
  await arrived;
  const began = performance.now();
  await open.close();
  expect(performance.now() - began).toBeLessThan(5000); // a server behind has 120 s to answer
  await answered;
  mute.closeAllConnections();
  mute.close();
});

describe('a request', () => {
  const datum = (...tokens: number[]) => ({
    model_input: { chunks: [{ tokens }] },
    loss_fn_inputs: { target_tokens: { data: tokens, dtype: 'int64' } },
  });
  const forward = (...data: object[]) =>
    post('forward', { model_id: 'model-1', seq_id: 1, forward_input: { data } });
  const sample = (samples: number, tokens: number) =>
    post('asample', {
      base_model: 'tiny',
      prompt: { chunks: [{ tokens: [1] }] },
      num_samples: samples,
      sampling_params: { max_tokens: tokens },
    });

  it('with too much to learn from does not get through', async () => {
    for (const [status, data] of [
      [413, [datum(1), datum(2), datum(3)]],
      [413, [datum(1, 2, 3, 4, 5, 6, 7, 8, 9)]],
      [404, [datum(1, 2, 3)]], // the server behind knows no such model
    ] as const)
      expect((await forward(...data)).status).toBe(status);
  });

  it('for too many tokens does not get through', async () => {
    expect((await sample(5, 1)).status).toBe(413);
    expect((await sample(2, 21)).status).toBe(413);
    expect((await sample(2, 20)).status).toBe(200);
  });
});
