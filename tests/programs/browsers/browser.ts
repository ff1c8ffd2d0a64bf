/** @file What the program needs of a browser. */

export interface Browser {
  /** With its version. */
  name: string;
  /** What the console called an error, where the browser tells it. */
  errors: string[];
  open(url: string): Promise<void>;
  /** The body of an async function, in the page; what it returns is JSON. */
  run<T>(script: string): Promise<T>;
  /** A PNG. */
  picture(file: string): Promise<void>;
  close(): Promise<void>;
}

/** Null where there is no such browser on this machine. */
export type OpenBrowser = () => Promise<Browser | null>;
