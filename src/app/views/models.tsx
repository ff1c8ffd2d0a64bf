/** @file Models: those there are, how they come in, how they go out, and how good they are. */

import { useEffect, useState } from 'preact/hooks';
import { ArtifactsCard } from '../models/artifacts-card';
import { readDownloads } from '../models/downloads';
import { HubCard } from '../models/hub-card';
import { ImportCard } from '../models/import-card';
import { Checkpoints, OwnModels } from '../models/lists';
import { OpenRun } from '../models/open-run';
import { TestCard } from '../models/test-card';
import { refreshModels } from '../state/models';
import { route } from '../state/router';
import '../models/models.css';

export default function View() {
  const [isFresh, setFresh] = useState(false);
  useEffect(() => {
    void refreshModels()
      .finally(() => setFresh(true))
      .then(readDownloads);
  }, []);
  // Whoever comes from a run came for its model: the newest one, and not that of when these were last looked at.
  const run = route.value.params.get('run');
  return (
    <>
      <h1>Models</h1>
      <div class="models-top">
        <div class="models-lists">
          <OpenRun />
          {run !== null && isFresh && <Checkpoints first={run} />}
          <OwnModels />
          {run === null && <Checkpoints first={null} />}
        </div>
        <div class="models-in">
          <HubCard />
          <ImportCard />
        </div>
      </div>
      <TestCard />
      <ArtifactsCard />
    </>
  );
}
