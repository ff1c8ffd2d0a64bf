/** @file What the components of the replay have from the store, as it arrives. */

import { effect } from '@preact/signals';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Tokenizer } from '../../selfplay/dialect';
import type { Episode, StepRecord, Task } from '../../store/records';
import { reader, runs } from '../state/library';
import { onStep } from '../state/live';
import { tellFailure } from '../state/toasts';
import { wait } from '../state/waiting';
import type { Piece } from './pieces';
import { extended, findTask, gamesWith, holds, type Listing, readListing, stepOf } from './reading';
import { splitBy, splitByKnown, vocabularyOfRun } from './vocabulary';

export interface Shown<T> {
  /** The last one that arrived: it stays until the next one does, so that nothing flickers. */
  value: T | null;
  loading: boolean;
  failure: string | null;
}

/** What a promise gives, for a key; null asks for nothing. */
export function useArriving<T>(key: string | null, ask: () => Promise<T | null>): Shown<T> {
  const [shown, setShown] = useState<Shown<T>>({ value: null, loading: key !== null, failure: null });
  const asking = useRef(ask);
  asking.current = ask;
  useEffect(() => {
    if (key === null) {
      setShown({ value: null, loading: false, failure: null });
      return;
    }
    let stale = false;
    setShown(({ value }) => ({ value, loading: true, failure: null }));
    asking.current().then(
      (value) => stale || setShown({ value, loading: false, failure: null }),
      (error: Error) => stale || setShown({ value: null, loading: false, failure: error.message }),
    );
    return () => {
      stale = true;
    };
  }, [key]);
  return shown;
}

export const useStep = (run: string, step: number | null): Shown<StepRecord> =>
  useArriving(step === null ? null : `${run} ${step}`, () => stepOf(run, step ?? 0));

/** From the step where it is new, else from the store. */
export function useTask(run: string, id: number | null, record: StepRecord | null): Task | null {
  const fresh = record?.tasks.find((task) => task.id === id) ?? null;
  const stored = useArriving(id === null || fresh ? null : `${run} ${id}`, () => findTask(run, id ?? 0));
  return fresh ?? (stored.value?.id === id ? stored.value : null);
}

// ---- All games -------------------------------------------------------------------------------------------------------

/** Kept while the page is open: whoever comes back does not wait again. */
let kept: Listing | null = null;
effect(() => {
  if (!runs.value?.some(({ id }) => id === kept?.run)) kept = null;
});
/** A run that plays adds games; the list grows no more often than this. */
const listEvery = 2000;

export interface Listed {
  listing: Listing | null;
  /** Reads what is not there yet, or goes back as far as somebody wants. */
  readOn: () => void;
}

/** All games of a run, once they are wanted. */
export function useListing(run: string, wanted: boolean): Listed {
  const [listing, setListing] = useState(kept?.run === run ? kept : null);
  const keep = (next: Listing | null) => {
    kept = next;
    setListing(next);
  };
  const readOn = () => void wait('Listing all games', (waiting) => readListing(run, waiting).then(keep));
  const there = listing !== null;
  useEffect(() => {
    if (!wanted) return;
    if (!there) {
      readOn();
      return;
    }
    let timer: ReturnType<typeof setTimeout> | undefined;
    const grow = async () => {
      timer = undefined;
      try {
        if (kept?.run === run) keep(await extended(kept));
      } catch (error) {
        tellFailure(error);
      }
    };
    void grow();
    const stop = onStep((of) => {
      if (of === run) timer ??= setTimeout(grow, listEvery);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [run, wanted, there]);
  return { listing, readOn };
}

/** The ids of the games that hold a text, of a step at once and of the whole run after reading all of it. Null: none is looked for. */
export function useFound(run: string, text: string, record: StepRecord | null, everywhere: boolean) {
  const [found, setFound] = useState<ReadonlySet<number>>(new Set());
  const here = useMemo(() => {
    const words = text.toLowerCase();
    const games = everywhere ? [] : (record?.episodes ?? []);
    return new Set(games.filter((episode) => holds(episode, words)).map(({ id }) => id));
  }, [text, record, everywhere]);
  useEffect(() => {
    if (text === '' || !everywhere) return;
    let stale = false;
    setFound(new Set());
    void wait(`Looking for "${text}"`, (waiting) => gamesWith(run, text, waiting)).then((ids) => {
      if (!stale && ids) setFound(ids);
    });
    return () => {
      stale = true;
    };
  }, [run, text, everywhere]);
  if (text === '') return null;
  return everywhere ? found : here;
}

// ---- Tokens ----------------------------------------------------------------------------------------------------------

const vocabularies = new Map<string, Promise<Tokenizer | null>>();

/** The completion in pieces; `none` where no vocabulary gives its text, and null while that is not known. */
export function usePieces(run: string, episode: Episode | null): Piece[] | 'none' | null {
  const split = useRef<{ episode: Episode; pieces: Piece[] | null } | null>(null);
  if (episode && split.current?.episode !== episode)
    split.current = { episode, pieces: splitByKnown(episode) };
  const easy = episode && split.current?.pieces;
  const hard = useArriving<Piece[] | 'none'>(episode && !easy ? `${run} ${episode.id}` : null, async () => {
    let asked = vocabularies.get(run);
    if (!asked) {
      asked = wait('Reading the vocabulary of the run', async () => vocabularyOfRun(await reader(run))).then(
        (vocabulary) => vocabulary ?? null,
      );
      vocabularies.set(run, asked);
    }
    return (episode && splitBy(await asked, episode)) ?? 'none';
  });
  return easy || (hard.loading ? null : hard.value);
}
