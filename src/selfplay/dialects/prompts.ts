/**
 * @file What a chat model is asked: eight task prompts, to propose and to solve each mode. They ask for what the reader (strict.ts or
 * paper.ts) accepts and what the sandbox lets pass, so that no model is punished for doing as it was told.
 */

import type { Pair, Task } from '../../store/records';
import type { CompositeFunction, ProposalRequest, SolverQuestion } from '../dialect';

export interface PromptOptions {
  /** Names that programs may not contain. */
  bannedWords: string[];
  /** The same, for the error mode alone: words with which exceptions could be raised or caught by hand. */
  bannedErrorWords: string[];
  /** Modules that programs may import; null says nothing about them. */
  modules: string[] | null;
  /** How long a run may take. */
  seconds: number;
  /** How long an output may be when written down; null says nothing about it. */
  outputCharacters: number | null;
  removeInputFromSnippet: boolean;
  removeAfterReturn: boolean;
  /** What may stand beside f. */
  helpers: 'nested' | 'anywhere';
}

// ---- Propose ---------------------------------------------------------------------------------------------------------

type ProgramRequest = Exclude<ProposalRequest, { mode: 'induction' }>;

const goals = {
  deduction: {
    task: 'Create a Python Program and an Input, to Have Its Output Predicted',
    test: 'The program and the input, but not the output, will go to a test subject who has to work out the output; doing so must take deep algorithmic reasoning.',
    difficulty: 'How hard it is to predict the output from the program and the input.',
  },
  abduction: {
    task: 'Create a Python Program and an Input, to Have an Input Found for Its Output',
    test: 'The program and the output that it gives for your input, but not the input, will go to a test subject who has to find an input with that output, be it yours or another one; doing so must take deep algorithmic reasoning.',
    difficulty: 'How hard it is to find a fitting input from the program and the output.',
  },
  error: {
    task: 'Create a Python Program and an Input, to Have Its Exception Predicted',
    test: 'The program and the input will go to a test subject who has to say which type of exception is raised, if any; doing so must take deep algorithmic reasoning. You may define exception types of your own, and also choose that nothing is raised, as long as another input would raise something.',
    difficulty:
      'How hard it is to tell from the program and the input which exception is raised, or that none is.',
  },
};

const exampleInput = "'Ada', {'born': 1815, 'fields': ['maths', 'poetry']}";
const exampleProgram = 'def f(name: str, facts: dict):\n    # what it does\n    return result';

export function proposal(request: ProposalRequest, options: PromptOptions): string {
  return request.mode === 'induction' ? inputsProposal(request) : programProposal(request, options);
}

function programProposal(request: ProgramRequest, options: PromptOptions): string {
  const goal = goals[request.mode];
  const hasReferences = request.references.length > 0;
  const start = hasReferences ? 'The reference programs below are examples. ' : '';
  return sections(
    `## Task: ${goal.task}\n\n${start}Write a new program that is like no other${hasReferences ? ' of them' : ''}, and one input for it. The input will be given to the program to get the output. ${goal.test} Think of it as a question of an intelligence test.`,
    section('Requirements for the Program', codeRequirements(options, request.mode)),
    section('Requirements for the Input', inputRequirements('Give exactly one input.')),
    `### Form\n\nPut the program into a \`\`\`python block and the input into an \`\`\`input block, each fence on a line of its own:\n\n${block('python', 'def f(...):\n    # your program\n    return ...')}\n\n${block('input', 'argument1, argument2, ...')}`,
    `### Example of the Form\n\n${block('python', exampleProgram)}\n\n${block('input', exampleInput)}`,
    section('Criteria', [
      'The program can be run, with your input.',
      `${goal.difficulty} It should come from the algorithm or the logic: data structures made of classes (trees, heaps, stacks, queues, graphs), entangled control flow, dynamic programming, recursion, divide and conquer, greedy choices, backtracking and the like.`,
      `Originality: it must differ clearly from ${hasReferences ? 'the reference programs' : 'what others would write'}.`,
      ...words('These words must not occur in any form, not even in comments:', options.bannedWords),
      ...(request.mode === 'error'
        ? words('These keywords must not be used to handle exceptions:', options.bannedErrorWords)
        : []),
    ]),
    `First make a plan: what will make your program hard, new${hasReferences ? ', different from the references' : ''} and inventive? Then write the final program and its input.`,
    hasReferences
      ? `### Reference Programs\n\n${request.references.map(reference).join('\n')}`
      : '### Reference Programs\n\nThere are none.',
    request.composite.length > 0 ? compositeSection(request.composite) : null,
  );
}

function codeRequirements(options: PromptOptions, mode: ProgramRequest['mode'] | null): string[] {
  const { modules } = options;
  return [
    `The entry function is called \`f\` (\`def f(...):\`) and stands at top level. ${
      options.helpers === 'nested'
        ? 'It is the only function there; others may be defined within it.'
        : 'Other functions may be defined within it or beside it.'
    }`,
    'It returns a value.',
    'It takes at least one argument.',
    'It is deterministic.',
    ...(mode === null
      ? []
      : [
          'It changes its data several times over and has to keep track of their state, so that following it takes many steps of thought.',
        ]),
    'It AVOIDS:\n  * random functions and values\n  * date and time\n  * input and output (files, network)\n  * printing and logging\n  * state outside of itself',
    `It ends within ${options.seconds} second${options.seconds === 1 ? '' : 's'}.`,
    'Imports and classes stand at the very top.',
    ...(modules === null
      ? []
      : [
          modules.length > 0
            ? `Nothing but these modules may be imported: ${modules.join(', ')}.`
            : 'Nothing may be imported.',
        ]),
    'Arguments and values are plain data: numbers, text, True, False, None, and lists, tuples, dicts and sets of these.',
    ...(options.outputCharacters === null
      ? []
      : [`The value has at most ${options.outputCharacters} characters when it is written down.`]),
    `The program ends with the return of \`f\`; ${options.removeAfterReturn ? 'what comes after it will be removed' : 'nothing comes after it'}.`,
    ...(mode !== null && options.removeInputFromSnippet
      ? ['Your input does not occur anywhere in the program, but in its own block alone.']
      : []),
    ...(mode !== null && options.removeAfterReturn
      ? [
          'Variables are set inside `f` or functions that it calls. Those that are set outside of functions will be removed.',
        ]
      : []),
  ];
}

const inputRequirements = (howMany: string) => [
  howMany,
  'Separate several arguments with commas.',
  'Put quotes around text.',
  'Write every argument as a literal: no names, calls or arithmetic.',
];

function reference(task: Task, index: number): string {
  const [input, output] = task.pairs[0];
  const answer = task.mode === 'error' ? 'error' : 'output';
  return [
    `<snippet_${index}>`,
    block('python', task.program),
    block('input', input),
    block(answer, output),
    `</snippet_${index}>`,
  ].join('\n');
}

function compositeSection(composite: CompositeFunction[]): string {
  const called = composite.map(({ name }) => `\`${name}\``).join(', ');
  const programs = composite.map(({ program }) => program).join('\n\n');
  return `### Functions That \`f\` Must Call\n\n[IMPORTANT] \`f\` MUST call every one of these functions: ${called}. They are there already: DO NOT define them in your program. \`f\` must build on them and do more, not merely wrap them. First think through what each of them does, then write your program.\n\n${block('python', programs)}`;
}

function inputsProposal({ program, inputs }: Extract<ProposalRequest, { mode: 'induction' }>): string {
  return sections(
    `## Task: Give ${inputs} Inputs with Diverse Outputs for a Program, and a Message about It\n\nWrite ${inputs} inputs for the program below, such that its outputs are as diverse as possible. Some of the inputs, with their outputs, will go to a test subject who has to find out what the function is. You also leave the test subject a message that helps. Think of it as a question of an intelligence test.`,
    section('Requirements for the Inputs', [
      ...inputRequirements(`Give ${inputs} valid inputs, no two of them the same.`),
      'Put each input into an ```input block of its own.',
    ]),
    section('Requirements for the Message', [
      'It helps the test subject to find the function.',
      'Put it into a ```message block.',
      'It may have any form: a description in words, or a programming exercise, for instance.',
      'It MUST NOT contain the program.',
    ]),
    `### Form\n\n${block('input', 'argument1, argument2, ...')}\n\n${block('message', 'what the test subject should know')}`,
    `### Example of Two Inputs\n\n${block('input', exampleInput)}\n${block('input', "'Alan', {'born': 1912, 'fields': ['maths']}")}`,
    section('Criteria', [
      'The program can be run with each input.',
      'Coverage: inputs and outputs show everything that the function does, so that it can be found from them.',
      'Originality: the inputs differ clearly from each other.',
      'Inputs and message together are a challenge for the test subject, but not an impossible one.',
    ]),
    'First make a plan: understand the program, then decide which inputs cover it, and what makes them challenging and inventive. Then write the inputs in ```input blocks and the message in a ```message block.',
    `### Program\n\n${block('python', `${program}\nf(<|YOUR INPUT GOES HERE|>)`)}`,
  );
}

// ---- Solve -----------------------------------------------------------------------------------------------------------

export function question(asked: SolverQuestion, options: PromptOptions): string {
  switch (asked.mode) {
    case 'abduction':
      return sections(
        '# Task: Find an Input from a Python Program and Its Output\n\nThink step by step and give one possible input with which the program gives this output. Put it into an ```input block. Put quotes around text, and separate several arguments with commas.',
        `# Program\n${block('python', asked.program)}`,
        `# Output\n${block('output', asked.output)}`,
        `# Form\n${block('input', 'argument1, argument2, ...')}`,
        `# Example of an Input\n${block('input', exampleInput)}`,
      );
    case 'deduction':
      return sections(
        '# Task: Deduce the Output from a Python Program and Its Input\n\nThink step by step and give the output of the program for this input. Put it into an ```output block. Put quotes around text, and write several values as a tuple.',
        `# Program\n${block('python', asked.program)}`,
        `# Input\n${block('input', asked.input)}`,
        `# Example of an Output\n${block('output', "{'born': 1815, 'fields': ['maths', 'poetry']}")}`,
      );
    case 'error':
      return sections(
        '# Task: Deduce the Exception from a Python Program and Its Input\n\nThink step by step and give the type of the exception that the program raises for this input. Put it into an ```output block. If nothing is raised, write NoError there.',
        `# Program\n${block('python', asked.program)}`,
        `# Input\n${block('input', asked.input)}`,
        `# Example of an Output\n${block('output', 'ValueError')}`,
      );
    case 'induction':
      return sections(
        '# Task: Deduce the Function from Inputs and Outputs\n\nHere are pairs of inputs and outputs, and a message about the function that made them. Think step by step and write a program that also gives the hidden outputs for the hidden inputs of that function. It may help to try it on each pair, and to revise it until all of them come out right. Put the final program into a ```python block: that block is what will be run.',
        `# Requirements for the Program\n${bullets(codeRequirements(options, null))}`,
        `# Pairs\n${asked.shown.map(pair).join('\n')}`,
        `# Message\n${block('message', asked.message)}`,
        `# Example of a Program\n${block('python', 'def f(a):\n    return a')}`,
        'Remember: the entry function is called `f`!',
      );
  }
}

const pair = ([input, output]: Pair, index: number) =>
  `${block(`input_${index}`, input)}\n${block(`output_${index}`, output)}`;

// ---- Parts -----------------------------------------------------------------------------------------------------------

/** A fenced block; its fence is longer than any in its content. */
export function block(name: string, content: string): string {
  const longest = Math.max(2, ...(content.match(/^[ \t]*`{3,}/gm) ?? []).map((run) => run.trim().length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${name}\n${content}\n${fence}`;
}

const bullets = (items: string[]) => items.map((item) => `- ${item}`).join('\n');
const section = (title: string, items: string[]) => `### ${title}\n\n${bullets(items)}`;
const sections = (...parts: (string | null)[]) => parts.filter((part) => part !== null).join('\n\n');
const words = (rule: string, list: string[]) => (list.length > 0 ? [`${rule} ${list.join(', ')}.`] : []);
