/** @file Where a model is: which hub, which model, which revision. People write it in several ways, or paste it from their browser. */

import { HubAccessError, HubAddressError } from './errors';

export interface HubAddress {
  /** Without a slash at its end; a mirror may have a path. */
  endpoint: string;
  /** 'owner/name'; the oldest models have no owner. */
  id: string;
  /** A branch, a tag or a commit. */
  revision: string;
}

export const publicHub = 'https://huggingface.co';
const usualRevision = 'main';

/** 'owner/name', 'owner/name@revision', or the address of its page. A revision that is given apart goes before. */
export function readAddress(
  text: string,
  { endpoint = publicHub, revision = '' }: { endpoint?: string; revision?: string } = {},
): HubAddress {
  const hub = readEndpoint(endpoint);
  const path = pathOf(text.trim(), hub);
  const [id, named] = splitRevision(path);
  if (!isModelId(id)) {
    throw new HubAddressError(
      `"${text.trim()}" names no model: write it as the Hub does, for instance HuggingFaceTB/SmolLM2-135M-Instruct.`,
    );
  }
  const chosen = revision.trim() || named || usualRevision;
  if (/[\s?#\\]|\.\.|^\/|\/$/.test(chosen)) {
    throw new HubAddressError(
      `"${chosen}" is no revision: give a branch, a tag or a commit, or none for main.`,
    );
  }
  return { endpoint: hub, id, revision: chosen };
}

/** The endpoint as requests use it. */
export function readEndpoint(text: string): string {
  const wrong = (why: string) =>
    new HubAddressError(`The endpoint ${why}: write it as ${publicHub}, or as the address of a mirror.`);
  let url: URL;
  try {
    url = new URL(text.trim());
  } catch {
    throw wrong(`"${text.trim()}" is no address`);
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw wrong(`begins with ${url.protocol}`);
  // A token belongs into its own field, from where it goes to this endpoint alone.
  if (url.username || url.password) throw wrong('has a name or a password in it');
  return url.origin + url.pathname.replace(/\/+$/, '');
}

/** A token in the clear is anybody's. */
export function refuseOpenToken(endpoint: string): void {
  const { protocol, hostname } = new URL(endpoint);
  if (protocol === 'https:' || /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname)) return;
  throw new HubAccessError(
    `A token is not sent to ${endpoint}, where everybody on the way could read it: use https, or no token.`,
  );
}

export const pageOf = ({ endpoint, id }: HubAddress) => `${endpoint}/${id}`;
export const hostOf = (endpoint: string) => new URL(endpoint).host;

/** A pasted address counts only on the chosen hub: who pastes one must not send a token elsewhere by it. */
function pathOf(text: string, endpoint: string): string {
  if (!/^https?:\/\//i.test(text)) return text;
  if (text !== endpoint && !text.startsWith(`${endpoint}/`)) {
    throw new HubAddressError(`${text} is not on ${endpoint}: set the endpoint to that hub first.`);
  }
  return text
    .slice(endpoint.length + 1)
    .replace(/[?#].*$/, '')
    .replace(/\/+$/, '');
}

/** 'owner/name@main', or 'owner/name/tree/main' out of an address. */
function splitRevision(path: string): [id: string, revision: string | null] {
  const [, page, revision] = /^(.+?)\/(?:tree|blob|resolve|commit)\/([^/]+)/.exec(path) ?? [];
  if (page !== undefined) return [page, decodeURIComponent(revision)];
  const at = path.indexOf('@');
  return at < 0 ? [path, null] : [path.slice(0, at), path.slice(at + 1)];
}

/** The Hub's own rules for names. */
function isModelId(id: string): boolean {
  const parts = id.split('/');
  const isName = (part: string) =>
    /^[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9_])?$/.test(part) && part.length <= 96;
  return parts.length <= 2 && parts.every(isName) && !/--|\.\.|\.git$/.test(id);
}
