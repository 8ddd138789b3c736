import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { vi } from 'vitest';

/** Stands in for nvidia-smi: says what is in the files beside it. */
const program = `#!/bin/sh
here=$(dirname "$0")
case "$1" in
  --query-gpu=memory.used) cat "$here/cards" ;;
  --query-gpu=name,memory.total) [ "$2 $3" = "-i 1" ] && echo "NVIDIA H100 80GB HBM3, 81559" ;;
  --query-compute-apps=pid,used_memory) cat "$here/apps" ;;
  *) exit 1 ;;
esac
`;

export interface NvidiaSmi {
  /** What it says of processes: lines of an id and MiB. */
  readonly appsFile: string;
  apps(text: string): void;
  /** MiB that each card holds. */
  cards(...mebibytes: (number | string)[]): void;
  /** Takes it away, and every other program with it. */
  remove(): void;
  close(): void;
}

/** A folder with the stand-in, the first of PATH until `vi.unstubAllEnvs` and `close`. */
export function standInNvidiaSmi(): NvidiaSmi {
  const dir = mkdtempSync(join(tmpdir(), 'likewise-nvidia-smi-'));
  const appsFile = join(dir, 'apps');
  const write = (name: string, text: string) => writeFileSync(join(dir, name), text);
  write('nvidia-smi', program);
  chmodSync(join(dir, 'nvidia-smi'), 0o755);
  vi.stubEnv('PATH', `${dir}${delimiter}${process.env.PATH}`);
  const smi: NvidiaSmi = {
    appsFile,
    apps: (text) => write('apps', text),
    cards: (...mebibytes) => write('cards', mebibytes.map((each) => `${each}\n`).join('')),
    remove() {
      rmSync(join(dir, 'nvidia-smi'));
      vi.stubEnv('PATH', dir);
    },
    close: () => rmSync(dir, { recursive: true }),
  };
  smi.apps('');
  smi.cards(1000, 2000);
  return smi;
}
