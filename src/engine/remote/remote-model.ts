/**
 * @file A model on a server, seen from the client: gives its operations their numbers, sends them in order, and waits for what comes of
 * them. An operation has a number only once it is accepted, so that one which is refused leaves no gap.
 */

import { Serial } from '../queues';
import { type Journal, type ModelNote, modelKey, type Sent } from './journal';
import { type Answer, asEngineError, Failed, Forgotten, StillWaiting, type Transport } from './transport';
import { Body } from './wire/body';

/** A request once it has its number. */
export type Write = (seq: number) => { path: string; type: string; bytes: Uint8Array };

export const protobufFirst = 'application/x-protobuf, application/json;q=0.5';

export class RemoteModel {
  private readonly outbox = new Serial();
  /** Settled when the steps of the optimizer that were sent are done. */
  changing: Promise<void> = Promise.resolve();
  /** Why this model can no longer be used: nobody knows whether its last operation was done. */
  private lost: unknown = null;

  constructor(
    private readonly transport: Transport,
    private readonly journal: Journal,
    readonly note: ModelNote,
  ) {}

  /** The number of the last operation that was sent. */
  get last(): number {
    return this.note.next - 1;
  }

  /** Whatever is called in turn happens in turn, with everything that was sent before. */
  inTurn<T>(job: () => Promise<T>): Promise<T> {
    return this.outbox.run(async () => {
      if (this.lost) throw this.lost;
      return job();
    });
  }

  async operate<T>(write: Write, read: (answer: Answer) => T, onAccepted: () => void = () => {}): Promise<T> {
    const { sent, id } = await this.inTurn(async () => {
      const { note } = this;
      const sent: Sent = { seq: note.next, ...write(note.next) };
      note.under.push(sent);
      await this.keep();
      try {
        const id = await this.post(sent);
        note.next++;
        onAccepted();
        return { sent, id };
      } catch (error) {
        if (error instanceof Failed) {
          note.under = note.under.filter((each) => each !== sent);
          await this.keep();
        } else this.lost = error;
        throw asEngineError(error);
      }
    });
    return this.conclude(sent, id, read);
  }

  /** Sends again what was under way when the client was closed, and waits until it is done. */
  async recover(): Promise<void> {
    for (const sent of [...this.note.under]) {
      const id = await this.post(sent);
      this.note.next = Math.max(this.note.next, sent.seq + 1);
      await this.conclude(sent, id, () => {}).catch((error) => {
        if (!(error instanceof Error)) throw error; // it failed there, as it would have before
      });
    }
  }

  private async conclude<T>(sent: Sent, id: string, read: (answer: Answer) => T): Promise<T> {
    try {
      return await future(this.transport, id, () => this.post(sent), read);
    } catch (error) {
      throw asEngineError(error);
    } finally {
      this.note.under = this.note.under.filter((each) => each !== sent);
      await this.keep();
    }
  }

  private post({ path, type, bytes }: Sent): Promise<string> {
    return this.transport.read({ path, body: { type, bytes } }, requestId);
  }

  keep(): Promise<void> {
    return this.journal.set(modelKey(this.note.id), this.note);
  }
}

export const requestId = ({ bytes }: Answer): string => {
  const body = Body.parse(bytes, 'the answer');
  return body.has('request_id') ? body.text('request_id') : String(body.raw('future_id'));
};

/** What a future becomes. A server that has forgotten it is asked again. */
export async function future<T>(
  transport: Transport,
  id: string,
  again: () => Promise<string>,
  read: (answer: Answer) => T,
  signal?: AbortSignal,
): Promise<T> {
  for (let current = id; ; ) {
    try {
      const call = {
        path: 'api/v1/retrieve_future',
        body: { json: { request_id: current } },
        accept: protobufFirst,
        signal,
      };
      return await transport.read(call, (answer) => {
        if (isWaiting(answer)) throw new StillWaiting();
        return read(answer);
      });
    } catch (error) {
      if (error instanceof StillWaiting) continue;
      if (!(error instanceof Forgotten)) throw error;
      current = await again();
    }
  }
}

/** Some servers say so with status 200. */
function isWaiting({ type, bytes }: Answer): boolean {
  if (type !== 'application/json' || bytes.length > 1000) return false;
  return Body.parse(bytes).raw('type') === 'try_again';
}
