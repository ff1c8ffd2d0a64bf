/**
 * @file One interpreter: takes batches of work from the warden and reports on each piece as it is done. Hostile code runs
 * here, so this realm keeps nothing worth stealing (no gold answers, no other program's data) and nobody believes what it says
 * beyond what a program could have returned anyway.
 *
 * Between programs: nothing, if Python's gate says that the program was too plain to leave anything behind; else its memory is
 * put back, and a program with a known answer must still get it.
 */

import type { BootInterpreter, Disturbed, FromInterpreter, Report, ToInterpreter, Work } from '../protocol';
import { interruptSlots, longestOutput } from '../protocol';
import { bootPyodide, type Pyodide } from './boot';
import { Heap } from './heap';
import { unpackImage } from './image';
import { lockFiles, lockRealm } from './locks';

/** The functions of runner.py, each of which returns JSON whatever a program does. */
interface Runner {
  run(
    source: string,
    calls: string,
    passes: number,
    steps: number,
    output: number,
    depth: number,
    guarded: boolean,
    raises: boolean,
  ): string;
  trace(
    source: string,
    call: string,
    traceSteps: number,
    characters: number,
    steps: number,
    guarded: boolean,
  ): string;
  measure(source: string): string;
  rewrite(source: string, rewriting: string): string;
}

/** What this side looks at in the JSON; the client reads the rest. */
interface RunnerAnswer {
  plain?: boolean;
  outcomes?: { verdict: string }[];
}

export function serveInterpreter(port: MessagePort): void {
  // Kept from what a program may do to this realm's globals.
  const post: Post = port.postMessage.bind(port);
  let image: Promise<Uint8Array>;
  let interpreter: Interpreter;
  port.onmessage = async ({ data }: MessageEvent<ToInterpreter>) => {
    switch (data.type) {
      case 'image':
        image = unpackImage(data.image);
        break;
      case 'boot':
        try {
          interpreter = new Interpreter(await bootPyodide(data.boot, await image), data.boot, post);
        } catch (error) {
          reportError(error); // a rejection would end here; as an error of this worker it reaches the warden
        }
        break;
      case 'work':
        interpreter.work(data.batch);
        break;
      default:
        data satisfies never;
    }
  };
}

/** What is thrown is a JavaScript error, or whatever a program made of one. */
function crashReason(error: unknown): string {
  if (error instanceof RangeError) return 'It went deeper than the stack of its interpreter reaches.';
  const what = error instanceof Error ? `: ${error.message.split('\n', 1)[0].slice(0, 100)}` : '';
  return `It broke its interpreter${what}.`;
}

/** Milliseconds between reports. What is lost with an interpreter between two of them is done again. */
const reportInterval = 5;

/** An interpreter whose memory has grown beyond this many bytes is replaced: memory never shrinks. */
const comfortableSize = 64 * 2 ** 20;

/** Short, as it runs often; its answer must stay the same as long as the interpreter is sound. */
const canary = `import math
def f(xs):
    return {str(x): [x, math.sqrt(x)] for x in sorted(xs)}, sum(xs), 'a b'.split()
`;

type Post = (message: FromInterpreter) => void;

class Interpreter {
  readonly #boot: BootInterpreter;
  readonly #post: Post;
  readonly #runner: Runner;
  readonly #heap: Heap;
  readonly #healthy: string;
  /** How often the warden had raised an interrupt when we last looked. */
  #raised = 0;
  #reports: (Report | Disturbed)[] = [];
  #reported = 0;

  constructor(pyodide: Pyodide, boot: BootInterpreter, post: Post) {
    this.#boot = boot;
    this.#post = post;
    const about = JSON.parse(pyodide.runPython('__import__("runner").about()') as string);
    this.#runner = pyodide.pyimport('runner') as Runner;
    if (boot.interrupt) pyodide.setInterruptBuffer(boot.interrupt);
    if (!boot.unguarded) {
      pyodide.runPython('__import__("runner").seal()');
      lockFiles(pyodide.FS);
      lockRealm();
    }
    this.#healthy = this.#canary();
    this.#heap = new Heap(pyodide);
    this.#post({ type: 'ready', ...about });
  }

  work(batch: Work[]): void {
    let worn: string | undefined;
    for (const work of batch) {
      worn = this.#workOn(work);
      if (worn || !this.#boot.interrupt || performance.now() - this.#reported > reportInterval) this.#flush();
      if (worn) break;
    }
    this.#flush();
    if (worn) this.#post({ type: 'worn', reason: worn });
  }

  /** Reports travel together where the warden can see our progress without them. */
  #flush(): void {
    if (this.#reports.length > 0) this.#post({ type: 'reports', reports: this.#reports });
    this.#reports = [];
    this.#reported = performance.now();
  }

  /** Reports on one piece. Returns why this interpreter should be given no other, if so. */
  #workOn(work: Work): string | undefined {
    const { interrupt } = this.#boot;
    if (interrupt) Atomics.add(interrupt, interruptSlots.begun, 1);
    this.#forgetInterrupts(); // meant for the program before, which ended by itself at the same moment
    const start = performance.now();
    const answer = this.#attempt(work);
    const ms = performance.now() - start;
    if (this.#interrupted()) {
      this.#forgetInterrupts();
      this.#reports.push({ disturbed: true });
      if (!this.#restored()) return 'An interrupt left it damaged.';
    } else if ('crash' in answer) {
      this.#reports.push({ stopped: 'crash', reason: answer.crash, ms });
      return answer.crash;
    } else {
      const { text, plain, settled } = answer;
      this.#reports.push({ text, settled, ms });
      if (!plain && !this.#restored()) return 'A program left it damaged.';
    }
    return this.#heap.size > comfortableSize ? 'A program made its memory grow.' : undefined;
  }

  /** Whatever is thrown past Python, and whatever is not our JSON, means that stack or memory are damaged. */
  #attempt(work: Work): { text: string; plain: boolean; settled: boolean } | { crash: string } {
    try {
      const text = this.#do(work);
      const { plain, outcomes } = JSON.parse(text) as RunnerAnswer;
      return { text, plain: plain === true, settled: !outcomes?.some(({ verdict }) => verdict === 'ok') };
    } catch (error) {
      return { crash: crashReason(error) };
    }
  }

  #do(work: Work): string {
    const guarded = !this.#boot.unguarded;
    const { steps, depth } = this.#boot.limits;
    switch (work.kind) {
      case 'run': {
        const { source, passes, raises } = work;
        const calls = JSON.stringify(work.calls);
        return this.#runner.run(source, calls, passes, steps, longestOutput, depth, guarded, raises);
      }
      case 'trace':
        return this.#runner.trace(work.source, work.call, work.steps, work.characters, steps, guarded);
      case 'measure':
        return this.#runner.measure(work.source);
      case 'rewrite':
        return this.#runner.rewrite(work.source, JSON.stringify(work.rewriting));
      default:
        return work satisfies never;
    }
  }

  /** Puts memory back. False if Python does not answer as it used to: then something outside of its memory is damaged. */
  #restored(): boolean {
    try {
      this.#heap.restore();
      return this.#canary() === this.#healthy;
    } catch {
      return false;
    }
  }

  #canary(): string {
    return this.#runner.run(canary, '["(([3, 1, 20, 3],), {})"]', 1, 1e5, 1e3, 10, true, false);
  }

  #interrupted(): boolean {
    const { interrupt } = this.#boot;
    return interrupt !== undefined && Atomics.load(interrupt, interruptSlots.raised) !== this.#raised;
  }

  #forgetInterrupts(): void {
    const { interrupt } = this.#boot;
    if (!interrupt || !this.#interrupted()) return;
    Atomics.store(interrupt, interruptSlots.signal, 0);
    this.#raised = Atomics.load(interrupt, interruptSlots.raised);
  }
}
