/** @file Whatever answers at an address, as an Engine: a node of ours with all that it announces, or another Tinker server with what it has. */

import { RemoteEngine, type RemoteOptions } from './remote-engine';
import { TinkerEngine, type TinkerOptions } from './tinker/tinker-engine';
import { asEngineError, Transport } from './transport';

export async function openRemote(
  options: RemoteOptions & TinkerOptions,
): Promise<RemoteEngine | TinkerEngine> {
  return (await isOurs(options)) ? RemoteEngine.open(options) : TinkerEngine.open(options);
}

async function isOurs(options: RemoteOptions): Promise<boolean> {
  try {
    return (await new Transport(options).get('api/v1/get_server_capabilities')).has('zeroloop');
  } catch (error) {
    throw asEngineError(error);
  }
}
