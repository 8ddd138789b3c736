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
 * MB (10^6 bytes) that the GPU has in all, used or not, as NVIDIA's `nvidia-smi` tells; of several GPUs the
 * one that has the least, since the tool does not count them as the runtime does. undefined: it is not
 * there, or tells nothing.
 * @param tools paths of the tool, the first that exists is asked
 */
export function gpuMegabytes(tools: readonly string[] = places): number | undefined {
  const tool = tools.find((path) => existsSync(path));
  if (tool === undefined) return undefined;
  const args = ['--query-gpu=memory.total', '--format=csv,noheader,nounits'];
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
  // "[N/A]" is what it says of those that share the machine's memory.
  const all = said.split('\n').map((line) => Number(line.trim() || Number.NaN));
  const known = all.filter((mebibytes) => mebibytes > 0);
  if (known.length === 0) return undefined;
  return Math.floor((Math.min(...known) * bytesPerMebibyte) / 1e6);
}
