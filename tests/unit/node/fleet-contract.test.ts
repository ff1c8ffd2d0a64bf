/** A fleet promises what every engine promises. */
import { LocalEngine } from '../../../src/engine/local';
import { openNodeDevice } from '../../../src/engine/ort/node';
import { Fleet } from '../../../src/engine/remote/fleet';
import { Sampler } from '../../../src/engine/remote/fleet-sampler';
import { keepsItsPromises } from '../../contract/behaviour';
import type { OpenEngine } from '../../contract/golden';

const openLocal = async () => new LocalEngine(await openNodeDevice(1));

keepsItsPromises(async () => {
  const [trainer, other] = [await openLocal(), await openLocal()];
  const fleet = new Fleet(trainer, [new Sampler({ name: 'other', open: async () => other })]);
  const inside = { inspect: trainer.inspect.bind(trainer), plan: trainer.plan.bind(trainer) };
  return Object.assign(fleet, inside) as unknown as OpenEngine;
});
