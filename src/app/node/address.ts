/** @file The address of a node as people write it, and why this page could not call it, if it could not. */

export interface NodeAddress {
  url: string;
  token: string;
}

export class NodeAddressError extends Error {
  override name = 'NodeAddressError';
}

/** Without what people copy along. `page` is the address of the page that is to call it. */
export function readNodeAddress(text: string, page: string): string {
  const written = text.trim();
  if (written === '')
    throw new NodeAddressError(
      'Write the address that the node printed when it started, like http://127.0.0.1:7300.',
    );
  const whole = /^[a-z][a-z0-9+.-]*:\/\//i.test(written) ? written : `${schemeOf(written)}://${written}`;
  if (!URL.canParse(whole) || !/^https?:/i.test(whole))
    throw new NodeAddressError(
      `"${written}" is no address of a node: it looks like http://127.0.0.1:7300 or https://node.example.org.`,
    );
  const url = new URL(whole);
  if (url.username || url.password || url.search || url.hash)
    throw new NodeAddressError(
      'Write the address alone: the token has a field of its own, and never belongs into an address.',
    );
  if (new URL(page).protocol === 'https:' && url.protocol === 'http:' && !isThisMachine(url.hostname))
    throw new NodeAddressError(
      `A page that came by HTTPS may not call ${url.host} by plain HTTP: put a certificate in front of the node, or reach it through an SSH tunnel as http://127.0.0.1.`,
    );
  return (url.origin + url.pathname).replace(/(\/api\/v1)?\/*$/, '');
}

/** Nobody has certificates for the machine that they sit at. */
const schemeOf = (written: string) => (isThisMachine(written.replace(/[:/]\d*.*$/, '')) ? 'http' : 'https');

/** Browsers trust it without encryption. */
export const isThisMachine = (host: string): boolean =>
  host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);

/** As far as one can tell from the name: it is not out in the internet. */
export const isNearby = (host: string): boolean =>
  isThisMachine(host) ||
  host.endsWith('.local') ||
  /^(10|192\.168|169\.254|172\.(1[6-9]|2\d|3[01]))\./.test(host) ||
  /^\[f[cde]/i.test(host);
