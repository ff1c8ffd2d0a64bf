/**
 * @file Was the model taught the truth? Each lesson is held against the task that it is about, as far as that goes without Python:
 * the prompt, the answer and the form follow from the task, and a thought has at least to end with the task's output.
 */

import { defaultLimits } from '../../sandbox/executor';
import { parseValue } from '../../sandbox/literal';
import { equal } from '../../sandbox/value';
import { type Lesson, modes, type Pair, type Task } from '../../store/records';
import type { Config } from '../config';
import type { WritingDialect } from '../dialect';
import { servesAs, writeProposal } from '../hindsight';
import { kindsOf } from '../probes';
import { goldAnswer, questionOf } from '../questions';
import { proposing } from '../schedule';
import { answerIn, backwards } from '../scratchpad';
import { dialectOf } from '../speaking';
import { Framing } from './framing';
import type { About, Ledger } from './ledger';
import { isProposal, type RecordedStep } from './recorded';

/** What is said of the sandbox is in no text that is checked. */
const aboutNothing = { modules: [], limits: defaultLimits };

export class LessonCheck {
  private readonly config: Config;
  private readonly ledger: Ledger;
  private readonly dialect: WritingDialect;
  /** Tasks without a wrapper, and completions without an end. */
  private readonly bare: WritingDialect;
  private readonly prompts = new Framing();
  private readonly completions = new Framing();
  /** Of all tasks so far. */
  private readonly inputs = new Set<string>();

  constructor(config: Config, ledger: Ledger) {
    this.config = config;
    this.ledger = ledger;
    this.dialect = dialectOf(config, aboutNothing);
    this.bare = dialectOf({ ...config, 'dialect.wrapper': 'none' }, aboutNothing);
  }

  /** `taskOf` knows the tasks that are in a buffer after the step, texts included. */
  check(recorded: RecordedStep, taskOf: (id: number) => Task | undefined): void {
    const { step, lessons = [] } = recorded.record;
    this.checkCounts(recorded);
    for (const { pairs } of recorded.record.tasks) for (const [input] of pairs) this.inputs.add(input);
    const seen = new Set<string>();
    for (const lesson of lessons) {
      const about = { step, task: lesson.task };
      const name = `${lesson.kind} ${lesson.mode} ${lesson.task}`;
      if (seen.has(name)) this.ledger.differ(about, 'lessons', 'what was taught of it', 'twice', 'once');
      seen.add(name);
      if (lesson.kind === 'answer') this.checkAnswer(about, lesson, taskOf(lesson.task));
      else this.checkProposal(about, lesson, recorded, taskOf);
    }
  }

  private checkCounts({ record: { step, lessons = [] }, seeding }: RecordedStep): void {
    const { config, ledger } = this;
    for (const mode of modes) {
      const played = !seeding && config.modes.includes(mode);
      const most = {
        answer: played ? config['hindsight.tasks'] : 0,
        proposal: played && proposing(step, config) === 'trained' ? config['hindsight.proposals'] : 0,
      };
      for (const kind of ['answer', 'proposal'] as const) {
        const found = lessons.filter((lesson) => lesson.mode === mode && lesson.kind === kind).length;
        if (found <= most[kind]) continue;
        const words = `the number of ${kind}s of ${mode} that were taught`;
        ledger.differ({ step }, `lessons.${mode}.${kind}`, words, found, `at most ${most[kind]}`);
      }
    }
  }

  private checkAnswer(about: About, lesson: Lesson, made: Task | undefined): void {
    const { config, dialect, ledger } = this;
    const { mode, prompt, completion } = lesson;
    if (!made || !servesAs(made.mode, mode)) {
      ledger.differ(about, 'lessons.task', 'the task that was taught', lesson.task, `one of ${mode}`);
      return;
    }
    const task = this.askedOf(made, lesson);
    if (lesson.borrowed) this.checkLoan(about, made, lesson.borrowed);
    // The other dialect tells solvers of induction what the sandbox allows, which no log knows.
    if (mode !== 'induction' || config.dialect === 'compact') {
      const asked = questionOf(task);
      const whole = this.prompts.around(this.bare.solve(asked), dialect.solve(asked), prompt);
      ledger.compare(about, 'lessons.prompt', 'its question', prompt, whole);
    }
    const thought = config.dialect === 'compact' ? (this.thoughtOf(lesson) ?? '') : '';
    const right = this.ended(dialect.writeAnswer(mode, { answer: goldAnswer(task), thought }), completion);
    ledger.compare(about, 'lessons.completion', 'what was taught of it', completion, right);
    if (config.dialect === 'compact') this.checkThought(about, task, thought);
  }

  /** What came of the input is Python's to say; where it came from is known. */
  private checkLoan(about: About, made: Task, [input]: Pair): void {
    const { config, ledger } = this;
    const words = 'the input that was borrowed';
    if (config['hindsight.borrowed'] === 0) ledger.differ(about, 'lessons.borrowed', words, input, 'none');
    // An induction's inputs need not be of one kind.
    const alike = made.pairs.some(([own]) => kindsOf(own) === kindsOf(input));
    if (alike && this.inputs.has(input)) return;
    ledger.differ(about, 'lessons.borrowed', words, input, 'that of a task with arguments of the same kinds');
  }

  /** Of an induction's pairs, the one that was asked about; or the call that was borrowed for it. */
  private askedOf(made: Task, { mode, prompt, completion, borrowed }: Lesson): Task {
    const whole = { ...made, mode };
    if (borrowed && mode !== 'induction') return { ...whole, pairs: [borrowed] };
    if (mode === made.mode || made.pairs.length === 1) return whole;
    const { dialect, bare } = this;
    const answer = dialect.parseAnswer(mode, completion).parsed?.answer;
    const each = made.pairs.map((pair) => ({ ...whole, pairs: [pair] }));
    const asked = each.filter((task) => prompt.includes(bare.solve(questionOf(task))));
    return asked.find((task) => goldAnswer(task) === answer) ?? asked[0] ?? each[0];
  }

  private proposalOf({ completion }: Lesson, task: Task, taskOf: (id: number) => Task | undefined) {
    const words = writeProposal(this.dialect, task, taskOf);
    return words && { ...words, completion: this.ended(words.completion, completion) };
  }

  /** As it ends in the model's words. */
  private ended(written: string, found: string): string {
    const [stop] = this.dialect.stop;
    const end = this.dialect.tokenizer.decode(Int32Array.of(stop));
    return this.completions.around(written.slice(0, written.length - end.length), written, found);
  }

  private thoughtOf({ mode, completion }: Lesson): string | null {
    return this.dialect.parseAnswer(mode, completion).parsed?.thought ?? null;
  }

  /** Whether its steps are true is Python's to say; what it comes to is known. */
  private checkThought(about: About, { mode, pairs }: Task, thought: string): void {
    const words = 'what its thought comes to';
    if (mode === 'induction') {
      this.ledger.compare(about, 'lessons.thought', words, thought, '');
    } else if (mode !== 'error') {
      const [[, output]] = pairs;
      const forwards = mode === 'abduction' ? backwards(thought) : thought;
      const end = answerIn(forwards)?.replaceAll('⟨⟩', '⟨') ?? null;
      if (!sameValue(end, output)) this.ledger.differ(about, 'lessons.thought', words, end, output);
    }
  }

  private checkProposal(
    about: About,
    lesson: Lesson,
    { record: { episodes } }: RecordedStep,
    taskOf: (id: number) => Task | undefined,
  ): void {
    const { ledger } = this;
    const task = taskOf(lesson.task);
    if (!task || task.mode !== lesson.mode || (task.origin !== 'proposed' && task.origin !== 'seeding')) {
      const words = 'the proposal that was taught';
      ledger.differ(about, 'lessons.task', words, lesson.task, `one that became a task of ${lesson.mode}`);
      return;
    }
    const ofStep = episodes.find((each) => isProposal(each) && each.task === lesson.task);
    const proposal = ofStep ?? this.proposalOf(lesson, task, taskOf);
    for (const part of ['prompt', 'completion'] as const) {
      // The other dialect tells proposers, too, what the sandbox allows.
      if (part === 'prompt' && !ofStep && this.config.dialect !== 'compact') continue;
      const words = `the ${part} of the proposal that was taught`;
      ledger.compare(about, `lessons.${part}`, words, lesson[part], proposal?.[part] ?? null);
    }
  }
}

/** The order in which a set of texts is written depends on the interpreter. */
function sameValue(text: string | null, output: string): boolean {
  if (text === null || text === output) return text === output;
  const [a, b] = [parseValue(text), parseValue(output)];
  return a.ok && b.ok && equal(a.value, b.value);
}
