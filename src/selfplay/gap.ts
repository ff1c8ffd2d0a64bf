/**
 * @file Do solvers find simpler programs than the proposers wrote? The original's did, by a quarter of a point of cognitive complexity.
 */

import type { Episode } from '../store/records';
import type { Scene } from './players';

/** Mean complexity of the programs of induction tasks minus that of the right answers to them; null if there are none. */
export async function complexityGap(scene: Scene, episodes: readonly Episode[]): Promise<number | null> {
  const { executor, buffers } = scene;
  const known = new Map<string, Promise<number | null>>();
  const complexity = (program: string) => {
    const before = known.get(program);
    if (before) return before;
    const measured = executor
      .measure(program)
      .then((measurement) => (measurement.verdict === 'ok' ? measurement.measures.cognitive : null));
    measured.catch(() => undefined); // thrown below
    known.set(program, measured);
    return measured;
  };
  const gaps = await Promise.all(
    episodes.map(async ({ mode, task, advantage, judged, parsed }) => {
      const right = judged.kind === 'answer' && judged.correct && parsed?.kind === 'answer';
      const about = mode === 'induction' && task !== null ? buffers.get(task) : undefined;
      if (!right || !about || advantage === null) return [];
      const [proposed, solved] = await Promise.all([complexity(about.program), complexity(parsed.answer)]);
      return proposed === null || solved === null ? [] : [proposed - solved];
    }),
  );
  const values = gaps.flat();
  return values.length > 0 ? values.reduce((sum, value) => sum + value, 0) / values.length : null;
}
