/**
 * @file Reads the fields of a config.json, which is somebody else's JSON and may hold anything. A missing
 * field takes the default, as transformers does it; a field of the wrong kind is an InvalidConfigError that
 * names it.
 */

import { InvalidConfigError } from './errors';

export type JsonObject = Record<string, unknown>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export class Fields {
  constructor(
    private readonly json: JsonObject,
    private readonly where = 'config.json',
  ) {}

  /** Whether the key is there at all, be it null. */
  mentions(key: string): boolean {
    return this.json[key] !== undefined;
  }

  /** Whether the key is there with a value. */
  has(key: string): boolean {
    return this.json[key] !== undefined && this.json[key] !== null;
  }

  isEmpty(): boolean {
    return Object.keys(this.json).length === 0;
  }

  /** The raw value; undefined when it is missing or null. */
  get(key: string): unknown {
    return this.json[key] ?? undefined;
  }

  count(key: string, missing: number): number {
    return this.read(key, missing, 'a positive whole number', isCount);
  }

  positive(key: string, missing?: number): number {
    return this.read(key, missing, 'a positive number', isPositive);
  }

  flag(key: string, missing: boolean): boolean {
    return this.read(key, missing, 'true or false', isBoolean);
  }

  text(key: string, missing: string): string {
    return this.read(key, missing, 'a text', isText);
  }

  object(key: string): Fields | null {
    const value = this.get(key);
    if (value === undefined) return null;
    if (!isJsonObject(value)) throw this.wrong(key, 'an object');
    return new Fields(value, `${this.where}, ${key}`);
  }

  /** One token id or a list of them, as a list. */
  tokenIds(key: string, missing: number[]): number[] {
    if (!this.mentions(key)) return missing;
    const value = this.get(key) ?? [];
    const ids: unknown[] = Array.isArray(value) ? value : [value];
    if (!ids.every(isTokenId)) throw this.wrong(key, 'a token id or a list of token ids');
    return ids;
  }

  wrong(key: string, wanted: string): InvalidConfigError {
    const found = this.has(key) ? JSON.stringify(this.json[key]) : 'missing';
    return new InvalidConfigError(
      `${this.where}: "${key}" must be ${wanted} but is ${found}; correct the file or download it again.`,
    );
  }

  private read<T>(
    key: string,
    missing: T | undefined,
    wanted: string,
    is: (value: unknown) => value is T,
  ): T {
    const value = this.get(key) ?? missing;
    if (!is(value)) throw this.wrong(key, wanted);
    return value;
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

function isTokenId(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isPositive(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0;
}

function isBoolean(value: unknown): value is boolean {
  return typeof value === 'boolean';
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
