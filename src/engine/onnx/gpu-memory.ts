import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Where NVIDIA's driver puts its tool; a thread of the engine has no PATH to look through. */
const places = [
  '/usr/bin/nvidia-smi',
  '/usr/local/bin/nvidia-smi',
  '/usr/lib/wsl/lib/nvidia-smi',
  'C:\\Windows\\System32\\nvidia-smi.exe',
];
const patienceMs = 10_000;
const bytesPerMebibyte = 2 ** 20;

/**
 * MB (10^6 bytes) that the GPU has in all, used or not, as NVIDIA's `nvidia-smi` tells. undefined: it is not
 * there, or does not tell: of several GPUs that differ, which the tool does not count as the runtime does; of
 * one that is divided (MIG), whose parts it does not count.
 * @param tools paths of the tool, the first that exists is asked
 */
export function gpuMegabytes(tools: readonly string[] = places): number | undefined {
  const tool = tools.find((path) => existsSync(path));
  if (tool === undefined) return undefined;
  const args = ['--query-gpu=memory.total,mig.mode.current', '--format=csv,noheader,nounits'];
  let said: string;
  try {
    said = execFileSync(tool, args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: patienceMs,
      windowsHide: true,
    });
  } catch {
    // No driver answers it: then there is none to compute on, and the provider's own trial says so.
    return undefined;
  }
  const gpus = said.split('\n').filter((line) => line.trim() !== '');
  const [mebibytes, ...others] = gpus.map((line) => {
    const [total = '', mig = ''] = line.split(',').map((part) => part.trim());
    // "[N/A]" is what it says of those that share the machine's memory.
    return mig === 'Enabled' ? Number.NaN : Number(total);
  });
  if (!mebibytes || others.some((other) => other !== mebibytes)) return undefined;
  return Math.floor((mebibytes * bytesPerMebibyte) / 1e6);
}
