/**
 * The response headers that make a page "cross-origin isolated". Without them a browser gives it no SharedArrayBuffer,
 * and WebAssembly runs on one thread. Used by the server of `npm start`, by `vite dev` and by the browser tests; any other
 * host of the page must send the same three.
 */
export const isolationHeaders = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
};
