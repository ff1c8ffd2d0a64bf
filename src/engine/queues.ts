/**
 * @file Two small queues: one that lets a single job run at a time, and one that carries results from a job that runs
 * ahead to whoever reads them.
 */

/** Runs jobs one after another, in the order they came; a failed job does not stop the next. */
export class Serial {
  private last: Promise<unknown> = Promise.resolve();

  run<T>(job: () => Promise<T>): Promise<T> {
    const result = this.last.then(job, job);
    this.last = result.catch(() => {});
    return result;
  }
}

/** What a producer pushes, as an async iterable. Leaving the loop early aborts the producer. */
export async function* stream<T>(
  produce: (push: (item: T) => void, signal: AbortSignal) => Promise<void>,
): AsyncGenerator<T> {
  const items: T[] = [];
  const abort = new AbortController();
  let wake = () => {};
  let ended = false;
  const done = produce((item) => {
    items.push(item);
    wake();
  }, abort.signal).finally(() => {
    ended = true;
    wake();
  });
  done.catch(() => {}); // thrown to the reader below, or unwanted because the reader has left
  try {
    while (true) {
      while (items.length > 0) yield items.shift() as T;
      if (ended) break;
      await new Promise<void>((resolve) => {
        wake = resolve;
        if (items.length > 0 || ended) resolve();
      });
    }
    await done;
  } finally {
    abort.abort();
  }
}
