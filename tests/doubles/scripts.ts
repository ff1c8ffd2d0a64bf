/**
 * @file What scripted models write. `honest` plays well, at some tasks better than at others; the others are what models do before
 * they have learned anything, and what they do once they have learned to cheat.
 */

import type { ProposalRequest, SolverQuestion } from '../../src/selfplay/dialect';
import { type Chance, hashOf } from './chance';
import type { KnowingDialect } from './dialect';
import type { Script } from './engine';
import { exceptionOf, outcomeOf } from './executor';
import { domains, type Family, inputFor, type Kind, programOf, world } from './families';

export interface HonestOptions {
  /** Chance of a right answer to a question, from a number that its program has, 0 <= x < 1. */
  skill?: (program: number) => number;
  /** Which families it proposes. */
  families?: readonly Family[];
  /** Programs in which nothing but this is different; unlimited otherwise. */
  numbers?: number;
  /** In many layouts. */
  layouts?: boolean;
}

/** Solve rates from 0 to 1, with all steps between. */
export const spread = (program: number): number => [0, 0.25, 0.5, 0.5, 0.75, 1][Math.floor(program * 6)];

const sound = world.filter(({ nature }) => nature === 'sound');
const raising = world.filter(({ nature }) => nature === 'raising');

export function honest(dialect: KnowingDialect, options: HonestOptions = {}): Script {
  const { skill = spread, families, numbers = 400, layouts = true } = options;
  return ({ prompt, chance }) => {
    const asked = dialect.meaningOf(prompt);
    if (asked.kind === 'propose') {
      const { request } = asked;
      const pool = families ?? (request.mode === 'error' && chance.happens(0.8) ? raising : sound);
      return dialect.writeProposal(request.mode, proposal(request, pool, numbers, layouts, chance));
    }
    const { question } = asked;
    const right = chance.happens(skill(hashOf(subjectOf(question)) / 2 ** 32));
    const answer = right ? solution(question) : null;
    return dialect.writeAnswer(question.mode, { thought: '', answer: answer ?? wrong(question, chance) });
  };
}

/** Bytes, markers, tags and fences, in no order. */
export function garbage(): Script {
  const scraps = [
    ...[
      '⟨ans⟩',
      '⟨in⟩',
      '⟨say⟩',
      '⟨end⟩',
      '⟨think⟩',
      '⟨',
      '</think>',
      '<answer>',
      '</answer>',
      '```python\n',
      '```',
    ],
    ...[
      '```input\n',
      '\n',
      'def f(a):\n    return a',
      '\0',
      '\ud83d',
      'é',
      "'",
      '(',
      '[1, ',
      '\\boxed{',
      '}',
      ' ',
    ],
  ];
  return ({ chance }) => {
    const parts = Array.from({ length: chance.below(30) }, () =>
      chance.happens(0.3) ? String.fromCharCode(chance.below(0x250)) : chance.pick(scraps),
    );
    return parts.join('');
  };
}

export function empty(): Script {
  return ({ chance }) => (chance.happens(0.5) ? '⟨end⟩' : '');
}

/** Everything that would pay if the gate let it. */
export function adversarial(dialect: KnowingDialect): Script {
  const natures = ['constant', 'random', 'endless', 'banned', 'broken', 'raising', 'huge'] as const;
  return (line) => {
    const { chance, prompt } = line;
    const asked = dialect.meaningOf(prompt);
    if (chance.happens(0.1)) return 'I shall never stop. ';
    if (asked.kind === 'solve')
      return dialect.writeAnswer(asked.question.mode, cheat(asked.question, chance));
    const { request } = asked;
    const { mode } = request;
    const families = world.filter(({ nature }) => nature === chance.pick(natures));
    const made = proposal(request, families.length > 0 ? families : sound, 5, true, chance);
    if (request.mode !== 'induction') {
      if (chance.happens(0.1)) {
        made.inputs = [''];
        if (mode !== 'error') made.program = `def f():\n    return ${chance.below(1_000)}`;
      }
      const [reference] = request.references;
      if (reference && chance.happens(0.3)) {
        made.program = chance.happens(0.5)
          ? reference.program
          : reference.program.replace(/\ba\b/g, 'renamed');
        made.inputs = chance.happens(0.5) ? [reference.pairs[0][0]] : made.inputs;
      }
    } else {
      if (chance.happens(0.4)) made.message = request.program;
      if (chance.happens(0.3)) made.inputs = made.inputs.map(() => made.inputs[0]);
    }
    const text = dialect.writeProposal(mode, made);
    // What should stand at its end, or begin with, is missing.
    if (chance.happens(0.15)) return `${text.slice(0, chance.below(text.length))}⟨end⟩`;
    return chance.happens(0.1) ? text.replace('</think>', '</think> So:') : text;
  };
}

/** All of them by turns. */
export function mixed(dialect: KnowingDialect): Script {
  const scripts = [
    honest(dialect),
    honest(dialect),
    honest(dialect),
    garbage(),
    empty(),
    adversarial(dialect),
  ];
  return (line) => line.chance.pick(scripts)(line);
}

export const policies = { honest, garbage, empty, adversarial, mixed } satisfies Record<
  string,
  (dialect: KnowingDialect) => Script
>;

// ---- Proposing -------------------------------------------------------------------------------------------------------

interface Made {
  program: string;
  inputs: string[];
  message: string;
  thought: string;
}

/** Programs that induction messages speak of in riddles, by what they are called there. */
const riddles = new Map<string, string>();

function proposal(
  request: ProposalRequest,
  families: readonly Family[],
  numbers: number,
  layouts: boolean,
  chance: Chance,
): Made {
  if (request.mode === 'induction') return inputsAbout(request, chance);
  const family = chance.pick(families);
  const program = programOf(family, chance.between(1, numbers), layouts ? chance : null);
  const inputs = [inputFor(family.kind, chance)];
  const made = { program, inputs, message: '', thought: '' };
  const { composite } = request;
  if (composite.length === 0 || chance.happens(0.2)) return made;
  // Builds on what it was given; now and then in form alone.
  const calls = composite.map(({ name }) => `${name}(a)`);
  const whole = chance.happens(0.3) ? calls[0] : `[${calls.join(', ')}] + [${chance.below(9)}]`;
  return {
    ...made,
    program: `def f(a):\n    return ${whole}`,
    inputs: [inputFor(chance.pick(kinds), chance)],
  };
}

const kinds: readonly Kind[] = ['int', 'two', 'str', 'list'];

function inputsAbout(
  { program, inputs: count }: Extract<ProposalRequest, { mode: 'induction' }>,
  chance: Chance,
): Made {
  const kind = kindOfProgram(program);
  const inputs = new Set<string>();
  for (let tries = 0; inputs.size < count && tries < 20 * count; tries++) inputs.add(inputFor(kind, chance));
  while (inputs.size < count) inputs.add(`${inputs.size + 100}`);
  const riddle = `riddle ${hashOf(program)}`;
  riddles.set(riddle, program);
  return { program: '', inputs: [...inputs], message: riddle, thought: '' };
}

/** The first kind that it can be called with. */
function kindOfProgram(program: string): Kind {
  const fits = (kind: Kind) =>
    domains[kind].slice(0, 9).filter((input) => outcomeOf(program, input, 'once').verdict === 'ok').length >
    2;
  return kinds.find(fits) ?? 'int';
}

// ---- Solving ---------------------------------------------------------------------------------------------------------

const subjectOf = (question: SolverQuestion): string =>
  question.mode === 'induction' ? question.message : question.program;

const found = new Map<string, string | null>();

/** A right answer, or null where it knows none. */
export function solution(question: SolverQuestion): string | null {
  const name = JSON.stringify(question);
  const known = found.get(name);
  if (known !== undefined) return known;
  if (found.size > 50_000) found.clear();
  const answer = solve(question);
  found.set(name, answer);
  return answer;
}

function solve(question: SolverQuestion): string | null {
  switch (question.mode) {
    case 'deduction': {
      const outcome = outcomeOf(question.program, question.input, 'twice');
      return outcome.verdict === 'ok' ? outcome.output : null;
    }
    case 'error': {
      const outcome = exceptionOf(question.program, question.input);
      return outcome.verdict === 'ok' ? outcome.output : null;
    }
    case 'abduction': {
      const { program, output } = question;
      const gives = (input: string) => {
        const outcome = outcomeOf(program, input, 'twice');
        return outcome.verdict === 'ok' && outcome.output === output;
      };
      return [output, ...kinds.flatMap((kind) => domains[kind])].find(gives) ?? null;
    }
    case 'induction':
      return riddles.get(question.message) ?? (question.message.startsWith('Write') ? identity : null);
    default:
      return question satisfies never;
  }
}

const identity = 'def f(a):\n    return a';

function wrong(question: SolverQuestion, chance: Chance): string {
  switch (question.mode) {
    case 'induction':
      return `def f(a):\n    return ${900 + chance.below(9)}`;
    case 'error':
      return chance.pick(['ValueError', 'NoError', 'SystemError']);
    default:
      return chance.pick(["'no'", `${chance.below(1_000_000)}`, '[]', 'no literal', "'xyz', 3"]);
  }
}

function cheat(question: SolverQuestion, chance: Chance): { answer: string; thought: string } {
  const tricks = [
    ...[
      'eval(gold_output)',
      '100) or (True',
      "__import__('os').system('ls')",
      '',
      '9'.repeat(5000),
      '[[[[[[[',
    ],
    ...[
      'def f(a):\n    return eval(a)',
      'def f(a):\n    return clock()',
      'def f(*a):\n    return a',
      '**{}',
      'nan',
    ],
    ...[identity, 'True', '⟨end⟩', '```'],
  ];
  const safe = tricks.filter((trick) => question.mode !== 'deduction' || !trick.includes('⟨end⟩'));
  return { answer: chance.pick(safe), thought: chance.happens(0.2) ? 'wait' : '' };
}
