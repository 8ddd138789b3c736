import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

type Schema = { parse(body: unknown): unknown };

/** Discord's own description of its API; it comes without types. */
const {
  ApplicationCommandCreateRequestSchema,
  ApplicationCommandPatchRequestPartialSchema,
}: Record<
  'ApplicationCommandCreateRequestSchema' | 'ApplicationCommandPatchRequestPartialSchema',
  Schema
> = await import('discord-api-spec/zod' as string);

interface Stored {
  readonly id: string;
  readonly type: number;
  readonly name: string;
  readonly [key: string]: unknown;
}

interface Answer {
  readonly status: number;
  readonly body?: object;
  readonly headers?: Record<string, string>;
  /** Of which requests; all where nothing is said. */
  readonly method?: string;
}

export interface CommandEndpoints {
  /** For the setting `discord.api`. */
  readonly api: string;
  readonly token: string;
  readonly application: string;
  /** `METHOD path`, of all that was asked about commands. */
  readonly requests: string[];
  /** Of requests whose bodies are not as Discord's own description of its API has them. */
  readonly violations: string[];
  /** Answers in place of the real ones, each once. */
  readonly failures: Answer[];
  /** What is there, as Discord gives it: everywhere, or of a server. */
  commands(guild?: string): Stored[];
  /** What the application says about itself. */
  readonly about: Record<string, unknown>;
  close(): Promise<void>;
}

/** Discord's endpoints of application commands, on the loopback, with what Discord adds to each. */
export async function openCommandEndpoints(): Promise<CommandEndpoints> {
  const application = '1111111111111111111';
  const token = 'MTExMTExMTExMTExMTExMTExMQ.Gabcde.made-up-for-a-test';
  const places = new Map<string, Stored[]>();
  const requests: string[] = [];
  const violations: string[] = [];
  const failures: Answer[] = [];
  const about: Record<string, unknown> = {
    id: application,
    name: 'Likewise',
    integration_types_config: { 0: {}, 1: {} },
  };
  let lastId = 2_000_000_000_000_000_000n;
  const nextId = () => String(++lastId);

  const check = (what: string, body: unknown, schema: Schema) => {
    // As the documentation and discord.js have it this is text; the description has a number.
    const { default_member_permissions: permissions, ...rest } = body as Record<string, unknown>;
    const described = {
      ...rest,
      ...(typeof permissions === 'string' && { default_member_permissions: Number(permissions) }),
    };
    try {
      const known = schema.parse(described);
      if (JSON.stringify(sorted(known)) !== JSON.stringify(sorted(described))) {
        violations.push(`${what}: it has fields that are not described`);
      }
    } catch (error) {
      violations.push(`${what}: ${(error as Error).message}`);
    }
  };

  const kept = (body: Record<string, unknown>, before?: Stored, guild?: string): Stored => {
    const isGuild = guild !== undefined;
    const all = {
      type: 1,
      description: '',
      default_member_permissions: null,
      nsfw: false,
      dm_permission: true,
      ...before,
      ...body,
    } as Record<string, unknown>;
    const answer = {
      ...all,
      ...(isGuild ? { guild_id: guild, contexts: null, integration_types: [0] } : {}),
      options: (all.options as object[] | undefined)?.map(optionAsKept),
      id: before?.id ?? nextId(),
      application_id: application,
      version: nextId(),
    };
    return JSON.parse(JSON.stringify(answer)) as Stored;
  };

  const answerTo = async (request: IncomingMessage): Promise<Answer> => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const method = request.method ?? 'GET';
    const { authorization } = request.headers;
    const failure = failures.findIndex((each) => (each.method ?? method) === method);
    if (failure >= 0) return failures.splice(failure, 1)[0] as Answer;
    if (authorization !== `Bot ${token}`) {
      return { status: 401, body: { message: '401: Unauthorized', code: 0 } };
    }
    if (url.pathname === '/v10/applications/@me') return { status: 200, body: about };
    const [, guild, id] =
      /^\/v10\/applications\/\d+(?:\/guilds\/(\d+))?\/commands(?:\/(\d+))?$/.exec(url.pathname) ??
      [];
    requests.push(`${method} ${url.pathname}${url.search}`);
    const there = places.get(guild ?? '') ?? [];
    const at = there.findIndex((each) => each.id === id);
    const set = (commands: Stored[]) => places.set(guild ?? '', commands);
    const body = await bodyOf(request);
    const same = (one: Record<string, unknown>) =>
      there.find((each) => each.name === one.name && each.type === (one.type ?? 1));
    if (method === 'GET') {
      const localized = url.searchParams.get('with_localizations') === 'true';
      return { status: 200, body: localized ? there : there.map(withoutLocalizations) };
    }
    if (method === 'PUT') {
      const list = body as unknown as Record<string, unknown>[];
      for (const one of list) check('PUT', one, ApplicationCommandCreateRequestSchema);
      set(list.map((one) => kept(one, same(one), guild)));
      return { status: 200, body: places.get(guild ?? '') ?? [] };
    }
    if (method === 'POST') {
      check('POST', body, ApplicationCommandCreateRequestSchema);
      const before = same(body);
      const made = kept(body, before, guild);
      set([...there.filter((each) => each !== before), made]);
      return { status: before ? 200 : 201, body: made };
    }
    if (at < 0)
      return { status: 404, body: { message: 'Unknown application command', code: 10063 } };
    if (method === 'DELETE') {
      set(there.toSpliced(at, 1));
      return { status: 204 };
    }
    // The type of a command never changes, and is not described among what can be.
    const { type: _, ...change } = body;
    check('PATCH', change, ApplicationCommandPatchRequestPartialSchema);
    const changed = kept(body, there[at], guild);
    set(there.with(at, changed));
    return { status: 200, body: changed };
  };

  const server = createServer((request, response) => {
    answerTo(request).then(({ status, body, headers }) => {
      const isEmpty = status === 204;
      response.writeHead(status, {
        ...(!isEmpty && { 'content-type': 'application/json' }),
        ...headers,
      });
      response.end(isEmpty ? undefined : JSON.stringify(body ?? {}));
    });
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return {
    api: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token,
    application,
    requests,
    violations,
    failures,
    about,
    commands: (guild = '') => places.get(guild) ?? [],
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

/** Discord leaves out what is false, and says null where there is no translation. */
function optionAsKept(option: object): object {
  const { required, autocomplete, options, ...rest } = option as Record<string, unknown>;
  return {
    name_localizations: null,
    description_localizations: null,
    ...rest,
    ...(required === true && { required }),
    ...(autocomplete === true && { autocomplete }),
    ...(Array.isArray(options) && { options: options.map(optionAsKept) }),
  };
}

function withoutLocalizations(command: Stored): object {
  const { name_localizations: _, description_localizations: __, ...rest } = command;
  return rest;
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return parts.length === 0 ? {} : JSON.parse(Buffer.concat(parts).toString());
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, inner]) => [name, sorted(inner)]));
}
