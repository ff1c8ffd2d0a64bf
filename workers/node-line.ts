/** @file The line to a node, watched from the client's side: does it answer, and what went over it. */

/** As whoever plays a run on a node is told. */
export interface Line {
  /** Since when requests go unanswered, in milliseconds since 1970; null while they are answered. */
  silentSince: number | null;
  /** Bytes of this opening of the run. */
  sent: number;
  received: number;
}

/** Milliseconds between looks, since nobody reads faster; and without an answer, before that is worth a word. */
const glance = 1000;
const patience = 3000;

export class NodeLine {
  private silentSince: number | null = null;

  constructor(private readonly inner: typeof fetch = fetch) {}

  /** For the engine: the same requests, and each tells whether the node is there. */
  readonly fetch: typeof fetch = async (input, init) => {
    try {
      const response = await this.inner.call(globalThis, input, init);
      this.silentSince = isGateway(response.status) ? (this.silentSince ?? Date.now()) : null;
      return response;
    } catch (error) {
      const letGo = error instanceof DOMException && error.name === 'AbortError'; // by the client, which says nothing of the node
      if (!letGo) this.silentSince ??= Date.now();
      throw error;
    }
  };

  get answers(): boolean {
    return this.silentSince === null;
  }

  private get longSilentSince(): number | null {
    return this.silentSince !== null && Date.now() - this.silentSince >= patience ? this.silentSince : null;
  }

  /** Tells of every change, a glance at most after it. Returns how to stop that. */
  tell(listen: (line: Line) => void, traffic: () => Pick<Line, 'sent' | 'received'>): () => void {
    let last = '';
    const look = () => {
      const line = { silentSince: this.longSilentSince, ...traffic() };
      const text = JSON.stringify(line);
      if (text !== last) listen(line);
      last = text;
    };
    look();
    const timer = setInterval(look, glance);
    return () => {
      look();
      clearInterval(timer);
    };
  }
}

/** A proxy answers for a node that does not. */
const isGateway = (status: number) => status >= 502 && status <= 504;
