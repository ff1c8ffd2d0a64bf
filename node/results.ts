/** @file What a future becomes: a result, in the form that the client reads, or a failure with its sentence. */

import { Body } from '../src/engine/remote/wire/body';
import { encodeSequences, type Sequence, sequencesToJson } from '../src/engine/remote/wire/sampling';
import {
  decodeTrainingResult,
  encodeTrainingResult,
  type TrainingResult,
  trainingResultToJson,
} from '../src/engine/remote/wire/training';
import type { Failure } from './refusal';

export type Result =
  | { kind: 'training'; result: TrainingResult }
  | { kind: 'sample'; sequences: Sequence[] }
  | { kind: 'json'; json: Record<string, unknown> }
  | { kind: 'failed'; failure: Failure };

export interface Answer {
  status: number;
  type: 'application/json' | 'application/x-protobuf';
  body: Uint8Array;
}

export const jsonAnswer = (json: unknown, status = 200): Answer => ({
  status,
  type: 'application/json',
  body: Buffer.from(JSON.stringify(json)),
});

const protobuf = (body: Uint8Array): Answer => ({ status: 200, type: 'application/x-protobuf', body });

export function answerOf(result: Result, readsProtobuf: boolean): Answer {
  switch (result.kind) {
    case 'training':
      return readsProtobuf
        ? protobuf(encodeTrainingResult(result.result))
        : jsonAnswer(trainingResultToJson(result.result));
    case 'sample':
      return readsProtobuf
        ? protobuf(encodeSequences(result.sequences))
        : jsonAnswer(sequencesToJson(result.sequences));
    case 'json':
      return jsonAnswer(result.json);
    case 'failed':
      // Tells a failed operation from a request that was wrong.
      return jsonAnswer({ ...result.failure, detail: result.failure.error, future: 'failed' }, 400);
    default:
      return result satisfies never;
  }
}

/** For a snapshot, which keeps the results that may not have been fetched. */
export const resultToText = (result: Result): string | null => {
  switch (result.kind) {
    case 'training':
      return `t${Buffer.from(encodeTrainingResult(result.result)).toString('base64')}`;
    case 'json':
      return `j${JSON.stringify(result.json)}`;
    case 'failed':
      return `f${JSON.stringify(result.failure)}`;
    case 'sample':
      return null;
    default:
      return result satisfies never;
  }
};

export function resultFromText(text: string): Result {
  const rest = text.slice(1);
  if (text[0] === 't') return { kind: 'training', result: decodeTrainingResult(Buffer.from(rest, 'base64')) };
  const body = Body.parse(Buffer.from(rest), 'the snapshot');
  if (text[0] === 'f')
    return { kind: 'failed', failure: { error: body.text('error'), category: body.text('category') } };
  return { kind: 'json', json: JSON.parse(rest) };
}
