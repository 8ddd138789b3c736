/** Whether a disk had no room, by SQLite's word for it (13, FULL) or the system's. */
export function isFull(error: unknown): boolean {
  for (let one = error; one instanceof Error; one = one.cause) {
    const { errcode, code } = one as { errcode?: unknown; code?: unknown };
    if (code === 'ENOSPC' || (typeof errcode === 'number' && (errcode & 0xff) === 13)) return true;
  }
  return false;
}
