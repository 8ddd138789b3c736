import { type Answer, loginPage } from './answers.ts';
import { runningOf, type World } from './world.ts';

const bearer = (header: string | undefined) => header?.replace(/^Bearer\s+/i, '') ?? '';

/** `url_private`: for the bot's token only; who may not read it sees a page to sign in. */
export function download(world: World, path: string, authorization: string | undefined): Answer {
  const token = world.tokens.get(bearer(authorization));
  if (token === undefined || token.revoked !== undefined) {
    return { status: 302, headers: { location: `${world.origin}/signin?redir=${path}` } };
  }
  const held = world.files.at(path);
  const own = held?.teamId === token.running.workspace.teamId;
  if (!token.scopes.has('files:read') || (held !== undefined && !own)) return loginPage;
  if (held === undefined)
    return { status: 404, body: 'Not found', headers: { 'content-type': 'text/html' } };
  return {
    status: 200,
    body: held.bytes,
    headers: {
      'content-type': held.file.mimetype ?? 'application/octet-stream',
      'content-length': String(held.bytes.byteLength),
    },
  };
}

/** The bytes of an upload: the whole body, or a form's first file. */
async function bytesOf(raw: Buffer, type: string | undefined): Promise<Uint8Array> {
  if (type?.startsWith('multipart/form-data') !== true) return new Uint8Array(raw);
  const form = await new Response(new Uint8Array(raw), {
    headers: { 'content-type': type },
  }).formData();
  for (const value of form.values()) {
    if (typeof value !== 'string') return new Uint8Array(await value.arrayBuffer());
  }
  return new Uint8Array();
}

/** `POST` to an address of `files.getUploadURLExternal`. */
export async function upload(
  world: World,
  id: string,
  raw: Buffer,
  type: string | undefined,
): Promise<Answer & { readonly size: number }> {
  const held = world.files.held.get(id);
  if (held === undefined) return { status: 404, body: 'file_not_found', size: 0 };
  held.bytes = await bytesOf(raw, type);
  const response = await fetch(`${runningOf(world, held.teamId).url}/upload/v1/${id}`, {
    method: 'POST',
    body: new Uint8Array(held.bytes),
    headers: { 'content-type': 'application/octet-stream' },
  });
  return { status: response.status, body: await response.text(), size: held.bytes.byteLength };
}
