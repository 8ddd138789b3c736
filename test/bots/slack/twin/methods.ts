import { type Answer, fine, object, refused, word } from './answers.ts';
import type { Running } from './emulator.ts';
import { fileMethods } from './file-methods.ts';
import { messageMethods } from './message-methods.ts';
import { SCOPES } from './places.ts';
import type { JsonObject } from './shapes.ts';
import { viewMethods } from './view-methods.ts';
import type { Token, World } from './world.ts';

export interface Call {
  readonly world: World;
  readonly running: Running;
  readonly token: Token;
  readonly body: JsonObject;
  /** The emulator's own answer. */
  pass(changes?: JsonObject): Promise<JsonObject>;
}

export type Method = (call: Call) => Promise<Answer> | Answer;

const whole = (body: JsonObject): Answer => ({ status: 200, body });

const others: Readonly<Record<string, Method>> = {
  async 'users.info'({ world, body, pass }) {
    const answer = await pass();
    const person = world.people.get(word(body.user));
    if (answer.ok !== true || person === undefined) return whole(answer);
    const asked = String(body.include_locale) === 'true';
    return fine({
      ...answer,
      user: {
        ...object(answer.user),
        team_id: person.teamId,
        is_admin: person.admin,
        is_owner: false,
        is_restricted: false,
        tz: 'Europe/Berlin',
        ...(asked ? { locale: person.locale } : {}),
      },
    });
  },
  'auth.revoke'({ token }) {
    token.revoked = 'token_revoked';
    return fine({ revoked: true });
  },
  'apps.uninstall'({ world, running }) {
    for (const one of world.tokens.values())
      if (one.running === running) one.revoked = 'account_inactive';
    return fine();
  },
};

const METHODS: Readonly<Record<string, Method>> = {
  ...messageMethods,
  ...fileMethods,
  ...viewMethods,
  ...others,
};

/** Answers one of the Web API's methods: by the emulator, with what it lacks before and after. */
export async function answerMethod(
  world: World,
  method: string,
  body: JsonObject,
  given: string | undefined,
): Promise<Answer> {
  if (method === 'apps.connections.open') {
    if (given !== world.appToken)
      return refused(given === undefined ? 'not_authed' : 'invalid_auth');
    return fine({
      url: `${world.origin.replace('http', 'ws')}/link/?ticket=${crypto.randomUUID()}`,
    });
  }
  if (method === 'oauth.v2.access') return exchange(world, body);
  if (given === undefined || given === '') return refused('not_authed');
  const token = world.tokens.get(given);
  if (token === undefined) return refused('invalid_auth');
  if (token.revoked !== undefined) return refused(token.revoked);
  const needed = SCOPES[method];
  const provided = [...token.scopes].join(',');
  const headers = {
    'x-oauth-scopes': provided,
    ...(needed === undefined ? {} : { 'x-accepted-oauth-scopes': needed }),
  };
  if (needed !== undefined && !token.scopes.has(needed)) {
    return { ...refused('missing_scope', { needed, provided }), headers };
  }
  const limit = world.limits?.check(world, method, body, token);
  if (limit !== undefined) return { ...limit, headers: { ...headers, ...limit.headers } };
  const { running } = token;
  const { token: _token, ...rest } = body;
  const pass = (changes: JsonObject = {}) => running.call(method, { ...rest, ...changes }, given);
  const call: Call = { world, running, token, body: rest, pass };
  const own = METHODS[method];
  const answer = own === undefined ? whole(await pass()) : await own(call);
  return { ...answer, headers: { ...headers, ...answer.headers } };
}

/** The end of OAuth: the code tells the workspace, and a new token is known from then on. */
async function exchange(world: World, body: JsonObject): Promise<Answer> {
  for (const running of world.running) {
    const answer = await running.call('oauth.v2.access', body, '');
    if (answer.ok === true) {
      const scopes = new Set(word(answer.scope).split(','));
      world.tokens.set(word(answer.access_token), { running, scopes, revoked: undefined });
      world.changed();
      return fine(answer);
    }
    if (answer.error !== 'invalid_code') return refused(word(answer.error));
  }
  return refused('invalid_code');
}
