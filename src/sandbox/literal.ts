/**
 * @file Python's literals, read and never evaluated: the text of a value, and the text of an argument list.
 *
 * Answers are a model's, so nothing that would have to be computed is accepted, and no text takes more than milliseconds. What
 * ast.literal_eval accepts is accepted, with few differences, which tests/golden/literals/make.py lists: what repr prints for
 * inf, nan and frozensets counts as a literal; signs may be repeated, and a text may begin and end with blanks of any kind;
 * `...` and \N{...} are refused; and each part of a complex number has the sign it is written with, which is what repr means,
 * where Python would compute -1j as -(0+1j).
 */

import { defaultLimits } from './executor';
import { depth, distinct, distinctEntries, isHashable, type Value } from './value';

export interface Arguments {
  positional: Value[];
  named: [name: string, value: Value][];
}

export interface LiteralLimits {
  /** Lists within lists. */
  depth: number;
  /** Characters. */
  length: number;
}

export type ParsedValue = { ok: true; value: Value } | Refused;
export type ParsedArguments = ({ ok: true } & Arguments) | Refused;
type Refused = { ok: false; reason: string };

/** "[1, 2]": one value; or "1, 2": a tuple, as in Python. */
export function parseValue(text: string, limits: Partial<LiteralLimits> = {}): ParsedValue {
  return refusing(() => ({ ok: true, value: new Parser(text, limits).value() }));
}

/** "3, *[1, 2], key='x'": what stands between the parentheses of a call. */
export function parseArguments(text: string, limits: Partial<LiteralLimits> = {}): ParsedArguments {
  return refusing(() => ({ ok: true, ...new Parser(text, limits).arguments() }));
}

/** The parser's way out of its recursion; it never leaves this file. */
class Refusal extends Error {}

function refusing<T>(parse: () => T): T | Refused {
  try {
    return parse();
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, reason: error.message };
    throw error;
  }
}

/** What may be given a sign, or be the half of a complex number, depends on how it is written and not just on its value. */
interface Written {
  value: Value;
  as: 'number' | 'signed' | 'other';
  /** -0 is the int 0, but the -0.0 of (-0+1j). */
  minus?: boolean;
}

const other = (value: Value): Written => ({ value, as: 'other' });

/** In Python's conversions too, so that none takes quadratic time. */
const MAX_DIGITS = 4300;

// Sticky: each looks at one place of the text. None can be made to go back over what it has read.
const BLANKS = /(?:[ \t\f]+|\\\n(?!$)|#[^\n]*)*/y;
const BLANKS_AND_LINES = /(?:[ \t\f\n]+|\\\n(?!$)|#[^\n]*)*/y;
const NAME = /[\p{XID_Start}_]\p{XID_Continue}*/uy;
const REST_OF_NAME = /\p{XID_Continue}/uy;
const STRING = /([A-Za-z]*)("""|'''|"|')/y;
const BASED = /0(?:[xX](?:_?[0-9a-fA-F])+|[oO](?:_?[0-7])+|[bB](?:_?[01])+)/y;
const DECIMAL = /(?:(?:\d(?:_?\d)*)(?:\.(?:\d(?:_?\d)*)?)?|\.\d(?:_?\d)*)(?:[eE][+-]?\d(?:_?\d)*)?([jJ])?/y;
const OCTAL = /[0-7]{1,3}/y;
const HEX: Record<string, RegExp> = {
  x: /[0-9a-fA-F]{2}/y,
  u: /[0-9a-fA-F]{4}/y,
  U: /[0-9a-fA-F]{8}/y,
};
const ESCAPES: Record<string, string> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

const KEYWORDS = new Set(
  `False None True __debug__ and as assert async await break class continue def del elif else except finally for from global
  if import in is lambda nonlocal not or pass raise return try while with yield`.split(/\s+/),
);

class Parser {
  private readonly text: string;
  private readonly maxDepth: number;
  private at = 0;
  /** Brackets that are open here; within them a line may end. */
  private open = 0;

  constructor(text: string, limits: Partial<LiteralLimits>) {
    const length = limits.length ?? defaultLimits.source;
    this.maxDepth = limits.depth ?? defaultLimits.depth;
    if (text.length > length)
      throw new Refusal(`It has ${text.length} characters, and at most ${length} are read.`);
    this.text = text.replace(/\r\n?/g, '\n');
    const unfit = this.text.search(/[\0\p{Surrogate}]/u);
    if (unfit >= 0) this.refuse('neither NUL nor half of a surrogate pair may stand in a text', unfit);
  }

  value(): Value {
    this.skip(BLANKS_AND_LINES);
    let value = this.element().value;
    if (this.peek(',')) {
      const items = [value];
      while (this.eat(',') && this.at < this.text.length && !this.peek('\n'))
        items.push(this.element().value);
      value = { type: 'tuple', items };
    }
    this.skip(BLANKS_AND_LINES);
    if (this.at < this.text.length) this.expected('the end');
    this.checkDepth(value);
    return value;
  }

  arguments(): Arguments {
    const positional: Value[] = [];
    const named = new Map<string, Value>();
    let last: 'positional' | 'named' | 'unpacked' = 'positional';
    const add = (name: string, value: Value, at: number) => {
      if (named.has(name)) this.refuse(`the argument ${name} is given twice`, at);
      named.set(name, value);
    };

    this.open = 1;
    this.skip();
    while (this.at < this.text.length) {
      const at = this.at;
      if (this.eat('**')) {
        for (const [name, value] of this.unpacked()) add(name, value, at);
        last = 'unpacked';
      } else if (this.eat('*')) {
        if (last === 'unpacked') this.refuse('an argument with * cannot follow one with **', at);
        positional.push(...this.spread());
      } else {
        const name = this.keyword();
        const value = this.element().value;
        this.checkDepth(value, at);
        if (name !== null) {
          add(name, value, at);
          if (last === 'positional') last = 'named';
        } else if (last === 'positional') positional.push(value);
        else this.refuse('an argument without a name cannot follow one with a name', at);
      }
      if (this.at < this.text.length && !this.eat(',')) this.expected("',' or the end");
    }
    return { positional, named: [...named] };
  }

  // ---- Arguments -----------------------------------------------------------------------------------------------------

  /** The name of a named argument, if one begins here, and its '='. */
  private keyword(): string | null {
    const at = this.at;
    const written = this.match(NAME)?.[0];
    if (written === undefined) return null;
    this.skip();
    if (!this.peek('=') || this.peek('==')) {
      this.at = at;
      return null;
    }
    const name = written.normalize('NFKC');
    if (KEYWORDS.has(name)) this.refuse(`'${name}' cannot be the name of an argument`, at);
    this.eat('=');
    return name;
  }

  /** What follows a '*'. */
  private spread(): Value[] {
    const at = this.at;
    const { value } = this.element();
    this.checkDepth(value, at);
    if ('items' in value) return value.items;
    if (value.type === 'dict') return value.entries.map(([name]) => name);
    if (value.type === 'str') return value.points.map((point) => ({ type: 'str', points: [point] }));
    if (value.type === 'bytes') return value.bytes.map((byte) => ({ type: 'int', value: BigInt(byte) }));
    return this.refuse("only what has members can follow '*'", at);
  }

  /** What follows a '**'. */
  private unpacked(): [string, Value][] {
    const at = this.at;
    const { value } = this.element();
    this.checkDepth(value, at);
    if (value.type !== 'dict') return this.refuse("only a dict can follow '**'", at);
    return value.entries.map(([name, item]) => {
      if (name.type !== 'str' || name.points.some((point) => point >= 0xd800 && point <= 0xdfff))
        return this.refuse('the keys of a dict that follows ** must be text', at);
      return [name.points.map((point) => String.fromCodePoint(point)).join(''), item];
    });
  }

  // ---- Values --------------------------------------------------------------------------------------------------------

  /** A value or the sum that is a complex number, and the blanks after it. */
  private element(): Written {
    const left = this.signed();
    if (left.as === 'other' || left.value.type === 'complex' || !(this.peek('+') || this.peek('-')))
      return left;
    const at = this.at;
    const minus = this.eat('-');
    if (!minus) this.eat('+');
    const right = this.atom();
    if (right.as !== 'number' || right.value.type !== 'complex')
      return this.refuse('only an imaginary number can be added, since nothing is computed here', at);
    const { imag } = right.value;
    return other({ type: 'complex', real: this.real(left, at), imag: minus ? -imag : imag });
  }

  private real({ value, minus }: Written, at: number): number {
    if (value.type === 'float') return value.value;
    const real = value.type === 'int' ? Number(value.value) : Number.NaN;
    if (!Number.isFinite(real)) this.refuse('the number before this is too large for a complex one', at);
    return real === 0 && minus ? -0 : real;
  }

  private signed(): Written {
    const at = this.at;
    let minus = false;
    let signs = 0;
    for (; this.peek('+') || this.peek('-'); signs++) {
      if (this.eat('-')) minus = !minus;
      else this.eat('+');
    }
    const operand = this.atom();
    if (signs === 0) return operand;
    if (operand.as === 'other') this.refuse('only a number can have a sign', at);
    if (operand.minus) minus = !minus;
    const value = minus === Boolean(operand.minus) ? operand.value : negated(operand.value);
    return { value, as: 'signed', minus };
  }

  private atom(): Written {
    if (this.peek('(')) return this.parentheses();
    if (this.peek('[')) return other({ type: 'list', items: this.brackets('[', ']') });
    if (this.peek('{')) return other(this.braces());
    if (this.looking(STRING)) return other(this.strings());
    const written = this.number() ?? this.word();
    this.skip();
    return written;
  }

  private parentheses(): Written {
    this.enter('(');
    let inner = other({ type: 'tuple', items: [] });
    if (!this.peek(')')) {
      inner = this.element();
      if (this.peek(',')) {
        const items = [inner.value];
        while (this.eat(',') && !this.peek(')')) items.push(this.element().value);
        inner = other({ type: 'tuple', items });
      }
    }
    this.leave(')');
    return inner;
  }

  private brackets(opening: string, closing: string): Value[] {
    const items: Value[] = [];
    this.enter(opening);
    while (!this.peek(closing)) {
      items.push(this.element().value);
      if (!this.eat(',')) break;
    }
    this.leave(closing);
    return items;
  }

  private braces(): Value {
    const items: Value[] = [];
    const entries: [Value, Value][] = [];
    this.enter('{');
    while (!this.peek('}')) {
      const at = this.at;
      const { value } = this.element();
      if (!isHashable(value)) this.refuse('a list, dict or set can be neither a key nor in a set', at);
      if (items.length === 0 && this.peek(':')) {
        this.eat(':');
        entries.push([value, this.element().value]);
      } else if (entries.length === 0) items.push(value);
      else this.expected("':'");
      if (!this.eat(',')) break;
    }
    this.leave('}');
    if (items.length > 0) return { type: 'set', items: distinct(items) };
    return { type: 'dict', entries: distinctEntries(entries) };
  }

  /** A name that stands for a value, or one of the calls that repr writes. */
  private word(): Written {
    const at = this.at;
    const name = this.match(NAME)?.[0];
    switch (name) {
      case 'None':
        return other({ type: 'none' });
      case 'True':
      case 'False':
        return other({ type: 'bool', value: name === 'True' });
      case 'inf':
        return { value: { type: 'float', value: Number.POSITIVE_INFINITY }, as: 'number' };
      case 'nan':
        return { value: { type: 'float', value: Number.NaN }, as: 'number' };
      case 'infj':
        return { value: { type: 'complex', real: 0, imag: Number.POSITIVE_INFINITY }, as: 'number' };
      case 'nanj':
        return { value: { type: 'complex', real: 0, imag: Number.NaN }, as: 'number' };
      case 'set':
        this.called(() => null);
        return other({ type: 'set', items: [] });
      case 'frozenset':
        return other({ type: 'frozenset', items: this.called(() => this.members()) });
      case 'float':
        return { value: { type: 'float', value: this.called(() => this.special()) }, as: 'number' };
    }
    this.at = at;
    return this.expected('a value');
  }

  private called<T>(argument: () => T): T {
    this.skip();
    if (!this.peek('(')) this.expected("'('");
    this.enter('(');
    const result = argument();
    this.leave(')');
    return result;
  }

  private members(): Value[] {
    if (this.peek(')')) return [];
    const at = this.at;
    const value: Value = this.peek('[')
      ? { type: 'list', items: this.brackets('[', ']') }
      : this.peek('{')
        ? this.braces()
        : this.expected('a set or a list');
    if (!('items' in value)) return this.refuse('a frozenset is made from a set or a list', at);
    if (!value.items.every(isHashable)) this.refuse('a list, dict or set cannot be in a frozenset', at);
    return distinct(value.items);
  }

  private special(): number {
    const at = this.at;
    const value = this.looking(STRING) ? this.strings() : this.expected("'inf', '-inf' or 'nan'");
    const text =
      value.type === 'str' ? value.points.map((point) => String.fromCodePoint(point)).join('') : '';
    const index = ['inf', '-inf', 'nan'].indexOf(text);
    if (index < 0) return this.refuse("float takes 'inf', '-inf' or 'nan' here", at);
    return [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN][index];
  }

  // ---- Numbers -------------------------------------------------------------------------------------------------------

  private number(): Written | null {
    const at = this.at;
    const based = this.match(BASED)?.[0];
    const decimal = based === undefined ? this.match(DECIMAL) : null;
    if (based === undefined && decimal === null) return null;
    if (this.looking(REST_OF_NAME)) this.refuse('this is not how a number is written', at);
    const digits = (based ?? decimal![0]).replaceAll('_', '').toLowerCase();
    const written = (value: Value): Written => ({ value, as: 'number' });
    if (decimal?.[1]) return written({ type: 'complex', real: 0, imag: Number(digits.slice(0, -1)) });
    if (decimal && /[.e]/.test(digits)) return written({ type: 'float', value: Number(digits) });
    if (decimal && /^0+[1-9]/.test(digits)) this.refuse('a whole number cannot begin with 0', at);
    if (decimal && digits.length > MAX_DIGITS && !digits.startsWith('0'))
      this.refuse(`a whole number has at most ${MAX_DIGITS} digits`, at);
    return written({ type: 'int', value: BigInt(digits) });
  }

  // ---- Strings -------------------------------------------------------------------------------------------------------

  /** One or more strings, which Python joins. */
  private strings(): Value {
    const content: number[] = [];
    let bytes: boolean | null = null;
    while (this.looking(STRING)) {
      const at = this.at;
      const [, prefix, quote] = this.match(STRING)!;
      const kind = prefix.toLowerCase();
      if (/^(?:[ft]r?|r[ft])$/.test(kind))
        this.refuse(`${kind}-strings are computed, and nothing is computed here`, at);
      if (!['', 'r', 'u', 'b', 'br', 'rb'].includes(kind))
        this.refuse(`no string begins with ${prefix}${quote}`, at);
      if (bytes !== null && bytes !== kind.includes('b')) this.refuse('bytes and text cannot be joined', at);
      bytes = kind.includes('b');
      this.string(content, quote, kind.includes('r'), bytes, at);
      this.skip();
    }
    return bytes ? { type: 'bytes', bytes: content } : { type: 'str', points: content };
  }

  private string(content: number[], quote: string, raw: boolean, bytes: boolean, start: number): void {
    while (!this.text.startsWith(quote, this.at)) {
      const point = this.text.codePointAt(this.at);
      if (point === undefined || (point === 10 && quote.length === 1))
        this.refuse('the string that begins here does not end', start);
      if (bytes && point > 127) this.refuse('bytes hold ASCII characters only', this.at);
      this.at += point > 0xffff ? 2 : 1;
      if (point !== 92) content.push(point);
      else if (!raw) this.escape(content, bytes);
      else if (this.at < this.text.length) {
        // A backslash keeps a quote from ending even a raw string, and stays in it.
        content.push(92);
        if (/['"\\\n]/.test(this.text[this.at])) content.push(this.text.charCodeAt(this.at++));
      }
    }
    this.at += quote.length;
  }

  /** What follows a backslash. */
  private escape(content: number[], bytes: boolean): void {
    const at = this.at - 1;
    const letter = this.text[this.at] ?? '';
    const octal = this.match(OCTAL)?.[0];
    if (octal !== undefined) {
      const code = Number.parseInt(octal, 8);
      content.push(bytes ? code & 255 : code);
    } else if (letter === '\n') this.at++;
    else if (letter !== '' && '\\\'"abfnrtv'.includes(letter)) {
      this.at++;
      content.push((ESCAPES[letter] ?? letter).charCodeAt(0));
    } else if (letter === 'x' || (!bytes && (letter === 'u' || letter === 'U'))) {
      this.at++;
      const code = Number.parseInt(this.match(HEX[letter])?.[0] ?? 'none', 16);
      if (!(code <= 0x10ffff)) this.refuse(`this \\${letter} escape is not a character`, at);
      content.push(code);
    } else if (letter === 'N' && !bytes)
      this.refuse('characters cannot be given by name (\\N) here, only by number (\\u)', at);
    else content.push(92);
  }

  // ---- Text ----------------------------------------------------------------------------------------------------------

  private enter(opening: string): void {
    // A value of the greatest depth may have twice the brackets: frozenset({...}), and a complex number's own.
    if (++this.open > 2 * this.maxDepth + 2) this.refuse('there are too many brackets within brackets');
    this.eat(opening);
  }

  private leave(closing: string): void {
    if (!this.peek(closing)) this.expected(`',' or '${closing}'`);
    this.open--;
    this.eat(closing);
  }

  private checkDepth(value: Value, at?: number): void {
    if (depth(value) > this.maxDepth)
      this.refuse(`it holds more than ${this.maxDepth} lists within lists`, at ?? 0);
  }

  private peek(token: string): boolean {
    return this.text.startsWith(token, this.at);
  }

  /** Steps over this token and the blanks after it, if it is here. */
  private eat(token: string): boolean {
    if (!this.peek(token)) return false;
    this.at += token.length;
    this.skip();
    return true;
  }

  private skip(blanks = this.open > 0 ? BLANKS_AND_LINES : BLANKS): void {
    this.match(blanks);
  }

  private looking(pattern: RegExp): boolean {
    pattern.lastIndex = this.at;
    return pattern.test(this.text);
  }

  private match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.text);
    if (match) this.at += match[0].length;
    return match;
  }

  private expected(what: string): never {
    const rest = this.text.slice(this.at, this.at + 200);
    const name = /^[\p{XID_Start}_]\p{XID_Continue}{0,20}/u.exec(rest)?.[0];
    const next = name ?? String.fromCodePoint(rest.codePointAt(0) ?? 0);
    const found = rest === '' ? 'the end' : next === '\n' ? 'the end of the line' : `'${next}'`;
    return this.refuse(`expected ${what}, found ${found}`);
  }

  private refuse(why: string, at = this.at): never {
    throw new Refusal(`It stops at character ${[...this.text.slice(0, at)].length + 1}: ${why}.`);
  }
}

function negated(value: Value): Value {
  if (value.type === 'int') return { type: 'int', value: -value.value };
  if (value.type === 'float') return { type: 'float', value: -value.value };
  if (value.type === 'complex') return { ...value, imag: -value.imag };
  return value;
}
