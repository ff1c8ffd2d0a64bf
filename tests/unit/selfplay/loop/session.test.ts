/** The buttons of a run: what they do at which moment, and what is left of a step that is cut short. */
import { describe, expect, it } from 'vitest';
import { DeviceLostError, OutOfReachError } from '../../../../src/engine/errors';
import { Session, type SessionEvent } from '../../../../src/selfplay/session';
import { QuotaError } from '../../../../src/store/errors';
import type { RunWriter } from '../../../../src/store/store';
import type { Verb } from '../../../doubles/engine';
import { comparable, Game, playGame, sourceOf } from '../../../doubles/game';
import { honest } from '../../../doubles/scripts';
import { pieces } from '../../../doubles/tokenizer';

interface Setting {
  /** Called before the engine answers. */
  before?: (verb: Verb, session: Session) => void;
  /** How often an engine was opened before. */
  opened?: (times: number, signal: AbortSignal) => void | Promise<void>;
  hurry?: () => void;
  writer?: (writer: RunWriter) => RunWriter;
  steps?: number;
}

const options = { script: honest, vocabulary: pieces() }; // runs that are compared share their words

async function setting({ before, opened, hurry, writer = (same) => same, steps = 4 }: Setting = {}) {
  const game = new Game({ steps }, options);
  await game.create();
  const events: SessionEvent[] = [];
  let times = 0;
  const session: Session = new Session({
    run: writer(game.writer),
    start: { source: sourceOf(game.config) },
    listen: (event) => events.push(event),
    open: async (signal) => {
      await opened?.(times++, signal);
      return {
        hurry,
        players: game.players({ engine: { before: (_, verb) => before?.(verb, session) } }),
        close: async () => {},
      };
    },
  });
  const statuses = () => events.flatMap((event) => (event.kind === 'status' ? [event.status] : []));
  const played = () => events.flatMap((event) => (event.kind === 'step' ? [event.step] : []));
  return { game, session, events, statuses, steps: played };
}

const undisturbed = async () => (await playGame({ steps: 4 }, options)).records.map(comparable);

describe('a session', () => {
  it('plays to the end, and says so to whoever listens and to the store', async () => {
    const { game, session, statuses, steps } = await setting();
    await session.play();
    expect(steps()).toEqual([1, 2, 3, 4]);
    expect(statuses()).toEqual(['opening', 'running', 'finished']);
    expect(session.status).toBe('finished');
    expect(await game.writer.info()).toMatchObject({ status: 'finished', step: 4 });
    expect((await game.records()).map(comparable)).toEqual(await undisturbed());
  });

  it('is given a name while it plays', async () => {
    const { game, session } = await setting();
    const playing = session.play();
    await session.label({ name: 'brisk otter', note: 'the first one' });
    await playing;
    expect(await game.writer.info()).toMatchObject({ name: 'brisk otter', note: 'the first one', step: 4 });
  });

  it('plays single steps, and pauses in between', async () => {
    const { game, session, steps } = await setting();
    await session.play(1);
    expect(session.status).toBe('paused');
    expect(steps()).toEqual([1]);
    await session.play(2);
    expect(session.step).toBe(3);
    await session.play();
    expect((await game.records()).map(comparable)).toEqual(await undisturbed());
  });

  it('pauses after the step under way', async () => {
    let paused: Promise<void> | null = null;
    const { session, statuses, steps } = await setting({
      before: (verb, running) => {
        if (verb === 'sample' && running.step === 1) paused ??= running.pause();
      },
    });
    await session.play();
    await paused;
    expect(steps()).toEqual([1, 2]);
    expect(statuses()).toEqual(['opening', 'running', 'pausing', 'paused']);
  });

  it('stops at once; the step is played again when the run goes on', async () => {
    let stopped: Promise<void> | null = null;
    const { game, session, steps } = await setting({
      before: (verb, running) => {
        if (verb === 'forwardBackward' && running.step === 1) stopped ??= running.stop();
      },
    });
    await session.play();
    await stopped;
    expect(session.status).toBe('paused');
    expect(steps()).toEqual([1]);
    await session.play();
    expect((await game.records()).map(comparable)).toEqual(await undisturbed());
  });

  it('gives the weights of the last step while it is paused', async () => {
    const { session } = await setting();
    await expect(session.weights()).rejects.toThrow(/Pause the run/);
    await session.play(1);
    expect(Object.keys(await session.weights())).toContain('model.safetensors');
  });
});

describe('a lost device', () => {
  it('is replaced, and the run ends as if it had never been lost', async () => {
    let calls = 0;
    const { game, session, statuses } = await setting({
      before: () => {
        if (++calls === 20) throw new DeviceLostError('unplugged');
      },
    });
    await session.play();
    expect(statuses()).toContain('recovering');
    expect((await game.records()).map(comparable)).toEqual(await undisturbed());
  });

  it('that is lost again and again ends the attempt, with the reason', async () => {
    const { session, statuses, events } = await setting({
      before: (verb) => {
        if (verb === 'sample') throw new DeviceLostError('unplugged');
      },
    });
    await expect(session.play()).rejects.toThrow(DeviceLostError);
    expect(statuses().filter((status) => status === 'recovering')).toHaveLength(3);
    expect(events.at(-1)).toMatchObject({ kind: 'status', status: 'failed', message: /unplugged/ });
  });
});

describe('a node out of reach', () => {
  const silent = () => new OutOfReachError('The node does not answer.');

  it('is waited for, however often it stays away, and the run ends as if it had never been', async () => {
    let calls = 0;
    const { game, session, events } = await setting({
      before: () => {
        if (++calls === 20) throw silent();
      },
      opened: (times) => {
        if (times > 0 && times < 6) throw silent();
      },
    });
    await session.play();
    const told = events.flatMap((event) => (event.kind === 'status' ? [[event.status, event.message]] : []));
    const waits = Array.from({ length: 6 }, () => ['waiting', 'The node does not answer.']);
    expect(told.filter(([status]) => status !== 'running')).toEqual([
      ['opening', null],
      ...waits,
      ['opening', null],
      ['finished', null],
    ]);
    expect((await game.records()).map(comparable)).toEqual(await undisturbed());
  });

  it('is not waited for by somebody who stops, neither before the run nor in the middle of a step', async () => {
    let hangs: (() => void) | null = null;
    const opening = await setting({
      opened: (_, signal) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason));
          hangs?.();
        }),
    });
    const begun = new Promise<void>((resolve) => {
      hangs = resolve;
    });
    const playing = opening.session.play();
    await begun;
    await opening.session.stop();
    await playing;
    expect(opening.session.status).toBe('paused');

    let hurried = 0;
    const inside = await setting({
      before: (verb, session) => {
        if (verb === 'optimStep' && session.step === 1) void session.stop();
      },
      hurry: () => hurried++,
    });
    await inside.session.play();
    expect([hurried, inside.session.status]).toEqual([1, 'paused']);
  });
});

describe('a run that moves', () => {
  it('has on record from which step on it was where', async () => {
    let lost = false;
    const { game, session } = await setting({
      before: () => {
        if (!lost) return;
        lost = false;
        throw new DeviceLostError('unplugged');
      },
    });
    await session.play(2);
    const { backend, device, places } = await game.writer.info();
    expect(places).toBeUndefined();
    // As if these two steps had been played elsewhere, and what comes after the loss here.
    const there = { backend: 'remote', device: 'a node' };
    await game.writer.update(there);
    lost = true;
    await session.play(1);
    expect(await game.writer.info()).toMatchObject({
      backend,
      device,
      places: [
        { from: 0, ...there },
        { from: 3, backend, device },
      ],
    });
  });
});

describe('a full store', () => {
  it('fails the run with a sentence, and it goes on once there is room', async () => {
    let full = true;
    const { game, session, events } = await setting({
      writer: (writer) => {
        const append: RunWriter['append'] = async (record, ...rest) => {
          if (full && record.step === 2) throw new QuotaError();
          await writer.append(record, ...rest);
        };
        return new Proxy(writer, {
          get(target, name) {
            const value = name === 'append' ? append : Reflect.get(target, name);
            return typeof value === 'function' ? value.bind(target) : value;
          },
        });
      },
    });
    await expect(session.play()).rejects.toThrow(QuotaError);
    expect(events.at(-1)).toMatchObject({ kind: 'status', status: 'failed', step: 1 });
    expect(await game.writer.info()).toMatchObject({ status: 'failed', step: 1 });
    full = false;
    await session.play();
    expect((await game.records()).map(comparable)).toEqual(await undisturbed());
  });
});
