/**
 * @file What can go wrong with a model on the Hub. A class for each thing that a person would do something else about; each message is
 * one sentence that says what.
 */

export class HubError extends Error {
  override name = 'HubError';
}

/** Not the name of a model, or not an address of a hub. */
export class HubAddressError extends HubError {
  override name = 'HubAddressError';
}

/** There is no such model, revision or file. */
export class HubNotFoundError extends HubError {
  override name = 'HubNotFoundError';
}

/** Gated, private, or a token that is not accepted. */
export class HubAccessError extends HubError {
  override name = 'HubAccessError';
}

/** The Hub cannot be reached, or the line was cut. Whatever was fetched is kept. */
export class HubConnectionError extends HubError {
  override name = 'HubConnectionError';
}

/** Something answers, and not as a hub does, or not now. */
export class HubAnswerError extends HubError {
  override name = 'HubAnswerError';
}

/** What arrived is not what the Hub says that the file is. */
export class DamagedDownloadError extends HubError {
  override name = 'DamagedDownloadError';
}

/** So that a worker's failure is one of these again in the page. */
export const hubErrors = {
  HubError,
  HubAddressError,
  HubNotFoundError,
  HubAccessError,
  HubConnectionError,
  HubAnswerError,
  DamagedDownloadError,
};
