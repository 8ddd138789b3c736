/**
 * A child that does what the picture says: its bytes are the PNG signature and a word. It shows what
 * becomes of a child that a picture has taken over, which no picture known to us can do to sharp.
 */
import { Socket } from 'node:net';
import { frameOf, frameReader } from '../../../../src/engine/intake/child/frames.ts';

const parent = new Socket({ fd: 3 });
const say = (header: unknown, body?: Uint8Array) => {
  for (const part of frameOf(header, body)) parent.write(part);
};
const origin = { format: 'png', width: 2, height: 1, notes: [] as string[] };
const decoded = { kind: 'decoded', width: 2, height: 1, origin };
let poisoned = false;

const acts: Record<string, () => void> = {
  good: () => (poisoned ? process.abort() : say(decoded, Buffer.from([1, 2, 3, 4, 5, 6]))),
  crash: () => process.kill(process.pid, 'SIGSEGV'),
  abort: () => process.abort(),
  leave: () => process.exit(0),
  throw: () => {
    throw new Error('a fault');
  },
  stall: () => {
    for (;;) Math.random();
  },
  bloat: () => {
    const held: Uint8Array[] = [];
    setInterval(() => held.push(new Uint8Array(8e6).fill(1)), 1);
  },
  poison: () => {
    poisoned = true;
    say(decoded, new Uint8Array(6));
  },
  'too many pixels': () => say(decoded, new Uint8Array(65 * 64 * 3)),
  'too few pixels': () => say(decoded, new Uint8Array(5)),
  'too large a picture': () => say({ ...decoded, width: 65 }, new Uint8Array(65 * 3)),
  'a strange note': () => say({ ...decoded, origin: { ...origin, notes: ['<script>'] } }),
  'another code': () => say({ kind: 'refused', code: 'CONFIG_INVALID', details: {}, cause: '' }),
  'a long detail': () => {
    const details = { format: 'x'.repeat(5000) };
    say({ kind: 'refused', code: 'PICTURE_BROKEN', details, cause: '' });
  },
  'no JSON': () => parent.write(Buffer.from([0, 0, 0, 1, 0, 0, 0, 0, 0x7b])),
  'an endless frame': () => parent.write(Buffer.alloc(100, 0xff)),
  'ready twice': () => say({ kind: 'ready' }),
};

const unlimited = () => ({ header: Number.MAX_VALUE, body: Number.MAX_VALUE });
parent.on(
  'data',
  frameReader(unlimited, ({ body }) => acts[Buffer.from(body.subarray(8)).toString()]?.()),
);
parent.on('close', () => process.kill(process.pid, 'SIGKILL'));
say({ kind: 'ready' });
