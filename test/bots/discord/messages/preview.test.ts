import { describe, expect, it } from 'vitest';
import { drawView } from '../../../../src/bots/discord/messages/index.ts';
import type { View } from '../../../../src/commands/port.ts';
import { previewPage } from './preview.ts';
import { now, progressView, resultView } from './views.ts';

function page(view: View, spoiler = false): string {
  const draft = drawView(view, { locale: 'en-GB', now, spoiler });
  const files = new Map(draft.files.map(({ name }) => [name, new Uint8Array([1, 2, 3])]));
  return previewPage([{ draft, files, options: { theme: 'dark', now } }]);
}

describe('the preview of a message', () => {
  it('shows text, times, pictures and buttons', () => {
    const html = page(progressView({ eta: { seconds: 120, text: '' } }));
    expect(html).toContain('<b>Looking into B (finding its noise), step 12 of 40.</b>');
    expect(html).toContain('<time>in 2 minutes</time>');
    expect(html).toContain('src="data:image/png;base64,AQID"');
    expect(html).toMatch(/<button class="danger">.*Cancel<\/button>/s);
    expect(html).toContain('--edge:#5865f2');
  });

  it('shows what is escaped as it is, and nothing as HTML', () => {
    const html = page({ kind: 'confirm', text: '<b>**x** `y` </b>', buttons: [], private: true });
    expect(html).toContain('<p>&lt;b&gt;**x** `y` &lt;/b&gt;</p>');
  });

  it('hides what is to be hidden', () => {
    expect(page(resultView())).not.toContain('<figure class="hidden">');
    expect(page(resultView(), true)).toContain('<figure class="hidden">');
  });

  it('misses no file', () => {
    const draft = drawView(resultView(), { locale: 'en-GB', now });
    const options = { theme: 'light', now } as const;
    expect(() => previewPage([{ draft, files: new Map(), options }])).toThrow('likewise-grid.png');
  });
});
