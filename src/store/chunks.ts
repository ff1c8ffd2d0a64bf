/**
 * @file How episodes lie in the database. A record each would cost a write and several index entries an episode; a record a step
 * would be read whole for one page. So a step's episodes are cut into chunks of a few dozen: prompts once (attempts share them), the
 * numbers of all episodes in two arrays, and `keys`, one entry for each thing that a query may ask for.
 */

import { CorruptRecordError } from './errors';
import type { Episode } from './records';
import { count, episodeFields, fields, instance, integer, list, text } from './shapes';
import type { EpisodeQuery } from './store';

export interface Chunk {
  run: string;
  /** The id of its first episode: chunks lie in the order of their episodes. */
  first: number;
  step: number;
  keys: ChunkKey[];
  prompts: string[];
  tokens: Int32Array;
  logProbs: Float32Array;
  episodes: Packed[];
}

/** What is asked for, then `first`: a range of them is one query, in the order of episodes. */
export type ChunkKey = (string | number)[];

/** `prompt` is a place in `prompts`; `tokens` and `logProbs` say how many of the chunk's numbers are this episode's. */
export interface Packed extends Omit<Episode, 'prompt' | 'tokens' | 'logProbs'> {
  prompt: number;
  tokens: number;
  logProbs: number;
}

/**
 * Chunks end at this size, or this many: a page of fifty then reads one or two. Measured, 2000 episodes take 35-75 ms in chunks of
 * anything between 48 and 200 KiB, and 350 ms in a record each.
 */
const mostBytes = 96 * 1024;
const mostEpisodes = 128;

/** An episode's size without its prompt, roughly: texts, numbers, and the names of some thirty fields. */
const sizeOf = (episode: Episode): number =>
  500 + 2 * episode.completion.length + 4 * (episode.tokens.length + episode.logProbs.length);

export function packEpisodes(run: string, episodes: readonly Episode[]): Chunk[] {
  const chunks: Chunk[] = [];
  let open: Episode[] = [];
  let bytes = 0;
  let prompts = new Set<string>();
  const close = () => {
    if (open.length > 0) chunks.push(pack(run, open, [...prompts]));
    open = [];
    bytes = 0;
    prompts = new Set();
  };
  for (const episode of episodes) {
    const promptBytes = () => (prompts.has(episode.prompt) ? 0 : episode.prompt.length);
    if (bytes + sizeOf(episode) + promptBytes() > mostBytes || open.length === mostEpisodes) close();
    bytes += sizeOf(episode) + promptBytes();
    prompts.add(episode.prompt);
    open.push(episode);
  }
  close();
  return chunks;
}

function pack(run: string, episodes: Episode[], prompts: string[]): Chunk {
  const [{ id: first, step }] = episodes;
  const total = (lengths: number[]) => lengths.reduce((sum, length) => sum + length, 0);
  const tokens = new Int32Array(total(episodes.map((episode) => episode.tokens.length)));
  const logProbs = new Float32Array(total(episodes.map((episode) => episode.logProbs.length)));
  let token = 0;
  let logProb = 0;
  const packed = episodes.map((episode): Packed => {
    tokens.set(episode.tokens, token);
    logProbs.set(episode.logProbs, logProb);
    token += episode.tokens.length;
    logProb += episode.logProbs.length;
    return {
      ...episode,
      prompt: prompts.indexOf(episode.prompt),
      tokens: episode.tokens.length,
      logProbs: episode.logProbs.length,
    };
  });
  return {
    run,
    first,
    step,
    keys: keysOf(run, first, episodes),
    prompts,
    tokens,
    logProbs,
    episodes: packed,
  };
}

function keysOf(run: string, first: number, episodes: Episode[]): ChunkKey[] {
  const keys = new Map<string, ChunkKey>();
  const add = (...key: ChunkKey) => keys.set(key.join(), [run, ...key, first]);
  for (const { mode, role, step, task } of episodes) {
    add('mode', mode, 'role', role);
    add('mode', mode);
    add('role', role);
    add('step', step);
    if (task !== null) add('task', task);
  }
  return [...keys.values()];
}

/** The key that narrows this query the most, without `first`; null if any chunk may have what is asked for. */
export function chunkKey(run: string, { mode, role, step, task }: EpisodeQuery): ChunkKey | null {
  if (task !== undefined) return [run, 'task', task];
  if (step !== undefined) return [run, 'step', step];
  if (mode !== undefined && role !== undefined) return [run, 'mode', mode, 'role', role];
  if (mode !== undefined) return [run, 'mode', mode];
  if (role !== undefined) return [run, 'role', role];
  return null;
}

export function answers(
  episode: Pick<Episode, 'id' | 'mode' | 'role' | 'step' | 'task'>,
  query: EpisodeQuery,
): boolean {
  return (
    (query.before === undefined || episode.id < query.before) &&
    (query.mode === undefined || episode.mode === query.mode) &&
    (query.role === undefined || episode.role === query.role) &&
    (query.step === undefined || episode.step === query.step) &&
    (query.task === undefined || episode.task === query.task)
  );
}

const checkChunk = fields<Chunk>({
  run: text,
  first: count,
  step: integer,
  keys: list(instance(Array)),
  prompts: list(text),
  tokens: instance(Int32Array),
  logProbs: instance(Float32Array),
  episodes: list(fields<Packed>({ ...episodeFields, prompt: count, tokens: count, logProbs: count })),
});

/** Its episodes in order, only those asked for. A chunk that is not as it was written is refused whole. */
export function unpackEpisodes(run: string, chunk: Chunk, query: EpisodeQuery = {}): Episode[] {
  const fault = faultOf(chunk);
  if (fault !== null) {
    const { first, step } = (chunk ?? {}) as Partial<Chunk>;
    throw new CorruptRecordError(
      run,
      `the episodes from ${first}`,
      fault,
      typeof step === 'number' ? step : null,
    );
  }
  const found: Episode[] = [];
  let token = 0;
  let logProb = 0;
  for (const packed of chunk.episodes) {
    if (answers(packed, query)) {
      found.push({
        ...packed,
        prompt: chunk.prompts[packed.prompt],
        tokens: chunk.tokens.slice(token, token + packed.tokens),
        logProbs: chunk.logProbs.slice(logProb, logProb + packed.logProbs),
      });
    }
    token += packed.tokens;
    logProb += packed.logProbs;
  }
  return found;
}

function faultOf(chunk: Chunk): string | null {
  const wrong = checkChunk(chunk);
  if (wrong !== null) return `"${wrong}" is not what was written`;
  const { episodes, prompts, tokens, logProbs, first, step } = chunk;
  let previous = first - 1;
  let tokenCount = 0;
  let logProbCount = 0;
  for (const episode of episodes) {
    if (episode.id <= previous) return `episode ${episode.id} follows ${previous}`;
    if (episode.step !== step) return `episode ${episode.id} is of step ${episode.step}`;
    if (episode.prompt >= prompts.length) return `episode ${episode.id} has no prompt`;
    previous = episode.id;
    tokenCount += episode.tokens;
    logProbCount += episode.logProbs;
  }
  if (episodes[0]?.id !== first) return 'its first episode is missing';
  if (tokenCount !== tokens.length || logProbCount !== logProbs.length) return 'tokens are missing';
  return null;
}
