/** @file The games that are looked for, a line each. */

import { modes, roles } from '../../store/records';
import { VirtualList } from '../ui/virtual';
import { nameOfMode, nameOfRole } from './explain';
import { type GameIndex, placeOf } from './game-index';
import { labelOf, signOf, toneOf, verdicts } from './verdict';

export const rowHeight = 34;

export interface GameListProps {
  index: GameIndex;
  /** Places in the index. */
  shown: Uint32Array;
  /** Its id; null for none. */
  game: number | null;
  /** Does it matter which step a game is of? */
  withStep: boolean;
  onSelect: (place: number) => void;
}

export function GameList({ index, shown, game, withStep, onSelect }: GameListProps) {
  const selected = game === null ? -1 : placeOf(game, shown.length, (row) => index.id[shown[row]]);
  return (
    <VirtualList
      label="Games"
      count={shown.length}
      rowHeight={rowHeight}
      selected={selected}
      onSelect={(row) => onSelect(shown[row])}
      idOf={(row) => `game-${index.id[shown[row]]}`}
      row={(row) => <Line index={index} at={shown[row]} withStep={withStep} />}
    />
  );
}

function Line({ index, at, withStep }: { index: GameIndex; at: number; withStep: boolean }) {
  const verdict = verdicts[index.verdict[at]];
  const tone = toneOf(verdict);
  const reward = index.reward[at];
  return (
    <div class="game-line">
      <span class="game-id number">{index.id[at]}</span>
      <span class="game-who">
        <span>{nameOfRole[roles[index.role[at]]]}</span>{' '}
        <span class="note">{nameOfMode[modes[index.mode[at]]]}</span>
      </span>
      {withStep && <span class="game-step note number">step {index.step[at]}</span>}
      <span class={`game-verdict tone-${tone}`}>
        <span aria-hidden="true">{signOf[tone]}</span> {labelOf(verdict)}
        {index.flags[at] !== 0 && (
          <span class="game-flag" title="Flagged">
            {' '}
            ⚑<span class="visually-hidden"> flagged</span>
          </span>
        )}
      </span>
      <span class="game-reward number">
        {reward < 0 ? '−' : ''}
        {Math.abs(reward).toFixed(2)}
      </span>
    </div>
  );
}
