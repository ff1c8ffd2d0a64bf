/** @file How a test breaks what runs in workers below it: it calls, and whoever can break hears it. */

export type Break =
  | 'lose the device'
  | 'crash the engine'
  | 'crash the trainer'
  | 'fill the disk'
  | 'free the disk';

const channel = new BroadcastChannel('breaking');

export function breakNow(what: Break): void {
  channel.postMessage(what);
}

export function onBreak(what: Break, act: () => void): void {
  channel.addEventListener('message', ({ data }: MessageEvent<Break>) => {
    if (data === what) act();
  });
}

/** From now on a worker of this name is another one. */
export function substitute(name: string, start: () => Worker): void {
  globalThis.Worker = new Proxy(Worker, {
    construct: (target, [url, options]: [string | URL, WorkerOptions?]) =>
      options?.name === name ? start() : new target(url, options),
  });
}
