/**
 * @file Reads JSON that came over a network, which is somebody else's and may hold anything: each field is asked for by its kind,
 * and what is not of that kind is an InvalidRequestError whose one sentence names it.
 */

import { isJsonObject, type JsonObject } from '../../../model/fields';
import { InvalidRequestError } from '../../errors';

export class Body {
  private constructor(
    private readonly json: JsonObject,
    private readonly where: string,
  ) {}

  static of(value: unknown, where = 'the request'): Body {
    if (!isJsonObject(value)) throw new InvalidRequestError(`${capital(where)} must be a JSON object.`);
    return new Body(value, where);
  }

  static parse(bytes: Uint8Array, where = 'the request'): Body {
    try {
      return Body.of(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)), where);
    } catch (error) {
      if (error instanceof InvalidRequestError) throw error;
      throw new InvalidRequestError(`${capital(where)} is not JSON: send one JSON object.`);
    }
  }

  /** Null counts as missing. */
  has(key: string): boolean {
    return this.json[key] !== undefined && this.json[key] !== null;
  }

  raw(key: string): unknown {
    return this.json[key];
  }

  text(key: string, missing?: string): string {
    return this.read(key, missing, 'a text', (value) => typeof value === 'string');
  }

  flag(key: string, missing?: boolean): boolean {
    return this.read(key, missing, 'true or false', (value) => typeof value === 'boolean');
  }

  /** Infinity and NaN come as texts, as protocol buffers write them in JSON. */
  number(key: string, missing?: number): number {
    const value = numberFrom(this.json[key]);
    if (value !== null) return value;
    return this.read(key, missing, 'a number', (found) => typeof found === 'number');
  }

  whole(key: string, missing?: number, least = 0): number {
    const is = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= least;
    return this.read(key, missing, `a whole number of at least ${least}`, is);
  }

  object(key: string): Body {
    if (!isJsonObject(this.json[key])) throw this.wrong(key, 'an object');
    return new Body(this.json[key], this.inside(key));
  }

  objects(key: string): Body[] {
    return this.list(key).map((each, i) => Body.of(each, `${this.inside(key)}[${i}]`));
  }

  list(key: string): unknown[] {
    return this.read<unknown[]>(key, undefined, 'a list', (value) => Array.isArray(value));
  }

  /** Token ids. */
  ids(key: string): Int32Array {
    const list = this.list(key);
    if (!list.every(isInt32)) throw this.wrong(key, 'a list of token ids');
    return Int32Array.from(list);
  }

  numbers(key: string): Record<string, number> {
    const { json } = this.object(key);
    const entries = Object.entries(json).map(([name, value]) => {
      const number = numberFrom(value);
      if (number === null) throw this.wrong(`${key}.${name}`, 'a number');
      return [name, number] as const;
    });
    return Object.fromEntries(entries);
  }

  keys(): string[] {
    return Object.keys(this.json);
  }

  wrong(key: string, wanted: string): InvalidRequestError {
    return new InvalidRequestError(`In ${this.where}, "${key}" must be ${wanted}.`);
  }

  private inside(key: string): string {
    return this.where === 'the request' ? key : `${this.where}.${key}`;
  }

  private read<T>(key: string, missing: T | undefined, wanted: string, is: (value: unknown) => boolean): T {
    const value = this.has(key) ? this.json[key] : missing;
    if (!is(value)) throw this.wrong(key, wanted);
    return value as T;
  }
}

const capital = (text: string) => text[0].toUpperCase() + text.slice(1);

const isInt32 = (value: unknown): value is number =>
  Number.isInteger(value) && (value as number) === ((value as number) | 0);

const special = { Infinity: Infinity, '-Infinity': -Infinity, NaN: NaN } as const;

/** What JSON can say of a number. */
export const numberToJson = (value: number): number | string =>
  Number.isFinite(value) ? value : String(value);

function numberFrom(value: unknown): number | null {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && Object.hasOwn(special, value)
    ? special[value as keyof typeof special]
    : null;
}

export const metricsToJson = (metrics: Record<string, number>): Record<string, number | string> =>
  Object.fromEntries(Object.entries(metrics).map(([name, value]) => [name, numberToJson(value)]));
