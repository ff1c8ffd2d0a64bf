/**
 * A small Hub on this machine that speaks the real one's routes, for tests: revisions and trees, files with their headers, large ones
 * redirected to another origin, gates, and whatever can go wrong with all that. The library huggingface_hub downloads from it as well.
 */
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';

/**
 * @typedef {{ commits: Record<string, Record<string, Uint8Array>>, branches: Record<string, string>,
 *   token?: string, isPrivate?: boolean }} Repository `token`: the one that may read it.
 * @typedef {{ name?: string, cutAfter?: number, stall?: boolean, status?: number, corrupt?: boolean, ignoreRange?: boolean,
 *   hideCommit?: boolean, commit?: string, page?: string, times?: number }} Fault One thing that goes wrong, with files of this name.
 * @typedef {{ host: 'hub' | 'cdn', path: string, range: string | null, authorization: string | null, status: number }} Seen
 */

const sha256 = (/** @type {Uint8Array} */ bytes) => createHash('sha256').update(bytes).digest('hex');
const gitSum = (/** @type {Uint8Array} */ bytes) =>
  createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
const isLarge = (/** @type {string} */ name) => /\.(safetensors|bin|gguf)$/.test(name);

const exposed =
  'X-Repo-Commit,X-Request-Id,X-Error-Code,X-Error-Message,X-Total-Count,ETag,Link,Accept-Ranges,Content-Range,X-Linked-Size,X-Linked-ETag';

export class TestHub {
  /** @type {Record<string, Repository>} */
  repositories = {};
  /** @type {Fault[]} */
  faults = [];
  /** @type {Seen[]} */
  seen = [];
  /** Files on a page of a listing. */
  pageSize = 1000;
  url = '';
  cdn = '';
  /** @type {import('node:http').Server[]} */
  servers = [];
  /** @type {Set<import('node:http').ServerResponse>} */
  stalled = new Set();

  /** `unref`: it does not keep the process alive. */
  async open({ unref = false } = {}) {
    this.cdn = await this.#serve('cdn', (...all) => this.#answerCdn(...all));
    this.url = await this.#serve('hub', (...all) => this.#answerHub(...all));
    for (const server of unref ? this.servers : []) {
      server.unref();
      server.on('connection', (socket) => socket.unref());
    }
    return this;
  }

  async close() {
    for (const response of this.stalled) response.destroy();
    for (const server of this.servers) {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    }
  }

  /**
   * @param {string} id @param {Record<string, Uint8Array>} files @param {Partial<Repository>} [more]
   * @returns the commit
   */
  add(id, files, more = {}) {
    const commit = createHash('sha1')
      .update(id)
      .update(Object.values(files).map(sha256).join())
      .digest('hex');
    const before = this.repositories[id];
    this.repositories[id] = {
      commits: { ...before?.commits, [commit]: files },
      branches: { ...before?.branches, main: commit },
      ...more,
    };
    return commit;
  }

  forget() {
    this.repositories = {};
    this.faults = [];
    this.seen = [];
    this.pageSize = 1000;
  }

  /** The next request for a file that something is to go wrong with. @param {string} name */
  #fault(name) {
    const found = this.faults.find((fault) => fault.name === undefined || fault.name === name);
    if (!found) return {};
    found.times = (found.times ?? 1) - 1;
    if (found.times <= 0) this.faults = this.faults.filter((fault) => fault !== found);
    return found;
  }

  /**
   * @param {'hub' | 'cdn'} host
   * @param {(request: import('node:http').IncomingMessage, response: import('node:http').ServerResponse) => void} answer
   */
  async #serve(host, answer) {
    const server = createServer((request, response) => {
      response.setHeader('Access-Control-Allow-Origin', '*');
      response.setHeader('Access-Control-Expose-Headers', exposed);
      if (request.method === 'OPTIONS') {
        // The Hub lets pages send a token; what it redirects to does not expect one.
        if (host === 'hub') response.setHeader('Access-Control-Allow-Headers', 'authorization,range');
        response.writeHead(host === 'hub' ? 204 : 403).end();
        return;
      }
      response.on('close', () =>
        this.seen.push({
          host,
          path: decodeURIComponent(`${request.url}`),
          range: request.headers.range ?? null,
          authorization: request.headers.authorization ?? null,
          status: response.statusCode,
        }),
      );
      answer(request, response);
    });
    this.servers.push(server);
    const port = await new Promise((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve(/** @type {{ port: number }} */ (server.address()).port));
    });
    return `http://127.0.0.1:${port}`;
  }

  /** @param {import('node:http').IncomingMessage} request @param {import('node:http').ServerResponse} response */
  #answerHub(request, response) {
    const { pathname, searchParams } = new URL(`${request.url}`, this.url);
    const path = decodeURIComponent(pathname);
    const api = /^\/api\/models\/(.+?)(?:\/(revision|tree)\/([^?]+))?$/.exec(path);
    const file = /^\/(.+?)\/resolve\/((?:refs\/[^/]+\/)?[^/]+)\/(.+)$/.exec(path);
    const [, id, , asked = 'main'] = api ?? file ?? [];
    const repository = this.repositories[id];
    const token = request.headers.authorization?.replace('Bearer ', '');
    const tokens = Object.values(this.repositories).map((each) => each.token);
    if (token !== undefined && !tokens.includes(token)) {
      return refuse(response, 401, undefined, 'Invalid credentials in Authorization header');
    }
    if (!repository || (repository.isPrivate && token !== repository.token)) {
      // As there: who is not known is not told whether it is there.
      return token
        ? refuse(response, 404, 'RepoNotFound', 'Repository not found')
        : refuse(response, 401, 'RepoNotFound', 'Invalid username or password.');
    }
    const revision = (api ? asked : file?.[2]) ?? 'main';
    const commit = repository.branches[revision] ?? (repository.commits[revision] ? revision : undefined);
    if (!commit) return refuse(response, 404, 'RevisionNotFound', `Invalid rev id: ${revision}`);
    const files = repository.commits[commit];
    if (api)
      return this.#answerApi(
        response,
        { id, commit, files, repository, tree: api[2] === 'tree' },
        searchParams,
      );
    if (repository.token !== undefined && !repository.isPrivate && token !== repository.token) {
      return refuse(response, token ? 403 : 401, 'GatedRepo', `Access to model ${id} is restricted.`);
    }
    this.#answerFile(request, response, { commit, files, name: `${file?.[3]}` });
  }

  /**
   * @param {import('node:http').ServerResponse} response
   * @param {{ id: string, commit: string, files: Record<string, Uint8Array>, repository: Repository, tree: boolean }} model
   * @param {URLSearchParams} query
   */
  #answerApi(response, { id, commit, files, repository, tree }, query) {
    const { status, page } = this.#fault(tree ? 'tree' : 'revision');
    if (status) return refuse(response, status, undefined, 'Something went wrong');
    if (page !== undefined) return response.writeHead(200, { 'Content-Type': 'text/html' }).end(page);
    const names = Object.keys(files);
    response.setHeader('Content-Type', 'application/json');
    if (!tree) {
      const gated = repository.token !== undefined && !repository.isPrivate ? 'manual' : false;
      const siblings = names.map((rfilename) => ({ rfilename }));
      return response.end(
        JSON.stringify({ id, modelId: id, sha: commit, gated, private: false, tags: [], siblings }),
      );
    }
    const from = Number(query.get('cursor') ?? 0);
    const some = names.slice(from, from + this.pageSize);
    if (from + this.pageSize < names.length) {
      const next = `${this.url}/api/models/${id}/tree/${commit}?cursor=${from + this.pageSize}`;
      response.setHeader('Link', `<${next}>; rel="next"`);
    }
    const entries = some.map((path) => {
      const bytes = files[path];
      const lfs = { oid: sha256(bytes), size: bytes.length, pointerSize: 134 };
      return { type: 'file', oid: gitSum(bytes), size: bytes.length, path, ...(isLarge(path) && { lfs }) };
    });
    response.end(
      JSON.stringify([{ type: 'directory', oid: '0'.repeat(40), size: 0, path: 'onnx' }, ...entries]),
    );
  }

  /**
   * @param {import('node:http').IncomingMessage} request
   * @param {import('node:http').ServerResponse} response
   * @param {{ commit: string, files: Record<string, Uint8Array>, name: string }} found
   */
  #answerFile(request, response, { commit, files, name }) {
    const bytes = files[name];
    const { status, commit: other } = this.faults.find(
      (fault) => fault.name === name && (fault.status || fault.commit),
    )
      ? this.#fault(name)
      : /** @type {Fault} */ ({});
    response.setHeader('X-Repo-Commit', other ?? commit);
    if (status) return refuse(response, status, undefined, 'Something went wrong');
    if (!bytes) return refuse(response, 404, 'EntryNotFound', 'Entry not found');
    if (!isLarge(name)) {
      response.setHeader('ETag', `"${gitSum(bytes)}"`);
      return this.#send(request, response, bytes, name);
    }
    response.writeHead(302, {
      Location: `${this.cdn}/${commit}/${encodeURIComponent(name)}?Signature=${sha256(bytes).slice(0, 8)}`,
      'X-Linked-Size': bytes.length,
      'X-Linked-Etag': `"${sha256(bytes)}"`,
      ETag: `"${sha256(bytes)}"`,
    });
    response.end();
  }

  /** @param {import('node:http').IncomingMessage} request @param {import('node:http').ServerResponse} response */
  #answerCdn(request, response) {
    const { pathname } = new URL(`${request.url}`, this.cdn);
    const [, commit, name] = pathname.split('/').map(decodeURIComponent);
    // As there: a request that is signed in its address must not be signed a second time.
    if (request.headers.authorization)
      return refuse(response, 400, undefined, 'Only one auth mechanism allowed');
    const bytes = Object.values(this.repositories).flatMap(({ commits }) => commits[commit]?.[name] ?? [])[0];
    if (!bytes) return refuse(response, 404, undefined, 'No such key');
    response.setHeader('ETag', `"${sha256(bytes)}"`);
    this.#send(request, response, bytes, name);
  }

  /**
   * @param {import('node:http').IncomingMessage} request
   * @param {import('node:http').ServerResponse} response
   * @param {Uint8Array} whole @param {string} name
   */
  #send(request, response, whole, name) {
    const { cutAfter, stall, corrupt, ignoreRange } =
      request.method === 'HEAD' ? /** @type {Fault} */ ({}) : this.#fault(name);
    const range = ignoreRange ? null : /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
    const start = Number(range?.[1] ?? 0);
    const end = range?.[2] ? Math.min(Number(range[2]) + 1, whole.length) : whole.length;
    response.setHeader('Accept-Ranges', 'bytes');
    if (start >= whole.length && range) {
      response.writeHead(416, { 'Content-Range': `bytes */${whole.length}` }).end();
      return;
    }
    const part = whole.slice(start, end);
    if (corrupt) part[part.length - 1] ^= 1;
    response.setHeader('Content-Length', part.length);
    if (range) response.setHeader('Content-Range', `bytes ${start}-${end - 1}/${whole.length}`);
    response.writeHead(range ? 206 : 200);
    if (request.method === 'HEAD') response.end();
    else if (cutAfter === undefined) response.end(part);
    else
      response.write(part.slice(0, cutAfter), () => {
        if (stall) this.stalled.add(response);
        else setTimeout(() => response.destroy(), 20); // what was written has to leave first
      });
  }
}

/** @param {import('node:http').ServerResponse} response @param {number} status @param {string | undefined} code @param {string} message */
function refuse(response, status, code, message) {
  if (code) response.setHeader('X-Error-Code', code);
  response.writeHead(status, { 'X-Error-Message': message, 'Content-Type': 'text/plain' });
  response.end(message);
}
