/**
 * @file Where the files of one model at one commit are kept while they are fetched, and afterwards. A file is checked or it is not: one
 * that was cut off goes on where it ended, and nobody takes it for the whole.
 */

export interface FileCache {
  /** Bytes that are here of a file, and whether it is whole and was checked. */
  state(name: string): Promise<{ bytes: number; isChecked: boolean }>;
  /** What is here of it; it need not fit into memory. */
  read(name: string): Promise<Blob>;
  /** Goes on after the last byte that is here. */
  append(name: string): Promise<Appender>;
  /** It is whole and was checked. */
  seal(name: string): Promise<void>;
  forget(name: string): Promise<void>;
}

export interface Appender {
  write(bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** What was written stays, whatever happens then. */
  close(): Promise<void>;
}
