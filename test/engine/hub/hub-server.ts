import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, relative } from 'node:path';

/** A repository, as the hub of the tests has it. */
export interface Repository {
  files: Map<string, Buffer>;
  /** The commit that `main` stands for. */
  commit: string;
  /** Files from this size on are stored apart, by SHA-256, at another address. */
  lfsFrom: number;
  /** Shown to this token only. */
  token?: string;
  gated?: boolean;
}

/** What goes wrong; each entry is used up by the request that it befalls. */
export interface Faults {
  /** Path -> bytes after which the connection breaks, one an answer. */
  breaks: Map<string, number[]>;
  /** Path -> answers that have a wrong byte. */
  wrong: Map<string, number>;
  /** Path -> answers that stop after some bytes and stay open. */
  stalls: Map<string, number[]>;
  /** Statuses of the next answers, whatever is asked. */
  statuses: number[];
  /** Ranges are not understood. */
  ignoresRanges: boolean;
}

export interface HubServer {
  url: string;
  repositories: Map<string, Repository>;
  faults: Faults;
  /** Method, path, range and whether a token was shown, of each request. */
  requests: { path: string; range: string | undefined; token: string | undefined; cdn: boolean }[];
  /** Bytes of files that were sent. */
  sent(): number;
  close(): Promise<void>;
}

export const commitOf = (letter: string) => letter.repeat(40);

/** A repository with the files of a folder. */
export function repositoryOf(folder: string, changes: Partial<Repository> = {}): Repository {
  const files = new Map<string, Buffer>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) files.set(relative(folder, path), readFileSync(path));
  }
  return { files, commit: commitOf('a'), lfsFrom: 4096, ...changes };
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const gitId = (bytes: Buffer) =>
  createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');

/** A hub on the loopback: the part of Hugging Face's protocol that fetching needs, with faults. */
export async function openHub(): Promise<HubServer> {
  const repositories = new Map<string, Repository>();
  const faults: Faults = {
    breaks: new Map(),
    wrong: new Map(),
    stalls: new Map(),
    statuses: [],
    ignoresRanges: false,
  };
  const requests: HubServer['requests'] = [];
  let sent = 0;

  const refuse = (response: ServerResponse, status: number, code?: string) => {
    response.writeHead(status, {
      'content-type': 'application/json',
      ...(code && { 'x-error-code': code }),
    });
    response.end(JSON.stringify({ error: code ?? `status ${status}` }));
  };

  /** The repository and commit that are asked for; answers itself where there are none to show. */
  const allowed = (
    name: string,
    revision: string,
    token: string | undefined,
    response: ServerResponse,
  ): Repository | undefined => {
    const repository = repositories.get(name);
    if (!repository || (repository.token && repository.token !== token && token === undefined)) {
      refuse(response, 401, 'RepoNotFound');
      return undefined;
    }
    if (repository.token && repository.token !== token) {
      refuse(response, 401);
      return undefined;
    }
    if (revision !== 'main' && revision !== repository.commit) {
      refuse(response, 404, 'RevisionNotFound');
      return undefined;
    }
    return repository;
  };

  const sendFile = (
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    bytes: Buffer,
  ) => {
    const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
    const partial = first !== undefined && !faults.ignoresRanges;
    const from = partial ? Number(first) : 0;
    const to = partial && last ? Math.min(Number(last) + 1, bytes.length) : bytes.length;
    const body = Buffer.from(bytes.subarray(from, to));
    const isProbe = to - from <= 1;
    const take = (map: Map<string, number[]>) => (isProbe ? undefined : map.get(path)?.shift());
    const wrongs = isProbe ? 0 : (faults.wrong.get(path) ?? 0);
    if (wrongs > 0) {
      faults.wrong.set(path, wrongs - 1);
      body[0] = (body[0] as number) ^ 0xff;
    }
    const broken = take(faults.breaks);
    const stalled = take(faults.stalls);
    response.writeHead(partial ? 206 : 200, {
      'content-type': 'application/octet-stream',
      'content-length': body.length,
      'accept-ranges': 'bytes',
      etag: `"${bytes.length < 4096 ? gitId(bytes) : sha256(bytes)}"`,
      ...(partial && { 'content-range': `bytes ${from}-${to - 1}/${bytes.length}` }),
    });
    const part = body.subarray(0, broken ?? stalled ?? body.length);
    sent += part.length;
    if (broken === undefined && stalled === undefined) return void response.end(part);
    // Some of it goes out before the connection breaks.
    response.write(part, () => {
      if (broken !== undefined) setTimeout(() => response.destroy(), 20);
    });
  };

  const answer = (cdn: boolean) => (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '/', 'http://hub');
    const token = /^Bearer (.*)$/.exec(request.headers.authorization ?? '')?.[1];
    requests.push({ path: url.pathname, range: request.headers.range, token, cdn });
    const status = faults.statuses.shift();
    if (status !== undefined) return refuse(response, status);
    if (cdn) {
      const [, owner, name, ...path] = url.pathname.split('/');
      const bytes = repositories.get(`${owner}/${name}`)?.files.get(path.join('/'));
      return bytes ? sendFile(request, response, path.join('/'), bytes) : refuse(response, 404);
    }
    const [, info, infoRevision] =
      /^\/api\/models\/([^/]+\/[^/]+)\/revision\/([^/]+)$/.exec(url.pathname) ?? [];
    if (info && infoRevision) {
      const repository = allowed(info, decodeURIComponent(infoRevision), token, response);
      if (!repository) return;
      response.writeHead(200, { 'content-type': 'application/json' });
      const times = { lastModified: '2024-01-01T00:00:00.000Z', likes: 0, downloads: 0 };
      const about = { _id: '1', id: info, sha: repository.commit, private: false, gated: false };
      return void response.end(JSON.stringify({ ...about, ...times }));
    }
    const [, tree, treeRevision] =
      /^\/api\/models\/([^/]+\/[^/]+)\/tree\/([^/]+)$/.exec(url.pathname) ?? [];
    if (tree && treeRevision) {
      const repository = allowed(tree, treeRevision, token, response);
      return repository && sendTree(url, response, repository);
    }
    const [, name, revision, path] =
      /^\/([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(url.pathname) ?? [];
    if (!name || !revision || !path) return refuse(response, 404);
    const repository = allowed(name, decodeURIComponent(revision), token, response);
    if (!repository) return;
    if (repository.gated && token === undefined) return refuse(response, 401, 'GatedRepo');
    const bytes = repository.files.get(path);
    if (!bytes) return refuse(response, 404, 'EntryNotFound');
    if (bytes.length < repository.lfsFrom) return sendFile(request, response, path, bytes);
    response.writeHead(302, {
      location: `${addressOf(cdnServer)}/${name}/${path}`,
      'x-linked-etag': `"${sha256(bytes)}"`,
      'x-linked-size': bytes.length,
    });
    response.end();
  };

  /** In pages: whoever reads the first only misses files. */
  const sendTree = (url: URL, response: ServerResponse, repository: Repository) => {
    const start = Number(url.searchParams.get('cursor') ?? 0);
    const page = 5;
    const all = [...repository.files].map(([path, bytes]) => ({
      type: 'file',
      path,
      size: bytes.length,
      oid: gitId(bytes),
      ...(bytes.length >= repository.lfsFrom && {
        lfs: { oid: sha256(bytes), size: bytes.length, pointerSize: 130 },
      }),
    }));
    const next = new URL(`${addressOf(hubServer)}${url.pathname}${url.search}`);
    next.searchParams.set('cursor', String(start + page));
    response.writeHead(200, {
      'content-type': 'application/json',
      ...(start + page < all.length && { link: `<${next}>; rel="next"` }),
    });
    response.end(JSON.stringify(all.slice(start, start + page)));
  };

  const hubServer = createServer(answer(false));
  const cdnServer = createServer(answer(true));
  await Promise.all([listen(hubServer), listen(cdnServer)]);
  return {
    url: addressOf(hubServer),
    repositories,
    faults,
    requests,
    sent: () => sent,
    async close() {
      await Promise.all([hubServer, cdnServer].map(close));
    },
  };
}

function listen(server: Server): Promise<void> {
  return new Promise((done) => server.listen(0, '127.0.0.1', done));
}

function addressOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((done) => server.close(() => done()));
}
