import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { glance, glances } from '../../../src/app/state/glances';
import type { SessionEvent } from '../../../src/selfplay/session';

const progress = (done: number): SessionEvent => ({
  kind: 'progress',
  step: 1,
  progress: { phase: 'sampling', done, total: 9 },
});
const paused: SessionEvent = { kind: 'status', status: 'paused', step: 1, message: null };

describe('progress', () => {
  let told: SessionEvent[];
  let tell: (event: SessionEvent) => void;
  beforeEach(() => {
    vi.useFakeTimers();
    told = [];
    tell = glances((event) => told.push(event));
  });
  afterEach(() => vi.useRealTimers());

  it('is told at once where nothing was told before', () => {
    tell(progress(1));
    expect(told).toEqual([progress(1)]);
  });

  it('is told no more often than one looks, and then the newest', () => {
    for (let done = 1; done <= 5; done++) tell(progress(done));
    expect(told).toEqual([progress(1)]);
    vi.advanceTimersByTime(glance);
    expect(told).toEqual([progress(1), progress(5)]);
    tell(progress(6));
    expect(told).toHaveLength(2);
    vi.advanceTimersByTime(glance);
    expect(told.at(-1)).toEqual(progress(6));
  });

  it('is not told after what ended it, which waits for nobody', () => {
    tell(progress(1));
    tell(progress(2));
    tell(paused);
    vi.advanceTimersByTime(10 * glance);
    expect(told).toEqual([progress(1), paused]);
  });

  it('leaves no timer behind', () => {
    tell(progress(1));
    vi.advanceTimersByTime(glance);
    expect(vi.getTimerCount()).toBe(0);
  });
});
