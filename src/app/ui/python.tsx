/**
 * @file Python as people like to read it: words told apart by colour, lines numbered where somebody refers to them. The tokenizer is our
 * own and small: it takes every text there is, since models write anything, and loses nothing of it.
 */

import './python.css';

export const pythonKinds = [
  'keyword',
  'constant',
  'builtin',
  'defined',
  'string',
  'number',
  'comment',
  'operator',
  'plain',
] as const;
export type PythonKind = (typeof pythonKinds)[number];

export interface PythonToken {
  kind: PythonKind;
  text: string;
}

const set = (words: string): ReadonlySet<string> => new Set(words.split(' '));
const keywords = set(
  'and as assert async await break class continue def del elif else except finally for from global if import in is lambda ' +
    'nonlocal not or pass raise return try while with yield',
);
const constants = set('True False None');
const builtins = set(
  'abs all any bin bool bytes chr dict divmod enumerate filter float frozenset hash hex int isinstance iter len list map max min ' +
    'next oct ord pow print range repr reversed round set slice sorted str sum tuple type zip',
);

/** What cannot be finished, such as a text without its closing quote, ends with the line. A dot stands for every character. */
const patterns: readonly [PythonKind | 'word', RegExp][] = [
  ['comment', /#[^\n]*/],
  ['string', /[rRbBuUfF]{0,2}(?:'''.*?(?:'''|$)|""".*?(?:"""|$))/],
  ['string', /[rRbBuUfF]{0,2}(?:'(?:[^'\\\n]|\\.)*(?:'|(?=\n)|$)|"(?:[^"\\\n]|\\.)*(?:"|(?=\n)|$))/],
  ['number', /0[xXoObB][\da-fA-F_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?[jJ]?/],
  ['word', /[\p{L}_][\p{L}\p{N}_]*/u],
  ['operator', /[-+*/%@&|^~<>=!:]+/],
  ['plain', /./],
];
const next = new RegExp(patterns.map(([, { source }]) => `(${source})`).join('|'), 'gsu');

/** Put together they are the text. */
export function pythonTokens(text: string): PythonToken[] {
  const tokens: PythonToken[] = [];
  let defines = false;
  let member = false;
  const add = (kind: PythonKind, piece: string) => {
    const last = tokens.at(-1);
    if (kind === 'plain' && last?.kind === 'plain') last.text += piece;
    else tokens.push({ kind, text: piece });
  };
  for (const [piece, ...groups] of text.matchAll(next)) {
    const [found] = patterns[groups.findIndex((group) => group !== undefined)];
    add(found === 'word' ? kindOfWord(piece, defines, member) : found, piece);
    if (piece.trim() !== '') defines = piece === 'def' || piece === 'class';
    if (piece.trim() !== '') member = piece === '.';
  }
  return tokens;
}

function kindOfWord(word: string, defines: boolean, member: boolean): PythonKind {
  if (member) return 'plain';
  if (defines) return 'defined';
  if (keywords.has(word)) return 'keyword';
  if (constants.has(word)) return 'constant';
  return builtins.has(word) ? 'builtin' : 'plain';
}

/** By line, without the line ends. */
export function pythonLines(text: string): PythonToken[][] {
  const lines: PythonToken[][] = [[]];
  for (const { kind, text: piece } of pythonTokens(text)) {
    piece.split('\n').forEach((part, index) => {
      if (index > 0) lines.push([]);
      if (part !== '') lines[lines.length - 1].push({ kind, text: part });
    });
  }
  return lines;
}

const words = (tokens: readonly PythonToken[]) =>
  tokens.map(({ kind, text }, index) =>
    kind === 'plain' ? (
      text
    ) : (
      <span key={index} class={`python-${kind}`}>
        {text}
      </span>
    ),
  );

/** A program. Wide ones scroll by themselves, with the keyboard too. */
export function Python({
  text,
  label,
  numbered = false,
}: {
  text: string;
  label: string;
  numbered?: boolean;
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex lint/a11y/useSemanticElements: what scrolls is reached with the keyboard
    <pre class="python" role="group" aria-label={label} tabIndex={0}>
      <code class={numbered ? 'python-numbered' : undefined}>
        {numbered
          ? pythonLines(text).map((line, index, { length }) => (
              <span class="python-line" key={index}>
                {words(line)}
                {index < length - 1 ? '\n' : ''}
              </span>
            ))
          : words(pythonTokens(text))}
      </code>
    </pre>
  );
}

/** A value, or an argument list, within a sentence or a cell. */
export function PythonValue({ text }: { text: string }) {
  return <code class="python-value">{words(pythonTokens(text))}</code>;
}
