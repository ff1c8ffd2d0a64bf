/** @file A run: what it does, how it learns, and what it plays. Loaded once somebody looks at one, since charts are not needed before. */

import { Charts } from '../charts/charts';
import { currentRun } from '../state/library';
import { Alerts } from './alerts';
import { RunControl } from './control';
import { Latest } from './latest';

export default function Run() {
  const info = currentRun.value;
  if (!info) return null;
  return (
    <>
      <RunControl info={info} key={info.id} />
      <Alerts run={info.id} />
      <div class="train-columns">
        <Charts run={info.id} key={info.id} />
        <Latest run={info.id} key={info.id} />
      </div>
    </>
  );
}
