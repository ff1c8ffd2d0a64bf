/**
 * @file The warden: a worker in the sandbox's iframe that runs no Python. It hands out work to interpreters, holds the clock
 * (timers of a hidden tab's page are slowed down, a worker's are not), throws away interpreters that hang or break, and
 * replaces them. One piece of work can cost its own verdict and nothing else: the rest of its batch is simply done again.
 */

import type {
  Assets,
  BootInterpreter,
  FromInterpreter,
  FromWarden,
  Job,
  JobResult,
  Report,
  Seed,
  Settings,
  ToInterpreter,
  ToWarden,
} from '../protocol';
import { interruptSlots, seeds } from '../protocol';
import { Nursery } from './nursery';

/** A job on its way: what is known, and which interpreter may do what is left. */
interface Task {
  job: Job;
  first?: Report & { seed: Seed };
  /** How often the clock or a crash stopped it. Once may be the fault of the machine or of a neighbour; twice is a verdict. */
  stopped: number;
}

/** Pieces of work that an interpreter gets at a time: enough to hide the way there, few enough to share fairly. */
const batchSize = 32;

export interface WardenPorts {
  work: MessagePort;
  nursery: MessagePort;
}

export function serveWarden({ work: port, nursery }: WardenPorts): void {
  let warden: Warden | undefined;
  port.onmessage = async ({ data }: MessageEvent<ToWarden>) => {
    switch (data.type) {
      case 'open':
        warden = new Warden(port, new Nursery(nursery), data.pythonScript, data.settings);
        break;
      case 'image':
        warden?.addImage(data.seed, data.image);
        break;
      case 'assets':
        await warden?.boot(data.assets);
        break;
      case 'work':
        warden?.add(data.jobs);
        break;
      case 'cancel':
        warden?.cancel(new Set(data.ids));
        break;
      default:
        data satisfies never;
    }
  };
}

class Warden {
  readonly #say: (message: FromWarden) => void;
  readonly #images: Partial<Record<Seed, ArrayBuffer>> = {};
  #assets?: Omit<Assets, 'wasm'> & { module: WebAssembly.Module };
  readonly #settings: Settings;
  readonly #nursery: Nursery;
  readonly #active: Interpreter[] = [];
  readonly #spares: Interpreter[] = [];
  /** Work for any interpreter, for those of one seed only, and what was stopped before, which runs alone. */
  #anySeed: Task[] = [];
  readonly #oneSeed: Record<Seed, Task[]> = { 0: [], 1: [] };
  #unsettled = 0;
  #results: JobResult[] = [];
  #flushing?: ReturnType<typeof setTimeout>;
  #opened = false;
  /** Interpreters in a row that did not start. */
  #stillborn = 0;

  constructor(port: MessagePort, nursery: Nursery, pythonScript: string, settings: Settings) {
    this.#say = (message) => port.postMessage(message);
    this.#settings = settings;
    this.#nursery = nursery;
    nursery.learn(pythonScript);
    // The seeds take turns, so that any two neighbours can check each other.
    for (let index = 0; index < settings.interpreters; index++) {
      this.#active.push(this.#start((index % seeds.length) as Seed));
    }
    setInterval(() => this.#checkClocks(), 25);
  }

  addImage(seed: Seed, image: ArrayBuffer): void {
    this.#images[seed] = image;
    for (const interpreter of this.#active) if (interpreter.seed === seed) interpreter.unpack(image);
  }

  /** Until now the workers had only their script to read. */
  async boot({ wasm, ...assets }: Assets): Promise<void> {
    try {
      this.#assets = { ...assets, module: await WebAssembly.compile(wasm) };
    } catch (error) {
      this.#say({ type: 'failed', reason: String(error) });
      return;
    }
    for (const interpreter of this.#active) this.#bootOne(interpreter);
  }

  add(jobs: Job[]): void {
    this.#unsettled += jobs.length;
    for (const job of jobs) this.#anySeed.push({ job, stopped: 0 });
    this.#handOut();
  }

  cancel(ids: Set<number>): void {
    const kept = ({ job }: Task) => {
      const cancelled = ids.has(job.id);
      if (cancelled) this.#unsettled--;
      return !cancelled;
    };
    this.#anySeed = this.#anySeed.filter(kept);
    for (const seed of seeds) this.#oneSeed[seed] = this.#oneSeed[seed].filter(kept);
  }

  // ---- Interpreters ----------------------------------------------------------------------------------------------------

  #start(seed: Seed): Interpreter {
    const interpreter = new Interpreter(this.#nursery, seed, {
      ready: (message) => this.#ready(interpreter, message),
      report: (report) => this.#report(interpreter, report),
      disturbed: () => this.#disturbed(interpreter),
      reported: () => this.#handOut(),
      worn: () => this.#replace(interpreter),
      broken: (reason) => this.#broken(interpreter, reason),
    });
    // The first ones start before Python's files are there.
    const image = this.#images[seed];
    if (image) interpreter.unpack(image);
    this.#bootOne(interpreter);
    return interpreter;
  }

  #bootOne(interpreter: Interpreter): void {
    if (!this.#assets) return;
    const { limits, unguarded } = this.#settings;
    const { seed, interrupt } = interpreter;
    interpreter.boot({ ...this.#assets, seed, limits, unguarded, interrupt });
  }

  #ready({ interrupt }: Interpreter, { python, modules }: FromInterpreter & { type: 'ready' }): void {
    this.#stillborn = 0;
    if (!this.#opened) {
      this.#opened = true;
      this.#say({ type: 'opened', python, modules, interrupts: interrupt !== undefined });
    }
    // Only when nobody waits for the first ones: each start takes a core for a while.
    if (this.#active.every((interpreter) => interpreter.ready)) {
      const missing = seeds.filter((other) => !this.#spares.some((spare) => spare.seed === other));
      if (missing.length > 0) this.#spares.push(this.#start(missing[0]));
    }
    this.#handOut();
  }

  /** A spare of the same seed takes its place at once. What it had not done is done again. */
  #replace(interpreter: Interpreter): void {
    interpreter.terminate();
    this.#requeue(interpreter.takeBatch());
    const spare = this.#spares.findIndex(({ seed }) => seed === interpreter.seed);
    const next = spare >= 0 ? this.#spares.splice(spare, 1)[0] : this.#start(interpreter.seed);
    const place = this.#active.indexOf(interpreter);
    if (place >= 0) this.#active[place] = next;
    if (spare >= 0) this.#spares.push(this.#start(interpreter.seed));
    this.#handOut();
  }

  /** The worker itself failed. If it was at work, that work broke it; if it was starting, others will fail as well. */
  #broken(interpreter: Interpreter, reason: string): void {
    interpreter.look();
    const culprit = interpreter.current;
    const others = interpreter.takeBatch().filter((task) => task !== culprit);
    const crash = { stopped: 'crash', reason: 'It broke its interpreter.', ms: 0 } as const;
    if (culprit) this.#stopped(interpreter, culprit, crash);
    this.#requeue(others);
    if (!interpreter.ready && ++this.#stillborn >= 3) {
      this.#say({ type: 'failed', reason });
      return;
    }
    const spare = this.#spares.indexOf(interpreter);
    if (spare >= 0) this.#spares[spare] = this.#start(interpreter.seed);
    else this.#replace(interpreter);
  }

  // ---- Work ------------------------------------------------------------------------------------------------------------

  #handOut(): void {
    for (const interpreter of this.#active) {
      if (!interpreter.idle) continue;
      const mine = this.#oneSeed[interpreter.seed];
      const waiting = mine.length + this.#anySeed.length;
      const share = Math.max(1, Math.min(batchSize, Math.ceil(waiting / this.#active.length / 2)));
      // Second opinions first: they finish a job. What was stopped before runs alone.
      const batch: Task[] = [];
      for (const queue of [mine, this.#anySeed]) {
        while (queue.length > 0 && batch.length < share) {
          if (queue[0].stopped > 0 && batch.length > 0) break;
          batch.push(queue.shift() as Task);
          if (batch[0].stopped > 0) break;
        }
        if (batch[0]?.stopped) break;
      }
      if (batch.length > 0) interpreter.work(batch);
    }
  }

  #requeue(tasks: Task[]): void {
    for (const task of tasks.reverse()) {
      if (task.first) this.#oneSeed[otherSeed(task.first.seed)].unshift(task);
      else this.#anySeed.unshift(task);
    }
  }

  #report(interpreter: Interpreter, report: Report): void {
    const task = interpreter.takeNext();
    if (task && 'stopped' in report) this.#stopped(interpreter, task, report);
    else if (task) this.#settle(task, report, interpreter.seed);
    if (interpreter.programs >= this.#settings.lifetime && interpreter.idle) this.#replace(interpreter);
  }

  #settle(task: Task, report: Report, seed: Seed): void {
    const { id, twoSeeds } = task.job;
    if (!task.first) {
      task.first = { ...report, seed };
      if (twoSeeds && !('stopped' in report) && !report.settled) {
        task.stopped = 0;
        this.#oneSeed[otherSeed(seed)].push(task);
        return;
      }
      this.#finish({ id, first: task.first });
    } else {
      this.#finish({ id, first: task.first, second: { ...report, seed } });
    }
  }

  /** Results travel together: at once when nothing is left to wait for, else every few milliseconds. */
  #finish(result: JobResult): void {
    this.#results.push(result);
    this.#unsettled--;
    if (this.#unsettled === 0) this.#flush();
    else this.#flushing ??= setTimeout(() => this.#flush(), 10);
  }

  #flush(): void {
    clearTimeout(this.#flushing);
    this.#flushing = undefined;
    this.#say({ type: 'results', results: this.#results });
    this.#results = [];
  }

  // ---- The clock -------------------------------------------------------------------------------------------------------

  #checkClocks(): void {
    const { softTime, hardTime } = this.#settings.limits;
    for (const interpreter of [...this.#active]) {
      interpreter.look();
      const task = interpreter.current;
      if (!task) continue;
      const ran = interpreter.currentFor;
      // Half of the time the machine was busy elsewhere? The second attempt gets twice the time before it is a verdict.
      const patience = task.stopped > 0 ? 2 : 1;
      if (ran > hardTime * patience) {
        interpreter.remove(task);
        this.#stopped(interpreter, task, timeout(ran));
        this.#replace(interpreter);
      } else if (ran > softTime * patience) {
        interpreter.stop();
      }
    }
  }

  /** The interpreter was interrupted during its current piece of work: rightly, or because the one before ended too late? */
  #disturbed(interpreter: Interpreter): void {
    const task = interpreter.takeNext();
    if (!task) return;
    const { interrupted } = interpreter;
    if (interrupted?.task === task) this.#stopped(interpreter, task, timeout(interrupted.ran));
    else this.#requeue([task]);
  }

  #stopped(interpreter: Interpreter, task: Task, report: Stopped): void {
    task.stopped++;
    if (task.stopped === 1) this.#requeue([task]);
    else this.#settle(task, report, interpreter.seed);
  }
}

type Stopped = Extract<Report, { stopped: string }>;

const otherSeed = (seed: Seed): Seed => (seed === 0 ? 1 : 0);

const timeout = (ms: number): Stopped => ({
  stopped: 'timeout',
  reason: `It was still running after ${(ms / 1000).toFixed(1)} seconds.`,
  ms,
});

/** Shared memory with an interpreter, to interrupt it; undefined where the browser has none to share. WebKit may call this isolated and have none. */
function sharedNumbers(): Int32Array | undefined {
  if (!globalThis.crossOriginIsolated || !('SharedArrayBuffer' in globalThis)) return undefined;
  return new Int32Array(new SharedArrayBuffer(Object.keys(interruptSlots).length * 4));
}

interface Listener {
  ready(message: FromInterpreter & { type: 'ready' }): void;
  report(report: Report): void;
  disturbed(): void;
  /** All reports of one message have been told. */
  reported(): void;
  worn(): void;
  broken(reason: string): void;
}

/** The warden's side of one interpreter. */
class Interpreter {
  /** Memory shared with it, to interrupt it; undefined where the browser has none to share. */
  readonly interrupt = sharedNumbers();
  ready = false;
  programs = 0;
  /** What the last interrupt was meant for, and how long it had run. */
  interrupted?: { task: Task; ran: number };
  readonly #end: () => void;
  #port: MessagePort;
  #batch: Task[] = [];
  #since = 0;
  /** Pieces that it had begun when we last looked, and those that it has reported on. */
  #begun = 0;
  #reported = 0;

  constructor(
    nursery: Nursery,
    readonly seed: Seed,
    listener: Listener,
  ) {
    const { port1, port2 } = new MessageChannel();
    this.#end = nursery.begin(port2, listener.broken);
    this.#port = port1;
    port1.onmessage = ({ data }: MessageEvent<FromInterpreter>) => {
      this.#hear(data, listener);
      // Where it shares no memory, it reports on each piece, so whatever it works on now has just begun.
      if (!this.interrupt) this.#since = performance.now();
    };
  }

  unpack(image: ArrayBuffer): void {
    this.#send({ type: 'image', image });
  }

  boot(boot: BootInterpreter): void {
    this.#send({ type: 'boot', boot });
  }

  #hear(message: FromInterpreter, listener: Listener): void {
    switch (message.type) {
      case 'ready':
        this.ready = true;
        listener.ready(message);
        break;
      case 'reports':
        for (const report of message.reports) {
          if ('disturbed' in report) listener.disturbed();
          else listener.report(report);
        }
        listener.reported();
        break;
      case 'worn':
        listener.worn();
        break;
      default:
        message satisfies never;
    }
  }

  get idle(): boolean {
    return this.ready && this.#batch.length === 0;
  }

  /** The piece that it works on: the first it has not reported on, or a later one. */
  get current(): Task | undefined {
    return this.#batch[Math.max(0, this.#begun - this.#reported - 1)];
  }

  /** Milliseconds since it began with its current piece of work, as far as we saw. */
  get currentFor(): number {
    return performance.now() - this.#since;
  }

  /** Has it gone on to another piece? */
  look(): void {
    const { interrupt } = this;
    if (!interrupt) return;
    const begun = Atomics.load(interrupt, interruptSlots.begun);
    if (begun !== this.#begun) this.#since = performance.now();
    this.#begun = begun;
  }

  work(batch: Task[]): void {
    this.#batch = batch;
    this.interrupted = undefined;
    this.#since = performance.now();
    this.#send({
      type: 'work',
      batch: batch.map(({ job, first }) => (first ? reversed(job.work) : job.work)),
    });
  }

  /** The next piece in the order of its reports. */
  takeNext(): Task | undefined {
    this.programs++;
    this.#reported++;
    return this.#batch.shift();
  }

  remove(task: Task): void {
    this.#batch = this.#batch.filter((other) => other !== task);
  }

  takeBatch(): Task[] {
    return this.#batch.splice(0);
  }

  stop(): void {
    const { interrupt, current: task } = this;
    if (!interrupt || !task || this.interrupted?.task === task) return;
    this.interrupted = { task, ran: this.currentFor };
    // In this order, so that an interpreter that was disturbed always finds the count changed.
    Atomics.store(interrupt, interruptSlots.signal, keyboardInterrupt);
    Atomics.add(interrupt, interruptSlots.raised, 1);
  }

  terminate(): void {
    this.#end();
    this.#port.close();
  }

  #send(message: ToInterpreter): void {
    this.#port.postMessage(message);
  }
}

const keyboardInterrupt = 2;

/** The second interpreter answers the calls in reverse and once: what one call leaves for the next then shows. */
function reversed(work: Job['work']): Job['work'] {
  return work.kind === 'run' ? { ...work, calls: work.calls.toReversed(), passes: 1 } : work;
}
