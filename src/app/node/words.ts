/** @file What a node is and does, in words. */

import type { Line } from '../../../workers/node-line';
import type { BasePrecision } from '../../model/build';
import type { Place } from '../../store/records';
import * as format from '../format';
import type { NodeAbout } from './asking';

/** From the name of what to the sentence about it, in the order of interest. */
export function factsOf({ engine, models, limits, queue }: NodeAbout): [name: string, text: string][] {
  const { device, threads, training, base = ['float32'], memory, maxContext, families } = engine;
  const ways = { full: 'whole models', lora: 'adapters' };
  return [
    ['Computes with', `${device}${threads > 1 ? `, ${threads} threads` : ''}`],
    ['Models', models.length > 0 ? models.join(', ') : 'those that are sent to it'],
    ['Families', families.join(', ')],
    ['Trains', training.map((way) => ways[way]).join(' and ')],
    ['Frozen weights in', base.map((each) => precisions[each]).join(', ')],
    ['Holds', `${format.bytes(memory)} of models, ${format.count(maxContext)} tokens at once`],
    ['Takes', `requests up to ${format.bytes(limits.body)}, files up to ${format.bytes(limits.file)}`],
    ['At work for', queueInWords(queue)],
  ];
}

const precisions: Record<BasePrecision, string> = {
  float32: 'float32',
  float16: 'float16',
  int8: '8 bits',
  int4: '4 bits',
};

function queueInWords(queue: NodeAbout['queue']): string {
  const waiting = queue.reduce((sum, { queued }) => sum + queued, 0);
  if (queue.length === 0) return 'nobody';
  const models = `${queue.length} ${queue.length === 1 ? 'model' : 'models'}`;
  return `${models}, ${waiting} ${waiting === 1 ? 'operation' : 'operations'} under way or waiting`;
}

export const trafficInWords = ({ sent, received }: Line) =>
  `${format.bytes(sent)} sent, ${format.bytes(received)} received`;

export const milliseconds = (time: number) => `${time < 10 ? time.toFixed(1) : Math.round(time)} ms`;

export const placeInWords = ({ backend, device }: Omit<Place, 'from'>): string =>
  `${backend === 'remote' ? 'a node' : 'this device'}${device ? ` (${device})` : ''}`;

/** "Computed on this device (WebAssembly on 2 threads), from step 4 on a node (...)." */
export function placesInWords([first, ...others]: readonly Place[]): string {
  const moves = others.map((place) => `from step ${place.from} on ${placeInWords(place)}`);
  return `Computed on ${[placeInWords(first), ...moves].join(', ')}.`;
}
