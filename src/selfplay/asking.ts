/**
 * @file What the proposer is asked: which earlier tasks it is shown, which program an induction task is about, and which functions
 * it has to build on.
 */

import type { Mode, Task } from '../store/records';
import { type Prompt, promptOf } from './completions';
import type { CompositeFunction, ProposalRequest } from './dialect';
import { isHeldOut } from './gate';
import { drawPrograms, drawReferences } from './mixing';
import type { Scene } from './players';
import { Draws } from './random';
import { composition } from './schedule';

export interface Asking {
  mode: Mode;
  prompt: Prompt;
  references: Task[];
  /** Of induction: whose program it is about. */
  about: Task | null;
  composite: CompositeFunction[];
  /** The tasks that the composite functions come from. */
  sources: Task[];
}

/** The tasks that it was shown. */
export const parentsOf = ({ about, references, sources }: Asking): number[] =>
  (about ? [about] : [...references, ...sources]).map(({ id }) => id);

/** Times that other references are drawn for a prompt that is too long, before it goes without some. */
const redraws = 4;

/**
 * `count` prompts for proposals of a mode; what they show follows from `name` and the step. A prompt that is too long is drawn again, then loses references; where not even a bare
 * prompt fits, there are fewer of them, or none.
 */
export async function askProposers(
  scene: Scene,
  mode: Mode,
  count: number,
  name = `proposals of ${mode}`,
  step = scene.step,
): Promise<Asking[]> {
  const draws = new Draws(scene.config.seed, step, `references for ${name}`);
  const asked: Asking[] = [];
  const compositions = new Compositions(scene, step);
  for (let index = 0; index < count; index++) {
    const one = mode === 'induction' ? askAbout(scene, draws) : await ask(scene, mode, draws, compositions);
    if (one) asked.push(one);
  }
  return asked;
}

async function ask(
  scene: Scene,
  mode: Exclude<Mode, 'induction'>,
  draws: Draws,
  compositions: Compositions,
): Promise<Asking | null> {
  const { config, buffers } = scene;
  const bare = config['references.bare'] > 0 && draws.chance(config['references.bare']);
  let shortest: Asking | null = null;
  for (let draw = 0; draw <= redraws; draw++) {
    const references = bare ? [] : drawReferences(buffers.of(mode), config, draws);
    const { composite, sources } = await compositions.from(references, draws);
    const shown = references.filter((task) => !sources.includes(task));
    const asking = put(scene, { mode, references: shown, composite }, { about: null, sources });
    if (asking.prompt.tokens.length <= config['tokens.content']) return asking;
    if (!shortest || asking.prompt.tokens.length < shortest.prompt.tokens.length) shortest = asking;
    if (references.length === 0) break;
  }
  for (let left = (shortest?.references.length ?? 0) - 1; left >= 0; left--) {
    const references = shortest!.references.slice(0, left);
    const asking = put(scene, { mode, references, composite: [] }, { about: null, sources: [] });
    if (asking.prompt.tokens.length <= config['tokens.content']) return asking;
  }
  return null;
}

/** Induction is about a program of either of the other kinds. */
function askAbout(scene: Scene, draws: Draws): Asking | null {
  const { config, buffers } = scene;
  const programs = [buffers.of('abduction'), buffers.of('deduction')];
  for (let draw = 0; draw <= redraws; draw++) {
    const [about] = drawPrograms(programs, 1, draws);
    if (!about) return null;
    // It may have come in before it was held out.
    if (isHeldOut(scene, about.astHash, about.behaviour)) continue;
    const asking = inputsAbout(scene, about);
    if (asking.prompt.tokens.length <= config['tokens.content']) return asking;
  }
  return null;
}

// ---- As plain data ---------------------------------------------------------------------------------------------------

/** The ids of references, sources and the program that it is about. */
export interface StoredAsking {
  tasks: [references: number[], sources: number[], about: number[]];
}

export function store({ references, sources, about }: Asking): StoredAsking {
  const ids = (tasks: readonly Task[]) => tasks.map(({ id }) => id);
  return { tasks: [ids(references), ids(sources), about ? [about.id] : []] };
}

/** The same prompt again. */
export async function rebuild(
  scene: Scene,
  mode: Mode,
  { tasks: [references, sources, about] }: StoredAsking,
  tasks: ReadonlyMap<number, Task>,
): Promise<Asking> {
  const find = (ids: number[]) => ids.map((id) => tasks.get(id) as Task);
  if (mode === 'induction') return inputsAbout(scene, find(about)[0]);
  const composite = await renamed(scene, find(sources));
  const request = { mode, references: find(references), composite: composite ?? [] };
  return put(scene, request, { about: null, sources: find(sources) });
}

// ---- Into words ------------------------------------------------------------------------------------------------------

function inputsAbout(scene: Scene, about: Task): Asking {
  const inputs = scene.config['induction.inputs'];
  return put(scene, { mode: 'induction', program: about.program, inputs }, { about, sources: [] });
}

function put(
  scene: Scene,
  request: ProposalRequest,
  { about, sources }: Pick<Asking, 'about' | 'sources'>,
): Asking {
  const prompt = promptOf(scene, scene.players.dialect.propose(request));
  const { references, composite } =
    request.mode === 'induction' ? { references: [], composite: [] } : request;
  return { mode: request.mode, prompt, references, composite, about, sources };
}

// ---- Composite functions -------------------------------------------------------------------------------------------

/** Which earlier programs a proposer has to build on, under the names that they have for it. */
class Compositions {
  private readonly scene: Scene;
  private readonly rule: ReturnType<typeof composition>;

  constructor(scene: Scene, step: number) {
    this.scene = scene;
    this.rule = composition(step, scene.config);
  }

  /** Taken from the references, one of which is left to be shown. */
  async from(
    references: readonly Task[],
    draws: Draws,
  ): Promise<{ composite: CompositeFunction[]; sources: Task[] }> {
    const { chance, min, max } = this.rule;
    const none = { composite: [], sources: [] };
    if (chance === 0 || !draws.chance(chance)) return none;
    const count = min + draws.below(max - min + 1);
    // What is composite itself would bring functions of the same names.
    const simple = references.filter((task) => task.composite.length === 0);
    const sources = draws.distinct(simple.length, count).map((index) => simple[index]);
    if (sources.length < count || references.length <= count) return none;
    const composite = await renamed(this.scene, sources);
    return composite ? { composite, sources } : none;
  }
}

/** Null if one of them cannot be given another name. */
async function renamed({ executor }: Scene, sources: readonly Task[]): Promise<CompositeFunction[] | null> {
  const all = await Promise.all(
    sources.map(({ program }, k) => executor.rewrite(program, { kind: 'rename', to: `g_${k}` })),
  );
  const composite = all.flatMap((rewritten, k) =>
    rewritten.verdict === 'ok' ? [{ name: `g_${k}`, program: rewritten.program }] : [],
  );
  return composite.length === sources.length ? composite : null;
}
