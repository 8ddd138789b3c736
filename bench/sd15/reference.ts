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
  readonly device: 'cpu' | 'cuda' | 'mps';
  readonly half: boolean;
  /** Whether it is measured with factors rounded to TF32, which our side is, too. */
  readonly tf32: boolean;
  /** Set once they were compared. */
  layouts?: Layouts;
  description(): string;
}

/**
 * @param tf32 whether our side rounds to TF32 on CUDA; where there is no such side, PyTorch may
 * @returns undefined, and a line for people, where there is no PyTorch
 * @throws LikewiseError `USAGE` where PyTorch has not the device that was asked for
 */
export function startReference(
  { python, device: wanted }: Pick<Sd15Arguments, 'python' | 'device'>,
  { provider, precision, tf32 }: Pick<Prepared, 'provider' | 'precision'> & { tf32: boolean },
  say: (line: string) => void,
): Reference | undefined {
  const absent = whyAbsent(python);
  if (absent) {
    say(`PyTorch is skipped: ${absent}.`);
    return undefined;
  }
  const { torch, has } = devicesOf(python);
  if ((wanted === 'cuda' || wanted === 'mps') && !has[wanted]) {
    throw wrong(`--device ${wanted}: PyTorch ${torch} of ${python} sees no such GPU`);
  }
  const device = wanted === 'auto' ? beside(provider, has) : wanted;
  // On a processor, halves are slower in PyTorch: there it is at its best in float32.
  const half = device !== 'cpu' && precision === 'float16';
  if (device === 'cpu' && provider !== 'cpu' && wanted === 'auto') {
    say(
      `PyTorch ${torch} of ${python} sees no GPU that goes with ${provider}: its figures will be the ` +
        "processor's. For a fair comparison, name an interpreter whose torch does, with --python.",
    );
  }
  return {
    torch,
    device,
    half,
    tf32: tf32 && device === 'cuda' && !half,
    description() {
      const { gpu, channelsLast, attentions } = this.layouts ?? {};
      const layout = `channels ${channelsLast ? 'last' : 'first'}`;
      const attention = `scaled_dot_product_attention (${attentions ?? 0} calls)`;
      const where = gpu ? `${device} (${gpu})` : device;
      const arithmetic = half ? 'float16' : this.tf32 ? 'float32 rounded to TF32' : 'float32';
      return `${torch}, on ${where}, ${arithmetic}, eager, ${attention}, ${layout}`;
    },
  };
}

type Devices = Readonly<Record<'cuda' | 'mps', boolean>>;

function devicesOf(python: string): { torch: string; has: Devices } {
  const script =
    "import torch; mps = getattr(torch.backends, 'mps', None); " +
    'print(torch.__version__, torch.cuda.is_available(), bool(mps and mps.is_available()))';
  const { stdout } = spawnSync(python, ['-c', script], { encoding: 'utf8' });
  const [torch = '', cuda, mps] = (stdout.trim().split('\n').at(-1) ?? '').split(' ');
  return { torch, has: { cuda: cuda === 'True', mps: mps === 'True' } };
}

/** PyTorch's way to the GPU that we compute on; Apple's is reached by Metal. */
function beside(provider: Prepared['provider'], has: Devices): Reference['device'] {
  if (provider === 'cpu') return 'cpu';
  if (has.cuda && provider !== 'coreml') return 'cuda';
  return has.mps && (provider === 'webgpu' || provider === 'coreml') ? 'mps' : 'cpu';
}
