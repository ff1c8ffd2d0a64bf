/** A real Tinker server of others, where ZEROLOOP_TINKER_URL names one and ZEROLOOP_TINKER_MODEL the folder of the model that it trains. */
import { describe, it, vi } from 'vitest';
import { openRemote } from '../../../src/engine/remote/open';
import { isAnEngine } from '../../contract/remote';
import { speaksTinker } from '../../contract/tinker-wire';
import { readFolder } from '../../doubles/folders';

const {
  ZEROLOOP_TINKER_URL: url,
  ZEROLOOP_TINKER_KEY: token = '',
  ZEROLOOP_TINKER_MODEL: folder,
} = process.env;

if (url && folder) {
  vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 }); // such servers compile for each new length
  describe.each(['protobuf', 'json'] as const)(`the server at ${url}, spoken to in %s`, (wire) => {
    isAnEngine(async () => {
      const files = await readFolder(folder);
      const engine = await openRemote({ url, token, wire, patience: 120_000 });
      return { engine, source: { kind: 'files', files }, close: () => engine.close() };
    });
  });
  describe(`the server at ${url}`, () => speaksTinker(async () => ({ url, token })));
} else
  it.skip('is another server: set ZEROLOOP_TINKER_URL (and _KEY) and ZEROLOOP_TINKER_MODEL, a folder, to try one', () => {});
