import type { Upload } from './shapes.ts';

export interface Body {
  readonly json: unknown;
  readonly files: readonly (Upload & { readonly key: string })[];
}

/** Reads a body: JSON, or a form with `payload_json` and `files[0]`, `files[1]`, … */
export async function readBody(bytes: Buffer, type: string | undefined): Promise<Body> {
  if (bytes.length === 0) return { json: undefined, files: [] };
  if (type?.startsWith('multipart/form-data') !== true) {
    return { json: JSON.parse(bytes.toString('utf8')) as unknown, files: [] };
  }
  const response = new Response(new Uint8Array(bytes), { headers: { 'content-type': type } });
  const form = await response.formData();
  const files: (Upload & { key: string })[] = [];
  let json: unknown;
  for (const [key, value] of form) {
    if (typeof value === 'string') {
      if (key === 'payload_json') json = JSON.parse(value) as unknown;
      continue;
    }
    const given = value.type === '' || value.type === 'application/octet-stream';
    files.push({
      key,
      name: value.name,
      bytes: new Uint8Array(await value.arrayBuffer()),
      ...(given ? {} : { contentType: value.type }),
    });
  }
  return { json, files };
}
