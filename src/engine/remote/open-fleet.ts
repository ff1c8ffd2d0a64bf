/**
 * @file Opens a fleet over addresses. The node that trains has to be there; one that samples may come later, but one that refuses us, or
 * is no node, is told at once.
 */

import { NodeRefusedError, UnsupportedByServerError } from './errors';
import { Fleet } from './fleet';
import { Sampler } from './fleet-sampler';
import { RemoteEngine, type RemoteOptions } from './remote-engine';
import { sleep } from './transport';

export interface FleetOptions {
  /** The first trains. */
  nodes: readonly [RemoteOptions, ...RemoteOptions[]];
  /** Ends whatever is under way with the nodes: nobody waits for them any more. */
  signal?: AbortSignal;
  /** That a node is away, or there again, in a sentence. */
  tell?(line: string): void;
}

/** Milliseconds without an answer after which a node that samples is away: others can do its work. */
const patience = 15_000;
/** Milliseconds for which nodes that are not there yet hold up the beginning. */
const welcome = 3000;

export async function openFleet({ nodes, signal, tell }: FleetOptions): Promise<Fleet> {
  const [first, ...others] = nodes;
  const trainer = await RemoteEngine.open({ ...first, signal });
  const samplers = others.map(
    (node) =>
      new Sampler({
        name: new URL(node.url).host,
        open: (gone) =>
          RemoteEngine.open({ patience, ...node, signal: signal ? AbortSignal.any([signal, gone]) : gone }),
        tell,
      }),
  );
  const fleet = new Fleet(trainer, samplers);
  try {
    await Promise.race([
      Promise.all(samplers.map(({ opened }) => opened.catch(refuseStrangers))),
      sleep(welcome),
    ]);
  } catch (error) {
    await fleet.close();
    throw error;
  }
  return fleet;
}

function refuseStrangers(error: unknown): void {
  if (error instanceof NodeRefusedError || error instanceof UnsupportedByServerError) throw error;
}
