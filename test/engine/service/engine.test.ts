import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Cache } from '../../../src/cache/index.ts';
import type { Engine } from '../../../src/engine/client.ts';
import type { Owner } from '../../../src/engine/protocol.ts';
import { decodePng } from '../../../src/engine/render/index.ts';
import { engineContract } from '../../contracts/engine.ts';
import { analogyOf, engineFolder, eventsOf, open, openTiny, resultOf, stripes } from './world.ts';

// A model is opened several times, on a machine that may be busy.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const contract = engineFolder();
afterAll(contract.remove);
const picture = await stripes(123);
engineContract(
  'the engine itself',
  async () => (await openTiny(contract.folder)).engine,
  () => picture,
);

const owner: Owner = { tenant: 'guild', user: 'ada' };

describe('the engine on the embedded model', () => {
  const { folder, remove } = engineFolder();
  const worked: string[] = [];
  let engine: Engine;
  let cache: Cache;
  beforeAll(async () => {
    const hooks = { onWork: ({ label }: { label: string }) => void worked.push(label) };
    ({ engine, cache } = await open(folder, { previewSeconds: 0 }, hooks));
  });
  afterAll(async () => {
    await engine.close();
    remove();
  });

  it('makes an analogy: progress of each picture, previews, a grid, cells in B’s shape', async () => {
    const request = await analogyOf(engine, owner, 1);
    const { job } = await engine.submit(owner, 'first', request);
    const events = await eventsOf(engine, owner, job);
    const roles = events.flatMap((event) => (event.kind === 'progress' ? [event.role] : []));
    for (const role of ['A', "A'", 'B', undefined]) expect(roles).toContain(role);
    const previews = events.flatMap((event) =>
      event.kind === 'progress' ? (event.preview ?? []) : [],
    );
    const preview = await decodePng((await engine.file(owner, previews.at(-1) ?? '')).bytes);
    expect([preview.width, preview.height]).toEqual([128, 96]);
    const last = events.at(-1);
    if (last?.kind !== 'done') throw new Error(JSON.stringify(last));
    const { cells, grid, analogy, suggested } = last.result;
    expect(cells.map(({ lambda }) => lambda)).toEqual([0, 1]);
    expect(suggested).toEqual({ lambda: 1, guidance: 2 });
    for (const { file } of cells) {
      const { type, bytes } = await engine.file(owner, file);
      expect(type).toBe('image/png');
      const { width, height } = await decodePng(bytes);
      expect([width, height]).toEqual([128, 96]);
    }
    expect((await engine.file(owner, grid ?? '')).bytes.length).toBeGreaterThan(5000);
    expect((await engine.analogy(owner, { analogy })).owner).toBe('ada');
  });

  it('renders at other dials without inverting, and refuses what was never inverted', async () => {
    const { job } = await engine.submit(owner, 'base', await analogyOf(engine, owner, 1));
    const { analogy, b } = await resultOf(engine, owner, job);
    worked.length = 0;
    const dials = { lambda: [-1, 0.7], guidance: [1, 3] };
    const analogies = [{ analogy, weight: 1 }];
    const render = { kind: 'render' as const, analogies, b, dials };
    const again = await engine.submit(owner, 'again', { ...render, parent: job });
    const result = await resultOf(engine, owner, again.job);
    expect(result.cells).toHaveLength(4);
    expect(result.analogy).toBe(analogy);
    expect(worked.every((label) => label.startsWith('render'))).toBe(true);
    const sweep = { ...render, dials: { lambda: [0, 1], guidance: [2] } };
    for (const output of ['webp', 'gif'] as const) {
      const moving = await engine.submit(owner, output, { ...sweep, output });
      const { animation, grid } = await resultOf(engine, owner, moving.job);
      expect(grid).toBeUndefined();
      expect((await engine.file(owner, animation ?? '')).type).toBe(`image/${output}`);
    }
    const alone = await engine.submit(owner, 'alone', { ...render, output: 'cells' });
    expect((await resultOf(engine, owner, alone.job)).grid).toBeUndefined();
    const fresh = (await engine.putPicture(owner, await stripes(99))).picture;
    await expect(engine.submit(owner, 'no', { ...render, b: fresh })).rejects.toMatchObject({
      code: 'INVERSION_GONE',
    });
  });

  it('applies an analogy to a new picture: only that is inverted; sums and words count', async () => {
    const { job } = await engine.submit(owner, 'base', await analogyOf(engine, owner, 1));
    const { analogy } = await resultOf(engine, owner, job);
    const b = (await engine.putPicture(owner, await stripes(50))).picture;
    const dials = { lambda: [1], guidance: [2] };
    worked.length = 0;
    const one = await engine.submit(owner, 'apply', {
      kind: 'apply',
      analogies: [{ analogy, weight: 1 }],
      b,
      dials,
    });
    const first = await resultOf(engine, owner, one.job);
    expect(first.analogy).toBe(analogy);
    expect(new Set(worked)).toEqual(new Set(['tokens', 'noise', 'render 1']));
    const pixels = async (request: object) => {
      const analogies = [{ analogy, weight: 1 }];
      const base = { kind: 'render' as const, analogies, b, dials };
      const asked = await engine.submit(owner, JSON.stringify(request).replace(/[^\w]/g, '_'), {
        ...base,
        ...request,
      });
      const { cells } = await resultOf(engine, owner, asked.job);
      return Buffer.from((await engine.file(owner, cells[0]?.file ?? '')).bytes);
    };
    const plain = await pixels({});
    expect((await pixels({ text: 'hair' })).equals(plain)).toBe(false);
    const half = [
      { analogy, weight: 0.5 },
      { analogy, weight: 0.5 },
    ];
    expect((await pixels({ analogies: half })).equals(plain)).toBe(true);
    expect((await pixels({ analogies: [{ analogy, weight: -1 }] })).equals(plain)).toBe(false);
  });

  it('refuses at once what cannot be done', async () => {
    const request = await analogyOf(engine, owner, 1);
    const dials = { lambda: Array.from({ length: 100 }, (_, i) => i / 100), guidance: [1, 2] };
    const refused = (change: object) =>
      engine.submit(owner, `refused${JSON.stringify(change).length}`, {
        ...request,
        ...change,
      } as never);
    await expect(refused({ dials })).rejects.toMatchObject({ code: 'CELLS_TOO_MANY' });
    await expect(refused({ b: 'p0' })).rejects.toMatchObject({ code: 'FILE_UNKNOWN' });
    const apply = { kind: 'apply', pairs: undefined, analogies: [{ analogy: 'e.x', weight: 1 }] };
    const { pairs: _, ...rest } = { ...request, ...apply } as Record<string, unknown>;
    await expect(engine.submit(owner, 'unknown', rest as never)).rejects.toMatchObject({
      code: 'ANALOGY_UNKNOWN',
    });
    await expect(engine.putPicture(owner, Uint8Array.of(1, 2, 3, 4))).rejects.toMatchObject({
      code: 'PICTURE_UNKNOWN',
    });
    const endless = (async function* () {
      for (;;) yield new Uint8Array(1e6);
    })();
    await expect(engine.putPicture(owner, endless)).rejects.toMatchObject({
      code: 'PICTURE_TOO_HEAVY',
    });
  });

  it('keeps nothing of what is only tried', async () => {
    const { job } = await engine.submit(owner, 'base', await analogyOf(engine, owner, 1));
    const { analogy, b } = await resultOf(engine, owner, job);
    const before = await cache.kept(owner.tenant, owner.user);
    const { job: tried } = await engine.submit(owner, 'tried', {
      kind: 'render',
      analogies: [{ analogy, weight: 1 }],
      b,
      dials: { lambda: [0.4], guidance: [2] },
      output: 'cells',
      transient: true,
    });
    const { cells } = await resultOf(engine, owner, tried);
    expect((await engine.file(owner, cells[0]?.file ?? '')).type).toBe('image/png');
    expect((await cache.kept(owner.tenant, owner.user)).user.bytes).toBe(before.user.bytes);
  });

  it('saves nothing of somebody who is forgotten while it is read', async () => {
    const cay: Owner = { tenant: 'guild', user: 'cay' };
    const { job } = await engine.submit(cay, 'base', await analogyOf(engine, cay, 3));
    const { analogy } = await resultOf(engine, cay, job);
    // Asked first, read and written when the other has begun.
    const saving = engine.saveAnalogy(cay, { analogy, name: 'Late' });
    const forgetting = engine.forget(cay);
    await expect(saving).rejects.toMatchObject({ code: 'ANALOGY_UNKNOWN' });
    await forgetting;
    expect(await engine.findAnalogies(owner, 'late')).toEqual([]);
  });

  it('averages several pairs', async () => {
    const one = await analogyOf(engine, owner, 1);
    const two = await analogyOf(engine, owner, 2);
    if (one.kind !== 'analogy' || two.kind !== 'analogy') throw new Error('unreachable');
    const pairs = [...one.pairs, ...two.pairs];
    const { job } = await engine.submit(owner, 'pairs', { ...one, pairs });
    const { cells } = await resultOf(engine, owner, job);
    expect(cells).toHaveLength(2);
  });
});
