/** @file What a server's answers mean to an Engine, and how a call to it ends; for every kind of server alike. */

import type { Rollout } from '../engine';
import type { Write } from './remote-model';
import { type Answer, asEngineError } from './transport';
import { Body } from './wire/body';
import { decodeSequences, type Sequence, sequencesFromJson } from './wire/sampling';
import { decodeTrainingResult, type TrainingResult, trainingResultFromJson } from './wire/training';

export const jsonRequest = (path: string, json: unknown): ReturnType<Write> => ({
  path,
  type: 'application/json',
  bytes: new TextEncoder().encode(JSON.stringify(json)),
});

export const trainingResultIn = ({ type, bytes }: Answer): TrainingResult =>
  type === 'application/x-protobuf' ? decodeTrainingResult(bytes) : trainingResultFromJson(Body.parse(bytes));

export const sequencesIn = ({ type, bytes }: Answer): Sequence[] =>
  type === 'application/x-protobuf' ? decodeSequences(bytes) : sequencesFromJson(Body.parse(bytes));

export const rolloutOf = (
  { tokens, logProbs, stopReason }: Sequence,
  index: number,
  samples: number,
  policy: number,
): Rollout => ({
  prompt: Math.floor(index / samples),
  sample: index % samples,
  tokens,
  logProbs: logProbs ?? new Float32Array(tokens.length),
  stopReason,
  policy,
});

export const rethrow = (error: unknown): never => {
  throw asEngineError(error);
};

/** The caller is let go; what was sent is done all the same, since nobody could say how much of it was. */
export function orAbort<T>(done: Promise<T>, signal?: AbortSignal): Promise<T> {
  if (!signal) return done;
  done.catch(() => {});
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    done.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
