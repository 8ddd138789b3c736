import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { Header } from 'tar';

/** A `.tgz` of these, with names as they are given; a text in place of bytes is where a link points. */
export function tgzOf(files: readonly (readonly [path: string, data: Buffer | string])[]): Buffer {
  const parts = files.flatMap(([path, data]) => {
    const link = typeof data === 'string';
    const header = new Header({
      ...{ path, mode: 0o644, mtime: new Date(0) },
      ...(link
        ? { type: 'SymbolicLink', linkpath: data, size: 0 }
        : { type: 'File', size: data.length }),
    });
    const block = Buffer.alloc(512);
    header.encode(block);
    return link ? [block] : [block, data, Buffer.alloc(-data.length & 511)];
  });
  return gzipSync(Buffer.concat([...parts, Buffer.alloc(1024)]), { level: 1 });
}

export interface ReleaseServer {
  /** What the API says of the release. */
  readonly url: string;
  readonly port: number;
  /** Paths that were asked for. */
  readonly asked: string[];
  /** Answers in place of what is right, by how a path ends. */
  readonly wrong: Map<string, (answer: ServerResponse) => void>;
  close(): void;
}

export interface ReleaseOptions {
  /** Whether it lists SHA-256s. @default true */
  readonly digests?: boolean;
  /** Where it says that its files are. @default this server */
  readonly downloads?: string;
}

/** GitHub's API and its downloads, which it sends on to another place, with one release of these files. */
export async function openRelease(
  assets: Readonly<Record<string, Buffer>>,
  { digests = true, downloads }: ReleaseOptions = {},
): Promise<ReleaseServer> {
  const asked: string[] = [];
  const wrong: ReleaseServer['wrong'] = new Map();
  const described = () =>
    Object.entries(assets).map(([name, data]) => ({
      ...{ name, size: data.length, state: 'uploaded', content_type: 'application/octet-stream' },
      digest: digests ? `sha256:${createHash('sha256').update(data).digest('hex')}` : null,
      browser_download_url: `${downloads ?? base}/download/${name}`,
    }));
  const server = createServer((request, answer) => {
    const path = request.url ?? '';
    asked.push(path);
    for (const [end, act] of wrong) if (path.endsWith(end)) return act(answer);
    if (path === '/releases/tags/v1') {
      return void answer.end(JSON.stringify({ tag_name: 'v1', assets: described() }));
    }
    const [, folder, name = ''] = path.match(/^\/(download|objects)\/(.*)$/) ?? [];
    if (folder === 'download')
      return void answer.writeHead(302, { location: `/objects/${name}` }).end();
    if (folder === 'objects' && assets[name]) return void answer.end(assets[name]);
    answer.writeHead(404).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const base = `http://127.0.0.1:${port}`;
  return {
    ...{ url: `${base}/releases/tags/v1`, port, asked, wrong },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
