import { afterEach, describe, expect, it } from 'vitest';
import {
  type ChildDecoder,
  type ChildSettings,
  openDecoder,
} from '../../../../src/engine/intake/index.ts';
import { LikewiseError } from '../../../../src/errors.ts';
import { limits } from '../samples.ts';

const program = new URL('./child.stub.ts', import.meta.url);
const open: ChildDecoder[] = [];
afterEach(async () => {
  for (const decoder of open.splice(0)) await decoder.close();
});

async function stub(settings: Partial<ChildSettings> = {}) {
  const all = { megabytes: 512, seconds: 20, pictures: 100, waiting: 10, program, ...settings };
  const decoder = await openDecoder(all);
  open.push(decoder);
  const read = (word: string, signal?: AbortSignal) =>
    decoder.decode({
      bytes: Buffer.from(`\x89PNG\r\n\x1a\n${word}`, 'latin1'),
      picture: 'B',
      fit: { width: 64, height: 64 },
      limits,
      ...(signal && { signal }),
    });
  const refusal = async (word: string, signal?: AbortSignal): Promise<LikewiseError> => {
    const error = await read(word, signal).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(LikewiseError);
    return error as LikewiseError;
  };
  return { decoder, read, refusal };
}

const lies = [
  'too many pixels',
  'too few pixels',
  'too large a picture',
  'a strange note',
  'another code',
  'a long detail',
  'no JSON',
  'an endless frame',
  'ready twice',
];

describe('a picture that makes the child', () => {
  it('crash is refused, and nobody else', async () => {
    const { decoder, read, refusal } = await stub();
    for (const word of ['crash', 'abort', 'leave', 'throw']) {
      const before = decoder.statistics();
      const all = await Promise.allSettled([read('good'), refusal(word), read('good')]);
      expect(all[0]).toMatchObject({ value: { width: 2, height: 1 } });
      expect(all[1]).toMatchObject({ value: { code: 'PICTURE_CRASHED' } });
      expect(all[2]).toMatchObject({ value: { rgb: Uint8Array.of(1, 2, 3, 4, 5, 6) } });
      // Once beside the one before it, once alone.
      const { crashed, started } = decoder.statistics();
      expect([crashed - before.crashed, started - before.started]).toEqual([2, 2]);
    }
    expect(decoder.statistics()).toMatchObject({ slow: 0, memory: 0 });
  });

  it('stall is refused after the seconds it had', async () => {
    const { decoder, read, refusal } = await stub({ seconds: 0.3 });
    expect((await refusal('stall')).message).toMatch(/^B takes more than 0\.3 s to read\./);
    expect(decoder.statistics()).toMatchObject({ slow: 1, crashed: 0 });
    expect(await read('good')).toMatchObject({ width: 2 });
  });

  it.skipIf(process.platform !== 'linux')('bloat is refused, and was stopped in time', async () => {
    const { decoder, read, refusal } = await stub({ megabytes: 200 });
    expect((await refusal('bloat')).code).toBe('PICTURE_MEMORY');
    expect(decoder.statistics()).toMatchObject({ memory: 1, crashed: 0 });
    const peak = (decoder.statistics().peakBytes ?? 0) / 1e6;
    expect(peak).toBeGreaterThan(200);
    // The wall behind the watch is at megabytes + 1024.
    expect(peak).toBeLessThan(1224);
    expect(await read('good')).toMatchObject({ width: 2 });
  });

  it('say what was not asked is refused, and the child ended', async () => {
    const { decoder, read, refusal } = await stub();
    for (const word of lies) {
      const { pid } = decoder.statistics();
      expect(await refusal(word), word).toMatchObject({ code: 'PICTURE_CRASHED' });
      expect(await read('good')).toMatchObject({ width: 2 });
      expect(decoder.statistics().pid).not.toBe(pid);
    }
  });

  it('fail at the next picture does no harm to the next', async () => {
    const { decoder, read } = await stub();
    await read('poison');
    expect(await read('good')).toMatchObject({ width: 2 });
    expect(decoder.statistics()).toMatchObject({ crashed: 1, started: 2 });
  });
});

it('a child that does not start is told at once', async () => {
  const settings = { megabytes: 512, seconds: 1, pictures: 1, waiting: 1 };
  const missing = new URL('./none.ts', import.meta.url);
  const error = await openDecoder({ ...settings, program: missing }).catch((e: unknown) => e);
  expect(error).toMatchObject({ code: 'INTAKE_UNUSABLE' });
  expect((error as Error).message).toMatch(/did not start \(status 1/);
});

describe('a queue', () => {
  it('takes so many and no more, and none after its end', async () => {
    const { decoder, read, refusal } = await stub({ waiting: 1 });
    const running = read('stall').catch((reason: unknown) => reason);
    const waiting = read('good').catch((reason: unknown) => reason);
    expect((await refusal('good')).message).toMatch(/^Too many pictures wait to be read: 1\. Try/);
    await decoder.close();
    expect(await running).toMatchObject({ message: 'the decoder is closed' });
    expect(await waiting).toMatchObject({ message: 'the decoder is closed' });
    await expect(read('good')).rejects.toThrow('the decoder is closed');
    await decoder.close();
  });

  it('lets go of whoever leaves, at work and waiting', async () => {
    const { decoder, read } = await stub();
    const [atWork, inLine] = [new AbortController(), new AbortController()];
    const running = read('stall', atWork.signal).catch((reason: unknown) => reason);
    const waiting = read('stall', inLine.signal).catch((reason: unknown) => reason);
    const last = read('good');
    inLine.abort('from the line');
    expect(await waiting).toBe('from the line');
    atWork.abort('from work');
    expect(await running).toBe('from work');
    expect(await last).toMatchObject({ width: 2 });
    expect(decoder.statistics()).toMatchObject({ slow: 0, crashed: 0, memory: 0 });
  });
});
