import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { crc32, deflateRawSync } from 'node:zlib';

/** A ZIP archive of these files, the first of them deflated, the others as they are. */
export function zipOf(files: Readonly<Record<string, Buffer>>): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const [i, [name, data]] of Object.entries(files).entries()) {
    const method = i === 0 ? 8 : 0;
    const packed = method === 8 ? deflateRawSync(data) : data;
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(method, 4);
    common.writeUInt32LE(crc32(data), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(data.length, 18);
    common.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, Buffer.from(name), packed]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(at, 10);
    directory.push(
      Buffer.concat([Buffer.from('PK\x01\x02\x14\0', 'latin1'), common, rest, Buffer.from(name)]),
    );
    parts.push(local);
    at += local.length;
  }
  const list = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(directory.length, 8);
  end.writeUInt16LE(directory.length, 10);
  end.writeUInt32LE(list.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, list, end]);
}

export interface Feed {
  readonly url: string;
  /** Paths that were asked for. */
  readonly asked: string[];
  /** Answers in place of what is right, by how a path ends. */
  readonly wrong: Map<string, (answer: ServerResponse) => void>;
  close(): void;
}

/** A NuGet feed, of version 3 as nuget.org is, with one package. */
export async function openFeed(
  { name, version }: { name: string; version: string },
  archive: Buffer,
  { hashes = true } = {},
): Promise<Feed> {
  const asked: string[] = [];
  const wrong: Feed['wrong'] = new Map();
  const id = name.toLowerCase();
  const server = createServer((request, answer) => {
    const path = request.url ?? '';
    asked.push(path);
    for (const [end, act] of wrong) if (path.endsWith(end)) return act(answer);
    const json = (value: object) => void answer.end(JSON.stringify(value));
    if (path === '/v3/index.json') {
      const registrations = {
        '@id': `${base}/registration/`,
        '@type': 'RegistrationsBaseUrl/3.6.0',
      };
      const packages = { '@id': `${base}/flat/`, '@type': 'PackageBaseAddress/3.0.0' };
      return json({ version: '3.0.0', resources: hashes ? [registrations, packages] : [packages] });
    }
    if (path === `/registration/${id}/${version}.json`) {
      return json({ catalogEntry: `${base}/catalog/entry.json` });
    }
    if (path === '/catalog/entry.json') {
      return json({
        packageHash: createHash('sha512').update(archive).digest('base64'),
        packageHashAlgorithm: 'SHA512',
        packageSize: archive.length,
      });
    }
    if (path === `/flat/${id}/${version}/${id}.${version}.nupkg`) return void answer.end(archive);
    answer.writeHead(404).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    ...{ url: `${base}/v3/index.json`, asked, wrong },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
