/**
 * @file The address of a worker's script in a frame without an origin. A blob is the leaner way; WebKit, however, starts no worker from
 * one where the page is isolated, but does from the script itself as an address. Either way the worker takes over its maker's policy.
 */

/** In the order in which they are tried. */
export type Scheme = 'blob:' | 'data:';
export const schemes: readonly Scheme[] = ['blob:', 'data:'];

export const workerAddress = (script: string, scheme: string): string =>
  scheme === 'data:'
    ? `data:text/javascript;charset=utf-8,${script.replace(meansMore, encodeURIComponent)}`
    : URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));

/** What an address does not keep as it is. No more than that, since Chromium takes two megabytes at most. */
const meansMore = /[%#]|[^\x20-\x7e]+/g;
