import { afterAll, expect, it, vi } from 'vitest';
import type { Config } from '../../../config/index.ts';
import type { Engine } from '../../../src/engine/client.ts';
import type { Owner } from '../../../src/engine/protocol.ts';
import { openEngine } from '../../../src/engine/service/index.ts';
import { analogyOf, engineFolder, resultOf, settingsFor, stripes } from './world.ts';

// A model is opened several times, on a machine that may be busy.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const { folder, remove } = engineFolder();
afterAll(remove);
const tenant = 'guild';
const [ada, bob, cay] = ['ada', 'bob', 'cay'].map((user) => ({ tenant, user })) as [
  Owner,
  Owner,
  Owner,
];

/** An engine in which a user may keep so many MB, and a tenant so many. */
function narrow(user: number, all: number) {
  const config: Config = settingsFor(folder);
  const { jobs } = config;
  return openEngine({
    ...config,
    jobs: {
      ...jobs,
      user: { ...jobs.user, megabytes: user },
      tenant: { ...jobs.tenant, megabytes: all },
    },
  });
}

/** Puts pictures until one is refused. @returns how many were taken, and the refusal */
async function fill(engine: Engine, owner: Owner, first: number) {
  for (let count = 0; ; count++) {
    const put = engine.putPicture(owner, await stripes(first + count));
    const refused = await put.then(
      () => undefined,
      (error: { code: string; details: Record<string, unknown> }) => error,
    );
    if (refused) return { count, refused };
    if (count > 120) throw new Error('nothing is refused');
  }
}

it('keeps no more of a user than it may, so that others’ stays', async () => {
  let { engine, cache } = await narrow(4, 100);
  const bobs = (await engine.putPicture(bob, await stripes(900))).picture;
  const asked = await analogyOf(engine, ada, 1);
  const { job } = await engine.submit(ada, 'first', asked);
  const pictures = (await cache.kept(tenant, 'ada')).user.bytes;
  const { analogy } = await resultOf(engine, ada, job);
  const file = await engine.exportAnalogy(ada, analogy);
  // What was found and drawn is kept, and counts.
  expect((await cache.kept(tenant, 'ada')).user.bytes).toBeGreaterThan(pictures + 10_000);

  const { count, refused } = await fill(engine, ada, 1000);
  expect(count).toBeGreaterThan(3);
  expect(refused).toMatchObject({ code: 'LIMIT_BYTES', details: { whose: 'user', limit: 4 } });
  const { retrySeconds } = refused.details;
  expect(retrySeconds).toBeGreaterThan(6 * 86_400);
  expect(retrySeconds).toBeLessThanOrEqual(7 * 86_400);
  expect((await cache.kept(tenant, 'ada')).user.bytes).toBeLessThanOrEqual(4e6);
  // The same again takes no room.
  await engine.putPicture(ada, await stripes(1000));
  const imports = async () => {
    for (let n = 0; n < 100; n++) await engine.importAnalogy(ada, file);
  };
  await expect(imports()).rejects.toMatchObject({ code: 'LIMIT_BYTES' });
  const again = { ...asked, dials: { lambda: [0, 0.5, 1, 1.5, 2], guidance: [2, 3] } };
  await expect(engine.submit(ada, 'again', again)).rejects.toMatchObject({ code: 'LIMIT_BYTES' });
  // Others are not held back, and have what they had.
  await engine.putPicture(bob, await stripes(901));
  expect((await engine.file(bob, bobs)).type).toBe('image/png');
  const { user } = await cache.kept(tenant, 'ada');
  await engine.close();

  // Known after a restart; previews, which counted too, are gone.
  ({ engine, cache } = await narrow(4, 100));
  expect((await cache.kept(tenant, 'ada')).user.bytes).toBe(user.bytes);
  expect((await fill(engine, ada, 2000)).refused).toMatchObject({ code: 'LIMIT_BYTES' });
  expect((await cache.kept(tenant, 'ada')).user.bytes).toBeGreaterThan(3.8e6);
  await engine.forget(ada);
  expect((await cache.kept(tenant, 'ada')).user.bytes).toBe(0);
  await engine.putPicture(ada, await stripes(3000));
  await engine.close();
});

it('keeps no more of a tenant than it may, whoever it is of', async () => {
  const { engine, cache } = await narrow(100, 1.2);
  for (const owner of [ada, bob]) await engine.forget(owner);
  for (let n = 0; n < 10; n++) await engine.putPicture(bob, await stripes(3000 + n));
  // Several at once: of those for which there is room, each for itself, not all are taken.
  const many = await Promise.all(Array.from({ length: 20 }, (_, n) => stripes(4000 + n)));
  const puts = await Promise.allSettled(many.map((bytes) => engine.putPicture(cay, bytes)));
  const refused = puts.flatMap((put) => (put.status === 'rejected' ? [put.reason] : []));
  expect(refused.length).toBeGreaterThan(3);
  expect(refused.length).toBeLessThan(20);
  for (const error of refused) {
    expect(error).toMatchObject({ code: 'LIMIT_BYTES', details: { whose: 'tenant', limit: 1.2 } });
  }
  expect((await cache.kept(tenant, 'cay')).tenant.bytes).toBeLessThanOrEqual(1.2e6);
  await engine.putPicture({ tenant: 'other', user: 'cay' }, await stripes(4000));
  await engine.close();
});
