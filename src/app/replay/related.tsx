/** @file What belongs to a game: its task, the game that proposed it, attempts at it, and other attempts at the same. */

import type { Episode, StepRecord, Task } from '../../store/records';
import { linkToGame, linkToTask } from './place';
import { labelOf, signOf, toneOf, verdictOf } from './verdict';

interface RelatedProps {
  run: string;
  episode: Episode;
  record: StepRecord;
  task: Task | null;
}

const mostSiblings = 24;

export function Related({ run, episode, record, task }: RelatedProps) {
  const { id, step, group, role, proposal } = episode;
  const attempts = record.episodes.filter((each) => each.proposal === id);
  const siblings =
    role === 'solve' ? record.episodes.filter((each) => each.group === group && each.id !== id) : [];
  const lessons = record.lessons?.filter((lesson) => lesson.task === episode.task).length ?? 0;
  if (!task && proposal === null && attempts.length === 0 && siblings.length === 0) return null;
  return (
    <section>
      <h3>Belongs to</h3>
      <ul class="related">
        {episode.task !== null && (
          <li>
            <a href={linkToTask(run, episode.task)}>Task {episode.task}</a>
            {lessons > 0 && (
              <span class="note"> taught in this step {lessons === 1 ? 'once' : `${lessons} times`}</span>
            )}
          </li>
        )}
        {proposal !== null && (
          <li>
            <a href={linkToGame(run, step, proposal)}>Game {proposal}</a>, which proposed it
          </li>
        )}
        {attempts.length > 0 && (
          <li>
            {attempts.length === 1 ? 'The attempt at it: ' : `${attempts.length} attempts at it: `}
            <Games run={run} episodes={attempts} />
          </li>
        )}
        {siblings.length > 0 && (
          <li>
            {siblings.length === 1
              ? 'Another attempt at the same: '
              : `${siblings.length} other attempts at the same: `}
            <Games run={run} episodes={siblings} />
          </li>
        )}
      </ul>
    </section>
  );
}

function Games({ run, episodes }: { run: string; episodes: readonly Episode[] }) {
  return (
    <>
      {episodes.slice(0, mostSiblings).map((each) => {
        const verdict = verdictOf(each);
        const tone = toneOf(verdict);
        return (
          <a key={each.id} class={`related-game tone-${tone}`} href={linkToGame(run, each.step, each.id)}>
            <span aria-hidden="true">{signOf[tone]}</span> {each.id}
            <span class="visually-hidden">, {labelOf(verdict)}</span>
          </a>
        );
      })}
      {episodes.length > mostSiblings && <span class="note">and {episodes.length - mostSiblings} more</span>}
    </>
  );
}
