/** @file What the marks of the compact dialect mean, for people who see them in a prompt. */

import { markers } from '../../selfplay/dialects';

const meanings: Record<keyof typeof markers, string> = {
  deduction: 'Deduction: what does the program return?',
  abduction: 'Abduction: which input gives that?',
  induction: 'Induction: which program does this?',
  error: 'Error: which exception is raised?',
  propose: 'Propose a task',
  reference: 'A task that is shown as a reference',
  composite: 'A function to build on',
  input: 'An input',
  output: 'An output',
  message: 'What the proposer tells the solver',
  think: 'From here the model thinks',
  answer: 'From here it answers',
  end: 'The end',
};

const byText = new Map<string, string>(
  (Object.keys(markers) as (keyof typeof markers)[]).map((name) => [markers[name], meanings[name]]),
);

/** Undefined for what is no mark. */
export const meaningOf = (text: string) => byText.get(text);

/** A text cut at its marks; put together, the parts are the text. */
export const cutAtMarks = (text: string): string[] => text.split(/(⟨[a-z]+⟩)/).filter((part) => part !== '');
