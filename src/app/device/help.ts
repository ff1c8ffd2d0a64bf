/**
 * @file What to do where something is missing: one sentence or two for the browser that somebody sits before. Which browser that is
 * says its user agent string, since a browser without WebGPU has nothing else to ask.
 */

export interface Surroundings {
  userAgent: string;
  /** A screen for more than one finger: an iPad calls itself a Mac. */
  touch: boolean;
  /** https, or this machine. */
  secure: boolean;
  /** The browser knows what WebGPU is. */
  webgpu: boolean;
  serviceWorker: boolean;
  /** Shown inside another page. */
  framed: boolean;
  /** Keeping the page was switched off in its address. */
  switchedOff: boolean;
}

/** 'Chrome 156' from a user agent string; order matters, since each of them claims to be the ones before it. */
export function browserName(userAgent: string): string {
  const patterns: [string, RegExp][] = [
    ['Edge', /Edg(?:A|iOS)?\/(\d+)/],
    ['Opera', /OPR\/(\d+)/],
    ['Samsung Internet', /SamsungBrowser\/(\d+)/],
    ['Firefox', /(?:Firefox|FxiOS)\/(\d+)/],
    ['Chrome', /(?:(?:Headless)?Chrome|CriOS)\/(\d+)/],
    ['Safari', /Version\/([\d.]+).* Safari\//],
  ];
  for (const [name, pattern] of patterns) {
    const match = pattern.exec(userAgent);
    if (match) return `${name} ${match[1]}`;
  }
  return 'unknown browser';
}

type System = 'ios' | 'android' | 'linux' | 'mac' | 'other';

function systemOf({ userAgent, touch }: Pick<Surroundings, 'userAgent' | 'touch'>): System {
  if (/iPhone|iPad|iPod/.test(userAgent)) return 'ios';
  if (/Macintosh/.test(userAgent)) return touch ? 'ios' : 'mac';
  if (/Android/.test(userAgent)) return 'android';
  return /Linux|X11/.test(userAgent) ? 'linux' : 'other';
}

/** What to do to get WebGPU in the browser that has none, or imitates it on the processor. */
export function webgpuHelp(around: Surroundings, imitated = false): string {
  const { userAgent, secure, webgpu } = around;
  if (!secure)
    return 'Browsers offer WebGPU to secure pages only: open this page through https, or on this machine as localhost.';
  const system = systemOf(around);
  const browser = browserName(userAgent);
  if (system === 'ios')
    return (
      'On iPhone and iPad every browser computes with the engine of the system, which has WebGPU from iOS 26 on: ' +
      'open Settings, General, Software Update.'
    );
  if (browser.startsWith('Safari')) return 'WebGPU came with Safari 26: update macOS, or use Chrome or Edge.';
  if (browser.startsWith('Firefox')) {
    if (system === 'linux')
      return 'In Firefox on Linux, set dom.webgpu.enabled to true in about:config and restart, or use Chrome or Chromium.';
    if (system === 'android')
      return 'Firefox on Android has no WebGPU yet: use Chrome, on Android 12 or later.';
    return (
      'Firefox has WebGPU on Windows from version 141 on, and on Macs with Apple silicon from 145 on: update it to its newest ' +
      'version; where it still has no WebGPU, use Chrome or Edge.'
    );
  }
  if (system === 'android')
    return 'WebGPU is in Chrome from version 121 on, on Android 12 or later: update Chrome; older phones have no driver for it.';
  if (system === 'linux')
    return (
      'On Linux, Chrome has WebGPU when Vulkan drivers are installed: open chrome://flags, enable "Unsafe WebGPU Support" ' +
      'and "Vulkan", and restart. chrome://gpu tells what was found.'
    );
  return webgpu || imitated
    ? 'The browser found no usable GPU: turn on "Use graphics acceleration when available" in its system settings, update ' +
        'the graphics driver and restart. chrome://gpu tells what was found.'
    : 'This browser has no WebGPU: use a current Chrome, Edge, Firefox or Safari.';
}

/** What to do to get shared memory, and with it threads. */
export function isolationHelp({ secure, framed, serviceWorker, switchedOff }: Surroundings): string {
  if (!secure)
    return 'Browsers give threads to secure pages only: open this page through https, or on this machine as localhost.';
  if (framed)
    return 'It is shown inside another page, which does not pass threads on: open it in a tab of its own.';
  if (switchedOff)
    return 'Its host does not send the headers for threads, which Zeroloop would add itself: open it without ?no-offline.';
  if (!serviceWorker)
    return (
      'Its host does not send the headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: ' +
      'require-corp, and this browser offers no service worker that could add them: leave the private window, or update the browser.'
    );
  return (
    'Its host does not send the headers for threads; Zeroloop adds them itself once the page has been loaded again: reload it. ' +
    'If this stays, service workers are blocked here: allow this site to keep data.'
  );
}
