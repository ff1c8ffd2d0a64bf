/** @file What can go wrong with models that are kept in this browser. */

import { QuotaError, StoreError } from './errors';
import type { Usage } from './store';

export class UnknownModelError extends StoreError {
  override name = 'UnknownModelError';
  constructor(id: string) {
    super(`There is no model "${id}" in this browser any more: choose another one, or import it again.`);
  }
}

/** The browser has no room for a model. */
export class NoRoomForModelError extends QuotaError {
  constructor(usage?: Pick<Usage, 'bytes'>) {
    super(usage);
    this.message = `The browser has no room left for this model: delete runs or models that you no longer need, or free space on the disk, then try again.`;
  }
}

/** Two tabs, one file. */
export class ModelBusyError extends StoreError {
  override name = 'ModelBusyError';
  constructor() {
    super('This model is being fetched in another tab: wait for that one, or pause it there first.');
  }
}
