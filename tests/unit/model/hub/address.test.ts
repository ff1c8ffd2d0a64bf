/** Which model, which revision, which hub: as people write it, or paste it. */
import { describe, expect, it } from 'vitest';
import { readAddress } from '../../../../src/model/hub/address';

describe('where a model is', () => {
  it.each([
    ['gpt2', 'gpt2', 'main'],
    [' Qwen/Qwen3-0.6B ', 'Qwen/Qwen3-0.6B', 'main'],
    ['a/b@v1.0', 'a/b', 'v1.0'],
    ['a/b@refs/pr/1', 'a/b', 'refs/pr/1'],
    ['https://huggingface.co/a/b', 'a/b', 'main'],
    ['https://huggingface.co/a/b/', 'a/b', 'main'],
    ['https://huggingface.co/a/b/tree/refs%2Fpr%2F1', 'a/b', 'refs/pr/1'],
    ['https://huggingface.co/a/b/blob/main/config.json?download=true', 'a/b', 'main'],
  ])('%s', (text, model, revision) => {
    expect(readAddress(text)).toEqual({ endpoint: 'https://huggingface.co', id: model, revision });
  });

  it('a revision that is given apart goes before', () => {
    expect(readAddress('a/b@one', { revision: 'two' }).revision).toBe('two');
  });

  it.each([
    ['', /names no model/],
    ['a b', /names no model/],
    ['a/b/c', /names no model/],
    ['../b', /names no model/],
    ['a/-b', /names no model/],
    ['a/b.git', /names no model/],
    ['a/b@x y', /is no revision/],
    ['a/b@../../x', /is no revision/],
    ['https://evil.example/a/b', /is not on https:\/\/huggingface\.co: set the endpoint/],
    ['https://huggingface.co.evil.example/a/b', /is not on https:\/\/huggingface\.co/],
  ])('not %s', (text, message) => {
    expect(() => readAddress(text)).toThrow(message);
  });

  it.each([
    ['https://hub.example/', 'https://hub.example'],
    ['http://localhost:8080/hf/', 'http://localhost:8080/hf'],
  ])('an endpoint %s', (endpoint, used) => {
    expect(readAddress('a/b', { endpoint })).toMatchObject({ endpoint: used });
  });

  it.each(['', 'huggingface.co', 'ftp://hub.example', 'https://me:secret@hub.example'])(
    'no endpoint: %s',
    (endpoint) => {
      expect(() => readAddress('a/b', { endpoint })).toThrow(/The endpoint/);
    },
  );
});
