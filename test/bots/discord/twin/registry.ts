import { type Answer, refuse } from './answers.ts';
import { snowflake } from './ids.ts';
import type { JsonObject } from './shapes.ts';

/** Leaves out what Discord leaves out of its answers: switches that are off, and empty lists. */
function stored(options: unknown): unknown {
  if (!Array.isArray(options)) return undefined;
  return options.map((given) => {
    const option = { ...(given as JsonObject) };
    for (const key of ['required', 'autocomplete']) if (option[key] === false) delete option[key];
    const inner = stored(option.options);
    if (inner === undefined || (inner as unknown[]).length === 0) delete option.options;
    else option.options = inner;
    return option;
  });
}

function unlocalized(value: JsonObject): JsonObject {
  const { name_localizations: _names, description_localizations: _descriptions, ...rest } = value;
  const options = value.options;
  return Array.isArray(options)
    ? { ...rest, options: options.map((one) => unlocalized(one as JsonObject)) }
    : rest;
}

/** The application's commands, global ones under `null`. */
export function createRegistry(applicationId: string) {
  const scopes = new Map<string | null, JsonObject[]>();
  const list = (guildId: string | null) => scopes.get(guildId) ?? [];

  function complete(given: JsonObject, guildId: string | null, old?: JsonObject): JsonObject {
    const type = given.type ?? old?.type ?? 1;
    const options = stored(given.options ?? old?.options);
    const permissions = given.default_member_permissions;
    return {
      application_id: applicationId,
      name_localizations: null,
      description_localizations: null,
      nsfw: false,
      ...old,
      ...given,
      id: old?.id ?? snowflake(),
      version: snowflake(),
      type,
      description: type === 1 ? (given.description ?? old?.description) : '',
      default_member_permissions:
        permissions === undefined
          ? (old?.default_member_permissions ?? null)
          : permissions === null
            ? null
            : String(permissions),
      // Where a command may be used is a matter of global commands only.
      contexts: guildId === null ? (given.contexts ?? old?.contexts ?? null) : null,
      integration_types:
        guildId === null ? (given.integration_types ?? old?.integration_types ?? [0]) : [0],
      ...(options === undefined ? {} : { options }),
      ...(guildId === null ? {} : { guild_id: guildId }),
    };
  }
  const same = (one: JsonObject, other: JsonObject) =>
    one.name === other.name && (one.type ?? 1) === (other.type ?? 1);

  /** What an overwritten command keeps. */
  const identity = (old: JsonObject | undefined) => (old === undefined ? old : { id: old.id });

  function put(given: readonly JsonObject[], guildId: string | null): JsonObject[] {
    const before = list(guildId);
    const after = given.map((one) =>
      complete(one, guildId, identity(before.find((old) => same(old, one)))),
    );
    scopes.set(guildId, after);
    return after;
  }

  return {
    list,
    put,
    /** The commands that a member of the guild sees: its own, then the global ones. */
    find(name: string, type: number, guildId: string | undefined): JsonObject | undefined {
      const seen = [...(guildId === undefined ? [] : list(guildId)), ...list(null)];
      return seen.find((one) => one.name === name && one.type === type);
    },
    /** Answers `/applications/…/commands…`; undefined where the path is another. */
    handle(
      method: string,
      path: string,
      query: URLSearchParams,
      body: unknown,
    ): Answer | undefined {
      const match = /^\/applications\/\d+(?:\/guilds\/(\d+))?\/commands(?:\/(\d+))?$/.exec(path);
      if (match === null) return undefined;
      const guildId = match[1] ?? null;
      const id = match[2];
      if (id === undefined) {
        if (method === 'GET') {
          const whole = query.get('with_localizations') === 'true';
          return { status: 200, body: whole ? list(guildId) : list(guildId).map(unlocalized) };
        }
        if (method === 'PUT') return { status: 200, body: put(body as JsonObject[], guildId) };
        if (method !== 'POST') refuse(405, 0, '405: Method Not Allowed');
        const given = body as JsonObject;
        const old = list(guildId).find((one) => same(one, given));
        const made = complete(given, guildId, identity(old));
        scopes.set(guildId, [...list(guildId).filter((one) => one !== old), made]);
        return { status: old ? 200 : 201, body: made };
      }
      const found = list(guildId).find((one) => one.id === id);
      if (found === undefined) return refuse(404, 10063);
      if (method === 'GET') return { status: 200, body: found };
      const others = list(guildId).filter((one) => one !== found);
      if (method === 'DELETE') {
        scopes.set(guildId, others);
        return { status: 204 };
      }
      const made = complete(body as JsonObject, guildId, found);
      scopes.set(guildId, [...others, made]);
      return { status: 200, body: made };
    },
  };
}

export type Registry = ReturnType<typeof createRegistry>;
