import type { APIAttachment } from 'discord.js';
import { snowflake } from './ids.ts';
import type { Upload } from './shapes.ts';

const TYPES: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  gif: 'image/gif',
  json: 'application/json; charset=utf-8',
  txt: 'text/plain; charset=utf-8',
  zip: 'application/zip',
};

/** Discord keeps letters, digits and `. _ -`, and puts a `_` for the rest. */
function cleaned(name: string): string {
  return name.replaceAll(/[^\w.-]+/g, '_');
}

/** Width and height in pixels: read from a PNG, made up for other pictures. */
function size(upload: Upload, type: string): { width: number; height: number } | undefined {
  if (!type.startsWith('image/')) return undefined;
  const view = Buffer.from(upload.bytes.buffer, upload.bytes.byteOffset, upload.bytes.byteLength);
  const png = view.length > 24 && view.toString('latin1', 1, 4) === 'PNG';
  return {
    width: upload.width ?? (png ? view.readUInt32BE(16) : 64),
    height: upload.height ?? (png ? view.readUInt32BE(20) : 64),
  };
}

/** The files that were uploaded, each at an address that looks like one of Discord's CDN. */
export function createFiles(origin: () => string) {
  const held = new Map<string, { bytes: Uint8Array; attachment: APIAttachment }>();
  return {
    /** `ephemeral`: of a command's option or of a modal. */
    add(upload: Upload, folder: string, ephemeral: boolean, description?: string): APIAttachment {
      const id = snowflake();
      const name = cleaned(upload.name);
      const type = upload.contentType ?? TYPES[name.split('.').at(-1)?.toLowerCase() ?? ''];
      const kind = ephemeral ? 'ephemeral-attachments' : 'attachments';
      const path = `/${kind}/${folder}/${id}/${name}`;
      // The signature's shape alone: nothing of it is checked.
      const url = `${origin()}${path}?ex=6f000000&is=6effffff&hm=${'0'.repeat(64)}&`;
      const attachment: APIAttachment = {
        id,
        filename: name,
        size: upload.bytes.byteLength,
        url,
        proxy_url: url,
        ...(type === undefined ? {} : { content_type: type }),
        ...size(upload, type ?? ''),
        ...(ephemeral ? { ephemeral: true } : {}),
        ...(description === undefined ? {} : { description }),
      };
      held.set(path, { bytes: upload.bytes, attachment });
      return attachment;
    },
    /** By an address, or the path of one. */
    find(url: string) {
      return held.get(new URL(url, origin()).pathname);
    },
  };
}

export type Files = ReturnType<typeof createFiles>;
