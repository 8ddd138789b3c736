import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const everyMs = 250;
/** After which an answer is given up: a driver that has no daemon is slow, one that hangs does not end. */
const patienceMs = 20_000;

/** The memory that a process takes of an NVIDIA GPU, as nvidia-smi tells of it. */
export interface GpuWatch extends AsyncDisposable {
  /** Which process to look at. */
  follow(pid: number | undefined): void;
  /** Forgets what was seen: what counts begins now. */
  reset(): void;
  /** Looks once more; what comes after does not count. */
  freeze(): Promise<void>;
  /** @returns the most bytes that were seen; undefined where nvidia-smi is not there */
  stop(): Promise<number | undefined>;
}

/**
 * Where nvidia-smi does not know the process (it does not in a container, nor what computes through
 * Vulkan), what a card holds beyond what it held before counts, of the card that got most: a process
 * computes on one.
 */
export async function watchGpu(): Promise<GpuWatch> {
  const before = await used();
  let most: number | undefined;
  let own: string | undefined;
  let over = before === undefined;
  let frozen = false;
  /** What is asked before a reset or a freeze may be answered after it, and does not count then. */
  let span = 0;
  const look = async () => {
    if (frozen || own === undefined || before === undefined) return;
    const asked = span;
    const [cards, mine] = [await used(), await ofProcess(own)];
    const more = cards?.map((bytes, i) => bytes - (before[i] ?? Number.NaN)) ?? [];
    const seen = mine ?? Math.max(...more.filter(Number.isFinite));
    if (Number.isFinite(seen) && asked === span) most = Math.max(most ?? 0, seen);
  };
  const looking = (async () => {
    while (!over) {
      await look();
      await sleep(everyMs);
    }
  })();
  const stop = async () => {
    over = true;
    await looking;
    return most;
  };
  return {
    follow(pid) {
      own = pid === undefined ? undefined : String(pid);
    },
    reset() {
      span++;
      most = undefined;
      frozen = false;
    },
    async freeze() {
      await look();
      span++;
      frozen = true;
    },
    stop,
    [Symbol.asyncDispose]: async () => void (await stop()),
  };
}

/** Name and memory of the card that programs take first; undefined where nvidia-smi is not there. */
export async function firstCard(
  visible: string | undefined,
): Promise<{ readonly name: string; readonly megabytes: number } | undefined> {
  const [first = ''] = (visible ?? '').split(',');
  const rows = await query('--query-gpu=name,memory.total', '-i', first.trim() || '0');
  const [name, mebibytes] = rows?.[0] ?? [];
  if (!name || !mebibytes) return undefined;
  return { name, megabytes: Math.round((Number(mebibytes) * 2 ** 20) / 1e6) };
}

/** Bytes that each card holds; no number where the driver does not tell, as of a card in parts (MIG). */
async function used(): Promise<number[] | undefined> {
  const rows = await query('--query-gpu=memory.used');
  if (!rows?.length) return undefined;
  return rows.map(([mebibytes]) => Number(mebibytes) * 2 ** 20);
}

async function ofProcess(pid: string): Promise<number | undefined> {
  const rows = await query('--query-compute-apps=pid,used_memory');
  const mine = rows?.filter(([id]) => id === pid) ?? [];
  // Where the driver keeps no accounts, there is "[N/A]".
  const bytes = mine.reduce((sum, [, mebibytes]) => sum + Number(mebibytes) * 2 ** 20, 0);
  return bytes > 0 ? bytes : undefined;
}

async function query(...what: string[]): Promise<string[][] | undefined> {
  try {
    const args = [...what, '--format=csv,noheader,nounits'];
    const { stdout } = await run('nvidia-smi', args, { timeout: patienceMs });
    const lines = stdout.trim().split('\n').filter(Boolean);
    return lines.map((line) => line.split(',').map((cell) => cell.trim()));
  } catch {
    return undefined;
  }
}
