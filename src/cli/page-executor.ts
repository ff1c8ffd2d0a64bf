/**
 * @file The sandbox of the page for a loop that runs in Node: the same Executor, with every check sent across. What is asked in one
 * moment crosses together, since a crossing costs about as much as a program.
 */

import { setMaxListeners } from 'node:events';
import type { Page } from 'playwright';
import type {
  About,
  Check,
  Checked,
  Control,
  Executor,
  Judgement,
  Measurement,
  Outcome,
  Question,
  Rewriting,
  Rewritten,
  Trace,
  TraceBounds,
} from '../sandbox/executor';
import { fromPage } from './page';

interface Waiting {
  check: Check;
  resolve(checked: Checked): void;
  reject(error: unknown): void;
}

// Hundreds of checks listen to one signal: Node would take that for a leak.
setMaxListeners(0);

/** Milliseconds that a check waits for company. */
const moment = 1;

type Of<Kind extends Checked['kind']> = Extract<Checked, { kind: Kind }>;

export class PageExecutor implements Executor {
  readonly #page: Pick<Page, 'evaluate'>;
  #outbox: Waiting[] = [];

  constructor(page: Pick<Page, 'evaluate'>) {
    this.#page = page;
  }

  about(): Promise<About> {
    return this.#page.evaluate(() => window.zeroloop.python()).catch(rethrow);
  }

  run = (program: string, inputs: string[], control?: Control): Promise<Outcome[]> =>
    this.#outcomes({ kind: 'run', program, inputs }, control);

  validate = (program: string, inputs: string[], control?: Control): Promise<Outcome[]> =>
    this.#outcomes({ kind: 'validate', program, inputs }, control);

  raises = (program: string, inputs: string[], control?: Control): Promise<Outcome[]> =>
    this.#outcomes({ kind: 'raises', program, inputs }, control);

  async judge(question: Question, control?: Control): Promise<Judgement> {
    const checked = await this.#ask({ kind: 'judge', question }, control);
    return (checked as Of<'judge'>).judgement;
  }

  async measure(program: string, control?: Control): Promise<Measurement> {
    const checked = await this.#ask({ kind: 'measure', program }, control);
    return (checked as Of<'measure'>).measurement;
  }

  async rewrite(program: string, rewriting: Rewriting, control?: Control): Promise<Rewritten> {
    const checked = await this.#ask({ kind: 'rewrite', program, rewriting }, control);
    return (checked as Of<'rewrite'>).rewritten;
  }

  async trace(
    program: string,
    input: string,
    bounds?: Partial<TraceBounds>,
    { signal }: Control = {},
  ): Promise<Trace> {
    const call = { program, input, bounds };
    signal?.throwIfAborted();
    return unlessAborted(
      signal,
      this.#page
        .evaluate(({ program, input, bounds }) => window.zeroloop.trace(program, input, bounds), call)
        .catch(rethrow),
    );
  }

  async check(checks: Check[], { signal, onProgress }: Control = {}): Promise<Checked[]> {
    let done = 0;
    return Promise.all(
      checks.map(async (check) => {
        const checked = await this.#ask(check, { signal });
        onProgress?.({ done: ++done, total: checks.length });
        return checked;
      }),
    );
  }

  /** The page belongs to whoever opened it. */
  async dispose(): Promise<void> {}

  async #outcomes(check: Extract<Check, { inputs: string[] }>, control?: Control): Promise<Outcome[]> {
    const checked = await this.#ask(check, control);
    return (checked as Extract<Checked, { outcomes: Outcome[] }>).outcomes;
  }

  async #ask(check: Check, { signal }: Control = {}): Promise<Checked> {
    signal?.throwIfAborted();
    const answer = new Promise<Checked>((resolve, reject) => {
      if (this.#outbox.length === 0) setTimeout(() => void this.#send(), moment);
      this.#outbox.push({ check, resolve, reject });
    });
    return unlessAborted(signal, answer);
  }

  /** Does not wait for what was sent before: the sandbox has its own queue. */
  async #send(): Promise<void> {
    const sent = this.#outbox;
    this.#outbox = [];
    const checks = sent.map(({ check }) => check);
    try {
      const checked = await this.#page.evaluate((checks) => window.zeroloop.check(checks), checks);
      sent.forEach(({ resolve }, index) => void resolve(checked[index]));
    } catch (error) {
      for (const { reject } of sent) reject(fromPage(error));
    }
  }
}

const rethrow = (error: unknown): never => {
  throw fromPage(error);
};

/** What is under way in the page goes on there; nobody waits for it. */
function unlessAborted<T>(signal: AbortSignal | undefined, answer: Promise<T>): Promise<T> {
  if (!signal) return answer;
  return new Promise<T>((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
