/**
 * @file Our node as any other Tinker server: nothing of what only we have is announced, answered or accepted. Clients that are to work with
 * other people's servers are tried against this one.
 */

import { InvalidRequestError } from '../src/engine/errors';
import { Body } from '../src/engine/remote/wire/body';
import { sequencesFromJson } from '../src/engine/remote/wire/sampling';
import {
  decodeTrainingRequest,
  type TrainingResult,
  trainingResultFromJson,
} from '../src/engine/remote/wire/training';
import { Refusal } from './refusal';
import { type Answer, answerOf, jsonAnswer } from './results';
import type { Api, Reply, Request } from './server';

export const plain =
  (api: Api): Api =>
  async (request) => {
    if (/^\/api\/v1\/zeroloop\//.test(request.path))
      throw new Refusal(404, `There is no ${request.method} ${request.path.slice(0, 80)} here.`);
    const asked = { ...request, readsProtobuf: false, body: () => plainBody(request) };
    return plainAnswer(await api(asked), request.readsProtobuf);
  };

async function plainBody(request: Request): Promise<Uint8Array> {
  const bytes = await request.body();
  if (request.type === 'application/json') {
    const body = Body.parse(bytes);
    const input = ['forward_input', 'forward_backward_input'].find((name) => body.has(name));
    if (body.has('zeroloop')) throw new InvalidRequestError('There is nothing named "zeroloop" here.');
    if (input !== undefined) refuseOurs(body.object(input).text('loss_fn', ''));
  } else if (request.type === 'application/x-protobuf') refuseOurs(decodeTrainingRequest(bytes).lossFn);
  return bytes;
}

function refuseOurs(loss: string): void {
  if (loss.startsWith('zeroloop_'))
    throw new InvalidRequestError(
      `There is no loss "${loss}" here: cross_entropy, importance_sampling and ppo are.`,
    );
}

function plainAnswer(answer: Answer | Reply, readsProtobuf: boolean): Answer | Reply {
  if (!('type' in answer) || answer.status !== 200) return answer;
  const { zeroloop: _, ...json } = JSON.parse(new TextDecoder().decode(answer.body));
  if ('sequences' in json)
    return answerOf({ kind: 'sample', sequences: sequencesFromJson(Body.of(json)) }, readsProtobuf);
  if (!('loss_fn_outputs' in json)) return jsonAnswer(json);
  const { outputType, outputs, metrics } = trainingResultFromJson(Body.of(json));
  const sum = metrics['loss:sum'];
  const result: TrainingResult = {
    outputType,
    outputs: outputs.map(({ logprobs }) => ({ logprobs })),
    metrics: sum === undefined ? {} : { 'loss:sum': sum },
  };
  return answerOf({ kind: 'training', result }, readsProtobuf);
}
