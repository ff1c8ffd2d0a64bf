/** @file What stands around every view: where one can go, what is waited for, messages, and help. */

import { useEffect, useRef } from 'preact/hooks';
import { Help } from './help';
import { listenToKeys, showsHelp } from './keys';
import { isPlaying, live } from './state/live';
import { href, route, titleOf, type View, views } from './state/router';
import { chooseTheme, shownTheme } from './state/theme';
import { dismiss, toasts } from './state/toasts';
import { waits } from './state/waiting';
import { Lazy } from './ui/lazy';

const load: Record<View, () => Promise<{ default: () => preact.JSX.Element }>> = {
  train: () => import('./views/train'),
  settings: () => import('./views/settings'),
  tasks: () => import('./views/tasks'),
  replay: () => import('./views/replay'),
  playground: () => import('./views/playground'),
  models: () => import('./views/models'),
  runs: () => import('./views/runs'),
  device: () => import('./views/device'),
};

export function Shell() {
  useEffect(listenToKeys, []);
  const { view } = route.value;
  const bar = useRef<HTMLElement>(null);
  // On a phone there is no room for all names: the one that is open is to be seen.
  useEffect(() => {
    bar.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [view]);
  return (
    <>
      <button type="button" class="skip" onClick={skip}>
        Skip to the content
      </button>
      <header class="bar">
        <a class="brand" href={href('train')} aria-label="Zeroloop: train">
          <Logo />
          <span>Zeroloop</span>
        </a>
        <nav aria-label="Views" ref={bar}>
          <ul>
            {views.map((each) => (
              <li key={each}>
                <a href={href(each, sameRun(each))} aria-current={each === view ? 'page' : undefined}>
                  {titleOf(each)}
                </a>
              </li>
            ))}
          </ul>
        </nav>
        <div class="bar-end">
          <Playing />
          <button
            type="button"
            class="icon-button"
            onClick={() => chooseTheme(shownTheme.value === 'dark' ? 'light' : 'dark')}
            aria-label={shownTheme.value === 'dark' ? 'Light theme' : 'Dark theme'}
            title={shownTheme.value === 'dark' ? 'Light theme' : 'Dark theme'}
          >
            {shownTheme.value === 'dark' ? '☀' : '☾'}
          </button>
          <button
            type="button"
            class="icon-button"
            onClick={() => {
              showsHelp.value = true;
            }}
            aria-label="Help and keyboard shortcuts"
            title="Help and keyboard shortcuts (?)"
          >
            ?
          </button>
        </div>
      </header>
      <Waits />
      <main id="content" tabIndex={-1} class={`view view-${view}`}>
        <Lazy load={load[view]} />
      </main>
      <Toasts />
      <Help />
    </>
  );
}

/** Views of a run stay with the run that is looked at. */
function sameRun(view: View): { run?: string } {
  const run = route.value.params.get('run');
  return run && (view === 'train' || view === 'tasks' || view === 'replay') ? { run } : {};
}

/** A button: the address behind # says which view is open, so that no link can lead to a place within one. */
function skip(): void {
  document.getElementById('content')?.focus();
}

/** Wherever one looks: does a run play, and how far is it? */
function Playing() {
  const run = live.value;
  if (!run || !isPlaying.value || route.value.view === 'train') return null;
  return (
    <a class="playing" href={href('train', { run: run.run })}>
      <span class="pulse" aria-hidden="true" />
      {run.name}, step {run.step.value ?? 0}
    </a>
  );
}

function Waits() {
  return (
    <div class="waits" aria-live="polite">
      {waits.value.map(({ id, what, share, detail, cancel }) => (
        <div class="wait" key={id}>
          <div class="wait-words">
            <span>
              {what}
              {detail && <span class="note"> {detail}</span>}
            </span>
            <button type="button" class="button button-small" onClick={cancel}>
              Cancel
            </button>
          </div>
          <progress aria-label={what} {...(share === null ? {} : { value: share, max: 1 })} />
        </div>
      ))}
    </div>
  );
}

function Toasts() {
  return (
    <div class="toasts" role="status">
      {toasts.value.map(({ id, kind, text, action }) => (
        <div class={`toast toast-${kind}`} key={id}>
          <p>{text}</p>
          {action && (
            <button
              type="button"
              class="button button-small"
              onClick={() => {
                action.run();
                dismiss(id);
              }}
            >
              {action.label}
            </button>
          )}
          <button type="button" class="icon-button" aria-label="Dismiss" onClick={() => dismiss(id)}>
            ×
          </button>
        </div>
      ))}
    </div>
  );
}

function Logo() {
  return (
    <svg class="logo" viewBox="0 0 32 32" fill="none" stroke-linecap="round" aria-hidden="true">
      <path d="M22.6 7.2A10.6 12.2 0 1 0 26.4 14" stroke="currentColor" stroke-width="3.6" />
      <circle cx="24.6" cy="9.2" r="2.9" fill="currentColor" />
    </svg>
  );
}
