/**
 * @file Options come from configuration files. One that is misspelt, of the wrong kind or without effect is refused, so that nobody
 * believes in a setting that does nothing.
 */

/** A dialect that is not known, or options that it cannot take. */
export class DialectError extends Error {
  override name = 'DialectError';
}

/** What each option may be: one of these texts, or a value for which the test holds. */
export type Rules<T> = {
  [K in keyof T]-?: readonly T[K][] | { test: (value: unknown) => boolean; are: string };
};

export function readOptions<T extends object>(
  dialect: string,
  defaults: T,
  rules: Rules<T>,
  given: object,
): T {
  for (const [name, value] of Object.entries(given)) {
    const rule = Object.hasOwn(rules, name) && rules[name as keyof T];
    if (!rule)
      throw new DialectError(
        `The dialect ${dialect} has no option "${name}"; it has ${Object.keys(rules).join(', ')}.`,
      );
    if (value === undefined) continue;
    const fits = isList(rule) ? rule.includes(value as T[keyof T]) : rule.test(value);
    const possible = isList(rule) ? `one of ${rule.map((one) => JSON.stringify(one)).join(', ')}` : rule.are;
    if (!fits) throw new DialectError(`The option "${name}" of the dialect ${dialect} must be ${possible}.`);
  }
  const known = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return { ...defaults, ...known };
}

const isList = <V, R>(rule: readonly V[] | R): rule is readonly V[] => Array.isArray(rule);

export const bool = [true, false] as const;

export const count = {
  test: (value: unknown) => Number.isInteger(value) && (value as number) >= 1,
  are: 'a whole number from 1 on',
};

/** An induction task shows some pairs and hides others. */
export const countOfInputs = {
  test: (value: unknown) => Number.isInteger(value) && (value as number) >= 2,
  are: 'a whole number from 2 on',
};

export const names = {
  test: (value: unknown) => Array.isArray(value) && value.every((one) => typeof one === 'string'),
  are: 'a list of texts',
};

export const orNull = (rule: { test: (value: unknown) => boolean; are: string }) => ({
  test: (value: unknown) => value === null || rule.test(value),
  are: `${rule.are}, or null`,
});
