/**
 * @file What can go wrong with a model that came from outside. Each failure is a class of its own, so that a
 * caller can tell "we do not know this kind of model" from "this file is broken", and each message is one
 * sentence that says what is wrong and what to do about it.
 */

/** A well-formed model of a kind that Zeroloop does not compute: another architecture, quantised weights. */
export class UnsupportedModelError extends Error {
  override name = 'UnsupportedModelError';
}

/** A config.json that contradicts itself or lacks what it must say. */
export class InvalidConfigError extends Error {
  override name = 'InvalidConfigError';
}

/** A .safetensors file (or its index) that is truncated, malformed or dishonest about its own contents. */
export class InvalidSafetensorsError extends Error {
  override name = 'InvalidSafetensorsError';
}

/** A folder that lacks a file it needs. */
export class MissingFileError extends Error {
  override name = 'MissingFileError';
}

/** A checkpoint that lacks a tensor which its config.json promises. */
export class MissingTensorError extends Error {
  override name = 'MissingTensorError';
}

/** A tensor whose shape is not the one that config.json implies. */
export class WrongShapeError extends Error {
  override name = 'WrongShapeError';
}

/** A tokenizer.json that is broken, or a tokenizer of a kind that Zeroloop does not read. */
export class TokenizerError extends Error {
  override name = 'TokenizerError';
}

/** An adapter with settings that make no sense, or of a kind that Zeroloop does not compute. */
export class InvalidAdapterError extends Error {
  override name = 'InvalidAdapterError';
}
