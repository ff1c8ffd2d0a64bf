/**
 * @file What a person sees of a run in a terminal: a line for each step, alerts at once, and, where the terminal can take it back, what
 * is being waited for.
 */

import type { Alert, StepRecord } from '../store/records';
import type { TrainEvent } from './trainer';

/** Steps after which the heading is told again, as it has left the screen. */
const screenful = 25;
/** Milliseconds of silence after which somebody who cannot see progress is told of it. */
const patience = 20_000;

export interface Terminal {
  write(text: string): void;
  /** It shows lines that are written over again. */
  live: boolean;
  columns: number;
}

const columns = [
  ['step', 6],
  ['proposing', 11],
  ['solving', 9],
  ['solved', 9],
  ['tasks', 7],
  ['entropy', 9],
  ['time', 10],
] as const;

export class TrainReport {
  private lines = 0;
  private shown = '';
  private heard = performance.now();

  constructor(
    private readonly terminal: Terminal,
    private readonly steps: number,
  ) {}

  line(text: string): void {
    this.clear();
    this.terminal.write(`${text}\n`);
    this.heard = performance.now();
  }

  step({ step, metrics, tasks, alerts }: StepRecord): void {
    if (step === 0) this.line(seeded(tasks, metrics));
    else {
      if (this.lines++ % screenful === 0) this.line(row(columns.map(([name]) => name)));
      this.line(row(cells(step, tasks.length, metrics)));
    }
    for (const message of gathered(alerts)) this.line(`  ! ${message}`);
    const accuracy = metrics['heldout/accuracy'];
    if (accuracy !== undefined) this.line(`       held-out tasks: ${percent(accuracy)} right`);
  }

  event(event: TrainEvent): void {
    switch (event.kind) {
      case 'phase':
        this.waiting(event.phase);
        return;
      case 'notice':
        this.line(`  ! ${event.line}`);
        return;
      case 'progress': {
        const { phase, done, total } = event.progress;
        const where = event.step > 0 ? `step ${event.step} of ${this.steps}: ` : '';
        this.waiting(`${where}${phase}${total > 1 ? ` ${done} of ${total}` : ''}`);
        return;
      }
      case 'status':
        if (event.status === 'recovering' || event.status === 'waiting') this.line(`  ! ${event.message}`);
        return;
      case 'step':
        return; // told when it is in the files
      default:
        event satisfies never;
    }
  }

  /** Takes back what is not to stay. */
  clear(): void {
    if (this.shown !== '') this.terminal.write('\r\x1b[K');
    this.shown = '';
  }

  private waiting(text: string): void {
    const { live, columns } = this.terminal;
    if (live) {
      this.shown = `  ${text} ...`.slice(0, columns - 1);
      this.terminal.write(`\r\x1b[K${this.shown}`);
    } else if (performance.now() - this.heard > patience) this.line(`  ${text} ...`);
  }
}

/** A line for each kind: six modes and roles that have the same to say would fill the screen. Why a run ends is told at its end. */
function gathered(alerts: readonly Alert[]): string[] {
  const kinds = new Set(alerts.map(({ kind }) => kind).filter((kind) => kind !== 'stop'));
  return [...kinds].map((kind) => {
    const [first, ...more] = alerts.filter((alert) => alert.kind === kind);
    return more.length > 0 ? `${first.message} (And ${more.length} more of this kind.)` : first.message;
  });
}

function row(texts: readonly string[]): string {
  return texts.map((text, index) => text.padStart(columns[index][1])).join('');
}

function cells(step: number, tasks: number, metrics: Record<string, number>): string[] {
  const proposing = meanOf(metrics, /^gen_code_\w\/critic\/rewards\/mean$/);
  const solving = meanOf(metrics, /^pred_code_\w\/critic\/rewards\/mean$/);
  const solved = meanOf(metrics, /^pred_code_\w\/accuracy$/);
  return [
    String(step),
    signed(proposing),
    signed(solving),
    solved === null ? '-' : percent(solved),
    tasks === 0 ? '0' : `+${tasks}`,
    metrics['actor/entropy']?.toFixed(3) ?? '-',
    duration(metrics['timing_s/step'] ?? 0),
  ];
}

function seeded(tasks: StepRecord['tasks'], metrics: Record<string, number>): string {
  const counts = new Map<string, number>();
  for (const { mode } of tasks) counts.set(mode, (counts.get(mode) ?? 0) + 1);
  const kinds = [...counts].map(([mode, count]) => `${count} ${mode}`).join(', ');
  return `Seeds   ${kinds} (${duration(metrics['timing_s/step'] ?? 0)})`;
}

/** Of what there is; modes count alike. */
export function meanOf(metrics: Record<string, number>, names: RegExp): number | null {
  const values = Object.entries(metrics).flatMap(([name, value]) => (names.test(name) ? [value] : []));
  return values.length > 0 ? values.reduce((a, b) => a + b, 0) / values.length : null;
}

const signed = (value: number | null) =>
  value === null ? '-' : `${value < 0 ? '' : '+'}${value.toFixed(3)}`;

export const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

export function duration(seconds: number): string {
  if (seconds < 99.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const minutes = Math.floor(whole / 60);
  if (minutes < 100) return `${minutes} min ${whole % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
