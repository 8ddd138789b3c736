/** PyTorch as this bench uses it: where it computes, and in what. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { wrong } from '../common/arguments.ts';
import { whyAbsent } from '../speed/reference.ts';
import type { Sd15Arguments } from './arguments.ts';
import type { Layouts, Prepared } from './orders.ts';

export const referenceScript = fileURLToPath(new URL('../reference/sd15.py', import.meta.url));

export interface Reference {
  readonly torch: string;
  readonly device: 'cpu' | 'cuda';
  readonly half: boolean;
  /** Set once they were compared. */
  layouts?: Layouts;
  description(): string;
}

/**
 * @returns undefined, and a line for people, where there is no PyTorch
 * @throws LikewiseError `USAGE` where PyTorch has not the device that was asked for
 */
export function startReference(
  { python, device: wanted }: Pick<Sd15Arguments, 'python' | 'device'>,
  { provider, precision }: Pick<Prepared, 'provider' | 'precision'>,
  say: (line: string) => void,
): Reference | undefined {
  const absent = whyAbsent(python);
  if (absent) {
    say(`PyTorch is skipped: ${absent}.`);
    return undefined;
  }
  const script = 'import torch; print(torch.__version__, torch.cuda.is_available())';
  const { stdout } = spawnSync(python, ['-c', script], { encoding: 'utf8' });
  const [torch = '', cuda] = stdout.trim().split(' ');
  if (wanted === 'cuda' && cuda !== 'True') {
    throw wrong(`--device cuda: PyTorch ${torch} of ${python} sees no such GPU`);
  }
  const onGpu = cuda === 'True' && (wanted === 'cuda' || (wanted === 'auto' && provider !== 'cpu'));
  const device = onGpu ? 'cuda' : 'cpu';
  // On a processor, halves are slower in PyTorch: there it is at its best in float32.
  const half = onGpu && precision === 'float16';
  return {
    torch,
    device,
    half,
    description() {
      const { gpu, channelsLast, attentions } = this.layouts ?? {};
      const layout = `channels ${channelsLast ? 'last' : 'first'}`;
      const attention = `scaled_dot_product_attention (${attentions ?? 0} calls)`;
      const where = gpu ? `${device} (${gpu})` : device;
      return `${torch}, ${where}, ${half ? 'float16' : 'float32'}, eager, ${attention}, ${layout}`;
    },
  };
}
