/** @file What an option is chosen with. Whatever is typed stays as it was typed: what is wrong is said beside it, never corrected. */

import { useState } from 'preact/hooks';
import { type Description, valueFromText } from '../../selfplay/config';
import { isSame, set, written } from '../state/draft';

interface Props {
  option: Description;
  value: unknown;
  id: string;
  invalid: boolean;
  /** Of the texts that speak of it. */
  describedBy: string;
}

export function Control(props: Props) {
  const { kind } = props.option;
  switch (kind) {
    case 'integer':
    case 'number':
    case 'text':
      return <Typed {...props} />;
    case 'boolean':
      return <Switch {...props} />;
    case 'choice':
      return <Choice {...props} />;
    case 'choices':
      return <Choices {...props} />;
    default:
      return kind satisfies never;
  }
}

const marks = ({ id, invalid, describedBy }: Props) => ({
  id,
  'aria-invalid': invalid,
  'aria-describedby': describedBy,
});

function Typed(props: Props) {
  const { option, value } = props;
  // "1.0" and "1" are the same value: what is shown is what was typed, until somebody changes it elsewhere.
  const [typed, setTyped] = useState<string | null>(null);
  const shown =
    typed !== null && isSame(valueFromText(option.key, typed), value) ? typed : written(value ?? '');
  const change = (text: string) => {
    setTyped(text);
    set(option.key, valueFromText(option.key, text));
  };
  if (option.kind === 'text') {
    return (
      <textarea
        {...marks(props)}
        class="option-text"
        rows={2}
        value={shown}
        onInput={(event) => change(event.currentTarget.value)}
      />
    );
  }
  // A field for numbers would swallow what is no number. The keys of a phone for numbers have no minus.
  const keyboard = (option.min ?? 0) < 0 ? 'text' : option.kind === 'integer' ? 'numeric' : 'decimal';
  return (
    <span class="option-number">
      <input
        {...marks(props)}
        type="text"
        inputMode={keyboard}
        autoComplete="off"
        spellcheck={false}
        value={shown}
        onInput={(event) => change(event.currentTarget.value)}
        onBlur={() => setTyped(null)}
      />
      {option.unit && <span class="note">{option.unit}</span>}
    </span>
  );
}

function Switch(props: Props) {
  const { option, value } = props;
  return (
    <span class="option-check">
      <input
        {...marks(props)}
        type="checkbox"
        checked={value === true}
        onChange={(event) => set(option.key, event.currentTarget.checked)}
      />
      <span aria-hidden="true">{value === true ? 'on' : value === false ? 'off' : written(value)}</span>
    </span>
  );
}

function Choice(props: Props) {
  const { option, value } = props;
  const text = written(value);
  return (
    <select {...marks(props)} value={text} onChange={(event) => set(option.key, event.currentTarget.value)}>
      {!option.choices.includes(text) && <option value={text}>{text || '(nothing)'}</option>}
      {option.choices.map((each) => (
        <option key={each} value={each}>
          {each}
        </option>
      ))}
    </select>
  );
}

function Choices(props: Props) {
  const { option, value, id, describedBy } = props;
  const chosen = Array.isArray(value) ? value : [];
  return (
    <fieldset
      class="option-choices"
      id={id}
      tabIndex={-1}
      aria-labelledby={`${id}-label`}
      aria-describedby={describedBy}
    >
      {option.choices.map((each) => (
        <label key={each} class="option-check">
          <input
            type="checkbox"
            checked={chosen.includes(each)}
            aria-invalid={props.invalid}
            onChange={(event) => {
              const wanted = event.currentTarget.checked;
              set(
                option.key,
                option.choices.filter((other) => (other === each ? wanted : chosen.includes(other))),
              );
            }}
          />
          {each}
        </label>
      ))}
    </fieldset>
  );
}
