import { readFileSync } from 'node:fs';

/** Most resident memory that this process has had, bytes. */
export function peakBytes(): number {
  try {
    const line = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'));
    if (line) return Number(line[1]) * 1024;
  } catch {} // another system than Linux
  return process.resourceUsage().maxRSS * 1024;
}
