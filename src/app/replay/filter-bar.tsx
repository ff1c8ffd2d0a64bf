/** @file The filters over the list of games. A text is looked for once somebody has finished typing it. */

import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { type Mode, modes, type Role, roles } from '../../store/records';
import { nameOfMode, nameOfRole } from './explain';
import { type Filters, verdictCounts } from './filters';
import { flagNames, type GameIndex } from './game-index';
import { type GameVerdict, labelOf, verdicts } from './verdict';

export const scopes = ['step', 'run'] as const;
/** The games of one step, or of all. */
export type Scope = (typeof scopes)[number];

export interface FilterBarProps {
  scope: Scope;
  onScope: (scope: Scope) => void;
  filters: Filters;
  onFilters: (filters: Filters) => void;
  index: GameIndex;
}

const answering = verdicts.slice(0, verdicts.indexOf('unread'));
const proposing = verdicts.slice(verdicts.indexOf('accepted'));

export function FilterBar({ scope, onScope, filters, onFilters, index }: FilterBarProps) {
  const counts = useMemo(() => verdictCounts(index), [index]);
  const set = (change: Partial<Filters>) => onFilters({ ...filters, ...change });
  // Only what there is to find, and what is chosen.
  const option = (verdict: GameVerdict) => {
    const found = counts[verdicts.indexOf(verdict)];
    if (found === 0 && filters.verdict !== verdict) return null;
    return (
      <option key={verdict} value={verdict}>
        {labelOf(verdict)} ({found.toLocaleString('en-US')})
      </option>
    );
  };
  return (
    <section class="filter-bar" aria-label="Filters">
      <fieldset class="segments">
        <legend class="visually-hidden">Games of</legend>
        {scopes.map((each) => (
          <label key={each}>
            <input type="radio" name="scope" checked={scope === each} onChange={() => onScope(each)} />
            <span>{each === 'step' ? 'This step' : 'All steps'}</span>
          </label>
        ))}
      </fieldset>
      <Choice label="Role" value={filters.role} onChange={(role) => set({ role: role as Role | null })}>
        {roles.map((role) => (
          <option key={role} value={role}>
            {nameOfRole[role]}
          </option>
        ))}
      </Choice>
      <Choice label="Mode" value={filters.mode} onChange={(mode) => set({ mode: mode as Mode | null })}>
        {modes.map((mode) => (
          <option key={mode} value={mode}>
            {nameOfMode[mode]}
          </option>
        ))}
      </Choice>
      <Choice
        label="Verdict"
        value={filters.verdict}
        onChange={(verdict) => set({ verdict: verdict as GameVerdict | null })}
      >
        <optgroup label="Answers">{answering.map(option)}</optgroup>
        <optgroup label="Both">{option('unread')}</optgroup>
        <optgroup label="Proposals">{proposing.map(option)}</optgroup>
      </Choice>
      <Choice label="Flag" value={filters.flag} onChange={(flag) => set({ flag })}>
        <option value="any">Flagged</option>
        {flagNames.map((flag) => (
          <option key={flag} value={flag}>
            {flag}
          </option>
        ))}
      </Choice>
      <div class="filter-reward">
        <Bound label="Reward from" value={filters.min} onChange={(min) => set({ min })} />
        <Bound label="to" value={filters.max} onChange={(max) => set({ max })} />
      </div>
      <Text value={filters.text} onChange={(text) => set({ text })} />
    </section>
  );
}

interface ChoiceProps {
  label: string;
  value: string | null;
  onChange: (value: string | null) => void;
  children: preact.ComponentChildren;
}

const Choice = ({ label, value, onChange, children }: ChoiceProps) => (
  <label class="filter">
    <span>{label}</span>
    <select value={value ?? ''} onChange={(event) => onChange(event.currentTarget.value || null)}>
      <option value="">Any</option>
      {children}
    </select>
  </label>
);

interface BoundProps {
  label: string;
  value: number | null;
  onChange: (value: number | null) => void;
}

const numberFrom = (written: string) => (written === '' ? null : Number(written));

/** What is being written stays as it is: "1." is on its way to become a number. */
function Bound({ label, value, onChange }: BoundProps) {
  const [written, setWritten] = useState(value === null ? '' : String(value));
  useEffect(() => {
    setWritten((before) => (numberFrom(before) === value ? before : value === null ? '' : String(value)));
  }, [value]);
  return (
    <label class="filter">
      <span>{label}</span>
      <input
        type="number"
        step="0.1"
        value={written}
        onInput={({ currentTarget: { value: next } }) => {
          setWritten(next);
          onChange(numberFrom(next));
        }}
      />
    </label>
  );
}

function Text({ value, onChange }: { value: string; onChange: (text: string) => void }) {
  const [text, setText] = useState(value);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => setText(value), [value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <label class="filter filter-text">
      <span>Text</span>
      <input
        id="replay-search"
        type="search"
        value={text}
        placeholder="In prompt or completion"
        onInput={({ currentTarget: { value: written } }) => {
          setText(written);
          clearTimeout(timer.current);
          timer.current = setTimeout(() => onChange(written.trim()), 350);
        }}
      />
    </label>
  );
}
