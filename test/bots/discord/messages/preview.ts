/** A drawn message as a page of HTML that looks about as Discord shows it: for pictures of the README. */
import {
  type APIButtonComponent,
  type APIComponentInMessageActionRow,
  type APIMediaGalleryItem,
  ButtonStyle,
  ComponentType,
} from 'discord.js';
import type { Draft } from '../../../../src/bots/discord/messages/index.ts';
import type { Component } from './discord-checks.ts';
import { styles } from './preview-styles.ts';

export interface PreviewOptions {
  readonly theme: 'dark' | 'light';
  /** Milliseconds since 1970, for marks of a time. */
  readonly now: number;
  /** Whether only one reader sees it. */
  readonly private?: boolean;
  /** The command that was given, e.g. `analogy`, and by whom. */
  readonly asked?: { readonly by: string; readonly command: string };
  /** Of the bot. @default Likewise */
  readonly name?: string;
}

/** What Discord knows of a file, by its name in the draft. */
export type Bytes = ReadonlyMap<string, Uint8Array>;

/** A whole page with one or more messages, one below the other; it needs nothing from elsewhere. */
export function previewPage(
  messages: readonly { draft: Draft; files: Bytes; options: PreviewOptions }[],
): string {
  const theme = messages[0]?.options.theme ?? 'dark';
  const shown = messages.map(({ draft, files, options }) => message(draft, files, options));
  return `<!doctype html><html lang="en" class="${theme}"><head><meta charset="utf-8">
<title>Messages</title><style>${styles}</style></head><body>${shown.join('')}</body></html>`;
}

function message(draft: Draft, files: Bytes, options: PreviewOptions): string {
  const { name = 'Likewise', asked, now } = options;
  const at = new Date(now).toISOString().slice(11, 16);
  const head = asked
    ? `<div class="asked"><i></i><b>${text(asked.by)}</b> used <span>/${text(asked.command)}</span></div>`
    : '';
  const foot = options.private ? '<p class="only">Only you can see this · Dismiss message</p>' : '';
  const parts = draft.components.map((each) => component(each, files, now)).join('');
  return `<article>${head}<div class="face">A′</div><div class="said"><header><b>${text(name)}</b>
<em>APP</em><time>${at}</time></header><div class="parts">${parts}</div>${foot}</div></article>`;
}

function component(each: Component, files: Bytes, now: number): string {
  switch (each.type) {
    case ComponentType.Container: {
      const color = each.accent_color;
      const edge = color ? `style="--edge:#${color.toString(16).padStart(6, '0')}"` : '';
      const parts = each.components.map((inner) => component(inner, files, now)).join('');
      return `<section class="box${color ? ' accent' : ''}" ${edge}>${parts}</section>`;
    }
    case ComponentType.TextDisplay:
      return `<div class="text">${markdown(each.content, now)}</div>`;
    case ComponentType.MediaGallery: {
      const items = each.items.map((item) => picture(item, files)).join('');
      return `<div class="gallery n${each.items.length}">${items}</div>`;
    }
    case ComponentType.File: {
      const name = each.file.url.replace('attachment://', '');
      const size = Math.max(1, Math.round((files.get(name)?.length ?? 0) / 1000));
      return `<div class="file"><b>${text(name)}</b><small>${size} KB</small>${icon(signs[0x2b07] ?? '')}</div>`;
    }
    case ComponentType.ActionRow:
      return `<div class="row">${each.components.map(control).join('')}</div>`;
    default:
      throw new Error(`the preview knows no component of type ${each.type}`);
  }
}

function picture({ media, description, spoiler }: APIMediaGalleryItem, files: Bytes): string {
  const name = media.url.replace('attachment://', '');
  const bytes = files.get(name);
  if (!bytes) throw new Error(`the preview was not given ${name}`);
  const type =
    { gif: 'image/gif', webp: 'image/webp' }[name.split('.').at(-1) ?? ''] ?? 'image/png';
  const data = Buffer.from(bytes).toString('base64');
  const hidden = spoiler ? ' class="hidden"' : '';
  return `<figure${hidden}><img alt="${text(description ?? '')}" src="data:${type};base64,${data}"></figure>`;
}

function control(each: APIComponentInMessageActionRow): string {
  if (each.type === ComponentType.Button) return button(each);
  if (each.type !== ComponentType.StringSelect)
    throw new Error('the preview knows no such control');
  return `<div class="select">${text(each.placeholder ?? '')}${icon('<path d="m6 9 6 6 6-6"/>')}</div>`;
}

const kinds: Readonly<Record<number, string>> = {
  [ButtonStyle.Primary]: 'primary',
  [ButtonStyle.Secondary]: 'secondary',
  [ButtonStyle.Success]: 'success',
  [ButtonStyle.Danger]: 'danger',
};

/** Drawn, since not every machine has a font with them: by their first code points. */
const signs: Readonly<Record<number, string>> = {
  9209: '<rect x="4" y="4" width="16" height="16" rx="2" fill="currentColor"/>',
  8617: '<path d="M10 4 4 10l6 6M4 10h10a6 6 0 0 1 0 12h-2"/>',
  11015: '<path d="M12 3v13M6 11l6 6 6-6M4 21h16"/>',
  128257: '<path d="M4 11V9a4 4 0 0 1 4-4h12l-4-4M20 13v2a4 4 0 0 1-4 4H4l4 4"/>',
  128465: '<path d="M4 6h16M9 6V3h6v3M6 6l1 15h10l1-15M10 10v7M14 10v7"/>',
};

function icon(paths: string): string {
  return `<svg viewBox="0 0 24 24" width="15" height="15" fill="none" stroke="currentColor"
stroke-width="2.2" stroke-linecap="round" stroke-linejoin="round">${paths}</svg>`;
}

function button(each: APIButtonComponent): string {
  const emoji = 'emoji' in each ? each.emoji?.name : undefined;
  const path = signs[emoji?.codePointAt(0) ?? 0];
  const sign = path ? icon(path) : emoji ? `<i>${text(emoji)}</i>` : '';
  const words = 'label' in each ? text(each.label ?? '') : '';
  return `<button class="${kinds[each.style] ?? 'secondary'}">${sign}${words}</button>`;
}

/** As much of it as the bot writes: headings, small print, bold, code, links and times. */
function markdown(content: string, now: number): string {
  return content
    .split('\n')
    .map((line) => {
      const [, mark = '', rest = ''] = /^(###? |-# )?(.*)$/s.exec(line) ?? [];
      const tag = mark.startsWith('#') ? 'h3' : mark === '-# ' ? 'small' : 'p';
      return `<${tag}>${inline(rest, now)}</${tag}>`;
    })
    .join('');
}

function inline(line: string, now: number): string {
  // What is escaped is put aside, so that no mark is seen in it.
  const aside: string[] = [];
  const marked = line.replace(
    /\\([^A-Za-z0-9\s])/g,
    (_, mark: string) => `\uE000${aside.push(mark) - 1}\uE001`,
  );
  const html = text(marked)
    .replace(/\*\*(.+?)\*\*/g, '<b>$1</b>')
    .replace(/`(.+?)`/g, '<code>$1</code>')
    .replace(/\[(.+?)\]\((.+?)\)/g, '<a href="$2">$1</a>')
    .replace(
      /&lt;t:(\d+):R&gt;/g,
      (_, at: string) => `<time>${from(Number(at) - now / 1000)}</time>`,
    );
  return html.replace(/\uE000(\d+)\uE001/g, (_, i: string) => text(aside[Number(i)] ?? ''));
}

function from(seconds: number): string {
  const format = new Intl.RelativeTimeFormat('en', { numeric: 'always' });
  const [size, unit] =
    Math.abs(seconds) < 60 ? ([1, 'second'] as const) : ([60, 'minute'] as const);
  return format.format(Math.round(seconds / size), unit);
}

function text(value: string): string {
  return value
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
