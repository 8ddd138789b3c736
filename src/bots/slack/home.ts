import type { types } from '@slack/bolt';
import type { ListView } from '../../commands/port.ts';
import { header, plainText, section, small } from './messages/blocks.ts';
import { drawControls, numbering } from './messages/controls.ts';
import { limits } from './messages/limits.ts';
import { listBlocks } from './messages/list.ts';
import { wordsFor } from './words/index.ts';

export interface HomeOptions {
  /** The view of the command `library`. */
  readonly library: ListView;
  /** That of `status`. */
  readonly status: ListView;
  readonly isAdmin: boolean;
  readonly locale: string;
}

/** `action_id`s of the Home tab's own buttons. */
export const homeIds = {
  begin: 'home:new',
  help: 'home:help',
  refresh: 'home:refresh',
  forget: 'home:forget',
  settings: 'home:settings',
} as const;

type HomeId = keyof typeof homeIds;

/** The Home tab: how to begin, one's own jobs, the analogies of the workspace, and its settings for admins. */
export function homeOf({ library, status, isAdmin, locale }: HomeOptions): types.HomeView {
  const words = wordsFor(locale);
  const { home } = words;
  const next = numbering();
  const button = (id: HomeId, text: string, style?: 'primary' | 'danger'): types.Button => ({
    type: 'button',
    action_id: homeIds[id],
    text: plainText(text),
    value: homeIds[id],
    ...(style && { style }),
  });
  const divider: types.KnownBlock = { type: 'divider' };
  const list = (view: ListView) => [
    ...listBlocks(view, words, next),
    ...drawControls({ rows: view.buttons }, words, 3, next),
  ];
  const settings = section(home.settingsHelp, button('settings', home.change));
  const blocks: types.KnownBlock[] = [
    header(home.title),
    ...section(home.intro),
    {
      type: 'actions',
      elements: [
        button('begin', home.begin, 'primary'),
        button('help', home.help),
        button('refresh', home.refresh),
      ],
    },
    ...small(home.ways.map((way) => `• ${way}`).join('\n')),
    divider,
    ...list(status),
    divider,
    ...list(library),
    ...(isAdmin ? [divider, header(home.settings), ...settings] : []),
    divider,
    { type: 'actions', elements: [button('forget', home.forget, 'danger')] },
  ];
  return { type: 'home', callback_id: 'home', blocks: blocks.slice(0, limits.viewBlocks) };
}
