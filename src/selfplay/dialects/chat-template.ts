/**
 * @file What a chat template puts around a task. It is found out once, with words that stand for the task: no task is ever rendered, so
 * nothing in one can be taken for a part of the template.
 */

import { TokenizerError } from '../../model/errors';

export interface Chat {
  /** What stands before and after a user's only message, up to where the assistant begins to write. */
  before: string;
  after: string;
  /** What stands behind an assistant's message: the end of its turn, first of all. */
  ending: string;
  /** The template knows of thoughts in <think>, so the model has met these tags. */
  thinks: boolean;
}

/** `tokens`: what the template knows by name, bos_token for instance. */
export async function readChatTemplate(
  source: string,
  tokens: Readonly<Record<string, string>>,
): Promise<Chat> {
  const { Environment, Interpreter, Template } = await import('@huggingface/jinja');
  const render = (messages: Message[], prompting: boolean): string => {
    const world = new Environment();
    const known = {
      ...globals,
      ...tokens,
      messages,
      add_generation_prompt: prompting,
      enable_thinking: true,
    };
    try {
      for (const [name, value] of Object.entries(known)) world.set(name, value);
      return (new Interpreter(world).run(new Template(source).parsed) as { value: string }).value;
    } catch (error) {
      throw unusable(error instanceof Error ? error.message : String(error));
    }
  };
  const [[before, after], other] = tasks.map((task) =>
    around(render([{ role: 'user', content: task }], true), task),
  );
  if (before !== other[0] || after !== other[1])
    throw unusable('what it puts around a message depends on the message');
  const conversation = render(
    [
      { role: 'user', content: tasks[0] },
      { role: 'assistant', content: tasks[1] },
    ],
    false,
  );
  return { before, after, ending: around(conversation, tasks[1])[1], thinks: source.includes('<think>') };
}

interface Message {
  role: 'user' | 'assistant';
  content: string;
}

/** Two texts that are as unlike as tasks can be. */
const tasks = ['The task that is asked here.', '```python\ndef f(x):\n    return "<b>" + x\n```\n\n# Output'];

function around(text: string, task: string): [before: string, after: string] {
  const at = text.indexOf(task);
  if (at < 0 || text.indexOf(task, at + 1) >= 0)
    throw unusable('it does not show a message once, and as it is');
  return [text.slice(0, at), text.slice(at + task.length)];
}

/** One day for all runs: prompts must not depend on when a run is resumed. It is the day that Llama's templates fall back on. */
const day: Readonly<Record<string, string>> = {
  '%d': '26',
  '%b': 'Jul',
  '%B': 'July',
  '%m': '07',
  '%Y': '2024',
  '%y': '24',
};
const formatDate = (format: string) => format.replace(/%[a-zA-Z]/g, (part) => day[part] ?? part);

/** What templates may count on. The library's own globals have today's date. */
const globals = {
  ...{ true: true, false: false, none: null, True: true, False: false, None: null },
  date_string: formatDate('%d %b %Y'),
  strftime_now: formatDate,
  raise_exception: (message: string) => {
    throw new Error(message);
  },
  range: (start: number, stop?: number, step = 1): number[] => {
    const [from, to] = stop === undefined ? [0, start] : [start, stop];
    return Array.from({ length: Math.max(0, Math.ceil((to - from) / step)) }, (_, k) => from + k * step);
  },
};

const unusable = (why: string) =>
  new TokenizerError(
    `The chat template of this model cannot be used (${why.replace(/\.$/, '')}): set prompts.template=plain.`,
  );
