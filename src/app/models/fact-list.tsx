/** @file What a model is, as a list of names and values: wherever a model is looked at, before it is fetched or after. */

import type { ComponentChildren } from 'preact';
import * as format from '../format';
import { numbersInWords } from './facts';

export interface ModelForm {
  architecture: string;
  layers: number;
  width: number;
  heads: number;
  parameters: number;
  /** Of its weights: 'F16', 'BF16' ... */
  numbers: readonly string[];
  /** Tokens that it reads at once. */
  context: number;
}

export type Fact = readonly [name: string, value: ComponentChildren];

/** `more`: what else is to be said of it, below. */
export function FactList({
  model,
  more,
  warnings,
}: {
  model: ModelForm;
  more: readonly Fact[];
  warnings: readonly string[];
}) {
  const { architecture, layers, width, heads, parameters, numbers, context } = model;
  const facts: readonly Fact[] = [
    ['Architecture', `${architecture}, ${layers} layers of ${width} with ${heads} heads`],
    ['Parameters', `${format.count(parameters)} in ${numbersInWords(numbers)}`],
    ['Reads', `${format.count(context)} tokens at once`],
    ...more,
  ];
  return (
    <div>
      <dl class="facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd class="number">{value}</dd>
          </div>
        ))}
      </dl>
      {warnings.map((warning) => (
        <p class="notice" key={warning}>
          {warning}
        </p>
      ))}
    </div>
  );
}
