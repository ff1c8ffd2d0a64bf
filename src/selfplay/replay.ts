/**
 * @file Does the log of a run add up? Without model, GPU or Python, everything that follows from what was recorded is derived again:
 * solve rates from attempts, refusals from solve rates, rewards from verdicts, advantages from rewards, buffers from tasks. What
 * disagrees is named, with both figures. Only the tasks that buffers know are kept, so a run may be larger than memory.
 */

import { emptySnapshot, follow } from '../store/order';
import {
  type Episode,
  type Judged,
  type Mode,
  modes,
  type Role,
  type RunInfo,
  roles,
  type Snapshot,
  type StepRecord,
  type Task,
  type TaskUpdate,
} from '../store/records';
import { advantages } from './advantages';
import { Buffers, type BuffersState } from './buffers';
import { type Config, readConfig } from './config';
import { combine, type Intrinsic, intrinsics } from './intrinsic';
import { clusterShares } from './repetition';
import { isTask, type RewardContext, refusedForRate, rewardOf, success } from './rewards';
import { proposing } from './schedule';

/** What is replayed of a log: store/log.ts opens one. */
export interface ReplayedLog {
  run: RunInfo;
  steps: AsyncIterable<{ record: StepRecord; snapshot: Snapshot | null }>;
  readonly ending: Ending | null;
}

export interface Ending {
  steps: number;
  episodes: number;
  tasks: number;
  complete: boolean;
  message: string | null;
}

export type Figure = number | string | boolean | null;

export interface Disagreement {
  step: number;
  episode: number | null;
  task: number | null;
  /** Which figure: 'reward', 'terms.base', 'advantage', ... */
  what: string;
  recorded: Figure;
  derived: Figure;
  message: string;
}

export interface Summary {
  mode: Mode;
  role: Role;
  completions: number;
  /** Mean, of all completions. */
  reward: number;
  /** Share of right answers, or of proposals that became tasks. */
  share: number;
  /** Share that kept the format. */
  format: number;
  /** Mean length. */
  tokens: number;
}

export interface Replayed {
  steps: number;
  episodes: number;
  tasks: number;
  /** The first hundred. */
  disagreements: Disagreement[];
  /** All of them. */
  counted: number;
  /** For each mode and role that occurs. */
  summary: Summary[];
  ending: Ending;
}

export interface ReplayOptions {
  signal?: AbortSignal;
  onStep?: (step: number) => void;
}

/** Reads the log to its end. Throws a ConfigError if its configuration cannot be read: nothing follows without one. */
export async function replay(log: ReplayedLog, { signal, onStep }: ReplayOptions = {}): Promise<Replayed> {
  const run = new Replay(log.run, readConfig(log.run.config));
  for await (const { record, snapshot } of log.steps) {
    signal?.throwIfAborted();
    run.step(record, snapshot);
    onStep?.(record.step);
  }
  return { ...run.result(), ending: log.ending! };
}

const kept = 100;
/** Rewards and advantages are the same arithmetic again: they may differ in the order of a sum, and in nothing else. */
const tolerance = 1e-9;

/** What is disagreed about. */
interface About {
  step: number;
  episode?: Episode;
  task?: number;
}

class Replay {
  private readonly run: RunInfo;
  private readonly config: Config;
  /** As the rules make them, from what was recorded of the tasks. */
  private buffers: Buffers;
  /** Those that the buffers know, with their latest solve rates. */
  private readonly known = new Map<number, Task>();
  /** After the step before, followed from the records. */
  private before: Snapshot | null = null;
  private readonly disagreements: Disagreement[] = [];
  private counted = 0;
  private readonly counts = { steps: 0, episodes: 0, tasks: 0 };
  private readonly tallies = new Map<string, Tally>();

  constructor(run: RunInfo, config: Config) {
    this.run = run;
    this.config = config;
    this.buffers = new Buffers(config);
  }

  step(record: StepRecord, snapshot: Snapshot | null): void {
    const { step, episodes, tasks } = record;
    const seeding = this.before === null && step === (this.run.parent?.step ?? 0);
    this.checkIds(record);
    const attempts = this.checkAttempts(record, seeding);
    const rates = this.checkProposals(record, attempts, seeding);
    const rewards = this.checkRewards(record, rates, seeding);
    this.checkAdvantages(record, rewards, seeding);
    if (!seeding) this.checkCounts(record);
    this.checkTasks(record, seeding);
    this.checkBuffers(record, snapshot);
    for (const episode of episodes) this.tally(episode);
    this.counts.steps++;
    this.counts.episodes += episodes.length;
    this.counts.tasks += tasks.length;
  }

  result(): Omit<Replayed, 'ending'> {
    const { counts, disagreements, counted } = this;
    const summary = modes.flatMap((mode) =>
      roles.flatMap((role) => {
        const tally = this.tallies.get(`${mode} ${role}`);
        if (!tally) return [];
        const { completions, reward, good, format, tokens } = tally;
        const mean = (sum: number) => sum / completions;
        const means = { reward: mean(reward), share: mean(good), format: mean(format), tokens: mean(tokens) };
        return [{ mode, role, completions, ...means }];
      }),
    );
    return { ...counts, disagreements, counted, summary };
  }

  /** Is this the first record of a run that goes on from another? */
  private get inherits(): boolean {
    return this.before === null && this.run.parent !== null;
  }

  // ---- Telling -------------------------------------------------------------------------------------------------------

  /** `what` names the figure for programs, `words` for people. */
  private differ(about: About, what: string, words: string, recorded: Figure, derived: Figure): void {
    this.counted++;
    if (this.disagreements.length >= kept) return;
    const { step, episode, task } = about;
    const where = [
      `Step ${step}`,
      ...(episode ? [`episode ${episode.id} (${episode.mode}, ${episode.role})`] : []),
      ...(task === undefined ? [] : [`task ${task}`]),
    ].join(', ');
    const message = `${where}: ${words} is recorded as ${shown(recorded)}, but should be ${shown(derived)}.`;
    this.disagreements.push({
      step,
      episode: episode?.id ?? null,
      task: task ?? null,
      what,
      recorded,
      derived,
      message,
    });
  }

  private compare(about: About, what: string, words: string, recorded: Figure, derived: Figure): void {
    if (!same(recorded, derived)) this.differ(about, what, words, recorded, derived);
  }

  private tally({ mode, role, judged, reward, format, tokens, task }: Episode): void {
    const name = `${mode} ${role}`;
    const tally = this.tallies.get(name) ?? { completions: 0, reward: 0, good: 0, format: 0, tokens: 0 };
    this.tallies.set(name, tally);
    const good = role === 'propose' ? task !== null : judged.kind === 'answer' && judged.correct;
    tally.completions++;
    tally.reward += reward;
    tally.good += good ? 1 : 0;
    tally.format += format ? 1 : 0;
    tally.tokens += tokens.length;
  }

  // ---- Ids -----------------------------------------------------------------------------------------------------------

  /** Ids count upwards without gaps: a gap is a record that is missing. Only a run that goes on from another begins elsewhere. */
  private checkIds({ step, episodes, tasks }: StepRecord): void {
    const { inherits } = this;
    if (!inherits) {
      let next = this.before?.nextTask ?? 1;
      for (const { id } of tasks) {
        this.compare({ step, task: id }, 'id', 'its number', id, next);
        next = id + 1;
      }
    }
    let next = inherits ? (episodes[0]?.id ?? 1) : (this.before?.nextEpisode ?? 1);
    for (const episode of episodes) {
      this.compare({ step, episode }, 'id', 'its number', episode.id, next);
      const { tokens, logProbs } = episode;
      this.compare(
        { step, episode },
        'logProbs',
        'the count of its log-probabilities',
        logProbs.length,
        tokens.length,
      );
      next = episode.id + 1;
    }
  }

  // ---- Attempts ------------------------------------------------------------------------------------------------------

  /** Attempts at each proposal of the step. */
  private checkAttempts(record: StepRecord, seeding: boolean): Map<number, Episode[]> {
    const { step, episodes } = record;
    const proposals = new Map(episodes.filter(isProposal).map((episode) => [episode.id, episode]));
    const entered = new Map(record.tasks.map((task) => [task.id, task]));
    const attempts = new Map<number, Episode[]>();
    for (const episode of episodes) {
      const about = { step, episode };
      const kind = episode.role === 'propose' ? 'proposal' : 'answer';
      if (episode.judged.kind !== 'unread') {
        this.compare(about, 'judged.kind', 'what was judged', episode.judged.kind, kind);
      }
      if (isProposal(episode)) {
        this.compare(about, 'proposal', 'the proposal that it is an attempt at', episode.proposal, null);
        continue;
      }
      if (seeding) this.differ(about, 'role', 'what it does while there are only seeds', 'solve', 'propose');
      const { proposal: id, task } = episode;
      if (id === null) {
        const given = task === null ? undefined : (entered.get(task) ?? this.buffers.get(task));
        // Prompts that were drawn in advance may be about tasks that have left since.
        const early = this.config['prompts.every'] > 1 && task !== null;
        if (given) this.compare(about, 'mode', 'its mode', episode.mode, given.mode);
        else if (!early)
          this.differ(about, 'task', 'the task that it is about', task, 'one that is in a buffer');
        continue;
      }
      const proposal = proposals.get(id);
      if (!proposal) {
        this.differ(about, 'proposal', 'the proposal that it is an attempt at', id, 'one of this step');
        continue;
      }
      this.compare(about, 'mode', 'its mode', episode.mode, proposal.mode);
      this.compare(about, 'task', 'the task that it is about', task, proposal.task);
      const others = attempts.get(id);
      if (others) others.push(episode);
      else attempts.set(id, [episode]);
    }
    return attempts;
  }

  // ---- Proposals -----------------------------------------------------------------------------------------------------

  /** Solve rates as the attempts have them. */
  private checkProposals(
    record: StepRecord,
    attempts: ReadonlyMap<number, Episode[]>,
    seeding: boolean,
  ): Map<number, number | null> {
    const { step } = record;
    const { config } = this;
    const tasks = new Map(record.tasks.map((task) => [task.id, task]));
    const claimed = new Set<number>();
    const rates = new Map<number, number | null>();
    for (const episode of record.episodes.filter(isProposal)) {
      const about = { step, episode };
      const tried = attempts.get(episode.id) ?? [];
      const rate = tried.length ? this.rateOf(tried) : null;
      rates.set(episode.id, rate);
      if (tried.length) {
        const due = config['estimate.samples'];
        this.compare(about, 'attempts', 'the number of attempts at it', tried.length, due);
      }
      const { judged } = episode;
      if (judged.kind === 'proposal') {
        this.compare(about, 'judged.solveRate', 'its solve rate', judged.solveRate, rate);
        this.checkRefusal(about, judged, rate);
      }
      const passed = judged.kind === 'proposal' && judged.verdict === 'ok' && judged.refused === null;
      // Seeding may find more than it wants.
      if (!passed || !seeding)
        this.compare(about, 'accepted', 'that it became a task', episode.task !== null, passed);
      if (episode.task === null) continue;
      const task = tasks.get(episode.task);
      if (!task || claimed.has(task.id)) {
        const derived = task ? 'one of its own' : 'one that enters in this step';
        this.differ(about, 'task', 'the task that came of it', episode.task, derived);
        continue;
      }
      claimed.add(task.id);
      const of = { step, task: task.id };
      // A seed's program serves deduction and abduction alike.
      if (!seeding) this.compare(of, 'mode', 'its mode', task.mode, episode.mode);
      this.compare(of, 'solveRate', 'its solve rate', task.solveRate, rate);
    }
    for (const { id, origin } of record.tasks) {
      if (origin === 'proposed' && !claimed.has(id) && !this.inherits) {
        this.differ({ step, task: id }, 'proposal', 'the proposal that it came of', null, 'one of this step');
      }
    }
    return rates;
  }

  private rateOf(attempts: readonly Episode[]): number {
    const sum = attempts.reduce((total, { mode, judged }) => total + success(this.config, mode, judged), 0);
    return sum / attempts.length;
  }

  /** What was refused for another reason may have a rate, too. */
  private checkRefusal(
    about: About,
    { refused }: Extract<Judged, { kind: 'proposal' }>,
    rate: number | null,
  ): void {
    const forRate = rate === null ? null : refusedForRate(rate, this.config);
    if (refused === null || refused === 'too-easy' || refused === 'too-hard') {
      this.compare(about, 'judged.refused', 'why it was refused', refused, forRate);
    }
  }

  // ---- Rewards -------------------------------------------------------------------------------------------------------

  private checkRewards(
    record: StepRecord,
    rates: ReadonlyMap<number, number | null>,
    seeding: boolean,
  ): number[] {
    const { step, episodes } = record;
    const contexts = episodes.map((episode): RewardContext => {
      const { mode, role, completion, format, parsed } = episode;
      const judged: Judged =
        episode.judged.kind === 'proposal' && rates.has(episode.id)
          ? { ...episode.judged, solveRate: rates.get(episode.id)! }
          : episode.judged;
      return { mode, role, completion, format, parsed, judged, intrinsic: {}, repetition: 0 };
    });
    // Seeds are made in as many rounds as it takes: there is no batch that they could repeat.
    if (!seeding) this.repetition(contexts);
    return episodes.map((episode, index) => this.rewardOf({ step, episode }, contexts[index]));
  }

  /** Fills in the shares of the step's proposals that resemble each. */
  private repetition(contexts: RewardContext[]): void {
    const { config } = this;
    if (config['reward.repetition'] === 0) return;
    for (const mode of modes) {
      const proposals = contexts.filter((context) => context.role === 'propose' && context.mode === mode);
      const shares = clusterShares(
        proposals.map((context) => comparedText(config, context)),
        config['reward.repetition.threshold'],
      );
      proposals.forEach((context, index) => {
        context.repetition = shares[index];
      });
    }
  }

  /** Intrinsic terms and those of the user are taken as recorded, where there may be any. */
  private rewardOf(about: { step: number; episode: Episode }, context: RewardContext): number {
    const { config } = this;
    const { terms, reward } = about.episode;
    const derived = rewardOf(config, context).terms;
    for (const name of ['base', 'repetition']) {
      const words = name === 'base' ? 'the base of its reward' : 'its penalty for repetition';
      this.compare(about, `terms.${name}`, words, terms[name] ?? null, derived[name] ?? null);
    }
    const extra: number[] = [];
    for (const [name, value] of Object.entries(terms)) {
      if (name === 'base' || name === 'repetition') continue;
      const most = derived.base > 0 ? this.mostOf(name, context.role) : null;
      const allowed = most === null || !Number.isFinite(value) ? null : Math.min(value, most);
      this.compare(about, `terms.${name}`, `the term "${name}" of its reward`, value, allowed);
      if (allowed !== null) extra.push(allowed);
    }
    const expected = combine(derived.base, extra, config['intrinsic.combine']) + (derived.repetition ?? 0);
    if (Number.isFinite(expected)) this.compare(about, 'reward', 'its reward', reward, expected);
    else this.differ(about, 'reward', 'its reward', reward, 'a finite number');
    return expected;
  }

  /** The cap of a term; null if there can be no such term. That of a user's term is not in the log. */
  private mostOf(name: string, role: Role): number | null {
    if (name.startsWith('own.')) return Number.POSITIVE_INFINITY;
    const known = (intrinsics as readonly string[]).includes(name) && role === 'propose';
    if (!known || this.config[`intrinsic.${name as Intrinsic}`] === 0) return null;
    return this.config[`intrinsic.${name as Intrinsic}.max`];
  }

  // ---- Advantages ----------------------------------------------------------------------------------------------------

  private checkAdvantages(
    { step, episodes }: StepRecord,
    rewards: readonly number[],
    seeding: boolean,
  ): void {
    const proposers = seeding ? 'off' : proposing(step, this.config);
    const trained: { episode: Episode; reward: number }[] = [];
    episodes.forEach((episode, index) => {
      const { advantage } = episode;
      const proposes = isProposal(episode);
      const learns = proposes ? proposers === 'trained' : !seeding;
      if (advantage !== null && !learns) {
        this.differ({ step, episode }, 'advantage', 'its advantage', advantage, null);
      } else if (advantage !== null) {
        trained.push({ episode, reward: rewards[index] });
      } else if (learns && proposes) {
        // An attempt may have been made for the estimate alone, a proposal not.
        this.differ({ step, episode }, 'advantage', 'its advantage', null, 'a number');
      }
    });
    if (!trained.every(({ reward }) => Number.isFinite(reward))) return; // told already
    const scored = trained.map(({ episode: { mode, role, group, tokens }, reward }) => ({
      mode,
      role,
      group,
      reward,
      tokens: tokens.length,
    }));
    advantages(scored, this.config).forEach((derived, index) => {
      const { episode } = trained[index];
      this.compare({ step, episode }, 'advantage', 'its advantage', episode.advantage, derived);
    });
  }

  // ---- Counts --------------------------------------------------------------------------------------------------------

  private checkCounts({ step, episodes, alerts }: StepRecord): void {
    const { config } = this;
    const short = alerts.some(({ kind }) => kind === 'short');
    for (const mode of modes) {
      const there = episodes.filter((episode) => episode.mode === mode);
      const played = config.modes.includes(mode) ? config.batch : 0;
      const due = { propose: proposing(step, config) === 'off' ? 0 : played, solve: played };
      const found = {
        propose: there.filter(isProposal).length,
        solve: there.filter((episode) => !isProposal(episode) && episode.advantage !== null).length,
      };
      for (const role of roles) {
        if (short && found[role] < due[role]) continue;
        const words =
          role === 'propose'
            ? `the number of proposals of ${mode}`
            : `the number of attempts at ${mode} that were trained on`;
        this.compare({ step }, `count.${mode}.${role}`, words, found[role], due[role]);
      }
    }
  }

  // ---- Tasks and buffers ---------------------------------------------------------------------------------------------

  private checkTasks({ step, tasks }: StepRecord, seeding: boolean): void {
    if (this.inherits) return; // another run answers for them
    for (const task of tasks) {
      const about = { step, task: task.id };
      this.compare(about, 'step', 'the step that it came in', task.step, step);
      const proposed = task.origin === 'proposed';
      if (proposed === seeding) {
        this.differ(about, 'origin', 'where it came from', task.origin, seeding ? 'a seed' : 'proposed');
      }
      const later = task.parents.find((parent) => parent >= task.id);
      if (later !== undefined) {
        this.differ(about, 'parents', 'a task that it was made from', later, `one before task ${task.id}`);
      }
      const refused =
        proposed && task.solveRate !== null ? refusedForRate(task.solveRate, this.config) : null;
      if (refused) {
        const words = `what became of it at a solve rate of ${task.solveRate}`;
        this.differ(about, 'gate.filter', words, 'accepted', refused);
      }
    }
  }

  private checkBuffers(record: StepRecord, snapshot: Snapshot | null): void {
    const { step, tasks, updates } = record;
    const after = follow(this.before ?? emptySnapshot({ ...this.run, step }), record);
    const kept = snapshot && stateOf(snapshot);
    for (const task of tasks) this.known.set(task.id, slim(task));
    if (snapshot) this.checkSnapshot(record, after, snapshot);
    if (this.inherits) {
      // Another run answers for what it hands on.
      this.goOn(after, kept ?? this.buffers.state());
    } else {
      const derived = this.replayed(record);
      for (const repeat of derived.repeats) this.differ(...repeat);
      // What was recorded counts from now on, so that one disagreement is not told again at every later step.
      if (this.checkUpdates(step, updates, derived.updates)) {
        const { streaks, mastered } = this.buffers.state();
        const left = updates.flatMap((update) => (update.left === 'mastered' ? [update.task] : []));
        this.goOn(after, { streaks, mastered: [...new Set([...mastered, ...left])] });
      }
      if (kept) this.checkState(step, kept);
    }
    for (const { task, solveRate, left } of updates) {
      const changed = this.known.get(task);
      if (left === 'full') this.known.delete(task);
      else if (changed && solveRate !== undefined) this.known.set(task, { ...changed, solveRate });
    }
    const { nextTask, nextEpisode } = this.inherits && snapshot ? snapshot : after;
    this.before = { ...after, nextTask, nextEpisode };
  }

  /** From the buffers as they were recorded. */
  private goOn({ buffers }: Snapshot, { streaks, mastered }: BuffersKept): void {
    const there = new Set(modes.flatMap((mode) => buffers[mode]));
    const state: BuffersState = {
      buffers,
      streaks: streaks.filter(([id]) => there.has(id)),
      mastered: mastered.filter((id) => !there.has(id) && this.known.has(id)),
    };
    this.buffers = Buffers.restore(this.config, state, this.known.values());
  }

  /** What a step does to the buffers by the rules, and does to them here. */
  private replayed(record: StepRecord): Derived {
    const start = this.buffers.state();
    const derived = this.derive(record, 'tasks first');
    if (agrees(derived.updates, record.updates)) return derived;
    // Whether tasks enter before or after others are estimated again is the loop's choice.
    const usual = this.buffers;
    this.buffers = Buffers.restore(this.config, start, this.known.values());
    const other = this.derive(record, 'estimates first');
    if (agrees(other.updates, record.updates)) return other;
    this.buffers = usual;
    return derived;
  }

  /** Plays what entered, and what was estimated again, by the rules. */
  private derive(
    { step, tasks, episodes, updates }: StepRecord,
    order: 'tasks first' | 'estimates first',
  ): Derived {
    const repeats: Derived['repeats'] = [];
    const enter = () =>
      tasks.flatMap((task) => {
        const repeated = this.buffers.repeats(task);
        if (repeated) {
          repeats.push([{ step, task: task.id }, 'gate.novelty', 'what became of it', 'accepted', repeated]);
        }
        return this.buffers.add(this.known.get(task.id)!);
      });
    const tried = new Map<number, Episode[]>();
    for (const episode of episodes) {
      if (isProposal(episode) || episode.proposal !== null || episode.task === null) continue;
      const others = tried.get(episode.task);
      if (others) others.push(episode);
      else tried.set(episode.task, [episode]);
    }
    // The last task of a mode stays, so the order matters; it is in the record.
    const ordered = new Set([...updates.map(({ task }) => task), ...tried.keys()]);
    const estimate = () =>
      [...ordered].flatMap((id) => {
        const attempts = tried.get(id) ?? [];
        return attempts.length >= 2 ? this.buffers.estimate(id, this.rateOf(attempts)) : [];
      });
    const derived = order === 'tasks first' ? [...enter(), ...estimate()] : [...estimate(), ...enter()];
    return { updates: derived, repeats };
  }

  private checkUpdates(
    step: number,
    recorded: readonly TaskUpdate[],
    derived: readonly TaskUpdate[],
  ): boolean {
    const counted = this.counted;
    const [there, due] = [byTask(recorded), byTask(derived)];
    for (const task of new Set([...there.keys(), ...due.keys()])) {
      const [is, should] = [there.get(task), due.get(task)];
      const about = { step, task };
      this.compare(
        about,
        'updates.solveRate',
        'its new solve rate',
        is?.solveRate ?? null,
        should?.solveRate ?? null,
      );
      this.compare(about, 'updates.left', 'why it left its buffer', is?.left ?? null, should?.left ?? null);
    }
    return this.counted > counted;
  }

  private checkState(step: number, { streaks, mastered }: BuffersKept): void {
    const derived = this.buffers.state();
    const words = 'the number of tasks that were mastered';
    this.compare({ step }, 'snapshot.mastered', words, mastered.length, derived.mastered.length);
    const [is, should] = [new Map(streaks), new Map(derived.streaks)];
    for (const task of new Set([...is.keys(), ...should.keys()])) {
      const figure = 'the number of estimates in a row that were high enough';
      this.compare({ step, task }, 'snapshot.streaks', figure, is.get(task) ?? 0, should.get(task) ?? 0);
    }
  }

  private checkSnapshot({ step }: StepRecord, after: Snapshot, snapshot: Snapshot): void {
    for (const mode of modes) {
      const [is, should] = [snapshot.buffers[mode], after.buffers[mode]];
      const words = `the number of tasks in the ${mode} buffer`;
      this.compare({ step }, `snapshot.buffers.${mode}`, words, is.length, should.length);
      const place = is.findIndex((id, index) => index < should.length && id !== should[index]);
      if (place >= 0) {
        const which = `the task at place ${place + 1} of the ${mode} buffer`;
        this.differ({ step }, `snapshot.buffers.${mode}`, which, is[place], should[place]);
      }
    }
    // A run that goes on from another counts on from there.
    if (this.inherits) return;
    this.compare({ step }, 'snapshot.nextTask', 'the next task', snapshot.nextTask, after.nextTask);
    const { nextEpisode } = snapshot;
    this.compare({ step }, 'snapshot.nextEpisode', 'the next episode', nextEpisode, after.nextEpisode);
  }
}

// ---- Snapshots -------------------------------------------------------------------------------------------------------

type BuffersKept = Omit<BuffersState, 'buffers'>;

/** What the loop keeps of its buffers besides their order. Null if it is not there: a snapshot's parts are its maker's own. */
function stateOf({ state }: Snapshot): BuffersKept | null {
  const kept = (state.buffers ?? {}) as Partial<BuffersKept>;
  const { streaks, mastered } = kept;
  return Array.isArray(streaks) && Array.isArray(mastered) ? { streaks, mastered } : null;
}

interface Derived {
  updates: TaskUpdate[];
  /** Tasks that the gate would have called the same as one that is there. */
  repeats: [about: About, what: string, words: string, recorded: Figure, derived: Figure][];
}

// ---- Small things ----------------------------------------------------------------------------------------------------

interface Tally {
  completions: number;
  reward: number;
  good: number;
  format: number;
  tokens: number;
}

const isProposal = ({ role }: Episode): boolean => role === 'propose';

/** What of a proposal is compared with others; null if it makes no task. Of induction the program was given. */
function comparedText(config: Config, context: RewardContext): string | null {
  const { parsed, mode } = context;
  if (!isTask(config, context) || parsed?.kind !== 'proposal') return null;
  return mode === 'induction' ? parsed.inputs.join('\n') : parsed.program;
}

/** A task as buffers need it: many are kept. */
const slim = (task: Task): Task => ({ ...task, program: '', message: '', thought: '', parents: [] });

function byTask(updates: readonly TaskUpdate[]): Map<number, TaskUpdate> {
  const all = new Map<number, TaskUpdate>();
  for (const update of updates) all.set(update.task, { ...all.get(update.task), ...update });
  return all;
}

function agrees(derived: readonly TaskUpdate[], recorded: readonly TaskUpdate[]): boolean {
  const [due, there] = [byTask(derived), byTask(recorded)];
  return (
    due.size === there.size &&
    [...due].every(([task, should]) => {
      const is = there.get(task);
      return (
        is !== undefined && same(is.solveRate ?? null, should.solveRate ?? null) && is.left === should.left
      );
    })
  );
}

function same(a: Figure, b: Figure): boolean {
  if (typeof a !== 'number' || typeof b !== 'number') return a === b;
  return a === b || Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(a), Math.abs(b));
}

const shown = (figure: Figure): string => (figure === null ? 'none' : String(figure));
