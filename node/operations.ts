/**
 * @file What can be asked of a model in order: the operations that a sequence number counts. An operation has one form as bytes, however
 * it came in, by which it is kept and told from another.
 */

import { createHash } from 'node:crypto';
import type { AdamParams } from '../src/engine/engine';
import { Body, metricsToJson } from '../src/engine/remote/wire/body';
import {
  decodeTrainingRequest,
  encodeTrainingRequest,
  type TrainingRequest,
} from '../src/engine/remote/wire/training';

export type Operation =
  | { kind: 'train'; request: TrainingRequest }
  | { kind: 'optim'; adam: AdamParams }
  | { kind: 'save'; name: string; merged: boolean; optimizer: boolean }
  | { kind: 'load'; path: string; optimizer: boolean }
  | { kind: 'publish'; name: string | null };

export interface Numbered {
  seq: number;
  operation: Operation;
}

const isTraining = 1;
const isOther = 2;
const isFailure = 3;

export function operationBytes({ seq, operation }: Numbered): Uint8Array {
  if (operation.kind === 'train') {
    const request = encodeTrainingRequest({ ...operation.request, seqId: seq, modelId: '' });
    return Buffer.concat([Uint8Array.of(isTraining), request]);
  }
  const json =
    operation.kind === 'optim' ? { kind: 'optim', adam: metricsToJson({ ...operation.adam }) } : operation;
  return Buffer.concat([Uint8Array.of(isOther), Buffer.from(JSON.stringify({ seq, ...json }))]);
}

export const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** That an operation failed is written down too: it might not fail again when it is repeated. */
export interface FailedOperation {
  seq: number;
  error: string;
  category: string;
}

export const failureBytes = (failed: FailedOperation): Uint8Array =>
  Buffer.concat([Uint8Array.of(isFailure), Buffer.from(JSON.stringify(failed))]);

export type JournalRecord =
  | { kind: 'operation'; numbered: Numbered; bytes: Uint8Array }
  | { kind: 'failure'; failed: FailedOperation };

export function readRecord(bytes: Uint8Array): JournalRecord {
  const rest = bytes.subarray(1);
  if (bytes[0] === isTraining) {
    const request = decodeTrainingRequest(rest);
    return {
      kind: 'operation',
      numbered: { seq: request.seqId, operation: { kind: 'train', request } },
      bytes,
    };
  }
  const body = Body.parse(rest, 'the journal');
  const seq = body.whole('seq');
  if (bytes[0] === isFailure)
    return { kind: 'failure', failed: { seq, error: body.text('error'), category: body.text('category') } };
  return { kind: 'operation', numbered: { seq, operation: otherOperation(body) }, bytes };
}

function otherOperation(body: Body): Operation {
  const kind = body.text('kind') as Operation['kind'];
  switch (kind) {
    case 'optim':
      return { kind, adam: body.numbers('adam') as unknown as AdamParams };
    case 'save':
      return {
        kind,
        name: body.text('name'),
        merged: body.flag('merged'),
        optimizer: body.flag('optimizer', true), // journals of earlier nodes do not say
      };
    case 'load':
      return { kind, path: body.text('path'), optimizer: body.flag('optimizer') };
    case 'publish':
      return { kind, name: body.has('name') ? body.text('name') : null };
    case 'train':
      throw body.wrong('kind', 'optim, save, load or publish');
    default:
      return kind satisfies never;
  }
}
