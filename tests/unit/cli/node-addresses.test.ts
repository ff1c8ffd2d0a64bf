/** Which nodes a command line means, and the token of each. */
import { expect, it } from 'vitest';
import { nodesOf } from '../../../src/cli/node-addresses';

const [first, second] = ['http://127.0.0.1:7300', 'https://node.example.org'];

it('one token is for all nodes', () => {
  expect(nodesOf('remote', [first], { ZEROLOOP_TOKEN: 'a' })).toEqual([{ url: first, token: 'a' }]);
  expect(nodesOf('remote', [first, second], { ZEROLOOP_TOKEN: 'a' })).toEqual([
    { url: first, token: 'a' },
    { url: second, token: 'a' },
  ]);
});

it('or each has its own, in the order of the nodes', () => {
  const tokens = { ZEROLOOP_TOKEN: 'a', ZEROLOOP_TOKENS: 'b, c' };
  expect(nodesOf('remote', [second, first], tokens)).toEqual([
    { url: second, token: 'b' },
    { url: first, token: 'c' },
  ]);
});

it.each(['b', 'b,', 'b,c,d'])('but not "%s" for two', (ZEROLOOP_TOKENS) => {
  expect(() => nodesOf('remote', [first, second], { ZEROLOOP_TOKENS })).toThrow(
    /ZEROLOOP_TOKENS has \d tokens for 2 nodes: one for each --node/,
  );
});
