/**
 * @file Errors on their way out of the page, to programs that drive it. Of an error only the text of its stack comes out, and in a
 * built page that begins with whatever its class is called after minification; so the name is put into the text.
 */

export function named<A extends unknown[], T>(call: (...args: A) => Promise<T>): (...args: A) => Promise<T> {
  return async (...args) => {
    try {
      return await call(...args);
    } catch (error) {
      const { name, message } = error as Error;
      throw new Error(`${name}: ${message}`, { cause: error });
    }
  };
}

export const notOpen = (run: string) => `Run "${run}" is not open: open it first.`;
