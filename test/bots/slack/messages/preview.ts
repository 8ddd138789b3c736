/** Draws messages the way Slack does, to be looked at: `previewPage`. It is no part of the bot. */
import type { Draft } from '../../../../src/bots/slack/messages/index.ts';
import { previewStyle } from './preview-style.ts';

type Json = Record<string, unknown>;

export interface PreviewMessage {
  readonly draft: Pick<Draft, 'blocks'>;
  /** Of the files, by their names: addresses, such as `data:` ones. */
  readonly pictures?: Readonly<Record<string, string>>;
  /** As beside the name. */
  readonly time?: string;
}

/** @returns an HTML page, 720 pixels wide at best */
export function previewPage(messages: readonly PreviewMessage[], theme: 'light' | 'dark'): string {
  const drawn = messages.map(({ draft, pictures = {}, time = '8:30 AM' }) => {
    const blocks = (draft.blocks as readonly unknown[] as readonly Json[]).map((block) =>
      drawBlock(block, pictures),
    );
    const name = `<b>Likewise</b><i>APP</i><time>${time}</time>`;
    return `<article>${face}<div><header>${name}</header>${blocks.join('')}</div></article>`;
  });
  const head = `<meta charset="utf-8"><title>Likewise in Slack</title><style>${previewStyle}</style>`;
  return `<!doctype html><html class="${theme}"><head>${head}</head><body>${drawn.join('')}</body></html>`;
}

const face = `<svg class="face" viewBox="0 0 36 36"><rect width="36" height="36" rx="8" fill="#1d3b53"/>
<circle cx="13" cy="18" r="6" fill="#f4c95d"/><circle cx="23" cy="18" r="6" fill="none" stroke="#f4c95d" stroke-width="2.5"/></svg>`;

function drawBlock(block: Json, pictures: Readonly<Record<string, string>>): string {
  switch (block.type) {
    case 'header':
      return `<h3>${text(block.text)}</h3>`;
    case 'section': {
      const beside = block.accessory ? drawElement(block.accessory as Json) : '';
      return `<section><p>${text(block.text)}</p>${beside}</section>`;
    }
    case 'context':
      return `<small>${(block.elements as Json[]).map(text).join(' ')}</small>`;
    case 'rich_text': {
      const parts = (block.elements as { elements: { text: string; style?: Json }[] }[])
        .flatMap(({ elements }) => elements)
        .map((each) => (each.style?.bold ? `<b>${html(each.text)}</b>` : html(each.text)));
      return `<p>${parts.join('')}</p>`;
    }
    case 'image': {
      const { id } = block.slack_file as { id: string };
      const title = block.title ? `<figcaption>${text(block.title)} ▾</figcaption>` : '';
      const source = pictures[id.replace(/^file:/, '')] ?? '';
      return `<figure>${title}<img src="${source}" alt="${html(String(block.alt_text))}"></figure>`;
    }
    case 'actions':
      return `<nav>${(block.elements as Json[]).map(drawElement).join('')}</nav>`;
    case 'divider':
      return '<hr>';
    default:
      return `<p>(${html(String(block.type))})</p>`;
  }
}

function drawElement(element: Json): string {
  if (element.type === 'overflow') return '<button>⋯</button>';
  if (element.type === 'button') {
    return `<button class="${element.style ?? ''}">${text(element.text)}</button>`;
  }
  return `<button class="select">${text(element.placeholder)}<span>⌄</span></button>`;
}

/** Marks that the bot itself uses: links, times and code. */
function text(object: unknown): string {
  const { type, text: whole } = object as { type: string; text: string };
  if (type === 'plain_text') return html(whole);
  return whole
    .replace(/<!date\^(\d+)\^[^|]*\|[^>]*>/g, (_, at: string) => clockOf(Number(at)))
    .replace(/<(https:[^|>]+)\|([^>]+)>/g, '<a href="$1">$2</a>')
    .replace(/`([^`]+)`/g, '<code>$1</code>')
    .replace(/^\*([^*\n]+)\*$/gm, '<b>$1</b>')
    .replaceAll('\n', '<br>');
}

function clockOf(seconds: number): string {
  const options = { hour: 'numeric', minute: '2-digit', timeZone: 'UTC' } as const;
  return new Date(seconds * 1000).toLocaleTimeString('en-US', options);
}

function html(plain: string): string {
  return plain.replace(/[&<>"]/g, (mark) => `&#${mark.charCodeAt(0)};`).replaceAll('\n', '<br>');
}
