/** Memory that a process takes of an NVIDIA GPU, as nvidia-smi tells it now and then. */
import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const everyMs = 250;

export interface GpuWatch {
  /** Which process to look at. */
  follow(pid: number | undefined): void;
  /** @returns the most bytes that were seen; undefined where nvidia-smi is not there */
  stop(): Promise<number | undefined>;
}

/**
 * Where nvidia-smi does not know the process (it does not in a container, nor what computes through
 * Vulkan), what the cards hold beyond what they held before counts.
 */
export async function watchGpu(): Promise<GpuWatch> {
  const before = await used();
  let most: number | undefined;
  let own: string | undefined;
  let over = false;
  const look = async () => {
    while (!over && before !== undefined) {
      const [all, mine] = [await used(), own && (await ofProcess(own))];
      const seen = mine || (all === undefined ? undefined : all - before);
      if (seen !== undefined && own) most = Math.max(most ?? 0, seen);
      await sleep(everyMs);
    }
  };
  const looking = look();
  return {
    follow(pid) {
      own = pid === undefined ? undefined : String(pid);
    },
    async stop() {
      over = true;
      await looking;
      return most;
    },
  };
}

/** Bytes that all cards hold. */
async function used(): Promise<number | undefined> {
  const rows = await query('--query-gpu=memory.used');
  return rows?.reduce((sum, [megabytes]) => sum + Number(megabytes) * 2 ** 20, 0);
}

async function ofProcess(pid: string): Promise<number | undefined> {
  const rows = await query('--query-compute-apps=pid,used_memory');
  const mine = rows?.filter(([id]) => id === pid) ?? [];
  const bytes = mine.reduce((sum, [, megabytes]) => sum + Number(megabytes) * 2 ** 20, 0);
  return bytes > 0 ? bytes : undefined;
}

async function query(what: string): Promise<string[][] | undefined> {
  try {
    const { stdout } = await run('nvidia-smi', [what, '--format=csv,noheader,nounits']);
    const lines = stdout.trim().split('\n').filter(Boolean);
    return lines.map((line) => line.split(',').map((cell) => cell.trim()));
  } catch {
    return undefined;
  }
}
