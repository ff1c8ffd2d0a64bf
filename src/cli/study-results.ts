/**
 * @file What is kept of a study: of every run the answers that were right, task by task, and how it learned. Small enough for the
 * repository, while logs and weights are not: so a study that takes many hours goes on wherever the repository is.
 */

import { createReadStream } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createGunzip, gunzipSync, gzipSync } from 'node:zlib';
import type { Detail } from '../evals/evaluate';
import type { StepRecord } from '../store/records';
import { isThere } from './checkpoint-folder';
import { CommandError } from './command';

/** What a model does when it is sure of itself, and what it does while it plays: the best answer, and answers drawn by chance. */
export const ways = ['greedy', 'sampled'] as const;
export type Way = (typeof ways)[number];

export type Kept = Record<Way, Detail[]> & {
  /** Null for a model that was only asked. */
  learning: Learning | null;
};

export interface Learning {
  steps: number;
  /** Tokens that losses were taken of, and the updates that were made of them. */
  tokens: number;
  updates: number;
  /** The highest learning rate. */
  rate: number;
  seconds: number;
  /** Over the first and the last fifth of the steps. */
  first: Proposals;
  last: Proposals;
  /** In steps with a test. */
  heldOut: { step: number; metrics: Record<string, number> }[];
}

/** Null where there are none to tell of: the proposer is off, or no task was accepted. */
interface Proposals {
  /** Share of them that run, are new and not trivial. */
  good: number | null;
  /** Share that became tasks. */
  accepted: number | null;
  /** Calls and loop passes of a task's longest run, mean over deductions and abductions that were accepted. */
  effort: number | null;
}

/** What results belong to: of anything else they would be read as if they were its own. */
export interface Subject {
  /** SHA-256 of the weights that all runs begin with. */
  weights: string;
  tasks: string;
  limit: number;
  steps: number;
  /** Share of the first weights in those that were asked. */
  mean: number;
  settings: string[];
}

export class StudyResults {
  private constructor(private readonly folder: string) {}

  static async open(folder: string, subject: Subject): Promise<StudyResults> {
    await mkdir(folder, { recursive: true });
    const path = join(folder, 'subject.json');
    const text = `${JSON.stringify(subject, null, 2)}\n`;
    if (!(await isThere(path))) await writeFile(path, text);
    else if ((await readFile(path, 'utf8')) !== text) {
      throw new CommandError(
        `The results in ${folder} are of another model, other tasks, steps or settings (see subject.json): name another folder with --results.`,
        2,
      );
    }
    return new StudyResults(folder);
  }

  has = (name: string) => isThere(this.path(name));

  async read(name: string): Promise<Kept> {
    return JSON.parse(gunzipSync(await readFile(this.path(name))).toString()) as Kept;
  }

  async write(name: string, kept: Kept): Promise<void> {
    const path = this.path(name);
    await writeFile(`${path}.new`, gzipSync(JSON.stringify(kept), { level: 9 }));
    await rename(`${path}.new`, path);
  }

  private path(name: string): string {
    return join(this.folder, `${name}.json.gz`);
  }
}

// ---- How a run learned -------------------------------------------------------------------------------------------------

/** Refusals of what is invalid, not new, or trivial; a task may be refused for other reasons, too. */
const bad = ['unread', 'invalid', 'duplicate', 'same-behaviour', 'constant', 'leak'];

/** Of a whole log. */
export async function readLearning(log: string): Promise<Learning> {
  const all: { step: number; metrics: Record<string, number> }[] = [];
  const lines = createInterface({ input: createReadStream(log).pipe(createGunzip()) });
  for await (const line of lines) {
    const { record } = JSON.parse(line) as { record?: Pick<StepRecord, 'step' | 'metrics'> };
    if (record) all.push({ step: record.step, metrics: record.metrics });
  }
  return learningOf(all);
}

export function learningOf(all: readonly { step: number; metrics: Record<string, number> }[]): Learning {
  const played = all.filter(({ step }) => step > 0);
  const total = (name: string) => sum(played.map(({ metrics }) => metrics[name] ?? 0));
  const fifth = Math.max(1, Math.floor(played.length / 5));
  return {
    steps: played.length,
    tokens: total('actor/tokens') + total('hindsight/tokens'),
    updates: total('actor/updates'),
    rate: Math.max(0, ...played.map(({ metrics }) => metrics['actor/lr'] ?? 0)),
    seconds: Math.round(total('timing_s/step')),
    first: proposalsOf(played.slice(0, fifth)),
    last: proposalsOf(played.slice(-fifth)),
    heldOut: all.flatMap(({ step, metrics }) => {
      const tested = Object.entries(metrics).filter(([name]) => name.startsWith('heldout/'));
      return tested.length > 0 ? [{ step, metrics: Object.fromEntries(tested) }] : [];
    }),
  };
}

function proposalsOf(steps: readonly { metrics: Record<string, number> }[]): Proposals {
  const average = (of: (metrics: Record<string, number>) => number | undefined) => {
    const values = steps.flatMap(({ metrics }) => of(metrics) ?? []);
    return values.length > 0 ? sum(values) / values.length : null;
  };
  return {
    good: average((metrics) => {
      if (metrics['gate/pass_rate'] === undefined) return undefined;
      return 1 - sum(bad.map((reason) => metrics[`gate/refused/${reason}`] ?? 0));
    }),
    accepted: average((metrics) => metrics['gate/pass_rate']),
    effort: average((metrics) => {
      const efforts = ['deduction', 'abduction'].flatMap((mode) => metrics[`buffers/${mode}/effort`] ?? []);
      return efforts.length > 0 ? sum(efforts) / efforts.length : undefined;
    }),
  };
}

const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);
