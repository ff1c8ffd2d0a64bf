/**
 * @file Who may speak to the node at all. A server on this machine can be reached from every web page that is open on it, so a request
 * is refused unless its Host is the node's own (a foreign name that points here is DNS rebinding), its Origin, if it has one, is allowed,
 * and it knows the token; all before a byte of its body is read.
 */

import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import type { Limits } from './limits';
import { Refusal } from './refusal';

export interface GuardOptions {
  token: string;
  /** Names by which the node may be called, besides its addresses. */
  hosts: readonly string[];
  /** Other origins whose pages may call the node. */
  origins: readonly string[];
  limits: Limits;
}

const digest = (text: string) => createHash('sha256').update(text).digest();

export class Guard {
  private readonly expected: Buffer;
  private readonly requests: Bucket;
  private readonly wrong: Bucket;

  constructor(private readonly options: GuardOptions) {
    const { token, limits } = options;
    this.expected = digest(token);
    this.requests = new Bucket(limits.requestsPerSecond, limits.burst);
    this.wrong = new Bucket(limits.wrongTokens / 10, limits.wrongTokens);
  }

  /** An address cannot be rebound, so only names have to be known. */
  checkHost(request: IncomingMessage): void {
    const name = hostName(request.headers.host);
    const known =
      name !== null && (isIP(name) > 0 || name === 'localhost' || this.options.hosts.includes(name));
    if (!known)
      throw new Refusal(
        421,
        'This node is not known by that name: call it by its address, or start it with --allow-host NAME.',
      );
  }

  /** Returns the origin that an answer may be read by; null for the node's own page, and for what is no page. */
  checkOrigin(request: IncomingMessage): string | null {
    const { origin, host } = request.headers;
    const site = request.headers['sec-fetch-site'];
    if (origin === undefined) {
      if (site === 'cross-site' || site === 'same-site') throw foreign();
      return null;
    }
    if (origin === `http://${host}` || origin === `https://${host}`) return null;
    if (this.options.origins.includes(origin)) return origin;
    throw foreign();
  }

  checkRate(): void {
    if (!this.requests.take()) throw tooMany('Too many requests: send fewer a second.');
  }

  checkToken(request: IncomingMessage): void {
    const { authorization } = request.headers;
    const key = request.headers['x-api-key'];
    const bearer = /^Bearer (.+)$/.exec(authorization ?? '')?.[1];
    const given = typeof key === 'string' ? key : bearer;
    if (given !== undefined && timingSafeEqual(digest(given), this.expected)) return;
    if (!this.wrong.take()) throw tooMany('Too many wrong tokens: wait a minute.');
    throw new Refusal(
      401,
      given === undefined
        ? 'A token is needed, as X-API-Key or Authorization: Bearer. The node printed it when it started.'
        : 'This is not the token of this node, which it printed when it started.',
      { 'WWW-Authenticate': 'Bearer' },
      'WrongTokenError',
    );
  }
}

const foreign = () =>
  new Refusal(
    403,
    'Pages of this origin may not call this node: start it with --origin ORIGIN to allow them.',
    {},
    'WrongOriginError',
  );

const tooMany = (message: string) => new Refusal(429, message, { 'Retry-After': '1' });

function hostName(host: string | undefined): string | null {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.-]+))(?::\d{1,5})?$/.exec(host ?? '');
  return match ? (match[1] ?? match[2]).toLowerCase() : null;
}

/** So many a second, and some more at once. */
class Bucket {
  private left: number;
  private at = performance.now();

  constructor(
    private readonly perSecond: number,
    private readonly most: number,
  ) {
    this.left = most;
  }

  take(): boolean {
    const now = performance.now();
    this.left = Math.min(this.most, this.left + ((now - this.at) / 1000) * this.perSecond);
    this.at = now;
    if (this.left < 1) return false;
    this.left--;
    return true;
  }
}
