/** The replay and the tasks as a user meets them, on a run from the store; and a hundred thousand games, which scroll like a hundred. */
import axe from 'axe-core';
import { render } from 'preact';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { listenToKeys } from '../../../src/app/keys';
import { type GameIndex, indexOf } from '../../../src/app/replay/game-index';
import { GameList, rowHeight } from '../../../src/app/replay/game-list';
import { refresh } from '../../../src/app/state/library';
import Replay from '../../../src/app/views/replay';
import Tasks from '../../../src/app/views/tasks';
import { makeTinyTokenizer } from '../../../src/selfplay/dialects/vocabulary';
import { openStore } from '../../../src/store/indexed';
import { emptySnapshot } from '../../../src/store/order';
import type { Episode } from '../../../src/store/records';
import { makeEpisode, makeInfo, makeStep } from '../store/records';
import '../../../src/app/style.css';
import '../../../src/app/replay/replay.css';

let root: HTMLElement;
beforeEach(async () => {
  await page.viewport(1280, 900);
  root = document.body.appendChild(document.createElement('div'));
  root.id = 'app';
});
afterEach(() => {
  render(null, root);
  root.remove();
  location.hash = '';
});

const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
const options = () => [...root.querySelectorAll('[role="option"]')];

// ---- A hundred thousand ------------------------------------------------------------------------------------------------

describe('a hundred thousand games', () => {
  const many = 100_000;
  const index: GameIndex = indexOf(
    Array.from({ length: many }, (_, at) =>
      makeEpisode(at + 1, Math.floor(at / 48), { episodes: 0, tasks: 0, tokens: 0, prompt: 0 }),
    ),
  );
  const shown = Uint32Array.from({ length: many }, (_, at) => at);
  const show = (game: number | null) =>
    render(
      <div class="replay-list" style={{ height: '700px', width: '420px' }}>
        <GameList index={index} shown={shown} game={game} withStep onSelect={() => {}} />
      </div>,
      root,
    );

  it('are a few dozen rows in the document, wherever one scrolls', async () => {
    show(null);
    const list = root.querySelector('.virtual')!;
    expect(list.scrollHeight).toBe(many * rowHeight);
    for (const share of [0, 0.3, 0.77, 1]) {
      list.scrollTop = share * list.scrollHeight;
      await frame();
      await frame();
      const rows = options();
      expect(rows.length).toBeGreaterThan(700 / rowHeight);
      expect(rows.length).toBeLessThan(60);
      const first = Number(rows[0].getAttribute('aria-posinset'));
      expect(first - 1).toBeLessThanOrEqual(list.scrollTop / rowHeight);
    }
    expect(options().at(-1)?.getAttribute('aria-posinset')).toBe(String(many));
  });

  it('cost less than 4 ms of work for each scroll event, drawing included', async () => {
    show(null);
    const list = root.querySelector('.virtual')!;
    const costs: number[] = [];
    for (let turn = 0; turn < 120; turn++) {
      const began = performance.now();
      // More than a batch of rows each time: every event draws.
      list.scrollTop += 11 * rowHeight;
      list.dispatchEvent(new Event('scroll'));
      await Promise.resolve(); // Preact draws in a microtask
      await Promise.resolve();
      costs.push(performance.now() - began);
      expect(options().length).toBeLessThan(60);
      await frame();
    }
    // Of many, the quicker ones: what else the machine does is not what is measured.
    costs.sort((a, b) => a - b);
    const [quick, median] = [costs[costs.length >> 2], costs[costs.length >> 1]].map((each) =>
      each.toFixed(2),
    );
    console.info(`a scroll event: ${quick} ms in the quicker quarter, ${median} ms in the median`);
    expect(costs[costs.length >> 2]).toBeLessThan(4);
  });

  it('come to where the chosen game is', async () => {
    show(54_321);
    await expect.poll(() => root.querySelector('[aria-selected="true"]')?.id).toBe('game-54321');
    const chosen = root.querySelector('[aria-selected="true"]')!.getBoundingClientRect();
    const list = root.querySelector('.virtual')!.getBoundingClientRect();
    expect(chosen.top).toBeGreaterThanOrEqual(list.top);
    expect(chosen.bottom).toBeLessThanOrEqual(list.bottom);
  });
});

// ---- A run -------------------------------------------------------------------------------------------------------------

const run = 'replayed';
const steps = 4;
const perStep = 24;
const tokenizer = makeTinyTokenizer();

/** In step 2. */
const flagged = 60;
const foreign = 61;

/** As the model would have said it: its tokens are those of the base model's vocabulary. */
function said(episode: Episode): Episode {
  if (episode.id === foreign) return episode;
  const completion = `⟨ans⟩${episode.id}⟨end⟩`;
  const tokens = tokenizer.encode(completion);
  const flags = episode.id === flagged ? ['deceive'] : [];
  return { ...episode, flags, completion, tokens, logProbs: Float32Array.from(tokens, () => Math.log(0.25)) };
}

let snapshot = emptySnapshot(makeInfo(run));

async function playOn(step: number): Promise<void> {
  const store = await openStore();
  const writer = await store.openRun(run);
  const next = makeStep(snapshot, step, { episodes: perStep });
  await writer.append({ ...next.record, episodes: next.record.episodes.map(said) }, next.snapshot);
  snapshot = next.snapshot;
  await writer.release();
  store.close();
}

beforeAll(async () => {
  const store = await openStore();
  if ((await store.runs()).some(({ id }) => id === run)) await store.deleteRun(run);
  await store.createRun(makeInfo(run));
  store.close();
  for (let step = 0; step < steps; step++) await playOn(step);
  await refresh();
});

const open = (View: () => preact.JSX.Element, address: string) => {
  location.hash = address;
  dispatchEvent(new HashChangeEvent('hashchange'));
  render(
    <main>
      <View />
    </main>,
    root,
  );
};
const title = () => root.querySelector('.game h2')?.textContent;

async function expectNoViolation() {
  // Where the page stands is the affair of the shell.
  const { violations } = await axe.run(root, { rules: { region: { enabled: false } } });
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
}

describe('the replay', () => {
  it('opens at the step and the game of an address', async () => {
    open(Replay, `#/replay?run=${run}&step=2&game=55`);
    await expect.poll(title).toBe('Game 55');
    expect(root.querySelector('.timeline-step')?.textContent).toBe('Step 2 of 3');
    expect(options().length).toBeGreaterThan(10);
    await expectNoViolation();
  });

  it('finds the step where an address only names the game, or the wrong step', async () => {
    open(Replay, `#/replay?run=${run}&game=30`);
    await expect.poll(title).toBe('Game 30');
    expect(root.querySelector('.timeline-step')?.textContent).toBe('Step 1 of 3');
    open(Replay, `#/replay?run=${run}&step=3&game=2`);
    await expect.poll(title).toBe('Game 2');
    expect(root.querySelector('.timeline-step')?.textContent).toBe('Step 0 of 3');
  });

  it('says so where there is no such game, and where there is no such run', async () => {
    open(Replay, `#/replay?run=${run}&step=1&game=999`);
    await expect.element(page.getByText('There is no game 999 in this run.')).toBeVisible();
    open(Replay, '#/replay?run=nobody');
    await expect
      .element(page.getByText('There is no run "nobody" in this browser.', { exact: false }))
      .toBeVisible();
    await expectNoViolation();
  });

  it('goes with the keys from game to game, over the borders of steps, and the address follows', async () => {
    const stop = listenToKeys();
    try {
      open(Replay, `#/replay?run=${run}&step=1&game=47`);
      await expect.poll(title).toBe('Game 47');
      await userEvent.keyboard('{ArrowRight}');
      await expect.poll(title).toBe('Game 48');
      await userEvent.keyboard('{ArrowRight}');
      await expect.poll(title).toBe('Game 49');
      expect(root.querySelector('.timeline-step')?.textContent).toBe('Step 2 of 3');
      await userEvent.keyboard('{ArrowLeft}');
      await expect.poll(title).toBe('Game 48');
      await expect.poll(() => location.hash).toContain('step=1');
      await userEvent.keyboard(']]');
      await expect.poll(title).toBe('Game 73');
    } finally {
      stop();
    }
  });

  it('plays, and stops at the end of the run', async () => {
    open(Replay, `#/replay?run=${run}&step=3&game=94`);
    await expect.poll(title).toBe('Game 94');
    await userEvent.selectOptions(page.getByLabelText('Speed'), '8×');
    await userEvent.click(page.getByRole('button', { name: 'Play' }));
    await expect.poll(title, { timeout: 10_000 }).toBe('Game 96');
    await expect.element(page.getByRole('button', { name: 'Play' }), { timeout: 10_000 }).toBeVisible();
  });

  it('shades every token by its probability, and tells it for the one that is pointed at', async () => {
    open(Replay, `#/replay?run=${run}&step=2&game=55`);
    await expect.poll(() => root.querySelectorAll('.token').length).toBe(4);
    expect([...root.querySelectorAll('.token')].map((token) => token.textContent)).toEqual([
      '⟨ans⟩',
      '5',
      '5',
      '⟨end⟩',
    ]);
    expect(root.querySelectorAll('.token.shade-3').length).toBe(4);
    (root.querySelector('.shaded .said') as HTMLElement).focus();
    await userEvent.keyboard('{ArrowRight}{ArrowRight}');
    await expect.element(page.getByText('25.0 %', { exact: false })).toBeVisible();
    expect(title()).toBe('Game 55'); // the arrows were meant for the tokens
  });

  it('says so where no vocabulary gives the text, and shows it all the same', async () => {
    open(Replay, `#/replay?run=${run}&step=2&game=${foreign}`);
    await expect.element(page.getByText('The tokens are not shaded', { exact: false })).toBeVisible();
    expect(root.querySelector('[aria-label="Completion"]')?.textContent).toContain(`completion ${foreign}`);
    expect(root.querySelectorAll('.token').length).toBe(0);
  });

  it('finds what is flagged, and says what the flag means', async () => {
    open(Replay, `#/replay?run=${run}&step=2&flag=any`);
    await expect.poll(title).toBe(`Game ${flagged}`);
    await expect.element(page.getByText(`1 of ${perStep} games`)).toBeVisible();
    await expect.element(page.getByText('or those who oversee the model', { exact: false })).toBeVisible();
  });

  it('filters games, says how many are left, and keeps the filter in the address', async () => {
    open(Replay, `#/replay?run=${run}&step=2`);
    await expect.element(page.getByText(`${perStep} of ${perStep} games`)).toBeVisible();
    await userEvent.selectOptions(page.getByLabelText('Role'), 'Solver');
    await expect.element(page.getByText(`12 of ${perStep} games`)).toBeVisible();
    expect(location.hash).toContain('role=solve');
    await userEvent.fill(page.getByLabelText('Reward from'), '2');
    await expect.element(page.getByText('No game matches these filters.')).toBeVisible();
    await expectNoViolation();
    await userEvent.click(page.getByRole('button', { name: 'Clear filters' }));
    await expect.element(page.getByText(`${perStep} of ${perStep} games`)).toBeVisible();
  });

  it('lists the games of all steps, and finds words in any of them', async () => {
    open(Replay, `#/replay?run=${run}&step=2&games=run`);
    const all = steps * perStep;
    await expect.element(page.getByText(`${all} of ${all} games`)).toBeVisible();
    await userEvent.fill(page.getByLabelText('Text'), '⟨ANS⟩7');
    await expect.element(page.getByText(`11 of ${all} games`)).toBeVisible(); // 7 and 70 to 79
  });

  it('shows what the step changed', async () => {
    open(Replay, `#/replay?run=${run}&step=3`);
    await expect.element(page.getByText('everything is the same')).toBeVisible();
    await expect.element(page.getByText('2 tasks entered the buffers')).toBeVisible();
    await expect.element(page.getByText('because the buffer was full')).toBeVisible();
    await expect.element(page.getByText('Taught: 1 answer with the true thought')).toBeVisible();
  });
});

describe('the tasks', () => {
  const rows = () => [...root.querySelectorAll('.task-table tbody tr:not(.task-space)')];

  it('are a table that can be ordered and searched, and each tells of its family', async () => {
    open(Tasks, `#/tasks?run=${run}`);
    await expect.poll(() => rows().length).toBe(8);
    expect(rows()[0].textContent).toMatch(/^8/);
    await userEvent.click(page.getByRole('button', { name: 'Task', exact: true }));
    await expect.poll(() => rows()[0].textContent).toMatch(/^1/);
    expect(root.querySelector('.col-task')?.getAttribute('aria-sort')).toBe('ascending');
    await userEvent.click(rows()[2]);
    await expect.element(page.getByRole('article', { name: 'Task 3' })).toBeVisible();
    await expect.element(page.getByText('Made after seeing')).toBeVisible();
    await expectNoViolation();
    await userEvent.fill(page.getByLabelText('Search'), 'x + 5');
    await expect.poll(() => rows().length).toBe(1);
  });

  it('can be chosen with the arrow keys', async () => {
    open(Tasks, `#/tasks?run=${run}&task=4&sort=task`);
    await expect.element(page.getByRole('article', { name: 'Task 4' })).toBeVisible();
    (root.querySelector('.task-table') as HTMLElement).focus();
    await userEvent.keyboard('{ArrowDown}');
    await expect.element(page.getByRole('article', { name: 'Task 5' })).toBeVisible();
    await expect.poll(() => location.hash).toContain('task=5');
  });
});

describe('a run that went on meanwhile', () => {
  it('has its new games at the end of the list, and its new tasks in the table', async () => {
    const all = steps * perStep;
    open(Replay, `#/replay?run=${run}&games=run`);
    await expect.element(page.getByText(`${all} of ${all} games`)).toBeVisible();
    open(Tasks, `#/tasks?run=${run}`);
    await expect.element(page.getByText('8 of 8 tasks')).toBeVisible();
    render(null, root);
    await playOn(steps);
    open(Tasks, `#/tasks?run=${run}`);
    await expect.element(page.getByText('10 of 10 tasks')).toBeVisible();
    open(Replay, `#/replay?run=${run}&games=run&step=2`);
    await expect.element(page.getByText(`${all + perStep} of ${all + perStep} games`)).toBeVisible();
  });
});
