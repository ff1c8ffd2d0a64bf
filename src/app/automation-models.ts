/** @file How programs that drive the page say which model they mean. */

import type { ModelSource } from '../engine/engine';
import { takeHanded } from './automation-files';
import { fetchBaseModel } from './base-model';

/** 'handed': the files of the folder "model", which were handed in before. 'builtin': the base model that ships with the page. */
export type ModelName = ModelSource | 'handed' | 'builtin';

export async function openModel(model: ModelName): Promise<ModelSource> {
  switch (model) {
    case 'handed':
      return { kind: 'files', files: takeHanded('model') };
    case 'builtin':
      return fetchBaseModel();
    default:
      return model;
  }
}
