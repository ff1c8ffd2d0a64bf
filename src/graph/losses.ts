/**
 * @file The head and the losses: log-probabilities of given tokens, and how much each should rise or fall.
 *
 * Logits are the largest tensor of a training step (a batch of 2048 tokens over a vocabulary of 150k is 1.2 GB), so
 * they are made, used and forgotten in chunks of rows, forward and backward together. That is possible because every
 * loss here is a sum over tokens: the derivative of a token's loss needs that token's logits and nothing else. Each
 * chunk therefore returns the cotangents of its hidden states and of the head, from which autodiff goes on.
 *
 * Weights say how tokens are averaged (over all tokens, or within each sequence first): they are numbers that the
 * caller computes, 0 for padding and prompts, so the graph only ever sums.
 */

import {
  add,
  concat,
  div,
  exp,
  gatherElements,
  gemm,
  lessOrEqual,
  log,
  maximum,
  minimum,
  mul,
  neg,
  reduceMax,
  reduceSum,
  reshape,
  rows,
  scatterAddElements,
  sub,
  total,
  where,
} from './ops';
import { input, scalar, type Tensor } from './tensor';

/**
 * `cross-entropy`: -w log p. `policy`: PPO's clipped objective, with an entropy bonus and a penalty for leaving a
 * reference policy where asked for; a coefficient that is known to be zero costs nothing. `dual`: an action that is worse than
 * expected counts no more than so many times, however much likelier it has become.
 */
export type LossKind =
  | { kind: 'cross-entropy' }
  | { kind: 'policy'; entropy: boolean; reference: boolean; dual?: boolean };

export interface LossOutputs {
  /** [1] */
  loss: Tensor;
  /** [N, 1]: log-probability of each target. */
  logProbs: Tensor;
  /** [N, 1]: entropy of each token's distribution, for policy losses. */
  entropy: Tensor | null;
  /** Cotangents of the hidden states and the head. */
  cotangents: [hidden: Tensor, head: Tensor];
}

/** Logits of one chunk stay within this many numbers (64 MB). */
const CHUNK_ELEMENTS = 1 << 24;

/** How many rows of logits to hold at a time. */
export function logitRows(count: number, vocabulary: number, limit: number): number {
  const fitting = Math.max(1, Math.floor(limit / vocabulary));
  const chunks = Math.ceil(count / fitting);
  return Math.ceil(count / chunks);
}

export function lossHead(
  hidden: Tensor,
  head: Tensor,
  targets: Tensor,
  kind: LossKind,
  limit = CHUNK_ELEMENTS,
): LossOutputs {
  const [count, vocabulary] = [hidden.shape[0], head.shape[0]];
  const perToken = tokenLoss(kind, count);
  const step = logitRows(count, vocabulary, limit);
  const chunks: TokenChunk[] = [];
  let headCotangent: Tensor | null = null;
  for (let start = 0; start < count; start += step) {
    const range: Range = [start, Math.min(count, start + step)];
    const h = rows(hidden, ...range);
    const logits = distribution(h, head, rows(targets, ...range));
    const chunk = perToken(logits, range);
    chunks.push({ ...chunk, hidden: gemm(chunk.logits, head) });
    const dHead: Tensor = gemm(chunk.logits, h, { transA: true });
    headCotangent = headCotangent ? add(dHead, headCotangent) : dHead;
  }
  const join = (part: (chunk: TokenChunk) => Tensor) =>
    chunks.length > 1 ? concat(chunks.map(part), 0) : part(chunks[0]);
  return {
    loss: total(join((c) => c.loss)),
    logProbs: join((c) => c.logProbs),
    entropy: kind.kind === 'policy' ? join((c) => c.entropy as Tensor) : null,
    cotangents: [join((c) => c.hidden), headCotangent as Tensor],
  };
}

/** Log-probabilities and entropies alone, for scoring. */
export function scoreHead(
  hidden: Tensor,
  head: Tensor,
  targets: Tensor,
  limit = CHUNK_ELEMENTS,
): { logProbs: Tensor; entropy: Tensor } {
  const [count, vocabulary] = [hidden.shape[0], head.shape[0]];
  const step = logitRows(count, vocabulary, limit);
  const parts: { logProbs: Tensor; entropy: Tensor }[] = [];
  for (let start = 0; start < count; start += step) {
    const range: Range = [start, Math.min(count, start + step)];
    const logits = distribution(rows(hidden, ...range), head, rows(targets, ...range));
    parts.push({ logProbs: logits.logProbs, entropy: logits.entropy() });
  }
  const join = (part: (p: (typeof parts)[number]) => Tensor) =>
    parts.length > 1 ? concat(parts.map(part), 0) : part(parts[0]);
  return { logProbs: join((p) => p.logProbs), entropy: join((p) => p.entropy) };
}

type Range = [start: number, end: number];

interface TokenChunk extends TokenLoss {
  hidden: Tensor;
}

interface TokenLoss {
  /** [n, 1], already weighted. */
  loss: Tensor;
  logProbs: Tensor;
  entropy: Tensor | null;
  /** [n, V]: the cotangent of the logits. */
  logits: Tensor;
}

/** A softmax taken apart, so that every use of it shares the same shifted exponentials. */
function distribution(hidden: Tensor, head: Tensor, targets: Tensor) {
  const logits = gemm(hidden, head, { transB: true });
  const shifted = sub(logits, reduceMax(logits, [1]));
  const powers = exp(shifted);
  const sum = reduceSum(powers, [1]);
  const logSum = log(sum);
  const target = reshape(targets, [hidden.shape[0], 1]);
  const probabilities = div(powers, sum);
  const logProbs = sub(gatherElements(shifted, target), logSum);
  const meanShifted = () => reduceSum(mul(probabilities, shifted), [1]);
  return {
    target,
    probabilities,
    shifted,
    logProbs,
    meanShifted,
    entropy: () => sub(logSum, meanShifted()),
    logSum,
  };
}

type Distribution = ReturnType<typeof distribution>;

/** The cotangent of the logits when that of the target's log-probability is c: c (onehot - p). */
const throughSoftmax = ({ probabilities, target }: Distribution, c: Tensor, minusC = neg(c)): Tensor =>
  scatterAddElements(mul(probabilities, minusC), target, c);

function tokenLoss(kind: LossKind, count: number): (logits: Distribution, range: Range) => TokenLoss {
  const column = (name: string) => {
    const whole = reshape(input(name, 'float32', [count]), [count, 1]);
    return (range: Range) => rows(whole, ...range);
  };
  const weights = column('weights');
  switch (kind.kind) {
    case 'cross-entropy':
      return (logits, range) => {
        const w = weights(range);
        const c = neg(w);
        const { logProbs } = logits;
        return { loss: mul(c, logProbs), logProbs, entropy: null, logits: throughSoftmax(logits, c, w) };
      };
    case 'policy':
      return policyLoss(kind, weights, column);
    default:
      return kind satisfies never;
  }
}

/** e^30 is still finite times any advantage; an infinite ratio would turn a gradient of zero into NaN. */
const LARGEST_LOG_RATIO = 30;

function policyLoss(
  kind: Extract<LossKind, { kind: 'policy' }>,
  weights: (range: Range) => Tensor,
  column: (name: string) => (range: Range) => Tensor,
) {
  const advantages = column('advantages');
  const oldLogProbs = column('old_log_probs');
  const referenceLogProbs = kind.reference ? column('reference_log_probs') : null;
  const setting = (name: string) => input(name, 'float32', [1]);
  const lowest = setting('ratio_low'); // 1 - clip low
  const highest = setting('ratio_high'); // 1 + clip high
  const dual = kind.dual ? setting('ratio_dual') : null;
  const entropyCoefficient = kind.entropy ? setting('entropy_coefficient') : null;
  const klCoefficient = kind.reference ? setting('kl_coefficient') : null;

  const largest = scalar(LARGEST_LOG_RATIO);

  return (logits: Distribution, range: Range): TokenLoss => {
    const w = weights(range);
    const minusW = neg(w);
    const advantage = advantages(range);
    const ratio = exp(minimum(sub(logits.logProbs, oldLogProbs(range)), largest));
    const free = mul(ratio, advantage);
    const clipped = mul(minimum(maximum(ratio, lowest), highest), advantage);
    // Where the clipped side is the smaller one it is a constant; elsewhere d(ratio)/d(log p) is the ratio itself.
    let objective = minimum(free, clipped);
    let slope = where(lessOrEqual(free, clipped), free, scalar(0));
    if (dual) {
      const worst = mul(minimum(advantage, scalar(0)), dual);
      slope = where(lessOrEqual(worst, objective), slope, scalar(0));
      objective = maximum(objective, worst);
    }
    if (referenceLogProbs && klCoefficient) {
      // k3 = e^d - d - 1 with d = log p_ref - log p: never negative, unbiased, derivative 1 - e^d.
      const d = minimum(sub(referenceLogProbs(range), logits.logProbs), largest);
      const e = sub(exp(d), scalar(1));
      objective = sub(objective, mul(sub(e, d), klCoefficient));
      slope = add(slope, mul(e, klCoefficient));
    }
    const c = mul(slope, minusW);
    const meanShifted = logits.meanShifted();
    const entropy = sub(logits.logSum, meanShifted);
    const { logProbs } = logits;
    if (!entropyCoefficient) {
      return {
        loss: mul(objective, minusW),
        logProbs,
        entropy,
        logits: throughSoftmax(logits, c, mul(slope, w)),
      };
    }
    // -dH/dlogits = p (log p + H) = p (shifted - mean shifted): joins the softmax's own -c p.
    objective = add(objective, mul(entropy, entropyCoefficient));
    const spread = mul(sub(logits.shifted, meanShifted), mul(w, entropyCoefficient));
    const smooth = mul(logits.probabilities, sub(spread, c));
    return {
      loss: mul(objective, minusW),
      logProbs,
      entropy,
      logits: scatterAddElements(smooth, logits.target, c),
    };
  };
}
