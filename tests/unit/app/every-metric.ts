/** Every name that an entry of the list of metrics stands for, as far as they can be counted. */
import { metricList, rateClasses, speaksOf } from '../../../src/selfplay/metric-list';
import { modes, refusals } from '../../../src/store/records';

const placeholders: Record<string, readonly string[]> = {
  X: ['gen', 'pred'].flatMap((role) => ['o', 'i', 'f', 'e'].map((letter) => `${role}_code_${letter}`)),
  x: ['o', 'i', 'f', 'e'],
  statistic: ['mean', 'max', 'min'],
  mode: modes,
  refusal: [...refusals, 'unread'],
  class: rateClasses,
  side: ['input_types', 'output_types'],
  type: ['int', 'str', 'list', 'tuple', 'dict', 'bool'],
  node: ['1', '2', '3'],
  // As src/evals/during.ts has them.
  set: [
    'accuracy',
    ...modes.flatMap((mode) => [
      mode,
      ...['low', 'high', 'format', 'tokens', 'exact'].map((rest) => `${mode}/${rest}`),
      ...[1, 2, 3].flatMap((level) => [`${mode}/level_${level}`, `${mode}/level_${level}/exact`]),
    ]),
  ],
};

function spellOut(name: string): string[] {
  const [found, key] = /\{(\w+)\}/.exec(name) ?? [];
  if (found === undefined) return [name];
  return placeholders[key].flatMap((each) => spellOut(name.replace(found, each)));
}

export const everyMetric: readonly { entry: string; names: string[] }[] = metricList.map((entry) => {
  const names = spellOut(entry.name);
  for (const name of names)
    if (!speaksOf(entry, name)) throw new Error(`${entry.name} does not mean ${name}.`);
  return { entry: entry.name, names };
});
