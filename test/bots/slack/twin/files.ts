import { slackId } from './ids.ts';
import type { Member, SlackFile, Upload } from './shapes.ts';

const TYPES: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  gif: 'image/gif',
  heic: 'image/heic',
  json: 'application/json',
  txt: 'text/plain',
  zip: 'application/zip',
};

export interface HeldFile {
  /** As `files.info` gives it, once it is processed. */
  file: SlackFile;
  bytes: Uint8Array;
  readonly teamId: string;
  /** Of the bot: the emulator has it too. */
  readonly own: boolean;
  /** How many times `files.info` still says that it is not processed. */
  pending: number;
}

/** The files of members, and the bytes of what the bot uploads. */
export function createFiles(origin: string) {
  const held = new Map<string, HeldFile>();
  let polls = 0;
  return {
    held,
    /** Of a member: processed, and readable by the bot, for the member gives it to the bot. */
    add(user: Member, upload: Upload): SlackFile {
      const id = slackId('F');
      const ending = upload.name.split('.').at(-1)?.toLowerCase() ?? '';
      const address = `${origin}/files-pri/${user.teamId}-${id}/${encodeURIComponent(upload.name)}`;
      const created = Math.floor(Date.now() / 1000);
      const file: SlackFile = {
        id,
        created,
        timestamp: created,
        name: upload.name,
        title: upload.name,
        mimetype: upload.mimetype ?? TYPES[ending] ?? 'application/octet-stream',
        filetype: ending === 'jpeg' ? 'jpg' : ending,
        pretty_type: ending.toUpperCase(),
        user: user.id,
        user_team: user.teamId,
        editable: false,
        size: upload.bytes.byteLength,
        mode: 'hosted',
        is_external: false,
        external_type: '',
        is_public: false,
        public_url_shared: false,
        display_as_bot: false,
        username: '',
        url_private: address,
        url_private_download: `${address.replace(`-${id}/`, `-${id}/download/`)}`,
        permalink: `${origin}/files/${user.id}/${id}`,
        has_rich_preview: false,
        file_access: 'visible',
      };
      held.set(id, { file, bytes: upload.bytes, teamId: user.teamId, own: false, pending: 0 });
      return file;
    },
    /** What the bot uploaded; `file` is what the emulator says of it when it is completed. */
    own(id: string, teamId: string, bytes: Uint8Array): void {
      const file: SlackFile = { id };
      held.set(id, { file, bytes, teamId, own: true, pending: polls });
    },
    processing(count: number): void {
      polls = count;
    },
    /** As Slack shows it in this moment: without a type until it has looked at it. */
    shown({ file, pending }: HeldFile): SlackFile {
      if (pending <= 0) return file;
      const { mimetype: _type, pretty_type: _pretty, ...rest } = file;
      return { ...rest, filetype: '' };
    },
    /** As a message from another company's workspace shows it. */
    unseen: (file: SlackFile): SlackFile => ({
      id: file.id,
      created: file.created,
      timestamp: 0,
      mode: 'file_access',
      file_access: 'check_file_info',
      user: file.user ?? '',
    }),
    /** By an address or the path of one: `url_private` and `url_private_download`. */
    at(path: string): HeldFile | undefined {
      const id = /^\/files-pri\/(?:T\w+-)?(F\w+)\//.exec(path)?.[1];
      return id === undefined ? undefined : held.get(id);
    },
  };
}

export type Files = ReturnType<typeof createFiles>;
