/** @file The page of bare-worker.ts: takes the first message for the answer, and starts again what does not answer in time. */
import type { FromBare, ToBare } from '../bare-worker';

const patience = 3_000;

export class NaivePage {
  #worker: Worker | undefined;
  #next: ((answer: FromBare) => void) | undefined;

  async ask(question: ToBare): Promise<FromBare | 'killed'> {
    this.#worker ??= await this.#start();
    const answer = await this.#answer(patience, () => this.#worker?.postMessage(question));
    if (answer === 'killed') this.restart();
    return answer;
  }

  restart(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
  }

  async #start(): Promise<Worker> {
    const worker = new Worker(new URL('../bare-worker.ts', import.meta.url), { type: 'module' });
    worker.onmessage = ({ data }: MessageEvent<FromBare>) => this.#next?.(data);
    if ((await this.#answer(60_000, () => {})) === 'killed')
      throw new Error('The bare worker does not start.');
    return worker;
  }

  #answer(wait: number, ask: () => void): Promise<FromBare | 'killed'> {
    return new Promise((resolve) => {
      const late = setTimeout(() => resolve('killed'), wait);
      this.#next = (answer) => {
        clearTimeout(late);
        resolve(answer);
      };
      ask();
    });
  }
}
