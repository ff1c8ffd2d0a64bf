/**
 * @file The collapse watch. Self-play can fall silent, repeat itself, or learn to please its own checks while its rewards still look
 * well, so each step is held against a few figures that tell, and a person is told in a sentence. What lasts is told once,
 * and again only after it was over; a run that is resumed is watched as if it had never stopped.
 */

import type { Alert, Episode, Mode, Role, Task } from '../store/records';
import { type Settings, type Watched, watched } from './config';

export type WatchSettings = Settings<`watch.${Watched}` | 'watch.patience' | 'watch.stop'>;

/** What one step tells the watch. Null: not known in this step, which neither continues a streak nor ends it. */
export interface Observed {
  step: number;
  /** Mean, in nats. */
  entropy: number | null;
  /** Of the proposed programs that parse: the share that is distinct. */
  distinct: number | null;
  /** Share of proposals that pass the gate. */
  valid: number | null;
  /** Of the proposals that were attempted. */
  solveRates: number[];
  /** Accuracy, in steps with an evaluation. */
  heldOut: number | null;
  loss: number | null;
  gradNorm: number | null;
  /** False if the update was left out since gradients were not finite. */
  applied: boolean;
  rewardSpread: { mode: Mode; role: Role; deviation: number; count: number }[];
  signs: HackingSigns;
}

/** Plain data. */
export interface WatchState {
  /** How many times in a row something was bad. */
  streaks: [name: string, times: number][];
  best: { accuracy: number; step: number } | null;
  /** Mean program lines of the first steps that had any, which later ones are held against. */
  firstLines: { steps: number; sum: number };
}

export class Watch {
  private readonly streaks = new Map<string, number>();
  private best: WatchState['best'] = null;
  private firstLines: WatchState['firstLines'] = { steps: 0, sum: 0 };

  constructor(private readonly settings: WatchSettings) {}

  static restore(settings: WatchSettings, state: WatchState): Watch {
    const watch = new Watch(settings);
    for (const [name, times] of state.streaks) watch.streaks.set(name, times);
    watch.best = state.best && { ...state.best };
    watch.firstLines = { ...state.firstLines };
    return watch;
  }

  state(): WatchState {
    return {
      streaks: [...this.streaks].sort(([a], [b]) => (a < b ? -1 : 1)),
      best: this.best && { ...this.best },
      firstLines: { ...this.firstLines },
    };
  }

  /** `stop`: the sentence that says why the run ends. */
  observe(observed: Observed): { alerts: Alert[]; stop: string | null } {
    const alerts = [
      ...notNumbers(observed),
      ...this.alikeRewards(observed),
      ...watched.flatMap((kind) => this.collapse(kind, observed)),
      ...this.hacking(observed.signs),
    ];
    const ends = alerts.find(({ kind }) => this.settings['watch.stop'].some((stop) => stop === kind));
    const stop =
      ends && `${ends.message.slice(0, -1)}; the run ends here, since watch.stop names ${ends.kind}.`;
    return { alerts, stop: stop ?? null };
  }

  private collapse(kind: Watched, observed: Observed): Alert[] {
    const bound = this.settings[`watch.${kind}`];
    const value = kind === 'held-out' ? this.fallen(observed) : valueNow(kind, observed);
    if (bound === 0 || value === null || !Number.isFinite(value)) return [];
    const bad = kind === 'held-out' ? value > bound - rounding : value < bound - rounding;
    if (!this.lasts(kind, bad)) return [];
    return [{ kind, message: this.sentence(kind, value, bound, observed) }];
  }

  /** How far held-out accuracy is below its best. */
  private fallen({ step, heldOut: accuracy }: Observed): number | null {
    if (accuracy === null || !Number.isFinite(accuracy)) return null;
    if (!this.best || accuracy > this.best.accuracy) this.best = { accuracy, step };
    return this.best.accuracy - accuracy;
  }

  private sentence(kind: Watched, value: number, bound: number, { heldOut }: Observed): string {
    const below = `below ${figure(bound)} ${this.often()}`;
    const less = `less than ${percent(bound)} ${this.often()}`;
    switch (kind) {
      case 'entropy':
        return `Mean entropy is ${figure(value)} nats, ${below}: the model hardly varies what it writes.`;
      case 'distinct':
        return `Only ${percent(value)} of the proposed programs are distinct, ${less}: the proposer repeats itself.`;
      case 'valid':
        return `Only ${percent(value)} of the proposals pass the gate, ${less}: there is little new to learn from.`;
      case 'spread':
        return `Solve rates deviate by ${figure(value)}, ${below}: tasks are all as hard as each other, and teach little.`;
      case 'held-out': {
        const best = `${figure(value)} below its best (step ${this.best?.step})`;
        return `Held-out accuracy is ${figure(heldOut ?? 0)}, ${best}: the model forgets what it could do.`;
      }
      default:
        return kind satisfies never;
    }
  }

  private hacking(signs: HackingSigns): Alert[] {
    const alerts: Alert[] = [];
    const look = (name: string, bad: boolean | null, message: () => string) => {
      if (this.lasts(`hacking ${name}`, bad)) alerts.push({ kind: 'hacking', message: message() });
    };
    const shares: [name: keyof typeof bounds, says: (share: string) => string][] = [
      ['sameAnswer', (share) => `One and the same answer is right for ${share} of the questions of a mode`],
      ['leaked', (share) => `The answer stands in the program of ${share} of the new tasks`],
      ['anyInput', (share) => `Nearly any input solves ${share} of the abduction tasks`],
    ];
    for (const [name, says] of shares) {
      const share = signs[name];
      const message = () => `${says(percent(share ?? 0))}: look whether tasks still ask for anything.`;
      look(name, share === null ? null : share > bounds[name], message);
    }
    const lines = signs.programLines;
    const usual = this.usualLines(lines);
    look('programLines', lines === null || usual === null ? null : lines < usual * shrunk, () => {
      const now = `Proposed programs have ${figure(lines ?? 0)} lines on average`;
      return `${now}, and had ${figure(usual ?? 0)} at first: look whether they still do anything.`;
    });
    return alerts;
  }

  /** Null while the first steps are still being counted. */
  private usualLines(lines: number | null): number | null {
    const { steps, sum } = this.firstLines;
    if (steps >= firstSteps) return sum / steps;
    if (lines !== null) this.firstLines = { steps: steps + 1, sum: sum + lines };
    return null;
  }

  /** Once for each mode and role, until its rewards differ again. */
  private alikeRewards({ rewardSpread }: Observed): Alert[] {
    return rewardSpread
      .filter(({ count }) => count >= 2)
      .filter(({ mode, role, deviation }) => this.lasts(`rewards ${mode} ${role}`, deviation < rounding, 1))
      .map(({ mode, role, count }) => ({
        kind: 'zero-variance',
        message: `All ${count} rewards of ${mode}, ${role}, are alike: there is nothing to learn from them.`,
      }));
  }

  /** True when something has just been bad for the last of so many times in a row. */
  private lasts(name: string, bad: boolean | null, patience = this.settings['watch.patience']): boolean {
    if (bad === null) return false;
    if (!bad) {
      this.streaks.delete(name);
      return false;
    }
    const times = (this.streaks.get(name) ?? 0) + 1;
    this.streaks.set(name, times);
    return times === patience;
  }

  private often(): string {
    const times = this.settings['watch.patience'];
    return times === 1 ? 'in this step' : `for ${times} steps in a row`;
  }
}

function valueNow(kind: Exclude<Watched, 'held-out'>, observed: Observed): number | null {
  return kind === 'spread' ? deviation(observed.solveRates) : observed[kind];
}

/** In every step that it happens: each is an update that is lost or not to be trusted. */
function notNumbers({ step, loss, gradNorm, entropy, applied }: Observed): Alert[] {
  const figures: [name: string, value: number | null][] = [
    ['the loss', loss],
    ['the gradient norm', gradNorm],
    ['the entropy', entropy],
  ];
  const broken = figures
    .filter(([, value]) => value !== null && !Number.isFinite(value))
    .map(([name]) => name);
  if (!broken.length && applied) return [];
  const what = broken.length ? `${broken.join(' and ')} of step ${step}` : `gradients of step ${step}`;
  const lost = applied ? 'not finite' : 'not finite, so an update was left out';
  const verb = broken.length === 1 ? 'is' : 'are';
  const message = `${what[0].toUpperCase()}${what.slice(1)} ${verb} ${lost}: lower optimizer.rate, or go back to a checkpoint.`;
  return [{ kind: 'not-a-number', message }];
}

// ---- Signs of reward hacking ---------------------------------------------------------------------------------------

/** Counted over a step; null where there is too little to tell. Signs are no proof: they are where to look. */
export interface HackingSigns {
  /** Of the questions that were answered right: the greatest share, in any mode, for which one and the same text is right. */
  sameAnswer: number | null;
  /** Of the new tasks: the share with the answer (output, or input of abduction) written in the program. */
  leaked: number | null;
  /** Of the abduction questions that got different answers: the share in which nearly all of those are right. */
  anyInput: number | null;
  /** Mean lines of the proposed programs that run, blank ones not counted. */
  programLines: number | null;
}

/** Shares above which it counts: natural runs have some of each. */
const bounds = { sameAnswer: 0.8, leaked: 0.5, anyInput: 0.5 };
/** Programs have shrunk if they have less than this share of the lines that they had in the first steps. */
const shrunk = 0.5;
const firstSteps = 10;
/** Fewer questions, tasks or programs tell nothing. */
const least = 8;
/** Shorter answers stand in many programs by chance. */
const telling = 6;

export function signsOf(episodes: readonly Episode[], tasks: ReadonlyMap<number, Task>): HackingSigns {
  const accepted = episodes.flatMap(({ role, task }) =>
    role === 'propose' && task !== null ? (tasks.get(task) ?? []) : [],
  );
  return {
    // Exceptions have few names, so that one of them may well be right for most.
    sameAnswer: greatest(
      (['deduction', 'abduction', 'induction'] as const).map((mode) => sameAnswer(episodes, mode)),
    ),
    leaked: share(accepted.flatMap(leaks)),
    anyInput: share([...questions(episodes, 'abduction').values()].flatMap(takesAnything)),
    programLines: programLines(episodes),
  };
}

/** Of one question, each text that answered it: was it right? */
type Answers = Map<string, boolean>;

/** Attempts at one task are one question, however often it was drawn. */
function questions(episodes: readonly Episode[], mode: Mode): Map<string, Answers> {
  const found = new Map<string, Answers>();
  for (const episode of episodes) {
    const { parsed, judged, task, proposal, group } = episode;
    if (episode.role !== 'solve' || episode.mode !== mode) continue;
    if (parsed?.kind !== 'answer' || judged.kind !== 'answer') continue;
    const name =
      task !== null ? `task ${task}` : proposal !== null ? `proposal ${proposal}` : `group ${group}`;
    const answers = found.get(name) ?? new Map<string, boolean>();
    found.set(name, answers);
    answers.set(parsed.answer.trim(), judged.correct);
  }
  return found;
}

function sameAnswer(episodes: readonly Episode[], mode: Mode): number | null {
  const right = [...questions(episodes, mode).values()]
    .map((answers) => [...answers].filter(([, correct]) => correct).map(([text]) => text))
    .filter((texts) => texts.length > 0);
  if (right.length < least) return null;
  const counts = new Map<string, number>();
  for (const text of right.flat()) counts.set(text, (counts.get(text) ?? 0) + 1);
  return Math.max(...counts.values()) / right.length;
}

/** Nothing of a question that got too few different answers to tell. */
function takesAnything(answers: Answers): boolean[] {
  const right = [...answers.values()].filter(Boolean).length;
  return answers.size < 3 ? [] : [right >= 3 && right > 0.75 * answers.size];
}

/** Nothing of a task whose answer is too short to tell, or is a program. */
function leaks({ mode, program, pairs: [[input, output]] }: Task): boolean[] {
  const dense = (text: string) => text.replace(/\s/g, '');
  const answer = mode === 'deduction' ? dense(output) : mode === 'abduction' ? dense(input) : '';
  return answer.length < telling ? [] : [dense(program).includes(answer)];
}

function programLines(episodes: readonly Episode[]): number | null {
  const lines = episodes.flatMap(({ parsed, judged }) => {
    if (parsed?.kind !== 'proposal' || judged.kind !== 'proposal' || judged.verdict !== 'ok') return [];
    return parsed.program === '' ? [] : [parsed.program.split('\n').filter((line) => line.trim()).length];
  });
  return lines.length < least ? null : mean(lines);
}

// ---- Figures -------------------------------------------------------------------------------------------------------

/** What sums of fractions may be off by. */
const rounding = 1e-9;

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

function deviation(values: readonly number[]): number | null {
  if (values.length < 2) return null;
  const middle = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
}

const share = (facts: readonly boolean[]) => (facts.length < least ? null : mean(facts.map(Number)));

function greatest(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length ? Math.max(...known) : null;
}

const figure = (value: number) => `${Number(value.toPrecision(2))}`;
const percent = (value: number) => `${Number((100 * value).toPrecision(2))}%`;
