import { drawOf, goodFiles, type Hostile, latin, noiseOf } from './made.ts';

const heads = ['\xff\xd8\xff\xe0', '\x89PNG\r\n\x1a\n', 'GIF89a', 'RIFF\x40\0\0\0WEBPVP8 '];

/** Good files cut short, changed, shuffled; noise. */
export async function* damaged(): AsyncGenerator<Hostile> {
  const either = (name: string, bytes: Uint8Array): Hostile => ({ outcome: 'either', name, bytes });
  for (const [good, bytes] of await goodFiles()) {
    const file = (what: string, number: number, made: Uint8Array) =>
      either(`${what}/${number}-${good}`, made);
    for (let i = 1; i <= 32; i++) yield file('cut', i, bytes.subarray(0, i));
    for (let i = 1; i <= 48; i++) {
      const length = Math.floor((bytes.length * i) / 49);
      if (length > 32) yield file('cut', length, bytes.subarray(0, length));
    }
    for (let i = 0; i < 60; i++) {
      const changed = Buffer.from(bytes);
      // Headers are at the front: half of the changes go there.
      const reach = i % 2 === 0 ? Math.min(200, bytes.length) : bytes.length;
      changed[drawOf(`${good} place ${i}`, reach)] = drawOf(`${good} value ${i}`, 256);
      yield file('changed', i, changed);
    }
    for (let i = 0; i < 30; i++) {
      const changed = Buffer.from(bytes);
      changed.set(noiseOf(`${good} ${i}`, 16), drawOf(`${good} span ${i}`, bytes.length - 16));
      yield file('smeared', i, changed);
    }
    for (let i = 0; i < 10; i++) {
      const [a, b] = [
        drawOf(`${good} a ${i}`, bytes.length),
        drawOf(`${good} b ${i}`, bytes.length),
      ];
      const [from, to] = [Math.min(a, b), Math.max(a, b)];
      yield file('without', i, Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]));
      yield file('twice', i, Buffer.concat([bytes.subarray(0, to), bytes.subarray(from)]));
    }
  }
  for (const [i, head] of heads.entries()) {
    for (const length of [0, 10, 100, 1000, 100_000]) {
      const bytes = Buffer.concat([latin(head), noiseOf(head, length)]);
      yield either(`head/${i}-${length}.bin`, bytes);
    }
  }
  for (let i = 0; i < 40; i++) yield either(`noise/${i}.bin`, noiseOf(`noise ${i}`, 1 + i * 100));
}
