/** @file The nodes that a command line names, each with its token from the environment: a token on a command line is seen by everybody. */

import type { NodeAddress } from '../engine/remote/transport';
import { CommandError } from './command';

/** The first trains. */
export type Nodes = readonly [NodeAddress, ...NodeAddress[]];

interface Tokens {
  /** For all nodes. */
  ZEROLOOP_TOKEN?: string;
  /** One for each, in the order of the nodes, with commas between them. */
  ZEROLOOP_TOKENS?: string;
}

export function nodesOf(backend: string, urls: readonly string[], tokens: Tokens): Nodes | undefined {
  if (backend !== 'remote') {
    if (urls.length === 0) return undefined;
    throw new CommandError('--node goes with --backend remote.', 2);
  }
  const isAddress = (url: string) => /^https?:\/\//.test(url) && URL.canParse(url);
  if (urls.length === 0 || !urls.every(isAddress))
    throw new CommandError(
      '--backend remote wants the address of the node: --node http://127.0.0.1:7300.',
      2,
    );
  const twice = urls.find((url, i) => urls.some((other, k) => k < i && isSame(url, other)));
  if (twice !== undefined) throw new CommandError(`The node ${twice} is named twice: name each once.`, 2);
  const each = tokensFor(urls, tokens);
  const [first, ...more] = urls.map((url, i) => ({ url, token: each[i] }));
  return [first, ...more];
}

const isSame = (one: string, other: string): boolean => new URL(one).href === new URL(other).href;

function tokensFor(
  urls: readonly string[],
  { ZEROLOOP_TOKEN: one, ZEROLOOP_TOKENS: list }: Tokens,
): string[] {
  if (!list) {
    if (one) return urls.map(() => one);
    throw new CommandError(
      'A node wants its token, which it printed when it started: put it into the environment as ZEROLOOP_TOKEN.',
      2,
    );
  }
  const tokens = list.split(',').map((token) => token.trim());
  if (tokens.length === urls.length && tokens.every(Boolean)) return tokens;
  throw new CommandError(
    `ZEROLOOP_TOKENS has ${tokens.filter(Boolean).length} tokens for ${urls.length} nodes: one for each --node, in their order, with commas between them.`,
    2,
  );
}
