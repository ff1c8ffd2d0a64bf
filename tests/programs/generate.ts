/**
 * @file Python programs as language models write them: a function f, some thing done to its arguments after the other, one value
 * back. The same seed gives the same programs on every machine; what they answer, CPython says (tests/golden/programs).
 */

import { RandomStream } from '../../src/model/random';
import { failingIdioms, type Idiom, idioms, type Kind } from './idioms';

export interface Generated {
  program: string;
  /** The text of an argument list. */
  input: string;
}

/** `count` programs, all different. */
export function generatePrograms(count: number, seed = 1): Generated[] {
  const made = new Map<string, Generated>();
  for (let number = 0; made.size < count; number++) {
    const { program, input } = new Writer(new Dice(seed, `program ${number}`)).write();
    made.set(program, { program, input });
  }
  return [...made.values()];
}

/** Numbers from one stream, in order. */
export class Dice {
  readonly #stream: RandomStream;
  #next = 0;

  constructor(seed: number, name: string) {
    this.#stream = new RandomStream(seed, name);
  }

  /** From `low` to `high`, both included. */
  int(low: number, high: number): number {
    return low + (this.#stream.at(this.#next++) % (high - low + 1));
  }

  of<T>(items: readonly T[]): T {
    return items[this.int(0, items.length - 1)];
  }

  /** True in one of `n` cases. */
  oneIn(n: number): boolean {
    return this.int(1, n) === 1;
  }
}

// ---- Programs --------------------------------------------------------------------------------------------------------

interface Variable {
  name: string;
  kind: Kind;
}

const parameterKinds: readonly Kind[] = [
  'ints',
  'ints',
  'ints',
  'str',
  'str',
  'str',
  'int',
  'int',
  'strs',
  'strs',
  'dict',
  'float',
  'floats',
  'grid',
  'bool',
  'set',
];

const parameterNames: Record<Kind, string[]> = {
  int: ['num', 'limit', 'amount', 'size'],
  float: ['ratio', 'rate', 'x0', 'scale'],
  str: ['text', 'sentence', 'phrase', 'message'],
  bool: ['flag', 'strict', 'verbose', 'enabled'],
  ints: ['nums', 'values', 'numbers', 'data'],
  floats: ['prices', 'readings', 'weights', 'samples'],
  strs: ['names', 'tokens', 'labels', 'lines'],
  dict: ['scores', 'inventory', 'stock', 'ages'],
  pairs: ['entries', 'records', 'orders', 'edges'],
  grid: ['grid', 'board', 'cells', 'image'],
  set: ['chosen', 'ids', 'allowed', 'marks'],
  words: ['vocabulary', 'known', 'stop_words', 'keys'],
};

/** Neither these nor the names above are bound by any piece. */
const resultNames = [
  'result',
  'answer',
  'output',
  'res',
  'acc',
  'found',
  'score',
  'outcome',
  'final_value',
  'temp',
  'mapped',
  'picked',
  'summary',
  'state',
];

/** Writes one program, from top to bottom. */
class Writer {
  readonly #dice: Dice;
  readonly #imports = new Set<string>();
  readonly #above: string[][] = [];
  readonly #body: string[] = [];
  readonly #scope: Variable[] = [];
  readonly #used = new Set<Idiom>();

  constructor(dice: Dice) {
    this.#dice = dice;
  }

  write(): Generated {
    const dice = this.#dice;
    const parameters: Variable[] = [];
    for (let i = dice.of([1, 1, 1, 2, 2, 3]); i > 0; i--) {
      const kind = dice.of(parameterKinds);
      const free = parameterNames[kind].filter((name) => parameters.every((other) => other.name !== name));
      parameters.push({ name: dice.of(free), kind });
    }
    this.#scope.push(...parameters);
    const length = dice.of([3, 4, 5, 6, 8, 10, 12, 15]);
    for (let tries = 0; tries < 40 && this.#body.length < length; tries++) this.#add(idioms);
    if (dice.oneIn(12)) this.#add(failingIdioms);
    const signature = `def f(${parameters.map(({ name }) => name).join(', ')}):`;
    const inside = [...this.#body, this.#answer()].map((line) => `    ${line}`);
    const sections = [[...this.#imports].sort(), ...this.#above, [signature, ...inside]];
    const program = sections
      .filter((lines) => lines.length > 0)
      .map((lines) => `${lines.join('\n')}\n`)
      .join('\n');
    const named = dice.oneIn(10) ? parameters.length - 1 : parameters.length; // the last argument by name, at times
    const values = parameters.map(({ name, kind }, i) => (i < named ? '' : `${name}=`) + this.#literal(kind));
    return { program, input: values.join(', ') };
  }

  /** One more piece, if there is what it needs. What was made last is used most. */
  #add(from: readonly Idiom[]): void {
    const dice = this.#dice;
    const possible = from.filter(
      (idiom) =>
        !this.#used.has(idiom) &&
        idiom.needs.every((kind) => this.#scope.some((variable) => variable.kind === kind)),
    );
    if (possible.length === 0) return;
    const latest = this.#scope[this.#scope.length - 1].kind;
    const onLatest = possible.filter(({ needs }) => needs.includes(latest));
    const idiom = dice.of(onLatest.length > 0 && !dice.oneIn(3) ? onLatest : possible);
    // Classes are rarer in task programs than in this collection.
    if (idiom.above.some((line) => line.startsWith('class ')) && dice.oneIn(4)) return;
    this.#used.add(idiom);
    const operands = idiom.needs.map((kind) => {
      const fitting = this.#scope.filter((variable) => variable.kind === kind);
      return dice.oneIn(3) ? dice.of(fitting) : fitting[fitting.length - 1];
    });
    const names: Record<string, string> = { A: operands[0].name, B: (operands[1] ?? operands[0]).name };
    const { gives } = idiom;
    if (gives !== 'none') {
      const name = dice.of(resultNames.filter((free) => this.#scope.every((taken) => taken.name !== free)));
      names.OUT = name;
      this.#scope.push({ name, kind: gives });
    }
    const remembered = new Map<string, string>();
    const fill = (line: string) =>
      line
        .replace(/«(?:(\w+)=)?([^»]*)»/g, (_, name, choice) => this.#choose(choice, name, remembered))
        .replace(/\b(A|B|OUT)\b/g, (name) => names[name]);
    const place = (lines: string[], into: string[]) => {
      for (const line of lines.map(fill)) {
        if (/^(import|from) /.test(line)) this.#imports.add(line);
        else into.push(line);
      }
    };
    const outside: string[] = [];
    place(idiom.above, outside);
    if (outside.length > 0) this.#above.push(outside);
    place(idiom.lines, this.#body);
  }

  #choose(choice: string, name: string | undefined, remembered: Map<string, string>): string {
    const known = remembered.get(choice);
    if (known !== undefined) return known;
    const range = /^(-?\d+)\.\.(-?\d+)$/.exec(choice);
    let text: string;
    if (range) text = String(this.#dice.int(Number(range[1]), Number(range[2])));
    else if (choice === 'word') text = this.#dice.of(words);
    else text = this.#dice.of(choice.split('¦'));
    if (name) remembered.set(name, text);
    return text;
  }

  #answer(): string {
    const dice = this.#dice;
    const last = this.#scope[this.#scope.length - 1].name;
    const other = dice.of(this.#scope);
    const safe = other.kind === 'words' || other.kind === 'set' ? `sorted(${other.name})` : other.name;
    const { kind } = this.#scope[this.#scope.length - 1];
    const shown = kind === 'words' || kind === 'set' ? `len(${last})` : last;
    switch (dice.int(1, 10)) {
      case 1:
        return `return ${last}, ${other.name}`;
      case 2:
        return `return [${last}, ${safe}]`;
      case 3:
        return `return {'${dice.of(words)}': ${last}, '${dice.of(words)}': ${safe}}`;
      case 4:
        return `return f'{${shown}} and {${safe}!r}'`;
      case 5:
        return `return (${last},)`;
      case 6:
        return `return ${last} if ${other.name} else None`;
      default:
        return `return ${last}`;
    }
  }

  // ---- Inputs ----

  #literal(kind: Kind): string {
    const dice = this.#dice;
    const list = (low: number, high: number, item: () => string) =>
      Array.from({ length: dice.int(low, high) }, item).join(', ');
    const quoted = (text: string) => (text.includes("'") ? `"${text}"` : `'${text}'`);
    switch (kind) {
      case 'int':
        if (dice.oneIn(12)) return `${dice.of(['', '-'])}${dice.int(1, 1e9)}${dice.int(1e8, 1e9)}`;
        return String(dice.oneIn(3) ? dice.int(-100, 100) : dice.int(0, 25));
      case 'float':
        return dice.of(['0.1', '2.5', '-0.75', '3.14159', '1e-05', '100.0', '-1234.5678', '7.0', '0.333333']);
      case 'str':
        return quoted(dice.oneIn(3) ? dice.of(words) : dice.of(sentences));
      case 'bool':
        return dice.of(['True', 'False']);
      case 'ints':
        return `[${list(dice.oneIn(15) ? 0 : 2, 10, () => String(dice.oneIn(3) ? dice.int(-20, 30) : dice.int(0, 12)))}]`;
      case 'floats':
        return `[${list(2, 6, () => this.#literal('float'))}]`;
      case 'strs':
        return `[${list(2, 6, () => quoted(dice.of(words)))}]`;
      case 'dict':
        return `{${list(2, 5, () => `${quoted(dice.of(words))}: ${dice.int(-9, 40)}`)}}`;
      case 'pairs':
        return `[${list(2, 5, () => `(${quoted(dice.of(words))}, ${dice.int(0, 20)})`)}]`;
      case 'grid': {
        const width = dice.int(1, 4);
        return `[${list(2, 4, () => `[${Array.from({ length: width }, () => dice.int(-3, 12)).join(', ')}]`)}]`;
      }
      case 'set':
        return `{${list(2, 6, () => String(dice.int(0, 30)))}}`;
      case 'words':
        return `{${list(2, 4, () => quoted(dice.of(words)))}}`;
      default:
        return kind satisfies never;
    }
  }
}

const words =
  'apple banana cherry data echo fox gamma hello index jazz key level madam noon orange pixel queen radar stats tree under violet world xray yellow zebra'.split(
    ' ',
  );

const sentences = [
  'hello world',
  'The quick brown fox jumps over the lazy dog',
  'a man, a plan, a canal: Panama',
  'racecar',
  'Mississippi',
  'abc123def456',
  "it's a test",
  'tab\\tand\\nnewline',
  'naïve café ☃',
  'Straße 42; Ñandú 7',
  '((a[b]{c}))',
  '12',
  '',
  'aaabbbccd',
  'one two  three   four',
  'snake_case_name, CamelCase',
  'x=1;y=22;z=333',
];
