import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openMessages } from '../../../src/bots/web/messages.ts';

const day = 24 * 3_600_000;
let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'likewise-messages-'));
  path = join(folder, 'messages.sqlite');
  vi.useFakeTimers({ toFake: ['Date', 'setInterval', 'clearInterval'] });
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});
const message = (id: string, ageDays: number) => ({
  id,
  revision: 1,
  at: Date.now() - ageDays * day,
  title: `the title of ${id}`,
  look: { a: `data:image/png;base64,${id.repeat(1000)}` },
});
const bytes = () => [path, `${path}-wal`].map((name) => readFileSync(name, 'latin1')).join('');

describe('what visitors leave behind', () => {
  it('goes by its age when the file is opened, down to the last byte, whoever it belongs to', () => {
    const before = openMessages(path, { days: { looks: 1000, messages: 1000 } });
    for (const tenant of ['web:ada', 'web:bob']) {
      before.put(tenant, message('fresh', 6.9));
      before.put(tenant, message('stale', 7.1));
      before.put(tenant, message('ancient', 30.1));
    }
    expect(bytes()).toContain('stalestale');
    before.close();
    const messages = openMessages(path);
    for (const tenant of ['web:ada', 'web:bob']) {
      const [stale, fresh, ...others] = messages.list(tenant);
      expect(others).toEqual([]);
      expect(stale).toMatchObject({ id: 'stale', title: 'the title of stale', look: {} });
      expect(fresh).toEqual(message('fresh', 6.9));
    }
    expect(bytes()).not.toMatch(/stalestale|ancient/);
    expect(bytes()).toContain('freshfresh');
    messages.close();
  });

  it('goes every hour, as many days after it was asked as the settings say', () => {
    const messages = openMessages(path, { days: { looks: 1, messages: 2 } });
    messages.put('web:ada', message('one', 0));
    const look = () => messages.get('web:ada', 'one')?.look;
    vi.advanceTimersByTime(day - 1);
    expect(look()).toHaveProperty('a');
    vi.advanceTimersByTime(3_600_001);
    expect(look()).toEqual({});
    vi.advanceTimersByTime(day - 3_600_001);
    expect(look()).toEqual({});
    vi.advanceTimersByTime(3_600_001);
    expect(look()).toBeUndefined();
    expect(bytes()).not.toContain('the title');
    messages.close();
    // Nothing looks into a file that is closed.
    vi.advanceTimersByTime(day);
  });
});
