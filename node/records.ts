/**
 * @file A file of records that only grows: each with its length and a checksum, so that what a crash left of the last one is recognised
 * and cut off.
 */

import { createHash } from 'node:crypto';
import { Serial } from '../src/engine/queues';
import type { Disk } from './disk';

/** Length in four bytes, then eight of the checksum. */
const headLength = 12;

const checksum = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest().subarray(0, 8);

function framed(bytes: Uint8Array): Uint8Array {
  const record = new Uint8Array(headLength + bytes.length);
  new DataView(record.buffer).setUint32(0, bytes.length, true);
  record.set(checksum(bytes), 4);
  record.set(bytes, headLength);
  return record;
}

export class RecordFile {
  private readonly queue = new Serial();

  private constructor(
    private readonly disk: Disk,
    private readonly path: string,
    /** Bytes of whole records. */
    public length: number,
  ) {}

  static async open(disk: Disk, path: string): Promise<{ file: RecordFile; records: Uint8Array[] }> {
    const bytes = (await disk.read(path)) ?? new Uint8Array();
    const { records, length } = readRecords(bytes);
    if (length < bytes.length) await disk.replace(path, bytes.subarray(0, length));
    return { file: new RecordFile(disk, path, length), records };
  }

  append(bytes: Uint8Array): Promise<void> {
    return this.queue.run(async () => {
      const record = framed(bytes);
      await this.disk.append(this.path, this.length, record);
      this.length += record.length;
    });
  }

  async read(): Promise<Uint8Array[]> {
    return this.queue.run(
      async () => readRecords((await this.disk.read(this.path)) ?? new Uint8Array()).records,
    );
  }

  /** Keeps only these. */
  keep(which: (record: Uint8Array) => boolean): Promise<void> {
    return this.queue.run(async () => {
      const { records } = readRecords((await this.disk.read(this.path)) ?? new Uint8Array());
      const kept = Buffer.concat(records.filter(which).map(framed));
      await this.disk.replace(this.path, kept);
      this.length = kept.length;
    });
  }
}

function readRecords(bytes: Uint8Array): { records: Uint8Array[]; length: number } {
  const records: Uint8Array[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 0;
  while (at + headLength <= bytes.length) {
    const start = at + headLength;
    const end = start + view.getUint32(at, true);
    if (end > bytes.length) break;
    const record = bytes.slice(start, end);
    if (Buffer.compare(checksum(record), bytes.subarray(at + 4, start)) !== 0) break;
    records.push(record);
    at = end;
  }
  return { records, length: at };
}
