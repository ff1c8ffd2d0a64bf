/**
 * @file The routes: Tinker's, as its SDK and servers have them, and under /zeroloop/ what goes beyond them, which is announced in the
 * capabilities. A route reads its request whole and checks it before anything happens.
 */

import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AdamParams, ModelOptions } from '../src/engine/engine';
import { InvalidRequestError } from '../src/engine/errors';
import { Body } from '../src/engine/remote/wire/body';
import { ownLosses } from '../src/engine/remote/wire/losses';
import { adapterOfTinker, optionsFromJson } from '../src/engine/remote/wire/options';
import { sampleRequestFromJson } from '../src/engine/remote/wire/sampling';
import {
  decodeTrainingRequest,
  type TrainingRequest,
  trainingRequestFromJson,
} from '../src/engine/remote/wire/training';
import { archiveOf } from './archive';
import { boundBatch, boundSampling } from './bounds';
import { type Checkpoint, type CheckpointKind, isCheckpointName, pathOf } from './checkpoints';
import { isSha256, type Manifest } from './file-pool';
import type { Host } from './host';
import type { Source } from './model-folder';
import type { Operation } from './operations';
import { Refusal } from './refusal';
import { type Answer, answerOf, jsonAnswer, type Result } from './results';
import type { Api, Reply, Request } from './server';

type Route = (host: Host, request: Request, ...parts: string[]) => Promise<Answer | Reply>;

export const serveApi =
  (host: Host): Api =>
  async (request) => {
    const path = request.path.replace(/^\/api\/v1\//, '');
    for (const [method, pattern, route] of routes) {
      const match = method === request.method ? pattern.exec(path) : null;
      if (match) return route(host, request, ...match.slice(1));
    }
    throw new Refusal(404, `There is no ${request.method} ${request.path.slice(0, 80)} here.`);
  };

const routes: [string, RegExp, Route][] = [
  ['GET', /^get_server_capabilities$/, capabilities],
  ['POST', /^client\/config$/, async () => jsonAnswer({ pjwt_auth_enabled: false })],
  ['POST', /^create_session$/, createSession],
  ['POST', /^session_heartbeat$/, heartbeat],
  ['POST', /^create_model$/, createModel],
  ['POST', /^unload_model$/, unloadModel],
  ['POST', /^get_info$/, info],
  ['POST', /^forward$/, (host, request) => train(host, request, true)],
  ['POST', /^forward_backward$/, (host, request) => train(host, request, false)],
  ['POST', /^optim_step$/, (host, request) => operate(host, request, optimStep)],
  ['POST', /^save_weights$/, (host, request) => operate(host, request, saveWeights)],
  ['POST', /^load_weights$/, (host, request) => operate(host, request, loadWeights)],
  ['POST', /^save_weights_for_sampler$/, (host, request) => operate(host, request, publish)],
  ['POST', /^create_sampling_session$/, createSamplingSession],
  ['POST', /^asample$/, sample],
  ['POST', /^retrieve_future$/, retrieve],
  ['POST', /^weights_info$/, weightsInfo],
  ['GET', /^training_runs$/, trainingRuns],
  ['GET', /^training_runs\/([a-z0-9-]+)\/checkpoints$/, checkpoints],
  [
    'GET',
    /^training_runs\/([a-z0-9-]+)\/checkpoints\/(weights|sampler_weights)\/([\w-]+)\/archive$/,
    archive,
  ],
  [
    'DELETE',
    /^training_runs\/([a-z0-9-]+)\/checkpoints\/(weights|sampler_weights)\/([\w-]+)$/,
    deleteCheckpoint,
  ],
  ['POST', /^telemetry$/, async () => jsonAnswer({ status: 'accepted' })],
  ['POST', /^zeroloop\/missing_files$/, missingFiles],
  ['POST', /^zeroloop\/files\/([0-9a-f]{64})$/, receiveFile],
  ['GET', /^zeroloop\/files\/([0-9a-f]{64})$/, sendFile],
  ['POST', /^zeroloop\/cancel$/, cancel],
];

async function jsonOf(request: Request): Promise<Body> {
  if (request.type !== 'application/json')
    throw new Refusal(415, `${request.path} reads application/json, not "${request.type.slice(0, 40)}".`);
  return Body.parse(await request.body());
}

const digestOf = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex');

// ---- What there is ---------------------------------------------------------------------------------------------------

async function capabilities(host: Host): Promise<Answer> {
  const engine = await host.capabilities();
  const names = Object.keys(host.options.models);
  return jsonAnswer({
    supported_models: names.map((model_name) => ({ model_name, max_context_length: engine.maxContext })),
    zeroloop: {
      version: 1,
      engine,
      losses: ownLosses,
      limits: { body: host.options.limits.body, file: host.options.limits.file },
      queue: host.list(),
    },
  });
}

async function info(host: Host, request: Request): Promise<Answer> {
  const id = (await jsonOf(request)).text('model_id');
  const { base, options } = host.birthOf(id);
  const { adapter, trainable = true } = options;
  return jsonAnswer({
    type: 'get_info',
    model_data: { model_name: base, arch: base },
    model_id: id,
    is_lora: adapter !== undefined,
    lora_rank: adapter?.rank ?? 0,
    zeroloop: { trainable, queued: host.model(id).queued },
  });
}

// ---- Sessions and models ---------------------------------------------------------------------------------------------

async function createSession(host: Host, request: Request): Promise<Answer> {
  await jsonOf(request);
  return jsonAnswer({ type: 'create_session', session_id: host.createSession() });
}

async function heartbeat(host: Host, request: Request): Promise<Answer> {
  host.touch((await jsonOf(request)).text('session_id'));
  return jsonAnswer({ type: 'session_heartbeat' });
}

async function createModel(host: Host, request: Request): Promise<Answer> {
  const body = await jsonOf(request);
  const lora = body.has('lora_config') ? body.object('lora_config') : null;
  const own = body.has('zeroloop') ? body.object('zeroloop') : null;
  const base = body.text('base_model');
  const id = await host.createModel({
    sessionId: body.text('session_id'),
    modelSeqId: body.whole('model_seq_id', 0),
    digest: digestOf([base, lora?.raw('rank'), body.raw('zeroloop') ?? null]),
    base,
    source: own ? await sourceOf(host, own.object('source')) : await namedSource(host, base),
    options: own?.has('options') ? optionsFromJson(own.object('options')) : lora ? adapted(lora) : {},
    optimizer: own?.flag('optimizer', false) ?? false,
    baseModel: own?.has('base_model') ? await sourceOf(host, own.object('base_model')) : null,
  });
  return jsonAnswer({ type: 'create_model', model_id: id, request_id: `${id}.0`, status: 'pending' });
}

function adapted(lora: Body): ModelOptions {
  const adapter = adapterOfTinker(lora);
  return adapter ? { adapter } : {};
}

async function namedSource(host: Host, base: string): Promise<Source> {
  const { models } = host.options;
  if (!Object.hasOwn(models, base)) {
    const names = Object.keys(models).join(', ') || 'none';
    throw new InvalidRequestError(`This node has no model "${base.slice(0, 80)}": it has ${names}.`);
  }
  return { kind: 'files', files: await host.pool.put(await models[base]()) };
}

async function sourceOf(host: Host, source: Body): Promise<Source> {
  if (source.text('kind') === 'random')
    return { kind: 'random', config: source.raw('config'), seed: source.number('seed') };
  const listed = source.object('files');
  const files: Manifest = {};
  for (const name of listed.keys()) {
    if (name.length > 255)
      throw new InvalidRequestError('A file of a model has a name of more than 255 characters.');
    const file = listed.object(name);
    const [sha256, bytes] = [file.text('sha256'), file.whole('bytes')];
    if (!isSha256(sha256) || !(await host.pool.has(sha256)))
      throw new Refusal(409, `The file ${name} is not here: upload it first.`, {}, 'MissingUploadError');
    files[name] = { sha256, bytes };
  }
  return { kind: 'files', files };
}

async function unloadModel(host: Host, request: Request): Promise<Answer> {
  await host.unload((await jsonOf(request)).text('model_id'));
  return jsonAnswer({ type: 'unload_model' });
}

// ---- Operations on a model -------------------------------------------------------------------------------------------

const pending = (id: string): Answer => jsonAnswer({ request_id: id, future_id: id, status: 'pending' });

async function train(host: Host, request: Request, forwardOnly: boolean): Promise<Answer> {
  const read = await trainingRequest(request, forwardOnly);
  boundBatch(read, host.options.limits);
  return accept(host, read.modelId, read.seqId, { kind: 'train', request: read });
}

async function trainingRequest(request: Request, forwardOnly: boolean): Promise<TrainingRequest> {
  if (request.type !== 'application/x-protobuf')
    return trainingRequestFromJson(await jsonOf(request), forwardOnly);
  const read = decodeTrainingRequest(await request.body());
  if (read.seqId < 1) throw new InvalidRequestError('A seq_id counts the operations on a model from 1.');
  return { ...read, forwardOnly: read.forwardOnly || forwardOnly };
}

async function operate(host: Host, request: Request, read: (body: Body) => Operation): Promise<Answer> {
  const body = await jsonOf(request);
  const seq = body.whole('seq_id', undefined, 1);
  const operation = read(body);
  if (operation.kind === 'load' && seq !== 1)
    throw new InvalidRequestError(
      'load_weights comes first in the life of a model: create a new one to load into.',
    );
  return accept(host, body.text('model_id'), seq, operation);
}

async function accept(host: Host, id: string, seq: number, operation: Operation): Promise<Answer> {
  await host.model(id).accept({ seq, operation });
  return pending(`${id}.${seq}`);
}

/** Our own AdamParams to the letter, or Tinker's with Tinker's defaults. */
function optimStep(body: Body): Operation {
  if (body.has('zeroloop')) return { kind: 'optim', adam: body.numbers('zeroloop') as unknown as AdamParams };
  const params = body.has('adam_params') ? body.object('adam_params') : Body.of({});
  const clip = params.number('grad_clip_norm', 0);
  const adam: AdamParams = {
    learningRate: params.number('learning_rate', 1e-4),
    beta1: params.number('beta1', 0.9),
    beta2: params.number('beta2', 0.95),
    epsilon: params.number('eps', 1e-12),
    weightDecay: params.number('weight_decay', 0),
    ...(clip > 0 && { maxGradNorm: clip }),
  };
  return { kind: 'optim', adam };
}

function saveWeights(body: Body): Operation {
  const own = body.has('zeroloop') ? body.object('zeroloop') : Body.of({});
  const [merged, optimizer] = [own.flag('merged', false), own.flag('optimizer', true)];
  return { kind: 'save', name: checkpointName(body), merged, optimizer };
}

function checkpointName(body: Body): string {
  const name = body.text('path');
  if (!isCheckpointName(name))
    throw new InvalidRequestError('A checkpoint is named by up to 64 letters, digits, "_" and "-".');
  return name;
}

function loadWeights(body: Body): Operation {
  return { kind: 'load', path: body.text('path'), optimizer: body.flag('optimizer', true) };
}

function publish(body: Body): Operation {
  return { kind: 'publish', name: body.has('path') ? checkpointName(body) : null };
}

// ---- Sampling --------------------------------------------------------------------------------------------------------

async function createSamplingSession(host: Host, request: Request): Promise<Answer> {
  const body = await jsonOf(request);
  const path = body.text(body.has('model_path') ? 'model_path' : 'base_model');
  if (!Object.hasOwn(host.options.models, path)) host.checkpoints.get(path);
  return jsonAnswer({ type: 'create_sampling_session', sampling_session_id: path });
}

async function sample(host: Host, request: Request): Promise<Answer> {
  const body = await jsonOf(request);
  const read = sampleRequestFromJson(body);
  boundSampling(read, host.options.limits);
  if (read.target.kind === 'model') host.model(read.target.modelId);
  // A path can stand where a session does, since that is all that a session of it knows.
  const { target } = read;
  if (target.kind === 'session' && !/\.s\d+$/.test(target.samplingSessionId))
    read.target = { kind: 'path', modelPath: target.samplingSessionId };
  const digest =
    digestOf(body.raw('zeroloop') ?? [read.target, [...read.prompts[0]]]) + digestOf({ ...read, prompts: 0 });
  const key = createHash('sha256')
    .update(`${JSON.stringify({ ...target, afterSeq: 0 })} ${read.seqId || digest}`)
    .digest('hex');
  const id = host.sample(key.slice(0, 32), digest, read);
  const names = Array.from({ length: read.prompts.length * read.samples }, (_, i) => `${id}.${i}`);
  return jsonAnswer({ request_id: id, future_id: id, status: 'pending', sample_sequence_ids: names });
}

async function cancel(host: Host, request: Request): Promise<Answer> {
  host.cancel((await jsonOf(request)).text('request_id'));
  return jsonAnswer({ type: 'cancel' });
}

// ---- Futures ---------------------------------------------------------------------------------------------------------

async function retrieve(host: Host, request: Request): Promise<Answer> {
  const id = (await jsonOf(request)).text('request_id');
  const result = futureOf(host, id);
  const waited = new AbortController();
  const patience = sleep(host.options.limits.pollTime, null, {
    signal: AbortSignal.any([request.gone, waited.signal]),
  }).catch(() => null);
  const found = await Promise.race([result, patience]);
  waited.abort();
  if (found === null) return jsonAnswer({ type: 'try_again', request_id: id, queue_state: 'active' }, 408);
  return answerOf(found, request.readsProtobuf);
}

function futureOf(host: Host, id: string): Promise<Result> {
  if (/^sample-[0-9a-f]{32}$/.test(id)) return host.samplingResult(id);
  const [, model, seq] = /^(model-[0-9a-f]{16})\.(\d{1,9})$/.exec(id) ?? [];
  if (model === undefined)
    throw new Refusal(404, 'There is no such future: request_id comes from the answer to a request.');
  return host.model(model).result(Number(seq));
}

// ---- Checkpoints and files -------------------------------------------------------------------------------------------

const described = (checkpoint: Checkpoint) => ({
  checkpoint_id: `${checkpoint.kind}/${checkpoint.name}`,
  checkpoint_type: checkpoint.kind === 'weights' ? 'training' : 'sampler',
  time: new Date(checkpoint.at).toISOString(),
  tinker_path: pathOf(checkpoint),
  zeroloop: { files: checkpoint.files },
});

async function weightsInfo(host: Host, request: Request): Promise<Answer> {
  const { below } = host.checkpoints.get((await jsonOf(request)).text('tinker_path'));
  return jsonAnswer({ base_model: below.base, is_lora: below.rank > 0, lora_rank: below.rank });
}

async function trainingRuns(host: Host): Promise<Answer> {
  const runs = host.list().map(({ id, base }) => ({ training_run_id: id, base_model: base, is_lora: false }));
  return jsonAnswer({ training_runs: runs });
}

async function checkpoints(host: Host, _: Request, model: string): Promise<Answer> {
  return jsonAnswer({ checkpoints: host.checkpoints.list(model).map(described) });
}

const named = (host: Host, model: string, kind: string, name: string): Checkpoint =>
  host.checkpoints.get(pathOf({ model, kind: kind as CheckpointKind, name }));

async function archive(host: Host, _: Request, model: string, kind: string, name: string): Promise<Reply> {
  const { files } = named(host, model, kind, name);
  const headers = {
    'Content-Type': 'application/gzip',
    'Content-Disposition': `attachment; filename="${model}-${name}.tar.gz"`,
  };
  return { status: 200, headers, body: archiveOf(files, (sha256) => host.pool.read(sha256)) };
}

async function deleteCheckpoint(
  host: Host,
  _: Request,
  model: string,
  kind: string,
  name: string,
): Promise<Answer> {
  await host.checkpoints.remove(pathOf(named(host, model, kind, name)));
  return jsonAnswer({ status: 'deleted' });
}

async function missingFiles(host: Host, request: Request): Promise<Answer> {
  const wanted = (await jsonOf(request)).list('sha256');
  const missing: string[] = [];
  for (const sha256 of wanted) {
    if (typeof sha256 !== 'string' || !isSha256(sha256))
      throw new InvalidRequestError('A file is named by the 64 hexadecimal digits of its SHA-256.');
    if (!(await host.pool.has(sha256))) missing.push(sha256);
  }
  return jsonAnswer({ missing });
}

async function receiveFile(host: Host, request: Request, sha256: string): Promise<Answer> {
  if (request.type !== 'application/octet-stream')
    throw new Refusal(415, `${request.path} reads application/octet-stream.`);
  const numbers = ['offset', 'total'].map((name) => Number(request.query.get(name) ?? Number.NaN));
  const [offset, total] = numbers;
  if (!numbers.every((number) => Number.isSafeInteger(number) && number >= 0))
    throw new InvalidRequestError('A piece of a file comes with the whole numbers offset and total.');
  return jsonAnswer(await host.pool.receive(sha256, total, offset, await request.body()));
}

async function sendFile(host: Host, _: Request, sha256: string): Promise<Reply> {
  const body = await host.pool.read(sha256);
  return {
    status: 200,
    headers: { 'Content-Type': 'application/octet-stream', 'Content-Length': String(body.length) },
    body,
  };
}
