/**
 * @file The worker that fetches a model from the Hub: it may write into the browser's file system in place, and sums up gigabytes without
 * holding up the page. One worker for each download; `stop` ends it where it is, to go on another time.
 */

import { expose } from 'comlink';
import { HubClient } from '../src/model/hub/client';
import { download, type Progress } from '../src/model/hub/download';
import type { HubModel } from '../src/model/hub/look';
import { ModelFolders } from '../src/store/model-folders';

export interface DownloadOrder {
  folder: string;
  model: HubModel;
  token: string;
}

/** Milliseconds between two reports: more often nobody looks. */
const pace = 100;

const abort = new AbortController();

const downloader = {
  /** True if it is all there, false if it was stopped. */
  async fetch(
    { folder, model, token }: DownloadOrder,
    tell: (progress: Progress) => void,
    beforeWeights: () => Promise<void>,
  ): Promise<boolean> {
    const { signal } = abort;
    const folders = new ModelFolders();
    let told = 0;
    const onProgress = (progress: Progress) => {
      const now = performance.now();
      if (now - told < pace && progress.phase === 'fetching') return;
      told = now;
      tell(progress);
    };
    try {
      await folders.begin(folder, model);
      await download(new HubClient(model.endpoint, { token }), model, folders.cache(folder), {
        signal,
        onProgress,
        beforeWeights,
      });
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      throw error;
    }
  },
  stop(): void {
    abort.abort();
  },
};
export type Downloader = typeof downloader;

expose(downloader);
