/** The client of foreign Tinker servers: tried against our own node that has forgotten whatever only we have. */
import { afterAll, describe } from 'vitest';
import { LocalEngine } from '../../../src/engine/local';
import { openNodeDevice } from '../../../src/engine/ort/node';
import { openRemote } from '../../../src/engine/remote/open';
import { TinkerEngine } from '../../../src/engine/remote/tinker/tinker-engine';
import { isAnEngine, type OpenedEngine } from '../../contract/remote';
import { speaksTinker } from '../../contract/tinker-wire';
import { openNode, type TestNode } from '../../doubles/node';
import { tinyModel } from '../../doubles/tiny-model';

const source = async () => ({ kind: 'files', files: await tinyModel() }) as const;

async function overLoopback(extensions: boolean): Promise<OpenedEngine> {
  const node = await openNode({ models: { tiny: () => tinyModel() }, extensions });
  const engine = await openRemote({ url: node.url, token: node.token, patience: 20_000 });
  if (engine instanceof TinkerEngine === extensions) throw new Error('The server was taken for another one.');
  const close = async () => {
    await engine.close();
    await node.close();
  };
  return { engine, source: await source(), close };
}

describe('the engine beside us', () => {
  isAnEngine(async () => {
    const engine = new LocalEngine(await openNodeDevice());
    return { engine, source: await source(), close: () => engine.close() };
  });
});

describe('a node of ours', () => {
  isAnEngine(() => overLoopback(true));
});

describe('a server that has nothing but Tinker', () => {
  isAnEngine(() => overLoopback(false));

  let node: TestNode;
  afterAll(() => node?.close());
  speaksTinker(async () => {
    node = await openNode({ models: { tiny: () => tinyModel() }, extensions: false });
    return node;
  });
});
