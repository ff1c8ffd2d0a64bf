/**
 * @file A file as a stream that can be left early. Node's own bridge (Readable.toWeb) still pushes into a stream that its reader has
 * left, which ends the process.
 */

import { createReadStream } from 'node:fs';

export function readStream(file: string): ReadableStream<Uint8Array> {
  const chunks = createReadStream(file)[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await chunks.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await chunks.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}
