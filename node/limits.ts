/** @file How much one client may ask of a node. Every number bounds memory, disk or time; tests make them small. */

export interface Limits {
  /** Bytes of a request's body. */
  body: number;
  /** Sequences of a batch, and its tokens. */
  data: number;
  batchTokens: number;
  /** Completions of one request, and the tokens that they may have together. */
  sequences: number;
  sampledTokens: number;
  models: number;
  /** Operations that a model holds which could not run yet. */
  waiting: number;
  /** Sampling requests under way. */
  samplings: number;
  /** Requests a second, on average and in a burst; and attempts with a wrong token. */
  requestsPerSecond: number;
  burst: number;
  wrongTokens: number;
  connections: number;
  /** Milliseconds: for a request's head, for all of it, for a long poll, and how long a session lives that is not heard of. */
  headTime: number;
  requestTime: number;
  pollTime: number;
  lease: number;
  /** Bytes of a file that is uploaded, and milliseconds that one stays which nothing refers to. */
  file: number;
  unusedFile: number;
}

const mebi = 2 ** 20;
const seconds = 1000;

export const defaultLimits: Limits = {
  body: 32 * mebi,
  data: 8192,
  batchTokens: 4 * mebi,
  sequences: 8192,
  sampledTokens: 16 * mebi,
  models: 16,
  waiting: 64,
  samplings: 64,
  requestsPerSecond: 200,
  burst: 400,
  wrongTokens: 10,
  connections: 512,
  headTime: 10 * seconds,
  requestTime: 120 * seconds,
  pollTime: 25 * seconds,
  lease: 600 * seconds,
  file: 16 * 1024 * mebi,
  unusedFile: 3600 * seconds,
};
