/** @file A plain client of the Tinker API, as the SDK speaks it: for looking at each request and answer. */

export interface Told {
  status: number;
  type: string;
  bytes: Uint8Array;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the answer is, the tests say what it should be
  json(): any;
}

export const tinker = ({ url, token }: { url: string; token: string }) => {
  const base = url.replace(/\/*$/, '/');
  const ask = async (path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Told> => {
    const raw = body instanceof Uint8Array;
    const response = await fetch(`${base}api/v1/${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        'X-API-Key': token,
        'Content-Type': raw ? 'application/x-protobuf' : 'application/json',
        ...headers,
      },
      body: body === undefined ? undefined : raw ? (body as Uint8Array<ArrayBuffer>) : JSON.stringify(body),
    });
    const bytes = new Uint8Array(await response.arrayBuffer());
    const type = response.headers.get('content-type') ?? '';
    return { status: response.status, type, bytes, json: () => JSON.parse(new TextDecoder().decode(bytes)) };
  };
  /** Until it is there. */
  const result = async (id: string, accept = 'application/json'): Promise<Told> => {
    for (;;) {
      const told = await ask('retrieve_future', { request_id: id }, { Accept: accept });
      if (told.status !== 408) return told;
    }
  };
  // biome-ignore lint/suspicious/noExplicitAny: as above
  const done = async (path: string, body: unknown): Promise<any> => {
    const posted = await ask(path, body);
    if (posted.status !== 200) throw new Error(`${path}: ${posted.json().error}`);
    return (await result(posted.json().request_id)).json();
  };
  return { ask, result, done };
};
