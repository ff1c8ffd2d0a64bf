/**
 * @file What the model wrote, token by token: the less likely a token was, the stronger its shade. Each can be pointed at, or reached with
 * the arrow keys, to read the figure.
 */

import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { cutAtMarks, meaningOf } from './markers';
import { type Piece, percentOf, sureness, surenessLabel, surenessOf } from './pieces';

export interface CompletionProps {
  text: string;
  /** 'none' where no vocabulary fits, null while one is looked for. */
  pieces: Piece[] | 'none' | null;
  /** Milliseconds in which it writes itself out; null: it stands there. */
  writing: number | null;
}

export function Completion({ text, pieces, writing }: CompletionProps) {
  if (pieces === null || pieces === 'none')
    return (
      <>
        <PlainText text={text} label="Completion" />
        {pieces === 'none' && (
          <p class="note">
            The tokens are not shaded: no vocabulary that the page knows, or that the run has left, gives this
            text. A checkpoint of the run has its vocabulary.
          </p>
        )}
      </>
    );
  return <Shaded pieces={pieces} writing={writing} />;
}

/** A text as the model sees it, its marks set off. */
export function PlainText({ text, label, low = false }: { text: string; label: string; low?: boolean }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex lint/a11y/useSemanticElements: what scrolls is reached with the keyboard
    <div class={`said${low ? ' said-low' : ''}`} role="group" aria-label={label} tabIndex={0}>
      {cutAtMarks(text).map((part, index) => {
        const meaning = meaningOf(part);
        return meaning ? (
          <span key={index} class="mark" title={meaning}>
            {part}
          </span>
        ) : (
          part
        );
      })}
      {text === '' && <span class="note">Nothing.</span>}
    </div>
  );
}

const shades = sureness.map((_, at) => at);

function Shaded({ pieces, writing }: { pieces: Piece[]; writing: number | null }) {
  const box = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState<number | null>(null);
  useEffect(() => setAt(null), [pieces]);
  usePointing(box, at);
  useWriting(box, pieces, writing);
  // There may be thousands: pointing at one must not draw all of them again.
  const spans = useMemo(
    () =>
      pieces.map(({ text, logProb }, index) => (
        <span key={index} data-at={index} class={classOf(text, logProb)}>
          {text}
        </span>
      )),
    [pieces],
  );
  const token = (target: EventTarget | null) => {
    const found = (target as HTMLElement | null)?.closest?.('[data-at]');
    return found instanceof HTMLElement ? Number(found.dataset.at) : null;
  };
  const move = (event: KeyboardEvent) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (by === undefined || pieces.length === 0) return;
    event.preventDefault();
    const next = at === null ? (by > 0 ? 0 : pieces.length - 1) : at + by;
    setAt(Math.min(pieces.length - 1, Math.max(0, next)));
  };
  return (
    <div class="shaded">
      {/* biome-ignore lint/a11y/useSemanticElements: it is no form */}
      <div
        ref={box}
        class="said"
        role="group"
        aria-label="Completion, token by token: arrow keys go from one to the next"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it takes the arrow keys
        tabIndex={0}
        onKeyDown={move}
        onPointerOver={(event) => setAt(token(event.target))}
        onPointerLeave={() => setAt(null)}
      >
        {spans}
        {pieces.length === 0 && <span class="note">Nothing.</span>}
      </div>
      <p class="token-told note" aria-live="polite">
        {at !== null && pieces[at] ? (
          <Told piece={pieces[at]} at={at} of={pieces.length} />
        ) : (
          <span class="legend">
            How likely each token was:
            {shades.map((shade) => (
              <span key={shade} class={`legend-shade shade-${shade}`} title={surenessLabel(shade)}>
                {shade === 0
                  ? 'sure'
                  : shade === shades.length - 1
                    ? '< 5 %'
                    : `≥ ${sureness[shade] * 100} %`}
              </span>
            ))}
          </span>
        )}
      </p>
    </div>
  );
}

function Told({ piece: { text, logProb, tokens }, at, of }: { piece: Piece; at: number; of: number }) {
  const meaning = meaningOf(text);
  return (
    <span class="number">
      <code class="told-text">{JSON.stringify(text).slice(1, -1)}</code> was{' '}
      <strong>{percentOf(logProb)}</strong> likely (log-probability {logProb.toFixed(3).replace('-', '−')}),{' '}
      {at + 1} of {of}
      {tokens > 1 && `, ${tokens} tokens`}
      {meaning && `. ${meaning}`}
    </span>
  );
}

const classOf = (text: string, logProb: number) =>
  `token shade-${surenessOf(logProb)}${text.startsWith('\n') ? ' token-line' : ''}${meaningOf(text) ? ' mark' : ''}`;

type Box = { current: HTMLElement | null };

function usePointing(box: Box, at: number | null): void {
  useEffect(() => {
    const span = at === null ? undefined : box.current?.children[at];
    span?.classList.add('token-at');
    return () => span?.classList.remove('token-at');
  }, [box, at]);
}

/** Tokens come to sight one after the other. They are all there from the start, so that nothing moves. */
function useWriting(box: Box, pieces: Piece[], writing: number | null): void {
  useLayoutEffect(() => {
    if (writing === null) return;
    const spans = [...(box.current?.querySelectorAll<HTMLElement>('.token') ?? [])];
    for (const span of spans) span.style.visibility = 'hidden';
    const began = performance.now();
    let shown = 0;
    const showUpTo = (due: number) => {
      for (; shown < Math.min(due, spans.length); shown++) spans[shown].style.visibility = '';
    };
    let frame = 0;
    const write = (now: number) => {
      showUpTo(Math.ceil(((now - began) / writing) * spans.length));
      if (shown < spans.length) frame = requestAnimationFrame(write);
    };
    frame = requestAnimationFrame(write);
    return () => {
      cancelAnimationFrame(frame);
      showUpTo(spans.length);
    };
  }, [box, pieces, writing]);
}
