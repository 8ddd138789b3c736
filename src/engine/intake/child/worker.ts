/**
 * The program of the child: pictures come in on file descriptor 3, one at a time, pixels or a
 * refusal go back. It knows nothing but what it is handed: no environment, no names, no files.
 */
import { Socket } from 'node:net';
import sharp from 'sharp';
import { isLikewiseError } from '../../../errors.ts';
import { decode } from '../decode.ts';
import { type Frame, frameOf, frameReader } from './frames.ts';
import { type Answer, isRefusalCode, messageLength, type Order } from './wire.ts';

sharp.cache(false);
sharp.concurrency(1);
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: ['Jpeg', 'Png', 'Webp', 'Nsgif'].map((format) => `VipsForeignLoad${format}Buffer`),
});

const parent = new Socket({ fd: 3 });

function answer(header: Answer, body?: Uint8Array): void {
  for (const part of frameOf(header, body)) parent.write(part);
}

async function work({ header, body }: Frame): Promise<void> {
  const order = header as Order;
  try {
    const { rgb, ...picture } = await decode({ ...order, bytes: body, picture: '' });
    answer({ kind: 'decoded', ...picture }, rgb);
  } catch (error) {
    // Anything else is a fault of the program: the child ends, and the parent says so.
    if (!isLikewiseError(error) || !isRefusalCode(error.code)) throw error;
    const { code, details } = error;
    const said = error.cause instanceof Error ? error.cause.message : '';
    const cause = said.slice(0, messageLength);
    answer({ kind: 'refused', code, details, cause });
  }
}

// The parent is trusted, and has looked at the length.
const unlimited = () => ({ header: Infinity, body: Infinity });
parent.on(
  'data',
  frameReader(unlimited, (frame) => void work(frame)),
);
// Without a parent there is nobody to decode for. Another way of ending would wait for the decoder.
parent.on('close', () => process.kill(process.pid, 'SIGKILL'));
answer({ kind: 'ready' });
