/** @file What a game is about: the program and its calls, from the task, from the proposal, or from what was proposed. */

import { markers } from '../../selfplay/dialects';
import type { Episode, Mode, Task } from '../../store/records';

export interface Matter {
  /** Null where nobody can tell any more. */
  program: string | null;
  /** An output is null where it is not known: nothing ran, or not to the end. */
  calls: { input: string; output: string | null }[];
  message: string;
}

type Proposing = Pick<Episode, 'mode' | 'prompt' | 'parsed' | 'judged'>;

/** Null for what could not be read. */
export function proposedMatter({ mode, prompt, parsed, judged }: Proposing): Matter | null {
  if (parsed?.kind !== 'proposal') return null;
  const outputs = judged.kind === 'proposal' ? judged.outputs : [];
  return {
    program: mode === 'induction' ? programAskedAbout(prompt) : parsed.program,
    calls: parsed.inputs.map((input, at) => ({ input, output: outputs[at] ?? null })),
    message: parsed.message,
  };
}

export const matterOfTask = ({
  program,
  pairs,
  message,
}: Pick<Task, 'program' | 'pairs' | 'message'>): Matter => ({
  program,
  calls: pairs.map(([input, output]) => ({ input, output })),
  message,
});

/** What a solver was asked about. */
export function matterOf(
  episode: Pick<Episode, 'role'> & Proposing,
  task: Task | null,
  proposal: Proposing | null,
): Matter | null {
  if (episode.role === 'propose') return proposedMatter(episode);
  if (task) return matterOfTask(task);
  return proposal && proposedMatter(proposal);
}

/** Of induction: proposals do not say it, but the prompt does. In the other dialect it stands in a block of its own. */
function programAskedAbout(prompt: string): string | null {
  const start = markers.propose + markers.induction;
  if (prompt.startsWith(start) && prompt.endsWith(markers.think))
    return prompt.slice(start.length, -markers.think.length).replaceAll('⟨⟩', '⟨');
  return /### Program\n+```python\n([\s\S]*?)\nf\(<\|[^\n]*\n```/.exec(prompt)?.[1] ?? null;
}

/** How many calls of an induction task the solver sees; the rest says whether its program is right. */
export const shownCalls = (mode: Mode, calls: number) =>
  mode === 'induction' ? Math.floor(calls / 2) : calls;
