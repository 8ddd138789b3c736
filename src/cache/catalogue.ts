import type { Keyv } from 'keyv';

/** What is known of a record besides its bytes. */
export interface Row {
  readonly key: string;
  /** Users of the key's tenant who asked for it. */
  readonly owners: readonly string[];
  /** Length of the value. */
  readonly bytes: number;
  /** When it was stored, and last asked for; milliseconds since 1970. */
  readonly created: number;
  readonly used: number;
}

/**
 * The rows of all records, by the id of each: small, so that whoever looks for the old, the unused or
 * somebody's does not read the values. Nothing here expires by itself.
 */
export interface Catalogue {
  get(id: string): Promise<Row | undefined>;
  set(id: string, row: Row): Promise<void>;
  delete(id: string): Promise<void>;
  /** All rows by id. A row that cannot be read is left out and deleted. */
  scan(): Promise<Map<string, Row>>;
}

export function catalogueOn(keyv: Keyv<string>): Catalogue {
  return {
    async get(id) {
      const text = await keyv.get<string>(id);
      return text === undefined ? undefined : readRow(text);
    },
    async set(id, row) {
      await keyv.set(id, JSON.stringify(row));
    },
    async delete(id) {
      await keyv.delete(id);
    },
    async scan() {
      const rows = new Map<string, Row>();
      const unreadable: string[] = [];
      for await (const [id, text] of entriesOf(keyv)) {
        const row = readRow(text);
        if (row) rows.set(id, row);
        else unreadable.push(id);
      }
      for (const id of unreadable) await keyv.delete(id);
      return rows;
    },
  };
}

/**
 * Keyv's own iterator fails where an entry goes between its being listed and its being read, as may
 * happen where several processes share a store; this one passes over it.
 */
async function* entriesOf(keyv: Keyv<string>): AsyncGenerator<[id: string, text: string]> {
  const { store, namespace } = keyv;
  const raw: AsyncIterable<[string, unknown]> | Iterable<[string, unknown]> =
    store instanceof Map ? [...store] : store.iterator(namespace);
  for await (const [id, stored] of raw) {
    const data = typeof stored === 'string' ? await keyv.deserializeData<string>(stored) : stored;
    const text = (data as { value?: unknown } | undefined)?.value;
    if (typeof text === 'string') yield [id, text];
  }
}

function readRow(text: string): Row | undefined {
  try {
    const row = JSON.parse(text) as Row;
    const numbers = [row.bytes, row.created, row.used];
    const whole =
      typeof row.key === 'string' && Array.isArray(row.owners) && numbers.every(Number.isFinite);
    return whole ? row : undefined;
  } catch {
    return undefined;
  }
}
