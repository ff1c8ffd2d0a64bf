/** @file All options in sections, which open one by one; what is searched for, or changed, stands open. */

import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Description, Key } from '../../selfplay/config';
import { addKeys, type Shortcut } from '../keys';
import { draft, problems } from '../state/draft';
import { type Compared, otherThere } from './comparing';
import { idOf, Option } from './option';
import { type Section, sections, speaksOf, wordsOf } from './sections';

type Filter = 'all' | 'changed' | 'other';

const query = signal('');
const filter = signal<Filter>('all');
const open = signal<ReadonlySet<string>>(new Set());

/** Brings an option into sight, and the keyboard to it. */
export function reveal(key: Key): void {
  const section = sections.find(({ options }) => options.some((option) => option.key === key));
  if (section) {
    query.value = '';
    filter.value = 'all';
    open.value = new Set([...open.value, section.id]);
  }
  // Once it is drawn.
  setTimeout(() => {
    const control = document.getElementById(idOf(key));
    control?.focus({ preventScroll: true });
    control?.scrollIntoView({ block: 'center' });
  });
}

const searchId = 'options-search';
const search: Shortcut = {
  key: '/',
  help: 'Search options',
  run: () => document.getElementById(searchId)?.focus(),
};

export function Options({ compared }: { compared: Compared | null }) {
  useEffect(() => addKeys([search]), []);
  const words = wordsOf(query.value);
  const isShown = (option: Description) => {
    switch (filter.value) {
      case 'all':
        return true;
      case 'changed':
        return option.key in draft.value.changes;
      case 'other':
        return otherThere(option.key, compared) !== null;
      default:
        return filter.value satisfies never;
    }
  };
  const narrowed = words.length > 0 || filter.value !== 'all';
  const shown = sections
    .map((section) => ({
      section,
      options: section.options.filter((option) => speaksOf(option, section, words) && isShown(option)),
    }))
    .filter(({ options }) => options.length > 0);
  const count = shown.reduce((sum, { options }) => sum + options.length, 0);
  return (
    <section class="card options" aria-labelledby="options-title">
      <div class="card-head">
        <h2 id="options-title">Options</h2>
        <div class="options-tools">
          <input
            id={searchId}
            type="search"
            class="options-search"
            placeholder="Search options"
            aria-label="Search options"
            value={query.value}
            onInput={(event) => {
              query.value = event.currentTarget.value;
            }}
          />
          <select
            aria-label="Which options to show"
            value={filter.value}
            onChange={(event) => {
              filter.value = event.currentTarget.value as Filter;
            }}
          >
            <option value="all">All options</option>
            <option value="changed">Only changed ones</option>
            {compared && <option value="other">Unlike {compared.name}</option>}
          </select>
        </div>
      </div>
      <p class="note" role="status">
        {narrowed && (count === 1 ? '1 option' : `${count} options`)}
      </p>
      {narrowed && count === 0 && <p class="empty">{emptyWords(filter.value, words.length > 0)}</p>}
      {shown.map(({ section, options }) => (
        <Fold key={section.id} section={section} options={options} compared={compared} forced={narrowed} />
      ))}
    </section>
  );
}

function emptyWords(chosen: Filter, searched: boolean): string {
  if (searched) return 'No option speaks of that: search for another word, or show all options.';
  return chosen === 'changed' ? 'Nothing is changed of the preset.' : 'Nothing differs from that run.';
}

function Fold({
  section,
  options,
  compared,
  forced,
}: {
  section: Section;
  options: readonly Description[];
  compared: Compared | null;
  /** What was searched for is seen. */
  forced: boolean;
}) {
  const isOpen = forced || open.value.has(section.id);
  const changed = section.options.filter(({ key }) => key in draft.value.changes).length;
  const wrong = section.options.filter(({ key }) => problems.value.some((each) => each.key === key)).length;
  const others = section.options.filter(({ key }) => otherThere(key, compared)).length;
  return (
    <details
      class="fold"
      open={isOpen}
      onToggle={(event) => {
        if (forced) return;
        const now = new Set(open.value);
        if (event.currentTarget.open) now.add(section.id);
        else now.delete(section.id);
        open.value = now;
      }}
    >
      <summary>
        <h3>{section.title}</h3>
        {wrong > 0 && <span class="mark mark-bad">{wrong === 1 ? '1 problem' : `${wrong} problems`}</span>}
        {changed > 0 && <span class="mark">{changed} changed</span>}
        {others > 0 && compared && (
          <span class="mark mark-other">
            {others} unlike {compared.name}
          </span>
        )}
        <span class="fold-help">{section.help}</span>
      </summary>
      {isOpen && options.map((option) => <Option key={option.key} option={option} compared={compared} />)}
    </details>
  );
}
