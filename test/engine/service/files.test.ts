import { expect, it } from 'vitest';
import { memoryCache } from '../../../src/cache/index.ts';
import { createFiles } from '../../../src/engine/service/files.ts';

const [ada, bob] = ['ada', 'bob'].map((user) => ({ tenant: 'guild', user })) as [
  { tenant: string; user: string },
  { tenant: string; user: string },
];

it('drops previews of whoever has most, the oldest first', async () => {
  const files = createFiles(memoryCache());
  const bobs = [1, 2].map((n) => files.preview(bob, 'job', new Uint8Array(n)));
  const adas = Array.from({ length: 200 }, () => files.preview(ada, 'job', new Uint8Array(10)));
  for (const id of bobs) expect((await files.get(bob, id)).type).toBe('image/png');
  const there = await Promise.allSettled(adas.map((id) => files.get(ada, id)));
  const kept = there.map(({ status }) => status === 'fulfilled');
  expect(kept.filter(Boolean)).toHaveLength(62);
  expect(kept.indexOf(true)).toBe(200 - 62);
});

it('counts previews of a user and of the tenant, until they are forgotten', () => {
  const files = createFiles(memoryCache());
  files.preview(ada, 'job', new Uint8Array(10));
  files.preview(bob, 'job', new Uint8Array(7));
  files.preview({ tenant: 'other', user: 'ada' }, 'job', new Uint8Array(1000));
  expect(files.previewBytes(ada)).toEqual({ user: 10, tenant: 17 });
  files.forget(ada);
  expect(files.previewBytes(ada)).toEqual({ user: 0, tenant: 7 });
});

it('holds what is only tried, in memory: bounded, counted for nobody, gone when it is forgotten', async () => {
  const cache = memoryCache();
  const files = createFiles(cache);
  const png = (n: number) => ({ type: 'image/png', bytes: Uint8Array.of(n) });
  files.hold(bob, 'bobs', png(0));
  for (let n = 0; n < 200; n++) files.hold(ada, `a${n}`, png(n));
  expect(await files.get(bob, 'bobs')).toEqual(png(0));
  expect(await files.get(ada, 'a199')).toEqual(png(199));
  await expect(files.get(ada, 'a0')).rejects.toMatchObject({ code: 'FILE_UNKNOWN' });
  await expect(files.get({ tenant: 'other', user: 'ada' }, 'a199')).rejects.toThrow();
  expect(files.previewBytes(ada)).toEqual({ user: 0, tenant: 0 });
  expect((await cache.usage()).cells.entries).toBe(0);
  files.forget(ada);
  await expect(files.get(ada, 'a199')).rejects.toMatchObject({ code: 'FILE_UNKNOWN' });
  files.forgetBefore('other', Date.now() + 1);
  expect(await files.get(bob, 'bobs')).toEqual(png(0));
  files.forgetBefore('guild', Date.now() + 1);
  await expect(files.get(bob, 'bobs')).rejects.toMatchObject({ code: 'FILE_UNKNOWN' });
});
