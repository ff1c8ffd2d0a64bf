/**
 * @file What a page would do that trusts its model: Python in a worker of its own origin, answers by postMessage, and a checker that
 * evaluates what it is given. It exists to be beaten: attacks.test.ts shows with it that the attacks work.
 */

export type ToBare =
  | { program: string; input: string }
  | { mode: 'deduction'; gold: string; answer: string }
  | { mode: 'abduction'; program: string; gold: string; answer: string }
  | { mode: 'induction'; pairs: [string, string][]; answer: string };

/** 'ready' once, and then one answer to each message, of the kind of `output`. */
export type FromBare = { output: string } | { error: string };

const harness = `
def run(program, input):
    space = {}
    exec(program, space)
    return repr(eval(f'f({input})', space))

def judge(mode, gold_output, answer, program='', pairs=()):
    if mode == 'deduction':
        return eval(gold_output) == eval(answer)
    space = {}
    exec(program if mode == 'abduction' else answer, space)
    if mode == 'abduction':
        return bool(eval(f'{gold_output} == f({answer})', space))
    return all(eval(f'{output} == f({input})', space) for input, output in pairs)
`;

const folder = new URL('/node_modules/pyodide/', self.location.origin).href;

async function start(): Promise<void> {
  const { loadPyodide } = (await import(
    /* @vite-ignore */ `${folder}pyodide.mjs`
  )) as typeof import('pyodide');
  const quiet = () => {};
  const python = await loadPyodide({ indexURL: folder, stdout: quiet, stderr: quiet });
  python.runPython(harness);
  const run = python.globals.get('run');
  const judge = python.globals.get('judge');
  self.onmessage = ({ data }: MessageEvent<ToBare>) => {
    try {
      const answer =
        'input' in data
          ? run(data.program, data.input)
          : data.mode === 'induction'
            ? judge(data.mode, '', data.answer, '', python.toPy(data.pairs))
            : judge(data.mode, data.gold, data.answer, data.mode === 'abduction' ? data.program : '');
      self.postMessage({ output: String(answer) } satisfies FromBare);
    } catch (error) {
      self.postMessage({ error: String(error) } satisfies FromBare);
    }
  };
  self.postMessage({ output: 'ready' } satisfies FromBare);
}

void start();
