/** @file The colour of a run in charts: a dot, and behind it the eight that there are. */

import { useEffect, useRef, useState } from 'preact/hooks';
import { palette } from '../charts/palette';
import { shownTheme } from '../state/theme';

interface Props {
  name: string;
  /** Undefined: charts choose one. */
  colour: number | undefined;
  onChoose: (colour: number) => void;
}

export function Colour({ name, colour, onChoose }: Props) {
  const [open, setOpen] = useState(false);
  const place = useRef<HTMLDivElement>(null);
  const colours = palette[shownTheme.value];
  useEffect(() => {
    if (!open) return;
    const checked = place.current?.querySelector<HTMLInputElement>('input:checked, input');
    checked?.focus();
  }, [open]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only listens to what happens to the controls in it
    <div
      class="colour"
      ref={place}
      onFocusOut={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOpen(false);
      }}
      onKeyDown={(event) => {
        if (!open || (event.key !== 'Escape' && event.key !== 'Enter')) return;
        event.preventDefault();
        setOpen(false);
        place.current?.querySelector('button')?.focus();
      }}
    >
      <button
        type="button"
        class="colour-button"
        aria-expanded={open}
        aria-label={`Colour of ${name}: ${wordsOf(colour)}`}
        title="Colour in charts"
        onClick={() => setOpen(!open)}
      >
        <Dot colour={colour} />
      </button>
      {open && (
        <fieldset class="colour-choice">
          <legend class="visually-hidden">Colour of {name}</legend>
          {colours.map((each, index) => (
            <label key={each} title={wordsOf(index)} style={{ background: each }}>
              <input
                type="radio"
                name={`colour-${name}`}
                aria-label={wordsOf(index)}
                checked={colour === index}
                onChange={() => onChoose(index)}
              />
            </label>
          ))}
        </fieldset>
      )}
    </div>
  );
}

const wordsOf = (colour: number | undefined) =>
  colour === undefined ? 'chosen by the charts' : `number ${(colour % palette.light.length) + 1}`;

export function Dot({ colour }: { colour: number | undefined }) {
  const colours = palette[shownTheme.value];
  return colour === undefined ? (
    <span class="dot dot-free" aria-hidden="true" />
  ) : (
    <span class="dot" aria-hidden="true" style={{ background: colours[colour % colours.length] }} />
  );
}
