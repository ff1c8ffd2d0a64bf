/** @file The models that there are: the one that ships with the page, imported ones, and the checkpoints of runs. */

import { useState } from 'preact/hooks';
import type { KeptModel } from '../../store/models';
import {
  baseModel,
  checkpointName,
  checkpoints,
  keptModels,
  knownModels,
  type RunCheckpoints,
  refOfCheckpoint,
  refOfKept,
  removeModel,
  renameModel,
  shelfFailure,
} from '../state/models';
import { href } from '../state/router';
import { tellFailure } from '../state/toasts';
import { when } from '../ui/when';
import { inShort, type ModelFacts } from './facts';
import { ModelRow } from './model-row';

export function OwnModels() {
  const base = knownModels.value.find(({ ref }) => ref === baseModel);
  return (
    <section class="card" aria-labelledby="own-title">
      <h2 id="own-title">Models in this browser</h2>
      <ul class="models">
        {base && (
          <ModelRow model={base.ref} title="Base" name={base.name} detail={base.detail} bytes={base.bytes} />
        )}
        {keptModels.value?.map((model) => (
          <KeptRow key={model.id} model={model} />
        ))}
      </ul>
      {shelfFailure.value && (
        <p class="notice notice-bad" role="alert">
          {shelfFailure.value}
        </p>
      )}
      {keptModels.value?.length === 0 && !shelfFailure.value && (
        <p class="note">Models that you import, or keep of a run, will be here.</p>
      )}
    </section>
  );
}

function KeptRow({ model }: { model: KeptModel }) {
  const [renames, setRenames] = useState(false);
  const { id, name, at, bytes, about } = model;
  const facts = about as ModelFacts;
  const origin = facts.from ? `, ${facts.from.id} at ${facts.from.commit.slice(0, 8)}` : '';
  const what = `${inShort(facts)}${origin}, ${when(at)}`;
  return (
    <ModelRow model={refOfKept(id)} title={name} name={name} detail={what} bytes={bytes}>
      {renames ? (
        <Rename
          name={name}
          done={(chosen) => {
            setRenames(false);
            if (chosen !== name) renameModel(id, chosen).catch(tellFailure);
          }}
        />
      ) : (
        <button
          type="button"
          class="icon-button"
          aria-label={`Rename ${name}`}
          title="Rename"
          onClick={() => setRenames(true)}
        >
          ✎
        </button>
      )}
      <button
        type="button"
        class="icon-button button-danger"
        aria-label={`Delete ${name}`}
        title="Delete"
        onClick={() => removeModel(model)}
      >
        ✕
      </button>
    </ModelRow>
  );
}

function Rename({ name, done }: { name: string; done: (chosen: string) => void }) {
  const [chosen, setChosen] = useState(name);
  return (
    <form
      class="rename"
      onSubmit={(event) => {
        event.preventDefault();
        done(chosen.trim() || name);
      }}
      onKeyDown={({ key }) => key === 'Escape' && done(name)}
    >
      <input
        type="text"
        aria-label={`New name of ${name}`}
        value={chosen}
        maxLength={80}
        ref={(input) => input?.focus()}
        onInput={({ currentTarget }) => setChosen(currentTarget.value)}
      />
      <button type="submit" class="button button-small">
        Rename
      </button>
    </form>
  );
}

/** `first`: the run whose model somebody came for. */
export function Checkpoints({ first }: { first: string | null }) {
  const all = [...checkpoints.value].sort((a, b) => Number(b.run.id === first) - Number(a.run.id === first));
  return (
    <section class="card" aria-labelledby="checkpoints-title">
      <h2 id="checkpoints-title">Checkpoints of runs</h2>
      {all.length === 0 ? (
        <p class="lead">
          Every run stores its weights now and then, and at its end. There are none yet:{' '}
          <a href={href('train')}>start a run</a>.
        </p>
      ) : (
        <ul class="models">
          {all.map((each) => (
            <OfRun key={each.run.id} {...each} opens={each.run.id === first} />
          ))}
        </ul>
      )}
    </section>
  );
}

/** The newest one; older ones if somebody wants them, or has one open still that was the newest. */
function OfRun({ run, checkpoints, opens }: RunCheckpoints & { opens: boolean }) {
  const [showsOlder, setShowsOlder] = useState(false);
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const [first] = useState(checkpoints[0].step);
  const older = checkpoints.length - 1;
  const shown = checkpoints.filter(({ step }, index) => index === 0 || showsOlder || open.has(step));
  return (
    <>
      {shown.map(({ step, at, bytes }) => (
        <ModelRow
          key={step}
          model={refOfCheckpoint(run.id, step)}
          title={checkpointName(run, step)}
          name={checkpointName(run, step)}
          detail={when(at)}
          bytes={bytes}
          opens={opens && step === first}
          onToggle={(isOpen) =>
            setOpen((before) => new Set([...before, step].filter((each) => isOpen || each !== step)))
          }
          keeps
        />
      ))}
      {older > 0 && (
        <li class="older">
          <button
            type="button"
            class="button button-small button-quiet"
            aria-expanded={showsOlder}
            onClick={() => setShowsOlder(!showsOlder)}
          >
            {showsOlder ? 'Hide' : 'Show'}{' '}
            {older === 1 ? 'an older checkpoint' : `${older} older checkpoints`} of {run.name}
          </button>
        </li>
      )}
    </>
  );
}
