/**
 * @file What a client writes down before it sends anything, so that one which is closed in the middle can make good what was under way
 * when it comes back: the request is sent again under its number, and the node does it once.
 */

export interface Journal {
  entries(): Promise<[key: string, value: unknown][]>;
  set(key: string, value: unknown): Promise<void>;
  delete(key: string): Promise<void>;
}

/** Forgets with the process; for tests, and for clients that would not come back. */
export class MemoryJournal implements Journal {
  private readonly kept = new Map<string, unknown>();

  async entries(): Promise<[string, unknown][]> {
    return structuredClone([...this.kept]);
  }

  async set(key: string, value: unknown): Promise<void> {
    this.kept.set(key, structuredClone(value));
  }

  async delete(key: string): Promise<void> {
    this.kept.delete(key);
  }
}

/** A request that a sequence number belongs to. */
export interface Sent {
  seq: number;
  path: string;
  type: string;
  bytes: Uint8Array;
}

/** A model as the client knows it. */
export interface ModelNote {
  id: string;
  next: number;
  /** Sent, and not known to be done. */
  under: Sent[];
  version: number;
  changed: boolean;
}

export interface SessionNote {
  url: string;
  session: string;
  nextModel: number;
}

export const sessionKey = 'session';
export const modelKey = (id: string): string => `model ${id}`;
