/** @file A completion as its tokens, each with its text and how likely it was: what the shading shows. */

import type { Tokenizer } from '../../selfplay/dialect';

export interface Piece {
  text: string;
  /** Of all tokens in it: some characters take several. */
  logProb: number;
  tokens: number;
}

const UNKNOWN = '\ufffd';
/** So many tokens at most make up one character, where texts are spelt in bytes. */
const mostTokens = 4;

/** Put together, the pieces are the text; null if these tokens are not its tokens in this vocabulary. */
export function piecesOf(
  tokenizer: Tokenizer,
  tokens: Int32Array,
  logProbs: Float32Array,
  text: string,
): Piece[] | null {
  const pieces: Piece[] = [];
  let place = 0;
  for (let at = 0; at < tokens.length; ) {
    const found = nextPiece(tokenizer, tokens, at, text, place);
    if (found === null) return null;
    let logProb = 0;
    for (let k = 0; k < found.tokens; k++) logProb += logProbs[at + k] ?? 0;
    pieces.push({ ...found, logProb });
    at += found.tokens;
    place += found.text.length;
  }
  return place === text.length ? pieces : null;
}

/** As few tokens as make sense: what stands for no character yet may do so with those after it. */
function nextPiece(tokenizer: Tokenizer, tokens: Int32Array, at: number, whole: string, place: number) {
  let torn: { text: string; tokens: number } | null = null;
  for (let count = 1; count <= mostTokens && at + count <= tokens.length; count++) {
    const text = tokenizer.decode(tokens.subarray(at, at + count));
    if (!whole.startsWith(text, place)) continue;
    if (text !== UNKNOWN) return count === 1 || torn === null ? { text, tokens: count } : torn;
    torn = { text, tokens: count };
  }
  return torn;
}

// ---- How sure it was -------------------------------------------------------------------------------------------------

/** Lower bounds of probability, from what went without saying to what came as a surprise. */
export const sureness = [0.95, 0.8, 0.5, 0.2, 0.05, 0] as const;

/** Its place in the list: 0 for sure, the last one for a surprise. */
export const surenessOf = (logProb: number) => {
  const probability = Math.exp(logProb);
  return sureness.findIndex((least) => probability >= least);
};

export const surenessLabel = (at: number) => {
  if (at === 0) return `${sureness[0] * 100} % or more`;
  if (at === sureness.length - 1) return `less than ${sureness[at - 1] * 100} %`;
  return `${sureness[at] * 100} % to ${sureness[at - 1] * 100} %`;
};

/** 0.00042 -> '0.042 %'. */
export function percentOf(logProb: number): string {
  const percent = Math.exp(logProb) * 100;
  if (percent >= 99.995) return '100 %';
  return `${percent >= 10 ? percent.toFixed(1) : percent.toPrecision(2)} %`;
}
